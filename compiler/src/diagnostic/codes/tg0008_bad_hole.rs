use crate::diagnostic::diagnostic;

diagnostic! {
    /// An `@{` has no `}`, or something else than a name stands between them.
    ///
    /// ## Why
    ///
    /// `@{…}` is a hole that is filled with a value: `@{param.host}`. A text that shall hold `@{`
    /// itself is written `@@{`.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   title: "@{1 + 1}"
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   title: "@@{1 + 1}"
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    8 Error "bad-hole"
    BadHole { text: String }
    message "{text}"
}
