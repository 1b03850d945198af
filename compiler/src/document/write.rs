//! Printing a node as JSON.

use super::{Kind, Node, yaml};

/// Prints a node as JSON with two blanks per level; a container that fits in 100 characters
/// stands on one line.
///
/// Numbers keep their text where JSON can say it (`1.0` stays `1.0`), and become JSON's form
/// of the same number otherwise (`0x1F`, `1_000`, `.5`). Duplicate keys stay. `rewrite` sees
/// each string value with the key it stands under and may give another text for it.
pub fn json(node: Node<'_>, rewrite: &dyn Fn(&str, &str) -> Option<String>) -> String {
    let mut printer = Printer {
        out: String::new(),
        rewrite,
    };
    printer.value("", node, 0);
    printer.out
}

const WIDTH: usize = 100;

struct Printer<'r> {
    out: String,
    rewrite: &'r dyn Fn(&str, &str) -> Option<String>,
}

impl Printer<'_> {
    fn value(&mut self, key: &str, node: Node<'_>, indent: usize) {
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
            Kind::String => match (self.rewrite)(key, node.text()) {
                Some(text) => string(&mut self.out, &text),
                None => string(&mut self.out, node.text()),
            },
            Kind::Sequence => self.list(node, indent),
            Kind::Mapping => self.mapping(node, indent),
        }
    }

    /// Whether `print` fits behind what stands on this line; prints it if it does.
    fn on_one_line(&mut self, print: impl FnOnce(&mut Self)) -> bool {
        let before = self.out.len();
        let line = before - self.out.rfind('\n').map_or(0, |at| at + 1);
        print(self);
        let fits = !self.out[before..].contains('\n') && line + self.out.len() - before <= WIDTH;
        if !fits {
            self.out.truncate(before);
        }
        fits
    }

    fn list(&mut self, node: Node<'_>, indent: usize) {
        if node.is_empty() {
            return self.out.push_str("[]");
        }
        let flat = node.elements().all(|element| is_scalar(element));
        if flat
            && self.on_one_line(|this| {
                this.out.push('[');
                for (count, element) in node.elements().enumerate() {
                    if count > 0 {
                        this.out.push_str(", ");
                    }
                    this.value("", element, indent);
                }
                this.out.push(']');
            })
        {
            return;
        }
        self.out.push('[');
        for (count, element) in node.elements().enumerate() {
            self.line(count, indent + 1);
            self.value("", element, indent + 1);
        }
        self.newline(indent);
        self.out.push(']');
    }

    fn mapping(&mut self, node: Node<'_>, indent: usize) {
        if node.is_empty() {
            return self.out.push_str("{}");
        }
        let flat = node.members().all(|(_, value)| {
            is_scalar(value) || value.kind() == Kind::Sequence && value.elements().all(is_scalar)
        });
        if flat
            && self.on_one_line(|this| {
                this.out.push_str("{ ");
                for (count, (key, value)) in node.members().enumerate() {
                    if count > 0 {
                        this.out.push_str(", ");
                    }
                    this.member(key, value, indent);
                }
                this.out.push_str(" }");
            })
        {
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

    fn member(&mut self, key: Node<'_>, value: Node<'_>, indent: usize) {
        string(&mut self.out, key.text());
        self.out.push_str(": ");
        self.value(key.text(), value, indent);
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

fn is_scalar(node: Node<'_>) -> bool {
    !matches!(node.kind(), Kind::Mapping | Kind::Sequence)
}

fn string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            control if (control as u32) < 0x20 => {
                out.push_str(&format!("\\u{:04x}", control as u32))
            }
            other => out.push(other),
        }
    }
    out.push('"');
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
