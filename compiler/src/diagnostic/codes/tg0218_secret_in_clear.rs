use crate::diagnostic::diagnostic;

diagnostic! {
    /// A secret stands in the program as it is.
    ///
    /// ## Why
    ///
    /// Whoever can read the program, its history or its bundle could use it.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /orders/{id} { api_key: required, integrate mock, respond 200 }
    /// }
    /// stage prod of Shop { }
    /// plan Basic { stages: [Shop.prod] }
    /// key acme for Basic { value: "0123456789abcdef0123456789abcdef" }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /orders/{id} { api_key: required, integrate mock, respond 200 }
    /// }
    /// stage prod of Shop { }
    /// plan Basic { stages: [Shop.prod] }
    /// key acme for Basic { value: env("ACME_KEY") }
    /// ```
    218 Error "secret-in-clear"
    SecretInClear {}
    message "a secret stands here in clear"
    label "in clear"
    help "read it when the bundle is loaded: `env(\"…\")`, `file(\"…\")` or `secret(\"…\")`"
}
