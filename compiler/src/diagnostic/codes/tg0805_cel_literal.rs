use crate::diagnostic::diagnostic;

diagnostic! {
    /// A literal in a condition is no address range, moment, duration or pattern, where one is asked
    /// for.
    ///
    /// ## Why
    ///
    /// It would never match, or fail at every request.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy { allow anyone to invoke * when { source.ip in cidr("10.0.0.0/33") } }
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy { allow anyone to invoke * when { source.ip in cidr("10.0.0.0/8") } }
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    805 Error "cel-literal"
    CelLiteral { why: String }
    message "malformed literal: {why}"
    label "malformed"
}
