use crate::diagnostic::diagnostic;

diagnostic! {
    /// A name has characters or a length that the reference refuses.
    ///
    /// ## Why
    ///
    /// It would be refused when the program is deployed.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop { variables { `my-host`: String? }, GET / { integrate mock, respond 200 } }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop { variables { my_host: String? }, GET / { integrate mock, respond 200 } }
    /// ```
    305 Error "bad-name"
    BadName { kind: &'static str, name: String, rule: &'static str }
    message "`{name}` is no name of a {kind}"
    label "not a name"
    help "{rule}"
}
