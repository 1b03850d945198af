//! Policies that arrive at request time, compiled into the encoding of the bundle's.
//!
//! The result is a *record*: an image of its own with the policy's program, the caller's principal, context and
//! usage key. The host keeps it and lends it again as [`World::identity`](crate::World::identity).

use alloc::vec::Vec;

use super::values::{Key, Piece, Ranges, is_principal_key, moment, pieces};
use crate::bundle::records::{Item, Variable as Member};
use crate::bundle::wire::{Blob, Field, Label, Range, Str};
use crate::bundle::{SECTIONS, Section};
use crate::isa::{Absent, Comparison, Manner, Op};
use crate::json::Heap;
use crate::machine::Variable;
use crate::text::glob;
use crate::value::{Text, Value};

/// Bytes that a record may have.
const MAX_RECORD: usize = 256 * 1024;
/// Statements, clauses and values that one policy may have.
const MAX_PARTS: usize = 8192;

/// Why there is no record: the answer is not of the allowed shape, or too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

type Done<T = ()> = Result<T, Malformed>;

/// The parts of ARNs that a policy's resources are compared with.
pub(crate) struct Place<'p> {
    pub(crate) partition: &'p [u8],
    pub(crate) region: &'p [u8],
    pub(crate) account: &'p [u8],
}

/// A record in the making.
#[derive(Default)]
pub(crate) struct Record {
    strings: Vec<u8>,
    code: Vec<u8>,
    tables: Vec<u8>,
    members: Vec<u8>,
    lists: Vec<u8>,
    parts: usize,
    /// Whether the document in hand has policy variables.
    variables: bool,
}

impl Record {
    /// Sets principal and usage key.
    pub(crate) fn caller(&mut self, principal: &[u8], usage_key: &[u8]) {
        for text in [principal, usage_key] {
            let text = self.text(text);
            Item { text }.put(&mut self.lists);
        }
    }

    /// Adds a member of the caller's context.
    pub(crate) fn member(&mut self, name: &[u8], value: &[u8]) -> Done {
        self.part()?;
        let (name, value) = (self.text(name), self.text(value));
        Member { name, value }.put(&mut self.members);
        Ok(())
    }

    /// Adds policies: what they say of calls, and behind it of passing the cache by.
    pub(crate) fn policies(
        &mut self,
        heap: &mut Heap<'_>,
        documents: &[Value],
        place: &Place<'_>,
    ) -> Done {
        self.program(heap, documents, place, b"execute-api:invoke")?;
        self.op(Op::End {});
        let at = (self.code.len() as u32).to_le_bytes();
        let text = self.text(&at);
        Item { text }.put(&mut self.lists);
        self.program(heap, documents, place, b"execute-api:invalidatecache")
    }

    /// What policies say of an action. All denials come before all allowances, whatever their order in the
    /// documents.
    fn program(
        &mut self,
        heap: &mut Heap<'_>,
        documents: &[Value],
        place: &Place<'_>,
        action: &[u8],
    ) -> Done {
        for denial in [true, false] {
            let mut number = 0;
            for document in documents {
                let Value::Map(_) = document else {
                    return Err(Malformed);
                };
                // Older documents have no variables: their `${` is text.
                self.variables = match get(heap, *document, "Version") {
                    Some(Value::Text(text)) => heap.bytes(text) == b"2012-10-17",
                    _ => false,
                };
                let statements = match get(heap, *document, "Statement") {
                    Some(list @ Value::List(_)) => items(heap, list)?,
                    Some(one @ Value::Map(_)) => Vec::from([one]),
                    _ => return Err(Malformed),
                };
                for statement in statements {
                    self.part()?;
                    let deny = match get(heap, statement, "Effect") {
                        Some(Value::Text(text)) => match heap.bytes(text) {
                            b"Allow" => false,
                            b"Deny" => true,
                            _ => return Err(Malformed),
                        },
                        _ => return Err(Malformed),
                    };
                    if deny == denial {
                        let effect = (deny, number);
                        self.statement(heap, statement, effect, place, action)?;
                    }
                    number += 1;
                }
            }
        }
        Ok(())
    }

