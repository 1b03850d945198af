//! Conditions in CEL: parsed by the `cel` crate, which knows no types, then resolved
//! and type-checked here against a documented schema of a request.
//!
//! This module is the only one that names the crate. `parse` gives the model's own
//! expression, in which every name means something and every operator has operands of
//! types that it takes; [`evaluate`] evaluates what reads nothing of a request, and `carried` encodes what does for the
//! runtime.
//!
//! What a condition may read is `FIELDS`; an absent header, query parameter or claim is
//! `null`. `null` equals only `null`, is in no list, and makes `<` and functions fail, and
//! a failed condition never lets a request through.

mod check;
mod encode;
mod fold;
mod literals;
mod schema;
mod syntax;
mod value;

use tollgate_model::condition::Expr;

pub(crate) use encode::carried;
pub(crate) use fold::evaluate_within;
pub use fold::{Failure, constant, evaluate};
pub(crate) use literals::{is_cidr, is_timestamp, timestamp_ms};
pub(crate) use schema::FIELDS;
pub use value::Constant;

/// Something wrong in a condition, at bytes of its text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) at: (u32, u32),
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FaultKind {
    /// It is no CEL; why.
    Syntax(String),
    /// A name that means nothing, and a near one that does.
    Unknown(String, Option<String>),
    /// An operator or function met types that it does not take.
    Type(String),
    /// It is CEL, and not carried out.
    Unsupported(String),
    /// A literal that must be a range, a moment, a pattern, … and is none.
    Literal(String),
}

/// Where a condition stands, which decides what it may read.
pub(crate) enum Scope<'p> {
    /// A policy: [`FIELDS`], and parameters that are known.
    Request(&'p dyn Fn(&str) -> Option<Constant>),
    /// A choice: parameters alone.
    Params(&'p dyn Fn(&str) -> Option<Constant>),
    /// Alone: what a host binds, by dotted names.
    Host {
        names: Vec<String>,
        /// Where names are looked up first, as in `container.name`.
        container: &'p str,
        /// Whether types that do not fit are refused; else they fail in evaluation.
        is_checked: bool,
    },
}

/// Reads a condition. At most one fault: what follows the first is often its consequence.
pub(crate) fn parse(text: &str, scope: &Scope<'_>) -> Result<Expr, Fault> {
    let (tree, offsets) = syntax::parse(text)?;
    check::Checker::new(scope, &offsets).condition(&tree)
}

/// Why an expression is refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The reason: of what is not carried out, its name.
    pub message: String,
    /// Whether it is CEL that is not carried out.
    pub is_unsupported: bool,
}

/// What a host gives to an expression that stands alone.
#[derive(Clone, Copy, Debug)]
pub struct Host<'h> {
    /// What it binds, by dotted names.
    pub bound: &'h [(String, Constant)],
    /// Where names are looked up first: `a.b` finds `name` as `a.b.name`, then as `a.name`.
    pub container: &'h str,
    /// Whether types and names that do not fit are refused; else they fail in evaluation.
    pub is_checked: bool,
}

impl Default for Host<'_> {
    fn default() -> Self {
        Host {
            bound: &[],
            container: "",
            is_checked: true,
        }
    }
}

/// Reads and checks an expression of any type that reads nothing of a request.
///
/// # Errors
///
/// It is no CEL, its types do not fit, or it is not carried out.
pub fn expression(text: &str, host: Host<'_>) -> Result<Expr, Refusal> {
    let scope = Scope::Host {
        names: host.bound.iter().map(|(name, _)| name.clone()).collect(),
        container: host.container,
        is_checked: host.is_checked,
    };
    let read = || {
        let (tree, offsets) = syntax::parse(text)?;
        check::Checker::new(&scope, &offsets).expression(&tree)
    };
    read().map_err(|fault: Fault| {
        let (message, is_unsupported) = match fault.kind {
            FaultKind::Unsupported(what) => (what, true),
            FaultKind::Unknown(name, _) => (format!("`{name}` means nothing"), false),
            FaultKind::Syntax(why) | FaultKind::Type(why) | FaultKind::Literal(why) => (why, false),
        };
        Refusal {
            message,
            is_unsupported,
        }
    })
}

#[cfg(test)]
mod tests;
