use crate::diagnostic::diagnostic;

diagnostic! {
    /// A template or a mapping stands in an integration that passes request and answer through.
    ///
    /// ## Why
    ///
    /// It has no effect.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate lambda "orders", respond 200 { body = { ok: true } } }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate lambda custom "orders", respond 200 { body = { ok: true } } }
    /// }
    /// ```
    511 Warning "ignored-by-proxy"
    IgnoredByProxy { what: &'static str }
    message "a proxy ignores {what}"
    label "no effect"
    help "write `custom` behind `http` or `lambda` to map request and answer"
}
