//! Functions of texts. Places are counted in characters.

use super::super::code::Function;
use super::super::value::{Cel, Fail, Found, Span, error, no_overload};
use super::super::work::Work;

pub(super) fn call(work: &mut Work<'_>, function: Function, operands: &[Cel]) -> Found {
    use Cel::{Bool, Int, Text};
    use Function as F;
    let view = work.view();
    Ok(match (function, operands) {
        (F::StartsWith, [Text(whole), Text(part)]) => {
            Bool(view.bytes(*whole).starts_with(view.bytes(*part)))
        }
        (F::EndsWith, [Text(whole), Text(part)]) => {
            Bool(view.bytes(*whole).ends_with(view.bytes(*part)))
        }
        (F::Contains, [Text(whole), Text(part)]) => {
            Bool(view.str(*whole).contains(view.str(*part)))
        }
        (F::CharAt, [Text(text), Int(at)]) => {
            let whole = view.str(*text);
            let Some(at) = inside(whole, *at) else {
                return out_of_range();
            };
            let from = byte(whole, at);
            Text(text.slice(from, byte(whole, at + 1)))
        }
        (F::IndexOf, [Text(whole), Text(part)]) => {
            place(first(view.str(*whole), view.str(*part), 0))
        }
        (F::LastIndexOf, [Text(whole), Text(part)]) => {
            let whole = view.str(*whole);
            place(last(whole, view.str(*part), whole.chars().count()))
        }
        (F::IndexOf | F::LastIndexOf, [Text(whole), Text(part), Int(from)]) => {
            let (whole, part) = (view.str(*whole), view.str(*part));
            let count = whole.chars().count();
            match usize::try_from(*from) {
                Ok(from) if part.is_empty() => place(Some(from.min(count))),
                Ok(from) if from < count && function == F::IndexOf => {
                    place(first(whole, part, from))
                }
                Ok(from) if from < count => place(last(whole, part, from)),
                _ => return out_of_range(),
            }
        }
        (F::LowerAscii, [Text(text)]) => Text(recased(work, *text, <[u8]>::make_ascii_lowercase)?),
        (F::UpperAscii, [Text(text)]) => Text(recased(work, *text, <[u8]>::make_ascii_uppercase)?),
        (F::Trim, [Text(text)]) => {
            let whole = view.str(*text);
            let start = whole.len() - whole.trim_start().len();
            Text(text.slice(start, whole.trim_end().len()))
        }
        (F::Reverse, [Text(text)]) => {
            let start = work.space.start();
            let mut end = text.len as usize;
            while end > 0 {
                let bytes = work.bytes(text.slice(0, end));
                let from = bytes.iter().rposition(|byte| is_start(*byte)).unwrap_or(0);
                work.put(text.slice(from, end))?;
                end = from;
            }
            Text(work.space.since(start))
        }
        (F::Replace, [Text(text), Text(from), Text(to)]) => {
            Text(replace(work, *text, *from, *to, -1)?)
        }
        (F::Replace, [Text(text), Text(from), Text(to), Int(times)]) => {
            Text(replace(work, *text, *from, *to, *times)?)
        }
        (F::Split, [Text(text), Text(by)]) => return split(work, *text, *by, -1),
        (F::Split, [Text(text), Text(by), Int(parts)]) => return split(work, *text, *by, *parts),
        (F::Substring, [Text(text), Int(from), rest @ ..]) => {
            let whole = view.str(*text);
            let end = match rest {
                [] => Some(whole.chars().count()),
                [Int(to)] => inside(whole, *to),
                _ => return no_overload(),
            };
            let (Some(start), Some(end)) = (inside(whole, *from), end) else {
                return out_of_range();
            };
            if start > end {
                return error("the range ends before it starts");
            }
            Text(text.slice(byte(whole, start), byte(whole, end)))
        }
        (F::Quote, [Text(text)]) => Text(quote(work, *text)?),
        _ => return no_overload(),
    })
}

fn out_of_range() -> Found {
    error("the index is out of range")
}

fn place(at: Option<usize>) -> Cel {
    Cel::Int(at.and_then(|at| i64::try_from(at).ok()).unwrap_or(-1))
}

/// A place in a text, or behind its end.
fn inside(text: &str, at: i64) -> Option<usize> {
    usize::try_from(at)
        .ok()
        .filter(|at| *at <= text.chars().count())
}

/// The byte at which a character starts.
fn byte(text: &str, at: usize) -> usize {
    text.char_indices()
        .nth(at)
        .map_or(text.len(), |(byte, _)| byte)
}

/// How many characters stand before a byte.
fn characters(text: &str, byte: usize) -> usize {
    text.get(..byte).map_or(0, |before| before.chars().count())
}

