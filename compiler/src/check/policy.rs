//! Resource policies: sentences, and IAM's JSON.

use tollgate_grammar::ast::{Item, Sentence, Value, ValueKind};
use tollgate_model::condition::Condition;
use tollgate_model::policy::{
    Effect, Patterns, Policy, Principal, Principals, ResourcePattern, Resources, Statement,
};

use super::cx::{Cx, entry, items, sentence};
use super::operands::{Operands, name_of};
use crate::words::{PolicyWord, Vocabulary};

impl<'a> Cx<'a> {
    /// `policy { … }`, `policy: iam(…)`.
    pub(crate) fn policy(&mut self, item: &'a Item) -> Option<Policy> {
        let node = self.node(item.id);
        if let Some(entry) = entry(item) {
            return self.iam_policy(&entry.value, node);
        }
        let sentence = sentence(item)?;
        if sentence.block.is_none() {
            self.missing_block(sentence);
        }
        let mut statements = Vec::new();
        for (word, item) in self.words::<PolicyWord>(items(&sentence.block)) {
            let effect = match word {
                PolicyWord::Allow => Effect::Allow,
                PolicyWord::Deny => Effect::Deny,
            };
            if let Some(sentence) = super::cx::sentence(item) {
                statements.extend(self.statement(sentence, item, effect, word.word().form));
            }
        }
        Some(Policy {
            statements,
            json_length: None,
            node,
        })
    }

    fn statement(
        &mut self,
        sentence: &'a Sentence,
        item: &'a Item,
        effect: Effect,
        form: &'static str,
    ) -> Option<Statement> {
        let mut operands = Operands::of(self, sentence, form);
        let mut principals = self.who(&mut operands)?;
        if operands.take("except") {
            let excepted = self.who(&mut operands)?;
            principals = match (principals, excepted) {
                (Principals::Anyone, Principals::Only(excepted)) => Principals::Except(excepted),
                _ => {
                    operands.refuse_rest(self);
                    return self.malformed(
                        sentence.word.id,
                        "sentence",
                        "`except` stands after `anyone` and names accounts or ARNs",
                    );
                }
            };
        }
        operands.need_word(self, "to")?;
        let action = self.action(&mut operands)?;
        let mut resources = Vec::new();
        let mut stage = "*".to_owned();
        while let Some(value) = operands.next() {
            if name_of(value) == Some("on") {
                let value = operands.need(self, "a stage")?;
                stage = match name_of(value) {
                    Some(name) => name.to_owned(),
                    None => self.literal(value)?,
                };
                break;
            }
            resources.push(self.resource(value, &mut operands)?);
        }
        operands.refuse_rest(self);
        if resources.is_empty() {
            resources.push(Resource::Any);
        }
        let condition = match &sentence.guard {
            None => Condition::Always,
            Some(guard) => {
                let expression = self.condition(&guard.cel)?;
                let condition = Condition::Cel(expression, self.node(guard.cel.id));
                match guard.when {
                    true => condition,
                    false => Condition::Not(Box::new(condition)),
                }
            }
        };
        Some(Statement {
            sid: None,
            effect,
            principals,
            actions: Patterns::Only(vec![action]),
            resources: Resources::Only(
                resources
                    .into_iter()
                    .map(|resource| resource.pattern(&stage))
                    .collect(),
            ),
            condition,
            node: self.node(item.id),
        })
    }

    /// `anyone`, `account "…"`, `"arn…"`, or a list of the last two.
    fn who(&mut self, operands: &mut Operands<'a>) -> Option<Principals> {
        let value = operands.need(self, "who: `anyone`, `account \"…\"` or an ARN")?;
        match name_of(value) {
            Some("anyone") => return Some(Principals::Anyone),
            Some("account") => {
                let value = operands.need(self, "an account")?;
                let account = self.account_id(value)?;
                return Some(Principals::Only(vec![Principal::Account(account)]));
            }
            Some(_) => {
                self.choice(value, &[("anyone", ()), ("account", ())]);
                return None;
            }
            None => {}
        }
        let values = match &value.kind {
            ValueKind::List(values) => values.as_slice(),
            _ => std::slice::from_ref(value),
        };
        let mut principals = Vec::with_capacity(values.len());
        for value in values {
            let text = self.literal(value)?;
            principals.push(self.principal(&text, value)?);
        }
        Some(Principals::Only(principals))
    }

