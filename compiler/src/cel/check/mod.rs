//! Names and types.

mod functions;
mod macros;
mod names;
mod operators;
mod types;

use cel_interpreter::common::ast::{CallExpr, EntryExpr, Expr as Tree, IdedExpr, LiteralValue};
use tollgate_model::condition::{Expr, ExprKind, Type};

use self::functions::Misuse;
use self::types::{base, comparable, join, name};
use super::syntax::{self, Offsets};
use super::{Fault, FaultKind, Scope, literals};
use crate::diagnostic::nearest;
use tollgate_runtime::cel::time;

/// Reads one condition.
pub(super) struct Checker<'c> {
    scope: &'c Scope<'c>,
    offsets: &'c Offsets,
    locals: Vec<(String, Type)>,
    /// Whether types and names that do not fit are left to evaluation, where they fail.
    is_lenient: bool,
}

impl<'c> Checker<'c> {
    pub(super) fn new(scope: &'c Scope<'c>, offsets: &'c Offsets) -> Self {
        Checker {
            scope,
            offsets,
            locals: Vec::new(),
            is_lenient: matches!(
                scope,
                Scope::Host {
                    is_checked: false,
                    ..
                }
            ),
        }
    }

    /// The whole condition, which must be true or false.
    pub(super) fn condition(mut self, tree: &IdedExpr) -> Result<Expr, Fault> {
        let expression = self.expr(tree)?;
        self.want_bool(&expression)?;
        Ok(expression)
    }

    /// An expression of any type.
    pub(super) fn expression(mut self, tree: &IdedExpr) -> Result<Expr, Fault> {
        self.expr(tree)
    }

    fn fault<T>(&self, kind: FaultKind, tree: &IdedExpr) -> Result<T, Fault> {
        Err(Fault {
            kind,
            at: self.offsets.of(tree),
        })
    }

    fn type_fault<T>(&self, why: impl Into<String>, at: (u32, u32)) -> Result<T, Fault> {
        Err(Fault {
            kind: FaultKind::Type(why.into()),
            at,
        })
    }

    /// A type, or why there is none.
    fn ruled(&self, ty: Result<Type, String>, at: (u32, u32)) -> Result<Type, Fault> {
        match ty {
            Ok(ty) => Ok(ty),
            Err(_) if self.is_lenient => Ok(Type::Dynamic),
            Err(why) => self.type_fault(why, at),
        }
    }

    fn want_bool(&self, expression: &Expr) -> Result<(), Fault> {
        match operators::not_bool(expression) {
            Some(why) => self.ruled(Err(why), expression.at).map(|_| ()),
            None => Ok(()),
        }
    }