fn first(whole: &str, part: &str, from: usize) -> Option<usize> {
    let start = byte(whole, from);
    let found = whole.get(start..)?.find(part)?;
    Some(characters(whole, start + found))
}

/// The last occurrence that starts at or before a place.
fn last(whole: &str, part: &str, from: usize) -> Option<usize> {
    let end = byte(whole, from).saturating_add(part.len());
    let mut end = end.min(whole.len());
    while !whole.is_char_boundary(end) {
        end -= 1;
    }
    whole
        .get(..end)?
        .rfind(part)
        .map(|at| characters(whole, at))
}

fn recased(work: &mut Work<'_>, text: Span, recase: fn(&mut [u8])) -> Result<Span, Fail> {
    let start = work.space.start();
    work.put(text)?;
    recase(work.space.text.get_mut(start..).unwrap_or(&mut []));
    Ok(work.space.since(start))
}

/// Whether a character starts with this byte.
fn is_start(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}

/// Where a part is next found at or behind a byte. An empty one is found before each character, and at the end.
fn next(work: &Work<'_>, text: Span, part: Span, from: usize) -> Option<usize> {
    crate::vtl::find(work.bytes(text), work.bytes(part), from)
}

/// Pays for looking for a part at every place of a text.
fn charge_search(work: &mut Work<'_>, text: Span, part: Span) -> Result<(), Fail> {
    work.charge((text.len as usize).saturating_mul(part.len as usize) / 64)
}

/// A negative number of times: every time.
fn replace(
    work: &mut Work<'_>,
    text: Span,
    from: Span,
    to: Span,
    times: i64,
) -> Result<Span, Fail> {
    charge_search(work, text, from)?;
    let start = work.space.start();
    let mut left = usize::try_from(times).unwrap_or(usize::MAX);
    let (mut copied, mut search) = (0, 0);
    while left > 0 {
        work.charge(1)?;
        let Some(at) = next(work, text, from, search) else {
            break;
        };
        work.put(text.slice(copied, at))?;
        work.put(to)?;
        copied = at + from.len as usize;
        search = match from.len {
            // Behind the next character.
            0 => at + step(work, text, at),
            _ => copied,
        };
        left -= 1;
    }
    work.put(text.slice(copied, text.len as usize))?;
    Ok(work.space.since(start))
}

/// Bytes of the character at a byte; one more than there are at the end.
fn step(work: &Work<'_>, text: Span, at: usize) -> usize {
    let behind = work.bytes(text).get(at + 1..).unwrap_or(&[]);
    1 + behind.iter().take_while(|byte| !is_start(**byte)).count()
}

/// At most so many parts, the last with what remains; a negative number: all of them. Nothing to split by parts
/// every character.
fn split(work: &mut Work<'_>, text: Span, by: Span, parts: i64) -> Found {
    charge_search(work, text, by)?;
    let height = work.space.height();
    let most = usize::try_from(parts).unwrap_or(usize::MAX);
    if most == 0 {
        return work.list(height);
    }
    let (mut from, mut made) = (0, 1);
    if by.len == 0 {
        while made < most && from < text.len as usize {
            let to = from + step(work, text, from);
            work.space.push(Cel::Text(text.slice(from, to)))?;
            (from, made) = (to, made + 1);
        }
        if from < text.len as usize {
            work.space
                .push(Cel::Text(text.slice(from, text.len as usize)))?;
        }
        return work.list(height);
    }
    while made < most
        && let Some(at) = next(work, text, by, from)
    {
        work.space.push(Cel::Text(text.slice(from, at)))?;
        (from, made) = (at + by.len as usize, made + 1);
    }
    work.space
        .push(Cel::Text(text.slice(from, text.len as usize)))?;
    work.list(height)
}

/// A text as a literal between double quotes.
fn quote(work: &mut Work<'_>, text: Span) -> Result<Span, Fail> {
    let start = work.space.start();
    work.space.write(b"\"")?;
    for at in 0..text.len as usize {
        let byte = text.slice(at, at + 1);
        let escape: &[u8] = match work.bytes(byte) {
            [0x7] => b"\\a",
            [0x8] => b"\\b",
            [0xc] => b"\\f",
            b"\n" => b"\\n",
            b"\r" => b"\\r",
            b"\t" => b"\\t",
            [0xb] => b"\\v",
            b"\\" => b"\\\\",
            b"\"" => b"\\\"",
            _ => b"",
        };
        match escape.is_empty() {
            true => work.put(byte)?,
            false => work.space.write(escape)?,
        }
    }
    work.space.write(b"\"")?;
    Ok(work.space.since(start))
}
