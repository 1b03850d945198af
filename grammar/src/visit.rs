//! Visits every node of an item, in document order.

use crate::ast::{
    Arg, Block, Entry, Field, Island, Item, ItemKind, Ix, Key, Name, Piece, Place, Sentence, Step,
    Text, Trivia, Value, ValueKind,
};

/// What is done at each node.
pub(crate) trait Visit {
    /// Sees a node's number.
    fn id(&mut self, id: &mut Ix);
    /// Sees a string, before what is in it.
    fn text(&mut self, _: &mut Text) {}
}

struct Shift(Ix);

impl Visit for Shift {
    fn id(&mut self, id: &mut Ix) {
        *id += self.0;
    }
}

/// Moves the comments of a part behind those before it.
pub(crate) fn append_trivia(all: &mut Trivia, part: Trivia, by: Ix) {
    let shift = |ix: Ix| ix + by;
    all.before
        .extend(part.before.into_iter().map(|(ix, it)| (shift(ix), it)));
    all.after
        .extend(part.after.into_iter().map(|(ix, it)| (shift(ix), it)));
    all.closing
        .extend(part.closing.into_iter().map(|(ix, it)| (shift(ix), it)));
    all.multiline.extend(part.multiline.into_iter().map(shift));
}

/// Adds `by` to the number of every node of an item.
pub(crate) fn shift(item: &mut Item, by: Ix) {
    if by == 0 {
        return;
    }
    visit_item(item, &mut Shift(by));
}

/// Visits the nodes of an item, parents first.
pub(crate) fn visit_item(item: &mut Item, visit: &mut impl Visit) {
    visit.id(&mut item.id);
    match &mut item.kind {
        ItemKind::Entry(Entry {
            place,
            value,
            default,
            ..
        }) => {
            in_place(place, visit);
            in_value(value, visit);
            default.iter_mut().for_each(|value| in_value(value, visit));
        }
        ItemKind::Sentence(sentence) => in_sentence(sentence, visit),
        ItemKind::Choice(choice) => {
            in_island(&mut choice.condition, visit);
            in_block(&mut choice.then, visit);
            choice
                .otherwise
                .iter_mut()
                .for_each(|block| in_block(block, visit));
        }
        ItemKind::Broken(block) => block.iter_mut().for_each(|block| in_block(block, visit)),
    }
}

fn in_sentence(sentence: &mut Sentence, visit: &mut impl Visit) {
    in_place(&mut sentence.word, visit);
    let Sentence {
        operands,
        annotation,
        equals,
        guard,
        block,
        ..
    } = sentence;
    let equals = equals.iter_mut().flatten();
    for value in operands.iter_mut().chain(annotation).chain(equals) {
        in_value(value, visit);
    }
    if let Some(guard) = guard {
        in_island(&mut guard.cel, visit);
    }
    if let Some(block) = block {
        in_block(block, visit);
    }
}

fn in_block(block: &mut Block, visit: &mut impl Visit) {
    visit.id(&mut block.id);
    for item in &mut block.items {
        visit_item(item, visit);
    }
}

fn in_island(island: &mut Island, visit: &mut impl Visit) {
    visit.id(&mut island.id);
}

fn in_name(name: &mut Name, visit: &mut impl Visit) {
    visit.id(&mut name.id);
}

fn in_place(place: &mut Place, visit: &mut impl Visit) {
    visit.id(&mut place.id);
    for step in &mut place.steps {
        match step {
            Step::Name(name) => in_name(name, visit),
            Step::Key(text) => in_text(text, visit),
            Step::Index(_) => {}
        }
    }
}

fn in_text(text: &mut Text, visit: &mut impl Visit) {
    visit.id(&mut text.id);
    visit.text(text);
    for piece in &mut text.pieces {
        if let Piece::Hole(place) = piece {
            in_place(place, visit);
        }
    }
}

fn in_args(args: &mut [Arg], visit: &mut impl Visit) {
    for arg in args {
        if let Some(name) = &mut arg.name {
            in_name(name, visit);
        }
        in_value(&mut arg.value, visit);
    }
}

fn in_field(field: &mut Field, visit: &mut impl Visit) {
    visit.id(&mut field.id);
    match &mut field.key {
        Key::Name(name) => in_name(name, visit),
        Key::Text(text) => in_text(text, visit),
    }
    if let Some(value) = &mut field.value {
        in_value(value, visit);
    }
}

fn in_value(value: &mut Value, visit: &mut impl Visit) {
    visit.id(&mut value.id);
    match &mut value.kind {
        ValueKind::Text(text) => in_text(text, visit),
        ValueKind::Tagged(name, text) => {
            in_name(name, visit);
            in_text(text, visit);
        }
        ValueKind::Place(place) => in_place(place, visit),
        ValueKind::Call(call) => {
            in_place(&mut call.place, visit);
            in_args(&mut call.args, visit);
        }
        ValueKind::List(values) | ValueKind::Union(values) => {
            values.iter_mut().for_each(|value| in_value(value, visit));
        }
        ValueKind::ListCall(values, args) => {
            values.iter_mut().for_each(|value| in_value(value, visit));
            in_args(args, visit);
        }
        ValueKind::Object(fields) => fields.iter_mut().for_each(|field| in_field(field, visit)),
        ValueKind::Quantity(_)
        | ValueKind::Range(..)
        | ValueKind::Date(_)
        | ValueKind::Path(_)
        | ValueKind::Star => {}
    }
}
