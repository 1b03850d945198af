//! CEL conditions as conditions of the IR: what compares fields of the request with something known, or with each
//! other. What cannot be said so is refused by name, never let through.
//!
//! An absent key is `null`: it equals only `null`, is in no list, and makes `<` and the functions of texts fail.
//! Macros over lists that are written out become connectives. Claims are the texts that
//! `$context.authorizer.claims` shows.

use tollgate_model::NodeId;
use tollgate_model::condition::{Expr, ExprKind, Macro, Type};
use tollgate_runtime::Variable;
use tollgate_runtime::isa::{Absent, Comparison, Part};
use tollgate_runtime::policy::Ranges;

use super::Lowering;
use crate::cel::{Constant, constant, timestamp_ms};
use crate::ir::{Condition, ContextVariable, Leaf, Load, Test};

/// How many times macros may repeat their bodies in one condition.
const MAX_UNROLLED: usize = 256;

/// What stands on one side of an operator.
enum Side<'e> {
    /// A field that a request may lack.
    Field(Load),
    /// How many characters a field has.
    Size(Load),
    /// A known text.
    Text(&'e str),
    /// `null`.
    Null,
    /// The clock, and so many milliseconds.
    Now(i64),
    /// A known moment, in milliseconds.
    Moment(i64),
    /// The clock less a known moment.
    Elapsed(i64),
    /// A known length of time, in milliseconds.
    Duration(i64),
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(f64),
}

