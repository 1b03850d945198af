use crate::diagnostic::diagnostic;

diagnostic! {
    /// A statement allows everybody except some.
    ///
    /// ## Why
    ///
    /// It lets in every caller that nobody thought of, also those without credentials. Who is to be kept
    /// out is denied.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy { allow anyone except account "111122223333" to invoke *, deny anyone to invoke DELETE /pets/* }
    ///   ANY /pets/{pet} { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy { allow anyone to invoke *, deny anyone to invoke * when { source.ip in cidr("203.0.113.0/24") } }
    ///   GET /pets/{pet} { integrate mock, respond 200 }
    /// }
    /// ```
    821 Warning "allow-except"
    AllowExcept {}
    message "this statement allows everybody but those it names"
    label "allows all others"
}
