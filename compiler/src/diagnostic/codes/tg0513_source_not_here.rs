use crate::diagnostic::diagnostic;

diagnostic! {
    /// A mapping reads something that is not known where it stands.
    ///
    /// ## Why
    ///
    /// An integration reads the request, a response reads the backend's answer, and an access log
    /// reads the context.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http custom "https://example.com/", respond 200 { header.etag = header.ETag } }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http custom "https://example.com/", respond 200 { header.etag = response.header.ETag } }
    /// }
    /// ```
    513 Error "source-not-here"
    SourceNotHere { source: String, place: &'static str }
    message "`{source}` cannot be read in {place}"
    label "not known here"
}
