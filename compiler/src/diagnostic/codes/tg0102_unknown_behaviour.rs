use crate::diagnostic::diagnostic;

diagnostic! {
    /// The dated behaviour is none that this compiler knows.
    ///
    /// ## Why
    ///
    /// The date fixes the quirks of the reference, so that an answer never changes because the
    /// compiler did.
    ///
    /// ## Example
    ///
    /// ```gate
    /// behaviour: 2019-01
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// behaviour: 2026-11
    /// ```
    102 Error "unknown-behaviour"
    UnknownBehaviour { behaviour: String, known: String }
    message "behaviour `{behaviour}` is not known"
    help "known: {known}"
}
