//! URIs and ARNs of integrations: what gate can write shorter, and what stands in braces.

use indexmap::IndexSet;

use super::text::Hole;
use crate::document::write::Part;

/// The names of the `{name}` in a URI, in order, each once.
pub(super) fn placeholders(uri: &[Part<Hole>]) -> IndexSet<String> {
    let mut names = IndexSet::new();
    for part in uri {
        let Part::Literal(text) = part else { continue };
        for (start, _) in text.match_indices('{') {
            if text[..start].ends_with('$') {
                continue;
            }
            let inside = &text[start + 1..];
            let end = inside
                .find(['}', '{'])
                .filter(|end| inside[*end..].starts_with('}'));
            let Some(end) = end else { continue };
            let name = &inside[..end];
            let fits = !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_.-$".contains(&byte));
            if fits {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

/// The literal pieces of a text in one, holes as one character each.
fn joined(parts: &[Part<Hole>]) -> String {
    // A hole is one character that no ARN has.
    parts
        .iter()
        .map(|part| {
            if let Part::Literal(text) = part {
                text.as_str()
            } else {
                "\u{fffc}"
            }
        })
        .collect()
}

/// The pieces of `joined(parts)` between two of its bytes.
fn slice(parts: &[Part<Hole>], start: usize, end: usize) -> Vec<Part<Hole>> {
    let mut out = Vec::new();
    let mut at = 0;
    for part in parts {
        let length = if let Part::Literal(text) = part {
            text.len()
        } else {
            "\u{fffc}".len()
        };
        let (from, to) = (start.max(at), end.min(at + length));
        if from < to {
            match part {
                Part::Literal(text) => out.extend(
                    text.get(from - at..to - at)
                        .map(|text| Part::Literal(text.to_owned())),
                ),
                hole => out.push(hole.clone()),
            }
        }
        at += length;
    }
    out
}

/// What `lambda` names of an invocation ARN: the function's ARN, if the whole can be made from
/// it again, else the whole. None of anything else.
pub(super) fn lambda_target(parts: &[Part<Hole>], stream: bool) -> Option<Vec<Part<Hole>>> {
    const FORMS: [(&str, &str, bool); 2] = [
        (":lambda:path/2015-03-31/functions/", "/invocations", false),
        (
            ":lambda:path/2021-11-15/functions/",
            "/response-streaming-invocations",
            true,
        ),
    ];
    let text = joined(parts);
    let (start, end, outer, of_stream) = FORMS.iter().find_map(|(before, after, of_stream)| {
        let outer = text.find(before)?;
        let end = text.strip_suffix(after)?.len();
        let start = outer + before.len();
        (start < end).then_some((start, end, outer, *of_stream))
    })?;
    let fields = |text: &str, service: &str| {
        let mut fields = text.split(':');
        let arn = fields.next()? == "arn";
        let partition = fields.next()?.to_owned();
        (arn && fields.next()? == service).then_some((partition, fields.next()?.to_owned()))
    };
    let outer_fields = fields(&text[..outer], "apigateway")?;
    let agrees = fields(&text[start..end], "lambda").is_some_and(|inner| inner == outer_fields)
        && holes_agree(parts, start)
        && of_stream == stream;
    Some(if agrees {
        slice(parts, start, end)
    } else {
        parts.to_vec()
    })
}

/// Whether the holes among partition and region of both ARNs are the same ones.
fn holes_agree(parts: &[Part<Hole>], inner_start: usize) -> bool {
    let text = joined(parts);
    let fields = |from: usize| {
        let mut ends = text[from..].match_indices(':').map(|(at, _)| from + at);
        let _arn = ends.next()?;
        let partition = ends.next()?;
        let _service = ends.next()?;
        let region = ends.next().unwrap_or(text.len());
        Some((partition, region))
    };
    let holes = |from: usize, to: usize| -> Vec<Hole> {
        let pieces = slice(parts, from, to).into_iter();
        pieces
            .filter_map(|part| {
                if let Part::Hole(hole) = part {
                    Some(hole)
                } else {
                    None
                }
            })
            .collect()
    };
    match (fields(0), fields(inner_start)) {
        (Some((_, outer)), Some((_, inner))) => holes(0, outer) == holes(inner_start, inner),
        _ => false,
    }
}

/// Of a service's integration ARN the short form, if its region is the account's own:
/// `dynamodb:PutItem`, `s3:path/{bucket}`.
pub(super) fn service(parts: &[Part<Hole>], region: Option<&str>) -> Option<Vec<Part<Hole>>> {
    let text = joined(parts);
    let mut ends = text.match_indices(':').map(|(at, _)| at);
    let mut field = 0;
    let mut bounds = Vec::new();
    for end in ends.by_ref().take(5) {
        bounds.push((field, end));
        field = end + 1;
    }
    let [arn, partition, apigateway, region_at, service] = bounds[..] else {
        return None;
    };
    let get = |(from, to): (usize, usize)| &text[from..to];
    let is_own =
        |at: (usize, usize), name: &str, literal: Option<&str>| match slice(parts, at.0, at.1)
            .as_slice()
        {
            [Part::Literal(text)] => Some(text.as_str()) == literal,
            [Part::Hole(hole)] => hole.iter().map(String::as_str).eq(["aws", name]),
            _ => false,
        };
    let own = get(arn) == "arn"
        && is_own(partition, "partition", Some("aws"))
        && get(apigateway) == "apigateway"
        && is_own(region_at, "region", region);
    let plain = !get(service).is_empty()
        && get(service)
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !own || !plain {
        return None;
    }
    let rest = &text[field..];
    let start = match rest.strip_prefix("action/") {
        Some(action) if !action.is_empty() => field + "action/".len(),
        None if rest.starts_with("path/") => field,
        _ => return None,
    };
    let mut short = vec![Part::Literal(format!("{}:", get(service)))];
    short.extend(slice(parts, start, text.len()));
    Some(short)
}
