use crate::diagnostic::diagnostic;

diagnostic! {
    /// Two paths have different variable parts at the same place.
    ///
    /// ## Why
    ///
    /// Below one parent there can be one variable part: a request could not tell which of two is
    /// meant.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /pets/{id} { integrate mock, respond 200 }
    ///   PUT /pets/{pet} { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /pets/{pet} { integrate mock, respond 200 }
    ///   PUT /pets/{pet} { integrate mock, respond 200 }
    /// }
    /// ```
    402 Error "variable-sibling"
    VariableSibling { existing: String, part: String }
    message "`{part}` stands where `{existing}` stands already"
    label "`{part}` here"
    help "give both the same name, or make one of them a literal"
    note "A sibling ({existing}) of this resource already has a variable path part -- only one is allowed"
}
