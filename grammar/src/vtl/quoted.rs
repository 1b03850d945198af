//! The inside of string literals, and the way back from it to places in the template.

use super::ast::VtlSpan;

/// Maps offsets of a text to places in the template it came from. A text that lost
/// characters on the way (a doubled quote, a decoded `\uXXXX`) has a cut after each.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// Offset in the text, place in the template; the first is at offset 0, both ascend.
    cuts: Vec<(u32, u32)>,
}

impl Places {
    /// A text that stands in the template unchanged, from `start` on.
    pub(super) fn from(start: u32) -> Self {
        Places {
            cuts: vec![(0, start)],
        }
    }

    /// The place of an offset. O(log cuts).
    pub(super) fn at(&self, offset: usize) -> u32 {
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        let after = self.cuts.partition_point(|(at, _)| *at <= offset);
        match self.cuts.get(after.wrapping_sub(1)) {
            Some((at, place)) => place.saturating_add(offset - at),
            None => offset,
        }
    }

    /// The range of the template that an offset range came from.
    pub(super) fn span(&self, start: usize, end: usize) -> VtlSpan {
        VtlSpan::new(self.at(start), self.at(end))
    }
}

/// What stands between the quotes of a literal: doubled quotes become single ones, and in a
/// `"…"` string every `\uXXXX` becomes its character. No other backslash means anything here.
pub(super) fn unquote(body: &str, quote: char, start: usize, outer: &Places) -> (String, Places) {
    let mut text = String::with_capacity(body.len());
    let mut cuts = vec![(0, outer.at(start))];
    let mut rest = body;
    while let Some(at) = rest.find([quote, '\\']) {
        let (plain, tail) = rest.split_at(at);
        text.push_str(plain);
        let taken = if tail.starts_with('\\') {
            escape(tail, quote, &mut text)
        } else {
            doubled(tail, quote, &mut text)
        };
        rest = tail.get(taken..).unwrap_or("");
        let place = outer.at(start + (body.len() - rest.len()));
        cuts.push((u32::try_from(text.len()).unwrap_or(u32::MAX), place));
    }
    text.push_str(rest);
    (text, Places { cuts })
}

fn doubled(tail: &str, quote: char, text: &mut String) -> usize {
    text.push(quote);
    let single = quote.len_utf8();
    if tail
        .get(single..)
        .is_some_and(|next| next.starts_with(quote))
    {
        single * 2
    } else {
        single
    }
}

fn escape(tail: &str, quote: char, text: &mut String) -> usize {
    let unit = |at: usize| {
        let digits = tail.get(at..at + 6)?.strip_prefix("\\u")?;
        let hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        if hex {
            u32::from_str_radix(digits, 16).ok()
        } else {
            None
        }
    };
    let plain = |text: &mut String| {
        text.push('\\');
        1
    };
    if quote != '"' {
        return plain(text);
    }
    let Some(first) = unit(0) else {
        return plain(text);
    };
    if let Some(character) = char::from_u32(first) {
        text.push(character);
        return 6;
    }
    // Two halves of a character beyond the basic plane; a half alone has no UTF-8.
    let second = if first < 0xDC00 {
        unit(6).filter(|low| (0xDC00..0xE000).contains(low))
    } else {
        None
    };
    let whole =
        second.and_then(|low| char::from_u32(0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00)));
    text.push(whole.unwrap_or(char::REPLACEMENT_CHARACTER));
    if whole.is_some() { 12 } else { 6 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_units_are_undone_and_places_kept() {
        let cases = [
            ("a''b", '\'', "a'b"),
            ("a\"\"b", '"', "a\"b"),
            ("\\u0041\\n", '"', "A\\n"),
            ("\\u0041", '\'', "\\u0041"),
            ("\\ud83d\\ude00!", '"', "\u{1F600}!"),
            ("\\ud83dx", '"', "\u{FFFD}x"),
        ];
        for (body, quote, expected) in cases {
            let (text, places) = unquote(body, quote, 10, &Places::from(0));
            assert_eq!(text, expected);
            assert_eq!(places.at(text.len()), 10 + body.len() as u32, "{body}");
        }
    }
}
