use crate::diagnostic::diagnostic;

diagnostic! {
    /// A mapping template is larger than 300 KB.
    ///
    /// ## Why
    ///
    /// The reference refuses it.
    702 Error "vtl-too-large"
    VtlTooLarge { text: String }
    message "{text}"
}