impl Lowering {
    /// The condition that a truth value of CEL is.
    pub(super) fn cel(&mut self, expression: &Expr) -> Condition {
        let node = self.statement_nodes.last().copied().unwrap_or_default();
        if let Some(Constant::Bool(known)) = constant(expression) {
            return Condition::Known(known);
        }
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
                ("matches", [text, pattern]) => self.matches(text, pattern, node),
                _ => self.not_yet(&format!("`{name}`"), node),
            },
            ExprKind::Has(operand, name) => match member(operand, name) {
                Some(load) => Condition::Not(Box::new(Condition::Leaf(Leaf::Missing(load)))),
                _ => self.not_yet("`has` of this", node),
            },
            ExprKind::Comprehension(which, range, variable, body) => {
                self.comprehension(*which, range, variable, body, node)
            }
            _ => match side(expression) {
                Some(Side::Field(load)) => Condition::Leaf(Leaf::Test {
                    load,
                    test: Test::Boolean(true),
                    absent: Absent::Error,
                }),
                Some(Side::Null) => Condition::Error,
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
        let either = Condition::Or(vec![
            Condition::And(vec![condition.clone(), then]),
            Condition::And(vec![negated, otherwise]),
        ]);
        strict(&[condition], either)
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
            (Side::Field(Load::Secure), Side::Field(_))
            | (Side::Field(_), Side::Field(Load::Secure)) => self.not_yet("comparing these", node),
            (Side::Field(left), Side::Field(right)) => Condition::Leaf(Leaf::Compare {
                left,
                right,
                comparison: Comparison::Equal,
            }),
            (Side::Field(load), Side::Number(n)) | (Side::Number(n), Side::Field(load)) => {
                is(load, Test::Number(Comparison::Equal, n.to_bits()))
            }
            // Of what is absent there is no size.
            (Side::Size(load), Side::Number(n)) | (Side::Number(n), Side::Size(load)) => {
                Condition::Leaf(Leaf::Test {
                    load,
                    test: Test::Number(Comparison::Equal, n.to_bits()),
                    absent: Absent::Error,
                })
            }
            (Side::Null, Side::Null) => Condition::Known(true),
            (Side::Text(a), Side::Text(b)) => Condition::Known(a == b),
            (Side::Bool(a), Side::Bool(b)) => Condition::Known(a == b),
            (left, right) => match clock(left, right) {
                Some((comparison, ms)) => is(
                    Load::Now,
                    Test::Moment(comparison.unwrap_or(Comparison::Equal), ms),
                ),
                None => self.not_yet("comparing these", node),
            },
        }
    }

    fn within(&mut self, element: &Expr, range: &Expr, node: NodeId) -> Condition {
        match (&element.kind, &range.kind) {
            (ExprKind::Field(field), ExprKind::Call(name, blocks))
                if field == "source.ip" && name == "cidr" =>
            {
                let blocks: Option<Vec<&str>> = blocks.iter().map(text).collect();
                match blocks.and_then(Ranges::parse) {
                    // A caller behind a VPC endpoint has an address, too.
                    Some(set) => Condition::Or(vec![
                        Condition::Leaf(Leaf::SourceIn {
                            set: set.clone(),
                            vpc: false,
                            absent: Absent::False,
                        }),
                        Condition::Leaf(Leaf::SourceIn {
                            set,
                            vpc: true,
                            absent: Absent::False,
                        }),
                    ]),
                    None => Condition::Error,
                }
            }
            (_, ExprKind::List(items)) => {
                let texts: Option<Vec<&str>> = items.iter().map(text).collect();
                match (side(element), texts) {
                    (Some(Side::Field(load)), Some(texts)) => {
                        let mut texts: Vec<String> = texts.into_iter().map(str::to_owned).collect();
                        texts.sort();
                        texts.dedup();
                        Condition::Leaf(Leaf::Test {
                            load,
                            test: Test::OneOf(texts),
                            absent: Absent::False,
                        })
                    }
                    _ => Condition::Or(
                        items
                            .iter()
                            .map(|item| self.equal(element, item, node))
                            .collect(),
                    ),
                }
            }
            (ExprKind::Text(name), ExprKind::Field(_)) => match member(range, name) {
                Some(load) => Condition::Not(Box::new(Condition::Leaf(Leaf::Missing(load)))),
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
        let at = |load, test| {
            Condition::Leaf(Leaf::Test {
                load,
                test,
                absent: Absent::Error,
            })
        };
        let number = |comparison, n: f64| Test::Number(comparison, n.to_bits());
        match (side(left), side(right)) {
            (Some(Side::Null), Some(_)) | (Some(_), Some(Side::Null)) => Condition::Error,
            (Some(Side::Field(load) | Side::Size(load)), Some(Side::Number(n))) => {
                at(load, number(comparison, n))
            }
            (Some(Side::Number(n)), Some(Side::Field(load) | Side::Size(load))) => {
                at(load, number(mirrored(comparison), n))
            }
            (Some(Side::Field(left)), Some(Side::Field(right))) => Condition::Leaf(Leaf::Compare {
                left,
                right,
                comparison,
            }),
            (Some(Side::Field(left)), Some(Side::Text(right))) => Condition::Leaf(Leaf::Compare {
                left,
                right: Load::Text(right.to_owned()),
                comparison,
            }),
            (Some(Side::Text(left)), Some(Side::Field(right))) => Condition::Leaf(Leaf::Compare {
                left: right,
                right: Load::Text(left.to_owned()),
                comparison: mirrored(comparison),
            }),
            (Some(left), Some(right)) => match clock(left, right) {
                Some((None, ms)) => at(Load::Now, Test::Moment(comparison, ms)),
                Some((Some(_), ms)) => at(Load::Now, Test::Moment(mirrored(comparison), ms)),
                None => self.not_yet("ordering these", node),
            },
            _ => self.not_yet("ordering these", node),
        }
    }

    fn part(&mut self, function: &str, whole: &Expr, part: &Expr, node: NodeId) -> Condition {
        let which = match function {
            "startsWith" => Part::Start,
            "endsWith" => Part::End,
            _ => Part::Any,
        };
        match (side(whole), side(part)) {
            (Some(Side::Field(load)), Some(Side::Text(part))) if !part.contains(['*', '?']) => {
                let glob = match which {
                    Part::Start => format!("{part}*"),
                    Part::End => format!("*{part}"),
                    Part::Any => format!("*{part}*"),
                };
                Condition::Leaf(Leaf::Test {
                    load,
                    test: Test::Like(vec![glob]),
                    absent: Absent::Error,
                })
            }
            (Some(Side::Null), Some(_)) | (Some(_), Some(Side::Null)) => Condition::Error,
            (Some(whole), Some(text)) => match (loaded(whole), loaded(text)) {
                (Some(whole), Some(text)) => Condition::Leaf(Leaf::Part {
                    whole,
                    text,
                    part: which,
                }),
                _ => self.not_yet("searching in this", node),
            },
            _ => self.not_yet("searching in this", node),
        }
    }

    fn matches(&mut self, whole: &Expr, pattern: &Expr, node: NodeId) -> Condition {
        match (side(whole), text(pattern)) {
            (Some(Side::Null), _) => Condition::Error,
            (Some(Side::Field(load)), Some(pattern)) => match crate::emit::search_table(pattern) {
                Ok(table) => Condition::Leaf(Leaf::Test {
                    load,
                    test: Test::Matches(table),
                    absent: Absent::Error,
                }),
                Err(why) => {
                    self.unsupported(node, why);
                    Condition::Error
                }
            },
            _ => self.not_yet("`matches` of this", node),
        }
    }

    /// A macro over a list that is written out: its body once per element.
    fn comprehension(
        &mut self,
        which: Macro,
        range: &Expr,
        variable: &str,
        body: &Expr,
        node: NodeId,
    ) -> Condition {
        let ExprKind::List(items) = &range.kind else {
            return self.not_yet("a macro over what a request says", node);
        };
        if self.unrolled + items.len() > MAX_UNROLLED {
            return self.not_yet("a macro over so many elements", node);
        }
        self.unrolled += items.len();
        let parts: Vec<Condition> = items
            .iter()
            .map(|item| self.cel(&replaced(body, variable, item)))
            .collect();
        match which {
            Macro::All => Condition::And(parts),
            Macro::Exists => Condition::Or(parts),
            Macro::ExistsOne => {
                let one = |chosen: usize| {
                    let each = parts.iter().enumerate().map(|(i, part)| match i == chosen {
                        true => part.clone(),
                        false => Condition::Not(Box::new(part.clone())),
                    });
                    Condition::And(each.collect())
                };
                let any = Condition::Or((0..parts.len()).map(one).collect());
                strict(&parts, any)
            }
            Macro::Filter | Macro::Map => self.not_yet("a list", node),
        }
    }
}

/// The result, or an error if one of the conditions is.
fn strict(conditions: &[Condition], result: Condition) -> Condition {
    // True or an error each.
    let decided = Condition::And(
        conditions
            .iter()
            .map(|c| Condition::Or(vec![c.clone(), Condition::Not(Box::new(c.clone()))]))
            .collect(),
    );
    // An error must win over a false result.
    Condition::Or(vec![
        Condition::And(vec![decided.clone(), result]),
        Condition::Not(Box::new(decided)),
    ])
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

/// Two sides of which one has the clock, as the clock against a moment; `Some` inside: the sides are swapped.
fn clock(left: Side<'_>, right: Side<'_>) -> Option<(Option<Comparison>, i64)> {
    match (left, right) {
        (Side::Now(offset), Side::Moment(ms)) => Some((None, ms.checked_sub(offset)?)),
        (Side::Moment(ms), Side::Now(offset)) => {
            Some((Some(Comparison::Equal), ms.checked_sub(offset)?))
        }
        (Side::Elapsed(since), Side::Duration(ms)) => Some((None, since.checked_add(ms)?)),
        (Side::Duration(ms), Side::Elapsed(since)) => {
            Some((Some(Comparison::Equal), since.checked_add(ms)?))
        }
        _ => None,
    }
}

fn text(expression: &Expr) -> Option<&str> {
    match &expression.kind {
        ExprKind::Text(text) => Some(text),
        _ => None,
    }
}

/// A text, known or of the request.
fn loaded(side: Side<'_>) -> Option<Load> {
    match side {
        Side::Field(Load::Secure) => None,
        Side::Field(load) => Some(load),
        Side::Text(text) => Some(Load::Text(text.to_owned())),
        _ => None,
    }
}

/// What an expression stands for; `None`: nothing that can be compared.
fn side(expression: &Expr) -> Option<Side<'_>> {
    let context = |variable| Some(Side::Field(Load::Context(ContextVariable(variable))));
    let principal = |key: &str| Some(Side::Field(Load::Principal(key.to_owned())));
    match &expression.kind {
        ExprKind::Null => Some(Side::Null),
        ExprKind::Bool(value) => Some(Side::Bool(*value)),
        ExprKind::Text(text) => Some(Side::Text(text)),
        ExprKind::Int(value) => Some(Side::Number(*value as f64)),
        ExprKind::Uint(value) => Some(Side::Number(*value as f64)),
        ExprKind::Double(value) => Some(Side::Number(*value)),
        ExprKind::Field(field) => match field.as_str() {
            "source.vpce" => context(Variable::IdentityVpceId),
            "source.vpc" => context(Variable::IdentityVpcId),
            "request.method" => context(Variable::HttpMethod),
            "request.path" => Some(Side::Field(Load::TargetPath)),
            "request.secure" => Some(Side::Field(Load::Secure)),
            "stage.name" => context(Variable::Stage),
            "now" => Some(Side::Now(0)),
            "principal.account" => principal("aws:principalaccount"),
            "principal.arn" => principal("aws:principalarn"),
            "principal.type" => principal("aws:principaltype"),
            "principal.org" => principal("aws:principalorgid"),
            "principal.userid" => principal("aws:userid"),
            _ => None,
        },
        ExprKind::Member(operand, name) => member(operand, name).map(Side::Field),
        ExprKind::Call(name, operands) => called(name, operands),
        _ => None,
    }
}

fn called<'e>(name: &str, operands: &'e [Expr]) -> Option<Side<'e>> {
    match (name, operands) {
        ("timestamp", [moment]) => {
            let moment = timestamp_ms(text(moment)?)?;
            i64::try_from(moment).ok().map(Side::Moment)
        }
        ("duration", [length]) => duration_ms(text(length)?).map(Side::Duration),
        ("size", [whole]) => match (side(whole)?, &whole.ty) {
            (Side::Field(load), Type::Text | Type::Optional(_) | Type::Dynamic)
                if load != Load::Secure =>
            {
                Some(Side::Size(Load::Length(Box::new(load))))
            }
            _ => None,
        },
        ("+", [left, right]) => match (side(left)?, side(right)?) {
            (Side::Now(a), Side::Duration(b)) => Some(Side::Now(a.checked_add(b)?)),
            (Side::Moment(a), Side::Duration(b)) => Some(Side::Moment(a.checked_add(b)?)),
            (Side::Duration(a), Side::Duration(b)) => Some(Side::Duration(a.checked_add(b)?)),
            _ => None,
        },
        ("-", [left, right]) => match (side(left)?, side(right)?) {
            (Side::Now(a), Side::Duration(b)) => Some(Side::Now(a.checked_sub(b)?)),
            (Side::Moment(a), Side::Duration(b)) => Some(Side::Moment(a.checked_sub(b)?)),
            (Side::Duration(a), Side::Duration(b)) => Some(Side::Duration(a.checked_sub(b)?)),
            (Side::Moment(a), Side::Moment(b)) => Some(Side::Duration(a.checked_sub(b)?)),
            (Side::Now(a), Side::Moment(b)) => Some(Side::Elapsed(b.checked_sub(a)?)),
            _ => None,
        },
        _ => None,
    }
}

