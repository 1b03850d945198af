use crate::diagnostic::diagnostic;

diagnostic! {
    /// A line of the baseline fits no finding.
    ///
    /// ## Why
    ///
    /// It would hide the finding when it comes back.
    109 Info "unused-baseline"
    UnusedBaseline {}
    message "this finding of the baseline does not occur any more"
    label "fits nothing"
    help "write the baseline anew"
}
