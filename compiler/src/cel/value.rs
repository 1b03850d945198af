//! Values of CEL that are known when a program is built.

use std::net::IpAddr;

use tollgate_model::condition::{Expr, ExprKind, Type};
use tollgate_runtime::cel::time::{self, Lasting, Written};

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
            Constant::Time(ns) => {
                let (seconds, nanos) = time::parts(*ns).unwrap_or_default();
                let text = Written(seconds, nanos).to_string();
                (call("timestamp", text), Type::Time)
            }
            Constant::Duration(ns) => {
                let (seconds, nanos) = time::parts(*ns).unwrap_or_default();
                let text = Lasting(seconds, nanos).to_string();
                (call("duration", text), Type::Duration)
            }
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
            Constant::Cidr(address, prefix) => {
                (call("cidr", format!("{address}/{prefix}")), Type::Cidrs)
            }
        };
        Expr { kind, ty, at }
    }
}
