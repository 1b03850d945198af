use crate::diagnostic::diagnostic;

diagnostic! {
    /// A mapping of an imported document reads something that is no expression.
    ///
    /// ## Why
    ///
    /// The reference refuses it.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// openapi: 3.0.1
    /// info: {title: Shop, version: "1"}
    /// paths:
    ///   /:
    ///     get:
    ///       responses: {"200": {description: OK}}
    ///       x-amazon-apigateway-integration:
    ///         type: http_proxy
    ///         httpMethod: GET
    ///         uri: "https://example.com/"
    ///         requestParameters: {integration.request.header.a: cookie.b}
    /// ```
    2018 Error "import-bad-mapping"
    ImportBadMapping { text: String }
    message "{text}"
}
