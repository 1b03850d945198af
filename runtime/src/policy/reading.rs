//! Reading of documents that were parsed: what a statement says, its shape checked, without a copy of its texts.

use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::judge::Kind;
use super::record::{Done, MAX_PARTS, Malformed};
use crate::json::{Heap, TextBuffer, double_text};
use crate::text::glob;
use crate::value::Value;

/// The members of an object, in their order.
pub(super) type Members<'h> = &'h [[Value; 2]];

/// A statement of a document.
pub(super) struct Statement<'h> {
    /// Its place among those of its set.
    pub(super) number: u32,
    /// Whether it denies.
    pub(super) deny: bool,
    /// Whether its document has policy variables.
    pub(super) variables: bool,
    /// Whether it speaks of the action of each program.
    pub(super) covers: [bool; 2],
    pub(super) who: Who<'h>,
    /// Patterns of ARNs.
    pub(super) resources: &'h [Value],
    /// Whether it speaks of all resources but those.
    pub(super) but: bool,
    /// Keys and values by operators.
    pub(super) condition: Members<'h>,
}

/// Whom a statement is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Who<'h> {
    Anyone,
    Nobody,
    Only(Principals<'h>),
    Except(Principals<'h>),
}

/// Principals that a statement names, but for everybody.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Principals<'h> {
    /// Names by kinds.
    kinds: Members<'h>,
    /// Whether some of them are accounts.
    pub(super) accounts: bool,
    /// Whether some of them are not.
    pub(super) others: bool,
}

/// How a statement names a principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name<'h> {
    Anyone,
    /// An account: its twelve digits.
    Account(&'h [u8]),
    /// An ARN or unique id.
    Own(&'h [u8]),
    /// A kind that is not `AWS`, and the name.
    Other(&'h [u8], &'h [u8]),
}

/// A document's statements, and whether it has policy variables. Older ones have none: their `${` is text.
pub(super) fn document_statements<'h>(
    heap: &'h Heap<'_>,
    document: Value,
) -> Done<(bool, &'h [Value])> {
    let (mut version, mut statements) = (None, None);
    for [name, value] in heap.pairs(document) {
        match bytes(heap, name)? {
            b"Version" => version = Some(value),
            b"Statement" => statements = Some(value),
            _ => {}
        }
    }
    let variables = match version {
        Some(Value::Text(version)) => heap.bytes(*version) == b"2012-10-17",
        _ => false,
    };
    match statements {
        Some(found @ (Value::List(_) | Value::Map(_))) => Ok((variables, list(heap, found)?)),
        _ => Err(Malformed),
    }
}

/// The items of a list, or the one value that stands in its place.
pub(super) fn list<'h>(heap: &'h Heap<'_>, value: &'h Value) -> Done<&'h [Value]> {
    let items = match value {
        Value::List(_) => heap.items(*value),
        one => core::slice::from_ref(one),
    };
    match items.len() {
        0..=MAX_PARTS => Ok(items),
        _ => Err(Malformed),
    }
}

/// The bytes of a value that must be a text.
pub(super) fn bytes<'h>(heap: &'h Heap<'_>, value: &Value) -> Done<&'h [u8]> {
    match value {
        Value::Text(text) => Ok(heap.bytes(*text)),
        _ => Err(Malformed),
    }
}

/// A value that must be a text.
pub(super) fn text<'h>(heap: &'h Heap<'_>, value: &Value) -> Done<&'h str> {
    core::str::from_utf8(bytes(heap, value)?).map_err(|_| Malformed)
}

/// Fills `texts` with the values of a condition: texts, numbers and truth values.
pub(super) fn scalars<'h>(
    heap: &'h Heap<'_>,
    value: &'h Value,
    texts: &mut Vec<Cow<'h, str>>,
) -> Done {
    let digits = |digits: TextBuffer| -> Done<Cow<'h, str>> {
        let digits = core::str::from_utf8(digits.as_bytes()).map_err(|_| Malformed)?;
        Ok(digits.to_string().into())
    };
    texts.clear();
    for value in list(heap, value)? {
        texts.push(match value {
            Value::Text(_) => text(heap, value)?.into(),
            Value::Big(digits) => text(heap, &Value::Text(*digits))?.into(),
            Value::Bool(true) => "true".into(),
            Value::Bool(false) => "false".into(),
            Value::Int(number) => digits(TextBuffer::int(*number))?,
            Value::Double(number) => digits(double_text(*number))?,
            _ => return Err(Malformed),
        });
    }
    Ok(())
}

