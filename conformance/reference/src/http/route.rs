//! Finding the route of an HTTP API.

use tollgate_model::api::{Api, Method, Route, RouteKey, Segment};

use super::{decoded, decoded_bytes};
use crate::route::Match;

/// A full match of literals and single parameters comes before any greedy one; of each kind the leftmost literal
/// wins, and of one path the exact verb before `ANY`. Routes of another verb are passed over. What is left goes to
/// `$default`, whatever its verb.
pub(crate) fn find<'a>(api: &'a Api, method: &str, path: &str) -> Option<Match<'a>> {
    let verb = Method::parse(method).filter(|verb| *verb != Method::Any);
    let bare = path.strip_prefix('/').unwrap_or(path);
    // A slash at the end leaves an empty segment; the root has none.
    let segments: Vec<&str> = match bare {
        "" => Vec::new(),
        bare => bare.split('/').collect(),
    };
    let best = api
        .routes
        .iter()
        .filter_map(|route| {
            let RouteKey::Http { path, method } = &route.key else {
                return None;
            };
            if verb.is_none() || (Some(*method) != verb && *method != Method::Any) {
                return None;
            }
            let parameters = capture(&path.segments, &segments)?;
            let rank: Vec<u8> = path.segments.iter().map(rank).collect();
            let greedy = rank.last() == Some(&2);
            // Of two greedy routes the one with more before its greedy part is the more special.
            let rank = rank.into_iter().chain([3]).collect::<Vec<u8>>();
            let order = (greedy, rank, *method == Method::Any);
            Some((order, Match { route, parameters }))
        })
        .min_by(|(a, _), (b, _)| a.cmp(b))
        .map(|(_, found)| found);
    best.or_else(|| {
        let default =
            |route: &&Route| matches!(&route.key, RouteKey::Named(key) if key == "$default");
        Some(Match {
            route: api.routes.iter().find(default)?,
            parameters: Vec::new(),
        })
    })
}

fn rank(segment: &Segment) -> u8 {
    match segment {
        Segment::Literal(_) => 0,
        Segment::Parameter(_) => 1,
        Segment::Greedy(_) => 2,
    }
}

/// The parameters' values, decoded, if the template covers the segments. Literals are compared with what a segment
/// says once it is decoded.
fn capture(template: &[Segment], segments: &[&str]) -> Option<Vec<(String, String)>> {
    let mut values = Vec::new();
    for (index, part) in template.iter().enumerate() {
        let segment = segments.get(index)?;
        match part {
            Segment::Literal(literal) => {
                if decoded_bytes(segment) != literal.as_bytes() {
                    return None;
                }
            }
            Segment::Parameter(name) => {
                if segment.is_empty() {
                    return None;
                }
                values.push((name.clone(), decoded(segment)));
            }
            Segment::Greedy(name) => {
                values.push((name.clone(), decoded(&segments[index..].join("/"))));
                return Some(values);
            }
        }
    }
    (template.len() == segments.len()).then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn served(routes: &[&str], method: &str, path: &str) -> Option<String> {
        let mut api = sample::api(routes);
        // What `$default` is to a request no verb and path can say.
        for route in &mut api.routes {
            if route.key.display() == "ANY /$default" {
                route.key = RouteKey::Named("$default".into());
            }
        }
        find(&api, method, path).map(sample::shown)
    }

    #[test]
    fn the_most_special_route_of_the_verb_serves() {
        let routes = [
            "GET /pets/dog/1",
            "GET /pets/dog/{id}",
            "GET /pets/{proxy+}",
            "ANY /{proxy+}",
            "ANY /$default",
        ];
        for (method, path, expected) in [
            ("GET", "/pets/dog/1", "GET /pets/dog/1"),
            ("GET", "/pets/dog/2", "GET /pets/dog/{id} id=2"),
            ("GET", "/pets/cat/1", "GET /pets/{proxy+} proxy=cat/1"),
            ("POST", "/test/5", "ANY /{proxy+} proxy=test/5"),
            ("GET", "/", "$default"),
            ("GET", "", "$default"),
            ("PURGE", "/pets", "$default"),
            ("GET", "/pets/", "GET /pets/{proxy+} proxy="),
            ("GET", "/pets/dog/", "GET /pets/{proxy+} proxy=dog/"),
            ("GET", "/pets/d%6Fg/a%20b", "GET /pets/dog/{id} id=a b"),
            ("GET", "/pets%2Fdog/1", "ANY /{proxy+} proxy=pets/dog/1"),
        ] {
            assert_eq!(
                served(&routes, method, path).as_deref(),
                Some(expected),
                "{path}"
            );
        }
    }

    #[test]
    fn a_full_match_comes_before_a_greedy_one_and_a_slash_counts() {
        let routes = ["GET /a/{p+}", "GET /{x}/{y}", "POST /only"];
        for (method, path, expected) in [
            ("GET", "/a/b", Some("GET /{x}/{y} x=a y=b")),
            ("GET", "/a/b/c", Some("GET /a/{p+} p=b/c")),
            ("POST", "/only", Some("POST /only")),
            ("POST", "/only/", None),
            ("GET", "/only", None),
        ] {
            assert_eq!(served(&routes, method, path).as_deref(), expected, "{path}");
        }
    }
}
