use crate::diagnostic::diagnostic;

diagnostic! {
    /// A condition uses a part of CEL that decisions do not need.
    ///
    /// ## Why
    ///
    /// The runtime compares and searches what a request holds, and reckons with whole numbers of it; it walks no list
    /// of it. What could not be decided is refused, never silently accepted.
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
