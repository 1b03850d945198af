use crate::diagnostic::diagnostic;

diagnostic! {
    /// An authorizer lacks what identifies a caller, or names something that cannot.
    ///
    /// ## Why
    ///
    /// Answers are kept under the caller's identity: without one, everybody would get the first
    /// caller's answer.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   authorizer Check = lambda request { function: "check" }
    ///   GET / { auth: Check, integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   authorizer Check = lambda request { function: "check", identity: [header.x-partner] }
    ///   GET / { auth: Check, integrate mock, respond 200 }
    /// }
    /// ```
    902 Error "identity-needed"
    IdentityNeeded { kind: &'static str, what: &'static str }
    message "an authorizer of kind `{kind}` needs {what}"
    label "{what} is needed"
}
