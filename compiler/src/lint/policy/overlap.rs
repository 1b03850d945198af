//! Statements that another one makes superfluous.
//!
//! Not every two are compared. A part between the slashes and colons of a pattern that has no wildcard stands in
//! whatever the pattern covers, as a part of its own; so each pattern is filed under the rarest such part that it has,
//! and a statement is compared with what is filed under its own parts, and with what has none.

use std::borrow::Cow;
use std::collections::HashMap;

use tollgate_model::condition::Condition;
use tollgate_model::policy::{
    Effect, Patterns, Policy, Principal, Principals, ResourcePattern, Resources, Statement,
};

use super::super::Lints;
use crate::cover::Work;
use crate::diagnostic::Finding;
use crate::diagnostic::codes::{StatementCovered, StatementDenied};

/// What may be looked at of one policy, in characters of its actions and resources, and in names of principals. The
/// rest of a policy that takes more is not looked through.
const MAX_WORK: usize = 100_000_000;

/// What it takes to hold two statements beside each other, in such characters.
const WORK_OF_TWO: usize = 16;

impl Lints<'_> {
    pub(super) fn overlaps(&mut self, policy: &Policy) {
        let statements: Vec<Compared<'_>> = policy.statements.iter().map(Compared::of).collect();
        let index = Index::of(&statements);
        let work = Work::of(MAX_WORK);
        for (at, own) in statements.iter().enumerate() {
            let statement = own.statement;
            let candidates = index.candidates(own);
            work.spend(candidates.len().saturating_mul(WORK_OF_TWO));
            let over = |other: &usize| {
                let wide = &statements[*other];
                let same = wide.statement.effect == statement.effect;
                *other != at
                    && !work.is_spent()
                    && (same || wide.statement.effect == Effect::Deny)
                    && wide.covers(own, &work)
                    && (!same || *other < at || !own.covers(wide, &work))
            };
            let by = candidates.into_iter().find(over);
            if work.is_spent() {
                return;
            }
            let Some(other) = by else { continue };
            let by = &statements[other].statement;
            let same = by.effect == statement.effect;
            let by = match &by.sid {
                Some(sid) => format!("statement `{sid}`"),
                None => format!("statement {}", other + 1),
            };
            let span = self.head(statement.node);
            self.report(match same {
                true => StatementCovered { by }.at(span),
                false => StatementDenied { by }.at(span),
            });
        }
    }
}

/// A statement, made ready to be compared.
struct Compared<'p> {
    statement: &'p Statement,
    /// The resources that it names, if it names them.
    resources: Option<Vec<Resource<'p>>>,
}

struct Resource<'p> {
    pattern: &'p ResourcePattern,
    text: Cow<'p, str>,
    /// Whether no policy variable stands in it, its stage left aside.
    is_fixed: bool,
}

impl<'p> Compared<'p> {
    fn of(statement: &'p Statement) -> Compared<'p> {
        let resource = |pattern: &'p ResourcePattern| {
            let text = match pattern {
                ResourcePattern::Any => Cow::Borrowed("*"),
                // A stage is a part of its own only where no star reaches over the slash behind it.
                ResourcePattern::OfApi { stage, rest } => Cow::Owned([stage, "/", rest].concat()),
                ResourcePattern::Arn(arn) => Cow::Borrowed(arn.as_str()),
            };
            let is_fixed = match pattern {
                ResourcePattern::OfApi { rest, .. } => !rest.contains("${"),
                _ => !text.contains("${"),
            };
            Resource {
                pattern,
                text,
                is_fixed,
            }
        };
        Compared {
            statement,
            resources: match &statement.resources {
                Resources::Only(patterns) => Some(patterns.iter().map(resource).collect()),
                Resources::Except(_) => None,
            },
        }
    }

    /// Whether it applies wherever `narrow` does. Where it is not certain, the answer is no.
    fn covers(&self, narrow: &Compared<'_>, work: &Work) -> bool {
        let (own, other) = (self.statement, narrow.statement);
        let same_condition = own.condition == other.condition;
        (own.condition == Condition::Always || same_condition)
            && who_covers(&own.principals, &other.principals, work)
            && actions_cover(&own.actions, &other.actions, work)
            && self.names_all_of(narrow, work)
    }

    fn names_all_of(&self, narrow: &Compared<'_>, work: &Work) -> bool {
        let (Some(own), Some(narrow)) = (&self.resources, &narrow.resources) else {
            return self.statement.resources == narrow.statement.resources;
        };
        narrow
            .iter()
            .all(|narrow| own.iter().any(|own| own.covers(narrow, work)))
    }
}

impl Resource<'_> {
    fn covers(&self, narrow: &Resource<'_>, work: &Work) -> bool {
        use ResourcePattern as P;
        work.spend(1);
        match (self.pattern, narrow.pattern) {
            (P::Any, _) => true,
            (P::OfApi { .. }, P::OfApi { .. }) | (P::Arn(_), P::Arn(_)) => {
                self.is_fixed && narrow.is_fixed && work.glob_covers(&self.text, &narrow.text)
            }
            (wide, P::OfApi { .. }) => is_everything(wide),
            (wide, narrow) => wide == narrow,
        }
    }
}

/// Which statements may cover another.
struct Index<'s> {
    /// By a part that stands in all that a pattern of theirs covers, in rising order.
    by_part: HashMap<&'s str, Vec<usize>>,
    /// With a pattern that has no such part, or without patterns; in rising order.
    others: Vec<usize>,
}

