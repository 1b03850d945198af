//! CEL conditions as conditions of the IR: what compares a field of the request with
//! something known. What cannot be said so yet is refused by name, never let through.
//!
//! An absent key is `null`: it equals only `null`, is in no list, and makes `<` and the
//! functions of texts fail.

use tollgate_model::NodeId;
use tollgate_model::condition::{Expr, ExprKind};
use tollgate_runtime::Variable;
use tollgate_runtime::isa::{Absent, Comparison};
use tollgate_runtime::policy::Ranges;

use super::Lowering;
use crate::cel::timestamp_ms;
use crate::ir::{Condition, ContextVariable, Leaf, Load, Test};

/// What stands on one side of an operator.
enum Side<'e> {
    /// A field that a request may lack.
    Field(Load),
    /// A field that no caller without IAM credentials or a token has.
    Never,
    /// A known text.
    Text(&'e str),
    /// `null`.
    Null,
    /// The clock.
    Now,
    /// A known moment, in milliseconds.
    Moment(i64),
    /// A truth value.
    Bool(bool),
}

impl Lowering {
    /// The condition that a truth value of CEL is.
    pub(super) fn cel(&mut self, expression: &Expr) -> Condition {
        let node = self.statement_nodes.last().copied().unwrap_or_default();
        match &expression.kind {
            ExprKind::Bool(known) => Condition::Known(*known),
            ExprKind::Call(name, operands) => match (name.as_str(), operands.as_slice()) {
                ("&&", operands) => Condition::And(operands.iter().map(|o| self.cel(o)).collect()),
                ("||", operands) => Condition::Or(operands.iter().map(|o| self.cel(o)).collect()),
                ("!", [operand]) => Condition::Not(Box::new(self.cel(operand))),
                ("?:", [condition, then, otherwise]) => self.choice(condition, then, otherwise),
                ("==", [left, right]) => self.equal(left, right, node),
                ("!=", [left, right]) => Condition::Not(Box::new(self.equal(left, right, node))),
                ("in", [element, range]) => self.within(element, range, node),
                ("<" | "<=" | ">" | ">=", [left, right]) => self.ordered(name, left, right, node),
                ("startsWith" | "endsWith" | "contains", [text, part]) => {
                    self.part(name, text, part, node)
                }
                _ => self.not_yet(&format!("`{name}`"), node),
            },
            ExprKind::Has(operand, name) => match member(operand, name) {
                Some(Side::Field(load)) => {
                    Condition::Not(Box::new(Condition::Leaf(Leaf::Missing(load))))
                }
                Some(Side::Never) => Condition::Known(false),
                _ => self.not_yet("`has` of this", node),
            },
            _ => match side(expression) {
                Some(Side::Field(load)) => Condition::Leaf(Leaf::Test {
                    load,
                    test: Test::Boolean(true),
                    absent: Absent::Error,
                }),
                Some(Side::Never | Side::Null) => Condition::Error,
                _ => self.not_yet("this expression", node),
            },
        }
    }

    fn not_yet(&mut self, what: &str, node: NodeId) -> Condition {
        self.unsupported(node, format!("{what} in the condition of a policy"));
        Condition::Error
    }

    /// `c ? a : b`; if `c` fails, so does the choice.
    fn choice(&mut self, condition: &Expr, then: &Expr, otherwise: &Expr) -> Condition {
        let condition = self.cel(condition);
        let negated = Condition::Not(Box::new(condition.clone()));
        let (then, otherwise) = (self.cel(then), self.cel(otherwise));
        // With an unknown condition both sides are unknown or false, and Kleene's `or` of
        // them is unknown or false; the tautology below makes it unknown.
        let decided = Condition::Or(vec![condition.clone(), negated.clone()]);
        let either = Condition::Or(vec![
            Condition::And(vec![condition, then]),
            Condition::And(vec![negated, otherwise]),
        ]);
        // `decided` is true or an error; an error must win over a false `either`.
        Condition::Or(vec![
            Condition::And(vec![decided.clone(), either]),
            Condition::And(vec![
                Condition::Not(Box::new(decided)),
                Condition::Known(true),
            ]),
        ])
    }

