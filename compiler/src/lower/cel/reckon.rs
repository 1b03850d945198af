//! Arithmetic over whole numbers of a request: sizes, texts that say numbers, clocks.

use tollgate_model::condition::{Expr, ExprKind, Type};
use tollgate_runtime::isa::{Arithmetic, Comparison};

use super::Lowering;
use super::side::Side;
use crate::cel::{Constant, Failure};
use crate::ir::{Condition, Leaf, Sum};

/// Numbers that the machine keeps at a time.
const ROOM: usize = 8;

impl Lowering {
    /// Two whole numbers compared; `None`: one of them cannot be reckoned.
    pub(super) fn reckoned(
        &mut self,
        left: &Expr,
        comparison: Comparison,
        right: &Expr,
    ) -> Option<Condition> {
        if left.ty != Type::Int || right.ty != Type::Int {
            return None;
        }
        let (left, right) = (self.sum(left)?, self.sum(right)?);
        // The right side is reckoned while the left one is kept.
        if room(&left).max(1 + room(&right)) > ROOM {
            return None;
        }
        Some(Condition::Leaf(Leaf::Reckoned {
            left,
            right,
            comparison,
        }))
    }

    fn sum(&mut self, expression: &Expr) -> Option<Sum> {
        match self.evaluated(expression) {
            Ok(Constant::Int(n)) => return Some(Sum::Known(n)),
            Ok(_) => return None,
            Err(Failure::Error(_)) => return Some(Sum::Failed),
            Err(Failure::Request) => {}
        }
        if let ExprKind::Call(name, operands) = &expression.kind {
            let how = match name.as_str() {
                "+" => Some(Arithmetic::Add),
                "-" => Some(Arithmetic::Subtract),
                "*" => Some(Arithmetic::Multiply),
                "/" => Some(Arithmetic::Divide),
                "%" => Some(Arithmetic::Remainder),
                _ => None,
            };
            match (how, operands.as_slice()) {
                (Some(how), [left, right]) => {
                    let (left, right) = (self.sum(left)?, self.sum(right)?);
                    return Some(Sum::Of(how, Box::new(left), Box::new(right)));
                }
                (Some(Arithmetic::Subtract), [value]) => {
                    let (zero, value) = (Sum::Known(0), self.sum(value)?);
                    return Some(Sum::Of(
                        Arithmetic::Subtract,
                        Box::new(zero),
                        Box::new(value),
                    ));
                }
                _ => {}
            }
        }
        Some(match self.operand(expression)? {
            Side::Size(load) | Side::Int(load) => Sum::Value(load),
            Side::Shown(load, from) => Sum::Of(
                Arithmetic::Subtract,
                Box::new(Sum::Value(load)),
                Box::new(Sum::Known(from as i64)),
            ),
            Side::Failed => Sum::Failed,
            _ => return None,
        })
    }
}

/// How many numbers are kept while one is made.
fn room(sum: &Sum) -> usize {
    match sum {
        Sum::Known(_) | Sum::Failed | Sum::Value(_) => 1,
        Sum::Of(_, left, right) => room(left).max(1 + room(right)),
    }
}
