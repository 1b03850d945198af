//! Java's strings: indexes count UTF-16 units.

/// A text as UTF-16 units.
pub(super) fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// The text of UTF-16 units; a half of a pair becomes `?`, as Java prints it.
pub(super) fn text(units: &[u16]) -> String {
    char::decode_utf16(units.iter().copied())
        .map(|c| c.unwrap_or('?'))
        .collect()
}

/// Where `needle` first stands at or after `from`.
pub(super) fn index_of(haystack: &[u16], needle: &[u16], from: usize) -> Option<usize> {
    if needle.is_empty() {
        return Some(from.min(haystack.len()));
    }
    (from..haystack.len()).find(|at| haystack[*at..].starts_with(needle))
}

/// Where `needle` last stands at or before `from`.
pub(super) fn last_index_of(haystack: &[u16], needle: &[u16], from: usize) -> Option<usize> {
    (0..=from.min(haystack.len()))
        .rev()
        .find(|at| haystack[*at..].starts_with(needle))
}
