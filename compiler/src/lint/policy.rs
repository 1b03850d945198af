//! Policies that open nothing, never apply, or read what is never there.

use tollgate_grammar::Span;
use tollgate_model::api::{Api, Endpoint, RouteKey, Segment};
use tollgate_model::authorizer::Auth;
use tollgate_model::condition::{Condition, Expr, ExprKind};
use tollgate_model::policy::{Effect, Policy, Principals, ResourcePattern, Resources, Statement};

use super::Lints;
use crate::diagnostic::Finding;
use crate::diagnostic::codes::{
    KeyNeverThere, PolicyWithoutAllow, PrincipalNeedsIam, StatementNeverApplies,
};

/// Beyond this many comparisons of statements and routes a policy is not looked through.
const MAX_COMPARISONS: usize = 200_000;

impl Lints<'_> {
    pub(super) fn policies(&mut self) {
        for api in &self.program.apis {
            if let Some(policy) = &api.policy {
                self.policy(api, policy);
            }
        }
    }

    fn policy(&mut self, api: &Api, policy: &Policy) {
        let allows = policy
            .statements
            .iter()
            .any(|statement| statement.effect == Effect::Allow);
        let open = api
            .routes
            .iter()
            .any(|route| !matches!(&route.auth, Auth::Iam) && !is_lambda(api, &route.auth));
        if !allows && open && !policy.statements.is_empty() {
            let span = self.head(policy.node);
            self.report(PolicyWithoutAllow {}.at(span));
        }
        let iam = api.routes.iter().any(|route| route.auth == Auth::Iam);
        let comparisons = policy.statements.len().saturating_mul(api.routes.len());
        for statement in &policy.statements {
            let span = self.head(statement.node);
            if !iam
                && statement.effect == Effect::Allow
                && matches!(&statement.principals, Principals::Only(names) if !names.contains(&tollgate_model::policy::Principal::Any))
            {
                self.report(PrincipalNeedsIam {}.at(span));
            }
            if comparisons <= MAX_COMPARISONS && never_applies(api, statement) {
                self.report(
                    StatementNeverApplies {
                        api: api.name.clone(),
                    }
                    .at(span),
                );
            }
            self.keys(api, &statement.condition, span);
        }
    }

    /// Keys that this kind of endpoint never has.
    fn keys(&mut self, api: &Api, condition: &Condition, span: Span) {
        let private = matches!(api.endpoint, Endpoint::Private(_));
        let mut never: Vec<&'static str> = Vec::new();
        walk(condition, &mut |key| {
            let key = match key.to_ascii_lowercase().as_str() {
                "source.vpce" | "aws:sourcevpce" if !private => "the VPC endpoint",
                "source.vpc" | "aws:sourcevpc" if !private => "the VPC",
                "aws:vpcsourceip" if !private => "the address within the VPC",
                "aws:sourceip" if private => "the public address",
                _ => return,
            };
            if !never.contains(&key) {
                never.push(key);
            }
        });
        for what in never {
            self.report(
                KeyNeverThere {
                    what,
                    endpoint: if private { "private" } else { "public" },
                }
                .at(span),
            );
        }
    }
}

fn is_lambda(api: &Api, auth: &Auth) -> bool {
    use tollgate_model::authorizer::AuthorizerKind;
    let Auth::Authorizer { name, .. } = auth else {
        return false;
    };
    api.authorizers.iter().any(|authorizer| {
        authorizer.name == *name
            && matches!(
                authorizer.kind,
                AuthorizerKind::Token { .. } | AuthorizerKind::Request { .. }
            )
    })
}

/// Visits the names that a condition reads.
fn walk(condition: &Condition, visit: &mut impl FnMut(&str)) {
    match condition {
        Condition::Always => {}
        Condition::Iam(clauses) => clauses.iter().for_each(|clause| visit(&clause.key)),
        Condition::Cel(expression) => walk_expr(expression, visit),
        Condition::Not(inner) => walk(inner, visit),
        Condition::All(all) => all.iter().for_each(|inner| walk(inner, visit)),
    }
}

fn walk_expr(expression: &Expr, visit: &mut impl FnMut(&str)) {
    if let ExprKind::Field(name) = &expression.kind {
        visit(name);
    }
    let mut parts = Vec::new();
    expression.parts(|part| parts.push(part));
    for part in parts {
        walk_expr(part, visit);
    }
}

/// Whether no route of the API can have a method ARN that the statement names.
fn never_applies(api: &Api, statement: &Statement) -> bool {
    let Resources::Only(patterns) = &statement.resources else {
        return false;
    };
    if api.routes.is_empty() {
        return false;
    }
    patterns.iter().all(|pattern| match pattern {
        // A whole ARN may be of another API on purpose.
        ResourcePattern::Any | ResourcePattern::Arn(_) => false,
        ResourcePattern::OfApi { stage, rest } => {
            // A star of the stage may reach over the verb and the path.
            let reaches_over = stage.contains('*') && stage != "*";
            !reaches_over && !api.routes.iter().any(|route| covers(rest, &route.key))
        }
    })
}

