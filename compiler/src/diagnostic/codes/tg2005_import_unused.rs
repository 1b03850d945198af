use crate::diagnostic::diagnostic;

diagnostic! {
    /// An imported document has a property that the reference does not use.
    ///
    /// ## Why
    ///
    /// For the record: it has no effect there either.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// openapi: 3.0.1
    /// info: {title: Shop, version: "1"}
    /// paths:
    ///   /:
    ///     get:
    ///       deprecated: true
    ///       responses: {"200": {description: OK}}
    ///       x-amazon-apigateway-integration:
    ///         type: mock
    ///         requestTemplates: {application/json: "{}"}
    ///         responses: {default: {statusCode: "200"}}
    /// ```
    2005 Info "import-unused"
    ImportUnused { text: String }
    message "{text}"
}
