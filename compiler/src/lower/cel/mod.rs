//! CEL conditions as conditions of the IR. What compares a field of the request with something known is a test of its
//! own, which the optimizer sees into; everything else is code for the runtime's evaluator. What cannot be carried
//! out is refused by name, never let through.
//!
//! What reads nothing of a request is evaluated here and now; what fails whatever the request is an error.
//! An absent key is `null`: it equals only `null`, is in no list, and makes `<` and the functions of texts fail.

mod side;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

use tollgate_model::condition::{Expr, ExprKind};
use tollgate_runtime::isa::{Absent, Comparison, Part as Place};
use tollgate_runtime::policy::Ranges;

use self::side::{Side, clock, loaded, member};
use super::{Lowering, Unsupported};
use crate::cel::{Constant, Failure, carried, evaluate_within};
use crate::ir::{Condition, Leaf, Load, Test};

/// Bytes of code that one condition may have.
const MAX_CODE: usize = 1 << 20;
/// Steps of evaluation that one condition may take.
pub(super) const MAX_STEPS: u64 = 8 << 20;

/// Bytes of the condition's text.
type At = (u32, u32);

impl Lowering {
    /// The condition that a truth value of CEL is.
    pub(super) fn cel(&mut self, expression: &Expr) -> Condition {
        match self.evaluated(expression) {
            Ok(Constant::Bool(known)) => Condition::Known(known),
            Ok(_) | Err(Failure::Error(_)) => Condition::Error,
            Err(Failure::Request) => match self.tested(expression) {
                Some(condition) => condition,
                None => self.computed(expression),
            },
        }
    }

    /// The value of an expression that reads nothing of a request.
    fn evaluated(&mut self, expression: &Expr) -> Result<Constant, Failure> {
        evaluate_within(expression, &mut self.cel_steps)
    }

    /// A condition that the runtime evaluates.
    fn computed(&mut self, expression: &Expr) -> Condition {
        let refused = match carried(expression, &mut self.cel_steps) {
            Ok(code) if code.len() <= MAX_CODE => {
                return Condition::Leaf(Leaf::Computed(code));
            }
            Ok(_) => ("so large a condition".to_owned(), expression.at),
            Err(refused) => (refused.what, refused.at),
        };
        self.refused(
            format!("{} in the condition of a policy", refused.0),
            refused.1,
        );
        Condition::Error
    }

    fn refused(&mut self, message: String, at: At) {
        self.errors.push(Unsupported {
            message,
            node: self.cel_node,
            part: Some(at),
        });
    }

    /// A condition of connectives, and of tests of what a request says; none if it is more.
    fn tested(&mut self, expression: &Expr) -> Option<Condition> {
        match &expression.kind {
            ExprKind::Call(name, operands) => match (name.as_str(), operands.as_slice()) {
                ("&&", operands) => Some(Condition::And(
                    operands.iter().map(|part| self.cel(part)).collect(),
                )),
                ("||", operands) => Some(Condition::Or(
                    operands.iter().map(|part| self.cel(part)).collect(),
                )),
                ("!", [operand]) => Some(Condition::Not(Box::new(self.cel(operand)))),
                ("dyn", [operand]) => Some(self.cel(operand)),
                ("==", [left, right]) => self.equal(left, right),
                ("!=", [left, right]) => Some(Condition::Not(Box::new(self.equal(left, right)?))),
                ("in", [element, range]) => self.within(element, range),
                ("containsIP", [range, address]) if is_caller(address) => {
                    match self.evaluated(range) {
                        Ok(Constant::Cidr(address, prefix)) => Some(caller_in(Ranges::parse([
                            format!("{address}/{prefix}").as_str(),
                        ]))),
                        _ => None,
                    }
                }
                ("<" | "<=" | ">" | ">=", [left, right]) => self.ordered(name, left, right),
                ("startsWith" | "endsWith" | "contains", [text, part]) => {
                    self.part(name, text, part)
                }
                ("matches", [text, pattern]) => self.matches(text, pattern),
                _ => None,
            },
            ExprKind::Has(operand, name) => Some(Condition::Not(Box::new(Condition::Leaf(
                Leaf::Missing(member(operand, name)?),
            )))),
            _ => match self.operand(expression)? {
                Side::Field(load) => Some(Condition::Leaf(Leaf::Test {
                    load,
                    test: Test::Boolean(true),
                    absent: Absent::Error,
                })),
                _ => None,
            },
        }
    }

    fn equal(&mut self, left: &Expr, right: &Expr) -> Option<Condition> {
        if let Some(range) = self.caller_is(left, right) {
            return Some(range);
        }
        let is = |load, test| {
            Some(Condition::Leaf(Leaf::Test {
                load,
                test,
                absent: Absent::False,
            }))
        };
        match (self.operand(left)?, self.operand(right)?) {
            (Side::Failed, _) | (_, Side::Failed) => Some(Condition::Error),
            (Side::Field(load), Side::Text(text)) | (Side::Text(text), Side::Field(load)) => {
                is(load, Test::OneOf(vec![text]))
            }
            (Side::Field(load), Side::Bool(value)) | (Side::Bool(value), Side::Field(load)) => {
                is(load, Test::Boolean(value))
            }
            (Side::Field(load), Side::Null) | (Side::Null, Side::Field(load)) => {
                Some(Condition::Leaf(Leaf::Missing(load)))
            }
            (Side::Field(Load::Secure), Side::Field(_))
            | (Side::Field(_), Side::Field(Load::Secure)) => None,
            (Side::Field(left), Side::Field(right)) => Some(Condition::Leaf(Leaf::Compare {
                left,
                right,
                comparison: Comparison::Equal,
            })),
            (Side::Field(load), Side::Number(n)) | (Side::Number(n), Side::Field(load)) => {
                is(load, Test::Number(Comparison::Equal, n.to_bits()))
            }
            (Side::Field(_), Side::Other) | (Side::Other, Side::Field(_)) => {
                Some(Condition::Known(false))
            }
            (left, right) => {
                let (comparison, ms) = clock(&left, &right)?;
                is(
                    Load::Now,
                    Test::Moment(comparison.unwrap_or(Comparison::Equal), ms),
                )
            }
        }
    }

