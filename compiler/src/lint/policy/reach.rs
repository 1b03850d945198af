//! Whether a statement's resources and an API's routes have a method ARN in common.

use tollgate_model::api::{Api, Method, RouteKey, Segment};
use tollgate_model::policy::{ResourcePattern, Resources, Statement};

use crate::route_language::{Glob, Part, Token, tokens};

/// The method ARNs of an API's routes, made ready to be compared with many statements.
pub(super) struct MethodArns {
    /// None: a route has ARNs that are not compared, so that every statement may name one.
    routes: Option<Vec<RouteArns>>,
}

/// The method ARNs of a route, behind their stage.
struct RouteArns {
    verbs: Vec<&'static str>,
    /// With the slash before it.
    path: Vec<Token>,
}

impl MethodArns {
    pub(super) fn of(api: &Api) -> MethodArns {
        let routes = api.routes.iter().map(|route| RouteArns::of(&route.key));
        MethodArns {
            routes: routes
                .collect::<Option<Vec<_>>>()
                .filter(|routes| !routes.is_empty()),
        }
    }

    /// Whether no route can have a method ARN that the statement names.
    pub(super) fn never_named(&self, statement: &Statement) -> bool {
        let (Some(routes), Resources::Only(patterns)) = (&self.routes, &statement.resources) else {
            return false;
        };
        patterns.iter().all(|pattern| match pattern {
            ResourcePattern::Any => false,
            // Another API's id may stand there on purpose; what no API with these routes has does not.
            ResourcePattern::Arn(arn) => !arn.contains("${") && !may_name(arn, routes),
            ResourcePattern::OfApi { stage, rest } => {
                // A star of the stage may reach over the verb and the path.
                let reaches_over = stage.contains('*') && stage != "*";
                !reaches_over && !fits_some(rest, &[], routes)
            }
        })
    }
}

impl RouteArns {
    /// None: it is no route of HTTP.
    fn of(key: &RouteKey) -> Option<RouteArns> {
        let RouteKey::Http { path, method } = key else {
            return None;
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
        let verbs = Method::ALL.iter().filter(stands_for);
        Some(RouteArns {
            verbs: verbs.map(|verb| verb.as_str()).collect(),
            path: tokens(&[], "", &segments),
        })
    }
}

/// Whether a pattern can fit an ARN of these routes, in any account, API and stage.
fn may_name(pattern: &str, routes: &[RouteArns]) -> bool {
    let (before, last) = match pattern.match_indices(':').nth(4) {
        Some((at, _)) => pattern.split_at(at + 1),
        None => (pattern, "*"),
    };
    let slash = Token::Byte(b'/');
    let anywhere = [Token::Segment, slash, Token::Stage, slash];
    // What is no API's at all is told where the resource is read.
    !crate::arn::overlap(before.trim_end_matches(':'), "arn:*:execute-api:*:*")
        || fits_some(last, &anywhere, routes)
}

/// Whether a glob and the ARNs of these routes, behind these pieces, have one in common.
fn fits_some(glob: &str, before: &[Token], routes: &[RouteArns]) -> bool {
    let Some(glob) = Glob::new(glob) else {
        return true;
    };
    routes.iter().any(|route| {
        route.verbs.iter().any(|verb| {
            let before = before.iter().copied();
            let path = route.path.iter().copied();
            glob.meets(before.chain(verb.bytes().map(Token::Byte)).chain(path))
        })
    })
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
            let routes = [RouteArns::of(&key).unwrap()];
            assert_eq!(may_name(pattern, &routes), expected, "{pattern}");
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
            let routes = [RouteArns::of(&key).unwrap()];
            assert_eq!(
                fits_some(glob, &[], &routes),
                expected,
                "{glob} {method:?} {path}"
            );
        }
    }
}
