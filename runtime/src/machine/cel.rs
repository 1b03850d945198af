//! What conditions in CEL read of a request.

use super::truth::Truth;
use super::{Machine, Variable};
use crate::bundle::Section;
use crate::bundle::records as r;
use crate::bundle::wire::Range;
use crate::cel::{self, Cel, Fail, Field, Found, Host, Key, Space};
use crate::json::{JsonError, Mode, parse};
use crate::policy::STRUCTURED;
use crate::text::percent;
use crate::value::{Src, Text, Value};

/// Bytes that one condition may make.
const ROOM: usize = 1 << 20;
/// What stands before the names of a caller's tags.
const TAG: &[u8] = b"aws:PrincipalTag/";
/// What stands before the names of a token's claims.
const CLAIM: &[u8] = b"claims.";
/// What no memory is left for.
const FULL: Fail = Fail::Error("the scratch is exhausted");

impl Machine<'_, '_> {
    /// What a condition comes to; its steps are taken off `fuel`.
    pub(super) fn computed(&mut self, code: &[u8], fuel: &mut u32) -> Truth {
        // The space is taken out of the scratch, which the host writes to.
        let mut space = self.scratch.take_space();
        let room = ROOM.min(self.scratch.room());
        let mark = self.scratch.mark();
        let mut steps = u64::from(*fuel);
        let truth = match cel::evaluate(code, self, &mut space, room, &mut steps) {
            Ok((value, view)) => cel::truth(value, view).map_or(Truth::Error, Truth::from),
            Err(_) => Truth::Error,
        };
        self.scratch.rewind(mark);
        self.scratch.put_space(space);
        *fuel = u32::try_from(steps).unwrap_or(*fuel);
        truth
    }

    fn condition_key(&self, name: &[u8]) -> Value {
        self.principal(name).map_or(Value::Missing, Value::Text)
    }

    /// The value of a field that is no map.
    fn single(&mut self, field: Field) -> Result<Value, Fail> {
        Ok(match field {
            Field::SourceVpce => {
                let vpce = self.world.head.vpce;
                vpce.map_or(Value::Missing, |vpce| {
                    Value::Text(Text::whole(Src::Vpce, vpce))
                })
            }
            Field::SourceVpc => self.variable_of(Variable::IdentityVpcId)?,
            Field::Method => self.variable_of(Variable::HttpMethod)?,
            Field::Stage => self.variable_of(Variable::Stage)?,
            Field::Path => Value::Text(self.event_path().map_err(|_| FULL)?),
            Field::Secure => Value::Bool(self.world.head.secure),
            Field::Account => self.condition_key(b"aws:PrincipalAccount"),
            Field::Arn => self.condition_key(b"aws:PrincipalArn"),
            Field::PrincipalType => self.condition_key(b"aws:PrincipalType"),
            Field::Organisation => self.condition_key(b"aws:PrincipalOrgID"),
            Field::UserId => self.condition_key(b"aws:userid"),
            _ => Value::Missing,
        })
    }

    fn variable_of(&mut self, variable: Variable) -> Result<Value, Fail> {
        self.context(variable).map_err(|_| FULL)
    }

    /// Copies a value out.
    fn copied(&mut self, value: Value, space: &mut Space) -> Found {
        Ok(match value {
            Value::Bool(value) => Cel::Bool(value),
            Value::Int(value) => Cel::Int(value),
            Value::Double(value) => Cel::Double(value),
            Value::Text(text) => Cel::Text(space.text(self.bytes(text))?),
            Value::Big(digits) => {
                let number = core::str::from_utf8(self.bytes(digits)).ok();
                Cel::Double(number.and_then(|n| n.parse().ok()).unwrap_or(f64::NAN))
            }
            Value::List(_) => {
                let height = space.height();
                let len = self.heap().object(value).map_or(0, |object| object.len());
                for at in 0..len {
                    let item = self.heap().item(value, at).unwrap_or_default();
                    let item = self.copied(item, space)?;
                    space.push(item)?;
                }
                Cel::List(space.settle(height))
            }
            Value::Map(_) => {
                let height = space.height();
                let mut at = 0;
                while let Some((key, item)) = self.heap().pair(value, at) {
                    at += 1;
                    let key = self.copied(key, space)?;
                    let item = self.copied(item, space)?;
                    space.push(key)?;
                    space.push(item)?;
                }
                Cel::Map(space.settle(height))
            }
            Value::Missing | Value::Null | Value::Object(_) => Cel::Null,
        })
    }

    /// What the member of the caller's record with this name and text is.
    fn claim(&self, member: &[u8], text: cel::Span, space: &mut Space) -> Found {
        match self.structured(member.get(CLAIM.len()..).unwrap_or(&[])) {
            Some(json) => {
                let json = space.text(self.bytes(json))?;
                space.structured(text, json)
            }
            None => Ok(Cel::Claim(text)),
        }
    }

