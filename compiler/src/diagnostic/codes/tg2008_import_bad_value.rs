use crate::diagnostic::diagnostic;

diagnostic! {
    /// A value of an imported document is not what its place asks for.
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
    /// x-amazon-apigateway-endpoint-configuration: {types: [EDGE, REGIONAL]}
    /// paths: {}
    /// ```
    2008 Error "import-bad-value"
    ImportBadValue { text: String }
    message "{text}"
}
