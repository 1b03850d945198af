use crate::diagnostic::diagnostic;

diagnostic! {
    /// A `$ref` of an imported document leads to another document.
    ///
    /// ## Why
    ///
    /// The reference refuses it: a document stands for itself.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// openapi: 3.0.1
    /// info: {title: Shop, version: "1"}
    /// paths:
    ///   /:
    ///     get:
    ///       parameters: [{$ref: "other.yaml#/a"}]
    ///       responses: {"200": {description: OK}}
    ///       x-amazon-apigateway-integration:
    ///         type: mock
    ///         requestTemplates: {application/json: "{}"}
    ///         responses: {default: {statusCode: "200"}}
    /// ```
    2010 Error "import-external-reference"
    ImportExternalReference { text: String }
    message "{text}"
}
