use crate::diagnostic::diagnostic;

diagnostic! {
    /// Brackets nest deeper than the limit.
    ///
    /// ## Why
    ///
    /// The limit keeps the time and memory that a source costs within bounds, whoever wrote it. No
    /// program that a person writes comes near it.
    ///
    /// ## Example
    ///
    /// ```gate
    /// x: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
    /// ```
    2 Error "too-deep"
    TooDeep { text: String }
    message "{text}"
}