    /// The finished record.
    pub(crate) fn finish(mut self) -> Done<Vec<u8>> {
        Op::End {}.encode(&mut self.code);
        let sections = [
            (Section::Strings, &self.strings),
            (Section::Code, &self.code),
            (Section::Tables, &self.tables),
            (Section::Variables, &self.members),
            (Section::Lists, &self.lists),
        ];
        let mut out = Vec::new();
        let mut at = SECTIONS.len() * Range::SIZE;
        for (section, ..) in SECTIONS {
            let found = sections.iter().find(|(s, _)| s == section);
            let len = found.map_or(0, |(_, bytes)| bytes.len());
            Range {
                off: at as u32,
                len: len as u32,
            }
            .put(&mut out);
            at += len;
        }
        if at > MAX_RECORD {
            return Err(Malformed);
        }
        // The sections are listed in the order of the table.
        for (section, ..) in SECTIONS {
            if let Some((_, bytes)) = sections.iter().find(|(s, _)| s == section) {
                out.extend_from_slice(bytes);
            }
        }
        Ok(out)
    }

    fn part(&mut self) -> Done {
        self.parts += 1;
        if self.parts > MAX_PARTS || self.strings.len() > MAX_RECORD {
            Err(Malformed)
        } else {
            Ok(())
        }
    }

    fn text(&mut self, bytes: &[u8]) -> Str {
        let text = Str {
            off: self.strings.len() as u32,
            len: bytes.len() as u32,
        };
        self.strings.extend_from_slice(bytes);
        text
    }

    fn table(&mut self, bytes: &[u8]) -> Blob {
        let table = Blob {
            off: self.tables.len() as u32,
            len: bytes.len() as u32,
        };
        self.tables.extend_from_slice(bytes);
        table
    }

    fn texts(&mut self, mut texts: Vec<Vec<u8>>) -> Blob {
        texts.sort_unstable();
        texts.dedup();
        let mut entries = Vec::new();
        for text in texts {
            self.text(&text).put(&mut entries);
        }
        self.table(&entries)
    }

    fn op(&mut self, op: Op) {
        op.encode(&mut self.code);
    }

    fn statement(
        &mut self,
        heap: &mut Heap<'_>,
        statement: Value,
        (deny, number): (bool, u32),
        place: &Place<'_>,
        wanted: &[u8],
    ) -> Done {
        let actions = either(heap, statement, "Action", "NotAction")?;
        let covered = actions.0.iter().any(|action| {
            let action = action.to_ascii_lowercase();
            glob::fits(&action, &[wanted], &mut 100_000) == Some(true)
        });
        let resources = either(heap, statement, "Resource", "NotResource")?;
        if covered == actions.1 {
            return Ok(());
        }
        self.resources(&resources.0, place)?;
        if resources.1 {
            self.op(Op::Not {});
        }
        let condition = get(heap, statement, "Condition");
        let mut holes = Vec::new();
        match condition {
            None | Some(Value::Null) => {}
            Some(map @ Value::Map(_)) => self.conditions(heap, map, &mut holes)?,
            Some(_) => return Err(Malformed),
        }
        let end = (self.code.len() as u32).to_le_bytes();
        for at in holes {
            if let Some(to) = self.code.get_mut(at..at + 4) {
                to.copy_from_slice(&end);
            }
        }
        self.op(if deny {
            Op::Deny { statement: number }
        } else {
            Op::Allow { statement: number }
        });
        Ok(())
    }

    /// Pushes whether the request's ARN fits one of the resources.
    fn resources(&mut self, resources: &[Vec<u8>], place: &Place<'_>) -> Done {
        let (mut globs, mut patterns) = (Vec::new(), Vec::new());
        for resource in resources {
            self.part()?;
            let text = core::str::from_utf8(resource).map_err(|_| Malformed)?;
            if self.variables && early_variable(text) {
                // IAM takes none there; an allowance does not hold, a denial does.
                self.op(Op::Push { truth: 2 });
                return Ok(());
            }
            if let Some(glob) = within(text, place) {
                if self.variables && glob.contains("${") {
                    patterns.push(glob);
                } else {
                    globs.push(glob.as_bytes().to_vec());
                }
            }
        }
        let globs = self.texts(globs);
        self.op(Op::ArnLike { globs });
        for pattern in patterns {
            self.pattern(pattern, Manner::Like);
            self.op(Op::ArnFits {});
            self.op(Op::Or {});
        }
        Ok(())
    }

