//! Printing a node as JSON.

use super::{Kind, Node, yaml};

/// A piece of a text that takes a node's place, see [`json`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part<H> {
    /// Text as it stands.
    Literal(String),
    /// What is filled in later.
    Hole(H),
}

/// Gives a text for a value, or leaves it: see [`json`].
pub type Replace<'r, 'd, H> = dyn FnMut(&[&'d str], Node<'d>) -> Option<Vec<Part<H>>> + 'r;

/// Prints a node as JSON with two blanks per level; a container that fits in 100 characters
/// stands on one line.
///
/// Numbers keep their text where JSON can say it (`1.0` stays `1.0`), and become JSON's form
/// of the same number otherwise (`0x1F`, `1_000`, `.5`). Duplicate keys stay. `replace` sees
/// each value with the keys below `node` that lead to it, and may give a text for it: the value is that text
/// then, in quotes, whatever it was. Holes are not quoted or escaped. O(nodes).
pub fn json<'d, H>(node: Node<'d>, replace: &mut Replace<'_, 'd, H>) -> Vec<Part<H>> {
    let mut printer = Printer {
        out: String::new(),
        holes: Vec::new(),
        replace,
        keys: Vec::new(),
    };
    printer.value(node, 0);
    let mut parts = Vec::new();
    let mut rest = printer.out;
    // From the back, so that each cut leaves the head.
    for (at, hole) in printer.holes.into_iter().rev() {
        let tail = rest.split_off(at);
        if !tail.is_empty() {
            parts.push(Part::Literal(tail));
        }
        parts.push(Part::Hole(hole));
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest));
    }
    parts.reverse();
    parts
}

const WIDTH: usize = 100;

struct Printer<'p, 'r, 'd, H> {
    out: String,
    /// Where in `out` a hole stands.
    holes: Vec<(usize, H)>,
    /// The keys that lead here.
    keys: Vec<&'d str>,
    replace: &'p mut Replace<'r, 'd, H>,
}

impl<'d, H> Printer<'_, '_, 'd, H> {
    fn value(&mut self, node: Node<'d>, indent: usize) {
        if let Some(parts) = (self.replace)(&self.keys, node) {
            self.out.push('"');
            for part in parts {
                match part {
                    Part::Literal(text) => escape(&mut self.out, &text),
                    Part::Hole(hole) => self.holes.push((self.out.len(), hole)),
                }
            }
            self.out.push('"');
            return;
        }
        match node.kind() {
            Kind::Null => self.out.push_str("null"),
            Kind::Bool => self
                .out
                .push_str(if yaml::as_bool(node.text()) == Some(true) {
                    "true"
                } else {
                    "false"
                }),
            Kind::Number => self.out.push_str(&number(node.text())),
            Kind::String => string(&mut self.out, node.text()),
            Kind::Sequence => self.list(node, indent),
            Kind::Mapping => self.mapping(node, indent),
        }
    }

    /// Prints, and takes back what does not fit behind what stands on this line.
    fn on_one_line(&mut self, print: impl FnOnce(&mut Self)) -> bool {
        let (before, holes) = (self.out.len(), self.holes.len());
        let line = before - self.out.rfind('\n').map_or(0, |at| at + 1);
        print(self);
        let fits = !self.out[before..].contains('\n') && line + self.out.len() - before <= WIDTH;
        if !fits {
            self.out.truncate(before);
            self.holes.truncate(holes);
        }
        fits
    }

    fn list(&mut self, node: Node<'d>, indent: usize) {
        if node.is_empty() {
            return self.out.push_str("[]");
        }
        let short = fits_roughly(node)
            && self.on_one_line(|this| {
                this.out.push('[');
                for (count, element) in node.elements().enumerate() {
                    if count > 0 {
                        this.out.push_str(", ");
                    }
                    this.value(element, indent);
                }
                this.out.push(']');
            });
        if short {
            return;
        }
        self.out.push('[');
        for (count, element) in node.elements().enumerate() {
            self.line(count, indent + 1);
            self.value(element, indent + 1);
        }
        self.newline(indent);
        self.out.push(']');
    }

