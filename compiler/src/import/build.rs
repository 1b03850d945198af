//! Small words for building the tree: every node gets its number before its content does.

use tollgate_grammar::Span;
use tollgate_grammar::ast::{
    Arg, Block, Call, Entry, Item, ItemKind, Ix, Name, Op, Place, Quantity, Sentence, Step, Text,
    TextForm, Value, ValueKind,
};

use super::openapi::Import;
use super::text::Holes;
use crate::document::write::Part;
use crate::document::{Cursor, Kind};

/// One step of a place, before it has a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// `.name`
    Name(String),
    /// `[0]`
    Index(u32),
    /// `["key"]`
    Key(String),
}

/// `header.X` and its like.
pub(super) fn at(names: &[&str]) -> Vec<At> {
    names
        .iter()
        .map(|name| At::Name((*name).to_owned()))
        .collect()
}

impl Import<'_> {
    /// A new node's number.
    pub(super) fn node(&mut self, span: Span) -> Ix {
        self.origins.push(span)
    }

    fn name(&mut self, span: Span, text: impl Into<String>) -> Name {
        Name {
            id: self.node(span),
            text: text.into(),
        }
    }

    fn place(&mut self, span: Span, steps: &[At]) -> Place {
        let id = self.node(span);
        let steps = steps.iter().map(|step| match step {
            At::Name(name) => Step::Name(self.name(span, name)),
            At::Index(index) => Step::Index(*index),
            At::Key(key) => Step::Key(self.text_of(span, vec![Part::Literal(key.clone())])),
        });
        Place {
            id,
            steps: steps.collect(),
        }
    }

    /// A value that is a place.
    pub(super) fn place_value(&mut self, span: Span, steps: &[At]) -> Value {
        let id = self.node(span);
        Value {
            id,
            optional: false,
            kind: ValueKind::Place(self.place(span, steps)),
        }
    }

    /// A value that is one name.
    pub(super) fn word(&mut self, span: Span, name: &str) -> Value {
        self.place_value(span, &at(&[name]))
    }

    /// `String`, or `String?`.
    pub(super) fn string_type(&mut self, span: Span, optional: bool) -> Value {
        Value {
            optional,
            ..self.word(span, "String")
        }
    }

    /// Text without holes.
    pub(super) fn literal(&mut self, span: Span, text: &str) -> Value {
        self.text_from(span, vec![Part::Literal(text.to_owned())])
    }

    /// A number with a unit.
    pub(super) fn quantity(&mut self, span: Span, number: impl ToString, unit: &str) -> Value {
        let quantity = Quantity {
            number: number.to_string(),
            unit: unit.into(),
            per: None,
        };
        Value {
            id: self.node(span),
            optional: false,
            kind: ValueKind::Quantity(quantity),
        }
    }

    /// A duration in the largest of the units `min`, `s`, `ms` that divides it.
    pub(super) fn duration(&mut self, span: Span, milliseconds: u64) -> Value {
        if milliseconds > 0 && milliseconds.is_multiple_of(60_000) {
            self.quantity(span, milliseconds / 60_000, "min")
        } else if milliseconds.is_multiple_of(1_000) {
            self.quantity(span, milliseconds / 1_000, "s")
        } else {
            self.quantity(span, milliseconds, "ms")
        }
    }

    /// `[a, b]`.
    pub(super) fn list(
        &mut self,
        span: Span,
        fill: impl FnOnce(&mut Self, &mut Vec<Value>),
    ) -> Value {
        let id = self.node(span);
        let mut values = Vec::new();
        fill(self, &mut values);
        Value {
            id,
            optional: false,
            kind: ValueKind::List(values),
        }
    }

    /// A list of the texts of a sequence, or of one scalar; anything else in it is left out.
    pub(super) fn text_list(&mut self, cursor: Cursor<'_>, holes: Holes) -> Value {
        let span = cursor.node().span();
        self.list(span, |this, values| {
            if cursor.kind() == Kind::Sequence {
                for element in cursor.elements() {
                    values.extend(this.text_value(element, holes));
                }
            } else {
                values.extend(this.text_value(cursor, holes));
            }
        })
    }

    /// `place(name: value, value)`.
    pub(super) fn call(
        &mut self,
        span: Span,
        steps: &[At],
        fill: impl FnOnce(&mut Self, &mut Vec<Arg>),
    ) -> Value {
        let id = self.node(span);
        let place = self.place(span, steps);
        let mut args = Vec::new();
        fill(self, &mut args);
        Value {
            id,
            optional: false,
            kind: ValueKind::Call(Call { place, args }),
        }
    }

    /// `name: value` of a [`Import::call`].
    pub(super) fn arg(
        &mut self,
        span: Span,
        name: &str,
        value: impl FnOnce(&mut Self) -> Value,
    ) -> Arg {
        let name = Some(self.name(span, name));
        Arg {
            name,
            value: value(self),
        }
    }

    /// `place: value`, `place = value`.
    pub(super) fn entry(
        &mut self,
        span: Span,
        place: &[At],
        op: Op,
        value: impl FnOnce(&mut Self) -> Value,
    ) -> Item {
        let id = self.node(span);
        let place = self.place(span, place);
        let value = value(self);
        Item {
            id,
            docs: Vec::new(),
            kind: ItemKind::Entry(Entry {
                place,
                op,
                value,
                default: None,
            }),
        }
    }

    /// `name: value`.
    pub(super) fn set(
        &mut self,
        span: Span,
        name: &str,
        value: impl FnOnce(&mut Self) -> Value,
    ) -> Item {
        self.entry(span, &at(&[name]), Op::Set, value)
    }

    /// A word and what `fill` hangs on it.
    pub(super) fn say(
        &mut self,
        span: Span,
        word: &str,
        fill: impl FnOnce(&mut Self, &mut Sentence),
    ) -> Item {
        let id = self.node(span);
        let word = self.place(span, &at(&[word]));
        let mut sentence = Sentence {
            word,
            operands: Vec::new(),
            annotation: None,
            equals: None,
            guard: None,
            block: None,
        };
        fill(self, &mut sentence);
        Item {
            id,
            docs: Vec::new(),
            kind: ItemKind::Sentence(sentence),
        }
    }

    /// `{ … }`.
    pub(super) fn block(
        &mut self,
        span: Span,
        fill: impl FnOnce(&mut Self, &mut Vec<Item>),
    ) -> Block {
        let id = self.node(span);
        let mut items = Vec::new();
        fill(self, &mut items);
        Block { id, items }
    }

    /// `{ … }`, or nothing if nothing would stand in it.
    pub(super) fn block_if_any(
        &mut self,
        span: Span,
        fill: impl FnOnce(&mut Self, &mut Vec<Item>),
    ) -> Option<Block> {
        let block = self.block(span, fill);
        (!block.items.is_empty()).then_some(block)
    }

    /// A path, or text where it is none that gate can write bare.
    pub(super) fn path_value(&mut self, span: Span, path: &str) -> Value {
        if !tollgate_grammar::is_path(path) {
            return self.literal(span, path);
        }
        Value {
            id: self.node(span),
            optional: false,
            kind: ValueKind::Path(path.to_owned()),
        }
    }

    /// A member of an object value.
    pub(super) fn field(
        &mut self,
        span: Span,
        key: &str,
        value: impl FnOnce(&mut Self) -> Value,
    ) -> tollgate_grammar::ast::Field {
        use tollgate_grammar::ast::{Field, Key};
        let id = self.node(span);
        let key = if is_plain_name(key) {
            Key::Name(self.name(span, key))
        } else {
            let literal = tollgate_grammar::ast::Piece::Literal(key.to_owned());
            Key::Text(Text {
                id: self.node(span),
                pieces: vec![literal],
                form: TextForm::Quoted,
            })
        };
        Field {
            id,
            key,
            value: Some(value(self)),
        }
    }
}

/// Whether a text is a name that needs no backticks.
pub(super) fn is_plain_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || matches!(first, b'$' | b'_'))
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// The lines of a description as `///` lines.
pub(super) fn docs(texts: &[Option<&str>]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for text in texts
        .iter()
        .flatten()
        .map(|text| text.trim())
        .filter(|text| !text.is_empty())
    {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(text.lines().map(|line| line.trim_end().to_owned()));
    }
    lines
}
