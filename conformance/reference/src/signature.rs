//! What the reference says of an `Authorization` header that is no signature.

/// The complaint: a part without `=` first, else the parameters that are missing.
pub(crate) fn complaint(authorization: &str) -> String {
    let parts = authorization
        .split_once(' ')
        .map_or(authorization, |(_, rest)| rest);
    let bad = parts
        .split(',')
        .map(str::trim)
        .find(|part| !part.contains('='));
    if let Some(bad) = bad {
        return format!(
            "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with \
             SHA-256 and encoded with Base64): '{bad}'."
        );
    }
    let mut text = String::new();
    for name in ["Credential", "Signature", "SignedHeaders"] {
        let given = parts
            .split(',')
            .any(|part| part.trim().split('=').next() == Some(name));
        if !given {
            text.push_str(&format!(
                "Authorization header requires '{name}' parameter. "
            ));
        }
    }
    format!("{text}Authorization={authorization}")
}
