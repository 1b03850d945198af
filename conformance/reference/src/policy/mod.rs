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
use crate::exchange::{Event, Recorder};

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
        if matched.is_ok() {
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
            matched,
        });
    }
    verdict
}

/// Whether a statement matches, or what failed first, and the node that says so.
pub fn matches(statement: &Statement, question: &Question) -> Result<(), (String, NodeId)> {
    let fail = |what: &str| Err((what.to_owned(), statement.node));
    if !principals_match(&statement.principals, &question.caller) {
        return fail("the principal does not match");
    }
    if !actions_match(&statement.actions, &question.action) {
        return fail("the action does not match");
    }
    if !resources_match(&statement.resources, question) {
        return fail("the resource does not match");
    }
    let (truth, failed) = condition(&statement.condition, question);
    // An error never helps the caller: an allow does not match then, a deny does.
    let holds = match truth {
        Truth::True => true,
        Truth::False => false,
        Truth::Error => statement.effect == Effect::Deny,
    };
    if holds {
        Ok(())
    } else {
        Err(failed.unwrap_or_else(|| ("the condition does not hold".to_owned(), statement.node)))
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

/// A condition's value, and the clause that kept it from being true.
fn condition(condition: &Condition, question: &Question) -> (Truth, Option<(String, NodeId)>) {
    match condition {
        Condition::Always => (Truth::True, None),
        Condition::Iam(clauses) => {
            let mut all = Truth::True;
            let mut failed = None;
            for clause in clauses {
                let truth = clause::evaluate(clause, question);
                if truth != Truth::True && failed.is_none() {
                    failed = Some((
                        format!(
                            "`{:?}` over `{}` does not hold",
                            clause.operator, clause.key
                        ),
                        clause.node,
                    ));
                }
                all = all.and(truth);
            }
            (all, failed)
        }
        Condition::Cel(expression) => (cel::truth(expression, &question.fields), None),
        Condition::Not(inner) => (self::condition(inner, question).0.negated(), None),
        Condition::All(conditions) => {
            let mut all = Truth::True;
            let mut failed = None;
            for inner in conditions {
                let (truth, why) = self::condition(inner, question);
                if failed.is_none() {
                    failed = why;
                }
                all = all.and(truth);
            }
            (all, failed)
        }
    }
}
