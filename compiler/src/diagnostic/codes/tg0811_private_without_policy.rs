use crate::diagnostic::diagnostic;

diagnostic! {
    /// A private API has no resource policy.
    ///
    /// ## Why
    ///
    /// Without a policy that allows it, every call of a private API is refused.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   endpoint: private(["vpce-0a1b"])
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   endpoint: private(["vpce-0a1b"])
    ///   policy { allow anyone to invoke * }
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    811 Warning "private-without-policy"
    PrivateWithoutPolicy { api: String }
    message "`{api}` is private and has no policy: every call is refused"
    label "nobody can call it"
    help "add `policy {{ allow anyone to invoke * when {{ source.vpce == \"vpce-…\" }} }}`"
}
