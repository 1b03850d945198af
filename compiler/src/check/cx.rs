//! What a check carries: the tree that it reads, what the whole program declares, and
//! the findings so far. A `Cx` belongs to one task; tasks run in parallel and their
//! findings are joined in the order of places.

use std::collections::HashMap;

use tollgate_grammar::ast::{Block, Entry, Item, ItemKind, Ix, Place, Sentence, Step, Tree};
use tollgate_grammar::{NodeId, Span};
use tollgate_model::Param;
use tollgate_model::api::ApiKind;

use super::api::ApiScope;
use super::data::DataFiles;
use super::names::Names;
use super::template::Templates;
use crate::diagnostic::codes::{
    NotInHttp, NotInRest, NotSupportedYet, RepeatedWord, UnexpectedPart, UnknownWord, WrongForm,
};
use crate::diagnostic::{Diagnostic, Finding, nearest};
use crate::project::Options;
use crate::source::SourceMap;
use crate::words::{CONTEXTS, Context, MAP, Reach, SAY, SET, Status, Vocabulary, head, shape};

/// What is the same for every task.
pub(crate) struct World<'a> {
    pub(crate) options: &'a Options,
    pub(crate) map: &'a SourceMap,
    pub(crate) data: &'a DataFiles,
    /// Which files were imported from another language.
    pub(crate) foreign: &'a [bool],
    pub(crate) templates: &'a Templates,
    pub(crate) params: Vec<Param>,
    /// Whether the condition of a choice holds, by its node.
    pub(crate) choices: HashMap<NodeId, bool>,
}

/// One task's view.
pub(crate) struct Cx<'a> {
    pub(crate) world: &'a World<'a>,
    pub(crate) names: &'a Names<'a>,
    pub(crate) tree: &'a Tree,
    /// What kind of API the words are about; REST where they are about none.
    pub(crate) kind: ApiKind,
    /// The API that is being read.
    pub(crate) api: Option<&'a ApiScope<'a>>,
    pub(crate) found: Vec<Diagnostic>,
}

impl<'a> Cx<'a> {
    pub(crate) fn new(world: &'a World<'a>, names: &'a Names<'a>, tree: &'a Tree) -> Self {
        Cx {
            world,
            names,
            tree,
            kind: ApiKind::Rest,
            api: None,
            found: Vec::new(),
        }
    }

    /// The view of another task: the same world, another tree.
    pub(crate) fn of_tree(&self, tree: &'a Tree) -> Self {
        Cx {
            world: self.world,
            names: self.names,
            tree,
            kind: self.kind,
            api: self.api,
            found: Vec::new(),
        }
    }

    /// Whether the tree was imported from another language.
    pub(crate) fn is_foreign(&self) -> bool {
        self.world
            .foreign
            .get(self.tree.file.0 as usize)
            .copied()
            .unwrap_or(false)
    }

    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    pub(crate) fn span(&self, ix: Ix) -> Span {
        self.tree.span(ix)
    }

    pub(crate) fn node(&self, ix: Ix) -> NodeId {
        self.tree.node(ix)
    }

