use crate::diagnostic::diagnostic;

diagnostic! {
    /// A policy allows everything to everybody, and denies nothing.
    ///
    /// ## Why
    ///
    /// The API answers as it would without a policy. That may be what is meant; it is worth a look.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy { allow anyone to invoke * }
    ///   GET /pets/{pet} { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy { allow anyone to invoke * when { source.ip in cidr("203.0.113.0/24") } }
    ///   GET /pets/{pet} { integrate mock, respond 200 }
    /// }
    /// ```
    822 Info "policy-opens-all"
    PolicyOpensAll {}
    message "this policy lets everybody do everything"
    label "no condition, no denial"
}
