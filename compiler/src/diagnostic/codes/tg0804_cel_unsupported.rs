use crate::diagnostic::diagnostic;

diagnostic! {
    /// A condition uses a part of CEL that decisions do not need.
    ///
    /// ## Why
    ///
    /// What has no effect is refused, never silently accepted.
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
    message "{what} is CEL, and not carried out here"
    label "not carried out"
}
