//! Members of `$context`, `$input` and `$util` that nothing has, and the stage variables that are read.

use std::collections::HashSet;

use tollgate_grammar::vtl::{Access, ExprKind, Name, Node, Reference, Template};
use tollgate_runtime::Variable;

use super::survey::survey;
use super::visit::{Visitor, walk_block, walk_node, walk_path};
use super::{TemplateNote, TemplateNoteKind};
use crate::diagnostic::{did_you_mean, nearest};

const INPUT: [&str; 5] = ["json", "path", "params", "body", "getBody"];
const UTIL: [&str; 6] = [
    "escapeJavaScript",
    "parseJson",
    "urlEncode",
    "urlDecode",
    "base64Encode",
    "base64Decode",
];
/// Members of `$context` that are maps, or are not context variables by that name alone.
const MAPS: [&str; 6] = [
    "authorizer",
    "identity",
    "error",
    "integration",
    "requestOverride",
    "responseOverride",
];

/// Every reference to a member that is none.
pub(super) fn unknown(template: &Template) -> Vec<TemplateNote> {
    look(template).notes
}

/// The stage variables that a template reads by a name that it spells.
pub(crate) fn stage_variables(template: &Template) -> Vec<Name> {
    look(template).stage_variables
}

fn look(template: &Template) -> Members {
    let mut own = Own::default();
    walk_block(&mut own, &template.block);
    let mut members = Members {
        assigned: survey(template).assigned,
        own: own.0,
        notes: Vec::new(),
        stage_variables: Vec::new(),
    };
    walk_block(&mut members, &template.block);
    members
}

/// Members that the template puts into `$context`.
#[derive(Default)]
struct Own(HashSet<String>);

impl Visitor for Own {
    fn node(&mut self, node: &Node) {
        if let Node::Set { target, .. } = node
            && target.name.text == "context"
            && let Some(Access::Property(name)) = target.path.first()
        {
            self.0.insert(name.text.clone());
        }
        walk_node(self, node);
    }
}

struct Members {
    assigned: HashSet<String>,
    own: HashSet<String>,
    notes: Vec<TemplateNote>,
    stage_variables: Vec<Name>,
}

impl Visitor for Members {
    fn node(&mut self, node: &Node) {
        // What is printed as it is written reads nothing that anyone sees.
        if !matches!(node, Node::Print { escaped: true, .. }) {
            walk_node(self, node);
        }
    }

    fn reference(&mut self, reference: &Reference) {
        walk_path(self, &reference.path);
        let root = reference.name.text.as_str();
        if self.assigned.contains(root) {
            return;
        }
        let name = match reference.path.first() {
            Some(Access::Property(name) | Access::Method { name, .. }) => name,
            Some(Access::Index { index, .. }) if root == "stageVariables" => {
                if let ExprKind::Text(text) = &index.kind {
                    self.stage_variables.push(Name {
                        text: text.clone(),
                        span: index.span,
                    });
                }
                return;
            }
            _ => return,
        };
        match root {
            "input" => self.one_of("$input", name, &INPUT),
            "util" => self.one_of("$util", name, &UTIL),
            "context" => self.context(name, &reference.path),
            "stageVariables" if matches!(reference.path.first(), Some(Access::Property(_))) => {
                self.stage_variables.push(name.clone());
            }
            _ => {}
        }
    }
}

impl Members {
    fn one_of(&mut self, root: &str, name: &Name, known: &[&str]) {
        if known.contains(&name.text.as_str()) {
            return;
        }
        self.note(root, name, known.iter().copied());
    }

    /// Members that other templates put there cannot be told from slips, unless they are near a known one.
    fn context(&mut self, name: &Name, path: &[Access]) {
        let (Some(Access::Property(_)), false) = (path.first(), self.own.contains(&name.text))
        else {
            return;
        };
        let variables = || Variable::ALL.iter().map(|v| v.name());
        match (name.text.as_str(), path.get(1)) {
            (map @ ("identity" | "error" | "integration"), Some(Access::Property(member))) => {
                let prefix = format!("{map}.");
                let members: Vec<&str> = variables()
                    .filter_map(|name| name.strip_prefix(prefix.as_str()))
                    .chain(["clientCert"])
                    .collect();
                if !members.contains(&member.text.as_str()) {
                    self.note(&format!("$context.{map}"), member, members.iter().copied());
                }
            }
            (text, _) => {
                let known: Vec<&str> = variables()
                    .filter(|name| !name.contains('.'))
                    .chain(MAPS)
                    .collect();
                if !known.contains(&text) && nearest(text, known.iter().copied()).is_some() {
                    self.note("$context", name, known.iter().copied());
                }
            }
        }
    }

    fn note<'n>(&mut self, root: &str, name: &Name, known: impl Iterator<Item = &'n str>) {
        self.notes.push(TemplateNote {
            kind: TemplateNoteKind::UnknownMember,
            span: name.span,
            message: format!("`{root}` has no `{}`: nothing is printed", name.text),
            help: did_you_mean(&name.text, known),
        });
    }
}

#[cfg(test)]
mod tests {
    fn notes(text: &str) -> Vec<(String, Option<String>)> {
        let tree = tollgate_grammar::vtl::parse(text).unwrap();
        super::unknown(&tree)
            .into_iter()
            .map(|note| (note.message, note.help))
            .collect()
    }

    #[test]
    fn members_that_nothing_has_are_told() {
        for (text, member, help) in [
            (
                "$input.parms('a')",
                "`$input` has no `parms`",
                Some("params"),
            ),
            ("$util.toJson($x)", "`$util` has no `toJson`", None),
            (
                "$util.base64encode($x)",
                "`$util` has no `base64encode`",
                Some("base64Encode"),
            ),
            (
                "$context.requestid",
                "`$context` has no `requestid`",
                Some("requestId"),
            ),
            (
                "$context.identity.sourceIP",
                "`$context.identity` has no `sourceIP`",
                Some("sourceIp"),
            ),
            (
                "#if($context.satge == 'a')x#end",
                "`$context` has no `satge`",
                Some("stage"),
            ),
            (
                "#set($x = \"$input.jsn('$')\")$x",
                "`$input` has no `jsn`",
                Some("json"),
            ),
        ] {
            let found = notes(text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].0.starts_with(member), "{text}: {found:?}");
            let want = help.map(|h| format!("did you mean `{h}`?"));
            assert_eq!(found[0].1, want, "{text}");
        }
    }

    #[test]
    fn members_that_something_has_are_not() {
        for text in [
            "$input.json('$') $input.path('$').a $input.params().header $input.body",
            "$util.escapeJavaScript($input.params('a'))",
            "$context.requestId $context.identity.sourceIp $context.authorizer.anything",
            "$context.keySet() $context['x'] $context.error.message",
            "#set($context.requestOverride.header.a = 1)$context.requestOverride.header.a",
            "#set($context.stagge = 1)$context.stagge",
            "#set($input = 1)$input.foo",
            "$context.mine",
            "\\$input.foo",
        ] {
            assert_eq!(notes(text), [], "{text}");
        }
    }
}
