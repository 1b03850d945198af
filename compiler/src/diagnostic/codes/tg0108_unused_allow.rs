use crate::diagnostic::diagnostic;

diagnostic! {
    /// A comment accepts a finding that does not occur in the item behind it.
    ///
    /// ## Why
    ///
    /// It would hide the finding when it comes back.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   # tollgate: allow TG0605 — the backend answers with 404 only
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    108 Warning "unused-allow"
    UnusedAllow { code: crate::diagnostic::Code }
    message "`{code}` does not occur here any more"
    label "accepts nothing"
    help "remove it"
}
