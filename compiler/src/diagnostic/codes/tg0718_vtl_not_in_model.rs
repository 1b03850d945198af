use crate::diagnostic::diagnostic;

diagnostic! {
    /// A mapping template reads a member of the body that the body's model excludes.
    ///
    /// ## Why
    ///
    /// The model allows no other members than its own, so there is nothing to print.
    ///
    /// ## Example
    ///
    /// ```gate
    /// model Order = schema"""
    ///   {"type": "object", "properties": {"id": {"type": "string"}}, "additionalProperties": false}
    ///   """
    ///
    /// rest api Shop {
    ///   POST / {
    ///     body: Order
    ///     integrate http custom "https://example.com/" { body = vtl"""{"id": $input.json('$.ID')}""" }
    ///     respond 200
    ///   }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// model Order = schema"""
    ///   {"type": "object", "properties": {"id": {"type": "string"}}, "additionalProperties": false}
    ///   """
    ///
    /// rest api Shop {
    ///   POST / {
    ///     body: Order
    ///     integrate http custom "https://example.com/" { body = vtl"""{"id": $input.json('$.id')}""" }
    ///     respond 200
    ///   }
    /// }
    /// ```
    718 Warning "vtl-not-in-model"
    VtlNotInModel { model: String, member: String }
    message "model `{model}` has no `{member}`, and excludes what it does not have"
    label "not in the model"
}
