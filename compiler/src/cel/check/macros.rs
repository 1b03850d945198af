//! Macros: calls that bind names.

use cel_interpreter::common::ast::{CallExpr, Expr as Tree, IdedExpr, LiteralValue};
use tollgate_model::condition::{Comprehension, Expr, ExprKind, Macro, Type};

use super::types::{base, name};
use super::{Checker, Fault, FaultKind};

/// What macros are called.
pub(super) const NAMES: [&str; 14] = [
    "has",
    "all",
    "exists",
    "exists_one",
    "existsOne",
    "filter",
    "map",
    "sortBy",
    "transformList",
    "transformMap",
    "transformMapEntry",
    "optMap",
    "optFlatMap",
    "cel.bind",
];

impl Checker<'_> {
    /// The macro that a call is; none if it is a call of a function.
    pub(super) fn macro_call(
        &mut self,
        call: &CallExpr,
        tree: &IdedExpr,
    ) -> Option<Result<Expr, Fault>> {
        let args = call.args.as_slice();
        let Some(target) = &call.target else {
            return match (call.func_name.as_str(), args) {
                ("has", [tested]) => Some(self.has(tested, tree)),
                _ => None,
            };
        };
        if self.namespace(target) == Some("cel") {
            return match (call.func_name.as_str(), args) {
                ("bind", [name, value, body]) => Some(self.bind(name, value, body, tree)),
                ("block", [values, body]) => Some(self.block(values, body, tree)),
                ("index" | "iterVar", _) => Some(self.generated(tree)),
                _ => None,
            };
        }
        let which = match (call.func_name.as_str(), args.len()) {
            ("all", 2 | 3) => Macro::All,
            ("exists", 2 | 3) => Macro::Exists,
            ("exists_one" | "existsOne", 2 | 3) => Macro::ExistsOne,
            ("filter", 2) => Macro::Filter,
            ("map", 2 | 3) | ("transformList", 3 | 4) => Macro::Map,
            ("transformMap", 3 | 4) => Macro::TransformMap,
            ("transformMapEntry", 3 | 4) => Macro::TransformMapEntry,
            ("optMap", 2) => Macro::OptMap,
            ("optFlatMap", 2) => Macro::OptFlatMap,
            ("sortBy", 2) => return Some(self.sort_by(target, args, tree)),
            _ => return None,
        };
        let has_two =
            call.func_name.starts_with("transform") || args.len() == 3 && call.func_name != "map";
        let names = if has_two { 2 } else { 1 };
        let (names, rest) = args.split_at(names);
        let (filter, body) = match rest {
            [body] => (None, body),
            [filter, body] => (Some(filter), body),
            _ => return None,
        };
        Some(self.comprehension(which, target, names, filter, body, tree))
    }

    /// `has(a.b)`: whether a key is there.
    fn has(&mut self, tested: &IdedExpr, tree: &IdedExpr) -> Result<Expr, Fault> {
        let at = self.offsets.of(tree);
        let Tree::Select(select) = &tested.expr else {
            return self.type_fault("`has` takes a field, as in `has(claims.scope)`", at);
        };
        if let Some(field) = self.field_at(tested) {
            let null = Expr {
                kind: ExprKind::Null,
                ty: Type::Null,
                at,
            };
            return Ok(Expr {
                kind: ExprKind::Call("!=".to_owned(), vec![field, null]),
                ty: Type::Bool,
                at,
            });
        }
        let operand = self.expr(&select.operand)?;
        self.member_type(&operand, at)?;
        Ok(Expr {
            kind: ExprKind::Has(Box::new(operand), select.field.clone()),
            ty: Type::Bool,
            at,
        })
    }

    /// What a macro calls what it walks.
    fn variable(&self, tree: &IdedExpr) -> Result<String, Fault> {
        match (&tree.expr, self.generated_name(tree)) {
            (Tree::Ident(name), _) if !name.starts_with('.') => Ok(name.clone()),
            (_, Some(name)) => Ok(name),
            _ => self.fault(
                FaultKind::Syntax("a macro needs a name here".to_owned()),
                tree,
            ),
        }
    }

    fn comprehension(
        &mut self,
        which: Macro,
        range: &IdedExpr,
        names: &[IdedExpr],
        filter: Option<&IdedExpr>,
        body: &IdedExpr,
        tree: &IdedExpr,
    ) -> Result<Expr, Fault> {
        let range = self.expr(range)?;
        let variable = match names.first() {
            Some(name) => self.variable(name)?,
            None => return self.type_fault("a macro needs a name", range.at),
        };
        let second = names.get(1).map(|name| self.variable(name)).transpose()?;
        let is_optional = matches!(which, Macro::OptMap | Macro::OptFlatMap);
        let (first_type, second_type) = match (base(&range.ty), &second) {
            (Type::Maybe(of), None) if is_optional => ((**of).clone(), None),
            (Type::Dynamic, None) => (Type::Dynamic, None),
            (Type::Dynamic, Some(_)) => (Type::Dynamic, Some(Type::Dynamic)),
            (Type::List(element), None) if !is_optional => ((**element).clone(), None),
            (Type::List(element), Some(_)) => (Type::Int, Some((**element).clone())),
            // A map is walked by its keys.
            (Type::Map(_), None) if !is_optional => (Type::Text, None),
            (Type::Map(value), Some(_)) => (Type::Text, Some((**value).clone())),
            (Type::Entries(key, _), None) if !is_optional => ((**key).clone(), None),
            (Type::Entries(key, value), Some(_)) => ((**key).clone(), Some((**value).clone())),
            (other, _) => {
                let why = format!("{} has no elements to walk", name(other));
                self.ruled(Err(why), range.at)?;
                (Type::Dynamic, second.as_ref().map(|_| Type::Dynamic))
            }
        };
        let known = self.locals.len();
        self.locals.push((variable.clone(), first_type.clone()));
        if let (Some(name), Some(ty)) = (&second, second_type) {
            self.locals.push((name.clone(), ty));
        }
        let inner = match filter {
            Some(filter) => self.expr(filter).map(Some),
            None => Ok(None),
        };
        let inner = inner.and_then(|filter| Ok((filter, self.expr(body)?)));
        self.locals.truncate(known);
        let (filter, body) = inner?;
        for condition in filter.iter() {
            self.want_bool(condition)?;
        }
        let ty = match which {
            Macro::All | Macro::Exists | Macro::ExistsOne => {
                self.want_bool(&body)?;
                Type::Bool
            }
            Macro::Filter => {
                self.want_bool(&body)?;
                Type::List(Box::new(first_type))
            }
            Macro::Map => Type::List(Box::new(body.ty.clone())),
            Macro::TransformMap => Type::Entries(Box::new(first_type), Box::new(body.ty.clone())),
            Macro::TransformMapEntry => match base(&body.ty) {
                ty @ (Type::Entries(..) | Type::Dynamic) => ty.clone(),
                other => {
                    let why = format!("each entry is a map, this is {}", name(other));
                    self.ruled(Err(why), body.at)?
                }
            },
            Macro::OptMap => Type::Maybe(Box::new(body.ty.clone())),
            Macro::OptFlatMap => match base(&body.ty) {
                ty @ (Type::Maybe(_) | Type::Dynamic) => ty.clone(),
                other => {
                    let why = format!("`optFlatMap` makes an optional, this is {}", name(other));
                    self.ruled(Err(why), body.at)?
                }
            },
        };
        let at = self.offsets.of(tree);
        let at = (range.at.0.min(at.0), at.1.max(body.at.1));
        Ok(Expr {
            kind: ExprKind::Comprehension(Box::new(Comprehension {
                which,
                range,
                variable,
                second,
                filter,
                body,
            })),
            ty,
            at,
        })
    }

    /// `list.sortBy(e, key)`: the list by the order of its elements' keys.
    fn sort_by(
        &mut self,
        target: &IdedExpr,
        args: &[IdedExpr],
        tree: &IdedExpr,
    ) -> Result<Expr, Fault> {
        let (names, rest) = args.split_at(1);
        let keys = match rest {
            [body] => self.comprehension(Macro::Map, target, names, None, body, tree)?,
            _ => return self.type_fault("`sortBy` takes a name and a key", self.offsets.of(tree)),
        };
        let ExprKind::Comprehension(walk) = &keys.kind else {
            return Ok(keys);
        };
        let (range, at) = (walk.range.clone(), keys.at);
        Ok(Expr {
            ty: range.ty.clone(),
            kind: ExprKind::Call("sort".to_owned(), vec![range, keys]),
            at,
        })
    }

    /// `cel.bind(name, value, body)`.
    fn bind(
        &mut self,
        name: &IdedExpr,
        value: &IdedExpr,
        body: &IdedExpr,
        tree: &IdedExpr,
    ) -> Result<Expr, Fault> {
        let name = self.variable(name)?;
        let value = self.expr(value)?;
        self.locals.push((name.clone(), value.ty.clone()));
        let body = self.expr(body);
        self.locals.pop();
        Ok(bound(name, value, body?, self.offsets.of(tree)))
    }

    /// `cel.block([a, b], body)`, in which `cel.index(0)` is `a`.
    fn block(
        &mut self,
        values: &IdedExpr,
        body: &IdedExpr,
        tree: &IdedExpr,
    ) -> Result<Expr, Fault> {
        let at = self.offsets.of(tree);
        let Tree::List(list) = &values.expr else {
            return self.type_fault("`cel.block` takes a list of values", at);
        };
        let known = self.locals.len();
        let mut values = Vec::with_capacity(list.elements.len());
        let mut inner = Ok(());
        for (place, element) in list.elements.iter().enumerate() {
            match self.expr(element) {
                Ok(value) => {
                    self.locals
                        .push((index_name(place as i64), value.ty.clone()));
                    values.push(value);
                }
                Err(fault) => {
                    inner = Err(fault);
                    break;
                }
            }
        }
        let body = inner.and_then(|()| self.expr(body));
        self.locals.truncate(known);
        let body = body?;
        Ok(values
            .into_iter()
            .enumerate()
            .rev()
            .fold(body, |body, (place, value)| {
                bound(index_name(place as i64), value, body, at)
            }))
    }

    /// `cel.index(0)` and `cel.iterVar(0, 0)`: names that no person writes.
    fn generated(&mut self, tree: &IdedExpr) -> Result<Expr, Fault> {
        let at = self.offsets.of(tree);
        let local = self
            .generated_name(tree)
            .and_then(|name| self.local(&name).map(|ty| (name, ty)));
        match local {
            Some((name, ty)) => Ok(Expr {
                kind: ExprKind::Local(name),
                ty,
                at,
            }),
            None => self.type_fault("there is nothing at this index", at),
        }
    }

    fn generated_name(&self, tree: &IdedExpr) -> Option<String> {
        let Tree::Call(call) = &tree.expr else {
            return None;
        };
        if self.namespace(call.target.as_deref()?) != Some("cel") {
            return None;
        }
        let mut numbers = call.args.iter().map(|arg| match &arg.expr {
            Tree::Literal(LiteralValue::Int(value)) => Some(*value.inner()),
            _ => None,
        });
        match (call.func_name.as_str(), call.args.len()) {
            ("index", 1) => Some(index_name(numbers.next()??)),
            ("iterVar", 2) => Some(format!("@it:{}:{}", numbers.next()??, numbers.next()??)),
            _ => None,
        }
    }
}

fn index_name(place: i64) -> String {
    format!("@index{place}")
}

fn bound(name: String, value: Expr, body: Expr, at: (u32, u32)) -> Expr {
    Expr {
        ty: body.ty.clone(),
        kind: ExprKind::Let(name, Box::new(value), Box::new(body)),
        at,
    }
}
