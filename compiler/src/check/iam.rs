//! IAM's JSON as a policy. What IAM would refuse is refused; every place is that of the
//! JSON text, where it stands in a source as it is.

use std::collections::HashSet;

use tollgate_grammar::ast::{Value, ValueKind};
use tollgate_grammar::{FileId, Span};
use tollgate_model::NodeId;
use tollgate_model::condition::{Clause, Condition, Operator, Quantifier};
use tollgate_model::policy::{
    Effect, Patterns, Policy, Principal, Principals, ResourcePattern, Resources, Statement,
};

use super::cx::Cx;
use super::iam_keys;
use super::policy::{principal, resource_pattern};
use crate::cel::{is_cidr, is_timestamp};
use crate::diagnostic::codes::{IamMalformed, IamUnknownKey, PolicyTooLong, UnreadableData};
use crate::diagnostic::{Finding, did_you_mean};
use crate::document::{Kind, Limits, Node, json};

/// The longest policy, in characters without blanks.
const MAX_LENGTH: usize = 8192;

/// Every operator, by its name.
const OPERATORS: [(&str, Operator); 27] = [
    ("StringEquals", Operator::StringEquals),
    ("StringNotEquals", Operator::StringNotEquals),
    ("StringEqualsIgnoreCase", Operator::StringEqualsIgnoreCase),
    (
        "StringNotEqualsIgnoreCase",
        Operator::StringNotEqualsIgnoreCase,
    ),
    ("StringLike", Operator::StringLike),
    ("StringNotLike", Operator::StringNotLike),
    ("NumericEquals", Operator::NumericEquals),
    ("NumericNotEquals", Operator::NumericNotEquals),
    ("NumericLessThan", Operator::NumericLessThan),
    ("NumericLessThanEquals", Operator::NumericLessThanEquals),
    ("NumericGreaterThan", Operator::NumericGreaterThan),
    (
        "NumericGreaterThanEquals",
        Operator::NumericGreaterThanEquals,
    ),
    ("DateEquals", Operator::DateEquals),
    ("DateNotEquals", Operator::DateNotEquals),
    ("DateLessThan", Operator::DateLessThan),
    ("DateLessThanEquals", Operator::DateLessThanEquals),
    ("DateGreaterThan", Operator::DateGreaterThan),
    ("DateGreaterThanEquals", Operator::DateGreaterThanEquals),
    ("Bool", Operator::Bool),
    ("BinaryEquals", Operator::BinaryEquals),
    ("IpAddress", Operator::IpAddress),
    ("NotIpAddress", Operator::NotIpAddress),
    ("ArnEquals", Operator::ArnEquals),
    ("ArnLike", Operator::ArnLike),
    ("ArnNotEquals", Operator::ArnNotEquals),
    ("ArnNotLike", Operator::ArnNotLike),
    ("Null", Operator::Null),
];

/// An operator's name taken apart: its quantifier, what it is, whether it ends in `IfExists`, and its bare name.
pub(super) fn operator_of(name: &str) -> Option<(Option<Quantifier>, Operator, bool, &str)> {
    let (quantifier, rest) = match name.split_once(':') {
        Some(("ForAllValues", rest)) => (Some(Quantifier::ForAllValues), rest),
        Some(("ForAnyValue", rest)) => (Some(Quantifier::ForAnyValue), rest),
        _ => (None, name),
    };
    let (bare, if_exists) = match rest.strip_suffix("IfExists") {
        Some(bare) => (bare, true),
        None => (rest, false),
    };
    let (_, operator) = OPERATORS.iter().find(|(known, _)| *known == bare)?;
    let nothing_to_ask = if_exists && *operator == Operator::Null;
    (!nothing_to_ask).then_some((quantifier, *operator, if_exists, bare))
}

/// Whether this is an operator, without quantifier and `IfExists`.
pub(crate) fn is_operator(name: &str) -> bool {
    OPERATORS.iter().any(|(known, _)| *known == name)
}

/// Where places of the JSON text are in the program.
pub(super) struct Place {
    /// The start of the text in its source, if it stands there as it is.
    verbatim: Option<Span>,
    whole: Span,
}

