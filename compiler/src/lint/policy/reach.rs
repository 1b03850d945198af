//! Whether a statement's resources and an API's routes have a method ARN in common.

use tollgate_model::api::{Api, RouteKey, Segment};
use tollgate_model::policy::{ResourcePattern, Resources, Statement};

/// Whether no route of the API can have a method ARN that the statement names.
pub(super) fn never_applies(api: &Api, statement: &Statement) -> bool {
    let Resources::Only(patterns) = &statement.resources else {
        return false;
    };
    if api.routes.is_empty() {
        return false;
    }
    patterns.iter().all(|pattern| match pattern {
        ResourcePattern::Any => false,
        // Another API's id may stand there on purpose; what no API with these routes has does not.
        ResourcePattern::Arn(arn) => {
            !arn.contains("${") && !api.routes.iter().any(|route| may_name(arn, &route.key))
        }
        ResourcePattern::OfApi { stage, rest } => {
            // A star of the stage may reach over the verb and the path.
            let reaches_over = stage.contains('*') && stage != "*";
            !reaches_over && !api.routes.iter().any(|route| covers(rest, &route.key))
        }
    })
}

/// Whether a pattern can fit the ARN of a route, in any account, API and stage.
fn may_name(pattern: &str, key: &RouteKey) -> bool {
    let (before, last) = match pattern.match_indices(':').nth(4) {
        Some((at, _)) => pattern.split_at(at + 1),
        None => (pattern, "*"),
    };
    let anywhere = [
        Piece::Segment,
        Piece::Char('/'),
        Piece::Segment,
        Piece::Char('/'),
    ];
    // What is no API's at all is told where the resource is read.
    !crate::arn::overlap(before.trim_end_matches(':'), "arn:*:execute-api:*:*")
        || fits_some(last, &anywhere, key)
}

/// A piece of what follows the stage in a method's ARN.
#[derive(Clone, Copy)]
enum Piece {
    Char(char),
    /// One or more characters without a slash.
    Segment,
    /// One or more characters.
    Rest,
    /// One of the seven verbs.
    Verb,
}

/// Whether a glob and the ARNs of a route, behind the stage, have one in common.
fn covers(glob: &str, key: &RouteKey) -> bool {
    fits_some(glob, &[], key)
}

/// Whether a glob and the ARNs of a route, behind these pieces, have one in common.
fn fits_some(glob: &str, before: &[Piece], key: &RouteKey) -> bool {
    let RouteKey::Http { path, method } = key else {
        return true;
    };
    let mut pieces: Vec<Piece> = before.to_vec();
    match method {
        tollgate_model::api::Method::Any => pieces.push(Piece::Verb),
        method => pieces.extend(method.as_str().chars().map(Piece::Char)),
    }
    pieces.push(Piece::Char('/'));
    for (at, segment) in path.segments.iter().enumerate() {
        if at > 0 {
            pieces.push(Piece::Char('/'));
        }
        match segment {
            Segment::Literal(literal) => pieces.extend(literal.chars().map(Piece::Char)),
            Segment::Parameter(_) => pieces.push(Piece::Segment),
            Segment::Greedy(_) => pieces.push(Piece::Rest),
        }
    }
    let glob: Vec<char> = glob.chars().collect();
    // Which places of the glob can be reached after each piece of the route.
    let mut reach = vec![false; glob.len() + 1];
    reach[0] = true;
    over_stars(&glob, &mut reach);
    for piece in pieces {
        reach = match piece {
            Piece::Char(c) => step(&glob, &reach, |glob| glob == '?' || glob == c),
            Piece::Segment => many(&glob, &reach, |glob| glob != '/'),
            Piece::Rest => many(&glob, &reach, |_| true),
            Piece::Verb => {
                let mut any = vec![false; glob.len() + 1];
                for verb in tollgate_model::api::Method::ALL {
                    let after = verb.as_str().chars().fold(reach.clone(), |reach, c| {
                        step(&glob, &reach, |glob| glob == '?' || glob == c)
                    });
                    any.iter_mut()
                        .zip(after)
                        .for_each(|(any, after)| *any |= after);
                }
                any
            }
        };
        if !reach.contains(&true) {
            return false;
        }
    }
    reach.last().copied().unwrap_or(false)
}

/// A star may stand for nothing.
fn over_stars(glob: &[char], reach: &mut [bool]) {
    for (at, c) in glob.iter().enumerate() {
        if *c == '*' && reach[at] {
            reach[at + 1] = true;
        }
    }
}

/// After one character that fits.
fn step(glob: &[char], reach: &[bool], fits: impl Fn(char) -> bool) -> Vec<bool> {
    let mut next = vec![false; reach.len()];
    for (at, c) in glob.iter().enumerate() {
        if !reach[at] {
            continue;
        }
        if *c == '*' {
            next[at] = true;
        } else if fits(*c) {
            next[at + 1] = true;
        }
    }
    over_stars(glob, &mut next);
    next
}

/// After one or more characters that fit.
fn many(glob: &[char], reach: &[bool], fits: impl Fn(char) -> bool + Copy) -> Vec<bool> {
    let mut total = step(glob, reach, fits);
    loop {
        let next = step(glob, &total, fits);
        let grew = next.iter().zip(&total).any(|(next, total)| *next && !total);
        if !grew {
            return total;
        }
        total
            .iter_mut()
            .zip(next)
            .for_each(|(total, next)| *total |= next);
    }
}

#[cfg(test)]
mod tests {
    use tollgate_model::api::{Method, PathTemplate};

    use super::*;

    #[test]
    fn an_arn_may_name_a_route_unless_no_api_has_it() {
        let key = RouteKey::Http {
            path: PathTemplate {
                segments: vec![
                    Segment::Literal("pets".into()),
                    Segment::Parameter("pet".into()),
                ],
            },
            method: Method::Get,
        };
        for (pattern, expected) in [
            ("arn:aws:execute-api:*:*:*", true),
            ("arn:aws:execute-api:*", true),
            (
                "arn:aws:execute-api:eu-west-1:111122223333:other/prod/GET/pets/7",
                true,
            ),
            ("arn:aws:execute-api:*:*:*/prod/*/pets/*", true),
            ("arn:aws:execute-api:*:*:*/prod/PUT/pets/*", false),
            ("arn:aws:execute-api:*:*:*/prod/GET/dogs/*", false),
            ("arn:aws:s3:::pets/*", true),
        ] {
            assert_eq!(may_name(pattern, &key), expected, "{pattern}");
        }
    }

    #[test]
    fn a_glob_covers_a_route_if_one_request_fits_both() {
        for (glob, method, path, expected) in [
            ("*", Method::Get, "/pets", true),
            ("GET/pets", Method::Get, "/pets", true),
            ("GET/pets", Method::Put, "/pets", false),
            ("*/pets/*", Method::Get, "/pets", false),
            ("*/pets/*", Method::Get, "/pets/{pet}", true),
            ("GET/pets/a1?2", Method::Get, "/pets/{pet}", true),
            ("GET/pets/a/b", Method::Get, "/pets/{pet}", false),
            ("GET/pets/a/b", Method::Get, "/pets/{rest+}", true),
            ("POST/x", Method::Any, "/x", true),
            ("TRACE/x", Method::Any, "/x", false),
            ("GET/", Method::Get, "/", true),
            ("*admin*", Method::Get, "/super/administration", true),
        ] {
            let key = RouteKey::Http {
                path: PathTemplate::of(path),
                method,
            };
            assert_eq!(covers(glob, &key), expected, "{glob} {method:?} {path}");
        }
    }
}
