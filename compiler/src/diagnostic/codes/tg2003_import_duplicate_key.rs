use crate::diagnostic::diagnostic;

diagnostic! {
    /// A key of an imported document stands twice; the last one counts.
    ///
    /// ## Why
    ///
    /// What the first one says is lost.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// openapi: 3.0.1
    /// info: {title: Shop, version: "1"}
    /// info: {title: Store, version: "1"}
    /// paths: {}
    /// ```
    2003 Warning "import-duplicate-key"
    ImportDuplicateKey { text: String }
    message "{text}"
}
