//! Policies: which statements match a request, and what a policy says of it.

mod arn;
pub mod clause;
pub mod glob;

use tollgate_model::NodeId;
use tollgate_model::condition::Condition;
use tollgate_model::policy::{
    Effect, Patterns, Policy, Principal, Principals, ResourcePattern, Resources, Statement,
};

use crate::cel;
use crate::exchange::{Event, Matched, Recorder, Why};

/// Who asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Caller {
    /// Nobody that IAM knows: also callers of Lambda and token authorizers.
    Anonymous,
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
    if !principals_match(&statement.principals, &question.caller) {
        return no("the principal does not match");
    }
    if !actions_match(&statement.actions, &question.action) {
        return no("the action does not match");
    }
    if !resources_match(&statement.resources, question) {
        return no("the resource does not match");
    }
    let (truth, blame) = condition(&statement.condition, question, true);
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

/// Whether a principal element matches a caller.
pub fn principals_match(principals: &Principals, caller: &Caller) -> bool {
    match principals {
        Principals::Anyone | Principals::Implied => true,
        Principals::Only(list) => list.iter().any(|principal| is(principal, caller)),
        Principals::Except(list) => match caller {
            Caller::Anonymous => !list.contains(&Principal::Any),
            // The statement speaks of callers of whose names any one is not listed.
            Caller::Iam { .. } => chain(caller).iter().any(|name| !list.contains(name)),
        },
    }
}

/// The names of a caller: its account, its user or role, its session.
fn chain(caller: &Caller) -> Vec<Principal> {
    match caller {
        Caller::Anonymous => Vec::new(),
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

fn is(principal: &Principal, caller: &Caller) -> bool {
    match (principal, caller) {
        (Principal::Any, _) => true,
        (_, Caller::Anonymous) | (Principal::Other(..), _) => false,
        (Principal::Account(account), Caller::Iam { account: own, .. }) => account == own,
        (Principal::Arn(arn), Caller::Iam { arn: own, role, .. }) => {
            arn == own || Some(arn) == role.as_ref()
        }
        (Principal::UniqueId(id), Caller::Iam { unique_id, .. }) => {
            unique_id.split(':').next() == Some(id)
        }
    }
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

/// Whether a resource element matches.
pub fn resources_match(resources: &Resources, question: &Question) -> bool {
    let any = |list: &[ResourcePattern]| list.iter().any(|pattern| resource_is(pattern, question));
    match resources {
        Resources::Only(list) => any(list),
        Resources::Except(list) => !any(list),
    }
}

fn resource_is(pattern: &ResourcePattern, question: &Question) -> bool {
    match pattern {
        ResourcePattern::Any => true,
        // The stage is a segment of its own, yet `*` crosses what follows it as well.
        ResourcePattern::OfApi { stage, rest } => {
            question
                .of_api
                .as_ref()
                .is_some_and(|(own_stage, own_rest)| {
                    glob::matches(
                        &format!("{stage}/{rest}"),
                        &format!("{own_stage}/{own_rest}"),
                    ) || rest == "*" && glob::matches(stage, own_stage)
                })
        }
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
        Condition::Cel(expression) => {
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
