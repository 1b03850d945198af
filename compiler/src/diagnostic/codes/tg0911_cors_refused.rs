use crate::diagnostic::diagnostic;

diagnostic! {
    /// A `cors` says something that browsers refuse.
    ///
    /// ## Why
    ///
    /// The page would still not be allowed to call, and the browser tells only its own console why.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   cors /* { origins: ["*"], credentials: true }
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   cors /* { origins: ["https://shop.example.com"], credentials: true }
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    911 Error "cors-refused"
    CorsRefused { why: String }
    message "no browser accepts this: {why}"
    label "{why}"
}
