//! Conditions, in the two languages in which people write them. Both give one of three
//! values: true, false, error.

use crate::NodeId;

/// A condition of a statement or rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Condition {
    /// Always.
    #[default]
    Always,
    /// IAM's: all clauses must hold.
    Iam(Vec<Clause>),
    /// CEL, type-checked.
    Cel(Expr),
    /// The negation: `unless`.
    Not(Box<Condition>),
    /// All of these.
    All(Vec<Condition>),
}

/// One operator over one key: `"IpAddress": { "aws:SourceIp": [ … ] }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// `ForAllValues:`, `ForAnyValue:`, or neither.
    pub quantifier: Option<Quantifier>,
    /// The operator.
    pub operator: Operator,
    /// `…IfExists`: an absent key makes the clause true.
    pub if_exists: bool,
    /// The key, as written: `aws:SourceIp`. Compared without regard to case.
    pub key: String,
    /// The values as written; any of them (none of them, for negated operators).
    pub values: Vec<String>,
    /// Where it is declared.
    pub node: NodeId,
}

/// How a key with several values is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// Every value of the request fits one of the policy's; true for an absent key.
    ForAllValues,
    /// Some value of the request fits one of the policy's.
    ForAnyValue,
}

/// IAM's condition operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // each is IAM's operator of that name
pub enum Operator {
    StringEquals,
    StringNotEquals,
    StringEqualsIgnoreCase,
    StringNotEqualsIgnoreCase,
    StringLike,
    StringNotLike,
    NumericEquals,
    NumericNotEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateNotEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Bool,
    BinaryEquals,
    IpAddress,
    NotIpAddress,
    ArnEquals,
    ArnLike,
    ArnNotEquals,
    ArnNotLike,
    Null,
}

/// A CEL expression, names resolved against the request schema.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its type.
    pub ty: Type,
    /// First byte and one past the last, in the island's text.
    pub at: (u32, u32),
}

/// The forms of a CEL expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `null`.
    Null,
    /// `true`.
    Bool(bool),
    /// `3`.
    Int(i64),
    /// `3u`.
    Uint(u64),
    /// `1.5`.
    Double(f64),
    /// `"x"`.
    Text(String),
    /// `b"x"`.
    Bytes(Vec<u8>),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `{"a": b}`.
    Map(Vec<(Expr, Expr)>),
    /// A field of the request schema that is always named so: `source.ip`,
    /// `request.method`, `stage.name`, `now`.
    Field(String),
    /// A local variable of a macro (`all`, `exists`, …).
    Local(String),
    /// `a.b` or `a["b"]` on a map value.
    Member(Box<Expr>, String),
    /// `a[i]`.
    Index(Box<Expr>, Box<Expr>),
    /// `has(a.b)`.
    Has(Box<Expr>, String),
    /// An operator or a function, with its receiver first if it has one: `&&`, `==`,
    /// `in`, `!`, `?:`, `startsWith`, `cidr`.
    Call(String, Vec<Expr>),
    /// `range.all(x, p)` and its like: the macro, the range, the variable, the body.
    Comprehension(Macro, Box<Expr>, String, Box<Expr>),
}

/// CEL's macros over ranges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // each is CEL's macro of that name
pub enum Macro {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}

/// The types of CEL values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `null` alone.
    Null,
    /// A truth value.
    Bool,
    /// A signed number.
    Int,
    /// An unsigned number.
    Uint,
    /// A floating-point number.
    Double,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
    /// An IP address.
    Ip,
    /// A list of CIDR ranges.
    Cidrs,
    /// A moment.
    Time,
    /// A length of time.
    Duration,
    /// A list.
    List(Box<Type>),
    /// A map with text keys.
    Map(Box<Type>),
    /// This type or `null` (an absent key).
    Optional(Box<Type>),
    /// Known only at run time (claims).
    Dynamic,
}