    /// The text as written, for fixes.
    pub(crate) fn written(&self, ix: Ix) -> &'a str {
        self.world.map.slice(self.span(ix))
    }

    /// The place of an item's word: the whole item would underline its block too.
    pub(crate) fn word_span(&self, item: &Item) -> Span {
        match &item.kind {
            ItemKind::Entry(entry) => self.span(entry.place.id),
            ItemKind::Sentence(sentence) => self.span(sentence.word.id),
            ItemKind::Choice(choice) => self.span(choice.condition.id),
            ItemKind::Broken(_) => self.span(item.id),
        }
    }

    /// The place of the first name of an item's word.
    fn head_name(&self, item: &Item) -> Span {
        let place = match &item.kind {
            ItemKind::Entry(entry) => &entry.place,
            ItemKind::Sentence(sentence) => &sentence.word,
            _ => return self.span(item.id),
        };
        match place.steps.first() {
            Some(Step::Name(name)) => self.span(name.id),
            _ => self.span(place.id),
        }
    }

    /// A sentence without its block: from the word to the last operand.
    pub(crate) fn head_span(&self, sentence: &Sentence) -> Span {
        let mut span = self.span(sentence.word.id);
        for operand in &sentence.operands {
            span = span.to(self.span(operand.id));
        }
        span
    }

    /// The items of a block whose choices are decided, each with its word. An item with
    /// an unknown word, in a form that the word has not, or once too often is reported
    /// and left out.
    pub(crate) fn words<W: Vocabulary>(&mut self, items: &'a [Item]) -> Vec<(W, &'a Item)> {
        let mut flat = Vec::with_capacity(items.len());
        self.flatten(items, &mut flat);
        let mut known: Vec<(W, &'a Item)> = Vec::with_capacity(flat.len());
        for item in flat {
            let Some(word) = self.word::<W>(item) else {
                continue;
            };
            if !word.word().many
                && let Some((_, first)) = known.iter().find(|(other, _)| *other == word)
            {
                let first = self.word_span(first);
                self.report(
                    RepeatedWord {
                        word: head(item).to_owned(),
                    }
                    .at(self.word_span(item))
                    .also(first, "first here"),
                );
                continue;
            }
            known.push((word, item));
        }
        known
    }

    fn word<W: Vocabulary>(&mut self, item: &'a Item) -> Option<W> {
        let name = head(item);
        let span = self.word_span(item);
        let Some(word) = W::find(name) else {
            let found = UnknownWord {
                word: name.to_owned(),
                context: W::CONTEXT.title,
            }
            .at(span);
            let meant = nearest(name, W::CONTEXT.names()).filter(|near| {
                // Writing it would only be the next finding.
                W::find(near).is_some_and(|word| word.word().status() == Status::NotYet)
            });
            self.report(match meant {
                Some(near) => found.with_help(format!("did you mean `{near}`?")),
                None if nearest(name, W::CONTEXT.names()).is_none() => match homes(name) {
                    Some(homes) => found.with_help(format!("`{name}` stands in {homes}")),
                    None => found,
                },
                None => found.or_near(name, W::CONTEXT.names(), self.head_name(item)),
            });
            return None;
        };
        let row = word.word();
        if row.reach(self.kind) != Reach::Now {
            let what = format!("`{name}` in {}", W::CONTEXT.title);
            self.out_of_reach(row.reach(self.kind), what, span);
            return None;
        }
        if shape(item) & row.shapes == 0 {
            self.report(
                WrongForm {
                    word: name.to_owned(),
                    form: row.form,
                }
                .at(span),
            );
            return None;
        }
        self.parts(item, row)?;
        Some(word)
    }

    /// Reports what the kind of API in hand has not: never, or not yet.
    fn out_of_reach(&mut self, reach: Reach, what: String, span: Span) {
        let finding = match (reach, self.kind) {
            (Reach::Never, ApiKind::Rest) => NotInRest {
                what,
                instead: "an `http api` has it",
            }
            .at(span),
            (Reach::Never, _) => NotInHttp { what }.at(span),
            (_, ApiKind::Http) => NotSupportedYet {
                what: format!("{what} of an `http api`"),
            }
            .at(span),
            _ => NotSupportedYet { what }.at(span),
        };
        self.report(finding);
    }

    /// Whether the API in hand is an HTTP API.
    pub(crate) fn is_http(&self) -> bool {
        self.kind == ApiKind::Http
    }

    /// Reports what HTTP APIs lack, if the API in hand is one; whether it is.
    pub(crate) fn lacks(&mut self, what: &str, span: Span) -> bool {
        if self.is_http() {
            self.out_of_reach(Reach::Never, what.to_owned(), span);
        }
        self.is_http()
    }

    /// Reports what HTTP APIs have and Tollgate has not yet, if the API in hand is one; whether it is.
    pub(crate) fn not_yet(&mut self, what: &str, span: Span) -> bool {
        if self.is_http() {
            self.out_of_reach(Reach::Later, what.to_owned(), span);
        }
        self.is_http()
    }

    /// The form is the contract: a part that the form does not show is refused.
    fn parts(&mut self, item: &'a Item, row: &'static crate::words::Word) -> Option<()> {
        let (place, span) = match &item.kind {
            ItemKind::Entry(entry) => (&entry.place, self.span(item.id)),
            ItemKind::Sentence(sentence) => (&sentence.word, self.head_span(sentence)),
            _ => return Some(()),
        };
        let dotted = row
            .form
            .strip_prefix(place.head())
            .is_some_and(|rest| rest.starts_with(['.', '[']))
            || place.head() == "body";
        let mut unexpected = None;
        if place.steps.len() > 1 && !dotted {
            unexpected = Some(("parts after its name", self.span(place.id)));
        }
        match &item.kind {
            ItemKind::Entry(entry) => {
                if let Some(default) = &entry.default {
                    unexpected = Some(("a second value", self.span(default.id)));
                }
            }
            ItemKind::Sentence(sentence) => {
                let outer = without_blocks(row.form);
                if let Some(guard) = &sentence.guard
                    && !row.form.contains("{ CEL }")
                {
                    unexpected = Some(("a condition", self.span(guard.cel.id)));
                } else if let Some(value) = &sentence.annotation
                    && !outer.contains(": ")
                {
                    unexpected = Some(("a `:`", self.span(value.id)));
                } else if sentence.equals.is_some() && !outer.contains(" = ") {
                    unexpected = Some(("a `=`", span));
                } else if let Some(block) = &sentence.block
                    && !row.form.contains("{ … }")
                    && !row.form.contains("… }")
                {
                    unexpected = Some(("a block", self.span(block.id)));
                }
            }
            _ => {}
        }
        let Some((part, at)) = unexpected else {
            return Some(());
        };
        self.report(
            UnexpectedPart {
                word: place.head().to_owned(),
                part,
                form: row.form,
            }
            .at(at),
        );
        None
    }

    /// The items of a block, with the chosen side of every choice in its place.
    pub(crate) fn flatten(&self, items: &'a [Item], flat: &mut Vec<&'a Item>) {
        for item in items {
            match &item.kind {
                ItemKind::Choice(choice) => {
                    // A condition that could not be decided has been reported.
                    let chosen = match self.world.choices.get(&self.node(choice.condition.id)) {
                        Some(true) => Some(&choice.then),
                        Some(false) => choice.otherwise.as_ref(),
                        None => None,
                    };
                    if let Some(block) = chosen {
                        self.flatten(&block.items, flat);
                    }
                }
                // Its error is in the parser's list.
                ItemKind::Broken(_) => {}
                _ => flat.push(item),
            }
        }
    }
}

