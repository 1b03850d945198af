use crate::diagnostic::diagnostic;

diagnostic! {
    /// A route declares a header with capitals.
    ///
    /// ## Why
    ///
    /// The reference compares header names with their letter case, and HTTP/2 sends them in small
    /// letters: a required header would always be missing.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { header.X-Trace: String, validate: params, integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { header.x-trace: String, validate: params, integrate mock, respond 200 }
    /// }
    /// ```
    409 Warning "header-capitals"
    HeaderCapitals { name: String, lower: String }
    message "clients that speak HTTP/2 write `{lower}`, not `{name}`"
    label "compared with its letter case"
    help "write `{lower}`"
}
