//! Names and types.

use cel_interpreter::common::ast::{CallExpr, Expr as Tree, IdedExpr, LiteralValue, SelectExpr};
use tollgate_model::condition::{Expr, ExprKind, Macro, Type};

use super::constant::Constant;
use super::syntax::{self, Offsets};
use super::{Fault, FaultKind, Scope, functions, schema};
use crate::diagnostic::nearest;

/// Reads one condition.
pub(super) struct Checker<'c> {
    scope: &'c Scope<'c>,
    offsets: &'c Offsets,
    locals: Vec<(String, Type)>,
}

impl<'c> Checker<'c> {
    pub(super) fn new(scope: &'c Scope<'c>, offsets: &'c Offsets) -> Self {
        Checker {
            scope,
            offsets,
            locals: Vec::new(),
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

    fn want_bool(&self, expression: &Expr) -> Result<(), Fault> {
        match base(&expression.ty) {
            Type::Bool | Type::Dynamic => Ok(()),
            other => self.type_fault(
                format!("a condition is true or false, this is {}", name(other)),
                expression.at,
            ),
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
                if !list.optional_indices.is_empty() {
                    return self.fault(
                        FaultKind::Unsupported("an optional element".to_owned()),
                        tree,
                    );
                }
                let mut elements = Vec::with_capacity(list.elements.len());
                for element in &list.elements {
                    elements.push(self.expr(element)?);
                }
                let ty = join(elements.iter().map(|element| &element.ty));
                made(ExprKind::List(elements), Type::List(Box::new(ty)))
            }
            Tree::Call(call) => self.call(call, tree),
            Tree::Comprehension(comprehension) => {
                let Some(folded) = syntax::fold(comprehension) else {
                    return self.fault(FaultKind::Unsupported("this macro".to_owned()), tree);
                };
                let range = self.expr(folded.range)?;
                let element = match base(&range.ty) {
                    Type::List(element) => (**element).clone(),
                    // A map is walked by its keys.
                    Type::Map(_) => Type::Text,
                    Type::Dynamic => Type::Dynamic,
                    other => {
                        return self.type_fault(
                            format!("{} has no elements to walk", name(other)),
                            range.at,
                        );
                    }
                };
                self.locals
                    .push((folded.variable.to_owned(), element.clone()));
                let body = self.expr(folded.body);
                self.locals.pop();
                let body = body?;
                let ty = match folded.which {
                    Macro::Map => Type::List(Box::new(body.ty.clone())),
                    Macro::Filter => {
                        self.want_bool(&body)?;
                        Type::List(Box::new(element))
                    }
                    Macro::All | Macro::Exists | Macro::ExistsOne => {
                        self.want_bool(&body)?;
                        Type::Bool
                    }
                };
                let at = (range.at.0.min(at.0), at.1.max(body.at.1));
                Ok(Expr {
                    kind: ExprKind::Comprehension(
                        folded.which,
                        Box::new(range),
                        folded.variable.to_owned(),
                        Box::new(body),
                    ),
                    ty,
                    at,
                })
            }
            Tree::Map(_) => self.fault(FaultKind::Unsupported("a map literal".to_owned()), tree),
            Tree::Struct(_) => {
                self.fault(FaultKind::Unsupported("a message literal".to_owned()), tree)
            }
            Tree::Unspecified => {
                self.fault(FaultKind::Syntax("it cannot be read".to_owned()), tree)
            }
        }
    }

    fn ident(&mut self, ident: &str, tree: &IdedExpr) -> Result<Expr, Fault> {
        let at = self.offsets.of(tree);
        let local = self.locals.iter().rev().find(|(local, _)| local == ident);
        if let Some((_, ty)) = local {
            return Ok(Expr {
                kind: ExprKind::Local(ident.to_owned()),
                ty: ty.clone(),
                at,
            });
        }
        if let Scope::Request(_) = self.scope
            && let Some(field) = schema::field(ident)
        {
            return Ok(Expr {
                kind: ExprKind::Field(ident.to_owned()),
                ty: (field.ty)(),
                at,
            });
        }
        if self.is_root(ident) {
            return self.fault(
                FaultKind::Type(format!(
                    "`{ident}` alone is no value: read one of its fields"
                )),
                tree,
            );
        }
        self.unknown(ident, tree)
    }

    fn is_root(&self, ident: &str) -> bool {
        ident == "param" || (matches!(self.scope, Scope::Request(_)) && schema::is_root(ident))
    }

    fn unknown<T>(&self, written: &str, tree: &IdedExpr) -> Result<T, Fault> {
        const TYPES: [&str; 10] = [
            "bool",
            "bytes",
            "double",
            "int",
            "list",
            "map",
            "null_type",
            "string",
            "type",
            "uint",
        ];
        if TYPES.contains(&written) {
            let what = format!("the type `{written}` as a value");
            return self.fault(FaultKind::Unsupported(what), tree);
        }
        let near = match self.scope {
            Scope::Request(_) => {
                let names = schema::FIELDS.iter().map(|field| field.name);
                let roots = names.clone().filter_map(|name| name.split('.').next());
                nearest(
                    written,
                    names
                        .chain(roots)
                        .chain(self.locals.iter().map(|(local, _)| local.as_str())),
                )
                .map(str::to_owned)
            }
            Scope::Params(_) => Some(format!("param.{written}")),
        };
        self.fault(FaultKind::Unknown(written.to_owned(), near), tree)
    }

    fn select(&mut self, select: &SelectExpr, tree: &IdedExpr) -> Result<Expr, Fault> {
        let at = self.offsets.of(tree);
        if !select.test
            && let Some(root) = self.root_of(&select.operand)
        {
            let written = format!("{root}.{}", select.field);
            if root == "param" {
                return self.param(&select.field, tree);
            }
            if let Some(field) = schema::field(&written) {
                return Ok(Expr {
                    kind: ExprKind::Field(written),
                    ty: (field.ty)(),
                    at,
                });
            }
            return self.unknown(&written, tree);
        }
        let operand = self.expr(&select.operand)?;
        let ty = self.member_type(&operand, at)?;
        let (kind, ty) = match select.test {
            true => (
                ExprKind::Has(Box::new(operand), select.field.clone()),
                Type::Bool,
            ),
            false => (
                ExprKind::Member(Box::new(operand), select.field.clone()),
                ty,
            ),
        };
        Ok(Expr { kind, ty, at })
    }

    /// The name of an operand that is a root, not a value: `source`, `param`.
    fn root_of<'t>(&self, operand: &'t IdedExpr) -> Option<&'t str> {
        match &operand.expr {
            Tree::Ident(ident) => {
                let shadowed = self.locals.iter().any(|(local, _)| local == ident);
                (!shadowed && self.is_root(ident)).then_some(ident.as_str())
            }
            _ => None,
        }
    }

    fn member_type(&self, operand: &Expr, at: (u32, u32)) -> Result<Type, Fault> {
        match base(&operand.ty) {
            Type::Map(value) if **value == Type::Dynamic => Ok(Type::Dynamic),
            Type::Map(value) => Ok(Type::Optional(value.clone())),
            Type::Dynamic => Ok(Type::Dynamic),
            other => self.type_fault(format!("{} has no fields", name(other)), at),
        }
    }

    fn param(&self, name: &str, tree: &IdedExpr) -> Result<Expr, Fault> {
        let (Scope::Request(params) | Scope::Params(params)) = self.scope;
        let Some(value) = params(name) else {
            return self.unknown(&format!("param.{name}"), tree);
        };
        let at = self.offsets.of(tree);
        let (kind, ty) = match value {
            Constant::Bool(value) => (ExprKind::Bool(value), Type::Bool),
            Constant::Int(value) => (ExprKind::Int(value), Type::Int),
            Constant::Uint(value) => (ExprKind::Uint(value), Type::Uint),
            Constant::Double(value) => (ExprKind::Double(value), Type::Double),
            Constant::Text(value) => (ExprKind::Text(value), Type::Text),
            Constant::Null | Constant::List(_) => (ExprKind::Null, Type::Null),
        };
        Ok(Expr { kind, ty, at })
    }

    fn call(&mut self, call: &CallExpr, tree: &IdedExpr) -> Result<Expr, Fault> {
        let operator = syntax::operator(&call.func_name);
        let mut operands = Vec::with_capacity(call.args.len() + 1);
        if let Some(target) = &call.target {
            operands.push(self.expr(target)?);
        }
        for arg in &call.args {
            operands.push(self.expr(arg)?);
        }
        let at = operands.iter().fold(self.offsets.of(tree), |at, operand| {
            (at.0.min(operand.at.0), at.1.max(operand.at.1))
        });
        match operator {
            Some("[]") => self.index(operands, at),
            Some(operator) => {
                let ty = self.operator(operator, &operands, at)?;
                Ok(Expr {
                    kind: ExprKind::Call(operator.to_owned(), operands),
                    ty,
                    at,
                })
            }
            None => {
                let method = call.target.is_some();
                let ty = self.function(&call.func_name, method, &operands, tree, at)?;
                Ok(Expr {
                    kind: ExprKind::Call(call.func_name.clone(), operands),
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
        if let ExprKind::Text(key) = &index.kind {
            let ty = self.member_type(&operand, at)?;
            return Ok(Expr {
                kind: ExprKind::Member(Box::new(operand), key.clone()),
                ty,
                at,
            });
        }
        let ty = match (base(&operand.ty), base(&index.ty)) {
            (Type::List(element), Type::Int | Type::Uint | Type::Dynamic) => (**element).clone(),
            (Type::Map(_), Type::Text | Type::Dynamic) => self.member_type(&operand, at)?,
            (Type::Dynamic, _) => Type::Dynamic,
            (operand, index) => {
                return self.type_fault(
                    format!("{} has no element at {}", name(operand), name(index)),
                    at,
                );
            }
        };
        Ok(Expr {
            kind: ExprKind::Index(Box::new(operand), Box::new(index)),
            ty,
            at,
        })
    }

    fn operator(&self, operator: &str, operands: &[Expr], at: (u32, u32)) -> Result<Type, Fault> {
        let refuse =
            |types: String| self.type_fault(format!("`{operator}` does not take {types}"), at);
        match (operator, operands) {
            ("&&" | "||", _) | ("!", [_]) => {
                for operand in operands {
                    self.want_bool(operand)?;
                }
                Ok(Type::Bool)
            }
            ("?:", [condition, then, otherwise]) => {
                self.want_bool(condition)?;
                Ok(join([&then.ty, &otherwise.ty].into_iter()))
            }
            ("==" | "!=", [left, right]) => {
                if comparable(&left.ty, &right.ty) {
                    return Ok(Type::Bool);
                }
                self.type_fault(
                    format!("{} and {} are never equal", name(&left.ty), name(&right.ty)),
                    at,
                )
            }
            ("<" | "<=" | ">" | ">=", [left, right]) => {
                let ordered = match (base(&left.ty), base(&right.ty)) {
                    (Type::Dynamic, _) | (_, Type::Dynamic) => true,
                    (left, right) if is_number(left) && is_number(right) => true,
                    (left, right) => {
                        left == right
                            && matches!(
                                left,
                                Type::Text | Type::Time | Type::Duration | Type::Bytes | Type::Bool
                            )
                    }
                };
                if ordered {
                    return Ok(Type::Bool);
                }
                refuse(format!("{} and {}", name(&left.ty), name(&right.ty)))
            }
            ("in", [element, range]) => {
                let fits = match (base(&element.ty), base(&range.ty)) {
                    (Type::Ip, Type::Cidrs) => true,
                    (Type::Text | Type::Dynamic | Type::Null, Type::Map(_)) => true,
                    (element, Type::List(of)) => comparable(element, of),
                    (_, Type::Dynamic) => true,
                    _ => false,
                };
                if fits {
                    return Ok(Type::Bool);
                }
                refuse(format!("{} and {}", name(&element.ty), name(&range.ty)))
            }
            ("-", [operand]) => match base(&operand.ty) {
                Type::Int => Ok(Type::Int),
                Type::Double => Ok(Type::Double),
                Type::Dynamic => Ok(Type::Dynamic),
                other => refuse(name(other)),
            },
            ("+" | "-" | "*" | "/" | "%", [left, right])
                if is_number(base(&left.ty)) && is_number(base(&right.ty)) =>
            {
                // CEL mixes kinds of numbers in comparisons alone, and takes remainders of whole ones.
                let (left, right) = (base(&left.ty), base(&right.ty));
                match left == right && (operator != "%" || *left != Type::Double) {
                    true => Ok(left.clone()),
                    false => refuse("these kinds of numbers together".to_owned()),
                }
            }
            ("*" | "/" | "%", [left, right]) => {
                refuse(format!("{} and {}", name(&left.ty), name(&right.ty)))
            }
            ("+", [left, right])
                if matches!(
                    (base(&left.ty), base(&right.ty)),
                    (Type::Text, Type::Text) | (Type::Bytes, Type::Bytes)
                ) =>
            {
                Ok(base(&left.ty).clone())
            }
            ("+", [left, right])
                if matches!(
                    (base(&left.ty), base(&right.ty)),
                    (Type::List(_), Type::List(_))
                ) =>
            {
                Ok(join([&left.ty, &right.ty].into_iter()))
            }
            ("+" | "-", [left, right]) => {
                let ty = match (base(&left.ty), base(&right.ty)) {
                    (Type::Time, Type::Duration) => Some(Type::Time),
                    (Type::Duration, Type::Time) if operator == "+" => Some(Type::Time),
                    (Type::Time, Type::Time) if operator == "-" => Some(Type::Duration),
                    (Type::Duration, Type::Duration) => Some(Type::Duration),
                    _ => None,
                };
                match ty {
                    Some(ty) => Ok(ty),
                    None => refuse(format!("{} and {}", name(&left.ty), name(&right.ty))),
                }
            }
            _ => Err(Fault {
                kind: FaultKind::Unsupported(format!("the operator `{operator}`")),
                at,
            }),
        }
    }

    fn function(
        &self,
        function: &str,
        method: bool,
        operands: &[Expr],
        tree: &IdedExpr,
        at: (u32, u32),
    ) -> Result<Type, Fault> {
        let literal = |operand: &Expr, what: &str, good: fn(&str) -> bool| match &operand.kind {
            ExprKind::Text(text) if good(text) => Ok(()),
            ExprKind::Text(text) => Err(Fault {
                kind: FaultKind::Literal(format!("`{text}` is no {what}")),
                at: operand.at,
            }),
            _ => self.type_fault(format!("`{function}` takes a literal {what}"), operand.at),
        };
        match (function, method, operands) {
            ("startsWith" | "endsWith" | "contains" | "matches", true, [receiver, argument]) => {
                for operand in [receiver, argument] {
                    if !matches!(base(&operand.ty), Type::Text | Type::Dynamic) {
                        return self.type_fault(
                            format!("`{function}` takes text, this is {}", name(&operand.ty)),
                            operand.at,
                        );
                    }
                }
                if function == "matches" {
                    literal(argument, "regular expression", |text| {
                        crate::check::pattern::parses(text).is_ok()
                    })?;
                }
                Ok(Type::Bool)
            }
            ("cidr", false, [_, ..]) => {
                for operand in operands {
                    literal(operand, "address range", functions::is_cidr)?;
                }
                Ok(Type::Cidrs)
            }
            ("timestamp", false, [operand]) => {
                literal(
                    operand,
                    "moment like `2026-11-23T10:00:00Z`",
                    functions::is_timestamp,
                )?;
                Ok(Type::Time)
            }
            ("duration", false, [operand]) => {
                literal(operand, "duration like `90s`", functions::is_duration)?;
                Ok(Type::Duration)
            }
            ("size", _, [operand]) => match base(&operand.ty) {
                Type::Text | Type::Bytes | Type::List(_) | Type::Map(_) | Type::Dynamic => {
                    Ok(Type::Int)
                }
                other => self.type_fault(format!("`size` does not take {}", name(other)), at),
            },
            (
                "startsWith" | "endsWith" | "contains" | "matches" | "cidr" | "timestamp"
                | "duration" | "size",
                ..,
            ) => self.type_fault(format!("`{function}` does not take these arguments"), at),
            _ => {
                let known = [
                    "startsWith",
                    "endsWith",
                    "contains",
                    "matches",
                    "cidr",
                    "timestamp",
                    "duration",
                    "size",
                    "has",
                    "all",
                    "exists",
                    "exists_one",
                    "filter",
                    "map",
                ];
                if nearest(function, known).is_some() || !is_cel_function(function) {
                    let near = nearest(function, known).map(str::to_owned);
                    return self.fault(FaultKind::Unknown(function.to_owned(), near), tree);
                }
                self.fault(
                    FaultKind::Unsupported(format!("the function `{function}`")),
                    tree,
                )
            }
        }
    }
}

/// Functions of CEL's standard library that are not carried out.
fn is_cel_function(name: &str) -> bool {
    [
        "int",
        "uint",
        "double",
        "string",
        "bytes",
        "bool",
        "dyn",
        "type",
        "getFullYear",
        "getMonth",
        "getDate",
        "getDayOfMonth",
        "getDayOfWeek",
        "getDayOfYear",
        "getHours",
        "getMinutes",
        "getSeconds",
        "getMilliseconds",
    ]
    .contains(&name)
}

/// The type without "or null".
fn base(ty: &Type) -> &Type {
    match ty {
        Type::Optional(ty) => base(ty),
        ty => ty,
    }
}

fn is_number(ty: &Type) -> bool {
    matches!(ty, Type::Int | Type::Uint | Type::Double)
}

/// Whether values of two types can be equal.
fn comparable(left: &Type, right: &Type) -> bool {
    match (left, right) {
        (Type::Dynamic, _) | (_, Type::Dynamic) => true,
        (Type::Null, right) => matches!(right, Type::Null | Type::Optional(_)),
        (left, Type::Null) => matches!(left, Type::Optional(_)),
        (left, right) => match (base(left), base(right)) {
            (Type::Dynamic, _) | (_, Type::Dynamic) => true,
            (left, right) if is_number(left) && is_number(right) => true,
            (Type::List(left), Type::List(right)) => comparable(left, right),
            (Type::Cidrs | Type::Ip, _) | (_, Type::Cidrs | Type::Ip) => false,
            (left, right) => left == right,
        },
    }
}

/// A type that holds all of these.
fn join<'t>(mut types: impl Iterator<Item = &'t Type>) -> Type {
    let Some(first) = types.next() else {
        return Type::Dynamic;
    };
    types.fold(first.clone(), |joined, ty| match (joined, ty) {
        (joined, ty) if joined == *ty => joined,
        (Type::Null, Type::Optional(ty)) => Type::Optional(ty.clone()),
        (Type::Null, ty) => Type::Optional(Box::new(ty.clone())),
        (joined @ Type::Optional(_), Type::Null) => joined,
        (joined, Type::Null) => Type::Optional(Box::new(joined)),
        _ => Type::Dynamic,
    })
}

/// A type for people.
fn name(ty: &Type) -> String {
    match ty {
        Type::Null => "`null`".to_owned(),
        Type::Bool => "true or false".to_owned(),
        Type::Int | Type::Uint | Type::Double => "a number".to_owned(),
        Type::Text => "text".to_owned(),
        Type::Bytes => "bytes".to_owned(),
        Type::Ip => "an address".to_owned(),
        Type::Cidrs => "address ranges".to_owned(),
        Type::Time => "a moment".to_owned(),
        Type::Duration => "a duration".to_owned(),
        Type::List(of) if **of == Type::Dynamic => "a list".to_owned(),
        Type::List(of) => format!("a list of {}", name(of)),
        Type::Map(_) => "a map".to_owned(),
        Type::Optional(ty) => name(ty),
        Type::Dynamic => "anything".to_owned(),
    }
}