    fn equal(&mut self, left: &Expr, right: &Expr, node: NodeId) -> Condition {
        let (Some(left), Some(right)) = (side(left), side(right)) else {
            return self.not_yet("comparing these", node);
        };
        let is = |load, test| {
            Condition::Leaf(Leaf::Test {
                load,
                test,
                absent: Absent::False,
            })
        };
        match (left, right) {
            (Side::Field(load), Side::Text(text)) | (Side::Text(text), Side::Field(load)) => {
                is(load, Test::OneOf(vec![text.to_owned()]))
            }
            (Side::Field(load), Side::Bool(value)) | (Side::Bool(value), Side::Field(load)) => {
                is(load, Test::Boolean(value))
            }
            (Side::Field(load), Side::Null) | (Side::Null, Side::Field(load)) => {
                Condition::Leaf(Leaf::Missing(load))
            }
            (Side::Never, Side::Null) | (Side::Null, Side::Never | Side::Null) => {
                Condition::Known(true)
            }
            (Side::Never, Side::Text(_) | Side::Bool(_))
            | (Side::Text(_) | Side::Bool(_), Side::Never) => Condition::Known(false),
            (Side::Text(a), Side::Text(b)) => Condition::Known(a == b),
            (Side::Bool(a), Side::Bool(b)) => Condition::Known(a == b),
            (Side::Now, Side::Moment(ms)) | (Side::Moment(ms), Side::Now) => {
                is(Load::Now, Test::Moment(Comparison::Equal, ms))
            }
            _ => self.not_yet("comparing these", node),
        }
    }

    fn within(&mut self, element: &Expr, range: &Expr, node: NodeId) -> Condition {
        match (&element.kind, &range.kind) {
            (ExprKind::Field(field), ExprKind::Call(name, blocks))
                if field == "source.ip" && name == "cidr" =>
            {
                let blocks: Option<Vec<String>> = blocks
                    .iter()
                    .map(text)
                    .map(|t| t.map(str::to_owned))
                    .collect();
                match blocks.and_then(|blocks| Ranges::parse(blocks.iter().map(String::as_str))) {
                    Some(set) => Condition::Leaf(Leaf::SourceIn {
                        set,
                        vpc: false,
                        absent: Absent::False,
                    }),
                    None => Condition::Error,
                }
            }
            (_, ExprKind::List(items)) => {
                let texts: Option<Vec<String>> = items
                    .iter()
                    .map(text)
                    .map(|t| t.map(str::to_owned))
                    .collect();
                match (side(element), texts) {
                    (Some(Side::Field(load)), Some(mut texts)) => {
                        texts.sort();
                        texts.dedup();
                        Condition::Leaf(Leaf::Test {
                            load,
                            test: Test::OneOf(texts),
                            absent: Absent::False,
                        })
                    }
                    (Some(Side::Never | Side::Null), Some(_)) => Condition::Known(false),
                    (Some(Side::Text(one)), Some(texts)) => {
                        Condition::Known(texts.iter().any(|text| text == one))
                    }
                    _ => self.not_yet("`in` of these", node),
                }
            }
            (ExprKind::Text(name), ExprKind::Field(_)) => match member(range, name) {
                Some(Side::Field(load)) => {
                    Condition::Not(Box::new(Condition::Leaf(Leaf::Missing(load))))
                }
                Some(Side::Never) => Condition::Known(false),
                _ => self.not_yet("`in` of these", node),
            },
            _ => self.not_yet("`in` of these", node),
        }
    }

    fn ordered(&mut self, operator: &str, left: &Expr, right: &Expr, node: NodeId) -> Condition {
        let comparison = match operator {
            "<" => Comparison::Less,
            "<=" => Comparison::LessEqual,
            ">" => Comparison::Greater,
            _ => Comparison::GreaterEqual,
        };
        let at = |comparison, ms| {
            Condition::Leaf(Leaf::Test {
                load: Load::Now,
                test: Test::Moment(comparison, ms),
                absent: Absent::Error,
            })
        };
        match (side(left), side(right)) {
            (Some(Side::Now), Some(Side::Moment(ms))) => at(comparison, ms),
            (Some(Side::Moment(ms)), Some(Side::Now)) => at(mirrored(comparison), ms),
            (Some(Side::Never | Side::Null), Some(_))
            | (Some(_), Some(Side::Never | Side::Null)) => Condition::Error,
            _ => self.not_yet("ordering these", node),
        }
    }

