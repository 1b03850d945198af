use crate::diagnostic::diagnostic;

diagnostic! {
    /// A property of an imported document was carried over as something else.
    ///
    /// ## Why
    ///
    /// The program means something else than the document seems to say.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// openapi: 3.0.1
    /// info: {title: Shop, version: "1"}
    /// paths:
    ///   /:
    ///     get:
    ///       responses: {"200": {description: OK}, "400": {description: no}}
    ///       x-amazon-apigateway-integration:
    ///         type: mock
    ///         requestTemplates: {application/json: "{}"}
    ///         responses: {default: {statusCode: "200"}, "4..": {statusCode: "400"}, "5..": {statusCode: "400"}}
    /// ```
    2007 Warning "import-changed"
    ImportChanged { text: String }
    message "{text}"
}