impl Place {
    pub(super) fn of(&self, node: Node<'_>) -> Span {
        let span = node.span();
        match self.verbatim {
            Some(base) => Span::new(base.file, base.start + span.start, base.start + span.end),
            None => self.whole,
        }
    }
}

impl<'a> Cx<'a> {
    /// `iam"…"`, `iam(file("…"))`.
    pub(crate) fn iam_policy(&mut self, value: &'a Value, node: NodeId) -> Option<Policy> {
        let whole = self.span(value.id);
        let (text, verbatim) = match &value.kind {
            ValueKind::Tagged(tag, text) if tag.text == "iam" => {
                let literal = self.foreign_text(text)?;
                let verbatim = self.verbatim(text, &literal);
                (literal, verbatim)
            }
            ValueKind::Call(call) if call.place.name() == Some("iam") => {
                let (text, file) = self.file_argument(call, value)?;
                (text, Some(Span::new(file, 0, 0)))
            }
            _ => {
                return self.wrong_type(value, "a policy `iam\"\"\"…\"\"\"` or `iam(file(\"…\"))`");
            }
        };
        let place = Place { verbatim, whole };
        let document = match json::read(FileId(0), &text, &Limits::default()) {
            Ok(document) => document,
            Err(error) => {
                let span = match verbatim {
                    Some(base) => Span::new(
                        base.file,
                        base.start + error.span.start,
                        base.start + error.span.end,
                    ),
                    None => whole,
                };
                self.report(
                    UnreadableData {
                        what: "JSON",
                        why: error.message,
                    }
                    .at(span),
                );
                return None;
            }
        };
        let length = length_without_blanks(&text);
        if length > MAX_LENGTH {
            self.report(
                PolicyTooLong {
                    length,
                    limit: MAX_LENGTH,
                }
                .at(whole),
            );
        }
        let duplicate = document.duplicates().next();
        if let Some((first, second)) = duplicate {
            let span = place.of(second);
            self.report(
                IamMalformed {
                    why: format!("the element `{}` stands twice", second.text()),
                }
                .at(span)
                .also(place.of(first), "first here"),
            );
            return None;
        }
        let statements = self.iam_document(document.root(), &place, node)?;
        Some(Policy {
            statements,
            json_length: Some(length),
            node,
        })
    }

    fn iam_fault<T>(&mut self, node: Node<'_>, place: &Place, why: impl Into<String>) -> Option<T> {
        let span = place.of(node);
        self.report(IamMalformed { why: why.into() }.at(span));
        None
    }

