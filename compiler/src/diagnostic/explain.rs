//! The table of codes, and the pages that are made from it.

use super::codes::TABLE;
use super::{Code, Info};

/// Every code, in order.
pub fn all() -> &'static [&'static Info] {
    TABLE
}

/// What is known of a code. O(log codes).
pub fn find(code: Code) -> Option<&'static Info> {
    TABLE
        .binary_search_by_key(&code, |info| info.code)
        .ok()
        .map(|at| TABLE[at])
}

/// The page of a code as Markdown, as `tollgate explain TG0401` prints it; none for a
/// text that is no code.
pub fn explain(code: &str) -> Option<String> {
    find(Code::parse(code)?).map(page)
}

/// The page of a code as Markdown.
pub fn page(info: &Info) -> String {
    let mut text = format!(
        "# {} {}\n\n*{}*\n\n",
        info.code,
        info.name,
        info.severity.as_str()
    );
    for line in info.docs {
        text.push_str(line.strip_prefix(' ').unwrap_or(line));
        text.push('\n');
    }
    text
}

/// The list of all codes as Markdown: `docs/diagnostics/README.md`.
pub fn index_page() -> String {
    let mut text = String::from(
        "# Diagnostics\n\nEvery code is stable and never reused. `tollgate explain CODE` prints its page.\n\n\
         | Code | Name | Severity | What it says |\n|---|---|---|---|\n",
    );
    for info in TABLE {
        text.push_str(&format!(
            "| [{code}]({code}.md) | {name} | {severity} | {summary} |\n",
            code = info.code,
            name = info.name,
            severity = info.severity.as_str(),
            summary = info.summary(),
        ));
    }
    text
}
