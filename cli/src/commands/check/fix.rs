//! Applies the fixes that need no second look.

use std::collections::BTreeMap;
use std::path::Path;

use tollgate_compiler::Checked;
use tollgate_compiler::diagnostic::Edit;
use tollgate_model::Places;

use crate::failure::Failure;

/// Writes the files with the fixes applied, and says how many findings were mended. Fixes that touch the same
/// text wait for another round.
pub(super) fn apply(checked: &Checked) -> Result<usize, Failure> {
    let mut by_file: BTreeMap<_, Vec<&Edit>> = BTreeMap::new();
    let mut mended = 0;
    for diagnostic in &checked.diagnostics {
        let Some(fix) = diagnostic.fix().filter(|fix| fix.is_certain()) else {
            continue;
        };
        let free = |edit: &Edit| {
            let there = by_file.get(&edit.span().file);
            there.is_none_or(|there| there.iter().all(|other| apart(edit, other)))
        };
        if fix.edits().iter().all(free) {
            for edit in fix.edits() {
                by_file.entry(edit.span().file).or_default().push(edit);
            }
            mended += 1;
        }
    }
    for (file, mut edits) in by_file {
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.span().start));
        let mut text = checked.sources.text(file).to_owned();
        for edit in edits {
            let range = edit.span().start as usize..edit.span().end as usize;
            if text.get(range.clone()).is_some() {
                text.replace_range(range, edit.text());
            }
        }
        let path = Path::new(checked.sources.name(file));
        tollgate_project::write(path, text.as_bytes())
            .map_err(|error| Failure::file("write", path, &error))?;
    }
    Ok(mended)
}

fn apart(a: &Edit, b: &Edit) -> bool {
    let (a, b) = (a.span(), b.span());
    a != b && (a.end <= b.start || b.end <= a.start)
}
