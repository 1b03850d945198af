use crate::diagnostic::diagnostic;

diagnostic! {
    /// The condition of an `if` is neither true nor false when the program is built.
    ///
    /// ## Why
    ///
    /// A choice decides what the program is, so it must be decided before there is a program.
    ///
    /// ## Example
    ///
    /// ```gate
    /// param size: Int = 0
    /// if { 12 / param.size == 3 } { model Pet { name: String } }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// param size: Int = 3
    /// if { param.size == 3 } { model Pet { name: String } }
    /// ```
    219 Error "undecided"
    Undecided {}
    message "this choice cannot be decided"
    label "neither true nor false"
    help "compare parameters that have a value or a default"
}
