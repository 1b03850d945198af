use crate::diagnostic::diagnostic;

diagnostic! {
    /// The target of an `aws` or `lambda` integration names no service with an action or a path.
    ///
    /// ## Why
    ///
    /// The reference refuses it.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate aws "arn:aws:apigateway:eu-west-1:dynamodb:Query", respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate aws "dynamodb:Query", respond 200 }
    /// }
    /// ```
    505 Error "bad-integration-arn"
    BadIntegrationArn { text: String }
    message "`{text}` names no service to call"
    label "not a target"
    help "write `\"service:Action\"`, `\"service:path/…\"`, a function's name or its ARN"
}