    fn within(&mut self, element: &Expr, range: &Expr) -> Option<Condition> {
        if let (true, ExprKind::Call(name, blocks)) = (is_caller(element), &range.kind)
            && name == "cidr"
        {
            let mut texts = Vec::with_capacity(blocks.len());
            for block in blocks {
                match self.evaluated(block) {
                    Ok(Constant::Text(text)) => texts.push(text),
                    Err(Failure::Request) => return None,
                    _ => return Some(Condition::Error),
                }
            }
            return Some(caller_in(Ranges::parse(texts.iter().map(String::as_str))));
        }
        if let (Ok(Constant::Text(name)), ExprKind::Field(_)) =
            (self.evaluated(element), &range.kind)
        {
            let load = member(range, &name)?;
            return Some(Condition::Not(Box::new(Condition::Leaf(Leaf::Missing(
                load,
            )))));
        }
        let Ok(Constant::List(items)) = self.evaluated(range) else {
            return None;
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            let Constant::Text(text) = item else {
                return None;
            };
            texts.push(text);
        }
        texts.sort();
        texts.dedup();
        match self.operand(element)? {
            Side::Field(load) => Some(Condition::Leaf(Leaf::Test {
                load,
                test: Test::OneOf(texts),
                absent: Absent::False,
            })),
            _ => None,
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

    fn ordered(&mut self, operator: &str, left: &Expr, right: &Expr) -> Option<Condition> {
        let comparison = match operator {
            "<" => Comparison::Less,
            "<=" => Comparison::LessEqual,
            ">" => Comparison::Greater,
            _ => Comparison::GreaterEqual,
        };
        let tested = |load, test| {
            Some(Condition::Leaf(Leaf::Test {
                load,
                test,
                absent: Absent::Error,
            }))
        };
        let compared = |left, right, comparison| {
            Some(Condition::Leaf(Leaf::Compare {
                left,
                right,
                comparison,
            }))
        };
        match (self.operand(left)?, self.operand(right)?) {
            (Side::Failed | Side::Null | Side::Other, _)
            | (_, Side::Failed | Side::Null | Side::Other) => Some(Condition::Error),
            (Side::Field(load), Side::Number(n)) => {
                tested(load, Test::Number(comparison, n.to_bits()))
            }
            (Side::Number(n), Side::Field(load)) => {
                tested(load, Test::Number(mirrored(comparison), n.to_bits()))
            }
            (Side::Field(left), Side::Field(right)) => compared(left, right, comparison),
            (Side::Field(left), Side::Text(right)) => compared(left, Load::Text(right), comparison),
            (Side::Text(left), Side::Field(right)) => {
                compared(right, Load::Text(left), mirrored(comparison))
            }
            (left, right) => match clock(&left, &right)? {
                (None, ms) => tested(Load::Now, Test::Moment(comparison, ms)),
                (Some(_), ms) => tested(Load::Now, Test::Moment(mirrored(comparison), ms)),
            },
        }
    }

    fn part(&mut self, function: &str, whole: &Expr, part: &Expr) -> Option<Condition> {
        let place = match function {
            "startsWith" => Place::Start,
            "endsWith" => Place::End,
            _ => Place::Any,
        };
        match (self.operand(whole)?, self.operand(part)?) {
            (Side::Failed | Side::Null, _) | (_, Side::Failed | Side::Null) => {
                Some(Condition::Error)
            }
            (Side::Field(load), Side::Text(part)) if !part.contains(['*', '?']) => {
                let glob = match place {
                    Place::Start => format!("{part}*"),
                    Place::End => format!("*{part}"),
                    Place::Any => format!("*{part}*"),
                };
                Some(Condition::Leaf(Leaf::Test {
                    load,
                    test: Test::Like(vec![glob]),
                    absent: Absent::Error,
                }))
            }
            (whole, text) => Some(Condition::Leaf(Leaf::Part {
                whole: loaded(whole)?,
                text: loaded(text)?,
                part: place,
            })),
        }
    }

    fn matches(&mut self, whole: &Expr, pattern: &Expr) -> Option<Condition> {
        match (self.operand(whole)?, self.operand(pattern)?) {
            (Side::Failed | Side::Null, _) | (_, Side::Failed | Side::Null) => {
                Some(Condition::Error)
            }
            (Side::Field(load), Side::Text(text)) => match crate::emit::search_table(&text) {
                Ok(table) => Some(Condition::Leaf(Leaf::Test {
                    load,
                    test: Test::Matches(table),
                    absent: Absent::Error,
                })),
                Err(why) => {
                    self.refused(why, pattern.at);
                    Some(Condition::Error)
                }
            },
            _ => None,
        }
    }
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