    /// Twelve digits.
    pub(crate) fn account_id(&mut self, value: &'a Value) -> Option<String> {
        let id = match &value.kind {
            ValueKind::Quantity(quantity) if quantity.unit.is_empty() && quantity.per.is_none() => {
                quantity.number.clone()
            }
            _ => self.literal(value)?,
        };
        if id.len() != 12 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.malformed(value.id, "account", "it has twelve digits");
        }
        Some(id)
    }

    fn principal(&mut self, text: &str, value: &Value) -> Option<Principal> {
        match principal(text) {
            Ok(principal) => Some(principal),
            Err(why) => self.malformed(value.id, "principal", why),
        }
    }

    fn action(&mut self, operands: &mut Operands<'a>) -> Option<String> {
        let value = operands.need(self, "an action")?;
        if name_of(value).is_some() {
            let action = self.choice(
                value,
                &[
                    ("invoke", "execute-api:Invoke"),
                    ("invalidate_cache", "execute-api:InvalidateCache"),
                    ("manage_connections", "execute-api:ManageConnections"),
                ],
            )?;
            return Some(action.to_owned());
        }
        let action = self.literal(value)?;
        if action != "*" && !action.contains(':') {
            return self.malformed(
                value.id,
                "action",
                "it names no service: `execute-api:Invoke`",
            );
        }
        Some(action)
    }

    /// The text of a resource, in which `${…}` is a policy variable as in IAM's documents.
    fn resource_text(&mut self, value: &'a Value) -> Option<String> {
        let ValueKind::Text(text) = &value.kind else {
            return self.literal(value);
        };
        let text = self.foreign_text(text)?;
        match variables(&text) {
            Some(variables) => {
                let span = self.span(value.id);
                for inner in variables {
                    self.policy_variable(inner, span);
                }
                Some(text)
            }
            None => self.malformed(
                value.id,
                "resource",
                "it has a `${` without `}`: it would fit nothing",
            ),
        }
    }

    fn resource(&mut self, value: &'a Value, operands: &mut Operands<'a>) -> Option<Resource> {
        match &value.kind {
            ValueKind::Star => Some(Resource::Any),
            ValueKind::Path(path) => Some(Resource::Of(format!("*{path}"))),
            ValueKind::Text(_) => {
                let text = self.resource_text(value)?;
                match text.strip_prefix('/') {
                    Some(_) => Some(Resource::Of(format!("*{text}"))),
                    None => Some(Resource::Verbatim(resource_pattern(&text))),
                }
            }
            ValueKind::Place(place) => {
                use tollgate_model::api::Method;
                let method = place.name().and_then(Method::parse);
                let Some(method) = method else {
                    return self.wrong_type(value, "`*`, a path, a method and a path, or an ARN");
                };
                let path = operands.need(self, "a path after the method")?;
                let path = match &path.kind {
                    ValueKind::Text(_) => self.resource_text(path)?,
                    _ => self.path_text(path)?,
                };
                let verb = match method {
                    Method::Any => "*",
                    method => method.as_str(),
                };
                Some(Resource::Of(format!("{verb}{path}")))
            }
            _ => self.wrong_type(value, "`*`, a path, a method and a path, or an ARN"),
        }
    }
}

/// The insides of the policy variables of a text; `None`: one is not closed.
fn variables(text: &str) -> Option<Vec<&str>> {
    text.split("${")
        .skip(1)
        .map(|rest| rest.split_once('}').map(|(inner, _)| inner))
        .collect()
}

/// What a statement is about, before its stage is known.
enum Resource {
    Any,
    /// `GET/pets/*`: the part behind the stage.
    Of(String),
    Verbatim(ResourcePattern),
}

impl Resource {
    fn pattern(self, stage: &str) -> ResourcePattern {
        match self {
            Resource::Any if stage == "*" => ResourcePattern::Any,
            Resource::Any => ResourcePattern::OfApi {
                stage: stage.to_owned(),
                rest: "*".to_owned(),
            },
            Resource::Of(rest) => ResourcePattern::OfApi {
                stage: stage.to_owned(),
                rest,
            },
            Resource::Verbatim(pattern) => pattern,
        }
    }
}

/// A resource as IAM writes it; `execute-api:/stage/GET/pets` is short for this API's.
pub(crate) fn resource_pattern(text: &str) -> ResourcePattern {
    if text == "*" {
        return ResourcePattern::Any;
    }
    let Some(rest) = text.strip_prefix("execute-api:/") else {
        return ResourcePattern::Arn(text.to_owned());
    };
    match rest.split_once('/') {
        Some((stage, rest)) => ResourcePattern::OfApi {
            stage: stage.to_owned(),
            rest: rest.to_owned(),
        },
        // `execute-api:/*`: the star covers the stage and the rest.
        None if rest == "*" => ResourcePattern::OfApi {
            stage: "*".to_owned(),
            rest: "*".to_owned(),
        },
        // Every method's ARN has more than a stage: this one covers none.
        None => ResourcePattern::OfApi {
            stage: rest.to_owned(),
            rest: String::new(),
        },
    }
}

