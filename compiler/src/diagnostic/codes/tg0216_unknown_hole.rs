use crate::diagnostic::diagnostic;

diagnostic! {
    /// The name in a hole has an unknown root, or an unknown name below it.
    ///
    /// ## Why
    ///
    /// A hole that nothing fills would stay in the text, or vanish from it.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   title: "@{aws.zone}"
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   title: "@{aws.region}"
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    216 Error "unknown-hole"
    HoleUnknown { hole: String }
    message "`{hole}` names nothing that a hole can hold"
    label "nothing of this name"
}
