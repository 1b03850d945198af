//! Policies that open nothing or everything, statements that never apply or add nothing, and conditions that read
//! what is never there.

mod overlap;
mod reach;

use tollgate_model::NodeId;
use tollgate_model::api::{Api, Endpoint};
use tollgate_model::authorizer::Auth;
use tollgate_model::condition::{Clause, Condition, Expr, ExprKind, Operator};
use tollgate_model::policy::{Effect, Patterns, Policy, Principals, Resources, Statement};

use super::Lints;
use crate::cover::Range;
use crate::diagnostic::Finding;
use crate::diagnostic::codes::{
    AllowExcept, CallerUnknown, KeyNeverThere, PolicyEmpty, PolicyOpensAll, PolicyWithoutAllow,
    PrincipalNeedsIam, PrivateAddress, StatementNeverApplies,
};
use reach::MethodArns;

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
        self.breadth(api, policy);
        self.overlaps(policy);
        let iam = api.routes.iter().any(|route| route.auth == Auth::Iam);
        let comparisons = policy.statements.len().saturating_mul(api.routes.len());
        let arns = (comparisons <= MAX_COMPARISONS).then(|| MethodArns::of(api));
        for statement in &policy.statements {
            let node = statement.node;
            if !iam
                && statement.effect == Effect::Allow
                && matches!(&statement.principals, Principals::Only(names) if !names.contains(&tollgate_model::policy::Principal::Any))
            {
                self.report(PrincipalNeedsIam {}.at(self.head(node)));
            }
            if arns
                .as_ref()
                .is_some_and(|arns| arns.never_named(statement))
            {
                self.report(
                    StatementNeverApplies {
                        api: api.name.clone(),
                    }
                    .at(self.head(node)),
                );
            }
            if statement.effect == Effect::Allow
                && matches!(statement.principals, Principals::Except(_))
            {
                self.report(AllowExcept {}.at(self.head(node)));
            }
            self.keys(api, &statement.condition, node);
            self.addresses(api, &statement.condition, node);
            if !iam && !api.routes.is_empty() {
                self.caller(&statement.condition, node);
            }
        }
    }

    /// Nothing at all, or everything for everybody.
    fn breadth(&mut self, api: &Api, policy: &Policy) {
        let span = self.head(policy.node);
        let everything = |statement: &Statement| {
            let any_action = match &statement.actions {
                Patterns::Only(actions) => actions.iter().any(|action| {
                    ["*", "execute-api:*", "execute-api:Invoke"]
                        .iter()
                        .any(|any| action.eq_ignore_ascii_case(any))
                }),
                Patterns::Except(_) => false,
            };
            let any_resource = match &statement.resources {
                Resources::Only(patterns) => patterns.iter().any(overlap::is_everything),
                Resources::Except(_) => false,
            };
            statement.effect == Effect::Allow
                && overlap::is_anyone(&statement.principals)
                && statement.condition == Condition::Always
                && any_action
                && any_resource
        };
        let denies = |statement: &Statement| statement.effect == Effect::Deny;
        if policy.statements.is_empty() {
            self.report(PolicyEmpty {}.at(span));
        } else if policy.statements.iter().any(everything)
            && !policy.statements.iter().any(denies)
            // A private API cannot do without a policy, and its endpoints have their own.
            && !matches!(api.endpoint, Endpoint::Private(_))
        {
            self.report(PolicyOpensAll {}.at(span));
        }
    }

    /// Private ranges, to which the address of a caller over the internet is compared.
    fn addresses(&mut self, api: &Api, condition: &Condition, node: NodeId) {
        if matches!(api.endpoint, Endpoint::Private(_)) {
            return;
        }
        each_clause(condition, &mut |clause| {
            if clause.operator != Operator::IpAddress
                || !clause.key.eq_ignore_ascii_case("aws:SourceIp")
            {
                return;
            }
            for value in &clause.values {
                if Range::read(value).is_some_and(|(range, _)| range.is_private()) {
                    let range = value.clone();
                    self.report(PrivateAddress { range }.at(self.head(node)));
                }
            }
        });
    }

    /// Keys of a caller whom nothing makes known.
    fn caller(&mut self, condition: &Condition, node: NodeId) {
        const OF_CALLER: [&str; 10] = [
            "aws:PrincipalAccount",
            "aws:PrincipalArn",
            "aws:PrincipalType",
            "aws:PrincipalOrgID",
            "aws:PrincipalOrgPaths",
            "aws:userid",
            "aws:username",
            "aws:MultiFactorAuthPresent",
            "aws:MultiFactorAuthAge",
            "aws:TokenIssueTime",
        ];
        const TAG: &str = "aws:PrincipalTag/";
        let mut reported: Vec<&str> = Vec::new();
        each_clause(condition, &mut |clause| {
            let key = clause.key.as_str();
            let is = |other: &&str| is_same(key, other);
            let of_caller = OF_CALLER.iter().any(is)
                || key
                    .get(..TAG.len())
                    .is_some_and(|start| is_same(start, TAG));
            // `Null` may ask just that.
            if of_caller && clause.operator != Operator::Null && !reported.iter().any(is) {
                reported.push(key);
                let key = key.to_owned();
                self.report(CallerUnknown { key }.at(self.head(node)));
            }
        });
    }

    /// Keys that this kind of endpoint never has.
    fn keys(&mut self, api: &Api, condition: &Condition, node: NodeId) {
        const OF_PRIVATE: [(&str, &str); 5] = [
            ("source.vpce", "the VPC endpoint"),
            ("aws:SourceVpce", "the VPC endpoint"),
            ("source.vpc", "the VPC"),
            ("aws:SourceVpc", "the VPC"),
            ("aws:VpcSourceIp", "the address within the VPC"),
        ];
        const OF_PUBLIC: [(&str, &str); 1] = [("aws:SourceIp", "the public address")];
        let private = matches!(api.endpoint, Endpoint::Private(_));
        let missing: &[(&str, &'static str)] = match private {
            true => &OF_PUBLIC,
            false => &OF_PRIVATE,
        };
        let mut never: Vec<&'static str> = Vec::new();
        walk(condition, &mut |key| {
            let found = missing.iter().find(|(name, _)| is_same(key, name));
            if let Some((_, what)) = found
                && !never.contains(what)
            {
                never.push(what);
            }
        });
        for what in never {
            self.report(
                KeyNeverThere {
                    what,
                    endpoint: if private { "private" } else { "public" },
                }
                .at(self.head(node)),
            );
        }
    }
}

/// Names of keys are compared in any case.
fn is_same(key: &str, name: &str) -> bool {
    key.eq_ignore_ascii_case(name)
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

/// Visits the clauses of IAM.
fn each_clause<'c>(condition: &'c Condition, visit: &mut impl FnMut(&'c Clause)) {
    match condition {
        Condition::Always | Condition::Cel(..) => {}
        Condition::Iam(clauses) => clauses.iter().for_each(visit),
        Condition::Not(inner) => each_clause(inner, visit),
        Condition::All(all) => all.iter().for_each(|inner| each_clause(inner, visit)),
    }
}

/// Visits the names that a condition reads.
fn walk(condition: &Condition, visit: &mut impl FnMut(&str)) {
    match condition {
        Condition::Always => {}
        Condition::Iam(clauses) => clauses.iter().for_each(|clause| visit(&clause.key)),
        Condition::Cel(expression, _) => walk_expr(expression, visit),
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
