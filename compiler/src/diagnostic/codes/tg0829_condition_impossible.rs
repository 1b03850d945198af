use crate::diagnostic::diagnostic;

diagnostic! {
    /// Clauses of a condition exclude each other, or one of them excludes everything.
    ///
    /// ## Why
    ///
    /// The statement never applies: what it should protect is open, or what it should open is closed.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy: iam"""
    ///     {"Version": "2012-10-17", "Statement": [
    ///        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"},
    ///        {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*", "Condition": {"StringEquals": {"aws:UserAgent": "a"}, "StringNotEquals": {"aws:UserAgent": "a"}}}]}
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
    ///        {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*", "Condition": {"StringEquals": {"aws:UserAgent": "a"}, "StringNotEquals": {"aws:Referer": "a"}}}]}
    ///     """
    ///   GET /pets/{pet} { integrate mock, respond 200 }
    /// }
    /// ```
    829 Warning "condition-impossible"
    ConditionImpossible { why: String }
    message "this condition never holds: {why}"
    label "never holds"
}