    /// Builds the pattern that a text with variables stands for.
    fn pattern(&mut self, text: &str, manner: Manner) {
        self.op(Op::OutBegin {});
        match pieces(text) {
            Some(pieces) => {
                for piece in pieces {
                    match piece {
                        Piece::Text(text) => {
                            let text = self.text(text.as_bytes());
                            self.op(Op::OutText { text });
                        }
                        Piece::Escaped(text) => {
                            let text = self.text(text.as_bytes());
                            self.op(Op::LoadText { text });
                            self.op(Op::OutLiteral { manner });
                        }
                        Piece::Variable { key, default } => self.variable(key, default, manner),
                    }
                }
            }
            // It fits nothing.
            None => self.missing(manner),
        }
        self.op(Op::OutPattern {});
    }

    fn variable(&mut self, key: &str, default: Option<&str>, manner: Manner) {
        if !self.key(key) {
            match default {
                Some(default) => {
                    let text = self.text(default.as_bytes());
                    self.op(Op::LoadText { text });
                }
                None => return self.missing(manner),
            }
        } else if let Some(default) = default {
            let text = self.text(default.as_bytes());
            self.op(Op::LoadDefault { text });
        }
        self.op(Op::OutLiteral { manner });
    }

    /// Breaks the pattern.
    fn missing(&mut self, manner: Manner) {
        let name = self.text(b"");
        self.op(Op::LoadPrincipal { name });
        self.op(Op::OutLiteral { manner });
    }

    /// Loads the value of a condition key; `false`: nobody has it.
    fn key(&mut self, name: &str) -> bool {
        if is_principal_key(name) {
            let name = self.text(name.as_bytes());
            self.op(Op::LoadPrincipal { name });
            return true;
        }
        match Key::named(name) {
            Some(key) => {
                self.load(key);
                true
            }
            None => false,
        }
    }

    /// All operators and keys must hold.
    fn conditions(&mut self, heap: &mut Heap<'_>, map: Value, holes: &mut Vec<usize>) -> Done {
        let mut at = 0;
        while let Some((Value::Text(operator), keys)) = heap.pair(map, at) {
            at += 1;
            let operator = core::str::from_utf8(heap.bytes(operator)).map_err(|_| Malformed)?;
            let operator = Operator::named(operator).ok_or(Malformed)?;
            let Value::Map(_) = keys else {
                return Err(Malformed);
            };
            let mut key_at = 0;
            while let Some((Value::Text(key), values)) = heap.pair(keys, key_at) {
                key_at += 1;
                self.part()?;
                let key = core::str::from_utf8(heap.bytes(key)).map_err(|_| Malformed)?;
                let key: Vec<u8> = key.as_bytes().to_vec();
                let key = core::str::from_utf8(&key).map_err(|_| Malformed)?;
                let values = texts(heap, values)?;
                self.op(Op::JumpFalse { to: Label(0) });
                holes.push(self.code.len() - 4);
                self.clause(operator, key, &values)?;
                self.op(Op::And {});
            }
        }
        Ok(())
    }

