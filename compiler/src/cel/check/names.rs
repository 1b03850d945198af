//! What names mean: local ones, fields of the schema, parameters, types, and what a host binds.

use cel_interpreter::common::ast::{Expr as Tree, IdedExpr, SelectExpr};
use tollgate_model::condition::{Expr, ExprKind, Type};

use super::functions::NAMESPACES;
use super::{Checker, Fault, FaultKind, Scope};
use crate::cel::{Constant, schema};
use crate::diagnostic::nearest;

/// Types as values.
const TYPES: [&str; 16] = [
    "bool",
    "bytes",
    "double",
    "google.protobuf.Duration",
    "google.protobuf.Timestamp",
    "int",
    "list",
    "map",
    "net.CIDR",
    "net.IP",
    "null_type",
    "optional_type",
    "string",
    "type",
    "uint",
    "dyn",
];

impl Checker<'_> {
    /// The type of a local name.
    pub(super) fn local(&self, name: &str) -> Option<Type> {
        let local = self.locals.iter().rev().find(|(local, _)| local == name);
        local.map(|(_, ty)| ty.clone())
    }

    pub(super) fn ident(&mut self, ident: &str, tree: &IdedExpr) -> Result<Expr, Fault> {
        let at = self.offsets.of(tree);
        if let Some(ty) = self.local(ident) {
            return Ok(Expr {
                kind: ExprKind::Local(ident.to_owned()),
                ty,
                at,
            });
        }
        if let Some(found) = self.global(ident, at) {
            return Ok(found);
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

    /// What a dotted name means that no macro bound.
    fn global(&self, path: &str, at: (u32, u32)) -> Option<Expr> {
        let made = |kind, ty| Some(Expr { kind, ty, at });
        let absolute = path.trim_start_matches('.');
        match self.scope {
            Scope::Request(_) => {
                if let Some(field) = schema::field(absolute) {
                    return made(ExprKind::Field(absolute.to_owned()), (field.ty)());
                }
            }
            Scope::Host {
                names, container, ..
            } => {
                // From the innermost container outwards; a leading dot means none.
                let mut container = if path.starts_with('.') { "" } else { container };
                loop {
                    let name = match container {
                        "" => absolute.to_owned(),
                        container => format!("{container}.{absolute}"),
                    };
                    if names.contains(&name) {
                        return made(ExprKind::Field(name), Type::Dynamic);
                    }
                    match container.rsplit_once('.') {
                        Some((outer, _)) => container = outer,
                        None if container.is_empty() => break,
                        None => container = "",
                    }
                }
            }
            Scope::Params(_) => {}
        }
        match TYPES.contains(&absolute) {
            true => made(ExprKind::TypeName(absolute.to_owned()), Type::TypeName),
            false => None,
        }
    }

    /// The field that a dotted name is.
    pub(super) fn field_at(&self, tree: &IdedExpr) -> Option<Expr> {
        let (path, root) = path(tree)?;
        if self.local(&root).is_some() {
            return None;
        }
        self.global(&path, self.offsets.of(tree))
            .filter(|found| matches!(found.kind, ExprKind::Field(_)))
            .filter(|_| matches!(self.scope, Scope::Request(_)))
    }

    /// The word before the dot in a function's name, if an expression is one.
    pub(super) fn namespace(&self, tree: &IdedExpr) -> Option<&'static str> {
        let Tree::Ident(ident) = &tree.expr else {
            return None;
        };
        if self.local(ident).is_some() || self.global(ident, (0, 0)).is_some() {
            return None;
        }
        NAMESPACES.into_iter().find(|namespace| namespace == ident)
    }

    fn is_root(&self, ident: &str) -> bool {
        match self.scope {
            Scope::Request(_) => ident == "param" || schema::is_root(ident),
            Scope::Params(_) => ident == "param",
            Scope::Host { .. } => false,
        }
    }

    fn unknown(&self, written: &str, tree: &IdedExpr) -> Result<Expr, Fault> {
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
            // A name that nothing binds fails where it is used.
            Scope::Host { .. } if self.is_lenient => {
                return Ok(Expr {
                    kind: ExprKind::Local(written.to_owned()),
                    ty: Type::Dynamic,
                    at: self.offsets.of(tree),
                });
            }
            Scope::Host { .. } => None,
        };
        self.fault(FaultKind::Unknown(written.to_owned(), near), tree)
    }

    pub(super) fn select(&mut self, select: &SelectExpr, tree: &IdedExpr) -> Result<Expr, Fault> {
        let at = self.offsets.of(tree);
        // The longest name that means something is meant.
        if let Some((path, root)) = path(tree)
            && self.local(&root).is_none()
        {
            if let Some(found) = self.global(&path, at) {
                return Ok(found);
            }
            if let Tree::Ident(root) = &select.operand.expr
                && self.is_root(root)
            {
                return match root.as_str() {
                    "param" => self.param(&select.field, tree),
                    _ => self.unknown(&path, tree),
                };
            }
        }
        let operand = self.expr(&select.operand)?;
        let ty = self.member_type(&operand, at)?;
        Ok(Expr {
            kind: ExprKind::Member(Box::new(operand), select.field.clone()),
            ty,
            at,
        })
    }

    fn param(&self, name: &str, tree: &IdedExpr) -> Result<Expr, Fault> {
        let value = match self.scope {
            Scope::Request(params) | Scope::Params(params) => params(name),
            Scope::Host { .. } => None,
        };
        match value {
            Some(Constant::List(_)) | None => self.unknown(&format!("param.{name}"), tree),
            Some(value) => Ok(value.expression(self.offsets.of(tree))),
        }
    }
}

/// A dotted name, and its first word.
fn path(tree: &IdedExpr) -> Option<(String, String)> {
    match &tree.expr {
        Tree::Ident(name) => Some((name.clone(), name.clone())),
        Tree::Select(select) if !select.test => {
            let (path, root) = path(&select.operand)?;
            Some((format!("{path}.{}", select.field), root))
        }
        _ => None,
    }
}
