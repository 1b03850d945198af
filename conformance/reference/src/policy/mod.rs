//! Policies: which statements match a request, and what a policy says of it.

mod arn;
pub mod clause;
pub mod document;
pub mod glob;
pub mod together;
pub mod validity;

use tollgate_model::NodeId;
use tollgate_model::condition::Condition;
use tollgate_model::policy::{
    Effect, Patterns, Policy, Principal, Principals, ResourcePattern, Resources, Statement,
};

use crate::cel;
use crate::exchange::{Event, Matched, Recorder, Why};
use together::Kind;

/// Who asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Caller {
    /// Nobody that IAM knows: also callers of Lambda and token authorizers.
    Anonymous,
    /// A service, a federated provider, a canonical user: kind and name.
    Other(String, String),
    /// Somebody with credentials.
    Iam {
        /// The user's, role's or session's ARN.
        arn: String,
        /// The role's ARN, where `arn` is a session's.
        role: Option<String>,
        /// The account's twelve digits.
        account: String,
        /// `AIDA…`, `AROA…:session`.
        unique_id: String,
    },
}

/// What a policy is asked about.
#[derive(Clone, Debug)]
pub struct Question {
    /// Who asks.
    pub caller: Caller,
    /// `execute-api:Invoke`.
    pub action: String,
    /// The whole ARN of what is acted on.
    pub resource: String,
    /// What follows the API's own ARN: stage, and the rest.
    pub of_api: Option<(String, String)>,
    /// Condition keys with their values; names without regard to case.
    pub keys: Vec<(String, clause::KeyValue)>,
    /// What conditions in CEL see.
    pub fields: cel::Fields,
    /// Whether `${…}` in the policy are variables (documents of 2012-10-17).
    pub variables: bool,
    /// What the policy is to the request.
    pub kind: Kind,
    /// Whether the caller has a permissions boundary.
    pub bounded: bool,
}

/// What a policy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A statement denies, whatever others allow.
    Deny(NodeId),
    /// A statement allows, and none denies.
    Allow(NodeId),
    /// No statement speaks of it.
    Silent,
}

/// One of three values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not.
    False,
    /// It cannot be told.
    Error,
}

impl Truth {
    /// False decides, else error, else true: Kleene's conjunction.
    pub fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::False, _) | (_, Truth::False) => Truth::False,
            (Truth::Error, _) | (_, Truth::Error) => Truth::Error,
            _ => Truth::True,
        }
    }

    /// Kleene's negation.
    pub fn negated(self) -> Truth {
        match self {
            Truth::True => Truth::False,
            Truth::False => Truth::True,
            Truth::Error => Truth::Error,
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Truth {
        if value { Truth::True } else { Truth::False }
    }
}

/// What a policy says of a question. Every statement is looked at, so that the recorder
/// hears of all of them.
pub fn evaluate(policy: &Policy, question: &Question, recorder: &mut dyn Recorder) -> Verdict {
    let mut verdict = Verdict::Silent;
    for statement in &policy.statements {
        let matched = matches(statement, question);
        // An error never helps the caller: an allow does not match then, a deny does.
        let applies = match matched {
            Matched::Yes => true,
            Matched::No(_) => false,
            Matched::Failed(_) => statement.effect == Effect::Deny,
        };
        if applies {
            verdict = match (statement.effect, verdict) {
                (_, Verdict::Deny(node)) => Verdict::Deny(node),
                (Effect::Deny, _) => Verdict::Deny(statement.node),
                (Effect::Allow, Verdict::Allow(node)) => Verdict::Allow(node),
                (Effect::Allow, Verdict::Silent) => Verdict::Allow(statement.node),
            };
        }
        recorder.record(Event::Statement {
            node: statement.node,
            sid: statement.sid.clone(),
            effect: statement.effect,
            matched,
        });
    }
    verdict
}

/// Whether a statement matches, or what failed first, and the node that says so.
pub fn matches(statement: &Statement, question: &Question) -> Matched {
    let no = |what: &str| {
        Matched::No(Why {
            text: what.to_owned(),
            node: statement.node,
            at: None,
        })
    };
    // Whoever has a permissions boundary never escapes a denial by not being meant.
    let barred = question.bounded
        && statement.effect == Effect::Deny
        && matches!(&statement.principals, Principals::Except(list) if !list.contains(&Principal::Any));
    if !barred
        && meaning(&statement.principals, statement.effect, &question.caller) == Meaning::Nobody
    {
        return no("the principal does not match");
    }
    if !actions_match(&statement.actions, &question.action) {
        return no("the action does not match");
    }
    let resource = resources_match(&statement.resources, question);
    if resource == Truth::False {
        return no("the resource does not match");
    }
    let (truth, blame) = condition(&statement.condition, question, true);
    let truth = truth.and(resource);
    let why = |text: &str| {
        let blame = blame.unwrap_or_default();
        Why {
            text: blame.text.unwrap_or_else(|| text.to_owned()),
            node: blame.node.unwrap_or(statement.node),
            at: blame.at,
        }
    };
    match truth {
        Truth::True => Matched::Yes,
        Truth::False => Matched::No(why("the condition does not hold")),
        Truth::Error => Matched::Failed(why("the condition cannot be evaluated")),
    }
}

/// How a principal element means a caller, the stronger ones last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    /// It does not.
    Nobody,
    /// By the account, which then decides itself.
    Account,
    /// By the role of the caller's session.
    Role,
    /// By name, or as everybody.
    Caller,
}

