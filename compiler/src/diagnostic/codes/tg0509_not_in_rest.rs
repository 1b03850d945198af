use crate::diagnostic::diagnostic;

diagnostic! {
    /// Something is written that only HTTP APIs can do.
    ///
    /// ## Why
    ///
    /// It would have no effect.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http "https://example.com/" { header.x-trace += context.requestId } }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http "https://example.com/" { header.x-trace = context.requestId } }
    /// }
    /// ```
    509 Error "not-in-rest"
    NotInRest { what: String, instead: &'static str }
    message "{what} has no meaning in a `rest api`"
    label "not in a `rest api`"
    help "{instead}"
}
