use crate::diagnostic::diagnostic;

diagnostic! {
    /// A hole cannot be filled where it stands.
    ///
    /// ## Why
    ///
    /// Parameters and the account are known when a program is built or loaded, stage variables per
    /// stage, and what a request holds only per request. A place that is read earlier cannot wait for
    /// it.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   variables { host: String }
    ///   title: "@{stage.host}"
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// param host: String = "h"
    /// rest api Shop {
    ///   title: "@{param.host}"
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    217 Error "hole-not-here"
    HoleNotHere { hole: String, expected: &'static str }
    message "`{hole}` cannot stand here"
    label "here stands {expected}"
}
