use crate::diagnostic::diagnostic;

diagnostic! {
    /// A `cors` of a REST API names several origins.
    ///
    /// ## Why
    ///
    /// A mapped response header is one literal text. The OPTIONS method chooses by a template; other
    /// responses, and the gateway's own errors, carry the first origin.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   cors /* { origins: ["https://a.example.com", "https://b.example.com"] }
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   cors /* { origins: ["https://a.example.com"] }
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    912 Info "cors-origins"
    CorsOrigins {}
    message "only the preflight can choose among several origins"
    label "mapped responses name the first origin"
    help "let the backend set `Access-Control-Allow-Origin`, or name one origin"
}
