use crate::diagnostic::diagnostic;

diagnostic! {
    /// A policy in JSON has a form that IAM refuses.
    ///
    /// ## Why
    ///
    /// A policy that is misunderstood opens or closes something by mistake.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy: iam"""
    ///     {"Statement": {"Effect": "allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}}
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
    806 Error "iam-malformed"
    IamMalformed { why: String }
    message "IAM refuses this policy: {why}"
    label "refused"
}
