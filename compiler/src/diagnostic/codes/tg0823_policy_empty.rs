use crate::diagnostic::diagnostic;

diagnostic! {
    /// A policy has no statements.
    ///
    /// ## Why
    ///
    /// It allows nobody anything, where another way of authorization does not.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy {  }
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
    823 Warning "policy-empty"
    PolicyEmpty {}
    message "this policy has no statement"
    label "empty"
}
