use crate::diagnostic::diagnostic;

diagnostic! {
    /// A service is allowed without saying on whose behalf.
    ///
    /// ## Why
    ///
    /// Whoever can make the service call can call the API through it. `aws:SourceArn`, `aws:SourceAccount`
    /// or `aws:SourceOrgID` names for whom.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy: iam"""
    ///     {"Version": "2012-10-17", "Statement": [
    ///        {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "execute-api:Invoke", "Resource": "*"}]}
    ///     """
    ///   GET /pets/{pet} { auth: iam, integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy: iam"""
    ///     {"Version": "2012-10-17", "Statement": [
    ///        {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "execute-api:Invoke", "Resource": "*", "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}]}
    ///     """
    ///   GET /pets/{pet} { auth: iam, integrate mock, respond 200 }
    /// }
    /// ```
    840 Warning "service-for-anyone"
    ServiceForAnyone { service: String }
    message "`{service}` may act for anybody who uses it"
    label "whose request it is stays open"
}
