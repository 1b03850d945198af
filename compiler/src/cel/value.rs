//! Values of CEL that are known when a program is built.

use std::cmp::Ordering;
use std::net::IpAddr;

use tollgate_model::condition::{Expr, ExprKind, Type};

use super::fold::{network, time};

/// A value that is known.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Constant {
    /// `null`.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An unsigned whole number.
    Uint(u64),
    /// A floating-point number.
    Double(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A list.
    List(Vec<Constant>),
    /// A map, in the order in which it was written.
    Map(Vec<(Constant, Constant)>),
    /// A moment: nanoseconds since 1970 UTC, of the years 1 to 9999.
    Time(i128),
    /// A length of time in nanoseconds, of at most 315 576 000 000 seconds either way.
    Duration(i128),
    /// A type, by its name.
    Type(String),
    /// CEL's optional.
    Optional(Option<Box<Constant>>),
    /// An address.
    Ip(IpAddr),
    /// A range of addresses: one of them, and the length of the prefix.
    Cidr(IpAddr, u8),
}

impl Constant {
    /// The name of its type, as `type` gives it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Constant::Null => "null_type",
            Constant::Bool(_) => "bool",
            Constant::Int(_) => "int",
            Constant::Uint(_) => "uint",
            Constant::Double(_) => "double",
            Constant::Text(_) => "string",
            Constant::Bytes(_) => "bytes",
            Constant::List(_) => "list",
            Constant::Map(_) => "map",
            Constant::Time(_) => "google.protobuf.Timestamp",
            Constant::Duration(_) => "google.protobuf.Duration",
            Constant::Type(_) => "type",
            Constant::Optional(_) => "optional_type",
            Constant::Ip(_) => "net.IP",
            Constant::Cidr(..) => "net.CIDR",
        }
    }

    /// Whether two values are equal: numbers by value whatever their kind, others of one type by
    /// content; values of two types are not.
    pub fn equals(&self, other: &Constant) -> bool {
        match (self, other) {
            (Constant::List(left), Constant::List(right)) => {
                left.len() == right.len() && left.iter().zip(right).all(|(a, b)| a.equals(b))
            }
            (Constant::Map(left), Constant::Map(right)) => {
                left.len() == right.len()
                    && left
                        .iter()
                        .all(|(key, value)| at(right, key).is_some_and(|other| value.equals(other)))
            }
            (Constant::Optional(Some(left)), Constant::Optional(Some(right))) => left.equals(right),
            (Constant::Ip(left), Constant::Ip(right)) => {
                left.to_canonical() == right.to_canonical()
            }
            (left, right) if left.is_number() && right.is_number() => {
                left.order(right) == Some(Ordering::Equal)
            }
            (left, right) => left == right,
        }
    }

    /// How two values are ordered; none where they are not: of other types, and beside a NaN.
    pub fn order(&self, other: &Constant) -> Option<Ordering> {
        match (self, other) {
            // As doubles, as CEL has it: large whole numbers are rounded.
            (Constant::Int(left), Constant::Double(right)) => (*left as f64).partial_cmp(right),
            (Constant::Uint(left), Constant::Double(right)) => (*left as f64).partial_cmp(right),
            (Constant::Double(_), Constant::Int(_) | Constant::Uint(_)) => {
                other.order(self).map(Ordering::reverse)
            }
            (Constant::Double(left), Constant::Double(right)) => left.partial_cmp(right),
            (left, right) if left.is_number() && right.is_number() => {
                Some(left.whole()?.cmp(&right.whole()?))
            }
            (Constant::Text(left), Constant::Text(right)) => Some(left.cmp(right)),
            (Constant::Bytes(left), Constant::Bytes(right)) => Some(left.cmp(right)),
            (Constant::Bool(left), Constant::Bool(right)) => Some(left.cmp(right)),
            (Constant::Time(left), Constant::Time(right))
            | (Constant::Duration(left), Constant::Duration(right)) => Some(left.cmp(right)),
            _ => None,
        }
    }

    /// Whether it is an int, a uint or a double.
    pub(crate) fn is_number(&self) -> bool {
        matches!(
            self,
            Constant::Int(_) | Constant::Uint(_) | Constant::Double(_)
        )
    }

    /// A whole number, wide enough for both kinds.
    fn whole(&self) -> Option<i128> {
        match self {
            Constant::Int(value) => Some(i128::from(*value)),
            Constant::Uint(value) => Some(i128::from(*value)),
            _ => None,
        }
    }

    /// The expression that is this value.
    pub(crate) fn expression(&self, at: (u32, u32)) -> Expr {
        let all = |items: &[Constant]| items.iter().map(|item| item.expression(at)).collect();
        let call = |name: &str, text: String| {
            let text = Constant::Text(text).expression(at);
            ExprKind::Call(name.to_owned(), vec![text])
        };
        let (kind, ty) = match self {
            Constant::Null => (ExprKind::Null, Type::Null),
            Constant::Bool(value) => (ExprKind::Bool(*value), Type::Bool),
            Constant::Int(value) => (ExprKind::Int(*value), Type::Int),
            Constant::Uint(value) => (ExprKind::Uint(*value), Type::Uint),
            Constant::Double(value) => (ExprKind::Double(*value), Type::Double),
            Constant::Text(text) => (ExprKind::Text(text.clone()), Type::Text),
            Constant::Bytes(bytes) => (ExprKind::Bytes(bytes.clone()), Type::Bytes),
            Constant::List(items) => (
                ExprKind::List(all(items)),
                Type::List(Box::new(Type::Dynamic)),
            ),
            Constant::Map(entries) => (
                ExprKind::Map(
                    entries
                        .iter()
                        .map(|(key, value)| (key.expression(at), value.expression(at)))
                        .collect(),
                ),
                Type::Entries(Box::new(Type::Dynamic), Box::new(Type::Dynamic)),
            ),
            Constant::Time(ns) => (call("timestamp", time::written(*ns)), Type::Time),
            Constant::Duration(ns) => (call("duration", time::length_written(*ns)), Type::Duration),
            Constant::Type(name) => (ExprKind::TypeName(name.clone()), Type::TypeName),
            Constant::Optional(None) => (
                ExprKind::Call("optional.none".to_owned(), Vec::new()),
                Type::Maybe(Box::new(Type::Dynamic)),
            ),
            Constant::Optional(Some(value)) => (
                ExprKind::Call("optional.of".to_owned(), vec![value.expression(at)]),
                Type::Maybe(Box::new(Type::Dynamic)),
            ),
            Constant::Ip(address) => (call("ip", address.to_string()), Type::Ip),
            Constant::Cidr(address, prefix) => (
                call("cidr", network::range_written(*address, *prefix)),
                Type::Cidrs,
            ),
        };
        Expr { kind, ty, at }
    }
}

/// What a map holds at a key.
pub(crate) fn at<'m>(map: &'m [(Constant, Constant)], key: &Constant) -> Option<&'m Constant> {
    map.iter()
        .find(|(other, _)| other.equals(key))
        .map(|(_, value)| value)
}
