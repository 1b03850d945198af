use crate::diagnostic::diagnostic;

diagnostic! {
    /// A route keeps its answers, and its key does not hold a parameter of its path.
    ///
    /// ## Why
    ///
    /// The key holds only what is listed: the second caller gets the first one's answer, whatever the
    /// path says.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /pets/{pet} { cache 60s, integrate http "https://example.com/{pet}" }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /pets/{pet} { cache 60s by [path.pet], integrate http "https://example.com/{pet}" }
    /// }
    /// ```
    1010 Warning "cache-misses-path"
    CacheMissesPath { name: String }
    message "answers are kept without regard to `{name}`"
    label "two values share one answer"
    help "write `cache … by [path.{name}]`"
}
