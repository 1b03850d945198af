//! Policies asked on their own, about any action on any resource: for simulators and checks. The programs and
//! the machine are those that judge requests.

use alloc::vec::Vec;

use super::grant;
use super::judge::{Findings, Grant, Kind, Party, Policy, Refusal, judge};
use super::record::{Malformed, Record};
use super::resource::Place;
use crate::bundle::{Bundle, Site};
use crate::json::{Heap, Mode, parse};
use crate::machine::{Core, Machine};
use crate::scratch::Scratch;
use crate::value::Value;
use crate::world::{Head, World};

/// Units of work that reading the documents may take.
const WORK: u64 = 10_000_000;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller<'q> {
    /// Nobody that IAM knows.
    Anonymous,
    /// A user, role or session.
    Iam {
        /// Its ARN.
        arn: &'q str,
        /// The ARN of the role, of a session.
        role: Option<&'q str>,
        /// The account's twelve digits.
        account: &'q str,
        /// `AIDA…`, `AROA…:session`; empty: not known.
        unique_id: &'q str,
    },
    /// A service, a federated provider, a canonical user: the kind as `Principal` writes it, and the name.
    Other(&'q str, &'q str),
}

/// What policies are asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question<'q> {
    /// Who asks.
    pub caller: Caller<'q>,
    /// What is done: `service:Action`.
    pub action: &'q str,
    /// To what: an ARN, or `*` where the action knows no resources.
    pub resource: &'q str,
    /// The account that owns the resource.
    pub owner: &'q str,
    /// Condition keys with their values. A key without a value is absent.
    pub keys: &'q [(&'q str, &'q [&'q str])],
}

/// What policies answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether it may be done, or what keeps it out first.
    pub decision: Result<(), Refusal>,
    /// What the policies of each kind say.
    pub findings: Findings,
    /// How the resource's policy allows.
    pub grant: Grant,
}

/// A policy cannot be read: no JSON, not of IAM's shape, or too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

impl core::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the policy cannot be read")
    }
}

impl core::error::Error for Unreadable {}

impl From<Malformed> for Unreadable {
    fn from(_: Malformed) -> Unreadable {
        Unreadable
    }
}

