use crate::diagnostic::diagnostic;

diagnostic! {
    /// A condition reads something that is not known of a request, or calls a function that does not
    /// exist.
    ///
    /// ## Why
    ///
    /// It would be absent in every request. What a condition may read is listed in the reference of
    /// the language.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy { allow anyone to invoke * when { source.adress == "10.0.0.1" } }
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
    802 Error "cel-unknown"
    CelUnknown { name: String }
    message "a condition knows no `{name}`"
    label "nothing of this name"
}
