//! What an expression on one side of an operator stands for.

use tollgate_model::condition::{Expr, ExprKind, Type};
use tollgate_runtime::Variable;
use tollgate_runtime::isa::Comparison;

use super::Lowering;
use crate::cel::{Constant, Failure};
use crate::ir::{ContextVariable, Load};

/// What stands on one side of an operator.
pub(super) enum Side {
    /// A field that a request may lack.
    Field(Load),
    /// A known text.
    Text(String),
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
    /// A known value that equals none of what a request holds, and has no order beside it.
    Other,
    /// A value that cannot be had.
    Failed,
}

/// What a known value stands for.
fn known(value: Constant) -> Option<Side> {
    let whole_ms = |ns: i128| {
        (ns % 1_000_000 == 0)
            .then(|| i64::try_from(ns / 1_000_000).ok())
            .flatten()
    };
    Some(match value {
        Constant::Null => Side::Null,
        Constant::Bool(value) => Side::Bool(value),
        Constant::Int(value) => Side::Number(value as f64),
        Constant::Uint(value) => Side::Number(value as f64),
        Constant::Double(value) => Side::Number(value),
        Constant::Text(text) => Side::Text(text),
        // Finer than the clock.
        Constant::Time(ns) => Side::Moment(whole_ms(ns)?),
        Constant::Duration(ns) => Side::Duration(whole_ms(ns)?),
        _ => Side::Other,
    })
}

impl Lowering {
    /// What an expression stands for; `None`: nothing that can be compared.
    pub(super) fn operand(&mut self, expression: &Expr) -> Option<Side> {
        match self.evaluated(expression) {
            Ok(value) => return known(value),
            Err(Failure::Error(_)) => return Some(Side::Failed),
            Err(Failure::Request) => {}
        }
        match &expression.kind {
            ExprKind::Field(field) => of_field(field),
            ExprKind::Member(operand, name) => member(operand, name).map(Side::Field),
            ExprKind::Index(operand, key) => match self.evaluated(key) {
                Ok(Constant::Text(name)) => member(operand, &name).map(Side::Field),
                _ => None,
            },
            ExprKind::Call(name, operands) => self.called(name, operands),
            _ => None,
        }
    }

    fn called(&mut self, name: &str, operands: &[Expr]) -> Option<Side> {
        match (name, operands) {
            ("dyn", [value]) => self.operand(value),
            ("string", [value]) if value.ty == Type::Text => self.operand(value),
            ("+", [left, right]) => match (self.operand(left)?, self.operand(right)?) {
                (Side::Failed, _) | (_, Side::Failed) => Some(Side::Failed),
                (Side::Now(a), Side::Duration(b)) | (Side::Duration(b), Side::Now(a)) => {
                    Some(Side::Now(a.checked_add(b)?))
                }
                _ => None,
            },
            ("-", [left, right]) => match (self.operand(left)?, self.operand(right)?) {
                (Side::Failed, _) | (_, Side::Failed) => Some(Side::Failed),
                (Side::Now(a), Side::Duration(b)) => Some(Side::Now(a.checked_sub(b)?)),
                (Side::Now(a), Side::Moment(b)) => Some(Side::Elapsed(b.checked_sub(a)?)),
                _ => None,
            },
            _ => None,
        }
    }
}

/// A text, known or of the request.
pub(super) fn loaded(side: Side) -> Option<Load> {
    match side {
        Side::Field(Load::Secure) => None,
        Side::Field(load) => Some(load),
        Side::Text(text) => Some(Load::Text(text)),
        _ => None,
    }
}

/// Two sides of which one has the clock, as the clock against a moment; `Some` inside: the sides are swapped.
pub(super) fn clock(left: &Side, right: &Side) -> Option<(Option<Comparison>, i64)> {
    match (left, right) {
        (Side::Now(offset), Side::Moment(ms)) => Some((None, ms.checked_sub(*offset)?)),
        (Side::Moment(ms), Side::Now(offset)) => {
            Some((Some(Comparison::Equal), ms.checked_sub(*offset)?))
        }
        (Side::Elapsed(since), Side::Duration(ms)) => Some((None, since.checked_add(*ms)?)),
        (Side::Duration(ms), Side::Elapsed(since)) => {
            Some((Some(Comparison::Equal), since.checked_add(*ms)?))
        }
        _ => None,
    }
}

fn of_field(field: &str) -> Option<Side> {
    let context = |variable| Some(Side::Field(Load::Context(ContextVariable(variable))));
    let principal = |key: &str| Some(Side::Field(Load::Principal(key.to_owned())));
    match field {
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
    }
}

/// A member of one of the request's maps.
pub(super) fn member(operand: &Expr, name: &str) -> Option<Load> {
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
