//! What a resource policy says of a caller of whom nothing is known.
//!
//! The compiler has evaluated the policy against each route already; what is left are the statements that a request
//! can still meet, each with the condition that only the request can decide. So the verdict has three values:
//! allowed and denied hold for every request of a caller without credentials, anything else depends on what the
//! remaining conditions read.

use std::collections::BTreeSet;

use tollgate_runtime::Variable;
use tollgate_runtime::cel;
use tollgate_runtime::isa::Op;

use super::{Api, Route, shown};

/// What a statement does to a request that it fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Deny,
    Allow,
    /// Lets the caller's account decide.
    Delegate,
}

impl Effect {
    /// One word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Effect::Deny => "deny",
            Effect::Allow => "allow",
            Effect::Delegate => "delegate",
        }
    }
}

/// A statement that is left of a policy for a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) effect: Effect,
    /// Its number among all statements of the bundle.
    pub(crate) statement: u32,
    /// Every request of the route meets it.
    pub(crate) always: bool,
    /// What its condition reads of a request.
    pub(crate) reads: BTreeSet<String>,
}

/// The verdict over a caller without credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stranger {
    /// The API has no policy.
    NoPolicy,
    /// This statement allows every request.
    Allowed(u32),
    /// This statement denies every request.
    Denied(u32),
    /// No statement allows any.
    NotAllowed,
    /// These of the request decide, by these statements.
    Depends(BTreeSet<String>, Vec<u32>),
}

impl Stranger {
    /// One word.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Stranger::NoPolicy => "no policy",
            Stranger::Allowed(_) => "allowed",
            Stranger::Denied(_) | Stranger::NotAllowed => "denied",
            Stranger::Depends(..) => "depends",
        }
    }

    /// Whether no request comes through.
    pub(crate) fn is_denied(&self) -> bool {
        matches!(self, Stranger::Denied(_) | Stranger::NotAllowed)
    }
}

impl Api<'_> {
    /// What is left of the policy for a route, in the order in which it is asked: denials first.
    pub(crate) fn kept(&self, route: &Route) -> Vec<Kept> {
        let mut kept = Vec::new();
        let mut condition: Vec<Op> = Vec::new();
        for step in self.steps(route.record.policy) {
            let (effect, statement) = match step.op {
                Op::Deny { statement } | Op::DenyUnless { statement } => (Effect::Deny, statement),
                Op::Allow { statement } => (Effect::Allow, statement),
                Op::AllowAll { statement } => {
                    condition.push(Op::Push { truth: 1 });
                    (Effect::Allow, statement)
                }
                Op::Delegate { statement } => (Effect::Delegate, statement),
                Op::End {} => break,
                // What came before looks for the statements that follow.
                Op::Index { .. } => {
                    condition.clear();
                    continue;
                }
                op => {
                    condition.push(op);
                    continue;
                }
            };
            // A denial takes an error for true.
            let known = |truth| truth == 1 || effect == Effect::Deny && truth == 2;
            let always = matches!(condition.as_slice(), [Op::Push { truth }] if known(*truth));
            let mut reads: BTreeSet<String> =
                condition.drain(..).flat_map(|op| self.reads(op)).collect();
            if effect == Effect::Delegate {
                reads.insert("policies of the caller's account".to_owned());
            }
            kept.push(Kept {
                effect,
                statement,
                always: always && effect != Effect::Delegate,
                reads,
            });
        }
        kept
    }

    /// What an instruction of a condition reads of a request.
    fn reads(&self, op: Op) -> Vec<String> {
        match op {
            Op::Computed { code } => {
                let listing = cel::listing(self.image.table(code));
                let quoted = listing.reads.iter().map(|read| format!("`{read}`"));
                quoted.collect()
            }
            op => self.read(op).into_iter().collect(),
        }
    }

    fn read(&self, op: Op) -> Option<String> {
        let named = |what: &str, name| format!("{what} `{}`", shown(self.image.text(name)));
        Some(match op {
            Op::PeerIn { .. } | Op::IpIn { .. } | Op::VpcIpIn { .. } => "source address".to_owned(),
            Op::ArnLike { .. } | Op::ArnFits {} => "stage and path".to_owned(),
            Op::PrincipalIn { .. } | Op::PrincipalBeyond { .. } => "caller".to_owned(),
            Op::LoadPrincipal { name } => named("caller's", name),
            Op::LoadTargetPath {} | Op::PathLike { .. } => "path".to_owned(),
            Op::LoadNow {} => "time".to_owned(),
            Op::LoadVpce {} | Op::VpceIn { .. } => "VPC endpoint".to_owned(),
            Op::LoadSecure {} => "TLS".to_owned(),
            Op::LoadHeader { name } | Op::LoadHeaders { name } | Op::LoadHeaderFolded { name } => {
                named("header", name)
            }
            Op::LoadQuery { name } | Op::LoadQueries { name } => named("query parameter", name),
            Op::LoadPath { name } => named("path parameter", name),
            Op::LoadVariable { name } => named("stage variable", name),
            Op::LoadAuthorizer { name } => named("claim", name),
            Op::LoadContext { variable } => match Variable::ALL.get(usize::from(variable)) {
                Some(variable) => format!("`context.{}`", variable.name()),
                None => "context".to_owned(),
            },
            Op::LoadBody {} | Op::LoadBodyPath { .. } => "body".to_owned(),
            Op::LoadSlot { .. } => "stage".to_owned(),
            _ => return None,
        })
    }

    /// The verdict over callers without credentials, for a route.
    pub(crate) fn stranger(&self, route: &Route) -> Stranger {
        if !self.has_policy() {
            // Nothing but a policy lets anybody reach a private API.
            return match self.is_private() {
                true => Stranger::NotAllowed,
                false => Stranger::NoPolicy,
            };
        }
        verdict(&self.kept(route))
    }
}