impl<'h> Statement<'h> {
    /// Reads a statement, but for what stands in its condition and its resources. `actions`, in lower case, are
    /// those of the programs.
    pub(super) fn read(
        heap: &'h Heap<'_>,
        statement: Value,
        kind: Kind,
        actions: [&[u8]; 2],
    ) -> Done<Statement<'h>> {
        let (mut effect, mut condition) = (None, None);
        let (mut action, mut not_action) = (None, None);
        let (mut resource, mut not_resource) = (None, None);
        let (mut principal, mut not_principal) = (None, None);
        for [name, value] in heap.pairs(statement) {
            let member = match bytes(heap, name)? {
                b"Effect" => &mut effect,
                b"Action" => &mut action,
                b"NotAction" => &mut not_action,
                b"Resource" => &mut resource,
                b"NotResource" => &mut not_resource,
                b"Principal" => &mut principal,
                b"NotPrincipal" => &mut not_principal,
                b"Condition" => &mut condition,
                _ => continue,
            };
            *member = Some(value);
        }
        let deny = match bytes(heap, effect.ok_or(Malformed)?)? {
            b"Allow" => false,
            b"Deny" => true,
            _ => return Err(Malformed),
        };
        let (patterns, not) = either(action, not_action)?;
        let mut covers = [not; 2];
        for pattern in list(heap, patterns)? {
            let pattern = bytes(heap, pattern)?;
            for (covers, action) in covers.iter_mut().zip(actions) {
                if covered(pattern, action)? {
                    *covers = !not;
                }
            }
        }
        let (resources, but) = either(resource, not_resource)?;
        let resources = list(heap, resources)?;
        for resource in resources {
            bytes(heap, resource)?;
        }
        Ok(Statement {
            number: 0,
            deny,
            variables: false,
            covers,
            who: Who::read(heap, principal, not_principal, kind)?,
            resources,
            but,
            condition: match condition {
                None | Some(Value::Null) => &[],
                Some(map @ Value::Map(_)) => heap.pairs(*map),
                Some(_) => return Err(Malformed),
            },
        })
    }
}

/// The value of the one of two members that is there, and whether it is the second.
fn either<'h>(only: Option<&'h Value>, but: Option<&'h Value>) -> Done<(&'h Value, bool)> {
    match (only, but) {
        (Some(value), None) => Ok((value, false)),
        (None, Some(value)) => Ok((value, true)),
        _ => Err(Malformed),
    }
}

/// Whether a pattern, whatever its letter case, covers an action in lower case.
fn covered(pattern: &[u8], action: &[u8]) -> Done<bool> {
    if pattern.eq_ignore_ascii_case(action) {
        return Ok(true);
    }
    let literal = pattern.iter().position(|b| matches!(b, b'*' | b'?'));
    let Some((literal, wild)) = literal.and_then(|at| pattern.split_at_checked(at)) else {
        return Ok(false);
    };
    let Some((start, rest)) = action.split_at_checked(literal.len()) else {
        return Ok(false);
    };
    if !start.eq_ignore_ascii_case(literal) {
        return Ok(false);
    }
    match wild {
        b"*" => Ok(true),
        _ => glob::fits(&wild.to_ascii_lowercase(), &[rest], &mut 100_000).ok_or(Malformed),
    }
}

impl<'h> Who<'h> {
    /// Reads whom a statement is about. Policies of callers and of their organisation name nobody: what they say
    /// of principals is not read.
    fn read(
        heap: &'h Heap<'_>,
        only: Option<&'h Value>,
        except: Option<&'h Value>,
        kind: Kind,
    ) -> Done<Who<'h>> {
        let names_principals = matches!(
            kind,
            Kind::Resource | Kind::ResourceControl | Kind::Endpoint
        );
        if !names_principals {
            return Ok(Who::Anyone);
        }
        match (only, except) {
            (None, None) if kind == Kind::Resource => Ok(Who::Nobody),
            (None, None) => Ok(Who::Anyone),
            (Some(value), None) => Ok(match Principals::read(heap, value)? {
                None => Who::Anyone,
                Some(only) if only.accounts || only.others => Who::Only(only),
                Some(_) => Who::Nobody,
            }),
            (None, Some(value)) => {
                Ok(Principals::read(heap, value)?.map_or(Who::Nobody, Who::Except))
            }
            (Some(_), Some(_)) => Err(Malformed),
        }
    }
}

impl<'h> Principals<'h> {
    /// Reads principals; `None`: everybody is among them.
    fn read(heap: &'h Heap<'_>, value: &'h Value) -> Done<Option<Principals<'h>>> {
        let mut principals = Principals {
            kinds: match value {
                Value::Text(text) if heap.bytes(*text) == b"*" => return Ok(None),
                Value::Map(_) => heap.pairs(*value),
                _ => return Err(Malformed),
            },
            accounts: false,
            others: false,
        };
        let mut everybody = false;
        principals.each(heap, |name| match name {
            Name::Anyone => everybody = true,
            Name::Account(_) => principals.accounts = true,
            Name::Own(_) | Name::Other(..) => principals.others = true,
        })?;
        Ok((!everybody).then_some(principals))
    }

    /// Every name.
    pub(super) fn each(self, heap: &'h Heap<'_>, mut each: impl FnMut(Name<'h>)) -> Done {
        for [kind, values] in self.kinds {
            let kind = bytes(heap, kind)?;
            for name in list(heap, values)? {
                each(match (kind, bytes(heap, name)?) {
                    (b"AWS", b"*") => Name::Anyone,
                    // A pattern of names is none.
                    (b"AWS", name) if name.contains(&b'*') || name.contains(&b'?') => {
                        return Err(Malformed);
                    }
                    (b"AWS", name) => account(name).map_or(Name::Own(name), Name::Account),
                    (kind, name) => Name::Other(kind, name),
                });
            }
        }
        Ok(())
    }
}

/// The account that a principal stands for: twelve digits, or the ARN of its root.
fn account(name: &[u8]) -> Option<&[u8]> {
    let id = match name.strip_prefix(b"arn:") {
        Some(rest) => {
            let at = rest.iter().position(|b| *b == b':')?;
            let rest = rest.get(at..)?.strip_prefix(b":iam::")?;
            rest.strip_suffix(b":root")?
        }
        None => name,
    };
    (id.len() == 12 && id.iter().all(u8::is_ascii_digit)).then_some(id)
}
