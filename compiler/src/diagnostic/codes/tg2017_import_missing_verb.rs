use crate::diagnostic::diagnostic;

diagnostic! {
    /// An integration of an imported document lacks the verb that its type needs.
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
    ///       x-amazon-apigateway-integration: {type: http_proxy, uri: "https://example.com/"}
    /// ```
    2017 Error "import-missing-verb"
    ImportMissingVerb { text: String }
    message "{text}"
}
