use crate::diagnostic::diagnostic;

diagnostic! {
    /// A mapping template walks over something that, by the body's model, is neither list nor object.
    ///
    /// ## Why
    ///
    /// `#foreach` over a text, a number or a truth value has no rounds.
    ///
    /// ## Example
    ///
    /// ```gate
    /// model Order { item: String, items: [String] }
    ///
    /// rest api Shop {
    ///   POST / {
    ///     body: Order
    ///     integrate http custom "https://example.com/" {
    ///       body["application/json"] = vtl"[#foreach($i in $input.path('$.item'))1#if($foreach.hasNext),#end#end]"
    ///     }
    ///     respond 200
    ///   }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// model Order { item: String, items: [String] }
    ///
    /// rest api Shop {
    ///   POST / {
    ///     body: Order
    ///     integrate http custom "https://example.com/" {
    ///       body["application/json"] = vtl"[#foreach($i in $input.path('$.items'))1#if($foreach.hasNext),#end#end]"
    ///     }
    ///     respond 200
    ///   }
    /// }
    /// ```
    719 Warning "vtl-loop-over-scalar"
    VtlLoopOverScalar { model: String }
    message "model `{model}` has neither list nor object here: the loop has no rounds"
    label "a single value"
}
