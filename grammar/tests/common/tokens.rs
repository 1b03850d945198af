//! The tokens of a program, taken from the places of its tree's nodes.

use tollgate_grammar::ast::{Tree, ValueKind};
use tollgate_grammar::{FileId, parse};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Comment,
    Doc,
    Text,
    Number,
    Date,
    Path,
    Name,
    Condition,
    Sign,
}

/// A token: where it is, and what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub start: usize,
    pub end: usize,
    pub kind: Kind,
}

/// The tokens of a sound text, in order, taken from the places of its tree's nodes.
pub fn tokens(text: &str) -> Vec<Token> {
    let parsed = parse(FileId(0), text);
    let mut leaves = leaves(text, &parsed.tree);
    leaves.sort_by_key(|token| (token.start, std::cmp::Reverse(token.end)));
    let mut tokens = Vec::new();
    let mut leaves = leaves.into_iter().peekable();
    let mut at = 0;
    while at < text.len() {
        while leaves.next_if(|leaf| leaf.start < at).is_some() {}
        if let Some(leaf) = leaves.next_if(|leaf| leaf.start == at && leaf.end > at) {
            tokens.push(leaf);
            at = leaf.end;
            continue;
        }
        let rest = &text[at..];
        let line = rest.find('\n').unwrap_or(rest.len());
        let c = rest.chars().next().expect("a character is left");
        let (length, kind) = if c.is_whitespace() {
            (c.len_utf8(), None)
        } else if rest.starts_with("///") {
            (line, Some(Kind::Doc))
        } else if c == '#' {
            (line, Some(Kind::Comment))
        } else if c.is_alphabetic() {
            // `when`, `unless`, `if`, `else`, and the tag of a string
            let word = |c: char| c.is_alphanumeric();
            (
                rest.find(|c| !word(c)).unwrap_or(rest.len()),
                Some(Kind::Name),
            )
        } else {
            (c.len_utf8(), Some(Kind::Sign))
        };
        tokens.extend(kind.map(|kind| Token {
            start: at,
            end: at + length,
            kind,
        }));
        at += length;
    }
    tokens
}

fn leaves(text: &str, tree: &Tree) -> Vec<Token> {
    let mut found = Vec::new();
    let mut push = |id: u32, kind: Kind| {
        let span = tree.span(id);
        // the place of a value takes in the `?` behind it
        let number = matches!(kind, Kind::Number | Kind::Date);
        let optional = number && text[..span.end as usize].ends_with('?');
        found.push(Token {
            start: span.start as usize,
            end: span.end as usize - usize::from(optional),
            kind,
        });
    };
    walk::tree(tree, &mut push);
    found
}

mod walk {
    use super::{Kind, Tree, ValueKind};
    use tollgate_grammar::ast::{Arg, Block, Item, ItemKind, Key, Name, Place, Step, Text, Value};

    pub fn tree(tree: &Tree, push: &mut impl FnMut(u32, Kind)) {
        tree.items.iter().for_each(|it| item(it, push));
    }

    fn block(block: &Block, push: &mut impl FnMut(u32, Kind)) {
        block.items.iter().for_each(|it| item(it, push));
    }

    fn item(it: &Item, push: &mut impl FnMut(u32, Kind)) {
        match &it.kind {
            ItemKind::Entry(entry) => {
                place(&entry.place, push);
                value(&entry.value, push);
                entry.default.iter().for_each(|it| value(it, push));
            }
            ItemKind::Sentence(it) => {
                place(&it.word, push);
                let equals = it.equals.iter().flatten();
                let values = it.operands.iter().chain(&it.annotation).chain(equals);
                values.for_each(|it| value(it, push));
                if let Some(guard) = &it.guard {
                    push(guard.cel.id, Kind::Condition);
                }
                it.block.iter().for_each(|it| block(it, push));
            }
            ItemKind::Choice(it) => {
                push(it.condition.id, Kind::Condition);
                block(&it.then, push);
                it.otherwise.iter().for_each(|it| block(it, push));
            }
            ItemKind::Broken(it) => it.iter().for_each(|it| block(it, push)),
        }
    }

    fn name(it: &Name, push: &mut impl FnMut(u32, Kind)) {
        push(it.id, Kind::Name);
    }

    fn text(it: &Text, push: &mut impl FnMut(u32, Kind)) {
        push(it.id, Kind::Text);
    }

    fn place(it: &Place, push: &mut impl FnMut(u32, Kind)) {
        for step in &it.steps {
            match step {
                Step::Name(it) => name(it, push),
                Step::Key(it) => text(it, push),
                Step::Index(_) => {}
            }
        }
    }

    fn args(args: &[Arg], push: &mut impl FnMut(u32, Kind)) {
        for arg in args {
            arg.name.iter().for_each(|it| name(it, push));
            value(&arg.value, push);
        }
    }

    fn value(it: &Value, push: &mut impl FnMut(u32, Kind)) {
        match &it.kind {
            ValueKind::Text(it) => text(it, push),
            ValueKind::Tagged(tag, it) => {
                name(tag, push);
                text(it, push);
            }
            ValueKind::Quantity(_) | ValueKind::Range(..) => push(it.id, Kind::Number),
            ValueKind::Date(_) => push(it.id, Kind::Date),
            ValueKind::Path(_) => push(it.id, Kind::Path),
            ValueKind::Place(it) => place(it, push),
            ValueKind::Call(it) => {
                place(&it.place, push);
                args(&it.args, push);
            }
            ValueKind::List(values) | ValueKind::Union(values) => {
                values.iter().for_each(|it| value(it, push));
            }
            ValueKind::ListCall(values, more) => {
                values.iter().for_each(|it| value(it, push));
                args(more, push);
            }
            ValueKind::Object(fields) => {
                for field in fields {
                    match &field.key {
                        Key::Name(it) => name(it, push),
                        Key::Text(it) => text(it, push),
                    }
                    field.value.iter().for_each(|it| value(it, push));
                }
            }
            ValueKind::Star => {}
        }
    }
}
