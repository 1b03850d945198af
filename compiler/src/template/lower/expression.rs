//! Expressions: the value that one pushes, and whether it holds.

use tollgate_grammar::vtl::{Block, Expr, ExprKind, Node, Operator, VtlSpan};
use tollgate_runtime::vtl::{Op, Target};

use super::Lower;
use crate::template::TooLarge;

impl Lower {
    /// Pushes the value of an expression. A reference is never nothing.
    pub(super) fn value(&mut self, expr: &Expr) -> Result<(), TooLarge> {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Null => {
                self.emit(Op::PushNull {}, 1, span);
            }
            ExprKind::Bool(truth) => {
                self.emit(
                    Op::PushBool {
                        truth: u8::from(*truth),
                    },
                    1,
                    span,
                );
            }
            ExprKind::Integer(digits) => match digits.parse() {
                Ok(number) => {
                    self.emit(Op::PushInt { number }, 1, span);
                }
                Err(_) => {
                    let digits = self.string(&canonical(digits));
                    self.emit(Op::PushBig { digits }, 1, span);
                }
            },
            ExprKind::Decimal(digits) => {
                self.emit(
                    Op::PushDouble {
                        number: digits.parse().unwrap_or(f64::NAN),
                    },
                    1,
                    span,
                );
            }
            ExprKind::Text(text) => {
                let text = self.string(text);
                self.emit(Op::PushText { text }, 1, span);
            }
            ExprKind::Interpolated(block) => self.interpolated(block, span)?,
            ExprKind::Reference(reference) => {
                self.reference(reference, reference.path.len())?;
                self.emit(Op::Resolve {}, 0, span);
            }
            ExprKind::List(items) => {
                let Ok(count) = u16::try_from(items.len()) else {
                    return Self::too_large(span, "a list has at most 65,535 items");
                };
                items.iter().try_for_each(|item| self.value(item))?;
                self.emit(Op::List { count }, 1 - items.len() as isize, span);
            }
            ExprKind::Map(entries) => {
                let Ok(count) = u16::try_from(entries.len()) else {
                    return Self::too_large(span, "a map has at most 65,535 entries");
                };
                for (key, value) in entries {
                    self.value(key)?;
                    self.value(value)?;
                }
                self.emit(Op::Map { count }, 1 - 2 * entries.len() as isize, span);
            }
            ExprKind::Range(from, to) => self.range(from, to, u32::MAX, span)?,
            ExprKind::Not(_) => self.condition(expr)?,
            ExprKind::Binary(operator, left, right) => match arithmetic(*operator) {
                Some(op) => {
                    self.value(left)?;
                    self.value(right)?;
                    self.emit(op, -1, span);
                }
                None => self.condition(expr)?,
            },
            _ => return Self::too_large(span, "this kind of expression is not known here"),
        }
        Ok(())
    }

    fn interpolated(&mut self, block: &Block, span: VtlSpan) -> Result<(), TooLarge> {
        match block.nodes.as_slice() {
            [] => {
                let text = self.string("");
                self.emit(Op::PushText { text }, 1, span);
            }
            [Node::Text { text, .. }] => {
                let text = self.string(text);
                self.emit(Op::PushText { text }, 1, span);
            }
            _ => {
                self.captures.push(self.height);
                self.emit(Op::Capture {}, 1, span);
                self.block(block)?;
                self.emit(Op::Captured {}, 0, span);
                self.captures.pop();
            }
        }
        Ok(())
    }

    pub(super) fn range(
        &mut self,
        from: &Expr,
        to: &Expr,
        cap: u32,
        span: VtlSpan,
    ) -> Result<(), TooLarge> {
        self.value(from)?;
        self.value(to)?;
        self.emit(Op::Range { cap }, -1, span);
        Ok(())
    }

    /// Pushes whether a condition holds. Only references and operators can: a literal is never true.
    pub(super) fn condition(&mut self, expr: &Expr) -> Result<(), TooLarge> {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Reference(_) => {
                self.value(expr)?;
                self.emit(Op::Truth {}, 0, span);
            }
            ExprKind::Bool(_) => self.value(expr)?,
            ExprKind::Not(inner) => {
                self.condition(inner)?;
                self.emit(Op::Not {}, 0, span);
            }
            ExprKind::Binary(operator @ (Operator::And | Operator::Or), left, right) => {
                let jump = |to| match operator {
                    Operator::And => Op::JumpIfFalseOrPop { to },
                    _ => Op::JumpIfTrueOrPop { to },
                };
                self.condition(left)?;
                let at = self.emit(jump(Target(0)), -1, span);
                self.condition(right)?;
                let to = Target(self.here());
                // Both ways leave one truth value; a jump may go to what follows the right side.
                self.patch(at, jump(to));
            }
            ExprKind::Binary(operator, left, right) => match comparison(*operator) {
                Some(op) => {
                    self.value(left)?;
                    self.value(right)?;
                    self.emit(op, -1, span);
                }
                None => {
                    self.emit(Op::PushBool { truth: 0 }, 1, span);
                }
            },
            _ => {
                self.emit(Op::PushBool { truth: 0 }, 1, span);
            }
        }
        Ok(())
    }
}

/// A whole number without needless zeros.
fn canonical(digits: &str) -> String {
    let (sign, plain) = digits
        .strip_prefix('-')
        .map_or(("", digits), |plain| ("-", plain));
    let plain = plain.trim_start_matches('0');
    format!("{sign}{}", if plain.is_empty() { "0" } else { plain })
}

fn arithmetic(operator: Operator) -> Option<Op> {
    Some(match operator {
        Operator::Add => Op::Add {},
        Operator::Subtract => Op::Subtract {},
        Operator::Multiply => Op::Multiply {},
        Operator::Divide => Op::Divide {},
        Operator::Remainder => Op::Remainder {},
        _ => return None,
    })
}

fn comparison(operator: Operator) -> Option<Op> {
    Some(match operator {
        Operator::Equal => Op::Equal {},
        Operator::NotEqual => Op::NotEqual {},
        Operator::Less => Op::Less {},
        Operator::LessOrEqual => Op::LessOrEqual {},
        Operator::Greater => Op::Greater {},
        Operator::GreaterOrEqual => Op::GreaterOrEqual {},
        _ => return None,
    })
}
