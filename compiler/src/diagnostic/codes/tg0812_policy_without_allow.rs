use crate::diagnostic::diagnostic;

diagnostic! {
    /// A resource policy has no `allow`, and the API has routes that no IAM identity or function
    /// speaks for.
    ///
    /// ## Why
    ///
    /// Where there is a policy, such a route needs an explicit allow: what no statement allows is
    /// refused.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy { deny anyone to invoke * unless { source.ip in cidr("10.0.0.0/8") } }
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy {
    ///     allow anyone to invoke *
    ///     deny anyone to invoke * unless { source.ip in cidr("10.0.0.0/8") }
    ///   }
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    812 Warning "policy-without-allow"
    PolicyWithoutAllow {}
    message "this policy allows nothing: every caller without an authorizer's consent is refused"
    label "only `deny`"
    help "add `allow anyone to invoke *`"
}
