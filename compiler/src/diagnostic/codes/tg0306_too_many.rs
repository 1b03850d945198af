use crate::diagnostic::diagnostic;

diagnostic! {
    /// There are more of something than the reference allows.
    ///
    /// ## Why
    ///
    /// It would be refused when the program is deployed.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   authorizer A0 = cognito { pools: ["arn:aws:cognito-idp:eu-west-1:1:userpool/p0"] }
    ///   authorizer A1 = cognito { pools: ["arn:aws:cognito-idp:eu-west-1:1:userpool/p1"] }
    ///   authorizer A2 = cognito { pools: ["arn:aws:cognito-idp:eu-west-1:1:userpool/p2"] }
    ///   authorizer A3 = cognito { pools: ["arn:aws:cognito-idp:eu-west-1:1:userpool/p3"] }
    ///   authorizer A4 = cognito { pools: ["arn:aws:cognito-idp:eu-west-1:1:userpool/p4"] }
    ///   authorizer A5 = cognito { pools: ["arn:aws:cognito-idp:eu-west-1:1:userpool/p5"] }
    ///   authorizer A6 = cognito { pools: ["arn:aws:cognito-idp:eu-west-1:1:userpool/p6"] }
    ///   authorizer A7 = cognito { pools: ["arn:aws:cognito-idp:eu-west-1:1:userpool/p7"] }
    ///   authorizer A8 = cognito { pools: ["arn:aws:cognito-idp:eu-west-1:1:userpool/p8"] }
    ///   authorizer A9 = cognito { pools: ["arn:aws:cognito-idp:eu-west-1:1:userpool/p9"] }
    ///   authorizer A10 = cognito { pools: ["arn:aws:cognito-idp:eu-west-1:1:userpool/p10"] }
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    306 Error "too-many"
    TooMany { what: &'static str, count: usize, limit: usize }
    message "there are {count} {what}, and the limit is {limit}"
    label "one too many"
}
