use crate::diagnostic::diagnostic;

diagnostic! {
    /// A `$ref` of an imported document leads to nothing, or in circles.
    ///
    /// ## Why
    ///
    /// What it should stand for is unknown.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// openapi: 3.0.1
    /// info: {title: Shop, version: "1"}
    /// paths:
    ///   /:
    ///     get:
    ///       parameters: [{$ref: "#/components/parameters/none"}]
    ///       responses: {"200": {description: OK}}
    ///       x-amazon-apigateway-integration:
    ///         type: mock
    ///         requestTemplates: {application/json: "{}"}
    ///         responses: {default: {statusCode: "200"}}
    /// ```
    2009 Error "import-dangling-reference"
    ImportDanglingReference { text: String }
    message "{text}"
}
