use crate::diagnostic::diagnostic;

diagnostic! {
    /// A condition reads the VPC of a public API, or the public address of a private one.
    ///
    /// ## Why
    ///
    /// An absent key makes a positive comparison false and a negated one true, for every request:
    /// such a `deny` refuses everybody.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy { allow anyone to invoke *, deny anyone to invoke * unless { source.vpce == "vpce-0a1b" } }
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   endpoint: private(["vpce-0a1b"])
    ///   policy { allow anyone to invoke *, deny anyone to invoke * unless { source.vpce == "vpce-0a1b" } }
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    814 Warning "key-never-there"
    KeyNeverThere { what: &'static str, endpoint: &'static str }
    message "a {endpoint} API never knows {what}"
    label "always absent"
}
