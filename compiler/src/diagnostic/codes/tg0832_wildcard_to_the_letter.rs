use crate::diagnostic::diagnostic;

diagnostic! {
    /// A value with a wildcard stands behind an operator that knows none.
    ///
    /// ## Why
    ///
    /// It matches only a request that has the star or the question mark itself.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy: iam"""
    ///     {"Version": "2012-10-17", "Statement": [
    ///        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"},
    ///        {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*", "Condition": {"StringEquals": {"aws:UserAgent": "curl/*"}}}]}
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
    ///        {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*", "Condition": {"StringLike": {"aws:UserAgent": "curl/*"}}}]}
    ///     """
    ///   GET /pets/{pet} { integrate mock, respond 200 }
    /// }
    /// ```
    832 Warning "wildcard-to-the-letter"
    WildcardToTheLetter { value: String, operator: String, like: &'static str }
    message "`{operator}` takes `{value}` to the letter, its wildcard too"
    label "no wildcard here"
    help "write `{like}`"
}