    fn clause(&mut self, operator: Operator, key: &str, values: &[Vec<u8>]) -> Done {
        let values: Option<Vec<&str>> = values
            .iter()
            .map(|v| core::str::from_utf8(v).ok())
            .collect();
        let values = values.ok_or(Malformed)?;
        let absent = operator.absent();
        if operator.test == Test::Null {
            let listed = |word: &str| values.iter().any(|v| v.eq_ignore_ascii_case(word));
            let (missing, present) = (listed("true"), listed("false"));
            match (missing, present) {
                (true, true) => self.op(Op::Push { truth: 1 }),
                (false, false) => self.op(Op::Push { truth: 0 }),
                _ => {
                    if self.key(key) {
                        self.op(Op::Missing {});
                    } else {
                        self.op(Op::Push { truth: 1 });
                    }
                    if present {
                        self.op(Op::Not {});
                    }
                }
            }
            return Ok(());
        }
        let (fixed, varying): (Vec<&str>, Vec<&str>) = values.iter().copied().partition(|v| {
            !(self.variables && operator.test.takes_variables() && v.contains("${"))
        });
        let mut pushed = false;
        if !fixed.is_empty() || varying.is_empty() {
            self.test(operator.test, key, &fixed, absent);
            pushed = true;
        }
        for text in varying {
            let manner = operator.test.manner();
            self.pattern(text, manner);
            if self.key(key) {
                self.op(Op::Fits { manner, absent });
            } else {
                self.op(Op::Push {
                    truth: absent as u8,
                });
            }
            if pushed {
                self.op(Op::Or {});
            }
            pushed = true;
        }
        if operator.negated {
            self.op(Op::Not {});
        }
        Ok(())
    }

    fn load(&mut self, key: Key) {
        let context = |variable: Variable| Op::LoadContext {
            variable: variable as u8,
        };
        let op = match key {
            Key::SourceIp | Key::VpcSourceIp => context(Variable::IdentitySourceIp),
            Key::SourceVpce => context(Variable::IdentityVpceId),
            Key::SourceVpc => context(Variable::IdentityVpcId),
            Key::Referer => Op::LoadHeaderFolded {
                name: self.text(b"Referer"),
            },
            Key::UserAgent => Op::LoadHeaderFolded {
                name: self.text(b"User-Agent"),
            },
            Key::Time => Op::LoadNow {},
            Key::SecureTransport => Op::LoadSecure {},
        };
        self.op(op);
    }

    fn test(&mut self, test: Test, key: &str, values: &[&str], absent: Absent) {
        let own = |values: &[&str]| -> Vec<Vec<u8>> {
            values.iter().map(|v| v.as_bytes().to_vec()).collect()
        };
        let known = Key::named(key);
        if test == Test::Address {
            let Some(set) = Ranges::parse(values.iter().copied()) else {
                self.op(Op::Push { truth: 2 });
                return;
            };
            let set = self.table(&set.table());
            match known {
                Some(Key::SourceIp) => return self.op(Op::IpIn { set, absent }),
                Some(Key::VpcSourceIp) => return self.op(Op::VpcIpIn { set, absent }),
                _ => {}
            }
            let op = if self.key(key) {
                Op::AddressIn { set, absent }
            } else {
                Op::Push {
                    truth: absent as u8,
                }
            };
            return self.op(op);
        }
        if !self.key(key) {
            return self.op(Op::Push {
                truth: absent as u8,
            });
        }
        match test {
            Test::Text | Test::Folded | Test::Like | Test::Arn => {
                let set = self.texts(own(values));
                self.op(match test {
                    Test::Text => Op::TextIn { set, absent },
                    Test::Folded => Op::TextInFolded { set, absent },
                    Test::Arn => Op::ArnIn { globs: set, absent },
                    _ => Op::Like { globs: set, absent },
                });
            }
            _ => {
                // Any of the values, one after the other.
                for (i, value) in values.iter().enumerate() {
                    let op = match test {
                        Test::Boolean => Some(boolean(value, absent)),
                        Test::Number(comparison) => value.trim().parse::<f64>().ok().map(|n| {
                            // The clock is in milliseconds; what is written are seconds.
                            let n = if known == Some(Key::Time) {
                                n * 1000.0
                            } else {
                                n
                            };
                            Op::Number {
                                comparison,
                                value: n.to_bits(),
                                absent,
                            }
                        }),
                        Test::Moment(comparison) => moment(value).map(|ms| Op::Moment {
                            comparison,
                            value: ms as u64,
                            absent,
                        }),
                        _ => None,
                    };
                    self.op(op.unwrap_or(Op::Push { truth: 2 }));
                    if i > 0 {
                        self.op(Op::Or {});
                    }
                }
                if values.is_empty() {
                    self.op(Op::Push { truth: 0 });
                }
            }
        }
    }
}

