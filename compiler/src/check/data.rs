//! The texts that a program names with `file("…")`, read before the check so that the
//! check itself needs nobody.

use std::collections::BTreeMap;

use tollgate_grammar::FileId;

/// One text that the program names.
#[derive(Debug)]
pub(crate) struct DataFile {
    pub(crate) file: FileId,
    pub(crate) text: String,
}

/// The texts, by name. A name that the provider does not know is absent.
#[derive(Debug, Default)]
pub(crate) struct DataFiles {
    pub(crate) by_name: BTreeMap<String, DataFile>,
}

impl DataFiles {
    pub(crate) fn get(&self, name: &str) -> Option<&DataFile> {
        self.by_name.get(name)
    }
}
