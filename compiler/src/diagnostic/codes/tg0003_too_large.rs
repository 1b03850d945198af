use crate::diagnostic::diagnostic;

diagnostic! {
    /// A source is larger than the limit.
    ///
    /// ## Why
    ///
    /// The limit keeps the time and memory that a source costs within bounds. All files of a
    /// directory are one program, so a large one can be split anywhere between two items.
    ///
    /// ## Example
    ///
    /// ```gate
    /// # 64 MB of text
    /// ```
    3 Error "too-large"
    TooLarge { text: String }
    message "{text}"
}
