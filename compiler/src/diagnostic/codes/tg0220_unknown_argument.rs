use crate::diagnostic::diagnostic;

diagnostic! {
    /// A type or a call has an argument that it does not take.
    ///
    /// ## Why
    ///
    /// It would have no effect, and something was meant by it.
    ///
    /// ## Example
    ///
    /// ```gate
    /// model Pet { name: String(minimum: 3) }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// model Pet { name: String(min: 3) }
    /// ```
    220 Error "unknown-argument"
    UnknownArgument { written: String, known: String }
    message "unknown argument `{written}`: {known}"
    label "not an argument"
}
