//! Statements that another one makes superfluous.

use tollgate_model::condition::Condition;
use tollgate_model::policy::{
    Effect, Patterns, Policy, Principal, Principals, ResourcePattern, Resources, Statement,
};

use super::super::Lints;
use crate::cover::glob_covers;
use crate::diagnostic::Finding;
use crate::diagnostic::codes::{StatementCovered, StatementDenied};

/// Policies with more statements are not compared pair by pair.
const MAX_STATEMENTS: usize = 500;

impl Lints<'_> {
    pub(super) fn overlaps(&mut self, policy: &Policy) {
        let statements = &policy.statements;
        if statements.len() > MAX_STATEMENTS {
            return;
        }
        for (at, statement) in statements.iter().enumerate() {
            let span = self.head(statement.node);
            let over = |(other, by): &(usize, &Statement)| {
                let same = by.effect == statement.effect;
                *other != at
                    && if same {
                        covers(by, statement) && (*other < at || !covers(statement, by))
                    } else {
                        by.effect == Effect::Deny && covers(by, statement)
                    }
            };
            let Some((other, by)) = statements.iter().enumerate().find(over) else {
                continue;
            };
            let same = by.effect == statement.effect;
            let by = match &by.sid {
                Some(sid) => format!("statement `{sid}`"),
                None => format!("statement {}", other + 1),
            };
            self.report(match same {
                true => StatementCovered { by }.at(span),
                false => StatementDenied { by }.at(span),
            });
        }
    }
}

/// Whether `wide` applies wherever `narrow` does. Where it is not certain, the answer is no.
fn covers(wide: &Statement, narrow: &Statement) -> bool {
    let same_condition = wide.condition == narrow.condition;
    (wide.condition == Condition::Always || same_condition)
        && who_covers(&wide.principals, &narrow.principals)
        && actions_cover(&wide.actions, &narrow.actions)
        && resources_cover(&wide.resources, &narrow.resources)
}

/// Whether everybody is meant.
pub(super) fn is_anyone(principals: &Principals) -> bool {
    match principals {
        Principals::Anyone => true,
        Principals::Only(names) => names.contains(&Principal::Any),
        Principals::Except(_) | Principals::Implied => false,
    }
}

fn who_covers(wide: &Principals, narrow: &Principals) -> bool {
    let listed = match (wide, narrow) {
        (Principals::Only(wide), Principals::Only(narrow)) => {
            narrow.iter().all(|name| wide.contains(name))
        }
        _ => false,
    };
    is_anyone(wide) || wide == narrow || listed
}

fn actions_cover(wide: &Patterns, narrow: &Patterns) -> bool {
    let (Patterns::Only(wide), Patterns::Only(narrow)) = (wide, narrow) else {
        return wide == narrow;
    };
    narrow.iter().all(|narrow| {
        let narrow = narrow.to_ascii_lowercase();
        wide.iter()
            .any(|wide| glob_covers(&wide.to_ascii_lowercase(), &narrow))
    })
}

fn resources_cover(wide: &Resources, narrow: &Resources) -> bool {
    let (Resources::Only(wide), Resources::Only(narrow)) = (wide, narrow) else {
        return wide == narrow;
    };
    narrow
        .iter()
        .all(|narrow| wide.iter().any(|wide| pattern_covers(wide, narrow)))
}

/// Whether every method of the API is meant.
pub(super) fn is_everything(pattern: &ResourcePattern) -> bool {
    match pattern {
        ResourcePattern::Any => true,
        ResourcePattern::OfApi { stage, rest } => stage == "*" && rest == "*",
        ResourcePattern::Arn(arn) => arn == "*",
    }
}

fn pattern_covers(wide: &ResourcePattern, narrow: &ResourcePattern) -> bool {
    let fixed = |text: &str| !text.contains("${");
    match (wide, narrow) {
        (ResourcePattern::Any, _) => true,
        (
            ResourcePattern::OfApi { stage, rest },
            ResourcePattern::OfApi {
                stage: narrow_stage,
                rest: narrow_rest,
            },
        ) => {
            // A stage is a part of its own only where no star reaches over the slash behind it.
            fixed(rest)
                && fixed(narrow_rest)
                && glob_covers(
                    &format!("{stage}/{rest}"),
                    &format!("{narrow_stage}/{narrow_rest}"),
                )
        }
        (ResourcePattern::Arn(wide), ResourcePattern::Arn(narrow)) => {
            fixed(wide) && fixed(narrow) && glob_covers(wide, narrow)
        }
        (wide, ResourcePattern::OfApi { .. }) => is_everything(wide),
        _ => wide == narrow,
    }
}
