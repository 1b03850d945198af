use crate::diagnostic::diagnostic;

diagnostic! {
    /// The URI of an AWS integration of an imported document is no ARN.
    ///
    /// ## Why
    ///
    /// The reference refuses it.
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
    ///       x-amazon-apigateway-integration: {type: aws, httpMethod: POST, uri: "dynamodb", responses: {default: {statusCode: "200"}}}
    /// ```
    2020 Error "import-not-an-arn"
    ImportNotAnArn { text: String }
    message "{text}"
}
