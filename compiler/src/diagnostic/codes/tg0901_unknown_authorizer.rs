use crate::diagnostic::diagnostic;

diagnostic! {
    /// `auth` names an authorizer that the API does not declare.
    ///
    /// ## Why
    ///
    /// Nobody would decide whether a caller may.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { auth: Shopper, integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   authorizer Shopper = cognito { pools: ["arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Shop"] }
    ///   GET / { auth: Shopper, integrate mock, respond 200 }
    /// }
    /// ```
    901 Error "unknown-authorizer"
    UnknownAuthorizer { name: String }
    message "there is no authorizer `{name}` in this API"
    label "no such authorizer"
    note "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer."
}
