//! Code as people read it.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;

use super::code::{Cursor, FIELDS, FUNCTIONS, Family, Field, Function, MACROS, Macro, Node};
use super::functions::time::{Lasting, Written, ns};
use super::value::Span;
use super::view::View;

/// An expression as CEL, and what it reads of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The expression. Local variables are `v0`, `v1`, … from outside in; a pattern or a time zone is the number of its
    /// bytes. `…` stands for code that makes no sense.
    pub text: String,
    /// Fields, and members of fields that are maps, as an expression would name them.
    pub reads: BTreeSet<String>,
}

/// Prints code. O(code).
#[must_use]
pub fn listing(code: &[u8]) -> Listing {
    let mut printer = Printer {
        code,
        reads: BTreeSet::new(),
        depth: 0,
    };
    let text = printer.value(&mut Cursor { code, at: 0 }, 0);
    Listing {
        text: text.unwrap_or_else(|| "…".to_owned()),
        reads: printer.reads,
    }
}

/// How deep code is printed.
const DEEPEST: u32 = 200;

struct Printer<'c> {
    code: &'c [u8],
    reads: BTreeSet<String>,
    depth: u32,
}

impl Printer<'_> {
    /// An expression in `locals` variables.
    fn value(&mut self, at: &mut Cursor<'_>, locals: usize) -> Option<String> {
        if self.depth == DEEPEST {
            return None;
        }
        self.depth += 1;
        let text = self.node(at, locals);
        self.depth -= 1;
        text
    }

    /// A part behind its length. What makes no sense in it does not hide what follows.
    fn part(&mut self, at: &mut Cursor<'_>, locals: usize) -> Option<String> {
        let text = self.value(&mut at.part()?, locals);
        Some(text.unwrap_or_else(|| "…".to_owned()))
    }

    fn bytes(&self, at: &mut Cursor<'_>) -> Option<Vec<u8>> {
        let (from, to) = at.run()?;
        Some(self.code.get(from..to)?.to_vec())
    }

    fn text(&self, at: &mut Cursor<'_>) -> Option<String> {
        Some(format!("{:?}", String::from_utf8_lossy(&self.bytes(at)?)))
    }

    fn all(&mut self, at: &mut Cursor<'_>, locals: usize) -> Option<Vec<String>> {
        let count = at.count()?;
        (0..count).map(|_| self.part(at, locals)).collect()
    }

    fn node(&mut self, at: &mut Cursor<'_>, locals: usize) -> Option<String> {
        Some(match at.node()? {
            Node::Null => "null".to_owned(),
            Node::False => "false".to_owned(),
            Node::True => "true".to_owned(),
            Node::Int => i64::from_le_bytes(at.array()?).to_string(),
            Node::Uint => format!("{}u", u64::from_le_bytes(at.array()?)),
            Node::Double => format!("{:?}", f64::from_le_bytes(at.array()?)),
            Node::Text => self.text(at)?,
            Node::Bytes => format!("b{}", self.text(at)?),
            Node::Type => String::from_utf8_lossy(&self.bytes(at)?).into_owned(),
            kind @ (Node::Time | Node::Duration) => {
                let seconds = i64::from_le_bytes(at.array()?);
                let nanos = u32::from_le_bytes(at.array()?);
                match kind {
                    // Beyond the calendar no date is printed.
                    Node::Time if seconds.unsigned_abs() < 1 << 40 => {
                        format!("timestamp(\"{}\")", Written(seconds, nanos))
                    }
                    Node::Time => format!("timestamp({})", ns(seconds, nanos)),
                    _ => format!("duration(\"{}\")", Lasting(seconds, nanos)),
                }
            }
            kind @ (Node::Ip | Node::Cidr) => {
                let (from, to) = at.run()?;
                let view = View {
                    code: self.code,
                    text: &[],
                    cells: &[],
                };
                let span = Span {
                    code: true,
                    at: from as u32,
                    len: (to - from) as u32,
                };
                match kind {
                    Node::Ip => format!("ip(\"{}\")", view.address(span)?),
                    _ => {
                        let (address, prefix) = view.network(span)?;
                        format!("cidr(\"{address}/{prefix}\")")
                    }
                }
            }
            Node::List => {
                let count = at.count()?;
                let items: Option<Vec<String>> =
                    (0..count).map(|_| self.value(at, locals)).collect();
                format!("[{}]", items?.join(", "))
            }
            Node::Map => {
                let mut entries = Vec::new();
                for _ in 0..at.count()? {
                    let key = self.value(at, locals)?;
                    entries.push(format!("{key}: {}", self.value(at, locals)?));
                }
                format!("{{{}}}", entries.join(", "))
            }
            Node::Maybe => format!("?{}", self.value(at, locals)?),
            Node::Field => {
                let name = field(at)?.1;
                self.reads.insert(name.to_owned());
                name.to_owned()
            }
            Node::Member => {
                let name = field(at)?.1;
                let is_known = matches!(at.clone().node(), Some(Node::Text));
                let key = self.value(at, locals)?;
                let member = format!("{name}[{key}]");
                self.reads.insert(match is_known {
                    true => member.clone(),
                    false => name.to_owned(),
                });
                member
            }
            Node::Local => format!("v{}", at.byte()?),
            Node::Access => {
                let operand = self.value(at, locals)?;
                format!("{operand}[{}]", self.value(at, locals)?)
            }
            Node::Has => {
                let operand = self.value(at, locals)?;
                format!("has({operand}[{}])", self.text(at)?)
            }
            Node::And => format!("({})", self.all(at, locals)?.join(" && ")),
            Node::Or => format!("({})", self.all(at, locals)?.join(" || ")),
            Node::Choice => {
                let condition = self.value(at, locals)?;
                let then = self.part(at, locals)?;
                format!("({condition} ? {then} : {})", self.part(at, locals)?)
            }
            kind @ (Node::Otherwise | Node::OrValue) => {
                let optional = self.value(at, locals)?;
                let name = if kind == Node::OrValue {
                    "orValue"
                } else {
                    "or"
                };
                format!("{optional}.{name}({})", self.part(at, locals)?)
            }
            Node::Within => {
                let address = self.value(at, locals)?;
                let count = at.count()?;
                let ranges: Option<Vec<String>> =
                    (0..count).map(|_| self.value(at, locals)).collect();
                format!("{address} in cidr({})", ranges?.join(", "))
            }
            Node::Call => {
                let (_, name) = *FUNCTIONS.get(usize::from(at.byte()?))?;
                called(name, &self.all(at, locals)?)
            }
            Node::Walk => {
                let (which, name) = *MACROS.get(usize::from(at.byte()?))?;
                let flags = at.byte()?;
                let range = self.value(at, locals)?;
                let names = if flags & 1 != 0 { 2 } else { 1 };
                let mut text = format!("{range}.{}(v{locals}", renamed(which, name, flags));
                for local in locals + 1..locals + names {
                    let _ = write!(text, ", v{local}");
                }
                for _ in 0..1 + (flags >> 1 & 1) {
                    let part = self.part(at, locals + names)?;
                    let _ = write!(text, ", {part}");
                }
                text + ")"
            }
            Node::Let => {
                let value = self.part(at, locals)?;
                let body = self.part(at, locals + 1)?;
                format!("cel.bind(v{locals}, {value}, {body})")
            }
            Node::Matches => {
                let text = self.value(at, locals)?;
                format!(
                    "{text}.matches(automaton of {} bytes)",
                    self.bytes(at)?.len()
                )
            }
            Node::Clock => {
                let (_, name) = *FUNCTIONS.get(usize::from(at.byte()?))?;
                let moment = self.value(at, locals)?;
                format!("{moment}.{name}(zone of {} bytes)", self.bytes(at)?.len())
            }
            Node::Error => "error".to_owned(),
        })
    }
}

