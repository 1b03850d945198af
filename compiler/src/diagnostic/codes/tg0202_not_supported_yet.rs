use crate::diagnostic::diagnostic;

diagnostic! {
    /// A word belongs to the language, but is not carried out yet.
    ///
    /// ## Why
    ///
    /// What has no effect is refused, never silently accepted.
    ///
    /// ## Example
    ///
    /// ```gate
    /// domain api.example.com { }
    /// ```
    202 Error "not-supported-yet"
    NotSupportedYet { what: String }
    message "{what} is not supported yet"
    label "part of the language, not carried out yet"
}
