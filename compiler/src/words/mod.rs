//! The table of words: what may stand where, in which form, and what it means.
//!
//! The grammar knows no words. Everything that asks "what may be said here" asks this
//! table: the checker (which matches the enum of a context, so that a word cannot be in
//! the table without a meaning), "did you mean", "not supported yet", and the reference
//! `docs/language.md`, which is printed from it.

mod reference;
mod table;

use tollgate_grammar::ast::{Item, ItemKind, Op};
use tollgate_model::api::ApiKind;

pub use reference::reference_page;

/// All contexts, in the order of the reference.
pub fn contexts() -> &'static [&'static Context] {
    table::CONTEXTS
}

pub(crate) use table::*;

/// The forms that a word can take: an or of [`SET`], [`MAP`] and [`SAY`].
pub(crate) type Shapes = u8;
/// `word: value`.
pub(crate) const SET: Shapes = 1;
/// `word = value`, `word += value`.
pub(crate) const MAP: Shapes = 2;
/// `word operand… { … }`.
pub(crate) const SAY: Shapes = 4;

/// How far a word is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It means what its documentation says.
    Supported,
    /// It is part of the language and refused for now.
    NotYet,
}

/// What a word is worth in one kind of API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// It means what its documentation says.
    Now,
    /// It is to come.
    Later,
    /// The kind has nothing like it.
    Never,
}

/// One word of a context.
#[derive(Debug)]
pub struct Word {
    pub(crate) names: &'static [&'static str],
    pub(crate) shapes: Shapes,
    pub(crate) many: bool,
    rest: Reach,
    http: Reach,
    pub(crate) form: &'static str,
    pub(crate) example: &'static str,
    pub(crate) block: Option<&'static Context>,
    pub(crate) docs: &'static [&'static str],
}

impl Word {
    /// Its spellings; more than one for verbs.
    pub fn names(&self) -> &'static [&'static str] {
        self.names
    }

    /// Its form: `throttle RATE burst COUNT`.
    pub fn form(&self) -> &'static str {
        self.form
    }

    /// An example that compiles in its context; empty for words that are not supported yet.
    pub fn example(&self) -> &'static str {
        self.example
    }

    /// Whether it is carried out in some kind of API.
    pub fn status(&self) -> Status {
        match (self.rest, self.http) {
            (Reach::Now, _) | (_, Reach::Now) => Status::Supported,
            _ => Status::NotYet,
        }
    }

    /// What it is worth in an API of this kind.
    pub(crate) fn reach(&self, kind: ApiKind) -> Reach {
        match kind {
            ApiKind::Rest => self.rest,
            ApiKind::Http => self.http,
            ApiKind::WebSocket => Reach::Later,
        }
    }

    /// Whether it may stand more than once.
    pub fn many(&self) -> bool {
        self.many
    }

    /// The words of its block.
    pub fn block(&self) -> Option<&'static Context> {
        self.block
    }

    /// What it means.
    pub fn doc(&self) -> String {
        let lines: Vec<&str> = self.docs.iter().map(|line| line.trim()).collect();
        lines.join(" ")
    }
}

/// A place where words stand.
#[derive(Debug)]
pub struct Context {
    pub(crate) title: &'static str,
    pub(crate) docs: &'static [&'static str],
    pub(crate) words: &'static [Word],
}

impl Context {
    /// Where one is: "a route".
    pub fn title(&self) -> &'static str {
        self.title
    }

    /// The words, in the order of the reference.
    pub fn words(&self) -> &'static [Word] {
        self.words
    }

    /// What the place is.
    pub fn doc(&self) -> String {
        let lines: Vec<&str> = self.docs.iter().map(|line| line.trim()).collect();
        lines.join(" ")
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.words
            .iter()
            .flat_map(|word| word.names.iter().copied())
    }
}

/// The words of one context as an enum.
pub(crate) trait Vocabulary: Copy + PartialEq + 'static {
    const CONTEXT: &'static Context;

    /// The word spelled so.
    fn find(name: &str) -> Option<Self>;

    /// Its row of the table.
    fn word(self) -> &'static Word;
}

/// The word that an item starts with; empty for an item that is none.
pub(crate) fn head(item: &Item) -> &str {
    match &item.kind {
        ItemKind::Entry(entry) => entry.place.head(),
        ItemKind::Sentence(sentence) => sentence.word.head(),
        ItemKind::Choice(_) | ItemKind::Broken(_) => "",
    }
}

/// The form that an item has.
pub(crate) fn shape(item: &Item) -> Shapes {
    match &item.kind {
        ItemKind::Entry(entry) if entry.op == Op::Set => SET,
        ItemKind::Entry(_) => MAP,
        _ => SAY,
    }
}

macro_rules! words {
    ($(
        $(#[doc = $context_doc:literal])+
        $enum:ident $context:ident $title:literal {
            $(
                $(#[doc = $doc:literal])+
                $variant:ident [$($name:literal),+] $shape:expr, $many:ident, $status:ident,
                $form:literal, $example:literal $(=> $block:ident)?;
            )+
        }
    )+) => {$(
        $(#[doc = $context_doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $enum { $($variant),+ }

        $(#[doc = $context_doc])+
        pub static $context: Context = Context {
            title: $title,
            docs: &[$($context_doc),+],
            words: &[$(Word {
                names: &[$($name),+],
                shapes: $shape,
                many: many!($many),
                rest: rest!($status),
                http: http!($status),
                form: $form,
                example: $example,
                block: block!($($block)?),
                docs: &[$($doc),+],
            }),+],
        };

        impl Vocabulary for $enum {
            const CONTEXT: &'static Context = &$context;

            fn find(name: &str) -> Option<Self> {
                match name {
                    $($($name)|+ => Some($enum::$variant),)+
                    _ => None,
                }
            }

            fn word(self) -> &'static Word {
                &$context.words[self as usize]
            }
        }
    )+};
}
macro_rules! many {
    (once) => {
        false
    };
    (many) => {
        true
    };
}
// The column that says where a word stands: `now` in every kind of API, `later` in none yet, `rest` and `http` in
// that kind alone, `soon` in REST APIs and to come in HTTP APIs.
macro_rules! rest {
    (later) => {
        Reach::Later
    };
    (http) => {
        Reach::Never
    };
    ($now:ident) => {
        Reach::Now
    };
}
macro_rules! http {
    (later) => {
        Reach::Later
    };
    (soon) => {
        Reach::Later
    };
    (rest) => {
        Reach::Never
    };
    ($now:ident) => {
        Reach::Now
    };
}
macro_rules! block {
    () => {
        None
    };
    ($context:ident) => {
        Some(&$context)
    };
}
pub(crate) use {block, http, many, rest, words};
