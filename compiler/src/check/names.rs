//! What a program declares, by name. Names are global; a second declaration is an error
//! with both places.

use std::collections::HashMap;

use tollgate_grammar::Span;
use tollgate_grammar::ast::{Item, Sentence, Tree};
use tollgate_model::Account;

use super::cx::{Cx, sentence};
use super::operands::{Operands, name_of};
use crate::diagnostic::Finding;
use crate::diagnostic::codes::{DefinedTwice, UnknownName};
use crate::words::{FileWord, Vocabulary};

/// A declaration.
#[derive(Clone, Copy)]
pub(crate) struct Decl<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) item: &'a Item,
    pub(crate) sentence: &'a Sentence,
    pub(crate) name: &'a str,
    /// Where its name stands.
    pub(crate) span: Span,
}

/// Declarations of one kind.
#[derive(Default)]
pub(crate) struct Table<'a> {
    by_name: HashMap<&'a str, Decl<'a>>,
}

impl<'a> Table<'a> {
    pub(crate) fn get(&self, name: &str) -> Option<&Decl<'a>> {
        self.by_name.get(name)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.by_name.keys().copied()
    }

    /// In the order of their names.
    pub(crate) fn sorted(&self) -> Vec<Decl<'a>> {
        let mut all: Vec<Decl<'a>> = self.by_name.values().copied().collect();
        all.sort_by_key(|decl| decl.name);
        all
    }
}

/// All that a program declares at the top level.
#[derive(Default)]
pub(crate) struct Names<'a> {
    pub(crate) account: Account,
    pub(crate) apis: Table<'a>,
    pub(crate) models: Table<'a>,
    pub(crate) functions: Table<'a>,
    pub(crate) links: Table<'a>,
    pub(crate) plans: Table<'a>,
    pub(crate) keys: Table<'a>,
    /// By API.
    pub(crate) stages: HashMap<&'a str, Table<'a>>,
}

impl<'a> Names<'a> {
    /// The stage of an API.
    pub(crate) fn stage(&self, api: &str, name: &str) -> Option<&Decl<'a>> {
        self.stages.get(api)?.get(name)
    }

    fn table(&mut self, word: FileWord) -> Option<(&'static str, &mut Table<'a>)> {
        Some(match word {
            FileWord::Rest | FileWord::Http => ("API", &mut self.apis),
            FileWord::Model => ("model", &mut self.models),
            FileWord::Function => ("function", &mut self.functions),
            FileWord::VpcLink => ("VPC link", &mut self.links),
            FileWord::Plan => ("plan", &mut self.plans),
            FileWord::Key => ("key", &mut self.keys),
            _ => return None,
        })
    }

    /// Enters a top-level item, if it declares something.
    pub(crate) fn declare(&mut self, cx: &mut Cx<'a>, word: FileWord, item: &'a Item) {
        let Some(sentence) = sentence(item) else {
            return;
        };
        let mut operands = Operands::of(cx, sentence, word.word().form);
        if matches!(word, FileWord::Rest | FileWord::Http)
            && operands.need_word(cx, "api").is_none()
        {
            return;
        }
        let declares = word == FileWord::Stage || self.table(word).is_some();
        if !declares {
            return;
        }
        let Some(value) = operands.need(cx, "a name") else {
            return;
        };
        let Some(name) = name_of(value) else {
            let _: Option<()> = cx.wrong_type(value, "a name");
            return;
        };
        let decl = Decl {
            tree: cx.tree,
            item,
            sentence,
            name,
            span: cx.span(value.id),
        };
        let (kind, first) = if word == FileWord::Stage {
            if operands.need_word(cx, "of").is_none() {
                return;
            }
            let Some(api) = operands.need(cx, "an API").and_then(name_of) else {
                return;
            };
            operands.refuse_rest(cx);
            let first = self.stage(api, name).map(|first| first.span);
            let stages = self.stages.entry(api).or_default();
            stages.by_name.entry(name).or_insert(decl);
            ("stage", first)
        } else {
            if word != FileWord::Key {
                operands.refuse_rest(cx);
            }
            let Some((kind, table)) = self.table(word) else {
                return;
            };
            let first = table.by_name.get(name).map(|first| first.span);
            table.by_name.entry(name).or_insert(decl);
            (kind, first)
        };
        if let Some(first) = first {
            cx.report(
                DefinedTwice {
                    kind,
                    name: name.to_owned(),
                }
                .at(decl.span)
                .also(first, "first here"),
            );
        }
    }
}

impl<'a> Cx<'a> {
    /// Reports a name that nothing declares.
    pub(crate) fn unknown_name<'n>(
        &mut self,
        kind: &'static str,
        name: &str,
        span: Span,
        known: impl IntoIterator<Item = &'n str>,
    ) {
        let mut known: Vec<&str> = known.into_iter().collect();
        known.sort_unstable();
        self.report(
            UnknownName {
                kind,
                name: name.to_owned(),
            }
            .at(span)
            .or_near(name, known, span),
        );
    }
}