impl<'s> Index<'s> {
    fn of(statements: &'s [Compared<'_>]) -> Index<'s> {
        let patterns = || {
            statements.iter().enumerate().flat_map(|(at, statement)| {
                let patterns = statement.resources.iter().flatten();
                patterns.map(move |resource| (at, resource.text.as_ref()))
            })
        };
        let mut common: HashMap<&str, usize> = HashMap::with_capacity(statements.len());
        for (_, text) in patterns() {
            parts(text).for_each(|part| *common.entry(part).or_default() += 1);
        }
        let mut index = Index {
            by_part: HashMap::with_capacity(statements.len()),
            others: Vec::new(),
        };
        for (at, text) in patterns() {
            let fixed = parts(text).filter(|part| !part.contains(['*', '?']));
            match fixed.min_by_key(|part| common.get(part)) {
                Some(rarest) => index.by_part.entry(rarest).or_default().push(at),
                None => index.others.push(at),
            }
        }
        let without = (0..statements.len()).filter(|at| statements[*at].resources.is_none());
        index.others.extend(without);
        index.others.sort_unstable();
        index
    }

    /// The numbers of the statements that may cover this one, in rising order.
    fn candidates(&self, narrow: &Compared<'_>) -> Vec<usize> {
        // What covers a statement covers the first of its resources.
        let first = narrow.resources.as_ref().and_then(|all| all.first());
        let mut own: Vec<&str> = first.map_or(Vec::new(), |first| parts(&first.text).collect());
        own.sort_unstable();
        own.dedup();
        let filed = own.into_iter().filter_map(|part| self.by_part.get(part));
        let mut found: Vec<usize> = filed.flatten().chain(&self.others).copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// What stands between the slashes and colons of a pattern.
fn parts(pattern: &str) -> impl Iterator<Item = &str> {
    pattern.split(['/', ':'])
}

/// Whether everybody is meant.
pub(super) fn is_anyone(principals: &Principals) -> bool {
    match principals {
        Principals::Anyone => true,
        Principals::Only(names) => names.contains(&Principal::Any),
        Principals::Except(_) | Principals::Implied => false,
    }
}

fn who_covers(wide: &Principals, narrow: &Principals, work: &Work) -> bool {
    let listed = match (wide, narrow) {
        (Principals::Only(wide), Principals::Only(narrow)) => narrow.iter().all(|name| {
            work.spend(wide.len());
            wide.contains(name)
        }),
        _ => false,
    };
    is_anyone(wide) || wide == narrow || listed
}

fn actions_cover(wide: &Patterns, narrow: &Patterns, work: &Work) -> bool {
    let (Patterns::Only(wide), Patterns::Only(narrow)) = (wide, narrow) else {
        return wide == narrow;
    };
    narrow.iter().all(|narrow| {
        wide.iter()
            .any(|wide| work.glob_covers_in_any_case(wide, narrow))
    })
}

/// Whether every method of the API is meant.
pub(super) fn is_everything(pattern: &ResourcePattern) -> bool {
    match pattern {
        ResourcePattern::Any => true,
        ResourcePattern::OfApi { stage, rest } => stage == "*" && rest == "*",
        ResourcePattern::Arn(arn) => arn == "*",
    }
}

#[cfg(test)]
mod tests {
    use tollgate_model::NodeId;

    use super::*;

    fn statement(resources: Resources) -> Statement {
        Statement {
            sid: None,
            effect: Effect::Deny,
            principals: Principals::Anyone,
            actions: Patterns::Only(vec!["*".into()]),
            resources,
            condition: Condition::Always,
            node: NodeId::default(),
        }
    }

    #[test]
    fn whatever_covers_a_statement_is_a_candidate() {
        let mut patterns = vec![ResourcePattern::Any];
        let rests = [
            "*", "", "GET/a", "*/a", "*/a/*", "?ET/a/b", "GET*b", "GET/a/?",
        ];
        for rest in rests {
            for stage in ["*", "s", "?", "s*"] {
                let (stage, rest) = (stage.to_owned(), rest.to_owned());
                patterns.push(ResourcePattern::OfApi { stage, rest });
            }
            for before in ["", "arn:aws:execute-api:*:*:", "arn:*:execute-api:eu:1:"] {
                patterns.push(ResourcePattern::Arn(format!("{before}{rest}")));
            }
        }
        let only = patterns
            .iter()
            .map(|one| Resources::Only(vec![one.clone()]));
        let pairs = patterns.windows(2).map(|two| Resources::Only(two.to_vec()));
        let except = patterns
            .iter()
            .take(2)
            .map(|one| Resources::Except(vec![one.clone()]));
        let all: Vec<Statement> = only.chain(pairs).chain(except).map(statement).collect();
        let compared: Vec<Compared<'_>> = all.iter().map(Compared::of).collect();
        let index = Index::of(&compared);
        let (mut covered, mut passed_by) = (0, 0);
        for narrow in &compared {
            let candidates = index.candidates(narrow);
            for (at, wide) in compared.iter().enumerate() {
                if wide.covers(narrow, &Work::of(usize::MAX)) {
                    covered += 1;
                    let (wide, narrow) = (wide.statement, narrow.statement);
                    assert!(candidates.contains(&at), "{wide:?} {narrow:?}");
                }
            }
            passed_by += compared.len() - candidates.len();
        }
        assert!(covered > 500 && passed_by > 500, "{covered} {passed_by}");
    }
}
