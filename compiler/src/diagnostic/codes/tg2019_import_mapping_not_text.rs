use crate::diagnostic::diagnostic;

diagnostic! {
    /// A mapping of an imported document reads a value that is no text; the reference warns and drops
    /// it.
    ///
    /// ## Why
    ///
    /// The mapping has no effect.
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
    ///         requestParameters: {integration.request.header.a: true}
    /// ```
    2019 Warning "import-mapping-not-text"
    ImportMappingNotText { text: String }
    message "{text}"
}
