use crate::diagnostic::diagnostic;

diagnostic! {
    /// A stage or a plan has a limit above that of the account.
    ///
    /// ## Why
    ///
    /// The account's limit holds for all its stages together, so this one is never reached.
    ///
    /// ## Example
    ///
    /// ```gate
    /// account { id: "111122223333", region: "eu-west-1", throttle 100/s burst 50 }
    /// rest api Shop {
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// stage prod of Shop { throttle 500/s burst 50 }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// account { id: "111122223333", region: "eu-west-1", throttle 100/s burst 50 }
    /// rest api Shop {
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// stage prod of Shop { throttle 50/s burst 50 }
    /// ```
    1008 Warning "above-account"
    AboveAccount {}
    message "a limit here is above the account's own"
    label "never reached"
    help "raise the account's limit, or lower this one"
}
