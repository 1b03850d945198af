//! CEL conditions as conditions of the IR: what compares fields of the request with something known, or with each
//! other. What cannot be said so is refused by name, never let through.
//!
//! What reads nothing of a request is evaluated here and now; what fails whatever the request is an error.
//! An absent key is `null`: it equals only `null`, is in no list, and makes `<` and the functions of texts fail.
//! Macros over lists that are known or written out become connectives. Claims are the texts that
//! `$context.authorizer.claims` shows.

mod reckon;
mod side;
mod unroll;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

use tollgate_model::condition::{Expr, ExprKind};
use tollgate_runtime::isa::{Absent, Comparison, Manner, Part as Place};
use tollgate_runtime::policy::Ranges;

use self::side::{Part, Side, clock, loaded, member};
use self::unroll::is_truth;
use super::{Lowering, Unsupported};
use crate::cel::{Constant, Failure, evaluate_within};
use crate::ir::{Condition, Leaf, Load, PatternPiece, Test};

/// How many nodes the macros of one condition may make.
const MAX_NODES: usize = 1 << 15;
/// How large a condition may become.
const MAX_SIZE: usize = 1 << 13;
/// Steps of evaluation that one condition may take.
const MAX_STEPS: u64 = 8 << 20;

/// Bytes of the condition's text.
type At = (u32, u32);

/// What a condition has cost.
#[derive(Debug)]
pub(crate) struct Spent {
    nodes: usize,
    steps: u64,
}

impl Default for Spent {
    fn default() -> Self {
        Spent {
            nodes: MAX_NODES,
            steps: MAX_STEPS,
        }
    }
}

impl Spent {
    /// Pays for a node; `None`: there were too many.
    fn node(&mut self) -> Option<()> {
        self.nodes = self.nodes.checked_sub(1)?;
        Some(())
    }
}

impl Lowering {
    /// The condition that a truth value of CEL is.
    pub(super) fn cel(&mut self, expression: &Expr) -> Condition {
        let at = expression.at;
        let condition = match self.evaluated(expression) {
            Ok(Constant::Bool(known)) => Condition::Known(known),
            Ok(_) | Err(Failure::Error(_)) => Condition::Error,
            Err(Failure::Request) => self.open(expression, at),
        };
        match condition.size() > MAX_SIZE {
            true => self.not_yet("so large a condition", at),
            false => condition,
        }
    }

    /// The value of an expression that reads nothing of a request.
    fn evaluated(&mut self, expression: &Expr) -> Result<Constant, Failure> {
        evaluate_within(expression, &mut self.cel_spent.steps)
    }

    /// A condition that a request decides.
    fn open(&mut self, expression: &Expr, at: At) -> Condition {
        if let Some(choice) = self.distributed(expression) {
            return self.cel(&choice);
        }
        match &expression.kind {
            ExprKind::Call(name, operands) => match (name.as_str(), operands.as_slice()) {
                ("&&", operands) => Condition::And(operands.iter().map(|o| self.cel(o)).collect()),
                ("||", operands) => Condition::Or(operands.iter().map(|o| self.cel(o)).collect()),
                ("!", [operand]) => Condition::Not(Box::new(self.cel(operand))),
                ("dyn", [operand]) => self.cel(operand),
                ("?:", [condition, then, otherwise]) => self.choice(condition, then, otherwise),
                ("==", [left, right]) => self.equal(left, right, at),
                ("!=", [left, right]) => Condition::Not(Box::new(self.equal(left, right, at))),
                ("in", [element, range]) => self.within(element, range, at),
                ("containsIP", [range, address]) if is_caller(address) => {
                    match self.evaluated(range) {
                        Ok(Constant::Cidr(address, prefix)) => {
                            caller_in(Ranges::parse([format!("{address}/{prefix}").as_str()]))
                        }
                        _ => self.not_yet("`containsIP` of this", at),
                    }
                }
                ("<" | "<=" | ">" | ">=", [left, right]) => self.ordered(name, left, right, at),
                ("startsWith" | "endsWith" | "contains", [text, part]) => {
                    self.part(name, text, part, at)
                }
                ("matches", [text, pattern]) => self.matches(text, pattern, at),
                _ => self.not_yet(&format!("`{name}`"), at),
            },
            ExprKind::Has(operand, name) => match member(operand, name) {
                Some(load) => Condition::Not(Box::new(Condition::Leaf(Leaf::Missing(load)))),
                _ => self.not_yet("`has` of this", at),
            },
            ExprKind::Comprehension(walk) => self.comprehension(walk, at),
            ExprKind::Let(name, value, body) => match self.replaced(body, name, value) {
                Some(body) => self.cel(&body),
                None => self.not_yet("so large a condition", at),
            },
            _ => match self.operand(expression) {
                Some(Side::Field(load)) => Condition::Leaf(Leaf::Test {
                    load,
                    test: Test::Boolean(true),
                    absent: Absent::Error,
                }),
                _ => self.not_yet("this expression", at),
            },
        }
    }