fn verdict(kept: &[Kept]) -> Stranger {
    if let Some(denial) = kept.iter().find(|k| k.effect == Effect::Deny && k.always) {
        return Stranger::Denied(denial.statement);
    }
    let denials: Vec<&Kept> = kept.iter().filter(|k| k.effect == Effect::Deny).collect();
    let allowances: Vec<&Kept> = kept.iter().filter(|k| k.effect != Effect::Deny).collect();
    let always = allowances.iter().find(|k| k.always);
    match (always, allowances.as_slice()) {
        (_, []) => Stranger::NotAllowed,
        (Some(allowance), _) if denials.is_empty() => Stranger::Allowed(allowance.statement),
        (always, _) => {
            // Where one allows every request, the other allowances do not matter.
            let deciding: Vec<&Kept> = match always {
                Some(_) => denials,
                None => kept.iter().collect(),
            };
            Stranger::Depends(
                deciding.iter().flat_map(|k| k.reads.clone()).collect(),
                deciding.iter().map(|k| k.statement).collect(),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> Vec<Kept> {
        // `d!` always denies, `a` allows if its key says so.
        text.split_whitespace()
            .zip(0..)
            .map(|(word, statement)| Kept {
                effect: if word.starts_with('d') {
                    Effect::Deny
                } else {
                    Effect::Allow
                },
                statement,
                always: word.ends_with('!'),
                reads: (!word.ends_with('!'))
                    .then(|| format!("key {statement}"))
                    .into_iter()
                    .collect(),
            })
            .collect()
    }

    #[test]
    fn a_verdict_holds_for_every_request_or_says_what_decides() {
        let depends = |statements: &[u32]| {
            Stranger::Depends(
                statements.iter().map(|s| format!("key {s}")).collect(),
                statements.to_vec(),
            )
        };
        for (policy, wanted) in [
            ("", Stranger::NotAllowed),
            ("d", Stranger::NotAllowed),
            ("d!", Stranger::Denied(0)),
            ("a!", Stranger::Allowed(0)),
            ("a a!", Stranger::Allowed(1)),
            ("d d! a!", Stranger::Denied(1)),
            ("d a!", depends(&[0])),
            ("d a a!", depends(&[0])),
            ("a", depends(&[0])),
            ("d a", depends(&[0, 1])),
        ] {
            assert_eq!(verdict(&kept(policy)), wanted, "{policy}");
        }
    }
}
