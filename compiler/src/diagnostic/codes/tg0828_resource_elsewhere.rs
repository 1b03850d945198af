use crate::diagnostic::diagnostic;

diagnostic! {
    /// A statement names a resource that is no API, or one of another account or region.
    ///
    /// ## Why
    ///
    /// It never matches: what it should protect is open, or what it should open is closed.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy: iam"""
    ///     {"Version": "2012-10-17", "Statement": [
    ///        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"},
    ///        {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "arn:aws:s3:::pets/*"}]}
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
    ///        {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*/GET/pets/*", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}]}
    ///     """
    ///   GET /pets/{pet} { integrate mock, respond 200 }
    /// }
    /// ```
    828 Warning "resource-elsewhere"
    ResourceElsewhere { resource: String, why: String }
    message "no method of this API is `{resource}`: {why}"
    label "elsewhere"
}
