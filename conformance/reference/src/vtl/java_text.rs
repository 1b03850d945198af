//! Java's strings: indexes count UTF-16 units.

use crate::value::Value;

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

/// `String.format` with `%s`, `%d`, `%n` and `%%`, a width, and the flags `-` and `0`; none where
/// Java throws.
pub(super) fn format(pattern: &str, values: &[Value]) -> Option<String> {
    let mut out = String::new();
    let mut values = values.iter();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let (mut left, mut zeros) = (false, false);
        while let Some(flag) = chars.next_if(|c| matches!(c, '-' | '0')) {
            left |= flag == '-';
            zeros |= flag == '0';
        }
        let mut width = 0_usize;
        while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
            width = width * 10 + digit as usize;
            chars.next();
        }
        let text = match chars.next()? {
            'n' => "\n".into(),
            '%' => "%".into(),
            's' => values.next()?.print(),
            'd' => match values.next()? {
                Value::Number(number) if number.to_big().is_some() => number.print(),
                _ => return None,
            },
            _ => return None,
        };
        let pad = width.min(10_000).saturating_sub(text.chars().count());
        match (left, zeros) {
            (true, _) => out.push_str(&format!("{text}{}", " ".repeat(pad))),
            (false, true) => match text.strip_prefix('-') {
                Some(digits) => out.push_str(&format!("-{}{digits}", "0".repeat(pad))),
                None => out.push_str(&format!("{}{text}", "0".repeat(pad))),
            },
            (false, false) => out.push_str(&format!("{}{text}", " ".repeat(pad))),
        }
    }
    Some(out)
}
