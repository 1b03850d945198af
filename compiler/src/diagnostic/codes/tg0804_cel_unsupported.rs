use crate::diagnostic::diagnostic;

diagnostic! {
    /// A condition uses a part of CEL that is not carried out.
    ///
    /// ## Why
    ///
    /// Patterns and time zones are compiled with the program, so a request cannot make them; and no message of protocol
    /// buffers is anything that a request holds. What could not be decided is refused, never silently accepted.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy { allow anyone to invoke * when { now > google.protobuf.Timestamp{} } }
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    804 Error "cel-unsupported"
    CelUnsupported { what: String }
    message "{what} is not carried out"
    label "not carried out"
}