/// A piece of what follows the stage in a method's ARN.
#[derive(Clone, Copy)]
enum Piece {
    Char(char),
    /// One or more characters without a slash.
    Segment,
    /// One or more characters.
    Rest,
    /// One of the seven verbs.
    Verb,
}

/// Whether a glob and the ARNs of a route have one in common.
fn covers(glob: &str, key: &RouteKey) -> bool {
    let RouteKey::Http { path, method } = key else {
        return true;
    };
    let mut pieces: Vec<Piece> = Vec::new();
    match method {
        tollgate_model::api::Method::Any => pieces.push(Piece::Verb),
        method => pieces.extend(method.as_str().chars().map(Piece::Char)),
    }
    pieces.push(Piece::Char('/'));
    for (at, segment) in path.segments.iter().enumerate() {
        if at > 0 {
            pieces.push(Piece::Char('/'));
        }
        match segment {
            Segment::Literal(literal) => pieces.extend(literal.chars().map(Piece::Char)),
            Segment::Parameter(_) => pieces.push(Piece::Segment),
            Segment::Greedy(_) => pieces.push(Piece::Rest),
        }
    }
    let glob: Vec<char> = glob.chars().collect();
    // Which places of the glob can be reached after each piece of the route.
    let mut reach = vec![false; glob.len() + 1];
    reach[0] = true;
    over_stars(&glob, &mut reach);
    for piece in pieces {
        reach = match piece {
            Piece::Char(c) => step(&glob, &reach, |glob| glob == '?' || glob == c),
            Piece::Segment => many(&glob, &reach, |glob| glob != '/'),
            Piece::Rest => many(&glob, &reach, |_| true),
            Piece::Verb => {
                let mut any = vec![false; glob.len() + 1];
                for verb in tollgate_model::api::Method::ALL {
                    let after = verb.as_str().chars().fold(reach.clone(), |reach, c| {
                        step(&glob, &reach, |glob| glob == '?' || glob == c)
                    });
                    any.iter_mut()
                        .zip(after)
                        .for_each(|(any, after)| *any |= after);
                }
                any
            }
        };
        if !reach.contains(&true) {
            return false;
        }
    }
    reach.last().copied().unwrap_or(false)
}

/// A star may stand for nothing.
fn over_stars(glob: &[char], reach: &mut [bool]) {
    for (at, c) in glob.iter().enumerate() {
        if *c == '*' && reach[at] {
            reach[at + 1] = true;
        }
    }
}

/// After one character that fits.
fn step(glob: &[char], reach: &[bool], fits: impl Fn(char) -> bool) -> Vec<bool> {
    let mut next = vec![false; reach.len()];
    for (at, c) in glob.iter().enumerate() {
        if !reach[at] {
            continue;
        }
        if *c == '*' {
            next[at] = true;
        } else if fits(*c) {
            next[at + 1] = true;
        }
    }
    over_stars(glob, &mut next);
    next
}

/// After one or more characters that fit.
fn many(glob: &[char], reach: &[bool], fits: impl Fn(char) -> bool + Copy) -> Vec<bool> {
    let mut total = step(glob, reach, fits);
    loop {
        let next = step(glob, &total, fits);
        let grew = next.iter().zip(&total).any(|(next, total)| *next && !total);
        if !grew {
            return total;
        }
        total
            .iter_mut()
            .zip(next)
            .for_each(|(total, next)| *total |= next);
    }
}

#[cfg(test)]
mod tests {
    use tollgate_model::api::{Method, PathTemplate};

    use super::*;

    #[test]
    fn a_glob_covers_a_route_if_one_request_fits_both() {
        for (glob, method, path, expected) in [
            ("*", Method::Get, "/pets", true),
            ("GET/pets", Method::Get, "/pets", true),
            ("GET/pets", Method::Put, "/pets", false),
            ("*/pets/*", Method::Get, "/pets", false),
            ("*/pets/*", Method::Get, "/pets/{pet}", true),
            ("GET/pets/a1?2", Method::Get, "/pets/{pet}", true),
            ("GET/pets/a/b", Method::Get, "/pets/{pet}", false),
            ("GET/pets/a/b", Method::Get, "/pets/{rest+}", true),
            ("POST/x", Method::Any, "/x", true),
            ("TRACE/x", Method::Any, "/x", false),
            ("GET/", Method::Get, "/", true),
            ("*admin*", Method::Get, "/super/administration", true),
        ] {
            let key = RouteKey::Http {
                path: PathTemplate::of(path),
                method,
            };
            assert_eq!(covers(glob, &key), expected, "{glob} {method:?} {path}");
        }
    }
}