/// Asks policies. Takes time in proportion to their size; the scratch is cleared.
///
/// # Errors
/// A policy cannot be read.
pub fn ask(
    question: &Question<'_>,
    policies: &[Policy<'_>],
    scratch: &mut Scratch,
) -> Result<Answer, Unreadable> {
    scratch.clear();
    let empty = World::plain(Bundle::NOTHING, Head::plain(b"GET", b"/"));
    let bytes = record(question, policies, &empty, scratch)?;
    let world = World {
        identity: Some(&bytes),
        ..empty
    };
    let mut core = Core::new(Site::NOWHERE);
    core.asked = true;
    let mut machine = Machine {
        edge: crate::bundle::Image::default(),
        image: crate::bundle::Image::default(),
        core: &mut core,
        world: &world,
        scratch,
        cut: None,
        observer: None,
    };
    let (findings, resource) = machine.findings(false).map_err(|_| Unreadable)?;
    let party = match question.caller {
        Caller::Anonymous => Party::Anonymous,
        Caller::Iam { arn, .. } if arn.ends_with(":root") => Party::Root,
        _ => Party::Other,
    };
    let same = matches!(question.caller, Caller::Iam { account, .. } if account == question.owner);
    let grant = grant(resource);
    Ok(Answer {
        decision: judge(&findings, grant, party, same),
        findings,
        grant,
    })
}

fn record(
    question: &Question<'_>,
    policies: &[Policy<'_>],
    world: &World<'_>,
    scratch: &mut Scratch,
) -> Result<Vec<u8>, Unreadable> {
    let mut record = Record::default();
    record.asked = true;
    record.caller(b"", b"");
    match question.caller {
        Caller::Anonymous => {}
        Caller::Iam {
            arn,
            role,
            account,
            unique_id,
        } => {
            record.member(b"accountId", account.as_bytes())?;
            record.member(b"userArn", arn.as_bytes())?;
            if !unique_id.is_empty() {
                record.member(b"caller", unique_id.as_bytes())?;
            }
            let given = question.keys.iter();
            if !given
                .clone()
                .any(|(name, _)| name.eq_ignore_ascii_case("aws:PrincipalArn"))
            {
                record.member(b"aws:PrincipalArn", role.unwrap_or(arn).as_bytes())?;
            }
        }
        Caller::Other(kind, name) => {
            let name = [kind.as_bytes(), b":", name.as_bytes()].concat();
            record.member(b"principal", &name)?;
        }
    }
    for (name, values) in question.keys {
        let values = values.iter().map(|value| value.as_bytes().to_vec());
        record.members(name.as_bytes(), values.collect())?;
    }
    let mut documents: Vec<((Kind, u8), Value)> = Vec::new();
    let mut heap = Heap::new(world, scratch, WORK);
    for policy in policies {
        let text = heap.scratch.push(policy.document).map_err(|_| Unreadable)?;
        let document = parse(&mut heap, text, Mode::Strict).map_err(|_| Unreadable)?;
        documents.push(((policy.kind, policy.level), document));
    }
    let action = question.action.to_ascii_lowercase();
    let mut parts = question.resource.splitn(6, ':');
    let mut before = [b"".as_slice(); 5];
    for part in &mut before {
        *part = parts.next().unwrap_or_default().as_bytes();
    }
    let last = parts.next();
    let place = Place {
        before: last.is_some().then_some(before),
        actions: [action.as_bytes(); 2],
    };
    record.policies(&heap, &documents, &place)?;
    record.list(last.unwrap_or(question.resource).as_bytes());
    Ok(record.finish()?)
}

#[cfg(test)]
mod tests {
    use super::super::judge::Finding;
    use super::*;

    const OWN: &[u8] =
        br#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*",
        "Resource": "arn:aws:s3:::home/${aws:username}/*"}}"#;
    const ONLY_LISTS: &[u8] =
        br#"{"Statement": {"Effect": "Allow", "Action": "s3:List*", "Resource": "*"}}"#;
    const SHARED: &[u8] =
        br#"{"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"},
        "Action": "s3:*", "Resource": "arn:aws:s3:::home/*"}}"#;

    fn asked(resource: &str, owner: &str, policies: &[Policy<'_>]) -> Answer {
        let question = Question {
            caller: Caller::Iam {
                arn: "arn:aws:iam::111122223333:user/ann",
                role: None,
                account: "111122223333",
                unique_id: "",
            },
            action: "s3:GetObject",
            resource,
            owner,
            keys: &[("aws:username", &["ann"])],
        };
        ask(&question, policies, &mut Scratch::new(1 << 20)).unwrap()
    }

    fn of(kind: Kind, document: &[u8]) -> Policy<'_> {
        Policy {
            kind,
            level: 0,
            document,
        }
    }

    #[test]
    fn policies_are_asked_about_any_action_on_any_resource() {
        let own = Policy::identity(OWN);
        let hers = "arn:aws:s3:::home/ann/x";
        let answer = asked(hers, "111122223333", &[own]);
        assert_eq!(answer.decision, Ok(()));
        assert_eq!(answer.findings.of(Kind::Identity), Finding::Allows);
        let his = asked("arn:aws:s3:::home/bob/x", "111122223333", &[own]);
        let silent = |kind| {
            Err(Refusal {
                kind,
                finding: Finding::Silent,
            })
        };
        assert_eq!(his.decision, silent(Kind::Identity));
        let bounded = [own, of(Kind::Boundary, ONLY_LISTS)];
        let answer = asked(hers, "111122223333", &bounded);
        assert_eq!(answer.decision, silent(Kind::Boundary));
        // Another account's resource is opened by both sides.
        assert!(asked(hers, "444455556666", &[own]).decision.is_err());
        let both = [own, of(Kind::Resource, SHARED)];
        let answer = asked(hers, "444455556666", &both);
        assert_eq!((answer.decision, answer.grant), (Ok(()), Grant::Account));
    }

    #[test]
    fn whom_a_resource_names_by_a_role_is_still_bounded() {
        let caller = Caller::Iam {
            arn: "arn:aws:sts::111122223333:assumed-role/r/s",
            role: Some("arn:aws:iam::111122223333:role/r"),
            account: "111122223333",
            unique_id: "AROA1:s",
        };
        for (principal, grant, bounded) in [
            ("arn:aws:iam::111122223333:role/r", Grant::Role, true),
            ("AROA1", Grant::Role, true),
            (
                "arn:aws:sts::111122223333:assumed-role/r/s",
                Grant::Caller,
                false,
            ),
            ("*", Grant::Caller, false),
        ] {
            let shared = alloc::format!(
                r#"{{"Statement": {{"Effect": "Allow", "Principal": {{"AWS": "{principal}"}},
                    "Action": "s3:*", "Resource": "*"}}}}"#
            );
            let question = Question {
                caller,
                action: "s3:GetObject",
                resource: "arn:aws:s3:::home/x",
                owner: "111122223333",
                keys: &[],
            };
            let policies = [
                of(Kind::Resource, shared.as_bytes()),
                of(Kind::Session, ONLY_LISTS),
            ];
            let answer = ask(&question, &policies, &mut Scratch::new(1 << 20)).unwrap();
            assert_eq!(answer.grant, grant, "{principal}");
            assert_eq!(answer.decision.is_err(), bounded, "{principal}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_no_answer() {
        let question = Question {
            caller: Caller::Anonymous,
            action: "s3:GetObject",
            resource: "*",
            owner: "",
            keys: &[],
        };
        for text in [&b"{"[..], b"[]", b"{}", br#"{"Statement": [{}]}"#, b"\xff"] {
            let policies = [Policy::identity(text)];
            let answer = ask(&question, &policies, &mut Scratch::new(1 << 20));
            assert_eq!(answer, Err(Unreadable), "{text:?}");
        }
    }
}