/// A form without what its blocks hold.
fn without_blocks(form: &str) -> String {
    let mut depth = 0;
    form.chars()
        .filter(|c| {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            depth == 0
        })
        .collect()
}

/// The entry of an item whose form is [`SET`] or [`MAP`].
pub(crate) fn entry(item: &Item) -> Option<&Entry> {
    debug_assert!(shape(item) & (SET | MAP | SAY) != 0);
    match &item.kind {
        ItemKind::Entry(entry) => Some(entry),
        _ => None,
    }
}

/// The sentence of an item whose form is [`SAY`].
pub(crate) fn sentence(item: &Item) -> Option<&Sentence> {
    match &item.kind {
        ItemKind::Sentence(sentence) => Some(sentence),
        _ => None,
    }
}

/// The items of a block, none if there is no block.
pub(crate) fn items(block: &Option<Block>) -> &[Item] {
    block.as_ref().map_or(&[], |block| &block.items)
}

/// Whether an item of a block begins with a word, rightly used or not.
pub(crate) fn says(block: &Option<Block>, word: &str) -> bool {
    items(block)
        .iter()
        .any(|item| crate::words::head(item) == word)
}

/// The name after the first of a place with two steps: `header.NAME`.
pub(crate) fn second(place: &Place) -> Option<String> {
    match place.steps.as_slice() {
        [_, Step::Name(name)] => Some(name.text.clone()),
        [_, Step::Key(text)] => text.literal().map(str::to_owned),
        [_, Step::Index(index)] => Some(index.to_string()),
        _ => None,
    }
}

/// Where a word stands that is none here: in three places at most, so that it helps.
fn homes(name: &str) -> Option<String> {
    let has = |context: &&&Context| context.names().any(|other| other == name);
    let titles: Vec<&str> = CONTEXTS.iter().filter(has).map(|c| c.title).collect();
    let (last, before) = titles.split_last()?;
    match before {
        [] => Some((*last).to_owned()),
        [_] | [_, _] => Some(format!("{} or {last}", before.join(", "))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_word_of_another_place_is_told_where_it_stands() {
        for (written, expected) in [
            (
                "rest api A { model Order { id: Int } }",
                Some("`model` stands in a file"),
            ),
            (
                "rest api A { pools: [] }",
                Some("`pools` stands in an authorizer"),
            ),
            ("rest api A { nonsense: 3 }", None),
        ] {
            let (_, found) = crate::check_text(written);
            let unknown = found
                .iter()
                .find(|found| found.code().to_string() == "TG0201");
            assert_eq!(
                unknown.and_then(|found| found.help()),
                expected,
                "{written}"
            );
        }
    }
}
