use crate::diagnostic::diagnostic;

diagnostic! {
    /// An operator or a function of a condition meets a type that it does not take.
    ///
    /// ## Why
    ///
    /// It would fail at every request, and a condition that fails never lets a request through.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy { allow anyone to invoke * when { source.ip == "10.0.0.1" } }
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy { allow anyone to invoke * when { source.ip in cidr("10.0.0.1") } }
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    803 Error "cel-type"
    CelType { why: String }
    message "types do not fit: {why}"
    label "here"
}
