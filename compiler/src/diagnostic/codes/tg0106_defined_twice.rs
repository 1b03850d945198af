use crate::diagnostic::diagnostic;

diagnostic! {
    /// Two definitions of one kind have the same name.
    ///
    /// ## Why
    ///
    /// Names are global in a program, whatever file they stand in: of two definitions only one could
    /// be meant.
    ///
    /// ## Example
    ///
    /// ```gate
    /// model Pet { name: String }
    /// model Pet { age: Int }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// model Pet { name: String }
    /// model Guest { age: Int }
    /// ```
    106 Error "defined-twice"
    DefinedTwice { kind: &'static str, name: String }
    message "{kind} `{name}` is defined twice"
    label "defined again here"
}
