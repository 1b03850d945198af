//! `"%s".format([…])`.

use core::fmt;

use super::super::code::Function;
use super::super::value::{Cel, Fail, Found, Run, Span, error, no_overload};
use super::super::work::Work;
use super::convert::exponent;
use super::time::{Lasting, Written};

/// The most digits behind a point.
const MOST_DIGITS: usize = 1000;
/// How many digits there are where nothing else is said.
const DIGITS: usize = 6;

/// `format` alone takes a text and a list.
pub(super) fn call(work: &mut Work<'_>, function: Function, pattern: Span, values: Run) -> Found {
    match function {
        Function::Format => format(work, pattern, values),
        _ => no_overload(),
    }
}

/// Each clause `%[.digits]letter` takes the next value; `%%` is a percent sign.
fn format(work: &mut Work<'_>, pattern: Span, values: Run) -> Found {
    let start = work.space.start();
    let mut taken = 0;
    let mut at = 0;
    loop {
        let rest = work.bytes(pattern).get(at..).unwrap_or(&[]);
        let Some(percent) = rest.iter().position(|byte| *byte == b'%') else {
            work.put(pattern.slice(at, pattern.len as usize))?;
            return Ok(Cel::Text(work.space.since(start)));
        };
        work.put(pattern.slice(at, at + percent))?;
        at += percent + 1;
        let clause = work.bytes(pattern).get(at..).unwrap_or(&[]);
        if clause.first() == Some(&b'%') {
            work.space.write(b"%")?;
            at += 1;
            continue;
        }
        let (digits, read) = precision(clause)?;
        let letter = clause.get(read).copied();
        at += read + 1;
        let Some(value) = work.cell(values, taken) else {
            return error("there are fewer values than clauses");
        };
        taken += 1;
        match letter {
            Some(b's') => plain(work, value)?,
            Some(b'd') => decimal(work, value)?,
            Some(letter @ (b'f' | b'e')) => {
                let Some(number) = number(value) else {
                    return no_overload();
                };
                let start = work.space.start();
                match not_finite(number) {
                    Some(word) => work.space.write(word.as_bytes())?,
                    None if letter == b'f' => work.print(format_args!("{number:.digits$}"))?,
                    None => {
                        work.print(format_args!("{number:.digits$e}"))?;
                        exponent(work, start)?;
                    }
                }
            }
            Some(b'b') => match value {
                Cel::Bool(value) => work.print(format_args!("{}", u8::from(value)))?,
                value => in_base(work, value, |n, f| fmt::Binary::fmt(&n, f))?,
            },
            Some(b'o') => in_base(work, value, |n, f| fmt::Octal::fmt(&n, f))?,
            Some(b'x') => hexadecimal(work, value, b"0123456789abcdef")?,
            Some(b'X') => hexadecimal(work, value, b"0123456789ABCDEF")?,
            _ => return error("a clause of the format is unknown"),
        }
    }
}

/// How many digits a clause asks for, and the bytes that say so.
fn precision(clause: &[u8]) -> Result<(usize, usize), Fail> {
    let Some(rest) = clause.strip_prefix(b".") else {
        return Ok((DIGITS, 0));
    };
    let mut digits = 0_usize;
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    for digit in rest.iter().take(count) {
        digits = digits
            .saturating_mul(10)
            .saturating_add(usize::from(digit - b'0'));
    }
    match count > 0 && digits <= MOST_DIGITS {
        true => Ok((digits, count + 1)),
        false => error("a clause of the format has no number of digits, or too large a one"),
    }
}

fn number(value: Cel) -> Option<f64> {
    match value {
        Cel::Int(value) => Some(value as f64),
        Cel::Uint(value) => Some(value as f64),
        Cel::Double(value) => Some(value),
        _ => None,
    }
}

