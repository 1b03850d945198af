use crate::diagnostic::diagnostic;

diagnostic! {
    /// `aws proxy` names a service other than Lambda or Firehose.
    ///
    /// ## Why
    ///
    /// No other service takes a request as it is.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   POST / { integrate aws proxy "dynamodb:Query" }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   POST / { integrate aws "dynamodb:Query", respond 200 }
    /// }
    /// ```
    506 Error "aws-proxy-service"
    AwsProxyService { service: String }
    message "`aws proxy` cannot call `{service}`"
    label "not a service that proxies"
    help "map request and answer: `integrate aws \"{service}:…\"`"
    note "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations."
}
