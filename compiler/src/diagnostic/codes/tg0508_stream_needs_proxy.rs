use crate::diagnostic::diagnostic;

diagnostic! {
    /// `stream` stands in an integration that maps its answer.
    ///
    /// ## Why
    ///
    /// A template needs the whole answer before it can write the first byte.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate mock { stream: true }, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http "https://example.com/" { stream: true } }
    /// }
    /// ```
    508 Error "stream-needs-proxy"
    StreamNeedsProxy {}
    message "only `http` and `lambda` proxies stream"
    label "not a proxy"
}
