use crate::diagnostic::diagnostic;

diagnostic! {
    /// A text that stands for something (a schema, a policy, a document) cannot be read as that.
    ///
    /// ## Why
    ///
    /// What it should mean is unknown.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy: iam"""{"Statement": [}"""
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy: iam"""
    ///     {"Statement": {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}}
    ///     """
    ///   GET / { auth: iam, integrate mock, respond 200 }
    /// }
    /// ```
    104 Error "unreadable-data"
    UnreadableData { what: &'static str, why: String }
    message "this is no {what}: {why}"
    label "cannot be read"
}
