//! Every word of the table has an accepted and a rejected example in `fixtures/words`, and
//! every example is what it claims to be.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tollgate_compiler::source::SourceProvider;
use tollgate_compiler::words::{self, Context, Status, Word};
use tollgate_compiler::{Options, Source, check};
use tollgate_grammar::ast::{Item, ItemKind};
use tollgate_grammar::{FileId, parse, strip};

/// How an example names, at the end of a line, the codes that this line raises.
const RAISES: &str = "# raises ";

const NOT_YET: &str = "TG0202";

fn folder(side: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures/words")
        .join(side)
}

/// The folder of a context: `a method of a plan` → `method-of-a-plan`.
fn slug(context: &Context) -> String {
    let title = context.title();
    let bare = ["an ", "a "]
        .iter()
        .find_map(|article| title.strip_prefix(article));
    bare.unwrap_or(title).replace('`', "").replace(' ', "-")
}

/// All words with their contexts, by the name of their example.
fn table() -> BTreeMap<String, &'static Word> {
    let mut all = BTreeMap::new();
    for context in words::contexts() {
        for word in context.words() {
            let name = format!("{}/{}", slug(context), word.names()[0]);
            assert!(all.insert(name.clone(), word).is_none(), "{name} twice");
        }
    }
    all
}

/// The examples of one side: every `.gate` file of a context's folder, without the folders
/// in it, where there is what examples read.
fn examples(side: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for context in std::fs::read_dir(folder(side)).unwrap() {
        let context = context.unwrap().path();
        let slug = context.file_name().unwrap().to_str().unwrap().to_owned();
        for example in std::fs::read_dir(&context).unwrap() {
            let path = example.unwrap().path();
            if path
                .extension()
                .is_some_and(|extension| extension == "gate")
            {
                let name = path.file_stem().unwrap().to_str().unwrap();
                let text = std::fs::read_to_string(&path).unwrap();
                all.insert(format!("{slug}/{name}"), text);
            }
        }
    }
    all
}

/// The files of a folder.
struct Beside(PathBuf);

impl SourceProvider for Beside {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        std::fs::read(self.0.join(name)).ok()
    }
}

/// Line and code of every finding.
type Findings = BTreeSet<(u32, String)>;

/// What an example raises; the files that it names stand beside it.
fn raised(side: &str, name: &str, text: &str) -> Findings {
    let context = folder(side).join(name.split('/').next().unwrap());
    let sources = vec![Source::new("main.gate", text)];
    let checked = check(sources, &Beside(context), &Options::default());
    let findings = checked.diagnostics.iter().map(|diagnostic| {
        let span = diagnostic.primary().span();
        let line = checked.sources.line_column(span.file, span.start).line;
        (line, diagnostic.code().to_string())
    });
    findings.collect()
}

/// What an example says that it raises.
fn claimed(text: &str) -> Findings {
    let lines = text.lines().zip(1..).filter_map(|(line, number)| {
        let (_, codes) = line.split_once(RAISES)?;
        Some(codes.split(' ').map(move |code| (number, code.to_owned())))
    });
    lines.flatten().collect()
}

#[test]
fn every_word_has_two_examples_and_every_example_a_word() {
    let words: BTreeSet<String> = table().into_keys().collect();
    for side in ["accepted", "rejected"] {
        let examples: BTreeSet<String> = examples(side).into_keys().collect();
        let without: Vec<_> = words.difference(&examples).collect();
        assert!(without.is_empty(), "no {side} example: {without:?}");
        let stray: Vec<_> = examples.difference(&words).collect();
        assert!(stray.is_empty(), "{side} examples of no word: {stray:?}");
    }
}

#[test]
fn an_example_raises_what_it_says_where_it_says() {
    let mut wrong = Vec::new();
    for side in ["accepted", "rejected"] {
        for (name, text) in examples(side) {
            let (claimed, raised) = (claimed(&text), raised(side, &name, &text));
            if claimed != raised {
                wrong.push(format!(
                    "{side} {name}: says {claimed:?}, raises {raised:?}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_accepted_is_clean_and_what_is_rejected_is_not() {
    let mut wrong = Vec::new();
    let (mut accepted, mut rejected) = (examples("accepted"), examples("rejected"));
    for (name, word) in table() {
        let accepted = accepted.remove(&name).map(|text| claimed(&text));
        let codes: Vec<String> = accepted
            .into_iter()
            .flatten()
            .map(|(_, code)| code)
            .collect();
        let sound = match word.status() {
            Status::Supported => codes.is_empty(),
            Status::NotYet => codes == [NOT_YET],
        };
        if !sound {
            wrong.push(format!("accepted {name} raises {codes:?}"));
        }
        let rejected = rejected.remove(&name).map(|text| claimed(&text));
        let mut codes = rejected.into_iter().flatten().map(|(_, code)| code);
        if codes.all(|code| code == NOT_YET) {
            wrong.push(format!("rejected {name} names no mistake"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// All items, those of blocks too, without their places.
fn all_items<'t>(items: &'t [Item], found: &mut Vec<&'t Item>) {
    for item in items {
        found.push(item);
        match &item.kind {
            ItemKind::Sentence(sentence) => {
                let blocks = sentence.block.iter();
                blocks.for_each(|block| all_items(&block.items, found));
            }
            ItemKind::Choice(choice) => {
                let blocks = std::iter::once(&choice.then).chain(&choice.otherwise);
                blocks.for_each(|block| all_items(&block.items, found));
            }
            ItemKind::Entry(_) | ItemKind::Broken(_) => {}
        }
    }
}

#[test]
fn the_accepted_example_holds_the_one_of_the_reference() {
    let mut wrong = Vec::new();
    let mut accepted = examples("accepted");
    for (name, word) in table() {
        let text = accepted.remove(&name).unwrap_or_default();
        let program = strip(&parse(FileId(0), &text).tree).items;
        let mut items = Vec::new();
        all_items(&program, &mut items);
        if !word.example().is_empty() {
            let example = strip(&parse(FileId(0), word.example()).tree).items;
            if !items.contains(&&example[0]) {
                wrong.push(format!("{name}: `{}`", word.example()));
            }
        }
        for spelling in word.names() {
            if !items.iter().any(|item| head(item) == *spelling) {
                wrong.push(format!("{name}: no `{spelling}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn head(item: &Item) -> &str {
    match &item.kind {
        ItemKind::Entry(entry) => entry.place.head(),
        ItemKind::Sentence(sentence) => sentence.word.head(),
        ItemKind::Choice(_) | ItemKind::Broken(_) => "",
    }
}