    fn refused(&mut self, message: String, at: At) {
        self.errors.push(Unsupported {
            message,
            node: self.cel_node,
            part: Some(at),
        });
    }

    fn not_yet(&mut self, what: &str, at: At) -> Condition {
        self.refused(format!("{what} in the condition of a policy"), at);
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

    /// An operation on `c ? a : b` as a choice between operations, and one on a value with a name as one on the value.
    fn distributed(&mut self, expression: &Expr) -> Option<Expr> {
        let ExprKind::Call(name, operands) = &expression.kind else {
            return None;
        };
        if matches!(name.as_str(), "&&" | "||" | "?:") {
            return None;
        }
        let with = |at: usize, operand: &Expr| {
            let mut operands = operands.clone();
            operands[at] = operand.clone();
            Expr {
                kind: ExprKind::Call(name.clone(), operands),
                ..expression.clone()
            }
        };
        for (at, operand) in operands.iter().enumerate() {
            match &operand.kind {
                ExprKind::Call(choice, parts) if choice == "?:" => {
                    let [condition, then, otherwise] = parts.as_slice() else {
                        return None;
                    };
                    let parts = vec![condition.clone(), with(at, then), with(at, otherwise)];
                    for _ in 0..operands.len() {
                        self.cel_spent.node()?;
                    }
                    return Some(Expr {
                        kind: ExprKind::Call("?:".to_owned(), parts),
                        ..expression.clone()
                    });
                }
                ExprKind::Let(variable, value, body) => {
                    let body = self.replaced(body, variable, value)?;
                    return Some(with(at, &body));
                }
                _ => {}
            }
        }
        None
    }

    fn equal(&mut self, left: &Expr, right: &Expr, at: At) -> Condition {
        if let Some(range) = self.caller_is(left, right) {
            return range;
        }
        if is_truth(left) || is_truth(right) {
            // Both true, or both false.
            let (left, right) = (self.cel(left), self.cel(right));
            let not = |c: &Condition| Condition::Not(Box::new(c.clone()));
            let either = Condition::Or(vec![
                Condition::And(vec![left.clone(), right.clone()]),
                Condition::And(vec![not(&left), not(&right)]),
            ]);
            return strict(&[left, right], either);
        }
        if let Some(reckoned) = self.reckoned(left, Comparison::Equal, right) {
            return reckoned;
        }
        let (Some(left), Some(right)) = (self.operand(left), self.operand(right)) else {
            return self.not_yet("comparing these", at);
        };
        let test = |load, test, absent| Condition::Leaf(Leaf::Test { load, test, absent });
        let is = |load, wanted| test(load, wanted, Absent::False);
        match (left, right) {
            (Side::Failed, _) | (_, Side::Failed) => Condition::Error,
            (Side::Field(load), Side::Text(text)) | (Side::Text(text), Side::Field(load)) => {
                is(load, Test::OneOf(vec![text]))
            }
            (Side::Field(load), Side::Bool(value)) | (Side::Bool(value), Side::Field(load)) => {
                is(load, Test::Boolean(value))
            }
            (Side::Field(load), Side::Null) | (Side::Null, Side::Field(load)) => {
                Condition::Leaf(Leaf::Missing(load))
            }
            (Side::Field(Load::Secure), Side::Field(_))
            | (Side::Field(_), Side::Field(Load::Secure)) => self.not_yet("comparing these", at),
            (Side::Field(left), Side::Field(right)) => Condition::Leaf(Leaf::Compare {
                left,
                right,
                comparison: Comparison::Equal,
            }),
            (Side::Field(load), Side::Number(n)) | (Side::Number(n), Side::Field(load)) => {
                is(load, Test::Number(Comparison::Equal, n.to_bits()))
            }
            (Side::Field(_), Side::Other) | (Side::Other, Side::Field(_)) => {
                Condition::Known(false)
            }
            // Of what is absent there is no size, and no number.
            (Side::Size(load) | Side::Double(load), Side::Number(n))
            | (Side::Number(n), Side::Size(load) | Side::Double(load)) => {
                number(load, Comparison::Equal, n)
            }
            (Side::Shown(load, from), Side::Number(n))
            | (Side::Number(n), Side::Shown(load, from)) => {
                number(load, Comparison::Equal, n + from)
            }
            (Side::Int(load), Side::Number(n)) | (Side::Number(n), Side::Int(load)) => {
                self.whole(load, Comparison::Equal, n)
            }
            (Side::Lower(load), Side::Text(text)) | (Side::Text(text), Side::Lower(load)) => {
                in_letters(load, &text, text == text.to_ascii_lowercase())
            }
            (Side::Upper(load), Side::Text(text)) | (Side::Text(text), Side::Upper(load)) => {
                in_letters(load, &text, text == text.to_ascii_uppercase())
            }
            (Side::Joined(parts), Side::Field(load)) | (Side::Field(load), Side::Joined(parts))
                if load != Load::Secure =>
            {
                joined(load, &parts, Manner::Exact, Absent::False)
            }
            (Side::Joined(parts), Side::Null) | (Side::Null, Side::Joined(parts)) => {
                guarded(&parts, Condition::Known(false))
            }
            (left, right) => match clock(&left, &right) {
                Some((comparison, ms)) => is(
                    Load::Now,
                    Test::Moment(comparison.unwrap_or(Comparison::Equal), ms),
                ),
                None => self.not_yet("comparing these", at),
            },
        }
    }

    fn within(&mut self, element: &Expr, range: &Expr, at: At) -> Condition {
        if let (true, ExprKind::Call(name, blocks)) = (is_caller(element), &range.kind)
            && name == "cidr"
        {
            let mut texts = Vec::with_capacity(blocks.len());
            for block in blocks {
                match self.evaluated(block) {
                    Ok(Constant::Text(text)) => texts.push(text),
                    Err(Failure::Request) => return self.not_yet("`cidr` of this", at),
                    _ => return Condition::Error,
                }
            }
            return caller_in(Ranges::parse(texts.iter().map(String::as_str)));
        }
        if let (Ok(Constant::Text(name)), ExprKind::Field(_)) =
            (self.evaluated(element), &range.kind)
        {
            return match member(range, &name) {
                Some(load) => Condition::Not(Box::new(Condition::Leaf(Leaf::Missing(load)))),
                _ => self.not_yet("`in` of these", at),
            };
        }
        let Some(items) = self.elements(range) else {
            return self.not_yet("`in` of these", at);
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in &items {
            match self.evaluated(item) {
                Ok(Constant::Text(text)) => texts.push(text),
                _ => break,
            }
        }
        match self.operand(element) {
            Some(Side::Field(load)) if texts.len() == items.len() => {
                texts.sort();
                texts.dedup();
                Condition::Leaf(Leaf::Test {
                    load,
                    test: Test::OneOf(texts),
                    absent: Absent::False,
                })
            }
            _ => {
                let each: Vec<Condition> = items
                    .iter()
                    .map(|item| self.equal(element, item, at))
                    .collect();
                let any = Condition::Or(each.clone());
                // A list is made before it is searched.
                strict(&each, any)
            }
        }
    }

    /// `source.ip == ip("…")`.
    fn caller_is(&mut self, left: &Expr, right: &Expr) -> Option<Condition> {
        let other = match (is_caller(left), is_caller(right)) {
            (true, false) => right,
            (false, true) => left,
            _ => return None,
        };
        match self.evaluated(other) {
            Ok(Constant::Ip(address)) => {
                Some(caller_in(Ranges::parse([address.to_string().as_str()])))
            }
            Err(Failure::Error(_)) => Some(Condition::Error),
            _ => None,
        }
    }

    fn ordered(&mut self, operator: &str, left: &Expr, right: &Expr, at: At) -> Condition {
        let comparison = match operator {
            "<" => Comparison::Less,
            "<=" => Comparison::LessEqual,
            ">" => Comparison::Greater,
            _ => Comparison::GreaterEqual,
        };
        let tested = |load, test| {
            Condition::Leaf(Leaf::Test {
                load,
                test,
                absent: Absent::Error,
            })
        };
        if let Some(reckoned) = self.reckoned(left, comparison, right) {
            return reckoned;
        }
        let (Some(left), Some(right)) = (self.operand(left), self.operand(right)) else {
            return self.not_yet("ordering these", at);
        };
        match (left, right) {
            (Side::Failed | Side::Null | Side::Other, _)
            | (_, Side::Failed | Side::Null | Side::Other) => Condition::Error,
            (Side::Field(load) | Side::Size(load) | Side::Double(load), Side::Number(n)) => {
                number(load, comparison, n)
            }
            (Side::Number(n), Side::Field(load) | Side::Size(load) | Side::Double(load)) => {
                number(load, mirrored(comparison), n)
            }
            (Side::Shown(load, from), Side::Number(n)) => number(load, comparison, n + from),
            (Side::Number(n), Side::Shown(load, from)) => {
                number(load, mirrored(comparison), n + from)
            }
            (Side::Int(load), Side::Number(n)) => self.whole(load, comparison, n),
            (Side::Number(n), Side::Int(load)) => self.whole(load, mirrored(comparison), n),
            (Side::Field(left), Side::Field(right)) => Condition::Leaf(Leaf::Compare {
                left,
                right,
                comparison,
            }),
            (Side::Field(left), Side::Text(right)) => Condition::Leaf(Leaf::Compare {
                left,
                right: Load::Text(right),
                comparison,
            }),
            (Side::Text(left), Side::Field(right)) => Condition::Leaf(Leaf::Compare {
                left: right,
                right: Load::Text(left),
                comparison: mirrored(comparison),
            }),
            (left, right) => match clock(&left, &right) {
                Some((None, ms)) => tested(Load::Now, Test::Moment(comparison, ms)),
                Some((Some(_), ms)) => tested(Load::Now, Test::Moment(mirrored(comparison), ms)),
                None => self.not_yet("ordering these", at),
            },
        }
    }

    /// The whole number of a text against another; an error where it says none.
    fn whole(&mut self, load: Load, comparison: Comparison, n: f64) -> Condition {
        match crate::emit::search_table(WHOLE) {
            Ok(table) => {
                let says = Condition::Leaf(Leaf::Test {
                    load: load.clone(),
                    test: Test::Matches(table),
                    absent: Absent::Error,
                });
                let fails = Condition::Not(Box::new(says.clone()));
                Condition::Or(vec![
                    Condition::And(vec![fails, Condition::Error]),
                    Condition::And(vec![says, number(load, comparison, n)]),
                ])
            }
            Err(_) => Condition::Error,
        }
    }

    fn part(&mut self, function: &str, whole: &Expr, part: &Expr, at: At) -> Condition {
        let place = match function {
            "startsWith" => Place::Start,
            "endsWith" => Place::End,
            _ => Place::Any,
        };
        let (Some(whole), Some(part)) = (self.operand(whole), self.operand(part)) else {
            return self.not_yet("searching in this", at);
        };
        match (whole, part) {
            (Side::Failed | Side::Null, _) | (_, Side::Failed | Side::Null) => Condition::Error,
            (Side::Field(load), Side::Text(part)) if !part.contains(['*', '?']) => {
                let glob = match place {
                    Place::Start => format!("{part}*"),
                    Place::End => format!("*{part}"),
                    Place::Any => format!("*{part}*"),
                };
                Condition::Leaf(Leaf::Test {
                    load,
                    test: Test::Like(vec![glob]),
                    absent: Absent::Error,
                })
            }
            (Side::Field(load), Side::Joined(parts)) if load != Load::Secure => {
                let mut pattern = pieces(&parts);
                let rest = || PatternPiece::Text("*".to_owned());
                if place != Place::Start {
                    pattern.insert(0, rest());
                }
                if place != Place::End {
                    pattern.push(rest());
                }
                guarded(
                    &parts,
                    Condition::Leaf(Leaf::Fits {
                        load,
                        pattern,
                        manner: Manner::Like,
                        absent: Absent::Error,
                    }),
                )
            }
            (whole, text) => match (loaded(whole), loaded(text)) {
                (Some(whole), Some(text)) => Condition::Leaf(Leaf::Part {
                    whole,
                    text,
                    part: place,
                }),
                _ => self.not_yet("searching in this", at),
            },
        }
    }

    fn matches(&mut self, whole: &Expr, pattern: &Expr, at: At) -> Condition {
        match (self.operand(whole), self.operand(pattern)) {
            (Some(Side::Failed | Side::Null), _) | (_, Some(Side::Failed | Side::Null)) => {
                Condition::Error
            }
            (Some(Side::Field(load)), Some(Side::Text(pattern))) => {
                match crate::emit::search_table(&pattern) {
                    Ok(table) => Condition::Leaf(Leaf::Test {
                        load,
                        test: Test::Matches(table),
                        absent: Absent::Error,
                    }),
                    Err(why) => {
                        self.refused(why, at);
                        Condition::Error
                    }
                }
            }
            _ => self.not_yet("`matches` of this", at),
        }
    }
}

/// Whole numbers that a double holds exactly.
const WHOLE: &str = r"\A-?0*[0-9]{1,15}\z";

/// A number, or a text that says one, against another.
fn number(load: Load, comparison: Comparison, n: f64) -> Condition {
    Condition::Leaf(Leaf::Test {
        load,
        test: Test::Number(comparison, n.to_bits()),
        absent: Absent::Error,
    })
}

fn is_caller(expression: &Expr) -> bool {
    matches!(&expression.kind, ExprKind::Field(field) if field == "source.ip")
}

/// Whether the caller's address is in a set; of none it is an error.
fn caller_in(set: Option<Ranges>) -> Condition {
    let Some(set) = set else {
        return Condition::Error;
    };
    Condition::Leaf(Leaf::PeerIn(set))
}

/// A field in letters of one case against a text, which may have letters of the other.
fn in_letters(load: Load, text: &str, fits: bool) -> Condition {
    if fits {
        return Condition::Leaf(Leaf::Test {
            load,
            test: Test::OneOfFolded(vec![text.to_ascii_lowercase()]),
            absent: Absent::Error,
        });
    }
    guarded(&[Part::Field(load)], Condition::Known(false))
}

/// A field against texts one behind the other.
fn joined(load: Load, parts: &[Part], manner: Manner, absent: Absent) -> Condition {
    guarded(
        parts,
        Condition::Leaf(Leaf::Fits {
            load,
            pattern: pieces(parts),
            manner,
            absent,
        }),
    )
}

fn pieces(parts: &[Part]) -> Vec<PatternPiece> {
    let piece = |part: &Part| match part {
        Part::Known(text) => PatternPiece::Literal(text.clone()),
        Part::Field(load) => PatternPiece::Variable {
            load: load.clone(),
            default: None,
        },
    };
    parts.iter().map(piece).collect()
}

/// A condition, or an error where a request lacks one of the parts.
fn guarded(parts: &[Part], condition: Condition) -> Condition {
    let missing: Vec<Condition> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Field(load) => Some(Condition::Leaf(Leaf::Missing(load.clone()))),
            Part::Known(_) => None,
        })
        .collect();
    let missing = Condition::Or(missing);
    let there = Condition::Not(Box::new(missing.clone()));
    Condition::Or(vec![
        Condition::And(vec![missing, Condition::Error]),
        Condition::And(vec![there, condition]),
    ])
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
