use crate::diagnostic::diagnostic;

diagnostic! {
    /// A minimum compression size of an imported document is no number of bytes in range.
    ///
    /// ## Why
    ///
    /// The reference refuses it.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// openapi: 3.0.1
    /// info: {title: Shop, version: "1"}
    /// x-amazon-apigateway-minimum-compression-size: 10485761
    /// paths: {}
    /// ```
    2016 Error "import-bad-compression-size"
    ImportBadCompressionSize { text: String }
    message "{text}"
}
