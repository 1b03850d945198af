use crate::diagnostic::diagnostic;

diagnostic! {
    /// A body is given for something that is no media type.
    ///
    /// ## Why
    ///
    /// No request and no answer would ever have it.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http custom "https://example.com/" { body["json"] = vtl"{}" }, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http custom "https://example.com/" { body["application/json"] = vtl"{}" }, respond 200 }
    /// }
    /// ```
    606 Error "bad-media-type"
    BadMediaType { text: String }
    message "`{text}` is no media type"
    label "not a media type"
    note "Invalid content type specified: {text}"
}