    fn iam_document(
        &mut self,
        root: Node<'_>,
        place: &Place,
        node: NodeId,
    ) -> Option<Vec<Statement>> {
        if root.kind() != Kind::Mapping {
            return self.iam_fault(root, place, "a policy is an object with `Statement`");
        }
        let mut found = None;
        let mut variables = false;
        for (key, value) in root.members() {
            match key.text() {
                "Version" => match value.text() {
                    "2012-10-17" => variables = true,
                    "2008-10-17" => {}
                    other => {
                        let why = format!("`{other}` is no version: write `2012-10-17`");
                        return self.iam_fault(value, place, why);
                    }
                },
                "Id" => {}
                "Statement" => found = Some(value),
                other => {
                    let why = format!("a policy has no element `{other}`");
                    return self.iam_fault(key, place, why);
                }
            }
        }
        let Some(list) = found else {
            return self.iam_fault(root, place, "a policy has `Statement`");
        };
        let before = self.found.len();
        let listed: Vec<Node<'_>> = match list.kind() {
            Kind::Mapping => vec![list],
            Kind::Sequence => list.elements().collect(),
            _ => return self.iam_fault(list, place, "`Statement` is an object or a list of them"),
        };
        let mut statements: Vec<Statement> = Vec::with_capacity(listed.len());
        let mut sids = HashSet::new();
        for statement in listed {
            let Some(read) = self.iam_statement(statement, place, node) else {
                continue;
            };
            if let Some(sid) = &read.sid
                && !sids.insert(sid.clone())
            {
                let _: Option<()> =
                    self.iam_fault(statement, place, format!("the `Sid` `{sid}` stands twice"));
            }
            self.advise(statement, variables, place);
            statements.push(read);
        }
        let refused = self.found[before..]
            .iter()
            .any(|finding| finding.severity() == crate::diagnostic::Severity::Error);
        if !variables {
            statements.iter_mut().for_each(without_variables);
        } else if let Some(open) = statements.iter().find_map(open_variable) {
            return self.iam_fault(list, place, format!("nothing closes the `${{` of `{open}`"));
        }
        (!refused).then_some(statements)
    }

    fn iam_statement(
        &mut self,
        statement: Node<'_>,
        place: &Place,
        node: NodeId,
    ) -> Option<Statement> {
        if statement.kind() != Kind::Mapping {
            return self.iam_fault(statement, place, "a statement is an object");
        }
        let mut effect = None;
        let mut principals = None;
        let mut actions = None;
        let mut resources = None;
        let mut condition = Condition::Always;
        let mut sid = None;
        for (key, value) in statement.members() {
            let twice = |there: bool| {
                there.then(|| format!("`{}` and its opposite exclude each other", key.text()))
            };
            let why = match key.text() {
                "Principal" | "NotPrincipal" => twice(principals.is_some()),
                "Action" | "NotAction" => twice(actions.is_some()),
                "Resource" | "NotResource" => twice(resources.is_some()),
                _ => None,
            };
            if let Some(why) = why {
                return self.iam_fault(key, place, why);
            }
            match key.text() {
                "Sid" => sid = Some(value.text().to_owned()),
                "Effect" => {
                    effect = Some(match value.text() {
                        "Allow" => Effect::Allow,
                        "Deny" => Effect::Deny,
                        other => {
                            let why = format!("`{other}` is no effect: write `Allow` or `Deny`");
                            return self.iam_fault(value, place, why);
                        }
                    });
                }
                "Principal" => {
                    principals = Some(match self.iam_principals(value, place)? {
                        None => Principals::Anyone,
                        Some(only) => Principals::Only(only),
                    });
                }
                "NotPrincipal" => {
                    principals = Some(match self.iam_principals(value, place)? {
                        None => {
                            return self.iam_fault(
                                value,
                                place,
                                "`NotPrincipal` with `*` matches nobody",
                            );
                        }
                        Some(except) => Principals::Except(except),
                    });
                }
                "Action" => actions = Some(Patterns::Only(self.iam_actions(value, place)?)),
                "NotAction" => actions = Some(Patterns::Except(self.iam_actions(value, place)?)),
                "Resource" | "NotResource" => {
                    let texts = self.iam_texts(value, place)?;
                    let mut patterns = Vec::with_capacity(texts.len());
                    for (text, at) in texts {
                        let service = || text.split(':').nth(2).unwrap_or("");
                        let good = text == "*"
                            || text.starts_with("execute-api:/")
                            || (text.starts_with("arn:") && !service().contains(['*', '?']));
                        if !good {
                            let why =
                                format!("`{text}` is no resource: an ARN, `execute-api:/…` or `*`");
                            return self.iam_fault(at, place, why);
                        }
                        patterns.push(resource_pattern(text));
                    }
                    resources = Some(match key.text() {
                        "Resource" => Resources::Only(patterns),
                        _ => Resources::Except(patterns),
                    });
                }
                "Condition" => condition = Condition::Iam(self.iam_condition(value, place, node)?),
                other => {
                    let names = [
                        "Sid",
                        "Effect",
                        "Principal",
                        "NotPrincipal",
                        "Action",
                        "NotAction",
                        "Resource",
                        "NotResource",
                        "Condition",
                    ];
                    let help = did_you_mean(other, names);
                    let span = place.of(key);
                    self.report(
                        IamMalformed {
                            why: format!("a statement has no element `{other}`"),
                        }
                        .at(span)
                        .maybe_help(help),
                    );
                    return None;
                }
            }
        }
        let missing = |what: &str| format!("the statement has no `{what}`");
        let Some(effect) = effect else {
            return self.iam_fault(statement, place, missing("Effect"));
        };
        let Some(principals) = principals else {
            return self.iam_fault(statement, place, missing("Principal"));
        };
        let Some(actions) = actions else {
            return self.iam_fault(statement, place, missing("Action"));
        };
        let Some(resources) = resources else {
            return self.iam_fault(statement, place, missing("Resource"));
        };
        Some(Statement {
            sid,
            effect,
            principals,
            actions,
            resources,
            condition,
            node,
        })
    }

    /// None inside is `*`.
    fn iam_principals(&mut self, value: Node<'_>, place: &Place) -> Option<Option<Vec<Principal>>> {
        if value.kind() == Kind::String {
            return match value.text() {
                "*" => Some(None),
                other => {
                    let why =
                        format!("`{other}` is no principal: write `\"*\"` or `{{\"AWS\": …}}`");
                    self.iam_fault(value, place, why)
                }
            };
        }
        if value.kind() != Kind::Mapping {
            return self.iam_fault(value, place, "a principal is `\"*\"` or an object");
        }
        let mut principals = Vec::new();
        for (key, names) in value.members() {
            let kind = key.text();
            if !["AWS", "Federated", "Service", "CanonicalUser"].contains(&kind) {
                let why = format!("`{kind}` is no kind of principal");
                return self.iam_fault(key, place, why);
            }
            for (name, at) in self.iam_texts(names, place)? {
                if kind != "AWS" {
                    principals.push(Principal::Other(kind.to_owned(), name.to_owned()));
                    continue;
                }
                match principal(name) {
                    Ok(principal) => principals.push(principal),
                    Err(why) => {
                        let why = format!("`{name}` is no principal: {why}");
                        return self.iam_fault(at, place, why);
                    }
                }
            }
        }
        Some(Some(principals))
    }

    fn iam_actions(&mut self, value: Node<'_>, place: &Place) -> Option<Vec<String>> {
        let mut actions = Vec::new();
        for (action, at) in self.iam_texts(value, place)? {
            let good = action == "*"
                || action.split_once(':').is_some_and(|(service, name)| {
                    !service.is_empty() && !name.is_empty() && !service.contains(['*', '?'])
                });
            if !good {
                let why = format!("`{action}` is no action: write `service:Action`");
                return self.iam_fault(at, place, why);
            }
            actions.push(action.to_owned());
        }
        Some(actions)
    }

    /// A text or a list of texts.
    fn iam_texts<'d>(
        &mut self,
        value: Node<'d>,
        place: &Place,
    ) -> Option<Vec<(&'d str, Node<'d>)>> {
        let nodes: Vec<Node<'d>> = match value.kind() {
            Kind::Sequence => value.elements().collect(),
            Kind::Mapping => {
                return self.iam_fault(value, place, "here stands a text or a list of texts");
            }
            _ => vec![value],
        };
        let mut texts = Vec::with_capacity(nodes.len());
        for node in nodes {
            if matches!(node.kind(), Kind::Sequence | Kind::Mapping | Kind::Null) {
                return self.iam_fault(node, place, "here stands a text");
            }
            texts.push((node.text(), node));
        }
        if texts.is_empty() {
            return self.iam_fault(value, place, "the list is empty");
        }
        Some(texts)
    }

    fn iam_condition(
        &mut self,
        value: Node<'_>,
        place: &Place,
        node: NodeId,
    ) -> Option<Vec<Clause>> {
        if value.kind() != Kind::Mapping {
            return self.iam_fault(value, place, "`Condition` is an object");
        }
        let mut clauses = Vec::new();
        for (name, keys) in value.members() {
            let Some((quantifier, operator, if_exists, _)) = operator_of(name.text()) else {
                let help = did_you_mean(name.text(), OPERATORS.iter().map(|(known, _)| *known));
                let span = place.of(name);
                self.report(
                    IamMalformed {
                        why: format!("there is no operator `{}`", name.text()),
                    }
                    .at(span)
                    .maybe_help(help),
                );
                return None;
            };
            if keys.kind() != Kind::Mapping {
                return self.iam_fault(keys, place, "an operator takes an object of keys");
            }
            for (key, values) in keys.members() {
                self.iam_key(key, place);
                let mut texts = Vec::new();
                for (text, at) in self.iam_texts(values, place)? {
                    if let Some(why) = value_fault(operator, text) {
                        return self.iam_fault(at, place, why);
                    }
                    texts.push(text.to_owned());
                }
                clauses.push(Clause {
                    quantifier,
                    operator,
                    if_exists,
                    key: key.text().to_owned(),
                    values: texts,
                    node,
                });
            }
        }
        Some(clauses)
    }

    /// A key that the gateway does not know is absent: worth a warning.
    fn iam_key(&mut self, key: Node<'_>, place: &Place) {
        let written = key.text();
        if iam_keys::known(written).is_none() {
            let help = did_you_mean(written, iam_keys::KEYS.iter().map(|key| key.name));
            let span = place.of(key);
            self.report(
                IamUnknownKey {
                    key: written.to_owned(),
                }
                .at(span)
                .maybe_help(help),
            );
        }
    }
}

