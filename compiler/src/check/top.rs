//! The top level: editions, parameters, the account, functions, links.

use tollgate_grammar::ast::{Item, ItemKind, ValueKind};
use tollgate_model::{Account, Param, Program};

use super::cx::{Cx, entry, items, sentence};
use super::operands::{Operands, name_of};
use super::stage::scalar_fault;
use crate::diagnostic::Finding;
use crate::diagnostic::codes::{DefinedTwice, UnknownBehaviour, UnknownEdition, VariableType};
use crate::words::{AccountWord, FileWord, Vocabulary};

/// The editions of the syntax.
const EDITIONS: [&str; 1] = [crate::EDITION];
/// The dated behaviours of the reference, the newest last.
const BEHAVIOURS: [&str; 1] = [crate::BEHAVIOUR];

impl<'a> Cx<'a> {
    /// The parameters that a tree declares at its top level.
    pub(crate) fn params(&mut self, params: &mut Vec<Param>) {
        for item in &self.tree.items {
            if let ItemKind::Sentence(sentence) = &item.kind
                && sentence.word.name() == Some("param")
            {
                self.param(item, params);
            }
        }
    }

    fn param(&mut self, item: &'a Item, params: &mut Vec<Param>) -> Option<()> {
        let sentence = sentence(item)?;
        let mut operands = Operands::of(self, sentence, FileWord::Param.word().form);
        let value = operands.need(self, "a name")?;
        let Some(name) = name_of(value) else {
            return self.wrong_type(value, "a name");
        };
        operands.refuse_rest(self);
        let span = self.span(value.id);
        let Some(annotation) = &sentence.annotation else {
            self.missing("param", "its type", operands.span);
            return None;
        };
        let (ty, _) = self.scalar_type(annotation)?;
        let default = match sentence.equals.as_deref() {
            None => None,
            Some([default]) => self.scalar_literal(default, &ty),
            Some(more) => {
                let mut operands = Operands::over(more, "param", FileWord::Param.word().form, span);
                operands.next();
                operands.refuse_rest(self);
                None
            }
        };
        let given = self.world.options.params.get(name).cloned();
        if let Some(given) = &given
            && let Some(why) = scalar_fault(given, &ty)
        {
            self.report(
                VariableType {
                    variable: name.to_owned(),
                    why: format!("the value that was given does not fit: {why}"),
                }
                .at(span),
            );
        }
        if let Some(first) = params.iter().find(|param| param.name == name) {
            let first = self.tree_span(first.node);
            self.report(
                DefinedTwice {
                    kind: "parameter",
                    name: name.to_owned(),
                }
                .at(span)
                .also(first, "first here"),
            );
            return None;
        }
        params.push(Param {
            name: name.to_owned(),
            ty,
            default,
            value: given,
            node: self.node(value.id),
        });
        Some(())
    }

    /// `account { … }`.
    pub(crate) fn account(&mut self, item: &'a Item) -> Account {
        let mut account = Account::default();
        let Some(sentence) = sentence(item) else {
            return account;
        };
        let mut operands = Operands::of(self, sentence, FileWord::Account.word().form);
        operands.refuse_rest(self);
        for (word, item) in self.words::<AccountWord>(items(&sentence.block)) {
            match word {
                AccountWord::Id => {
                    if let Some(id) = entry(item).and_then(|entry| self.account_id(&entry.value)) {
                        account.id = id;
                    }
                }
                AccountWord::Region => {
                    let Some(entry) = entry(item) else { continue };
                    let Some(region) = self.literal(&entry.value) else {
                        continue;
                    };
                    let good = region.split('-').count() >= 3
                        && region
                            .bytes()
                            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
                    if !good {
                        let _: Option<()> =
                            self.malformed(entry.value.id, "region", "it is not like `eu-west-1`");
                        continue;
                    }
                    account.partition = match region.split('-').next() {
                        Some("cn") => "aws-cn",
                        Some("us") if region.starts_with("us-gov-") => "aws-us-gov",
                        _ => "aws",
                    }
                    .to_owned();
                    account.region = region;
                }
                AccountWord::Throttle => {
                    if let Some(sentence) = super::cx::sentence(item) {
                        let mut operands = Operands::of(self, sentence, word.word().form);
                        account.throttle = self.throttle(&mut operands);
                    }
                }
            }
        }
        account
    }

    /// A top-level item that is read by itself.
    pub(crate) fn top(
        &mut self,
        word: FileWord,
        item: &'a Item,
        program: &mut Program,
    ) -> Option<()> {
        match word {
            FileWord::Edition => {
                let sentence = sentence(item)?;
                let mut operands = Operands::of(self, sentence, word.word().form);
                let value = operands.need(self, "a year")?;
                let written = self.written(value.id).to_owned();
                operands.refuse_rest(self);
                if !EDITIONS.contains(&written.as_str()) {
                    let span = self.span(value.id);
                    self.report(
                        UnknownEdition {
                            edition: written,
                            newest: EDITIONS[EDITIONS.len() - 1],
                        }
                        .at(span),
                    );
                }
            }
            FileWord::Behaviour => {
                let value = &entry(item)?.value;
                let ValueKind::Date(date) = &value.kind else {
                    return self.wrong_type(value, "a month, `2026-11`");
                };
                if !BEHAVIOURS.contains(&date.as_str()) {
                    let span = self.span(value.id);
                    self.report(
                        UnknownBehaviour {
                            behaviour: date.clone(),
                            known: crate::diagnostic::one_of(BEHAVIOURS),
                        }
                        .at(span),
                    );
                    return None;
                }
                program.behaviour = Some(date.clone());
            }
            FileWord::Test => {
                let test = self.test(item);
                program.tests.extend(test);
            }
            FileWord::Use => {
                let mut operands = Operands::of(self, sentence(item)?, word.word().form);
                let value = operands.need(self, "the name of a file")?;
                self.literal(value)?;
                operands.refuse_rest(self);
            }
            // Read before, or declared by name and read by itself.
            _ => {}
        }
        Some(())
    }
}
