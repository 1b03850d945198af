use crate::diagnostic::diagnostic;

diagnostic! {
    /// An imported document names a model that it does not define.
    ///
    /// ## Why
    ///
    /// Bodies could not be compared with it.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// openapi: 3.0.1
    /// info: {title: Shop, version: "1"}
    /// paths:
    ///   /:
    ///     get:
    ///       requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
    ///       responses: {"200": {description: OK}}
    ///       x-amazon-apigateway-integration:
    ///         type: mock
    ///         requestTemplates: {application/json: "{}"}
    ///         responses: {default: {statusCode: "200"}}
    /// ```
    2011 Error "import-unknown-model"
    ImportUnknownModel { text: String }
    message "{text}"
}