    fn expr(&mut self, tree: &IdedExpr) -> Result<Expr, Fault> {
        let at = self.offsets.of(tree);
        let made = |kind, ty| Ok(Expr { kind, ty, at });
        match &tree.expr {
            Tree::Literal(literal) => {
                let (kind, ty) = match literal {
                    LiteralValue::Null => (ExprKind::Null, Type::Null),
                    LiteralValue::Boolean(value) => (ExprKind::Bool(*value.inner()), Type::Bool),
                    LiteralValue::Int(value) => (ExprKind::Int(*value.inner()), Type::Int),
                    LiteralValue::UInt(value) => (ExprKind::Uint(*value.inner()), Type::Uint),
                    LiteralValue::Double(value) => (ExprKind::Double(*value.inner()), Type::Double),
                    LiteralValue::String(value) => {
                        (ExprKind::Text(value.inner().to_owned()), Type::Text)
                    }
                    LiteralValue::Bytes(value) => {
                        (ExprKind::Bytes(value.inner().to_vec()), Type::Bytes)
                    }
                };
                made(kind, ty)
            }
            Tree::Ident(ident) => self.ident(ident, tree),
            Tree::Select(select) => self.select(select, tree),
            Tree::List(list) => {
                let mut elements = Vec::with_capacity(list.elements.len());
                for (place, element) in list.elements.iter().enumerate() {
                    let element = self.expr(element)?;
                    elements.push(match list.optional_indices.contains(&place) {
                        true => self.perhaps(element)?,
                        false => element,
                    });
                }
                let ty = join(elements.iter().map(|element| &element.ty));
                made(ExprKind::List(elements), Type::List(Box::new(ty)))
            }
            Tree::Map(map) => {
                let mut entries = Vec::with_capacity(map.entries.len());
                for entry in &map.entries {
                    let EntryExpr::MapEntry(entry) = &entry.expr else {
                        return self.fault(
                            FaultKind::Syntax("a map has keys and values".to_owned()),
                            tree,
                        );
                    };
                    let (key, value) = (self.expr(&entry.key)?, self.expr(&entry.value)?);
                    if !matches!(
                        base(&key.ty),
                        Type::Text | Type::Bool | Type::Int | Type::Uint | Type::Dynamic
                    ) {
                        let why = format!("{} is no key of a map", name(&key.ty));
                        self.ruled(Err(why), key.at)?;
                    }
                    let value = match entry.optional {
                        true => self.perhaps(value)?,
                        false => value,
                    };
                    entries.push((key, value));
                }
                let keys = join(entries.iter().map(|(key, _)| &key.ty));
                let values = join(entries.iter().map(|(_, value)| &value.ty));
                made(
                    ExprKind::Map(entries),
                    Type::Entries(Box::new(keys), Box::new(values)),
                )
            }
            Tree::Call(call) => self.call(call, tree),
            Tree::Comprehension(_) => {
                self.fault(FaultKind::Unsupported("this macro".to_owned()), tree)
            }
            Tree::Struct(_) => {
                self.fault(FaultKind::Unsupported("a message literal".to_owned()), tree)
            }
            Tree::Unspecified => {
                self.fault(FaultKind::Syntax("it cannot be read".to_owned()), tree)
            }
        }
    }

    /// `?a`, which is there if the optional has a value.
    fn perhaps(&self, element: Expr) -> Result<Expr, Fault> {
        let at = element.at;
        let ty = match base(&element.ty) {
            Type::Maybe(of) => (**of).clone(),
            Type::Dynamic => Type::Dynamic,
            other => {
                let why = format!("`?` takes an optional, this is {}", name(other));
                self.ruled(Err(why), at)?
            }
        };
        Ok(Expr {
            kind: ExprKind::Maybe(Box::new(element)),
            ty,
            at,
        })
    }

    fn member_type(&self, operand: &Expr, at: (u32, u32)) -> Result<Type, Fault> {
        self.ruled(
            match base(&operand.ty) {
                Type::Map(value) if **value == Type::Dynamic => Ok(Type::Dynamic),
                Type::Map(value) => Ok(Type::Optional(value.clone())),
                Type::Entries(key, value) if comparable(key, &Type::Text) => Ok((**value).clone()),
                Type::Maybe(_) => Ok(Type::Maybe(Box::new(Type::Dynamic))),
                Type::Dynamic => Ok(Type::Dynamic),
                other => Err(format!("{} has no fields", name(other))),
            },
            at,
        )
    }

    fn call(&mut self, call: &CallExpr, tree: &IdedExpr) -> Result<Expr, Fault> {
        if let Some(expanded) = self.macro_call(call, tree) {
            return expanded;
        }
        let operator = syntax::operator(&call.func_name);
        let mut operands = Vec::with_capacity(call.args.len() + 1);
        let mut function = call.func_name.trim_start_matches('.').to_owned();
        if let Some(target) = &call.target {
            match self.namespace(target) {
                Some(namespace) => function = format!("{namespace}.{function}"),
                None => operands.push(self.expr(target)?),
            }
        }
        for arg in &call.args {
            operands.push(self.expr(arg)?);
        }
        let at = operands.iter().fold(self.offsets.of(tree), |at, operand| {
            (at.0.min(operand.at.0), at.1.max(operand.at.1))
        });
        match operator {
            Some("[]") => self.index(operands, at),
            Some(operator @ ("?." | "?[]")) => {
                if let [operand, key] = operands.as_slice() {
                    self.element_type(operand, key, at)?;
                }
                Ok(Expr {
                    kind: ExprKind::Call(operator.to_owned(), operands),
                    ty: Type::Maybe(Box::new(Type::Dynamic)),
                    at,
                })
            }
            Some(operator) => {
                let ty = self.ruled(operators::operator(operator, &operands), at)?;
                Ok(Expr {
                    kind: ExprKind::Call(operator.to_owned(), operands),
                    ty,
                    at,
                })
            }
            None => {
                let ty = self.function(&function, &operands, tree, at)?;
                Ok(Expr {
                    kind: ExprKind::Call(function, operands),
                    ty,
                    at,
                })
            }
        }
    }