/// A length of time in whole milliseconds; `None` for one that is finer.
fn duration_ms(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text),
    };
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest.get(..digits)?.parse().ok()?;
        let tail = rest.get(digits..)?;
        let (unit, scale) = [
            ("ms", 1.0),
            ("us", 1e-3),
            ("ns", 1e-6),
            ("h", 3.6e6),
            ("m", 6e4),
            ("s", 1e3),
        ]
        .into_iter()
        .find(|(unit, _)| tail.starts_with(unit))?;
        total += number * scale;
        rest = tail.get(unit.len()..)?;
    }
    let total: f64 = sign * total;
    let whole = total.round();
    ((total - whole).abs() < 1e-6 && whole.abs() < 9e15).then_some(whole as i64)
}

/// A member of one of the request's maps.
fn member(operand: &Expr, name: &str) -> Option<Load> {
    let ExprKind::Field(field) = &operand.kind else {
        return None;
    };
    Some(match field.as_str() {
        "request.headers" => Load::HeaderFolded(name.to_owned()),
        "request.query" => Load::Query(name.to_owned()),
        "principal.tags" => Load::Principal(format!("aws:principaltag/{name}")),
        "claims" => Load::Authorizer(format!("claims.{name}")),
        _ => return None,
    })
}

/// The expression with a local variable replaced.
fn replaced(expression: &Expr, variable: &str, by: &Expr) -> Expr {
    let again = |inner: &Expr| Box::new(replaced(inner, variable, by));
    let all = |list: &[Expr]| list.iter().map(|e| replaced(e, variable, by)).collect();
    let kind = match &expression.kind {
        ExprKind::Local(name) if name == variable => return by.clone(),
        ExprKind::List(items) => ExprKind::List(all(items)),
        ExprKind::Map(entries) => ExprKind::Map(
            entries
                .iter()
                .map(|(k, v)| (replaced(k, variable, by), replaced(v, variable, by)))
                .collect(),
        ),
        ExprKind::Member(operand, name) => ExprKind::Member(again(operand), name.clone()),
        ExprKind::Index(operand, index) => match (&operand.kind, replaced(index, variable, by)) {
            // A key that is known now.
            (
                _,
                Expr {
                    kind: ExprKind::Text(name),
                    ..
                },
            ) => ExprKind::Member(again(operand), name),
            (_, index) => ExprKind::Index(again(operand), Box::new(index)),
        },
        ExprKind::Has(operand, name) => ExprKind::Has(again(operand), name.clone()),
        ExprKind::Call(name, operands) => ExprKind::Call(name.clone(), all(operands)),
        // An inner variable of the same name hides this one.
        ExprKind::Comprehension(which, range, inner, body) if inner == variable => {
            ExprKind::Comprehension(*which, again(range), inner.clone(), body.clone())
        }
        ExprKind::Comprehension(which, range, inner, body) => {
            ExprKind::Comprehension(*which, again(range), inner.clone(), again(body))
        }
        other => other.clone(),
    };
    Expr {
        kind,
        ty: expression.ty.clone(),
        at: expression.at,
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
            r#"request.path.startsWith("/a*") || request.path.matches("^/v[0-9]+/")"#,
            r#"request.path.endsWith(request.query.a) && request.query.a < request.query.b"#,
            r#"["a", "b"].all(x, x in request.query) && ["a"].exists_one(x, request.headers[x] == "1")"#,
            r#"now + duration("1h") < timestamp("2030-01-01T00:00:00Z") || now - timestamp("2030-01-01T00:00:00Z") >= duration("90s")"#,
            r#"claims.level >= 3 && claims.admin && principal.arn == claims.sub && "team" in principal.tags"#,
            r#"size(request.query.a) == 3 || size("abc") > 2"#,
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
        for condition in [
            r#"claims.groups.exists(g, g == "admin")"#,
            r#"request.headers.exists(h, h == "x-a")"#,
            r#"size(request.headers) < 9"#,
            r#"duration("1ns") < now - timestamp("2030-01-01T00:00:00Z")"#,
            r#""a" in claims.groups"#,
        ] {
            let built = with_condition(condition);
            assert!(built.bundle.is_none(), "{condition}");
            let [diagnostic] = built.diagnostics.as_slice() else {
                panic!("{condition}: {:?}", built.diagnostics)
            };
            assert_eq!(diagnostic.code().to_string(), "TG0202", "{condition}");
        }
    }
}
