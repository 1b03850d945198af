use crate::diagnostic::diagnostic;

diagnostic! {
    /// An imported document has a property that gate has no words for.
    ///
    /// ## Why
    ///
    /// The program means less than the document.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// openapi: 3.0.1
    /// info: {title: Shop, version: "1"}
    /// paths:
    ///   /: {}
    /// ```
    2006 Warning "import-not-carried"
    ImportNotCarried { text: String }
    message "{text}"
}
