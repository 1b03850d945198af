use crate::diagnostic::diagnostic;

diagnostic! {
    /// Scopes are asked of a Lambda authorizer.
    ///
    /// ## Why
    ///
    /// Only tokens have scopes; the function is not told of them, so the route would be open to every
    /// token that it accepts.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   authorizer Check = lambda token { function: "check" }
    ///   GET / { auth: Check(scopes: ["read"]), integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   authorizer Check = lambda token { function: "check" }
    ///   GET / { auth: Check, integrate mock, respond 200 }
    /// }
    /// ```
    904 Warning "scopes-ignored"
    ScopesIgnored { name: String }
    message "`{name}` is a function and ignores scopes"
    label "no effect"
    help "let the function decide by the route, or use a `cognito` authorizer"
}
