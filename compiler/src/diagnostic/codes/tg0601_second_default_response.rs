use crate::diagnostic::diagnostic;

diagnostic! {
    /// Two `respond`s have no pattern.
    ///
    /// ## Why
    ///
    /// The default takes what no pattern fits; there can be one.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http custom "https://example.com/", respond 200, respond 404 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http custom "https://example.com/", respond 200, respond 404 matching r"404" }
    /// }
    /// ```
    601 Error "second-default-response"
    SecondDefaultResponse {}
    message "a route has two default responses"
    label "the second one"
    help "say which answers it takes: `respond STATUS matching r\"…\"`"
}
