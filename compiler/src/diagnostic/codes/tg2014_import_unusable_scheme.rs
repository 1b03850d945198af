use crate::diagnostic::diagnostic;

diagnostic! {
    /// A security scheme of an imported document is one that the reference cannot use.
    ///
    /// ## Why
    ///
    /// The routes that name it are open.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// openapi: 3.0.1
    /// info: {title: Shop, version: "1"}
    /// components: {securitySchemes: {Login: {type: openIdConnect}}}
    /// paths:
    ///   /:
    ///     get:
    ///       security: [{Login: []}]
    ///       responses: {"200": {description: OK}}
    ///       x-amazon-apigateway-integration:
    ///         type: mock
    ///         requestTemplates: {application/json: "{}"}
    ///         responses: {default: {statusCode: "200"}}
    /// ```
    2014 Warning "import-unusable-scheme"
    ImportUnusableScheme { text: String }
    message "{text}"
}
