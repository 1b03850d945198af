//! What a folder of documents tells about the importer: how many it reads, and what it does
//! not carry over, most frequent first.

use std::collections::BTreeMap;

use tollgate_grammar::FileId;

use super::{FindingKind, Options, Severity, openapi};

/// A tally over many documents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Documents.
    pub documents: usize,
    /// Those that are no document at all.
    pub unreadable: usize,
    /// Those with an error other than that.
    pub refused: usize,
    /// Methods and routes of all documents.
    pub methods: usize,
    /// Findings by kind and message: in how many documents, and an example of one (its name and property).
    pub findings: BTreeMap<(FindingKind, String), (usize, String)>,
}

impl Tally {
    /// Imports one document and counts what came of it.
    pub fn add(&mut self, name: &str, text: &str, options: &Options) {
        let imported = openapi(FileId(0), text, options);
        self.documents += 1;
        let unreadable = |kind| matches!(kind, FindingKind::Unreadable | FindingKind::NotOpenApi);
        if imported
            .findings
            .iter()
            .any(|finding| unreadable(finding.kind))
        {
            self.unreadable += 1;
        } else if imported.is_refused() {
            self.refused += 1;
        }
        self.methods += imported.methods();
        for finding in imported.findings {
            let example = || format!("{name}: {}", finding.property);
            let entry = self
                .findings
                .entry((finding.kind, finding.message.clone()))
                .or_insert_with(|| (0, example()));
            entry.0 += 1;
        }
    }

    /// The findings of one severity, most frequent first, as lines for people.
    pub fn lines(&self, severity: Severity) -> Vec<String> {
        let mut found: Vec<_> = self
            .findings
            .iter()
            .filter(|((kind, _), _)| kind.severity() == severity)
            .collect();
        found.sort_by_key(|(key, (count, _))| (std::cmp::Reverse(*count), (*key).clone()));
        found
            .into_iter()
            .map(|((kind, message), (count, example))| {
                format!("{count:5}  {kind:?}: {message} ({example})")
            })
            .collect()
    }
}
