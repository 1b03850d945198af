//! Values: handles that borrow nothing.

/// A run of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Whether it lies in the code; else in the space.
    pub(super) code: bool,
    pub(super) at: u32,
    pub(super) len: u32,
}

impl Span {
    pub(super) const EMPTY: Span = Span {
        code: true,
        at: 0,
        len: 0,
    };

    /// Bytes `from..to` of these; clamped to them.
    pub(super) fn slice(self, from: usize, to: usize) -> Span {
        let to = to.min(self.len as usize);
        let from = from.min(to);
        Span {
            code: self.code,
            at: self.at.saturating_add(from as u32),
            len: (to - from) as u32,
        }
    }
}

/// A run of cells of the space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Run {
    pub(super) at: u32,
    pub(super) len: u32,
}

/// A value of CEL.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cel {
    /// `null`, and what a request lacks.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An unsigned whole number.
    Uint(u64),
    /// A floating-point number.
    Double(f64),
    /// Text, in UTF-8.
    Text(Span),
    /// A claim of a token: a text that is compared with numbers as the number that it says.
    Claim(Span),
    /// A claim that is a list or an object, by the first of two cells: the text that it is shown as, and its JSON, which
    /// is read where elements are asked for.
    Structured(u32),
    /// Bytes.
    Bytes(Span),
    /// A moment: seconds since 1970 UTC, and nanoseconds beyond them; of the years 1 to 9999.
    Time(i64, u32),
    /// A length of time: seconds, rounded down, and nanoseconds beyond them.
    Duration(i64, u32),
    /// A list.
    List(Run),
    /// A map: key, value, key, value …
    Map(Run),
    /// A map of a request: at a key that it lacks is `null`.
    Request(Run),
    /// The same, names in any letter case.
    Folded(Run),
    /// A type, by its name.
    Type(Span),
    /// CEL's optional, by the cell of what it holds.
    Optional(Option<u32>),
    /// An address: four bytes or sixteen.
    Ip(Span),
    /// A range of addresses: one of them, and a byte with the length of the prefix.
    Cidr(Span),
}

const _: () = assert!(core::mem::size_of::<Cel>() == 16);

impl Cel {
    /// The name of its type, as `type` gives it.
    #[must_use]
    pub fn type_name(self) -> &'static str {
        match self {
            Cel::Null => "null_type",
            Cel::Bool(_) => "bool",
            Cel::Int(_) => "int",
            Cel::Uint(_) => "uint",
            Cel::Double(_) => "double",
            Cel::Text(_) | Cel::Claim(_) => "string",
            Cel::Bytes(_) => "bytes",
            Cel::List(_) | Cel::Structured(_) => "list",
            Cel::Map(_) | Cel::Request(_) | Cel::Folded(_) => "map",
            Cel::Time(..) => "google.protobuf.Timestamp",
            Cel::Duration(..) => "google.protobuf.Duration",
            Cel::Type(_) => "type",
            Cel::Optional(_) => "optional_type",
            Cel::Ip(_) => "net.IP",
            Cel::Cidr(_) => "net.CIDR",
        }
    }

    /// The cells of a map's keys and values.
    pub(super) fn entries(self) -> Option<Run> {
        match self {
            Cel::Map(run) | Cel::Request(run) | Cel::Folded(run) => Some(run),
            _ => None,
        }
    }

    pub(super) fn is_number(self) -> bool {
        matches!(self, Cel::Int(_) | Cel::Uint(_) | Cel::Double(_))
    }
}

/// Why an expression has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fail {
    /// A request decides.
    Request,
    /// It fails; why.
    Error(&'static str),
}

/// A value, or why there is none.
pub type Found = Result<Cel, Fail>;

/// It fails.
pub(super) fn error<T>(why: &'static str) -> Result<T, Fail> {
    Err(Fail::Error(why))
}

/// No function or operator takes these values.
pub(super) fn no_overload<T>() -> Result<T, Fail> {
    error("it does not take these values")
}
