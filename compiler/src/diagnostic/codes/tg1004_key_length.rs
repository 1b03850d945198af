use crate::diagnostic::diagnostic;

diagnostic! {
    /// The value of an API key is shorter than 20 or longer than 128 characters.
    ///
    /// ## Why
    ///
    /// It would be refused when the program is deployed.
    ///
    /// Only recorded cases hold keys in clear; the values of other programs are checked when a bundle
    /// is loaded.
    1004 Error "key-length"
    KeyLength {}
    message "the value of a key has 20 to 128 characters"
    label "too short or too long"
}
