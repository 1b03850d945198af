//! Resource policies, route by route.

use std::collections::HashMap;

use tollgate_runtime::router::VERBS;

use super::fold::fold;
use super::language::{Fit, fit, tokens};
use crate::ir::{Condition, Deployment, Instruction, Leaf, Program, Route, Statement};

/// Residuals together may be this many times as large as the policy; past it, routes share the whole policy,
/// evaluated at run time.
const BOUND: usize = 64;

/// What is left of a policy for a route: statements with what a request can still change, denials first.
type Residual = Vec<(bool, u32, Condition)>;

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
    let mut whole = None;
    for route in &mut deployment.routes {
        if spent > size.saturating_mul(BOUND) {
            let class = *whole.get_or_insert_with(|| {
                deployment
                    .classes
                    .push(program(&unspecialized(&statements)));
                deployment.classes.len() - 1
            });
            route.policy = Some(class);
            continue;
        }
        let residual = residual(&deployment.id, route, &statements);
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

/// The policy for one route. A statement that cannot fit is gone; one that always does hides what follows.
fn residual(api: &str, route: &Route, statements: &[Statement]) -> Residual {
    let mut kept: Residual = Vec::new();
    // Denials are decided before allowances, whatever their order in the document.
    for deny in [true, false] {
        for statement in statements
            .iter()
            .filter(|s| s.deny == deny && s.anonymous && s.invoke)
        {
            let resource = resource(api, route, statement);
            match fold(&Condition::And(vec![resource, statement.condition.clone()])) {
                Condition::Known(false) => {}
                condition => {
                    let always = condition == Condition::Known(true);
                    kept.push((deny, statement.id, condition));
                    if always {
                        break;
                    }
                }
            }
        }
        if deny
            && kept
                .last()
                .is_some_and(|(_, _, c)| *c == Condition::Known(true))
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
    let condition = if all {
        Condition::Known(true)
    } else if some.is_empty() {
        Condition::Known(false)
    } else {
        some.sort();
        some.dedup();
        Condition::Leaf(Leaf::ArnLike(some))
    };
    if statement.except {
        Condition::Not(Box::new(condition))
    } else {
        condition
    }
}

/// The whole policy, for any route.
fn unspecialized(statements: &[Statement]) -> Residual {
    let mut kept = Vec::new();
    for deny in [true, false] {
        for statement in statements
            .iter()
            .filter(|s| s.deny == deny && s.anonymous && s.invoke)
        {
            let mut globs = statement.resources.clone();
            globs.sort();
            globs.dedup();
            let fits = Condition::Leaf(Leaf::ArnLike(globs));
            let fits = if statement.except {
                Condition::Not(Box::new(fits))
            } else {
                fits
            };
            match fold(&Condition::And(vec![fits, statement.condition.clone()])) {
                Condition::Known(false) => {}
                condition => kept.push((deny, statement.id, condition)),
            }
        }
    }
    kept
}

fn program(residual: &Residual) -> Program {
    let mut program = Program::default();
    for (deny, id, condition) in residual {
        program.push(Instruction::Condition(condition.clone()));
        program.push(if *deny {
            Instruction::Deny(*id)
        } else {
            Instruction::Allow(*id)
        });
    }
    program.push(Instruction::End);
    program
}
