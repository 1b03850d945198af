use crate::diagnostic::diagnostic;

diagnostic! {
    /// A condition reads what IAM knows of a caller, where no route authorizes by IAM.
    ///
    /// ## Why
    ///
    /// An absent key makes a positive comparison false and a negated one true, for every request.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy: iam"""
    ///     {"Version": "2012-10-17", "Statement": [
    ///        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"},
    ///        {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2"}}}]}
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
    ///        {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2"}}}]}
    ///     """
    ///   GET /pets/{pet} { auth: iam, integrate mock, respond 200 }
    /// }
    /// ```
    843 Warning "caller-unknown"
    CallerUnknown { key: String }
    message "`{key}` is absent: no route asks for credentials of IAM"
    label "always absent"
}
