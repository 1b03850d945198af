//! What the reference says of an `Authorization` header that is no signature.

/// The complaint: a part without `=`, else the parameters that are missing. The credential
/// itself is not repeated.
pub(crate) fn complaint(authorization: &str) -> String {
    let (scheme, parameters) = authorization.split_once(' ').unwrap_or(("", authorization));
    if !parameters.contains('=') || scheme == "Bearer" {
        return "Invalid key=value pair (missing equal-sign) in Authorization header".into();
    }
    let scheme = authorization.split(' ').next().unwrap_or_default();
    format!(
        "Authorization header requires 'Credential' parameter. \
         Authorization header requires 'Signature' parameter. \
         Authorization header requires 'SignedHeaders' parameter. \
         Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. \
         Authorization={scheme}"
    )
}
