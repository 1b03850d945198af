use crate::diagnostic::diagnostic;

diagnostic! {
    /// A mapping template prints a value between the quotes of JSON without escaping it.
    ///
    /// ## Why
    ///
    /// A quote or a backslash in the value ends the text early: the result is no JSON, or, if a client
    /// chooses the value, JSON with members of the client's choice.
    ///
    /// `$util.escapeJavaScript` escapes what JSON asks for, and `'` as well, which JSON does not know: hence
    /// the `replaceAll` behind it.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   POST / {
    ///     integrate http custom "https://example.com/" {
    ///       body = vtl"""{"name": "$input.params('name')"}"""
    ///     }
    ///     respond 200
    ///   }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   POST / {
    ///     integrate http custom "https://example.com/" {
    ///       body = vtl"""{"name": "$util.escapeJavaScript($input.params('name')).replaceAll("\\'", "'")"}"""
    ///     }
    ///     respond 200
    ///   }
    /// }
    /// ```
    715 Warning "vtl-unescaped"
    VtlUnescaped { reference: String }
    message "`{reference}` is printed into a JSON text as it is: a quote in it breaks the text"
    label "not escaped"
    help "write `$util.escapeJavaScript(…).replaceAll(\"\\\\'\", \"'\")` around it"
}
