use crate::diagnostic::diagnostic;

diagnostic! {
    /// A private endpoint asks for IPv4 only.
    ///
    /// ## Why
    ///
    /// The reference refuses it.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   endpoint: private(["vpce-0a1b"], ip: ipv4)
    ///   policy { allow anyone to invoke * }
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   endpoint: private(["vpce-0a1b"], ip: dualstack)
    ///   policy { allow anyone to invoke * }
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    1101 Error "dualstack-only"
    DualstackOnly {}
    message "a private API is dualstack"
    label "not of a private API"
    note "Only dualstack ipAddressType is supported for Private APIs."
}
