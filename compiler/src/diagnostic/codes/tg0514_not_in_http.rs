use crate::diagnostic::diagnostic;

diagnostic! {
    /// Something is written that HTTP APIs do not have.
    ///
    /// ## Why
    ///
    /// It would have no effect: HTTP APIs know no API keys and usage plans, resource policies, models,
    /// templates, gateway responses, caches, canaries or mocks.
    ///
    /// ## Example
    ///
    /// ```gate
    /// http api Front {
    ///   GET / { api_key: required, integrate http "https://example.com/" }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// http api Front {
    ///   GET / { integrate http "https://example.com/" }
    /// }
    /// ```
    514 Error "not-in-http"
    NotInHttp { what: String }
    message "{what} has no meaning in an `http api`"
    label "not in an `http api`"
    help "a `rest api` has it"
}
