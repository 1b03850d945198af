use crate::diagnostic::diagnostic;

diagnostic! {
    /// An operator for keys of several values stands with a key of one.
    ///
    /// ## Why
    ///
    /// `ForAllValues` holds without the key, which is seldom meant; `ForAnyValue` says no more than the
    /// operator alone.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy: iam"""
    ///     {"Version": "2012-10-17", "Statement": [
    ///        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"},
    ///        {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*", "Condition": {"ForAnyValue:StringEquals": {"aws:UserAgent": "a"}}}]}
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
    ///        {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*", "Condition": {"StringEquals": {"aws:UserAgent": "a"}}}]}
    ///     """
    ///   GET /pets/{pet} { integrate mock, respond 200 }
    /// }
    /// ```
    838 Warning "set-operator-on-one"
    SetOperatorOnOne { key: String, quantifier: &'static str }
    message "`{key}` has one value, and `{quantifier}` is for several"
    label "one value"
}