/// How a principal element of a statement with this effect means a caller.
pub fn meaning(principals: &Principals, effect: Effect, caller: &Caller) -> Meaning {
    match principals {
        Principals::Anyone | Principals::Implied => Meaning::Caller,
        Principals::Only(list) => {
            let all = list.iter().map(|principal| is(principal, caller));
            all.max().unwrap_or(Meaning::Nobody)
        }
        Principals::Except(list) if list.contains(&Principal::Any) => Meaning::Nobody,
        // An allowance means nobody whom it excepts by any name.
        Principals::Except(list) if effect == Effect::Allow => {
            let named = |principal| is(principal, caller) != Meaning::Nobody;
            match list.iter().any(named) {
                true => Meaning::Nobody,
                false => Meaning::Caller,
            }
        }
        Principals::Except(list) => {
            // A denial spares only a caller all of whose names it excepts.
            let names = chain(caller);
            match names.is_empty() || names.iter().any(|name| !list.contains(name)) {
                true => Meaning::Caller,
                false => Meaning::Nobody,
            }
        }
    }
}

/// The names of a caller: its account, its user or role, its session.
fn chain(caller: &Caller) -> Vec<Principal> {
    match caller {
        Caller::Anonymous => Vec::new(),
        Caller::Other(kind, name) => vec![Principal::Other(kind.clone(), name.clone())],
        Caller::Iam {
            arn, role, account, ..
        } => {
            let mut names = vec![Principal::Account(account.clone())];
            names.extend(role.clone().map(Principal::Arn));
            names.push(Principal::Arn(arn.clone()));
            names
        }
    }
}

fn is(principal: &Principal, caller: &Caller) -> Meaning {
    let when = |holds: bool, meaning| if holds { meaning } else { Meaning::Nobody };
    match (principal, caller) {
        (Principal::Any, _) => Meaning::Caller,
        (Principal::Other(kind, name), Caller::Other(own_kind, own)) => {
            when(kind == own_kind && name == own, Meaning::Caller)
        }
        (_, Caller::Anonymous | Caller::Other(..)) | (Principal::Other(..), _) => Meaning::Nobody,
        (Principal::Account(account), Caller::Iam { account: own, .. }) => {
            when(account == own, Meaning::Account)
        }
        (Principal::Arn(arn), Caller::Iam { arn: own, role, .. }) if arn == own => {
            // A role's own ARN stands for its sessions.
            let is_role = role.is_none() && arn.splitn(6, ':').nth(5).is_some_and(of_role);
            if is_role {
                Meaning::Role
            } else {
                Meaning::Caller
            }
        }
        (Principal::Arn(arn), Caller::Iam { role, .. }) => {
            when(Some(arn) == role.as_ref(), Meaning::Role)
        }
        (
            Principal::UniqueId(id),
            Caller::Iam {
                unique_id, role, ..
            },
        ) => when(
            unique_id.split(':').next() == Some(id),
            if role.is_some() {
                Meaning::Role
            } else {
                Meaning::Caller
            },
        ),
    }
}

