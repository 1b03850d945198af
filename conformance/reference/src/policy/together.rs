//! How policies of several kinds decide together.

use tollgate_model::policy::{Effect, Policy, Principals};

use super::{Caller, Meaning, Question, matches, meaning};
use crate::exchange::Matched;

/// What a policy is to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Of the caller.
    Identity,
    /// The caller's permissions boundary.
    Boundary,
    /// Given when the caller's session began.
    Session,
    /// Of the caller's organisation; every level must allow.
    ServiceControl,
    /// Of the organisation that owns the resource; what it does not deny it allows.
    ResourceControl,
    /// Of the VPC endpoint.
    Endpoint,
    /// Of the resource.
    Resource,
}

/// A policy among those that decide.
#[derive(Clone, Debug)]
pub struct Held {
    /// What it is to the request.
    pub kind: Kind,
    /// The level of an organisation.
    pub level: u8,
    /// The policy.
    pub policy: Policy,
    /// Whether its `${…}` are variables.
    pub variables: bool,
}

/// What the policies of one set say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// One of them denies.
    Denies,
    /// A denial of them cannot be evaluated, which counts as one.
    Fails,
    /// They allow, and how they mean the caller.
    Allows(Meaning),
    /// Nothing.
    Nothing,
}

/// What policies decide together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may be done.
    Allowed,
    /// These kinds deny it.
    Denied(Vec<Kind>),
    /// Nothing denies; these kinds do not allow it.
    NotAllowed(Vec<Kind>),
}

/// What the policies of one set say of a question.
fn says<'h>(set: impl Iterator<Item = &'h Held>, question: &Question) -> Says {
    let mut said = Says::Nothing;
    for held in set {
        let question = Question {
            kind: held.kind,
            variables: held.variables,
            ..question.clone()
        };
        for statement in &held.policy.statements {
            let now = match (statement.effect, matches(statement, &question)) {
                (Effect::Deny, Matched::Yes) => Says::Denies,
                (Effect::Deny, Matched::Failed(_)) => Says::Fails,
                (Effect::Allow, Matched::Yes) => Says::Allows(meaning(
                    &statement.principals,
                    Effect::Allow,
                    &question.caller,
                )),
                _ => Says::Nothing,
            };
            said = match (said, now) {
                (Says::Denies, _) | (_, Says::Denies) => Says::Denies,
                (Says::Fails, _) | (_, Says::Fails) => Says::Fails,
                (Says::Allows(one), Says::Allows(other)) => Says::Allows(one.max(other)),
                (Says::Nothing, other) => other,
                (said, Says::Nothing) => said,
            };
        }
    }
    said
}

/// What policies decide together; `owner`: the account of the resource. `grants`: whether a
/// resource's policy that names the account alone is enough for callers of it.
pub fn decide(policies: &[Held], question: &Question, owner: &str, grants: bool) -> Decision {
    let anonymous = question.caller == Caller::Anonymous;
    let counts = |kind: Kind| {
        !anonymous
            || matches!(
                kind,
                Kind::Resource | Kind::ResourceControl | Kind::Endpoint
            )
    };
    let mut sets: Vec<(Kind, u8)> = policies
        .iter()
        .map(|held| (held.kind, held.level))
        .filter(|(kind, _)| counts(*kind))
        .collect();
    sets.sort_unstable();
    sets.dedup();
    let question = Question {
        bounded: sets.iter().any(|(kind, _)| *kind == Kind::Boundary),
        ..question.clone()
    };
    let said: Vec<(Kind, Says)> = sets
        .into_iter()
        .map(|set| {
            let of = policies
                .iter()
                .filter(|held| (held.kind, held.level) == set);
            (set.0, says(of, &question))
        })
        .collect();
    let kinds = |wanted: &dyn Fn(Kind, Says) -> bool| {
        let mut kinds: Vec<Kind> = said
            .iter()
            .filter(|(kind, says)| wanted(*kind, *says))
            .map(|(kind, _)| *kind)
            .collect();
        kinds.dedup();
        kinds
    };
    let denying = kinds(&|_, says| matches!(says, Says::Denies | Says::Fails));
    if !denying.is_empty() {
        return Decision::Denied(denying);
    }
    // Kinds that only bound: each set of them must allow.
    let silent =
        |bounds: &[Kind]| kinds(&|kind, says| bounds.contains(&kind) && says == Says::Nothing);
    let around = silent(&[Kind::ServiceControl, Kind::Endpoint]);
    if !around.is_empty() {
        return Decision::NotAllowed(silent(&[
            Kind::ServiceControl,
            Kind::Endpoint,
            Kind::Boundary,
            Kind::Session,
        ]));
    }
    let of = |kind: Kind| {
        said.iter()
            .find(|(other, _)| *other == kind)
            .map_or(Says::Nothing, |(_, says)| *says)
    };
    let grant = match of(Kind::Resource) {
        Says::Allows(meaning) => meaning,
        _ => Meaning::Nobody,
    };
    let (same, root) = match &question.caller {
        Caller::Iam { account, arn, .. } => (account == owner, arn.ends_with(":root")),
        _ => (false, false),
    };
    let own = root || matches!(of(Kind::Identity), Says::Allows(_));
    let bounds = silent(&[Kind::Boundary, Kind::Session]);
    let bounded = |kinds: Vec<Kind>| match kinds.is_empty() {
        true => Decision::Allowed,
        false => Decision::NotAllowed(kinds),
    };
    if anonymous {
        return match grant {
            Meaning::Caller => Decision::Allowed,
            _ => Decision::NotAllowed(vec![Kind::Resource]),
        };
    }
    if !same {
        return match (grant, own) {
            (Meaning::Nobody, _) => Decision::NotAllowed(vec![Kind::Resource]),
            (_, false) => Decision::NotAllowed(vec![Kind::Identity]),
            (_, true) => bounded(bounds),
        };
    }
    match grant {
        // What is granted to the caller itself is bound by nothing that merely does not allow.
        Meaning::Caller => Decision::Allowed,
        Meaning::Role => bounded(bounds),
        Meaning::Account if grants => bounded(bounds),
        _ if own => bounded(bounds),
        _ => Decision::NotAllowed(vec![Kind::Identity]),
    }
}

/// Reads a policy of one kind.
///
/// # Errors
///
/// Why it is none.
pub fn read(kind: Kind, level: u8, document: &serde_json::Value) -> Result<Held, String> {
    let named = matches!(
        kind,
        Kind::Resource | Kind::ResourceControl | Kind::Endpoint
    );
    let mut policy = super::document::read(document, named)?;
    // Policies around a resource speak of everybody unless they say of whom.
    if kind != Kind::Resource && named {
        let written = match document.get("Statement") {
            Some(serde_json::Value::Array(statements)) => statements.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        for (statement, written) in policy.statements.iter_mut().zip(written) {
            if written.get("Principal").is_none() && written.get("NotPrincipal").is_none() {
                statement.principals = Principals::Anyone;
            }
        }
    }
    Ok(Held {
        kind,
        level,
        policy,
        variables: super::document::has_variables(document),
    })
}
