//! What IAM takes of a policy in JSON and was probably not meant: entries that say nothing, clauses that hold always
//! or never, values that an operator cannot match. The rules are those of the policy validators that people know;
//! each says at its place in the JSON what is wrong.
//!
//! What holds for policies in sentences too, and for the program around a policy, is a lint of the model.

mod condition;

use tollgate_grammar::Span;
use tollgate_model::Account;

use super::cx::Cx;
use super::iam::Place;
use super::iam_keys;
use crate::cover::{Work, glob_covers, glob_covers_in_any_case};
use crate::diagnostic::codes::{
    ActionNeverAsked, EntryCovered, ResourceElsewhere, ServiceForAnyone, UnknownPolicyVariable,
    VariableInOldVersion,
};
use crate::diagnostic::{Finding, did_you_mean};
use crate::document::{Kind, Node};

/// Actions that a call of an API can be.
const ACTIONS: [&str; 3] = [
    "execute-api:Invoke",
    "execute-api:InvalidateCache",
    "execute-api:ManageConnections",
];

/// What an entry names whose wildcards are not to be looked at.
fn has_variable(text: &str) -> bool {
    text.contains("${")
}

/// A text, or the texts of a list.
fn texts(value: Node<'_>) -> Vec<(&str, Node<'_>)> {
    match value.kind() {
        Kind::Sequence => value.elements().map(|node| (node.text(), node)).collect(),
        _ => vec![(value.text(), value)],
    }
}

