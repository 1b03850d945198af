//! `file("…")` where the program is built: schemas, policies, templates. Their texts were
//! read before; here they are looked up.

use tollgate_grammar::FileId;
use tollgate_grammar::ast::{Call, Value, ValueKind};
use tollgate_model::Places;

use super::cx::Cx;
use crate::diagnostic::Finding;
use crate::diagnostic::codes::{FileNotFound, UnexpectedOperand};

/// The name in `tag(file("name"))`.
pub(crate) fn named_file(call: &Call) -> Option<&str> {
    let [arg] = call.args.as_slice() else {
        return None;
    };
    let ValueKind::Call(file) = &arg.value.kind else {
        return None;
    };
    let [name] = file.args.as_slice() else {
        return None;
    };
    match &name.value.kind {
        ValueKind::Text(text) if file.place.name() == Some("file") => text.literal(),
        _ => None,
    }
}

impl<'a> Cx<'a> {
    /// The text of the file that `tag(file("name"))` names.
    pub(crate) fn file_argument(
        &mut self,
        call: &'a Call,
        value: &'a Value,
    ) -> Option<(String, FileId)> {
        let Some(name) = named_file(call) else {
            let span = self.span(value.id);
            let written = self.written(value.id).to_owned();
            self.report(
                UnexpectedOperand {
                    word: call.place.head().to_owned(),
                    written,
                    form: "TAG(file(\"NAME\"))".to_owned(),
                }
                .at(span),
            );
            return None;
        };
        let from = self.world.map.name(self.tree.file);
        let found = crate::source::join(from, name).and_then(|name| self.world.data.get(&name));
        let Some(found) = found else {
            let span = self.span(value.id);
            self.report(
                FileNotFound {
                    name: name.to_owned(),
                }
                .at(span),
            );
            return None;
        };
        Some((found.text.clone(), found.file))
    }
}
