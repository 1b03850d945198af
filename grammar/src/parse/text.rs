//! What the inside of a string means: escapes, fences, holes.

use std::borrow::Cow;

/// The escapes that strings and quoted names know, beside `\u0041` and `\u{1F600}`.
pub(crate) const ESCAPES: [(char, char); 10] = [
    ('"', '"'),
    ('\\', '\\'),
    ('/', '/'),
    ('`', '`'),
    ('@', '@'),
    ('n', '\n'),
    ('r', '\r'),
    ('t', '\t'),
    ('b', '\u{8}'),
    ('f', '\u{c}'),
];

/// The character after a backslash at the start of `text`, and how long the escape is.
/// `Err` with its length for one that is not known.
pub(crate) fn escape(text: &str) -> Result<(char, usize), usize> {
    let mut chars = text.chars().skip(1);
    let Some(first) = chars.next() else {
        return Err(1);
    };
    if let Some((_, meant)) = ESCAPES.iter().find(|(written, _)| *written == first) {
        return Ok((*meant, 2));
    }
    if first != 'u' {
        return Err(1 + first.len_utf8());
    }
    if let Some(rest) = text.get(2..).filter(|rest| rest.starts_with('{')) {
        let length = rest.find('}').ok_or(2usize)?;
        let digits = &rest[1..length];
        let sound =
            (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let code = u32::from_str_radix(digits, 16).ok().filter(|_| sound);
        return code
            .and_then(char::from_u32)
            .map(|c| (c, length + 3))
            .ok_or(length + 3);
    }
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        let sound = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        u32::from_str_radix(digits, 16).ok().filter(|_| sound)
    };
    let first = unit(0).ok_or(2usize)?;
    if let Some(c) = char::from_u32(first) {
        return Ok((c, 6));
    }
    // JSON writes characters beyond the first plane as two units
    let second = unit(6).ok_or(6usize)?;
    if !(0xd800..0xdc00).contains(&first) || !(0xdc00..0xe000).contains(&second) {
        return Err(6);
    }
    let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
    char::from_u32(code).map(|c| (c, 12)).ok_or(12)
}

/// A fence's text without its layout.
pub(crate) struct Dedented<'t> {
    pub(crate) text: Cow<'t, str>,
    /// Where the lines start: in `text`, and in the fence.
    pub(crate) lines: Vec<(u32, u32)>,
}

/// The text of a fence: where it begins with a line end, this line end, the common
/// indent and the last line end are the layout's; else all of it is text. Line ends are
/// `\n`, whatever the file has.
pub(crate) fn dedent(inner: &str) -> Dedented<'_> {
    if !inner.contains('\n') {
        return Dedented {
            text: Cow::Borrowed(inner),
            lines: vec![(0, 0)],
        };
    }
    let mut lines = Vec::new();
    let mut start = 0;
    for line in inner.split('\n') {
        let last = start + line.len() == inner.len();
        let text = line.strip_suffix('\r').filter(|_| !last).unwrap_or(line);
        lines.push((start, text));
        start += line.len() + 1;
    }
    let mut indent = None;
    if lines[0].1.is_empty() {
        lines.remove(0);
        if lines.last().is_some_and(|(_, last)| is_blank(last)) {
            indent = lines.pop().map(|(_, last)| last);
        }
        for (_, line) in lines.iter().filter(|(_, line)| !is_blank(line)) {
            let own = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
            indent = Some(match indent {
                None => own,
                Some(known) => &known[..common(known, own)],
            });
        }
    }
    let indent = indent.unwrap_or("");
    let mut out = Dedented {
        text: Cow::Borrowed(""),
        lines: Vec::with_capacity(lines.len()),
    };
    let mut text = String::with_capacity(inner.len());
    for (at, (start, line)) in lines.into_iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        // a blank line may be shorter than the indent
        let cut = common(line, indent);
        out.lines.push((text.len() as u32, (start + cut) as u32));
        text.push_str(&line[cut..]);
    }
    out.text = Cow::Owned(text);
    out
}

fn common(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

fn is_blank(line: &str) -> bool {
    line.bytes().all(|byte| matches!(byte, b' ' | b'\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_drops_its_layout_and_nothing_else() {
        let cases = [
            ("", ""),
            ("one", "one"),
            ("  one\n  two", "  one\n  two"),
            ("\n  one\n  two\n  ", "one\ntwo"),
            ("\n  one\n    two\n  ", "one\n  two"),
            ("\n    one\n  ", "  one"),
            ("\n  one\n\n  two\n  ", "one\n\ntwo"),
            ("\n  one\n \n  two\n  ", "one\n\ntwo"),
            ("\n  one\n     \n  two\n  ", "one\n   \ntwo"),
            ("\n  one\n  two", "one\ntwo"),
            ("\n\n", ""),
            ("\n\n\n", "\n"),
            ("\n  ", ""),
            ("\r\n  one\r\n  two\r\n  ", "one\ntwo"),
            ("\n\tone\n\t two\n\t", "one\n two"),
        ];
        for (inner, expected) in cases {
            assert_eq!(dedent(inner).text, expected, "{inner:?}");
        }
    }

    #[test]
    fn escapes_are_those_of_json_and_a_few() {
        let cases = [
            (r"\n.", Ok(('\n', 2))),
            (r"\@", Ok(('@', 2))),
            (r"\u0041", Ok(('A', 6))),
            (r"\ud83d\ude00", Ok(('😀', 12))),
            (r"\u{1F600}", Ok(('😀', 9))),
            (r"\d", Err(2)),
            (r"\é", Err(3)),
            (r"\u00", Err(2)),
            (r"\u{}", Err(4)),
            (r"\ud83d", Err(6)),
            (r"\u+041", Err(2)),
            ("\\", Err(1)),
        ];
        for (text, expected) in cases {
            assert_eq!(escape(text), expected, "{text}");
        }
    }
}
