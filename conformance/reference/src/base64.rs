//! Base64 as Java's basic coder does it: padding may be missing, anything else foreign is an error.

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const JAVA: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The text of these bytes.
pub(crate) fn encode(bytes: &[u8]) -> String {
    JAVA.encode(bytes)
}

/// The bytes of this text; none if it is no base64.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    JAVA.decode(text).ok()
}
