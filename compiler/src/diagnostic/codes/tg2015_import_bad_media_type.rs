use crate::diagnostic::diagnostic;

diagnostic! {
    /// A key of an imported document must be a media type and is none.
    ///
    /// ## Why
    ///
    /// No request and no answer would ever have it.
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
    ///         requestTemplates: {application/json: "{}"}
    ///         responses: {default: {statusCode: "200", responseTemplates: {"123": "{}"}}}
    /// ```
    2015 Error "import-bad-media-type"
    ImportBadMediaType { text: String }
    message "{text}"
}