    /// The JSON of a claim that is a list or an object.
    fn structured(&self, claim: &[u8]) -> Option<Text> {
        let pairs = Range {
            off: STRUCTURED,
            len: u32::MAX,
        };
        let identity = self.identity()?;
        let mut items = identity.records::<r::Item>(Section::Lists, pairs);
        while let (Some(name), Some(json)) = (items.next(), items.next()) {
            if identity.bytes(name.text) == claim {
                return Some(identity.text(json.text));
            }
        }
        None
    }

    /// What a map of the request says at a key.
    fn member_of(&mut self, field: Field, key: Key<'_>, space: &mut Space) -> Found {
        let value = match field {
            Field::Headers => self
                .header_folded(key.bytes(space))
                .map_or(Value::Missing, Value::Text),
            Field::Query => self
                .query_value(key.bytes(space))
                .map_err(|_| FULL)?
                .map_or(Value::Missing, Value::Text),
            Field::Tags => {
                let name = key.behind(TAG, space)?;
                self.condition_key(space.bytes(name))
            }
            Field::Claims => {
                let name = key.behind(CLAIM, space)?;
                let Ok(Value::Text(text)) = self.authorizer_value(space.bytes(name)) else {
                    return Ok(Cel::Null);
                };
                let text = space.text(self.bytes(text))?;
                let name = self.scratch.push(space.bytes(name)).map_err(|_| FULL)?;
                return self.claim(self.bytes(name), text, space);
            }
            _ => Value::Missing,
        };
        self.copied(value, space)
    }

    /// All that a map of the request says.
    fn all(&mut self, field: Field, space: &mut Space) -> Found {
        let height = space.height();
        match field {
            Field::Headers => {
                for header in self.world.head.headers {
                    // A name in any letter case is one, in small letters.
                    let name = space.text(header.name)?;
                    space.lower_case(name);
                    let value = space.text(header.value)?;
                    space.push(Cel::Text(name))?;
                    space.push(Cel::Text(value))?;
                }
                return Ok(Cel::Folded(space.settle_named(height)));
            }
            Field::Query => {
                for (name, value) in percent::pairs(self.query()) {
                    let name = self.decoded(name).map_err(|_| FULL)?;
                    let value = self.decoded(value).map_err(|_| FULL)?;
                    let name = space.text(self.bytes(name))?;
                    let value = space.text(self.bytes(value))?;
                    space.push(Cel::Text(name))?;
                    space.push(Cel::Text(value))?;
                }
            }
            _ => {
                let all = Range {
                    off: 0,
                    len: u32::MAX,
                };
                let (prefix, is_theirs) = match field {
                    Field::Tags => (TAG, self.signs()),
                    _ => (CLAIM, !self.signs()),
                };
                let identity = self.identity().filter(|_| is_theirs);
                let members = identity.into_iter().flat_map(|identity| {
                    identity
                        .records::<r::Variable>(Section::Variables, all)
                        .map(move |member| {
                            (identity.bytes(member.name), identity.text(member.value))
                        })
                });
                for (name, value) in members {
                    let Some((before, rest)) = name.split_at_checked(prefix.len()) else {
                        continue;
                    };
                    if !before.eq_ignore_ascii_case(prefix) {
                        continue;
                    }
                    let (rest, text) = (space.text(rest)?, space.text(self.bytes(value))?);
                    let value = match field {
                        Field::Tags => Cel::Text(text),
                        _ => self.claim(name, text, space)?,
                    };
                    space.push(Cel::Text(rest))?;
                    space.push(value)?;
                }
            }
        }
        Ok(Cel::Request(space.settle_named(height)))
    }
}

impl Host for Machine<'_, '_> {
    fn field(&mut self, field: Field, space: &mut Space) -> Found {
        match field {
            Field::SourceIp => space.address(self.world.head.peer),
            // Policies see whole seconds.
            Field::Now => Ok(Cel::Time(
                i64::try_from(self.world.now_ms / 1000).unwrap_or(i64::MAX),
                0,
            )),
            field if field.is_map() => self.all(field, space),
            field => {
                let value = self.single(field)?;
                self.copied(value, space)
            }
        }
    }

    fn member(&mut self, field: Field, key: Key<'_>, space: &mut Space) -> Found {
        let mark = self.scratch.mark();
        let member = self.member_of(field, key, space);
        self.scratch.rewind(mark);
        member
    }

    fn elements(&mut self, json: Key<'_>, space: &mut Space) -> Found {
        const BROKEN: Fail = Fail::Error("the claim is no JSON");
        let mark = self.scratch.mark();
        let text = self.scratch.push(json.bytes(space)).map_err(|_| FULL)?;
        let elements = match parse(&mut self.heap(), text, Mode::Strict) {
            Ok(value) => self.copied(value, space),
            Err(JsonError::Syntax(_) | JsonError::Bound(_)) => Err(BROKEN),
        };
        self.scratch.rewind(mark);
        elements
    }

    fn matches(&mut self, _: &str, _: &str) -> Result<bool, Fail> {
        Err(Fail::Error("the pattern is not carried"))
    }

    fn ahead(&mut self, _: &str, _: i64) -> Option<i64> {
        None
    }
}
