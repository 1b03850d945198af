use crate::diagnostic::diagnostic;

diagnostic! {
    /// A comment that should accept a finding names no code, names an error, or gives no reason.
    ///
    /// ## Why
    ///
    /// A finding that is accepted without a reason will puzzle the next reader.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   # tollgate: allow TG0605
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   # tollgate: allow TG0605 — the backend answers with 404 only
    ///   GET / { integrate http custom "https://example.com/", respond 404 matching r"404" }
    /// }
    /// ```
    107 Warning "bad-allow"
    BadAllow { why: String }
    message "this `allow` accepts nothing: {why}"
    label "accepts nothing"
    help "write `# tollgate: allow TG0605 — why`"
}
