use crate::diagnostic::diagnostic;

diagnostic! {
    /// An ARN operator has a value that no ARN can match.
    ///
    /// ## Why
    ///
    /// A comparison of ARNs goes part by part; a value of fewer parts matches nothing.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy: iam"""
    ///     {"Version": "2012-10-17", "Statement": [
    ///        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"},
    ///        {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*", "Condition": {"ArnLike": {"aws:SourceArn": "111122223333"}}}]}
    ///     """
    ///   GET /pets/{pet} { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy: iam"""
    ///     {"Version": "2012-10-17", "Statement": [
    ///        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"},
    ///        {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*", "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:events:*:111122223333:*"}}}]}
    ///     """
    ///   GET /pets/{pet} { integrate mock, respond 200 }
    /// }
    /// ```
    834 Warning "not-an-arn"
    NotAnArn { value: String }
    message "`{value}` is no ARN, which has six parts between colons"
    label "no ARN"
}