/// In characters.
fn length_without_blanks(text: &str) -> usize {
    match text.is_ascii() {
        true => {
            let written = |byte: &u8| !matches!(byte, b' ' | b'\t'..=b'\r');
            text.bytes().filter(written).count()
        }
        false => text.chars().filter(|c| !c.is_whitespace()).count(),
    }
}

/// Why a value does not fit its operator. Texts with variables are known at run time only.
fn value_fault(operator: Operator, text: &str) -> Option<String> {
    use Operator as O;
    let good = match operator {
        O::IpAddress | O::NotIpAddress => is_cidr(text),
        O::NumericEquals
        | O::NumericNotEquals
        | O::NumericLessThan
        | O::NumericLessThanEquals
        | O::NumericGreaterThan
        | O::NumericGreaterThanEquals => text.parse::<f64>().is_ok_and(f64::is_finite),
        O::DateEquals
        | O::DateNotEquals
        | O::DateLessThan
        | O::DateLessThanEquals
        | O::DateGreaterThan
        | O::DateGreaterThanEquals => {
            is_timestamp(text)
                || is_timestamp(&format!("{text}T00:00:00Z"))
                || text.parse::<f64>().is_ok_and(f64::is_finite)
        }
        O::Bool | O::Null => {
            text.contains("${")
                || text.eq_ignore_ascii_case("true")
                || text.eq_ignore_ascii_case("false")
        }
        _ => true,
    };
    (!good).then(|| format!("`{text}` does not fit this operator"))
}

