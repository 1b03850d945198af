use crate::diagnostic::diagnostic;

diagnostic! {
    /// An access log's format is one that the reference refuses.
    ///
    /// ## Why
    ///
    /// It would be refused when the program is deployed.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// stage prod of Shop { log to stdout as fmt"$context.status" }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// stage prod of Shop { log to stdout as fmt"$context.requestId $context.status" }
    /// ```
    1002 Error "bad-log-format"
    BadLogFormat { why: &'static str }
    message "this is no format of an access log: {why}"
    label "{why}"
}
