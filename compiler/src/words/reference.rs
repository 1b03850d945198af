//! The reference of the language, printed from the table.

use super::table::CONTEXTS;
use super::{Reach, Status, Word};
use crate::cel::FIELDS;
use tollgate_model::api::ApiKind;

/// What conditions may ask of a request: form and meaning.
const FORMS: [(&str, &str); 14] = [
    (
        "`a.startsWith(b)`, `a.endsWith(b)`, `a.contains(b)`",
        "compares parts of text; `b` may be put together: `\"/users/\" + claims.sub`",
    ),
    (
        "`a == \"/users/\" + b`",
        "compares a text with others one behind the other",
    ),
    (
        "`a.lowerAscii() == \"b\"`, `a.upperAscii() == \"B\"`",
        "compares whatever the letter case",
    ),
    (
        "`a.matches(\"…\")`",
        "whether a regular expression (RE2's) finds something in a text",
    ),
    (
        "`source.ip in cidr(\"…\", …)`, `source.ip == ip(\"…\")`",
        "whether an address is in one of these ranges, or is this one",
    ),
    (
        "`a in [b, c]`, `key in map`",
        "whether a list holds a value, or a map a key",
    ),
    ("`timestamp(\"…\")`", "a moment: `2026-11-23T10:00:00Z`"),
    (
        "`duration(\"…\")`",
        "a length of time: `90s`, `1h30m`; it can be added to a moment",
    ),
    (
        "`now.getHours()`, `now.getDayOfWeek(\"+02:00\")`",
        "what a clock or calendar shows, of UTC or where clocks are so far ahead: `getFullYear`, `getMonth`, `getDate`, \
         `getDayOfMonth`, `getDayOfWeek`, `getHours`, `getMinutes`, `getSeconds`",
    ),
    ("`size(a)`", "how long a text, a list or a map is"),
    ("`has(claims.x)`", "whether a key is there"),
    (
        "`list.exists(x, …)`, `all`, `exists_one`",
        "asks of each element of a list that is written out, of each key of a map; with two names of index and element, of key and value",
    ),
    (
        "`int(a) * 2 + size(b) < 9`",
        "reckons with whole numbers: of texts that say them, sizes and clocks; what leaves 64 bits fails",
    ),
    ("`cel.bind(x, a, …)`", "gives a value a name"),
];

/// What is evaluated when the program is built, by where it comes from.
const KNOWN: [(&str, &str); 9] = [
    (
        "arithmetic",
        "`+`, `-`, `*`, `/`, `%`; a whole number that leaves its range fails",
    ),
    (
        "conversions",
        "`bool`, `bytes`, `double`, `dyn`, `int`, `string`, `type`, `uint`",
    ),
    (
        "lists and maps",
        "`[…]`, `{…}`, `a[b]`, `filter`, `map`, `transformList`, `transformMap`, `transformMapEntry`, `sortBy`, \
         `distinct`, `first`, `flatten`, `join`, `last`, `lists.range`, `reverse`, `slice`, `sort`",
    ),
    (
        "texts",
        "`charAt`, `format`, `indexOf`, `lastIndexOf`, `lowerAscii`, `replace`, `reverse`, `split`, \
         `strings.quote`, `substring`, `trim`, `upperAscii`",
    ),
    (
        "numbers",
        "`math.abs`, `bitAnd`, `bitNot`, `bitOr`, `bitShiftLeft`, `bitShiftRight`, `bitXor`, `ceil`, `floor`, \
         `greatest`, `isFinite`, `isInf`, `isNaN`, `least`, `round`, `sign`, `sqrt`, `trunc`",
    ),
    (
        "times",
        "`getFullYear`, `getMonth`, `getDate`, `getDayOfMonth`, `getDayOfWeek`, `getDayOfYear`, `getHours`, \
         `getMinutes`, `getSeconds`, `getMilliseconds`, with a time zone or without",
    ),
    (
        "addresses",
        "`ip`, `cidr`, `isIP`, `isCIDR`, `ip.isCanonical`, `containsIP`, `containsCIDR`, `family`, `masked`, \
         `prefixLength`, `isLoopback`, `isUnspecified`, `isGlobalUnicast`, `isLinkLocalUnicast`, \
         `isLinkLocalMulticast`",
    ),
    (
        "optionals",
        "`a.?b`, `a[?b]`, `[?a]`, `{?k: a}`, `optional.of`, `optional.none`, `optional.ofNonZeroValue`, \
         `hasValue`, `value`, `or`, `orValue`, `optMap`, `optFlatMap`",
    ),
    ("bytes", "`base64.encode`, `base64.decode`"),
];

/// The generated part of `docs/language.md`: every word, and what conditions may read.
pub fn reference_page() -> String {
    let mut page = String::from("## Words\n\n");
    for context in CONTEXTS {
        page.push_str(&format!(
            "### In {}\n\n{}\n\n",
            context.title,
            context.doc()
        ));
        page.push_str("| Form | Meaning | Example |\n|---|---|---|\n");
        for word in context.words {
            page.push_str(&row(word));
        }
        page.push('\n');
    }
    page.push_str(
        "## Conditions\n\nConditions are CEL, with types. An absent header, query parameter or claim is `null`: \
         it equals only `null`, is in no list, and makes `<` and functions fail. A condition that fails \
         never lets a request through. A `param.` that is known when the program is built may be read too.\n\n\
         | Field | What it is |\n|---|---|\n",
    );
    for field in FIELDS {
        page.push_str(&format!("| `{}` | {} |\n", field.name, field.doc));
    }
    page.push_str("\nBeside `&&`, `||`, `!`, `?:`, `==`, `!=`, `<`, `<=`, `>` and `>=`:\n\n| Form | Meaning |\n|---|---|\n");
    for (form, meaning) in FORMS {
        page.push_str(&format!("| {form} | {meaning} |\n"));
    }
    page.push_str(
        "\nWhat reads nothing of a request is evaluated when the program is built, by all of CEL but messages; \
         a part that fails then fails at every request, and an operator beside it may decide without it. \
         Macros are repeated for each element. Beyond the forms above, this needs values that are known:\n\n\
         | | |\n|---|---|\n",
    );
    for (kind, names) in KNOWN {
        page.push_str(&format!("| {kind} | {names} |\n"));
    }
    page
}

fn row(word: &Word) -> String {
    let often = if word.many { " May be repeated." } else { "" };
    let often = match (word.reach(ApiKind::Rest), word.reach(ApiKind::Http)) {
        (Reach::Now, Reach::Never) => format!("{often} REST APIs."),
        (Reach::Never, Reach::Now) => format!("{often} HTTP APIs."),
        (Reach::Now, Reach::Later) => format!("{often} REST APIs; not yet in HTTP APIs."),
        _ => often.to_owned(),
    };
    let (meaning, example) = match word.status() {
        Status::Supported => (
            format!("{}{often}", word.doc()),
            format!("`{}`", cell(word.example)),
        ),
        Status::NotYet => (
            format!("{} *Not supported yet.*", word.doc()),
            String::new(),
        ),
    };
    format!(
        "| `{}` | {} | {} |\n",
        cell(word.form),
        cell(&meaning),
        example
    )
}

/// A vertical bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
