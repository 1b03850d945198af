//! The syntax tree of a mapping template.

/// A half-open byte range of the template's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct VtlSpan {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl VtlSpan {
    /// The range `start..end`.
    pub fn new(start: u32, end: u32) -> Self {
        VtlSpan { start, end }
    }

    /// The smallest range that holds both.
    pub fn to(self, other: VtlSpan) -> VtlSpan {
        VtlSpan {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

/// A whole template.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Template {
    /// What it renders, in order.
    pub block: Block,
}

/// A run of nodes: a template, the body of a directive, or the inside of a `"…"` string.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Block {
    /// In document order; two [`Node::Text`]s never stand side by side.
    pub nodes: Vec<Node>,
}

/// One thing that renders or acts. Comments are gone, and so are the newlines that
/// directives eat: what is text here is printed as it stands.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Node {
    /// Text, printed as it is.
    Text {
        /// The text.
        text: String,
        /// Where it stands.
        span: VtlSpan,
    },
    /// A reference that prints its value.
    Print {
        /// What `\` before it leave: printed first, half as many as were written.
        before: String,
        /// An odd number of `\`: the source text is printed in place of the value. The
        /// reference is evaluated all the same, since a method may change a list.
        escaped: bool,
        /// The reference.
        reference: Reference,
        /// The reference as written, which an escaped one prints.
        source: String,
        /// Where it stands, escapes included.
        span: VtlSpan,
    },
    /// `#set(target = value)`.
    Set {
        /// The variable, member or item to change. A variable alone that is written `${x}` or `$!x` is not set.
        target: Reference,
        /// What it is set to.
        value: Expr,
        /// The directive.
        span: VtlSpan,
    },
    /// `#if … #elseif … #else … #end`.
    If {
        /// Conditions and bodies in order; the first true one runs.
        arms: Vec<(Expr, Block)>,
        /// The body of `#else`.
        otherwise: Option<Block>,
        /// The whole.
        span: VtlSpan,
    },
    /// `#foreach($item in items) … #end`.
    Foreach {
        /// The loop variable: the root of a reference, whose path Velocity ignores.
        item: Name,
        /// What is walked.
        items: Expr,
        /// The body.
        body: Block,
        /// The whole.
        span: VtlSpan,
    },
    /// `#define($name) … #end`: a body rendered wherever the variable is printed.
    Define {
        /// The variable.
        name: Name,
        /// The body.
        body: Block,
        /// The whole.
        span: VtlSpan,
    },
    /// `#break`: out of the innermost loop, block or string; out of the template, outside any.
    Break {
        /// `#break($foreach)`: the scope that is left.
        scope: Option<Reference>,
        /// The directive.
        span: VtlSpan,
    },
    /// `#stop`: the end of the rendering.
    Stop {
        /// The directive.
        span: VtlSpan,
    },
}

/// A name as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Where it stands.
    pub span: VtlSpan,
}

/// `$name`, `${name}`, `$!name` and what is reached from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Written `$!`.
    pub quiet: bool,
    /// Written `${…}`.
    pub formal: bool,
    /// The variable; empty for `${$x}`, which refers to nothing.
    pub name: Name,
    /// Properties, methods and indexes, from left to right.
    pub path: Vec<Access>,
    /// From `$` to the end.
    pub span: VtlSpan,
}

/// One step from a value to another.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Access {
    /// `.name`.
    Property(Name),
    /// `.name(arguments)`.
    Method {
        /// The method.
        name: Name,
        /// Its arguments: values, never with operators.
        arguments: Vec<Expr>,
        /// From the dot to the parenthesis.
        span: VtlSpan,
    },
    /// `[index]`.
    Index {
        /// A text, a whole number, a truth value or a reference.
        index: Box<Expr>,
        /// With its brackets.
        span: VtlSpan,
    },
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: VtlSpan,
}

/// The kinds of expressions.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ExprKind {
    /// A bare word as an argument of a method, such as `null`: Velocity takes any for null.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A whole number as written, of any size.
    Integer(String),
    /// A number with a point or an exponent, as written.
    Decimal(String),
    /// `'…'`, or `"…"` without `$` and `#`: doubled quotes made single, `\uXXXX` of a `"…"` decoded.
    Text(String),
    /// `"…"` with `$` or `#`: a template of its own.
    Interpolated(Block),
    /// A reference.
    Reference(Reference),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `[from..to]`, both included, descending where `from` is larger.
    Range(Box<Expr>, Box<Expr>),
    /// `{key: value}`, in order.
    Map(Vec<(Expr, Expr)>),
    /// `!a`.
    Not(Box<Expr>),
    /// `a operator b`.
    Binary(Operator, Box<Expr>, Box<Expr>),
}

/// What joins two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operator {
    /// `||`, `or`.
    Or,
    /// `&&`, `and`.
    And,
    /// `==`, `eq`.
    Equal,
    /// `!=`, `ne`.
    NotEqual,
    /// `<`, `lt`.
    Less,
    /// `<=`, `le`.
    LessOrEqual,
    /// `>`, `gt`.
    Greater,
    /// `>=`, `ge`.
    GreaterOrEqual,
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `%`.
    Remainder,
}

impl Operator {
    /// How tightly it binds: 1 (`||`) to 6 (`*`). All join from the left.
    pub fn precedence(self) -> u8 {
        match self {
            Operator::Or => 1,
            Operator::And => 2,
            Operator::Equal | Operator::NotEqual => 3,
            Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual => 4,
            Operator::Add | Operator::Subtract => 5,
            Operator::Multiply | Operator::Divide | Operator::Remainder => 6,
        }
    }
}
