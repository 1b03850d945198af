use crate::diagnostic::diagnostic;

diagnostic! {
    /// A statement names an action that no call of an API is.
    ///
    /// ## Why
    ///
    /// Calls of an API are `execute-api:Invoke`. Others that a policy can hold are `execute-
    /// api:InvalidateCache` and, of WebSocket APIs, `execute-api:ManageConnections`.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy: iam"""
    ///     {"Version": "2012-10-17", "Statement": [
    ///        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"},
    ///        {"Effect": "Deny", "Principal": "*", "Action": "apigateway:DELETE", "Resource": "*"}]}
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
    ///        {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}]}
    ///     """
    ///   GET /pets/{pet} { integrate mock, respond 200 }
    /// }
    /// ```
    826 Warning "action-never-asked"
    ActionNeverAsked { action: String }
    message "no request to an API is the action `{action}`"
    label "never asked"
}