/// A text of a statement whose `${` nothing closes.
fn open_variable(statement: &Statement) -> Option<String> {
    let is_open = |text: &&String| text.split("${").skip(1).any(|inside| !inside.contains('}'));
    let (Resources::Only(patterns) | Resources::Except(patterns)) = &statement.resources;
    let resources = patterns.iter().filter_map(|pattern| match pattern {
        ResourcePattern::Arn(text) | ResourcePattern::OfApi { rest: text, .. } => Some(text),
        ResourcePattern::Any => None,
    });
    let clauses = match &statement.condition {
        Condition::Iam(clauses) => clauses.as_slice(),
        _ => &[],
    };
    let values = clauses.iter().flat_map(|clause| &clause.values);
    resources.chain(values).find(is_open).cloned()
}

/// Documents older than `2012-10-17` have no variables: their `${` is text, which newer ones write `${$}{`.
fn without_variables(statement: &mut Statement) {
    let literal = |text: &mut String| {
        if text.contains("${") {
            *text = text.replace("${", "${$}{");
        }
    };
    let (Resources::Only(patterns) | Resources::Except(patterns)) = &mut statement.resources;
    for pattern in patterns {
        match pattern {
            ResourcePattern::Any => {}
            ResourcePattern::OfApi { stage, rest } => {
                literal(stage);
                literal(rest);
            }
            ResourcePattern::Arn(arn) => literal(arn),
        }
    }
    if let Condition::Iam(clauses) = &mut statement.condition {
        for clause in clauses {
            clause.values.iter_mut().for_each(literal);
        }
    }
}
