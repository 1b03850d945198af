//! Resource policies, route by route.

use std::collections::HashMap;
use std::ops::Range;

use rayon::prelude::*;

use tollgate_runtime::router::VERBS;

use super::Specialization;
use super::caller::Caller;
use super::fold::fold;
use super::index::{indexed, widened};
use crate::ir::{
    Condition, Deployment, Effect, Instruction, Leaf, PatternPiece, Program, Route, Segment,
    Statement,
};
use crate::route_language::{Fit, Glob, Part, Token, path};

/// Routes whose residuals are made at a time.
const AHEAD: usize = 1024;

/// What is asked of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Action {
    /// A call.
    Invoke,
    /// Passing the cache by, which only callers who sign may ask for.
    Invalidate,
}

/// What is left of a policy for a route: statements with what a request can still change, denials first.
type Residual = Vec<(Effect, u32, Condition)>;

/// Gives each route its policy class.
pub(super) fn specialize(deployment: &mut Deployment, how: Specialization) {
    let Some(statements) = deployment.policy.take() else {
        return;
    };
    let size: usize = statements
        .iter()
        .map(|s| 1 + s.condition.size() + s.resources.len())
        .sum();
    let mut classes = Classes {
        known: HashMap::new(),
        whole: HashMap::new(),
        spent: 0,
        most: size.saturating_mul(how.times),
        how,
    };
    let before = VERBS.map(|verb| before_path(&deployment.id, verb));
    let scopes: Vec<Scope<'_>> = statements.iter().map(|s| Scope::of(s, &before)).collect();
    for action in [Action::Invoke, Action::Invalidate] {
        classes.of_routes(deployment, &scopes, action);
    }
    deployment.policy = Some(statements);
}

/// The policy classes so far.
struct Classes {
    known: HashMap<Residual, usize>,
    /// Those of the whole policy.
    whole: HashMap<(Action, Caller), usize>,
    /// What the others weigh.
    spent: usize,
    /// What they may.
    most: usize,
    how: Specialization,
}

