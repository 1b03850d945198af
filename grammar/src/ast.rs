//! The syntax tree of gate: three generic shapes (set, map, say), values, and islands
//! of other languages kept verbatim.
//!
//! A node holds its number ([`Ix`]) and nothing else about places; [`Tree::origins`]
//! says where each stands. Importers build the same tree that a person's text would
//! have given, so nothing after this module knows where a program came from.

use crate::source::{FileId, NodeId, Origins, Span};

/// A node's number in its tree.
pub type Ix = u32;

/// One source, parsed or imported.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    /// The main source.
    pub file: FileId,
    /// The items, in document order.
    pub items: Vec<Item>,
    /// Where each node stands.
    pub origins: Origins,
    /// Comments and blank lines.
    pub trivia: Trivia,
}

impl Tree {
    /// The node with number `ix`, as the rest of the house refers to it.
    pub fn node(&self, ix: Ix) -> NodeId {
        NodeId {
            file: self.file,
            index: ix,
        }
    }

    /// The first place of a node; the start of the file for a number that is not of this tree.
    pub fn span(&self, ix: Ix) -> Span {
        self.origins.span(ix).unwrap_or(Span {
            file: self.file,
            start: 0,
            end: 0,
        })
    }
}

/// What the formatter needs beside the tree. Everything is attached to an item or to
/// the end of a block, so that moving or deleting an item moves its comments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trivia {
    /// Comments on lines of their own before a node (an item, a list element, an object
    /// member), without `#`, and blank lines between them as `None`.
    pub before: Vec<(Ix, Vec<Option<String>>)>,
    /// A comment at the end of a node's line, without `#`.
    pub after: Vec<(Ix, String)>,
    /// Comments before the closing bracket of a node (block, list, object), or, under
    /// [`Ix::MAX`], at the end of the file.
    pub closing: Vec<(Ix, Vec<Option<String>>)>,
    /// Nodes with brackets (block, list, object, call) that stood over several lines, so
    /// that the printer leaves them so. In rising order, as the other lists.
    pub multiline: Vec<Ix>,
}

/// `name: value`, `target = source`, `word operand… { … }`, or `if { … } { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The whole item.
    pub id: Ix,
    /// The `///` lines before it, without the slashes and the blank after them.
    pub docs: Vec<String>,
    /// What it says.
    pub kind: ItemKind,
}

/// The shapes of an item.
#[derive(Clone, Debug, PartialEq)]
pub enum ItemKind {
    /// `place: value`, `place = source`, `place += source`.
    Entry(Entry),
    /// `word operand… [: type] [= operand…] [when|unless { CEL }] [{ … }]`.
    Sentence(Sentence),
    /// `if { CEL } { … } else { … }`, over parameters only, decided at build.
    Choice(Choice),
    /// An item that could not be read; its error is in the parser's list. Its block, if
    /// it had one, was read by itself.
    Broken(Option<Block>),
}

/// `place: value`, optionally with a default; `place = source`; `place += source`.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The left side.
    pub place: Place,
    /// Which sign.
    pub op: Op,
    /// The right side.
    pub value: Value,
    /// `alias: String = "live"`: what stands after a second sign.
    pub default: Option<Value>,
}

/// The sign of an [`Entry`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// `:` declares or sets.
    Set,
    /// `=` maps (and `= none` removes).
    Map,
    /// `+=` appends.
    Append,
}

/// A word, its operands, and what hangs on them.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentence {
    /// The word, usually a plain name: `throttle`, `GET`, `rest`.
    pub word: Place,
    /// What stands after it on the line, names and values alike: `50/s burst 100`.
    pub operands: Vec<Value>,
    /// `param backend: Url`: one value after a colon.
    pub annotation: Option<Value>,
    /// `authorizer A = cognito`, `param p: Url = "…"`: what stands after `=`.
    pub equals: Option<Vec<Value>>,
    /// `when { CEL }` or `unless { CEL }`.
    pub guard: Option<Guard>,
    /// `{ … }`.
    pub block: Option<Block>,
}

/// A condition on a sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Guard {
    /// `when` (true) or `unless` (false).
    pub when: bool,
    /// The condition.
    pub cel: Island,
}

/// Alternatives decided at build.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Over `param.*` only.
    pub condition: Island,
    /// If it holds.
    pub then: Block,
    /// If not.
    pub otherwise: Option<Block>,
}

/// `{ item… }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// From brace to brace.
    pub id: Ix,
    /// The items.
    pub items: Vec<Item>,
}

