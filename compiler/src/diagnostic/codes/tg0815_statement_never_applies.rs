use crate::diagnostic::diagnostic;

diagnostic! {
    /// A statement names methods and paths that the API does not have.
    ///
    /// ## Why
    ///
    /// It has no effect: what it should protect is open, or what it should open is closed.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy { allow anyone to invoke *, deny anyone to invoke DELETE /pets/* }
    ///   GET /pets/{pet} { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy { allow anyone to invoke *, deny anyone to invoke GET /pets/* }
    ///   GET /pets/{pet} { integrate mock, respond 200 }
    /// }
    /// ```
    815 Warning "statement-never-applies"
    StatementNeverApplies { api: String }
    message "this statement covers no route of `{api}`"
    label "never applies"
}
