use crate::diagnostic::diagnostic;

diagnostic! {
    /// An imported document is no OpenAPI 3 or Swagger 2.0.
    ///
    /// ## Why
    ///
    /// Its keys would be taken for something else.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// title: Shop
    /// ```
    2002 Error "import-not-openapi"
    ImportNotOpenapi { text: String }
    message "{text}"
}