fn of_role(name: &str) -> bool {
    name.starts_with("role/")
}

/// Whether an action element matches; letter case does not count.
pub fn actions_match(patterns: &Patterns, action: &str) -> bool {
    let any = |list: &[String]| {
        list.iter()
            .any(|pattern| glob::matches(&pattern.to_lowercase(), &action.to_lowercase()))
    };
    match patterns {
        Patterns::Only(list) => any(list),
        Patterns::Except(list) => !any(list),
    }
}

/// Whether a resource element matches; an error where the policy may not hold it.
pub fn resources_match(resources: &Resources, question: &Question) -> Truth {
    let any = |list: &[ResourcePattern]| {
        let all = list.iter().map(|pattern| resource_is(pattern, question));
        // What may not stand there spoils the whole element.
        all.fold(Truth::False, |one, other| match (one, other) {
            (Truth::Error, _) | (_, Truth::Error) => Truth::Error,
            (Truth::True, _) | (_, Truth::True) => Truth::True,
            _ => Truth::False,
        })
    };
    match resources {
        Resources::Only(list) => any(list),
        Resources::Except(list) => any(list).negated(),
    }
}

fn resource_is(pattern: &ResourcePattern, question: &Question) -> Truth {
    match pattern {
        ResourcePattern::Any => Truth::True,
        // The stage is a segment of its own, yet `*` crosses what follows it as well.
        ResourcePattern::OfApi { stage, rest } => question
            .of_api
            .as_ref()
            .is_some_and(|(own_stage, own_rest)| {
                // A variable without a value fits nothing.
                clause::expand(&format!("{stage}/{rest}"), question)
                    .is_some_and(|pieces| glob::fits(&pieces, &format!("{own_stage}/{own_rest}")))
                    || rest == "*" && glob::matches(stage, own_stage)
            })
            .into(),
        ResourcePattern::Arn(text) => arn::resource_matches(text, question),
    }
}

/// The part of a condition that keeps it from the wanted value.
#[derive(Clone, Debug, Default)]
struct Blame {
    text: Option<String>,
    node: Option<NodeId>,
    at: Option<(u32, u32)>,
}

/// A condition's value, and what kept it from being the wanted one.
fn condition(condition: &Condition, question: &Question, wanted: bool) -> (Truth, Option<Blame>) {
    match condition {
        Condition::Always => (Truth::True, None),
        Condition::Iam(clauses) => {
            let mut all = Truth::True;
            let mut blame = None;
            for clause in clauses {
                let truth = clause::evaluate(clause, question);
                if wanted && truth != Truth::True && blame.is_none() {
                    let what = match truth {
                        Truth::Error => "cannot be evaluated",
                        _ => "does not hold",
                    };
                    blame = Some(Blame {
                        text: Some(format!(
                            "`{:?}` over `{}` {what}",
                            clause.operator, clause.key
                        )),
                        node: Some(clause.node),
                        at: None,
                    });
                }
                all = all.and(truth);
            }
            (all, blame)
        }
        Condition::Cel(expression, _) => {
            let truth = cel::truth(expression, &question.fields);
            let excepted = !wanted && truth == Truth::True;
            let blame = Blame {
                text: excepted.then(|| "the exception holds".to_owned()),
                at: cel::blame(expression, &question.fields, wanted).map(|part| part.at),
                node: None,
            };
            (truth, Some(blame))
        }
        Condition::Not(inner) => {
            let (truth, blame) = self::condition(inner, question, !wanted);
            (truth.negated(), blame)
        }
        Condition::All(conditions) => {
            let mut all = Truth::True;
            let mut blame = None;
            for inner in conditions {
                let (truth, part) = self::condition(inner, question, wanted);
                if wanted && truth != Truth::True && blame.is_none() {
                    blame = part;
                }
                all = all.and(truth);
            }
            (all, blame)
        }
    }
}
