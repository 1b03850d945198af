use crate::diagnostic::diagnostic;

diagnostic! {
    /// A policy reads a condition key that the gateway does not know.
    ///
    /// ## Why
    ///
    /// An unknown key counts as absent: a positive operator is false, a negated one is true, for
    /// every request.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy: iam"""
    ///     {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*",
    ///       "Condition": {"IpAddress": {"aws:SourceIpp": "203.0.113.0/24"}}}}
    ///     """
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy: iam"""
    ///     {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*",
    ///       "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}}
    ///     """
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    807 Warning "iam-unknown-key"
    IamUnknownKey { key: String }
    message "the condition key `{key}` is never there"
    label "always absent"
}