impl Classes {
    /// Gives the routes their classes, as far as their callers may ask.
    fn of_routes(&mut self, deployment: &mut Deployment, scopes: &[Scope<'_>], action: Action) {
        let asked: Vec<usize> = (0..deployment.routes.len())
            .filter(|at| {
                let caller = Caller::of(&deployment.routes[*at]);
                action == Action::Invoke || caller == Caller::Signer
            })
            .collect();
        let id = &deployment.id;
        let how = self.how;
        // Side by side as far as the bound may let it count; in the order of the routes.
        let mut ahead: std::vec::IntoIter<Residual> = Vec::new().into_iter();
        for (index, at) in asked.iter().enumerate() {
            let caller = Caller::of(&deployment.routes[*at]);
            let class = if self.spent > self.most {
                *self.whole.entry((action, caller)).or_insert_with(|| {
                    let all = residual(action, caller, scopes, |scope| scope.anywhere());
                    deployment.classes.push(program(&all, how));
                    deployment.classes.len() - 1
                })
            } else {
                if ahead.len() == 0 {
                    let end = asked.len().min(index + AHEAD);
                    let left = |at: &usize| {
                        let route = &deployment.routes[*at];
                        let language = Language::of(id, route);
                        residual(action, Caller::of(route), scopes, |scope| {
                            scope.of_route(&language)
                        })
                    };
                    let all: Vec<Residual> = asked[index..end].par_iter().map(left).collect();
                    ahead = all.into_iter();
                }
                let Some(residual) = ahead.next() else { break };
                let weight: usize = residual.iter().map(|(_, _, c)| 1 + c.size()).sum();
                let spent = &mut self.spent;
                *self.known.entry(residual).or_insert_with_key(|residual| {
                    *spent += weight;
                    deployment.classes.push(program(residual, how));
                    deployment.classes.len() - 1
                })
            };
            match action {
                Action::Invoke => deployment.routes[*at].policy = Some(class),
                Action::Invalidate => deployment.routes[*at].fresh = Some(class),
            }
        }
    }
}

/// The policy for callers of one kind. A statement that cannot fit is gone; one that always does hides what
/// follows.
fn residual(
    action: Action,
    caller: Caller,
    scopes: &[Scope<'_>],
    resource: impl Fn(&Scope<'_>) -> Condition,
) -> Residual {
    let mut kept: Residual = Vec::new();
    // Denials are decided before allowances, whatever their order in the document, and what an account may
    // decide only where nothing allows.
    for effect in [Effect::Deny, Effect::Allow, Effect::Delegate] {
        for scope in scopes {
            let statement = scope.statement;
            let about = match action {
                Action::Invoke => statement.invoke,
                Action::Invalidate => statement.invalidate,
            };
            if statement.deny != (effect == Effect::Deny) || !about {
                continue;
            }
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
            let resource = caller.specialize(&resource(scope));
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

/// What a route stands for.
struct Language {
    /// Its verbs, as places in [`VERBS`].
    verbs: Range<usize>,
    /// `API/STAGE/VERB/PATH`, for each of them.
    whole: Vec<Vec<Token>>,
    /// `PATH`.
    path: Vec<Token>,
}

impl Language {
    fn of(api: &str, route: &Route) -> Language {
        let segments: Vec<Part<'_>> = route
            .segments
            .iter()
            .map(|segment| match segment {
                Segment::Literal(text) => Part::Literal(text),
                Segment::Parameter(_) => Part::One,
                Segment::Greedy(_) => Part::Many,
            })
            .collect();
        let verbs = match usize::from(route.verb) {
            7 => 0..7,
            verb => verb..verb + 1,
        };
        let path = path(&segments);
        let named = VERBS.get(verbs.clone()).unwrap_or_default().iter();
        Language {
            verbs,
            whole: named
                .map(|verb| [before_path(api, verb), path.clone()].concat())
                .collect(),
            path,
        }
    }
}

/// `API/STAGE/VERB/`.
fn before_path(api: &str, verb: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = api.bytes().map(Token::Byte).collect();
    tokens.extend([Token::Byte(b'/'), Token::Stage, Token::Byte(b'/')]);
    tokens.extend(verb.bytes().chain([b'/']).map(Token::Byte));
    tokens
}

/// A statement with its resources made ready for many routes.
struct Scope<'s> {
    statement: &'s Statement,
    resources: Vec<Resource<'s>>,
    /// None: too long to be looked at.
    patterns: Vec<Option<Glob>>,
}

/// A glob over ARNs.
struct Resource<'s> {
    text: &'s String,
    /// None: too long to be looked at.
    glob: Option<Glob>,
    /// What is left of it behind `API/STAGE/VERB/`, by the verb; none where that depends on the stage.
    rests: Vec<Option<Vec<Rest>>>,
}

/// A glob over paths.
struct Rest {
    text: String,
    /// None: too long to be looked at.
    glob: Option<Glob>,
}

impl<'s> Resource<'s> {
    fn of(text: &'s String, before: &[Vec<Token>]) -> Resource<'s> {
        let glob = Glob::new(text);
        let rest = |text: String| Rest {
            glob: Glob::new(&text),
            text,
        };
        let rests = |before: &Vec<Token>| {
            let rests = glob.as_ref()?.behind(before)?;
            Some(rests.into_iter().map(rest).collect())
        };
        Resource {
            text,
            rests: before.iter().map(rests).collect(),
            glob,
        }
    }

    /// What there is to ask of the path of a route's requests, if the path says it all.
    fn of_path(&self, language: &Language) -> Option<Vec<&String>> {
        let meets = |glob: &Glob| glob.meets(language.path.iter().cloned());
        let mut globs: Option<Vec<&String>> = None;
        for verb in language.verbs.clone() {
            let rests = self.rests.get(verb)?.as_ref()?.iter();
            let open = rests.filter(|rest| rest.glob.as_ref().is_none_or(meets));
            let open: Vec<&String> = open.map(|rest| &rest.text).collect();
            // Verbs of which each leaves something else.
            if globs.as_ref().is_some_and(|globs| *globs != open) {
                return None;
            }
            globs = Some(open);
        }
        globs
    }
}

impl<'s> Scope<'s> {
    /// `before`: `API/STAGE/VERB/` for each verb.
    fn of(statement: &'s Statement, before: &[Vec<Token>]) -> Scope<'s> {
        let resources = statement.resources.iter();
        let patterns = statement.patterns.iter();
        Scope {
            statement,
            resources: resources.map(|text| Resource::of(text, before)).collect(),
            patterns: patterns.map(|p| Glob::new(&widened(p))).collect(),
        }
    }

    /// What is left to ask of the statement's resources for a route that stands for these.
    fn of_route(&self, language: &Language) -> Condition {
        let fits = |glob: &Option<Glob>| -> Vec<Fit> {
            let fit = |whole: &Vec<Token>| glob.as_ref().map_or(Fit::Some, |glob| glob.fit(whole));
            language.whole.iter().map(fit).collect()
        };
        let (mut arns, mut paths) = (Vec::new(), Vec::new());
        for resource in &self.resources {
            let fits = fits(&resource.glob);
            if fits.iter().all(|f| *f == Fit::All) {
                return self.but(Condition::Known(true));
            }
            if fits.iter().any(|f| *f != Fit::None) {
                match resource.of_path(language) {
                    Some(globs) => paths.extend(globs.into_iter().cloned()),
                    None => arns.push(resource.text.clone()),
                }
            }
        }
        let patterns = self.statement.patterns.iter().zip(&self.patterns);
        let patterns = patterns
            .filter(|(_, open)| fits(open).iter().any(|f| *f != Fit::None))
            .map(|(pattern, _)| pattern);
        self.but(any_of(arns, paths, patterns))
    }

    /// The statement's resources, for any route.
    fn anywhere(&self) -> Condition {
        let statement = self.statement;
        self.but(any_of(
            statement.resources.clone(),
            Vec::new(),
            statement.patterns.iter(),
        ))
    }

    /// The opposite, where the statement names exceptions.
    fn but(&self, any: Condition) -> Condition {
        if self.statement.except {
            Condition::Not(Box::new(any))
        } else {
            any
        }
    }
}

fn any_of<'p>(
    arns: Vec<String>,
    paths: Vec<String>,
    patterns: impl Iterator<Item = &'p Vec<PatternPiece>>,
) -> Condition {
    let mut any = Vec::new();
    for (mut globs, leaf) in [
        (paths, Leaf::PathLike as fn(Vec<String>) -> Leaf),
        (arns, Leaf::ArnLike),
    ] {
        // What begins with text is sooner seen not to fit.
        globs.sort_by(|a, b| (a.starts_with('*'), a).cmp(&(b.starts_with('*'), b)));
        globs.dedup();
        if !globs.is_empty() {
            any.push(Condition::Leaf(leaf(globs)));
        }
    }
    any.extend(patterns.map(|pattern| Condition::Leaf(Leaf::ArnFits(pattern.clone()))));
    Condition::Or(any)
}

fn program(residual: &Residual, how: Specialization) -> Program {
    let mut program = Program::default();
    if residual.len() >= how.index_from {
        indexed(residual)
            .into_iter()
            .for_each(|part| program.push(part));
        program.push(Instruction::End);
        return program;
    }
    for (effect, id, condition) in residual {
        program.push(Instruction::Statement(*effect, *id, condition.clone()));
    }
    program.push(Instruction::End);
    program
}
