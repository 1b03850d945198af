//! Macros over lists that are known or written out: their bodies, once per element.

use tollgate_model::condition::{Comprehension, Expr, ExprKind, Macro, Type};

use super::{At, Lowering, strict};
use crate::cel::Constant;
use crate::ir::Condition;

/// An element, and the value beside a key or index.
type Pair = (Expr, Option<Expr>);

impl Lowering {
    /// A macro that is true or false.
    pub(super) fn comprehension(&mut self, walk: &Comprehension, at: At) -> Condition {
        let Some(pairs) = self.pairs(&walk.range, walk.second.is_some()) else {
            return self.not_yet("a macro over what a request says", at);
        };
        let Some(bodies) = self.bodies(walk, &pairs) else {
            return self.not_yet("a macro over so many elements", at);
        };
        let parts: Vec<Condition> = bodies.iter().map(|body| self.cel(body)).collect();
        match walk.which {
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
            _ => self.not_yet("a macro that makes a list", at),
        }
    }

    /// A body for each pair; `None`: they are too many.
    fn bodies(&mut self, walk: &Comprehension, pairs: &[Pair]) -> Option<Vec<Expr>> {
        let mut bodies = Vec::with_capacity(pairs.len());
        for (first, second) in pairs {
            let body = self.replaced(&walk.body, &walk.variable, first)?;
            bodies.push(match (&walk.second, second) {
                (Some(name), Some(second)) => self.replaced(&body, name, second)?,
                _ => body,
            });
        }
        Some(bodies)
    }

    /// The elements of a list; `None`: a request says which there are.
    pub(super) fn elements(&mut self, range: &Expr) -> Option<Vec<Expr>> {
        let pairs = self.pairs(range, false)?;
        Some(pairs.into_iter().map(|(element, _)| element).collect())
    }

    fn pairs(&mut self, range: &Expr, two: bool) -> Option<Vec<Pair>> {
        let at = range.at;
        let indexed = |items: Vec<Expr>| -> Vec<Pair> {
            let place = |(place, item): (usize, Expr)| match two {
                true => (Constant::Int(place as i64).expression(at), Some(item)),
                false => (item, None),
            };
            items.into_iter().enumerate().map(place).collect()
        };
        match self.evaluated(range) {
            Ok(Constant::List(items)) => {
                let items = items.iter().map(|item| item.expression(at)).collect();
                return Some(indexed(items));
            }
            Ok(Constant::Map(entries)) => {
                let entry = |(key, value): &(Constant, Constant)| {
                    (key.expression(at), two.then(|| value.expression(at)))
                };
                return Some(entries.iter().map(entry).collect());
            }
            _ => {}
        }
        let items = match &range.kind {
            ExprKind::List(items) => {
                let is_fixed = !items
                    .iter()
                    .any(|item| matches!(item.kind, ExprKind::Maybe(_)));
                is_fixed.then(|| items.clone())?
            }
            ExprKind::Call(name, lists) if name == "+" => {
                let mut all = Vec::new();
                for list in lists {
                    all.extend(self.elements(list)?);
                }
                all
            }
            ExprKind::Comprehension(walk) if walk.which == Macro::Map && walk.filter.is_none() => {
                let pairs = self.pairs(&walk.range, walk.second.is_some())?;
                self.bodies(walk, &pairs)?
            }
            _ => return None,
        };
        Some(indexed(items))
    }

    /// The expression with a local variable replaced; `None`: it grows too large.
    pub(super) fn replaced(
        &mut self,
        expression: &Expr,
        variable: &str,
        by: &Expr,
    ) -> Option<Expr> {
        self.cel_spent.node()?;
        let kind = match &expression.kind {
            ExprKind::Local(name) if name == variable => return self.copied(by),
            ExprKind::List(items) => ExprKind::List(self.all_replaced(items, variable, by)?),
            ExprKind::Map(entries) => {
                let mut replaced = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    let key = self.replaced(key, variable, by)?;
                    replaced.push((key, self.replaced(value, variable, by)?));
                }
                ExprKind::Map(replaced)
            }
            ExprKind::Maybe(inner) => {
                ExprKind::Maybe(Box::new(self.replaced(inner, variable, by)?))
            }
            ExprKind::Member(operand, name) => ExprKind::Member(
                Box::new(self.replaced(operand, variable, by)?),
                name.clone(),
            ),
            ExprKind::Has(operand, name) => ExprKind::Has(
                Box::new(self.replaced(operand, variable, by)?),
                name.clone(),
            ),
            ExprKind::Index(operand, index) => ExprKind::Index(
                Box::new(self.replaced(operand, variable, by)?),
                Box::new(self.replaced(index, variable, by)?),
            ),
            ExprKind::Call(name, operands) => {
                ExprKind::Call(name.clone(), self.all_replaced(operands, variable, by)?)
            }
            ExprKind::Let(name, value, body) => {
                let value = self.replaced(value, variable, by)?;
                // An inner variable of the same name hides this one.
                let body = match name == variable {
                    true => (**body).clone(),
                    false => self.replaced(body, variable, by)?,
                };
                ExprKind::Let(name.clone(), Box::new(value), Box::new(body))
            }
            ExprKind::Comprehension(walk) => {
                let mut walk = walk.clone();
                walk.range = self.replaced(&walk.range, variable, by)?;
                if walk.variable != variable && walk.second.as_deref() != Some(variable) {
                    if let Some(filter) = &walk.filter {
                        walk.filter = Some(self.replaced(filter, variable, by)?);
                    }
                    walk.body = self.replaced(&walk.body, variable, by)?;
                }
                ExprKind::Comprehension(walk)
            }
            other => other.clone(),
        };
        Some(Expr {
            kind,
            ty: expression.ty.clone(),
            at: expression.at,
        })
    }

    fn all_replaced(&mut self, list: &[Expr], variable: &str, by: &Expr) -> Option<Vec<Expr>> {
        list.iter()
            .map(|item| self.replaced(item, variable, by))
            .collect()
    }

    /// A copy, which costs what it is made of.
    fn copied(&mut self, expression: &Expr) -> Option<Expr> {
        let mut stack = vec![expression];
        while let Some(inner) = stack.pop() {
            self.cel_spent.node()?;
            inner.parts(|part| stack.push(part));
        }
        Some(expression.clone())
    }
}

/// Whether an expression is true or false, and so a condition itself.
pub(super) fn is_truth(expression: &Expr) -> bool {
    let operation = matches!(
        expression.kind,
        ExprKind::Call(..) | ExprKind::Comprehension(_) | ExprKind::Has(..)
    );
    operation && expression.ty == Type::Bool
}