/// A truth value of a policy; one that is neither word fits nothing.
fn boolean(value: &str, absent: Absent) -> Op {
    if value.eq_ignore_ascii_case("true") {
        Op::Boolean { value: 1, absent }
    } else if value.eq_ignore_ascii_case("false") {
        Op::Boolean { value: 0, absent }
    } else if absent == Absent::True {
        Op::Missing {}
    } else {
        Op::Push { truth: 0 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    Text,
    Folded,
    Like,
    Arn,
    Number(Comparison),
    Moment(Comparison),
    Boolean,
    Address,
    Null,
}

impl Test {
    /// Whether values may hold policy variables.
    fn takes_variables(self) -> bool {
        matches!(
            self,
            Test::Text | Test::Folded | Test::Like | Test::Arn | Test::Boolean
        )
    }

    fn manner(self) -> Manner {
        match self {
            Test::Folded => Manner::Folded,
            Test::Like => Manner::Like,
            Test::Arn => Manner::Arn,
            Test::Boolean => Manner::Boolean,
            _ => Manner::Exact,
        }
    }
}

/// An operator of IAM's conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Operator {
    test: Test,
    /// It holds where the test does not.
    negated: bool,
    /// What it says of an absent key.
    of_absent: bool,
}

impl Operator {
    /// What the test below the negation says of an absent key.
    fn absent(self) -> Absent {
        if self.of_absent != self.negated {
            Absent::True
        } else {
            Absent::False
        }
    }

    fn named(name: &str) -> Option<Operator> {
        use Comparison as C;
        let (name, quantified) = match name.split_once(':') {
            Some(("ForAllValues", rest)) => (rest, Some(true)),
            Some(("ForAnyValue", rest)) => (rest, Some(false)),
            Some(_) => return None,
            None => (name, None),
        };
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(rest) => (rest, true),
            None => (name, false),
        };
        let (test, negated) = match name {
            "StringEquals" | "BinaryEquals" => (Test::Text, false),
            "StringNotEquals" => (Test::Text, true),
            "StringEqualsIgnoreCase" => (Test::Folded, false),
            "StringNotEqualsIgnoreCase" => (Test::Folded, true),
            "StringLike" => (Test::Like, false),
            "StringNotLike" => (Test::Like, true),
            "ArnLike" | "ArnEquals" => (Test::Arn, false),
            "ArnNotLike" | "ArnNotEquals" => (Test::Arn, true),
            "NumericEquals" => (Test::Number(C::Equal), false),
            "NumericNotEquals" => (Test::Number(C::Equal), true),
            "NumericLessThan" => (Test::Number(C::Less), false),
            "NumericLessThanEquals" => (Test::Number(C::LessEqual), false),
            "NumericGreaterThan" => (Test::Number(C::Greater), false),
            "NumericGreaterThanEquals" => (Test::Number(C::GreaterEqual), false),
            "DateEquals" => (Test::Moment(C::Equal), false),
            "DateNotEquals" => (Test::Moment(C::Equal), true),
            "DateLessThan" => (Test::Moment(C::Less), false),
            "DateLessThanEquals" => (Test::Moment(C::LessEqual), false),
            "DateGreaterThan" => (Test::Moment(C::Greater), false),
            "DateGreaterThanEquals" => (Test::Moment(C::GreaterEqual), false),
            "Bool" => (Test::Boolean, false),
            "IpAddress" => (Test::Address, false),
            "NotIpAddress" => (Test::Address, true),
            "Null" => (Test::Null, false),
            _ => return None,
        };
        Some(Operator {
            test,
            negated,
            // All of no value fit, and none of no value does; a negated operator holds.
            of_absent: if_exists || quantified.unwrap_or(negated),
        })
    }
}

