use crate::diagnostic::diagnostic;

diagnostic! {
    /// A statement allows an account or an ARN, in an API without `auth: iam`.
    ///
    /// ## Why
    ///
    /// Only a signed request has a principal; on other routes such a statement matches nobody.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy { allow account "111122223333" to invoke * }
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy { allow account "111122223333" to invoke * }
    ///   GET / { auth: iam, integrate mock, respond 200 }
    /// }
    /// ```
    813 Warning "principal-needs-iam"
    PrincipalNeedsIam {}
    message "this statement names a principal, and no route asks for a signature"
    label "matches nobody"
    help "write `auth: iam` in the routes that it is for, or `anyone`"
}