impl Cx<'_> {
    /// Looks through a statement that was read. `variables` says whether its document is of a version that has them.
    pub(super) fn advise(&mut self, statement: Node<'_>, variables: bool, place: &Place) {
        let mut allows = false;
        let (mut principal, mut condition) = (None, None);
        for (key, value) in statement.members() {
            match key.text() {
                "Effect" => allows = value.text() == "Allow",
                "Action" | "NotAction" => self.actions_advice(value, place),
                "Resource" | "NotResource" => self.resources_advice(value, variables, place),
                "Principal" => principal = Some(value),
                "Condition" => condition = Some(value),
                _ => {}
            }
        }
        if let Some(principal) = principal.filter(|value| value.kind() == Kind::Mapping) {
            self.principals_advice(principal, condition, allows, place);
        }
        if let Some(condition) = condition {
            self.advise_condition(condition, allows, variables, place);
        }
    }

    fn actions_advice(&mut self, value: Node<'_>, place: &Place) {
        let actions = texts(value);
        self.covered(&actions, place, Work::glob_covers_in_any_case);
        for (action, at) in actions {
            self.action_asked(action, at, place);
        }
    }

    fn resources_advice(&mut self, value: Node<'_>, variables: bool, place: &Place) {
        let resources = texts(value);
        self.covered(&resources, place, |work, wide, narrow| {
            !has_variable(wide) && !has_variable(narrow) && work.glob_covers(wide, narrow)
        });
        for (resource, at) in resources {
            self.resource_here(resource, at, place);
            self.variables_of(resource, at, variables, place);
        }
    }

    /// Reports entries that another entry of the list covers; of two that say the same, the second.
    fn covered(
        &mut self,
        entries: &[(&str, Node<'_>)],
        place: &Place,
        covers: impl Fn(&Work, &str, &str) -> bool,
    ) {
        // Longer lists are made by machines, and the work grows with the square.
        if entries.len() > 200 {
            return;
        }
        // Enough for each entry to be gone through with each other, unless stars go back and forth.
        let characters: usize = entries.iter().map(|(entry, _)| entry.len() + 1).sum();
        let work = Work::of(characters.saturating_mul(500));
        for (at, (entry, node)) in entries.iter().enumerate() {
            let by = entries.iter().enumerate().find(|(other, (by, _))| {
                *other != at
                    && covers(&work, by, entry)
                    && (*other < at || !covers(&work, entry, by))
            });
            if work.is_spent() {
                return;
            }
            if let Some((_, (by, first))) = by {
                let (span, first) = (place.of(*node), place.of(*first));
                let finding = EntryCovered {
                    entry: (*entry).to_owned(),
                    by: (*by).to_owned(),
                };
                self.report(finding.at(span).also(first, "covers it"));
            }
        }
    }

    fn action_asked(&mut self, action: &str, at: Node<'_>, place: &Place) {
        if ACTIONS
            .iter()
            .any(|asked| glob_covers_in_any_case(action, asked))
        {
            return;
        }
        let help = did_you_mean(action, ACTIONS);
        let span = place.of(at);
        let action = action.to_owned();
        self.report(ActionNeverAsked { action }.at(span).maybe_help(help));
    }

    /// An ARN of another service, account or region can be that of no method.
    fn resource_here(&mut self, resource: &str, at: Node<'_>, place: &Place) {
        let Some(rest) = resource.strip_prefix("arn:") else {
            return;
        };
        let parts: Vec<&str> = rest.splitn(5, ':').collect();
        let [_, service, region, account, _] = parts[..] else {
            // Fewer parts, where a star reaches over the colons.
            if !rest.contains('*') {
                self.elsewhere(resource, "it is no ARN, which has six parts", at, place);
            }
            return;
        };
        // Nobody has the account that stands in where none is declared.
        let own = Some(&self.names.account).filter(|own| own.id != Account::default().id);
        let differs = |pattern: &str, own: Option<&str>| {
            !has_variable(pattern) && own.is_some_and(|own| !glob_covers(pattern, own))
        };
        let why = if service != "execute-api" {
            "it belongs to another service"
        } else if differs(account, own.map(|own| own.id.as_str())) {
            "it is of another account"
        } else if differs(region, own.map(|own| own.region.as_str())) {
            "it is of another region"
        } else {
            return;
        };
        self.elsewhere(resource, why, at, place);
    }

    fn elsewhere(&mut self, resource: &str, why: &str, at: Node<'_>, place: &Place) {
        let span = place.of(at);
        let finding = ResourceElsewhere {
            resource: resource.to_owned(),
            why: why.to_owned(),
        };
        self.report(finding.at(span));
    }

    /// Names in `${…}` that nothing fills.
    fn variables_of(&mut self, text: &str, at: Node<'_>, variables: bool, place: &Place) {
        let mut rest = text;
        while let Some((_, after)) = rest.split_once("${") {
            let Some((inner, behind)) = after.split_once('}') else {
                return;
            };
            rest = behind;
            let span = place.of(at);
            let variable = format!("${{{inner}}}");
            if !variables {
                self.report(VariableInOldVersion { variable }.at(span));
                return;
            }
            self.policy_variable(inner, span);
        }
    }

    /// The inside of a `${…}` that nothing fills is told.
    pub(super) fn policy_variable(&mut self, inner: &str, span: Span) {
        // `${*}` and its like are the sign itself; what stands behind a comma is the default.
        let name = inner.split(',').next().unwrap_or_default().trim();
        if !matches!(name, "*" | "?" | "$") && iam_keys::known(name).is_none() {
            let variable = format!("${{{inner}}}");
            let help = did_you_mean(name, iam_keys::KEYS.iter().map(|key| key.name));
            self.report(UnknownPolicyVariable { variable }.at(span).maybe_help(help));
        }
    }

    fn principals_advice(
        &mut self,
        principal: Node<'_>,
        condition: Option<Node<'_>>,
        allows: bool,
        place: &Place,
    ) {
        /// Keys that say on whose behalf a service acts.
        const BEHALF: [&str; 4] = [
            "aws:SourceArn",
            "aws:SourceAccount",
            "aws:SourceOrgID",
            "aws:SourceOrgPaths",
        ];
        let says_whose = condition.is_some_and(|condition| {
            let keys = condition.members().flat_map(|(_, keys)| keys.members());
            keys.into_iter()
                .any(|(key, _)| BEHALF.iter().any(|b| key.text().eq_ignore_ascii_case(b)))
        });
        for (kind, names) in principal.members() {
            let names = texts(names);
            self.covered(&names, place, |_, wide, narrow| {
                principal_covers(wide, narrow)
            });
            if kind.text() == "Service" && allows && !says_whose {
                for (service, at) in names {
                    let span = place.of(at);
                    let service = service.to_owned();
                    self.report(ServiceForAnyone { service }.at(span));
                }
            }
        }
    }
}

/// `*` covers everybody, an account its users and roles.
fn principal_covers(wide: &str, narrow: &str) -> bool {
    fn account(text: &str) -> Option<&str> {
        match text.strip_prefix("arn:") {
            Some(rest) => rest
                .strip_suffix(":root")
                .and_then(|rest| rest.rsplit(':').next()),
            None => Some(text).filter(|text| text.len() == 12),
        }
    }
    let of = |text: &str| text.split(':').nth(4).map(str::to_owned);
    wide == "*"
        || wide == narrow
        || account(wide)
            .is_some_and(|own| account(narrow) == Some(own) || of(narrow).as_deref() == Some(own))
}
