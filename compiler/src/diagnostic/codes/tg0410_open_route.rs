use crate::diagnostic::diagnostic;

diagnostic! {
    /// A route says nothing of authorization, in an API whose other routes ask for it.
    ///
    /// ## Why
    ///
    /// A route is open unless it says otherwise; one that was forgotten is found by somebody else.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /a { auth: iam, integrate mock, respond 200 }
    ///   GET /b { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /a { auth: iam, integrate mock, respond 200 }
    ///   GET /b { auth: none, integrate mock, respond 200 }
    /// }
    /// ```
    410 Warning "open-route"
    OpenRoute { route: String }
    message "`{route}` is open, and other routes of this API are not"
    label "anybody may call it"
    help "write `auth: none` if that is meant, or `auth: NAME`"
}
