//! Finding the route: the reference's method-aware match over path templates.

use tollgate_model::api::{Api, Method, Route, RouteKey, Segment};

/// A route with what its parameters captured, undecoded.
pub(crate) struct Match<'a> {
    /// The route.
    pub route: &'a Route,
    /// Name and value of every path parameter, from left to right.
    pub parameters: Vec<(String, String)>,
}

/// The best of all routes whose template covers the path and whose verb is the request's or
/// `ANY`. None: the request has no route.
///
/// The method takes part in the choice: a more specific resource without the method does not
/// hide a greedy one that has it. Among candidates, literal beats parameter beats greedy from
/// left to right, and then the exact verb beats `ANY`.
pub(crate) fn find<'a>(api: &'a Api, method: &str, path: &str) -> Option<Match<'a>> {
    // HEAD is not implied by GET, and ANY stands for seven verbs, never for more.
    let verb = Method::parse(method).filter(|verb| *verb != Method::Any)?;
    // Leading slashes collapse, trailing ones are ignored, inner ones stay.
    let path = path.trim_start_matches('/').trim_end_matches('/');
    let segments: Vec<&str> = if path.is_empty() {
        Vec::new()
    } else {
        path.split('/').collect()
    };
    api.routes
        .iter()
        .filter_map(|route| {
            let RouteKey::Http { path, method } = &route.key else {
                return None;
            };
            if *method != verb && *method != Method::Any {
                return None;
            }
            let parameters = capture(&path.segments, &segments)?;
            Some((rank(&path.segments, *method), Match { route, parameters }))
        })
        .min_by(|(a, _), (b, _)| a.cmp(b))
        .map(|(_, found)| found)
}

/// The parameters' values if the template covers the segments.
fn capture(template: &[Segment], segments: &[&str]) -> Option<Vec<(String, String)>> {
    let mut values = Vec::new();
    for (index, part) in template.iter().enumerate() {
        match part {
            // Compared undecoded and case-sensitively.
            Segment::Literal(literal) => {
                if segments.get(index)? != literal {
                    return None;
                }
            }
            Segment::Parameter(name) => {
                let value = segments.get(index).filter(|value| !value.is_empty())?;
                values.push((name.clone(), (*value).to_owned()));
            }
            Segment::Greedy(name) => {
                let rest = segments.get(index..).filter(|rest| !rest.is_empty())?;
                values.push((name.clone(), rest.join("/")));
                return Some(values);
            }
        }
    }
    (template.len() == segments.len()).then_some(values)
}

/// Smaller is better: segment by segment, then the verb. A greedy segment ends a template, so
/// a longer template before it is the more specific one.
fn rank(template: &[Segment], method: Method) -> (Vec<u8>, bool) {
    let mut segments: Vec<u8> = template
        .iter()
        .map(|part| match part {
            Segment::Literal(_) => 0,
            Segment::Parameter(_) => 1,
            Segment::Greedy(_) => 2,
        })
        .collect();
    segments.push(3);
    (segments, method == Method::Any)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn serve(routes: &[&str], method: &str, path: &str) -> Option<String> {
        let api = sample::api(routes);
        find(&api, method, path).map(sample::shown)
    }

    #[test]
    fn the_method_takes_part_in_the_choice() {
        let routes = ["POST /test", "ANY /test/any", "OPTIONS /{proxy+}"];
        for (method, path, expected) in [
            ("OPTIONS", "/test", Some("OPTIONS /{proxy+} proxy=test")),
            ("POST", "/test", Some("POST /test")),
            ("OPTIONS", "/test/any", Some("ANY /test/any")),
            ("GET", "/test", None),
            ("TRACE", "/test/any", None),
            ("ANY", "/test/any", None),
        ] {
            assert_eq!(serve(&routes, method, path).as_deref(), expected);
        }
    }

    #[test]
    fn literal_beats_parameter_beats_greedy_but_none_is_final() {
        let routes = [
            "GET /a/b",
            "GET /a/{x}/c",
            "GET /{p+}",
            "ANY /a/b",
            "GET /q/{y}",
        ];
        for (path, expected) in [
            ("/a/b", Some("GET /a/b")),
            ("/a/b/c", Some("GET /a/{x}/c x=b")),
            ("/a/b/d", Some("GET /{p+} p=a/b/d")),
            ("//a/b/", Some("GET /a/b")),
            ("/A/b", Some("GET /{p+} p=A/b")),
            ("/q//", Some("GET /{p+} p=q")),
            ("/", None),
        ] {
            assert_eq!(serve(&routes, "GET", path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn values_stay_as_sent() {
        assert_eq!(
            serve(&["GET /{proxy+}"], "GET", "/v//d/test%2Balias@x+y/").as_deref(),
            Some("GET /{proxy+} proxy=v//d/test%2Balias@x+y")
        );
    }
}
