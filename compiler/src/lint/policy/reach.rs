//! Whether a statement's resources and an API's routes have a method ARN in common.

use tollgate_model::api::{Api, Method, RouteKey, Segment};
use tollgate_model::policy::{ResourcePattern, Resources, Statement};

use crate::route_language::{Fit, Glob, Part, Token, tokens};

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
            !reaches_over
                && !api
                    .routes
                    .iter()
                    .any(|route| fits_some(rest, &[], &route.key))
        }
    })
}

/// Whether a pattern can fit the ARN of a route, in any account, API and stage.
fn may_name(pattern: &str, key: &RouteKey) -> bool {
    let (before, last) = match pattern.match_indices(':').nth(4) {
        Some((at, _)) => pattern.split_at(at + 1),
        None => (pattern, "*"),
    };
    let slash = Token::Byte(b'/');
    let anywhere = [Token::Segment, slash.clone(), Token::Stage, slash];
    // What is no API's at all is told where the resource is read.
    !crate::arn::overlap(before.trim_end_matches(':'), "arn:*:execute-api:*:*")
        || fits_some(last, &anywhere, key)
}

/// Whether a glob and the ARNs of a route, behind these pieces, have one in common.
fn fits_some(glob: &str, before: &[Token], key: &RouteKey) -> bool {
    let (RouteKey::Http { path, method }, Some(glob)) = (key, Glob::new(glob)) else {
        return true;
    };
    let segments: Vec<Part<'_>> = path
        .segments
        .iter()
        .map(|segment| match segment {
            Segment::Literal(text) => Part::Literal(text),
            Segment::Parameter(_) => Part::One,
            Segment::Greedy(_) => Part::Many,
        })
        .collect();
    let stands_for = |verb: &&Method| match method {
        Method::Any => **verb != Method::Any,
        method => *verb == method,
    };
    let fits = |verb: &Method| glob.fit(&tokens(before, verb.as_str(), &segments)) != Fit::None;
    Method::ALL.iter().filter(stands_for).any(fits)
}

#[cfg(test)]
mod tests {
    use tollgate_model::api::PathTemplate;

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
            assert_eq!(
                fits_some(glob, &[], &key),
                expected,
                "{glob} {method:?} {path}"
            );
        }
    }
}