    /// `a["b"]`, `a[0]`.
    fn index(&self, mut operands: Vec<Expr>, at: (u32, u32)) -> Result<Expr, Fault> {
        let (Some(index), Some(operand)) = (operands.pop(), operands.pop()) else {
            return self.type_fault("an index needs a value and a key", at);
        };
        let ty = self.element_type(&operand, &index, at)?;
        let kind = match index.kind {
            ExprKind::Text(key) => ExprKind::Member(Box::new(operand), key),
            _ => ExprKind::Index(Box::new(operand), Box::new(index)),
        };
        Ok(Expr { kind, ty, at })
    }

    /// The type of what stands at a key.
    fn element_type(&self, operand: &Expr, key: &Expr, at: (u32, u32)) -> Result<Type, Fault> {
        let ty = match (base(&operand.ty), base(&key.ty)) {
            (Type::List(element), Type::Int | Type::Uint | Type::Dynamic) => (**element).clone(),
            (Type::Map(_), Type::Text | Type::Dynamic) => self.member_type(operand, at)?,
            (Type::Entries(of, value), key) if comparable(of, key) => (**value).clone(),
            (Type::Maybe(_), _) => Type::Maybe(Box::new(Type::Dynamic)),
            (Type::Dynamic, _) => Type::Dynamic,
            (operand, Type::Text) => {
                self.ruled(Err(format!("{} has no fields", name(operand))), at)?
            }
            (operand, key) => {
                let why = format!("{} has no element at {}", name(operand), name(key));
                self.ruled(Err(why), at)?
            }
        };
        Ok(ty)
    }

    fn function(
        &self,
        function: &str,
        operands: &[Expr],
        tree: &IdedExpr,
        at: (u32, u32),
    ) -> Result<Type, Fault> {
        let types: Vec<&Type> = operands.iter().map(|operand| &operand.ty).collect();
        match functions::result(function, &types) {
            Ok(ty) => {
                self.literals(function, operands)?;
                Ok(ty)
            }
            Err(Misuse::Operands(wrong)) => match wrong.and_then(|wrong| operands.get(wrong)) {
                Some(operand) => {
                    let why = format!("`{function}` does not take {}", name(&operand.ty));
                    self.ruled(Err(why), operand.at)
                }
                None => {
                    let why = format!("`{function}` does not take these arguments");
                    self.ruled(Err(why), at)
                }
            },
            Err(Misuse::Unknown) if self.is_lenient => Ok(Type::Dynamic),
            Err(Misuse::Unknown) => {
                let near = nearest(function, functions::names()).map(str::to_owned);
                self.fault(FaultKind::Unknown(function.to_owned(), near), tree)
            }
        }
    }

    /// A literal that must be a range, a moment, … and is none is told where it stands.
    fn literals(&self, function: &str, operands: &[Expr]) -> Result<(), Fault> {
        let (what, good): (&str, fn(&str) -> bool) = match function {
            "matches" => ("regular expression", |text| {
                crate::check::pattern::parses(text).is_ok()
            }),
            "cidr" => ("address range", literals::is_cidr),
            "timestamp" => ("moment like `2026-11-23T10:00:00Z`", |text| {
                time::moment(text).is_some()
            }),
            "duration" => ("duration like `90s`", |text| time::length(text).is_some()),
            _ => return Ok(()),
        };
        let skipped = usize::from(function == "matches");
        for operand in operands.iter().skip(skipped) {
            if let ExprKind::Text(text) = &operand.kind
                && !good(text)
            {
                return Err(Fault {
                    kind: FaultKind::Literal(format!("`{text}` is no {what}")),
                    at: operand.at,
                });
            }
        }
        Ok(())
    }
}