/// A principal as IAM writes it, or why it is none.
pub(crate) fn principal(text: &str) -> Result<Principal, &'static str> {
    if text == "*" {
        return Ok(Principal::Any);
    }
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(Principal::Account(text.to_owned()));
    }
    if text.contains(['*', '?']) {
        return Err("a principal has no wildcards: name it whole");
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", _, account, "root"] => Ok(Principal::Account((*account).to_owned())),
        ["arn", _, "iam" | "sts", _, _, rest] if rest.starts_with("group/") => {
            Err("a group is no principal")
        }
        ["arn", _, "iam" | "sts", ..] if parts.len() == 6 => Ok(Principal::Arn(text.to_owned())),
        ["arn", ..] => Err("a principal's ARN is one of `iam` or `sts`"),
        _ if text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            Ok(Principal::UniqueId(text.to_owned()))
        }
        _ => Err("it is neither an account nor an ARN"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_resources_are_of_this_api() {
        let of = |stage: &str, rest: &str| ResourcePattern::OfApi {
            stage: stage.to_owned(),
            rest: rest.to_owned(),
        };
        for (text, expected) in [
            ("*", ResourcePattern::Any),
            ("execute-api:/*", of("*", "*")),
            ("execute-api:/prod/GET/pets", of("prod", "GET/pets")),
            ("execute-api:/*/*/pets/*", of("*", "*/pets/*")),
            (
                "arn:aws:execute-api:*:*:*",
                ResourcePattern::Arn("arn:aws:execute-api:*:*:*".into()),
            ),
        ] {
            assert_eq!(resource_pattern(text), expected, "{text}");
        }
    }

    #[test]
    fn sentences_take_policy_variables() {
        let checked = |resource: &str| {
            let text = format!(
                "rest api A {{\n  policy {{ deny anyone to invoke {resource} }}\n  \
                 GET /a/{{b}} {{ auth: iam, integrate mock, respond 200 }}\n}}\n"
            );
            let (program, found) = crate::check_text(&text);
            let codes = found.iter().map(|d| d.code().to_string());
            let policy = program.and_then(|program| program.apis[0].policy.clone());
            let resources = policy.map(|policy| policy.statements[0].resources.clone());
            (resources, codes.collect::<Vec<_>>())
        };
        let of = |rest: &str| {
            Some(Resources::Only(vec![ResourcePattern::OfApi {
                stage: "*".to_owned(),
                rest: rest.to_owned(),
            }]))
        };
        let (resources, found) = checked(r#""/a/${aws:username}""#);
        assert_eq!(resources, of("*/a/${aws:username}"));
        assert!(!found.contains(&"TG0842".to_owned()), "{found:?}");
        let (resources, _) = checked(r#"GET "/a/${aws:username, 'x'}""#);
        assert_eq!(resources, of("GET/a/${aws:username, 'x'}"));
        assert!(
            checked(r#""/a/${aws:usrname}""#)
                .1
                .contains(&"TG0842".to_owned())
        );
        assert_eq!(checked(r#""/a/${aws:username""#).0, None);
    }

    #[test]
    fn principals_are_read_as_iam_does() {
        for (text, expected) in [
            ("*", Ok(Principal::Any)),
            (
                "111122223333",
                Ok(Principal::Account("111122223333".into())),
            ),
            (
                "arn:aws:iam::111122223333:root",
                Ok(Principal::Account("111122223333".into())),
            ),
            (
                "arn:aws:iam::111122223333:user/a",
                Ok(Principal::Arn("arn:aws:iam::111122223333:user/a".into())),
            ),
            (
                "AIDAEXAMPLEEXAMPLE12",
                Ok(Principal::UniqueId("AIDAEXAMPLEEXAMPLE12".into())),
            ),
        ] {
            assert_eq!(principal(text), expected, "{text}");
        }
        for text in [
            "arn:aws:iam::1:role/*",
            "arn:aws:iam::1:group/g",
            "arn:aws:s3:::b",
            "bob",
        ] {
            assert!(principal(text).is_err(), "{text}");
        }
    }
}
