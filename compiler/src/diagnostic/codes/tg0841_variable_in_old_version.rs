use crate::diagnostic::diagnostic;

diagnostic! {
    /// A policy of an old version, or of none, has a variable.
    ///
    /// ## Why
    ///
    /// It is compared to the letter, and matches nothing.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy: iam"""
    ///     {"Statement": [
    ///        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"},
    ///        {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*", "Condition": {"StringEquals": {"aws:Referer": "${aws:UserAgent}"}}}]}
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
    ///        {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*", "Condition": {"StringEquals": {"aws:Referer": "${aws:UserAgent}"}}}]}
    ///     """
    ///   GET /pets/{pet} { integrate mock, respond 200 }
    /// }
    /// ```
    841 Warning "variable-in-old-version"
    VariableInOldVersion { variable: String }
    message "`{variable}` is text: policies before `2012-10-17` have no variables"
    label "to the letter"
    help "write `\"Version\": \"2012-10-17\"`"
}