fn not_finite(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value.is_infinite() {
        Some(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        None
    }
}

fn decimal(work: &mut Work<'_>, value: Cel) -> Result<(), Fail> {
    match value {
        Cel::Int(value) => work.print(format_args!("{value}")),
        Cel::Uint(value) => work.print(format_args!("{value}")),
        Cel::Double(value) => match not_finite(value) {
            Some(word) => work.space.write(word.as_bytes()),
            None => work.print(format_args!("{value}")),
        },
        _ => no_overload(),
    }
}

/// A whole number in another base, with a minus sign before its digits.
fn in_base(
    work: &mut Work<'_>,
    value: Cel,
    digits: fn(u64, &mut fmt::Formatter<'_>) -> fmt::Result,
) -> Result<(), Fail> {
    struct Digits(u64, fn(u64, &mut fmt::Formatter<'_>) -> fmt::Result);
    impl fmt::Display for Digits {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.1(self.0, f)
        }
    }
    match value {
        Cel::Int(value) => {
            let sign = if value < 0 { "-" } else { "" };
            work.print(format_args!(
                "{sign}{}",
                Digits(value.unsigned_abs(), digits)
            ))
        }
        Cel::Uint(value) => work.print(format_args!("{}", Digits(value, digits))),
        _ => no_overload(),
    }
}

fn hexadecimal(work: &mut Work<'_>, value: Cel, digits: &[u8; 16]) -> Result<(), Fail> {
    let (Cel::Text(span) | Cel::Claim(span) | Cel::Bytes(span)) = value else {
        return match digits.last() {
            Some(b'F') => in_base(work, value, |n, f| fmt::UpperHex::fmt(&n, f)),
            _ => in_base(work, value, |n, f| fmt::LowerHex::fmt(&n, f)),
        };
    };
    for at in 0..span.len as usize {
        let byte = work
            .bytes(span.slice(at, at + 1))
            .first()
            .copied()
            .unwrap_or(0);
        let digit = |half: u8| digits.get(usize::from(half)).copied().unwrap_or(b'?');
        work.space.write(&[digit(byte >> 4), digit(byte & 15)])?;
    }
    work.charge(span.len as usize / 8)
}

/// `%s`: a list in brackets, a map in braces by the order of its written keys.
fn plain(work: &mut Work<'_>, value: Cel) -> Result<(), Fail> {
    work.charge(1)?;
    match value {
        Cel::Null => work.space.write(b"null"),
        Cel::Bool(value) => work.print(format_args!("{value}")),
        Cel::Text(text) | Cel::Claim(text) | Cel::Type(text) => work.put(text),
        Cel::Bytes(bytes) => {
            let mut at = 0;
            while let Some(chunk) = work
                .bytes(bytes.slice(at, bytes.len as usize))
                .utf8_chunks()
                .next()
            {
                let (valid, invalid) = (chunk.valid().len(), chunk.invalid().len());
                work.put(bytes.slice(at, at + valid))?;
                if invalid > 0 {
                    work.space.write("\u{fffd}".as_bytes())?;
                }
                at += valid + invalid;
            }
            Ok(())
        }
        Cel::Time(seconds, nanos) => work.print(format_args!("{}", Written(seconds, nanos))),
        Cel::Duration(seconds, nanos) => work.print(format_args!("{}", Lasting(seconds, nanos))),
        Cel::List(items) => {
            work.space.write(b"[")?;
            for at in 0..items.len as usize {
                if at > 0 {
                    work.space.write(b", ")?;
                }
                let item = work.cell(items, at).unwrap_or(Cel::Null);
                plain(work, item)?;
            }
            work.space.write(b"]")
        }
        Cel::Map(_) | Cel::Request(_) | Cel::Folded(_) => entries(work, value),
        other => decimal(work, other),
    }
}

/// The entries of a map: each is written, and then all of them by their order.
fn entries(work: &mut Work<'_>, map: Cel) -> Result<(), Fail> {
    let Some(run) = map.entries() else {
        return no_overload();
    };
    // They are written where what is in the making goes on, and moved there.
    let start = work.space.start();
    let height = work.space.height();
    for at in (0..run.len as usize).step_by(2) {
        for part in [at, at + 1] {
            let from = work.space.start();
            let value = work.cell(run, part).unwrap_or(Cel::Null);
            plain(work, value)?;
            let written = work.space.since(from);
            work.space.push(Cel::Text(written))?;
        }
    }
    let pairs = work.space.settle(height);
    for at in (0..pairs.len as usize).step_by(2) {
        work.space.push(Cel::Int(at as i64))?;
    }
    work.sort(height, |view, left, right| {
        let text = |place: Cel, part: usize| match place {
            Cel::Int(at) => match view.cells(pairs).get(at as usize + part) {
                Some(Cel::Text(span)) => view.bytes(*span),
                _ => &[],
            },
            _ => &[],
        };
        (text(left, 0), text(left, 1)).cmp(&(text(right, 0), text(right, 1)))
    });
    let count = work.space.height() - height;
    work.charge(count.saturating_mul(count.checked_ilog2().unwrap_or(0) as usize + 1))?;
    let from = work.space.start();
    work.space.write(b"{")?;
    for n in 0..count {
        if n > 0 {
            work.space.write(b", ")?;
        }
        let Some(Cel::Int(at)) = work.space.pushed(height).get(n).copied() else {
            continue;
        };
        for (part, between) in [(0, b": ".as_slice()), (1, b"")] {
            if let Some(Cel::Text(span)) = work.cell(pairs, at as usize + part) {
                work.put(span)?;
            }
            work.space.write(between)?;
        }
    }
    work.space.write(b"}")?;
    work.space.lower(height);
    work.space.close(start, from);
    Ok(())
}