/// What a resource says within this API's account and region: a glob over `API/STAGE/VERB/PATH`; `None`: it
/// names something else. Parts between colons are compared one by one; a trailing `*` of a short ARN covers
/// the rest.
fn within<'t>(resource: &'t str, place: &Place<'_>) -> Option<&'t str> {
    let known: [&[u8]; 5] = [
        b"arn",
        place.partition,
        b"execute-api",
        place.region,
        place.account,
    ];
    let fits =
        |part: &str, text: &[u8]| glob::fits(part.as_bytes(), &[text], &mut 10_000) == Some(true);
    let mut parts = resource.splitn(6, ':');
    for text in known {
        let part = parts.next()?;
        if parts.clone().next().is_none() {
            return (part.ends_with('*') && fits(part, text)).then_some("*");
        }
        if !fits(part, text) {
            return None;
        }
    }
    parts.next()
}

/// Whether a variable stands before the last part of an ARN.
fn early_variable(resource: &str) -> bool {
    match resource.find("${") {
        Some(at) => {
            let before = resource.get(..at).unwrap_or_default();
            before.bytes().filter(|b| *b == b':').count() < 5
        }
        None => false,
    }
}

fn get(heap: &mut Heap<'_>, map: Value, name: &str) -> Option<Value> {
    match map {
        Value::Map(_) => heap.member(map, name.as_bytes()).ok().flatten(),
        _ => None,
    }
}

fn items(heap: &mut Heap<'_>, list: Value) -> Done<Vec<Value>> {
    let len = heap.object(list).map_or(0, |o| o.len());
    if len as usize > MAX_PARTS {
        return Err(Malformed);
    }
    (0..len)
        .map(|i| heap.item(list, i).ok_or(Malformed))
        .collect()
}

/// A text, a number, a truth value, or a list of these.
fn texts(heap: &mut Heap<'_>, value: Value) -> Done<Vec<Vec<u8>>> {
    let values = match value {
        Value::List(_) => items(heap, value)?,
        one => Vec::from([one]),
    };
    values
        .into_iter()
        .map(|value| match value {
            Value::Text(_) | Value::Bool(_) | Value::Int(_) | Value::Double(_) | Value::Big(_) => {
                let text: Text = heap
                    .to_text(value, crate::json::Style::Java)
                    .map_err(|_| Malformed)?;
                Ok(heap.bytes(text).to_vec())
            }
            _ => Err(Malformed),
        })
        .collect()
}

/// The texts under one of two names, and whether it was the second.
fn either(heap: &mut Heap<'_>, map: Value, only: &str, except: &str) -> Done<(Vec<Vec<u8>>, bool)> {
    match (get(heap, map, only), get(heap, map, except)) {
        (Some(value), None) => Ok((texts(heap, value)?, false)),
        (None, Some(value)) => Ok((texts(heap, value)?, true)),
        _ => Err(Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_compared_between_colons() {
        let place = Place {
            partition: b"aws",
            region: b"us-east-1",
            account: b"000000000000",
        };
        for (arn, want) in [
            (
                "arn:aws:execute-api:us-east-1:000000000000:abc/*/GET/pets",
                Some("abc/*/GET/pets"),
            ),
            ("arn:aws:execute-api:*:*:*", Some("*")),
            ("arn:aws:execute-api:*", Some("*")),
            ("arn:*", Some("*")),
            ("*", Some("*")),
            ("arn:aws:s3:::bucket/*", None),
            ("arn:aws:execute-api:eu-west-1:*:*", None),
            ("arn:aws:execute-api:us-east-1:0000*:x", Some("x")),
        ] {
            assert_eq!(within(arn, &place), want, "{arn}");
        }
    }

    #[test]
    fn operators_are_read_with_their_prefix_and_suffix() {
        let of = |name| Operator::named(name).map(|o| (o.test, o.negated, o.of_absent));
        assert_eq!(of("StringEquals"), Some((Test::Text, false, false)));
        assert_eq!(
            of("ForAllValues:StringLikeIfExists"),
            Some((Test::Like, false, true))
        );
        assert_eq!(of("NotIpAddress"), Some((Test::Address, true, true)));
        assert_eq!(
            of("ForAnyValue:StringNotEquals"),
            Some((Test::Text, true, false))
        );
        assert_eq!(
            of("ForAnyValue:ArnNotLikeIfExists"),
            Some((Test::Arn, true, true))
        );
        assert_eq!(of("ForSome:StringLike"), None);
        assert_eq!(of("stringequals"), None);
    }
}
