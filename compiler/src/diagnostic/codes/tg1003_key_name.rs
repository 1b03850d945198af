use crate::diagnostic::diagnostic;

diagnostic! {
    /// An API key has a name of more than 1024 characters.
    ///
    /// ## Why
    ///
    /// It would be refused when the program is deployed.
    1003 Error "key-name"
    KeyName {}
    message "the name of a key has more than 1024 characters"
    label "too long"
    note "Invalid API Key name, can be at most 1024 characters."
}
