use crate::diagnostic::diagnostic;

diagnostic! {
    /// An allowance asks for all values of a key, and holds if there are none.
    ///
    /// ## Why
    ///
    /// A caller without the key is let in. `Null` beside it asks for the key.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy: iam"""
    ///     {"Version": "2012-10-17", "Statement": [
    ///        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*", "Condition": {"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": "o-a1b2/r-ab12/"}}}]}
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
    ///        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*", "Condition": {"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": "o-a1b2/r-ab12/"}, "Null": {"aws:PrincipalOrgPaths": "false"}}}]}
    ///     """
    ///   GET /pets/{pet} { auth: iam, integrate mock, respond 200 }
    /// }
    /// ```
    837 Warning "all-of-nothing"
    AllOfNothing { key: String }
    message "`ForAllValues` holds for requests without `{key}`"
    label "holds for nothing too"
}
