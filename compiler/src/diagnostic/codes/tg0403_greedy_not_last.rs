use crate::diagnostic::diagnostic;

diagnostic! {
    /// A greedy part `{name+}` is not the last of its path.
    ///
    /// ## Why
    ///
    /// It takes everything that is left, so that nothing is left for what follows.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /files/{path+}/meta { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /files/{path+} { integrate mock, respond 200 }
    /// }
    /// ```
    403 Error "greedy-not-last"
    GreedyNotLast { part: String }
    message "`{part}` takes the rest of a path, and something follows it"
    label "nothing can follow `{part}`"
    note "Cannot create a child of a resource with a greedy path variable: {part}"
}