/// Verbatim text of another language between brackets: CEL. The node's place is the
/// text itself, without the brackets, byte for byte.
#[derive(Clone, Debug, PartialEq)]
pub struct Island {
    /// The text's place.
    pub id: Ix,
    /// The text, without blanks at its ends.
    pub text: String,
}

/// A value, perhaps with `?` behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// The value's place, the `?` included.
    pub id: Ix,
    /// `String?`: may be absent.
    pub optional: bool,
    /// What it is.
    pub kind: ValueKind,
}

/// The kinds of value.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueKind {
    /// `"…"`, `"""…"""`.
    Text(Text),
    /// `vtl"…"`, `r"…"`, `fmt"…"`.
    Tagged(Name, Text),
    /// `60s`, `0.5GB`, `50/s`, `10%`, `200`, `-1.5`, `2_000/5min`.
    Quantity(Quantity),
    /// `2026-11`, `2026-11-23`.
    Date(String),
    /// `/orders/{id}`, `/admin/*`. Only what [`crate::is_path`] accepts can be written so;
    /// anything else is printed as a string.
    Path(String),
    /// `regional`, `path.id`, `context.authorizer.claims["custom:x"]`, `true`.
    Place(Place),
    /// `schema(file("x"))`, `Shopper(scopes: ["a"])`.
    Call(Call),
    /// `1..100`, `1..`, `..100`.
    Range(Option<Box<Quantity>>, Option<Box<Quantity>>),
    /// `[a, b]`.
    List(Vec<Value>),
    /// `[Line](min: 1)`: a list with arguments.
    ListCall(Vec<Value>, Vec<Arg>),
    /// `{ ok: true, id }`.
    Object(Vec<Field>),
    /// `"lines" | "all"`.
    Union(Vec<Value>),
    /// `*`.
    Star,
}

/// A string and its holes, in pieces from the first day.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// The string's place, the quotes included.
    pub id: Ix,
    /// The pieces, escapes resolved; no two literals in a row; empty for `""`.
    pub pieces: Vec<Piece>,
    /// How it was or should be written.
    pub form: TextForm,
}

/// How a string is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum TextForm {
    /// `"…"` with escapes (`r"…"`, `vtl"…"`: without, save `\"`-free content).
    #[default]
    Quoted,
    /// `"""` or `""""`, with its number of quotes.
    Fence(u8),
}

/// A piece of a [`Text`].
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Text as it stands (`@@{` is `@{` here).
    Literal(String),
    /// `@{place}`.
    Hole(Place),
}

impl Text {
    /// The text, if it has no hole.
    pub fn literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }
}

/// A number with what is written around it. The text is kept: what a unit means, and
/// whether the number fits, is for the place that reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// The number without `_`: `-1.5`, `2000`.
    pub number: String,
    /// `s`, `ms`, `GB`, `%`, or empty.
    pub unit: String,
    /// `/s`, `/5min`: the number (often empty) and the unit after the slash.
    pub per: Option<(String, String)>,
}

/// `name.name[0]["x"]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The place's place.
    pub id: Ix,
    /// At least one step; the first is a name.
    pub steps: Vec<Step>,
}

impl Place {
    /// The name, if the place is one name alone.
    pub fn name(&self) -> Option<&str> {
        match self.steps.as_slice() {
            [Step::Name(name)] => Some(&name.text),
            _ => None,
        }
    }

    /// The first name.
    pub fn head(&self) -> &str {
        match self.steps.first() {
            Some(Step::Name(name)) => &name.text,
            _ => "",
        }
    }
}

/// A step of a [`Place`].
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// `name` or `` `any thing` ``, after a dot save for the first.
    Name(Name),
    /// `.0` or `[0]`.
    Index(u32),
    /// `["x"]`.
    Key(Text),
}

/// A name; whether it had backticks is not kept, the printer adds them where needed.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// The name's place.
    pub id: Ix,
    /// The name, without backticks.
    pub text: String,
}

/// `place(name: value, value)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// What is called.
    pub place: Place,
    /// The arguments, perhaps named.
    pub args: Vec<Arg>,
}

/// An argument of a [`Call`].
#[derive(Clone, Debug, PartialEq)]
pub struct Arg {
    /// Its name, if it has one.
    pub name: Option<Name>,
    /// Its value.
    pub value: Value,
}

/// A member of an object; without a value, the name stands for itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The member's place.
    pub id: Ix,
    /// The key: a name or a string.
    pub key: Key,
    /// The value.
    pub value: Option<Value>,
}

/// The key of a [`Field`].
#[derive(Clone, Debug, PartialEq)]
pub enum Key {
    /// `ok`.
    Name(Name),
    /// `"a b"`.
    Text(Text),
}