    fn part(&mut self, function: &str, whole: &Expr, part: &Expr, node: NodeId) -> Condition {
        let Some(part) = text(part) else {
            return self.not_yet("searching for what a request says", node);
        };
        match side(whole) {
            Some(Side::Field(load)) => {
                if part.contains(['*', '?']) {
                    return self.not_yet("searching for `*` or `?`", node);
                }
                let glob = match function {
                    "startsWith" => format!("{part}*"),
                    "endsWith" => format!("*{part}"),
                    _ => format!("*{part}*"),
                };
                Condition::Leaf(Leaf::Test {
                    load,
                    test: Test::Like(vec![glob]),
                    absent: Absent::Error,
                })
            }
            Some(Side::Text(whole)) => Condition::Known(match function {
                "startsWith" => whole.starts_with(part),
                "endsWith" => whole.ends_with(part),
                _ => whole.contains(part),
            }),
            Some(Side::Never | Side::Null) => Condition::Error,
            _ => self.not_yet("searching in this", node),
        }
    }
}

/// `a < b` as `b > a`.
fn mirrored(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessEqual => Comparison::GreaterEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterEqual => Comparison::LessEqual,
        same => same,
    }
}

fn text(expression: &Expr) -> Option<&str> {
    match &expression.kind {
        ExprKind::Text(text) => Some(text),
        _ => None,
    }
}

/// What an expression stands for; `None`: nothing that can be compared yet.
fn side(expression: &Expr) -> Option<Side<'_>> {
    let context = |variable| Some(Side::Field(Load::Context(ContextVariable(variable))));
    match &expression.kind {
        ExprKind::Null => Some(Side::Null),
        ExprKind::Bool(value) => Some(Side::Bool(*value)),
        ExprKind::Text(text) => Some(Side::Text(text)),
        ExprKind::Field(field) => match field.as_str() {
            "source.vpce" => context(Variable::IdentityVpceId),
            "source.vpc" => context(Variable::IdentityVpcId),
            "request.method" => context(Variable::HttpMethod),
            "request.secure" => Some(Side::Field(Load::Secure)),
            "stage.name" => context(Variable::Stage),
            "now" => Some(Side::Now),
            field if field.starts_with("principal.") => Some(Side::Never),
            _ => None,
        },
        ExprKind::Member(operand, name) => member(operand, name),
        ExprKind::Call(name, operands) if name == "timestamp" => {
            let moment = text(operands.first()?).and_then(timestamp_ms)?;
            i64::try_from(moment).ok().map(Side::Moment)
        }
        _ => None,
    }
}

/// A member of one of the request's maps.
fn member<'e>(operand: &Expr, name: &str) -> Option<Side<'e>> {
    let ExprKind::Field(field) = &operand.kind else {
        return None;
    };
    match field.as_str() {
        "request.headers" => Some(Side::Field(Load::HeaderFolded(name.to_owned()))),
        "request.query" => Some(Side::Field(Load::Query(name.to_owned()))),
        "principal.tags" | "claims" => Some(Side::Never),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::{Options, Source, build, source::NoFiles};

    fn with_condition(condition: &str) -> crate::Built {
        let text = format!(
            "rest api A {{\n  policy {{ allow anyone to invoke * when {{ {condition} }} }}\n  GET / {{ integrate mock, respond 200 }}\n}}\nstage s of A {{}}\n"
        );
        build(
            vec![Source::new("a.gate", text)],
            &NoFiles,
            &Options::default(),
        )
    }

    #[test]
    fn what_can_be_said_is_compiled() {
        for condition in [
            r#"source.ip in cidr("10.0.0.0/8", "2001:db8::/32")"#,
            r#"source.vpce == "vpce-1" || source.vpce == null"#,
            r#"request.headers["x-a"] in ["1", "2"] && !request.headers["x-b"].startsWith("no")"#,
            r#"now >= timestamp("2030-01-01T00:00:00Z") ? request.secure : request.method == "GET""#,
            r#"has(request.query.a) && stage.name != "dev""#,
        ] {
            let built = with_condition(condition);
            assert!(
                built.bundle.is_some(),
                "{condition}: {:?}",
                built.diagnostics
            );
        }
    }

    #[test]
    fn what_cannot_is_refused_by_name() {
        let built = with_condition(r#"request.path.startsWith("/a")"#);
        assert!(built.bundle.is_none());
        let [diagnostic] = built.diagnostics.as_slice() else {
            panic!("{:?}", built.diagnostics)
        };
        assert_eq!(diagnostic.code().to_string(), "TG0202");
    }
}
