//! Resource policies: statements, with whom they are about.

use tollgate_model::Program as Model;
use tollgate_model::api::Api;
use tollgate_model::policy::{
    Effect, Patterns, Policy, Principal, Principals, ResourcePattern, Resources, Statement,
};

use super::Lowering;
use crate::cover::glob_covers;
use crate::ir;

impl Lowering {
    pub(super) fn policy(
        &mut self,
        model: &Model,
        api: &Api,
        policy: &Policy,
    ) -> Vec<ir::Statement> {
        policy
            .statements
            .iter()
            .map(|statement| self.statement(model, api, statement))
            .collect()
    }

    fn statement(&mut self, model: &Model, api: &Api, statement: &Statement) -> ir::Statement {
        let id = self.statements;
        self.statements += 1;
        self.statement_nodes.push(statement.node);
        let (patterns, except) = match &statement.resources {
            Resources::Only(patterns) => (patterns, false),
            Resources::Except(patterns) => (patterns, true),
        };
        let (mut resources, mut varying) = (Vec::new(), Vec::new());
        for pattern in patterns {
            if early_variable(pattern) {
                // Compared letter by letter, a deny with a variable would match nothing and let through.
                self.unsupported(
                    statement.node,
                    "a policy variable before the last part of a resource",
                );
                continue;
            }
            let Some(glob) = resource(model, api, pattern) else {
                continue;
            };
            if glob.contains("${") {
                // A `${` that nothing closes fits nothing.
                varying.extend(super::condition::pattern(&glob));
            } else {
                resources.push(glob);
            }
        }
        ir::Statement {
            id,
            deny: statement.effect == Effect::Deny,
            who: who(&statement.principals),
            invoke: about(&statement.actions, "execute-api:invoke"),
            invalidate: about(&statement.actions, "execute-api:invalidatecache"),
            resources,
            patterns: varying,
            except,
            condition: self.condition(&statement.condition),
        }
    }
}

/// Whom a statement is about. Services, federated providers and the like never call.
fn who(principals: &Principals) -> ir::Who {
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names.dedup();
        names
    };
    match principals {
        Principals::Anyone | Principals::Implied => ir::Who::Anyone,
        Principals::Only(list) if list.contains(&Principal::Any) => ir::Who::Anyone,
        Principals::Only(list) => {
            let (mut named, mut accounts) = (Vec::new(), Vec::new());
            for principal in list {
                match principal {
                    Principal::Account(id) => accounts.push(id.clone()),
                    Principal::Arn(name) | Principal::UniqueId(name) => named.push(name.clone()),
                    Principal::Any | Principal::Other(..) => {}
                }
            }
            if named.is_empty() && accounts.is_empty() {
                return ir::Who::Nobody;
            }
            ir::Who::Only {
                named: sorted(named),
                accounts: sorted(accounts),
            }
        }
        Principals::Except(list) if list.contains(&Principal::Any) => ir::Who::Nobody,
        Principals::Except(list) => ir::Who::Except(sorted(
            list.iter()
                .filter_map(|principal| match principal {
                    Principal::Account(name) | Principal::Arn(name) | Principal::UniqueId(name) => {
                        Some(name.clone())
                    }
                    Principal::Any | Principal::Other(..) => None,
                })
                .collect(),
        )),
    }
}

/// Actions are compared whatever their letter case.
fn about(actions: &Patterns, action: &str) -> bool {
    let fits = |glob: &String| glob_covers(&glob.to_ascii_lowercase(), action);
    match actions {
        Patterns::Only(globs) => globs.iter().any(fits),
        Patterns::Except(globs) => !globs.iter().any(fits),
    }
}

/// Whether a policy variable stands before the last part of an ARN, or in a stage.
fn early_variable(pattern: &ResourcePattern) -> bool {
    match pattern {
        ResourcePattern::Any | ResourcePattern::OfApi { .. } => false,
        ResourcePattern::Arn(arn) => arn.find("${").is_some_and(|at| {
            let before = arn.get(..at).unwrap_or_default();
            before.matches(':').count() < 5
        }),
    }
}

/// A glob over `API/STAGE/VERB/PATH`; `None`: it names another API.
fn resource(model: &Model, api: &Api, pattern: &ResourcePattern) -> Option<String> {
    match pattern {
        ResourcePattern::Any => Some("*".into()),
        ResourcePattern::OfApi { stage, rest } if rest.is_empty() => {
            Some(format!("{}/{stage}", api.id))
        }
        ResourcePattern::OfApi { stage, rest } => Some(format!("{}/{stage}/{rest}", api.id)),
        ResourcePattern::Arn(arn) => {
            // Segment by segment between colons; a short ARN with a wildcard covers the rest.
            let known = [
                "arn",
                &model.account.partition,
                "execute-api",
                &model.account.region,
                &model.account.id,
            ];
            let mut parts = arn.splitn(6, ':');
            for text in known {
                let part = parts.next()?;
                match parts.clone().next() {
                    Some(_) if glob_covers(part, text) => {}
                    Some(_) => return None,
                    None => {
                        return arn
                            .contains(['*', '?'])
                            .then(|| "*".into())
                            .filter(|_| glob_covers(part, text));
                    }
                }
            }
            parts.next().map(str::to_string)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_compared_between_colons() {
        let model = Model::default();
        let api = crate::emit::tests::api("a", vec![]);
        let of = |arn: &str| resource(&model, &api, &ResourcePattern::Arn(arn.into()));
        for (arn, want) in [
            (
                "arn:aws:execute-api:us-east-1:000000000000:abc/*/GET/pets",
                Some("abc/*/GET/pets"),
            ),
            ("arn:aws:execute-api:*:*:*", Some("*")),
            ("arn:aws:execute-api:*", Some("*")),
            ("arn:*", Some("*")),
            ("*", Some("*")),
            ("arn:aws:s3:::bucket/*", None),
            ("arn:aws:execute-api:*:000000000000", Some("*")),
            ("arn:aws:execute-api", None),
            ("arn:aws:execute-api:eu-west-1:*:*", None),
            ("arn:aws:execute-api:us-east-1:0000*:x", Some("x")),
        ] {
            assert_eq!(of(arn).as_deref(), want, "{arn}");
        }
    }

    #[test]
    fn a_variable_before_the_last_part_is_refused() {
        let mut model = Model::default();
        let mut api = crate::emit::tests::api("a", vec![]);
        let arn = "arn:aws:execute-api:${aws:PrincipalTag/region}:000000000000:a/*/GET/x";
        api.policy = Some(Policy {
            statements: vec![Statement {
                sid: None,
                effect: Effect::Deny,
                principals: Principals::Anyone,
                actions: Patterns::Only(vec!["*".into()]),
                resources: Resources::Only(vec![ResourcePattern::Arn(arn.into())]),
                condition: Default::default(),
                node: Default::default(),
            }],
            ..Policy::default()
        });
        model.apis.push(api);
        let refused = crate::emit::bundle(&model).unwrap_err();
        assert!(
            refused[0].message.contains("a policy variable"),
            "{refused:?}"
        );
    }
}
