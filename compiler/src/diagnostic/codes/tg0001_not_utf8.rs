use crate::diagnostic::diagnostic;

diagnostic! {
    /// A source holds bytes that are not UTF-8.
    ///
    /// ## Why
    ///
    /// Gate is written in UTF-8; what other bytes mean is anybody's guess. What stands before them is
    /// checked all the same.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop { title: "Caf\xe9" }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop { title: "Café", GET / { integrate mock, respond 200 } }
    /// ```
    ///
    /// `\xe9` stands for the single byte e9 of an older encoding.
    1 Error "not-utf8"
    NotUtf8 { text: String }
    message "{text}"
}
