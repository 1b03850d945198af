use crate::diagnostic::diagnostic;

diagnostic! {
    /// A path uses one parameter name twice.
    ///
    /// ## Why
    ///
    /// Only one of the two values could be read.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /pets/{id}/toys/{id} { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /pets/{pet}/toys/{toy} { integrate mock, respond 200 }
    /// }
    /// ```
    405 Error "repeated-path-parameter"
    RepeatedPathParameter { name: String }
    message "the path has two parameters `{name}`"
    label "`{name}` twice"
}
