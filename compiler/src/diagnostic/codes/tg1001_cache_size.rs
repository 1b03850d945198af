use crate::diagnostic::diagnostic;

diagnostic! {
    /// A stage's cache has a size that the reference does not have.
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
    /// stage prod of Shop { cache 1GB for 300s }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// stage prod of Shop { cache 1.6GB for 300s }
    /// ```
    1001 Error "cache-size"
    CacheSize { sizes: String }
    message "there is no cache of this size"
    label "not a size of caches"
    help "sizes: {sizes}"
}
