use crate::diagnostic::diagnostic;

diagnostic! {
    /// An imported document names a security scheme that it does not define, or that promises an
    /// authorizer and has none.
    ///
    /// ## Why
    ///
    /// Nobody would decide whether a caller may.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// openapi: 3.0.1
    /// info: {title: Shop, version: "1"}
    /// paths:
    ///   /:
    ///     get:
    ///       security: [{Shopper: []}]
    ///       responses: {"200": {description: OK}}
    ///       x-amazon-apigateway-integration:
    ///         type: mock
    ///         requestTemplates: {application/json: "{}"}
    ///         responses: {default: {statusCode: "200"}}
    /// ```
    2013 Error "import-unknown-authorizer"
    ImportUnknownAuthorizer { text: String }
    message "{text}"
}
