//! Resource policies, route by route.

use std::collections::HashMap;

use tollgate_runtime::router::VERBS;

use super::caller::Caller;
use super::fold::fold;
use super::language::{Fit, fit, tokens};
use crate::ir::{
    Condition, Deployment, Instruction, Leaf, PatternPiece, Program, Route, Statement,
};

/// Residuals together may be this many times as large as the policy; past it, routes share the whole policy,
/// evaluated at run time.
const BOUND: usize = 64;

/// What a statement does to a request that it fits. In the order in which statements are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Effect {
    Deny,
    Allow,
    /// Lets the caller's account decide.
    Delegate,
}

/// What is left of a policy for a route: statements with what a request can still change, denials first.
type Residual = Vec<(Effect, u32, Condition)>;

/// Gives each route its policy class.
pub(super) fn specialize(deployment: &mut Deployment) {
    let Some(statements) = deployment.policy.take() else {
        return;
    };
    let size: usize = statements
        .iter()
        .map(|s| 1 + s.condition.size() + s.resources.len())
        .sum();
    let mut classes: HashMap<Residual, usize> = HashMap::new();
    let mut spent = 0;
    let mut whole: HashMap<Caller, usize> = HashMap::new();
    for route in &mut deployment.routes {
        let caller = Caller::of(route);
        if spent > size.saturating_mul(BOUND) {
            let class = *whole.entry(caller).or_insert_with(|| {
                let all = residual(caller, &statements, anywhere);
                deployment.classes.push(program(&all));
                deployment.classes.len() - 1
            });
            route.policy = Some(class);
            continue;
        }
        let residual = residual(caller, &statements, |s| resource(&deployment.id, route, s));
        let weight: usize = residual.iter().map(|(_, _, c)| 1 + c.size()).sum();
        let class = *classes.entry(residual).or_insert_with_key(|residual| {
            spent += weight;
            deployment.classes.push(program(residual));
            deployment.classes.len() - 1
        });
        route.policy = Some(class);
    }
    deployment.policy = Some(statements);
}

/// The policy for callers of one kind. A statement that cannot fit is gone; one that always does hides what
/// follows.
fn residual(
    caller: Caller,
    statements: &[Statement],
    resource: impl Fn(&Statement) -> Condition,
) -> Residual {
    let mut kept: Residual = Vec::new();
    // Denials are decided before allowances, whatever their order in the document, and what an account may
    // decide only where nothing allows.
    for effect in [Effect::Deny, Effect::Allow, Effect::Delegate] {
        for statement in statements
            .iter()
            .filter(|s| s.deny == (effect == Effect::Deny) && s.invoke)
        {
            let (named, account) = caller.meant(&statement.who, statement.deny);
            let meant = match effect {
                Effect::Deny => Condition::Or(vec![named, account]),
                Effect::Allow => named,
                Effect::Delegate => account,
            };
            let meant = fold(&meant);
            if meant == Condition::Known(false) {
                continue;
            }
            let condition = caller.specialize(&statement.condition);
            let resource = caller.specialize(&resource(statement));
            match fold(&Condition::And(vec![resource, meant, condition])) {
                Condition::Known(false) => {}
                condition => {
                    let always = condition == Condition::Known(true);
                    kept.push((effect, statement.id, condition));
                    if always {
                        break;
                    }
                }
            }
        }
        if kept
            .last()
            .is_some_and(|(last, _, c)| *last == effect && *c == Condition::Known(true))
        {
            break;
        }
    }
    kept
}

fn resource(api: &str, route: &Route, statement: &Statement) -> Condition {
    let verbs: Vec<&str> = match route.verb {
        7 => VERBS.iter().copied().take(7).collect(),
        verb => VERBS.get(usize::from(verb)).copied().into_iter().collect(),
    };
    let languages: Vec<_> = verbs
        .iter()
        .map(|verb| tokens(api, verb, &route.segments))
        .collect();
    let mut some = Vec::new();
    let mut all = false;
    for glob in &statement.resources {
        let fits: Vec<Fit> = languages
            .iter()
            .map(|language| fit(language, glob))
            .collect();
        if fits.iter().all(|f| *f == Fit::All) {
            all = true;
            break;
        }
        if fits.iter().any(|f| *f != Fit::None) {
            some.push(glob.clone());
        }
    }
    let patterns = statement.patterns.iter().filter(|pattern| {
        let open = widened(pattern);
        languages
            .iter()
            .any(|language| fit(language, &open) != Fit::None)
    });
    let any = if all {
        Condition::Known(true)
    } else {
        any_of(some, patterns)
    };
    if statement.except {
        Condition::Not(Box::new(any))
    } else {
        any
    }
}

/// A glob that fits whatever the pattern fits.
fn widened(pattern: &[PatternPiece]) -> String {
    pattern
        .iter()
        .map(|piece| match piece {
            PatternPiece::Text(text) => text.as_str(),
            PatternPiece::Literal(_) | PatternPiece::Variable { .. } => "*",
        })
        .collect()
}

fn any_of<'p>(
    mut globs: Vec<String>,
    patterns: impl Iterator<Item = &'p Vec<PatternPiece>>,
) -> Condition {
    globs.sort();
    globs.dedup();
    let mut any = Vec::new();
    if !globs.is_empty() {
        any.push(Condition::Leaf(Leaf::ArnLike(globs)));
    }
    any.extend(patterns.map(|pattern| Condition::Leaf(Leaf::ArnFits(pattern.clone()))));
    Condition::Or(any)
}

/// A statement's resources, for any route.
fn anywhere(statement: &Statement) -> Condition {
    let any = any_of(statement.resources.clone(), statement.patterns.iter());
    if statement.except {
        Condition::Not(Box::new(any))
    } else {
        any
    }
}

fn program(residual: &Residual) -> Program {
    let mut program = Program::default();
    for (effect, id, condition) in residual {
        program.push(Instruction::Condition(condition.clone()));
        program.push(match effect {
            Effect::Deny => Instruction::Deny(*id),
            Effect::Allow => Instruction::Allow(*id),
            Effect::Delegate => Instruction::Delegate(*id),
        });
    }
    program.push(Instruction::End);
    program
}
