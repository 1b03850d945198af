//! Trees to model: every name resolved, every unit converted, every default filled in,
//! and what is wrong said at its place.
//!
//! A check is a set of small readers on [`cx::Cx`]. The top level is read first (what is
//! declared, by name), then every declaration by itself, in parallel; a reader that meets
//! a mistake reports it and goes on with what is left. What is absent: text (nodes have
//! places), words (they are in [`crate::words`]), and what a message looks like.

mod advice;
mod api;
mod arn;
mod auth;
mod body;
mod condition;
mod cors;
mod cx;
pub(crate) mod data;
pub(crate) mod files;
mod iam;
mod iam_keys;
mod integrate;
mod lints;
mod model;
mod names;
mod operands;
mod paths;
pub(crate) mod pattern;
mod placeholder;
mod policy;
mod respond;
mod route;
mod source;
mod stage;
mod target;
mod template;
mod test;
mod text;
mod top;
mod traffic;
mod value;

use std::collections::HashMap;

use rayon::prelude::*;
use tollgate_grammar::Tree;
use tollgate_model::Program;

pub(crate) use self::iam::is_operator;
pub(crate) use self::route::quoted_name;
pub(crate) use self::template::Templates;

use self::cx::{Cx, World};
use self::data::DataFiles;
use self::names::Names;
use crate::diagnostic::Diagnostic;
use crate::project::Options;
use crate::source::SourceMap;
use crate::words::FileWord;

/// What a check reads.
pub(crate) struct Input<'a> {
    pub(crate) options: &'a Options,
    pub(crate) map: &'a SourceMap,
    pub(crate) data: &'a DataFiles,
    pub(crate) foreign: &'a [bool],
    pub(crate) trees: &'a [Tree],
    pub(crate) templates: &'a Templates,
}

/// Checks all trees of a program. The findings are in no order; the program is only of
/// use if none of them is an error.
pub(crate) fn program(input: &Input<'_>) -> (Program, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let world = |params, choices| World {
        templates: input.templates,
        options: input.options,
        map: input.map,
        data: input.data,
        foreign: input.foreign,
        params,
        choices,
    };

    // Parameters decide choices, and choices decide what else there is.
    let none = Names::default();
    let first = world(Vec::new(), HashMap::new());
    let mut params = Vec::new();
    for tree in input.trees {
        let mut cx = Cx::new(&first, &none, tree);
        cx.params(&mut params);
        found.extend(cx.found);
    }
    params.sort_by(|a, b| a.name.cmp(&b.name));
    let second = world(params, HashMap::new());
    let mut choices = HashMap::new();
    for tree in input.trees {
        let mut cx = Cx::new(&second, &none, tree);
        cx.decide(&tree.items, &mut choices);
        found.extend(cx.found);
    }
    let world = world(second.params, choices);

    // The top level, and what it declares.
    let mut words = Vec::new();
    for tree in input.trees {
        let mut cx = Cx::new(&world, &none, tree);
        let known = cx.words::<FileWord>(&tree.items);
        found.extend(cx.found);
        words.extend(known.into_iter().map(|(word, item)| (tree, word, item)));
    }
    let mut names = Names::default();
    let mut program = Program::default();
    for (tree, word, item) in &words {
        let mut cx = Cx::new(&world, &none, tree);
        if *word == FileWord::Account {
            names.account = cx.account(item);
        }
        found.extend(cx.found);
    }
    for (tree, word, item) in &words {
        let mut cx = Cx::new(&world, &none, tree);
        names.declare(&mut cx, *word, item);
        found.extend(cx.found);
    }
    for (tree, word, item) in &words {
        let mut cx = Cx::new(&world, &names, tree);
        cx.top(*word, item, &mut program);
        found.extend(cx.found);
    }

    let Some(tree) = input.trees.first() else {
        return (program, found);
    };
    let cx = Cx::new(&world, &names, tree);
    for decl in names.apis.sorted() {
        let (api, messages) = api::api(&cx, &decl);
        program.apis.push(api);
        found.extend(messages);
    }
    let apis: HashMap<&str, &tollgate_model::api::Api> = program
        .apis
        .iter()
        .map(|api| (api.name.as_str(), api))
        .collect();
    let mut by_api: Vec<_> = names.stages.iter().collect();
    by_api.sort_by_key(|(api, _)| **api);
    let stages: Vec<_> = by_api
        .into_iter()
        .flat_map(|(_, stages)| stages.sorted())
        .collect();
    let stages: Vec<_> = stages
        .par_iter()
        .map(|decl| stage::stage(&cx, decl, &apis))
        .collect();
    for (stage, messages) in stages {
        program.stages.extend(stage);
        found.extend(messages);
    }
    let served = traffic::Served {
        apis,
        stages: &program.stages,
    };
    let mut plans = Vec::new();
    for decl in names.plans.sorted() {
        let (plan, messages) = traffic::plan(&cx, &decl, &served);
        plans.push(plan);
        found.extend(messages);
    }
    program.plans = plans;
    for decl in names.keys.sorted() {
        let (key, messages) = traffic::key(&cx, &decl);
        program.keys.extend(key);
        found.extend(messages);
    }
    found.extend(traffic::overlaps(&cx, &program.plans, &program.keys));
    for decl in names.functions.sorted() {
        let (function, messages) = traffic::function(&cx, &decl);
        program.functions.extend(function);
        found.extend(messages);
    }
    for decl in names.links.sorted() {
        let (link, messages) = traffic::link(&cx, &decl);
        program.vpc_links.extend(link);
        found.extend(messages);
    }
    for decl in names.models.sorted() {
        let (model, messages) = model::model(&cx, &decl);
        program.models.extend(model);
        found.extend(messages);
    }
    program.account = names.account.clone();
    program.params = world.params;
    (program, found)
}
