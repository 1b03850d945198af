use crate::diagnostic::diagnostic;

diagnostic! {
    /// A `lambda` integration names a verb other than POST.
    ///
    /// ## Why
    ///
    /// Invoking a function is a POST to the Lambda service, whatever verb the client used; any other
    /// verb fails with 500.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate lambda GET "orders" }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate lambda "orders" }
    /// }
    /// ```
    507 Warning "lambda-method"
    LambdaMethod { method: String }
    message "a function is invoked with `POST`, not `{method}`"
    label "every call will fail"
    help "leave the verb out"
}
