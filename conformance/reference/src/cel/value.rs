//! Values of CEL: equality and order.

use std::cmp::Ordering;
use std::net::IpAddr;

use ipnet::IpNet;
use num_bigint::BigInt;
use num_traits::ToPrimitive;
use serde_json::Value as Json;

/// A value of CEL.
#[derive(Clone, Debug, PartialEq)]
pub enum Cel {
    /// `null`, and what is absent.
    Null,
    /// A truth value.
    Bool(bool),
    /// A signed number.
    Int(i64),
    /// An unsigned number.
    Uint(u64),
    /// A floating-point number.
    Double(f64),
    /// Text.
    Text(String),
    /// A claim of a token: a text that is compared with numbers as the number that it says.
    Claim(String),
    /// A claim that is a list or an object, with the text that it is shown as.
    Structured(String, Box<Cel>),
    /// Bytes.
    Bytes(Vec<u8>),
    /// An address.
    Ip(IpAddr),
    /// A range of addresses with the address that it was written with.
    Network(IpNet),
    /// Nanoseconds since 1970 UTC.
    Time(i128),
    /// Nanoseconds.
    Duration(i128),
    /// A type, by its name.
    Type(String),
    /// An optional.
    Optional(Option<Box<Cel>>),
    /// A list.
    List(Vec<Cel>),
    /// A map that is written out; what is absent is an error.
    Entries(Vec<(Cel, Cel)>),
    /// A map of a request from texts; what is absent is `null`.
    Map(Vec<(String, Cel)>),
    /// The same, names compared without regard to case.
    Folded(Vec<(String, Cel)>),
}

impl From<&Json> for Cel {
    fn from(json: &Json) -> Cel {
        match json {
            Json::Null => Cel::Null,
            Json::Bool(value) => Cel::Bool(*value),
            Json::String(text) => Cel::Text(text.clone()),
            Json::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Cel::Int(whole),
                (None, value) => Cel::Double(value.unwrap_or(f64::NAN)),
            },
            Json::Array(items) => Cel::List(items.iter().map(Cel::from).collect()),
            Json::Object(members) => Cel::Entries(
                members
                    .iter()
                    .map(|(name, value)| (Cel::Text(name.clone()), Cel::from(value)))
                    .collect(),
            ),
        }
    }
}

impl Cel {
    /// A claim with parts as what it is; anything else as it is.
    pub(super) fn opened(self) -> Cel {
        match self {
            Cel::Structured(_, parts) => *parts,
            other => other,
        }
    }

    /// A number.
    fn number(&self) -> Option<Number> {
        match self {
            Cel::Int(value) => Some(Number::Whole(BigInt::from(*value))),
            Cel::Uint(value) => Some(Number::Whole(BigInt::from(*value))),
            Cel::Double(value) => Some(Number::Double(*value)),
            _ => None,
        }
    }

    /// What `type` says.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Cel::Null => "null_type",
            Cel::Bool(_) => "bool",
            Cel::Int(_) => "int",
            Cel::Uint(_) => "uint",
            Cel::Double(_) => "double",
            Cel::Text(_) | Cel::Claim(_) => "string",
            Cel::Bytes(_) => "bytes",
            Cel::Ip(_) => "net.IP",
            Cel::Network(_) => "net.CIDR",
            Cel::Time(_) => "google.protobuf.Timestamp",
            Cel::Duration(_) => "google.protobuf.Duration",
            Cel::Type(_) => "type",
            Cel::Optional(_) => "optional_type",
            Cel::List(_) | Cel::Structured(..) => "list",
            Cel::Entries(_) | Cel::Map(_) | Cel::Folded(_) => "map",
        }
    }
}

enum Number {
    Whole(BigInt),
    Double(f64),
}

fn compare(left: &Number, right: &Number) -> Option<Ordering> {
    match (left, right) {
        (Number::Whole(left), Number::Whole(right)) => Some(left.cmp(right)),
        (Number::Double(left), Number::Double(right)) => left.partial_cmp(right),
        (Number::Double(_), Number::Whole(_)) => compare(right, left).map(Ordering::reverse),
        // A whole number becomes a double, and may be rounded.
        (Number::Whole(left), Number::Double(right)) => left.to_f64()?.partial_cmp(right),
    }
}

/// Numbers by value; other values of one type by content; values of two types are never equal.
pub(super) fn equal(a: &Cel, b: &Cel) -> bool {
    if let (Some(a), Some(b)) = (a.number(), b.number()) {
        return compare(&a, &b) == Some(Ordering::Equal);
    }
    match (a, b) {
        (Cel::List(a), Cel::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Cel::Entries(a), Cel::Entries(b)) => {
            let within = |key: &Cel, value: &Cel| {
                b.iter()
                    .any(|(other, held)| equal(key, other) && equal(value, held))
            };
            a.len() == b.len() && a.iter().all(|(key, value)| within(key, value))
        }
        (Cel::Optional(Some(a)), Cel::Optional(Some(b))) => equal(a, b),
        (Cel::Ip(a), Cel::Ip(b)) => unmapped(*a) == unmapped(*b),
        (a, b) => a == b,
    }
}

/// An address of IPv4 that is written as one of IPv6, as itself.
pub(super) fn unmapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(six) => six.to_ipv4_mapped().map_or(address, IpAddr::V4),
        four => four,
    }
}

/// How two values are ordered. `Ok(None)`: one is no number.
pub(super) fn order(a: &Cel, b: &Cel) -> Result<Option<Ordering>, super::Failed> {
    if let (Some(a), Some(b)) = (a.number(), b.number()) {
        return Ok(compare(&a, &b));
    }
    Ok(Some(match (a, b) {
        (Cel::Text(a), Cel::Text(b)) => a.chars().cmp(b.chars()),
        (Cel::Bytes(a), Cel::Bytes(b)) => a.cmp(b),
        (Cel::Bool(a), Cel::Bool(b)) => a.cmp(b),
        (Cel::Time(a), Cel::Time(b)) | (Cel::Duration(a), Cel::Duration(b)) => a.cmp(b),
        _ => return Err(super::Failed),
    }))
}