    fn mapping(&mut self, node: Node<'d>, indent: usize) {
        if node.is_empty() {
            return self.out.push_str("{}");
        }
        let short = fits_roughly(node)
            && self.on_one_line(|this| {
                this.out.push_str("{ ");
                for (count, (key, value)) in node.members().enumerate() {
                    if count > 0 {
                        this.out.push_str(", ");
                    }
                    this.member(key, value, indent);
                }
                this.out.push_str(" }");
            });
        if short {
            return;
        }
        self.out.push('{');
        for (count, (key, value)) in node.members().enumerate() {
            self.line(count, indent + 1);
            self.member(key, value, indent + 1);
        }
        self.newline(indent);
        self.out.push('}');
    }

    fn member(&mut self, key: Node<'d>, value: Node<'d>, indent: usize) {
        string(&mut self.out, key.text());
        self.out.push_str(": ");
        self.keys.push(key.text());
        self.value(value, indent);
        self.keys.pop();
    }

    fn line(&mut self, count: usize, indent: usize) {
        if count > 0 {
            self.out.push(',');
        }
        self.newline(indent);
    }

    fn newline(&mut self, indent: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n("  ", indent));
    }
}

/// Whether it is worth trying to print a container on one line: few members, and nothing
/// below them but scalars and lists of scalars.
fn fits_roughly(node: Node<'_>) -> bool {
    let flat = |node: Node<'_>| node.len() <= 12 && node.elements().all(is_scalar);
    node.len() <= 12
        && node.elements().all(is_scalar)
        && node
            .members()
            .all(|(_, value)| is_scalar(value) || value.kind() == Kind::Sequence && flat(value))
}

fn is_scalar(node: Node<'_>) -> bool {
    !matches!(node.kind(), Kind::Mapping | Kind::Sequence)
}

fn string(out: &mut String, text: &str) {
    out.push('"');
    escape(out, text);
    out.push('"');
}

fn escape(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest
        .bytes()
        .position(|byte| byte < 0x20 || byte == b'"' || byte == b'\\')
    {
        let (plain, from) = rest.split_at(at);
        out.push_str(plain);
        match from.as_bytes().first() {
            Some(b'\n') => out.push_str("\\n"),
            Some(b'\r') => out.push_str("\\r"),
            Some(b'\t') => out.push_str("\\t"),
            Some(b'\x08') => out.push_str("\\b"),
            Some(b'\x0c') => out.push_str("\\f"),
            Some(byte) if *byte < 0x20 => out.push_str(&format!("\\u{byte:04x}")),
            Some(byte) => out.extend(['\\', char::from(*byte)]),
            None => {}
        }
        rest = from.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
}

/// A number as JSON writes it; as text in quotes, if JSON has no such number.
fn number(text: &str) -> String {
    if is_json_number(text) {
        return text.to_owned();
    }
    let plain = text.replace('_', "");
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", plain.strip_prefix('+').unwrap_or(&plain)),
    };
    let radix = |prefix: &str, radix| {
        digits
            .strip_prefix(prefix)
            .and_then(|rest| u64::from_str_radix(rest, radix).ok())
    };
    // YAML 1.1 reads a leading zero as octal.
    let octal = || {
        (digits.len() > 1 && digits.bytes().all(|byte| (b'0'..b'8').contains(&byte)))
            .then(|| radix("0", 8))
            .flatten()
    };
    if let Some(value) = radix("0x", 16).or_else(|| radix("0b", 2)).or_else(octal) {
        return format!("{sign}{value}");
    }
    match plain.parse::<f64>() {
        Ok(value) if value.is_finite() => {
            let printed = format!("{value}");
            if is_json_number(&printed) {
                printed
            } else {
                quoted(text)
            }
        }
        _ => quoted(text),
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    string(&mut out, text);
    out
}

fn is_json_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent
            .is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}
