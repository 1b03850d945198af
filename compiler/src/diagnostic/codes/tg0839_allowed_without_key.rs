use crate::diagnostic::diagnostic;

diagnostic! {
    /// An allowance compares by a negated operator, or by one with `IfExists`, to a key that a request need not have.
    ///
    /// ## Why
    ///
    /// A request without the key is let in.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy: iam"""
    ///     {"Version": "2012-10-17", "Statement": [
    ///        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2"}}}]}
    ///     """
    ///   GET /pets/{pet} { auth: iam, integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy: iam"""
    ///     {"Version": "2012-10-17", "Statement": [
    ///        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2"}}}]}
    ///     """
    ///   GET /pets/{pet} { auth: iam, integrate mock, respond 200 }
    /// }
    /// ```
    839 Warning "allowed-without-key"
    AllowedWithoutKey { key: String, operator: String }
    message "`{operator}` also allows requests without `{key}`"
    label "holds without the key"
}
