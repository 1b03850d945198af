use crate::diagnostic::diagnostic;

diagnostic! {
    /// An imported document names a request validator that it does not define.
    ///
    /// ## Why
    ///
    /// Requests would not be validated.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// openapi: 3.0.1
    /// info: {title: Shop, version: "1"}
    /// paths:
    ///   /:
    ///     get:
    ///       x-amazon-apigateway-request-validator: none-such
    ///       responses: {"200": {description: OK}}
    ///       x-amazon-apigateway-integration:
    ///         type: mock
    ///         requestTemplates: {application/json: "{}"}
    ///         responses: {default: {statusCode: "200"}}
    /// ```
    2012 Error "import-unknown-validator"
    ImportUnknownValidator { text: String }
    message "{text}"
}
