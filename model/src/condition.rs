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
    /// CEL, type-checked, and where its text stands.
    Cel(Expr, NodeId),
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
    /// A type as a value: `int`, `google.protobuf.Timestamp`.
    TypeName(String),
    /// `[a, b]`; an element may be [`ExprKind::Maybe`].
    List(Vec<Expr>),
    /// `{"a": b}`; a value may be [`ExprKind::Maybe`].
    Map(Vec<(Expr, Expr)>),
    /// `?a` in a list, `{?"k": a}` in a map: an optional, whose value is there if it has one.
    Maybe(Box<Expr>),
    /// A field of the request schema that is always named so: `source.ip`,
    /// `request.method`, `stage.name`, `now`.
    Field(String),
    /// A local variable of a macro (`all`, `exists`, `cel.bind`, …).
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
    /// `range.all(x, p)` and its like.
    Comprehension(Box<Comprehension>),
    /// `cel.bind(name, value, body)`; a value that fails does so where it is used.
    Let(String, Box<Expr>, Box<Expr>),
}

/// A macro over the elements of a list, the keys of a map, or the value of an optional.
#[derive(Clone, Debug, PartialEq)]
pub struct Comprehension {
    /// The macro.
    pub which: Macro,
    /// What is walked.
    pub range: Expr,
    /// What each element is called, or each key.
    pub variable: String,
    /// With a second name the first is the index or key, this one the element or value.
    pub second: Option<String>,
    /// What must hold for an element to be taken: `range.map(x, p, e)`.
    pub filter: Option<Expr>,
    /// What is asked or made of each.
    pub body: Expr,
}

/// CEL's macros over ranges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // each is CEL's macro of that name
pub enum Macro {
    All,
    Exists,
    ExistsOne,
    Filter,
    /// `map`, and `transformList` with two names.
    Map,
    /// The keys stay, the values are made.
    TransformMap,
    /// Each makes a map, all of which are joined.
    TransformMapEntry,
    /// The value of an optional becomes another.
    OptMap,
    /// The value of an optional becomes another optional.
    OptFlatMap,
}

impl Expr {
    /// Calls a function with each expression that this one is made of.
    pub fn parts<'e>(&'e self, mut each: impl FnMut(&'e Expr)) {
        match &self.kind {
            ExprKind::List(parts) | ExprKind::Call(_, parts) => parts.iter().for_each(each),
            ExprKind::Map(entries) => entries.iter().for_each(|(key, value)| {
                each(key);
                each(value);
            }),
            ExprKind::Member(part, _) | ExprKind::Has(part, _) | ExprKind::Maybe(part) => {
                each(part);
            }
            ExprKind::Index(left, right) | ExprKind::Let(_, left, right) => {
                each(left);
                each(right);
            }
            ExprKind::Comprehension(walk) => {
                each(&walk.range);
                walk.filter.iter().for_each(&mut each);
                each(&walk.body);
            }
            ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Uint(_)
            | ExprKind::Double(_)
            | ExprKind::Text(_)
            | ExprKind::Bytes(_)
            | ExprKind::TypeName(_)
            | ExprKind::Field(_)
            | ExprKind::Local(_) => {}
        }
    }
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
    /// A type as a value.
    TypeName,
    /// An IP address.
    Ip,
    /// CIDR ranges.
    Cidrs,
    /// A moment.
    Time,
    /// A length of time.
    Duration,
    /// A list.
    List(Box<Type>),
    /// A map with text keys that a request holds: what is absent is `null`.
    Map(Box<Type>),
    /// A map that is written out, from this type to that one: what is absent is an error.
    Entries(Box<Type>, Box<Type>),
    /// This type or `null` (an absent key).
    Optional(Box<Type>),
    /// CEL's optional: a value of this type, or none.
    Maybe(Box<Type>),
    /// Known only at run time (claims, `dyn`).
    Dynamic,
}
