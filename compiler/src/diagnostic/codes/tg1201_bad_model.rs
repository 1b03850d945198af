use crate::diagnostic::diagnostic;

diagnostic! {
    /// A schema says something that JSON Schema, draft 4, cannot.
    ///
    /// ## Why
    ///
    /// Models are of draft 4: a validator would ignore it, or refuse every body.
    ///
    /// ## Example
    ///
    /// ```gate
    /// model Pet = schema"""{"type": "object", "properties": {"age": {"type": "int"}}}"""
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// model Pet = schema"""{"type": "object", "properties": {"age": {"type": "integer"}}}"""
    /// ```
    1201 Error "bad-model"
    BadModel { keyword: String, why: String }
    message "`{keyword}` of this schema is not of draft 4: {why}"
    label "not of draft 4"
}
