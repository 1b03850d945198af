use crate::diagnostic::diagnostic;

diagnostic! {
    /// An imported document has a property that neither OpenAPI nor the reference knows.
    ///
    /// ## Why
    ///
    /// It has no effect, and something was meant by it.
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
    ///         type: mock
    ///         passThroughBehavior: never
    ///         requestTemplates: {application/json: "{}"}
    ///         responses: {default: {statusCode: "200"}}
    /// ```
    2004 Warning "import-unknown-property"
    ImportUnknownProperty { text: String }
    message "{text}"
}
