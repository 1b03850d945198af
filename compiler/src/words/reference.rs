//! The reference of the language, printed from the table.

use super::table::CONTEXTS;
use super::{Reach, Status, Word};
use crate::cel::FIELDS;
use tollgate_model::api::ApiKind;

/// What conditions ask, by where it comes from.
const FORMS: [(&str, &str); 12] = [
    (
        "operators",
        "`&&`, `||`, `!`, `?:`, `==`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `+`, `-`, `*`, `/`, `%`; a whole number that \
         leaves its range fails",
    ),
    (
        "addresses",
        "`source.ip in cidr(\"…\", …)`, `source.ip == ip(\"…\")`; `isIP`, `isCIDR`, `ip.isCanonical`, `containsIP`, \
         `containsCIDR`, `family`, `masked`, `prefixLength`, `isLoopback`, `isUnspecified`, `isGlobalUnicast`, \
         `isLinkLocalUnicast`, `isLinkLocalMulticast`",
    ),
    (
        "texts",
        "`startsWith`, `endsWith`, `contains`, `charAt`, `format`, `indexOf`, `lastIndexOf`, `lowerAscii`, `replace`, \
         `reverse`, `size`, `split`, `strings.quote`, `substring`, `trim`, `upperAscii`",
    ),
    (
        "patterns",
        "`a.matches(\"…\")`: whether a regular expression (RE2's) finds something in a text; it is known when the program \
         is built",
    ),
    (
        "lists and maps",
        "`[…]`, `{…}`, `a[b]`, `size`, `distinct`, `first`, `flatten`, `join`, `last`, `lists.range`, `reverse`, `slice`, \
         `sort`",
    ),
    (
        "macros",
        "`has(claims.x)`, `all`, `exists`, `exists_one`, `filter`, `map`, `sortBy`, `transformList`, `transformMap`, \
         `transformMapEntry`; with two names of index and element, of key and value",
    ),
    (
        "times",
        "`timestamp(\"2026-11-23T10:00:00Z\")`, `duration(\"1h30m\")`, which are added and subtracted; `getFullYear`, \
         `getMonth`, `getDate`, `getDayOfMonth`, `getDayOfWeek`, `getDayOfYear`, `getHours`, `getMinutes`, `getSeconds`, \
         `getMilliseconds`, of UTC or of a time zone that is known when the program is built: \
         `now.getHours(\"Europe/Berlin\")`",
    ),
    (
        "conversions",
        "`bool`, `bytes`, `double`, `dyn`, `int`, `string`, `type`, `uint`",
    ),
    (
        "numbers",
        "`math.abs`, `bitAnd`, `bitNot`, `bitOr`, `bitShiftLeft`, `bitShiftRight`, `bitXor`, `ceil`, `floor`, \
         `greatest`, `isFinite`, `isInf`, `isNaN`, `least`, `round`, `sign`, `sqrt`, `trunc`",
    ),
    (
        "optionals",
        "`a.?b`, `a[?b]`, `[?a]`, `{?k: a}`, `optional.of`, `optional.none`, `optional.ofNonZeroValue`, \
         `hasValue`, `value`, `or`, `orValue`, `optMap`, `optFlatMap`",
    ),
    ("bytes", "`base64.encode`, `base64.decode`"),
    ("names", "`cel.bind(x, a, …)` gives a value a name"),
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
    page.push_str(
        "\nA claim is the text that context variables show; beside a number it is the number that it says. One that is a \
         list or an object in the token is that where elements are asked for: `\"admin\" in claims.groups`. Names of \
         headers are in small letters where they are walked over.\n\n\
         A condition may use all of CEL but messages:\n\n| | |\n|---|---|\n",
    );
    for (kind, names) in FORMS {
        page.push_str(&format!("| {kind} | {names} |\n"));
    }
    page.push_str(
        "\nTests of one field are instructions of their own, which policies are indexed by; everything else is evaluated \
         by its code, in bounded steps and memory. What reads nothing of a request is evaluated when the program is \
         built; a part that fails then fails at every request, and an operator beside it may decide without it.\n",
    );
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
