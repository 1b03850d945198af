use crate::diagnostic::diagnostic;

diagnostic! {
    /// A route has parameters of the same name in two places: path, query string or headers.
    ///
    /// ## Why
    ///
    /// `$input.params('name')` could mean either; the reference refuses it.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /pets/{id} { query.id: String?, integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /pets/{pet} { query.id: String?, integrate mock, respond 200 }
    /// }
    /// ```
    406 Error "parameter-name-twice"
    ParameterNameTwice { name: String }
    message "two parameters of this route are named `{name}`"
    label "the same name again"
    note "Parameter names must be unique across querystring, header and path"
}
