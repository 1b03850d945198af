//! Resource policies: statements, as far as callers without IAM credentials go.

use tollgate_model::Program as Model;
use tollgate_model::api::Api;
use tollgate_model::policy::{
    Effect, Patterns, Policy, Principal, Principals, ResourcePattern, Resources, Statement,
};

use super::Lowering;
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
        // Compared letter by letter, a deny with a variable would match nothing and let through.
        if patterns.iter().any(has_variable) {
            self.unsupported(
                statement.node,
                "a policy variable in a resource policy's resource",
            );
        }
        ir::Statement {
            id,
            deny: statement.effect == Effect::Deny,
            anonymous: about_anybody(&statement.principals),
            invoke: about_invoke(&statement.actions),
            resources: patterns
                .iter()
                .filter_map(|p| resource(model, api, p))
                .collect(),
            except,
            condition: self.condition(&statement.condition),
        }
    }
}

/// Whether a caller without IAM credentials is meant. Named principals are callers with credentials, so they
/// match nobody here.
fn about_anybody(principals: &Principals) -> bool {
    match principals {
        Principals::Anyone | Principals::Implied => true,
        Principals::Only(list) => list.contains(&Principal::Any),
        Principals::Except(list) => !list.contains(&Principal::Any),
    }
}

/// Actions are compared whatever their letter case.
fn about_invoke(actions: &Patterns) -> bool {
    let fits = |glob: &String| glob_fits(&glob.to_ascii_lowercase(), "execute-api:invoke");
    match actions {
        Patterns::Only(globs) => globs.iter().any(fits),
        Patterns::Except(globs) => !globs.iter().any(fits),
    }
}

/// Whether a pattern holds `${…}`: a variable, or one of the characters that `${*}` stands for.
fn has_variable(pattern: &ResourcePattern) -> bool {
    match pattern {
        ResourcePattern::Any => false,
        ResourcePattern::OfApi { stage, rest } => stage.contains("${") || rest.contains("${"),
        ResourcePattern::Arn(arn) => arn.contains("${"),
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
            // Segment by segment between colons; a trailing `*` of a short ARN covers the rest.
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
                    Some(_) if glob_fits(part, text) => {}
                    Some(_) => return None,
                    None => {
                        return part
                            .ends_with('*')
                            .then(|| "*".into())
                            .filter(|_| glob_fits(part, text));
                    }
                }
            }
            parts.next().map(str::to_string)
        }
    }
}

/// Whether a text fits a glob of `*` and `?`.
pub(crate) fn glob_fits(glob: &str, text: &str) -> bool {
    let (glob, text): (Vec<char>, Vec<char>) = (glob.chars().collect(), text.chars().collect());
    let (mut g, mut t, mut back) = (0, 0, None);
    while t < text.len() {
        match glob.get(g) {
            Some('*') => {
                g += 1;
                back = Some((g, t));
            }
            Some(c) if *c == '?' || Some(c) == text.get(t) => {
                g += 1;
                t += 1;
            }
            _ => match back {
                Some((after, from)) => {
                    g = after;
                    t = from + 1;
                    back = Some((after, t));
                }
                None => return false,
            },
        }
    }
    glob.get(g..).unwrap_or_default().iter().all(|c| *c == '*')
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
            ("arn:aws:execute-api:eu-west-1:*:*", None),
            ("arn:aws:execute-api:us-east-1:0000*:x", Some("x")),
        ] {
            assert_eq!(of(arn).as_deref(), want, "{arn}");
        }
    }

    #[test]
    fn a_resource_with_a_variable_is_refused() {
        let mut model = Model::default();
        let mut api = crate::emit::tests::api("a", vec![]);
        let arn = "arn:aws:execute-api:us-east-1:000000000000:a/*/GET/${aws:username}";
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
