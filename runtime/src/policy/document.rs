//! Documents that arrive at request time: statements become instructions, all denials before all allowances.

use alloc::vec::Vec;

use super::judge::Kind;
use super::reading::{either, get, items, texts};
use super::record::{Done, Malformed, Record};
use super::resource::{Place, Within, early_variable, within};
use super::values::pieces;
use crate::isa::{Manner, Op};
use crate::json::Heap;
use crate::text::glob;
use crate::value::Value;

/// What a statement does where it fits.
#[derive(Clone, Copy)]
enum Effect {
    Deny,
    Allow,
    Delegate,
}

/// Whom a statement is about.
enum Who {
    Anyone,
    Nobody,
    /// By names of their own, and by accounts.
    Only(Vec<Vec<u8>>, Vec<Vec<u8>>),
    Except(Vec<Vec<u8>>),
}

impl Record {
    /// What policies of one set say of an action.
    pub(super) fn program(
        &mut self,
        heap: &mut Heap<'_>,
        documents: &[Value],
        kind: Kind,
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
                        let effect = if deny { Effect::Deny } else { Effect::Allow };
                        self.statement(heap, statement, (effect, number), kind, place, action)?;
                    }
                    number += 1;
                }
            }
        }
        Ok(())
    }

    fn statement(
        &mut self,
        heap: &mut Heap<'_>,
        statement: Value,
        (effect, number): (Effect, u32),
        kind: Kind,
        place: &Place<'_>,
        wanted: &[u8],
    ) -> Done {
        let actions = either(heap, statement, "Action", "NotAction")?;
        let covered = actions.0.iter().any(|action| {
            let action = action.to_ascii_lowercase();
            glob::fits(&action, &[wanted], &mut 100_000) == Some(true)
        });
        let resources = either(heap, statement, "Resource", "NotResource")?;
        let who = who(heap, statement, kind)?;
        if covered == actions.1 {
            return Ok(());
        }
        let deny = matches!(effect, Effect::Deny);
        // Whom it means, whether that is reversed, and what it then does.
        let forms: Vec<(Option<(Op, bool)>, Effect)> = match who {
            Who::Nobody => return Ok(()),
            Who::Anyone => Vec::from([(None, effect)]),
            Who::Only(mut named, accounts) if deny => {
                named.extend(accounts);
                let set = self.texts(named);
                Vec::from([(Some((Op::PrincipalIn { set }, false)), effect)])
            }
            Who::Only(named, accounts) => {
                let named = (!named.is_empty()).then(|| self.texts(named));
                let accounts = (!accounts.is_empty()).then(|| self.texts(accounts));
                let means = |set| Some((Op::PrincipalIn { set }, false));
                let forms = [(named, effect), (accounts, Effect::Delegate)];
                forms
                    .into_iter()
                    .filter_map(|(set, effect)| Some((means(set?), effect)))
                    .collect()
            }
            Who::Except(names) => {
                let set = self.texts(names);
                // A denial spares only whom all of its names spare; an allowance means nobody whom it names.
                let means = match deny {
                    true => (Op::PrincipalBeyond { set }, false),
                    false => (Op::PrincipalIn { set }, true),
                };
                Vec::from([(Some(means), effect)])
            }
        };
        for (means, effect) in forms {
            self.resources(&resources.0, kind, place)?;
            if resources.1 {
                self.op(Op::Not {});
            }
            let mut holes = Vec::new();
            if let Some((means, reversed)) = means {
                self.hole(&mut holes);
                self.op(means);
                if reversed {
                    self.op(Op::Not {});
                }
                self.op(Op::And {});
            }
            match get(heap, statement, "Condition") {
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
            self.op(match effect {
                Effect::Deny => Op::Deny { statement: number },
                Effect::Allow => Op::Allow { statement: number },
                Effect::Delegate => Op::Delegate { statement: number },
            });
        }
        Ok(())
    }

    /// Pushes whether the ARN that is asked about fits one of the resources.
    fn resources(&mut self, resources: &[Vec<u8>], kind: Kind, place: &Place<'_>) -> Done {
        let (mut globs, mut patterns) = (Vec::new(), Vec::new());
        for resource in resources {
            self.part()?;
            let text = core::str::from_utf8(resource).map_err(|_| Malformed)?;
            if self.variables && early_variable(text) {
                // IAM takes none there; an allowance does not hold, a denial does.
                self.op(Op::Push { truth: 2 });
                return Ok(());
            }
            match within(text, kind, place) {
                Within::Refused => {
                    self.op(Op::Push { truth: 2 });
                    return Ok(());
                }
                Within::Nowhere => {}
                Within::Glob(glob) if self.variables && glob.contains("${") => {
                    if pieces(glob).is_none() {
                        self.op(Op::Push { truth: 2 });
                        return Ok(());
                    }
                    patterns.push(glob);
                }
                Within::Glob(glob) => globs.push(glob.as_bytes().to_vec()),
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
}

/// Whom a statement is about. Policies of callers and of their organisation name nobody: what they say of
/// principals is not read.
fn who(heap: &mut Heap<'_>, statement: Value, kind: Kind) -> Done<Who> {
    if !matches!(
        kind,
        Kind::Resource | Kind::ResourceControl | Kind::Endpoint
    ) {
        return Ok(Who::Anyone);
    }
    let only = get(heap, statement, "Principal");
    let except = get(heap, statement, "NotPrincipal");
    match (only, except) {
        (None, None) if kind == Kind::Resource => Ok(Who::Nobody),
        (None, None) => Ok(Who::Anyone),
        (Some(names), None) => Ok(match principals(heap, names)? {
            None => Who::Anyone,
            Some((named, accounts)) if named.is_empty() && accounts.is_empty() => Who::Nobody,
            Some((named, accounts)) => Who::Only(named, accounts),
        }),
        (None, Some(names)) => Ok(match principals(heap, names)? {
            None => Who::Nobody,
            Some((mut named, accounts)) => {
                named.extend(accounts);
                Who::Except(named)
            }
        }),
        (Some(_), Some(_)) => Err(Malformed),
    }
}

type Names = (Vec<Vec<u8>>, Vec<Vec<u8>>);

/// Names of their own, and accounts; `None`: everybody.
fn principals(heap: &mut Heap<'_>, value: Value) -> Done<Option<Names>> {
    let mut names = Names::default();
    match value {
        Value::Text(text) if heap.bytes(text) == b"*" => return Ok(None),
        Value::Map(_) => {}
        _ => return Err(Malformed),
    }
    let mut at = 0;
    while let Some((Value::Text(kind), values)) = heap.pair(value, at) {
        at += 1;
        let kind = heap.bytes(kind).to_vec();
        for name in texts(heap, values)? {
            if kind != b"AWS" {
                names.0.push([kind.as_slice(), b":", &name].concat());
                continue;
            }
            if name == b"*" {
                return Ok(None);
            }
            // A pattern of names is none.
            if name.contains(&b'*') || name.contains(&b'?') {
                return Err(Malformed);
            }
            match account(&name) {
                Some(id) => names.1.push(id.to_vec()),
                None => names.0.push(name),
            }
        }
    }
    Ok(Some(names))
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
