use crate::diagnostic::diagnostic;

diagnostic! {
    /// A name is used that nothing in the program declares.
    ///
    /// ## Why
    ///
    /// What it should stand for is unknown.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   POST / { body: Order, integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   POST / { body: Order, integrate mock, respond 200 }
    /// }
    /// model Order { id: String }
    /// ```
    301 Error "unknown-name"
    UnknownName { kind: &'static str, name: String }
    message "there is no {kind} `{name}`"
    label "nothing of this name"
}
