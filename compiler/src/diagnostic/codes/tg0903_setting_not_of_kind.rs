use crate::diagnostic::diagnostic;

diagnostic! {
    /// A setting stands in an authorizer of a kind that does not have it.
    ///
    /// ## Why
    ///
    /// It would have no effect.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   authorizer Pool = cognito { issuer: "https://id.example.com", pools: ["arn:aws:cognito-idp:eu-west-1:1:userpool/p"] }
    ///   GET / { auth: Pool, integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   authorizer Pool = cognito { pools: ["arn:aws:cognito-idp:eu-west-1:1:userpool/p"] }
    ///   GET / { auth: Pool, integrate mock, respond 200 }
    /// }
    /// ```
    903 Error "setting-not-of-kind"
    SettingNotOfKind { word: String, kind: &'static str }
    message "an authorizer of kind `{kind}` has no `{word}`"
    label "no effect here"
}
