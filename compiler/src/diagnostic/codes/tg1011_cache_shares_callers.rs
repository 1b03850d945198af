use crate::diagnostic::diagnostic;

diagnostic! {
    /// A route that asks who calls keeps its answers, and no header is in its key.
    ///
    /// ## Why
    ///
    /// Authorization runs before the cache, but what is kept is not per caller: right for a price
    /// list, wrong for a basket.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { auth: iam, cache 60s, integrate http "https://example.com/" }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { auth: iam, header.authorization: String, cache 60s by [header.authorization], integrate http "https://example.com/" }
    /// }
    /// ```
    1011 Info "cache-shares-callers"
    CacheSharesCallers {}
    message "all callers who may call this share one answer"
    label "kept without regard to the caller"
    help "list the header that tells callers apart: `cache … by [header.authorization]`"
}
