use crate::diagnostic::diagnostic;

diagnostic! {
    /// The target of an `http` integration is no `http://` or `https://` URL.
    ///
    /// ## Why
    ///
    /// The reference refuses it.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http "example.com" }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http "https://example.com" }
    /// }
    /// ```
    504 Error "bad-http-endpoint"
    BadHttpEndpoint { why: &'static str }
    message "this is no address of an HTTP backend: {why}"
    label "{why}"
    note "Invalid HTTP endpoint specified for URI"
}