fn field(at: &mut Cursor<'_>) -> Option<(Field, &'static str)> {
    FIELDS.get(usize::from(at.byte()?)).copied()
}

/// `map` of two names has a name of its own.
fn renamed(which: Macro, name: &'static str, flags: u8) -> &'static str {
    match which {
        Macro::Map if flags & 1 != 0 => "transformList",
        _ => name,
    }
}

fn called(name: &str, operands: &[String]) -> String {
    let is_word = |name: &str| name.starts_with(|c: char| c.is_ascii_alphabetic());
    match (name, operands) {
        ("?." | "?[]", [operand, key]) => format!("{operand}[?{key}]"),
        ("!" | "-", [operand]) => format!("{name}{operand}"),
        (name, [left, right]) if name == "in" || !is_word(name) => {
            format!("({left} {name} {right})")
        }
        (name, operands) if name.contains('.') || is_global(name) => {
            format!("{name}({})", operands.join(", "))
        }
        (name, [receiver, rest @ ..]) => format!("{receiver}.{name}({})", rest.join(", ")),
        (name, []) => format!("{name}()"),
    }
}

/// Whether a function is written without a receiver.
fn is_global(name: &str) -> bool {
    use Function::{Cidr, Dyn, Ip, IsCidr, IsIp, Size};
    Function::named(name).is_some_and(|function| {
        matches!(function.family(), Family::Convert | Family::Time)
            || matches!(function, Dyn | Size | Ip | Cidr | IsIp | IsCidr)
    })
}
