//! Where no route matches a request: what the routes nearest to it are.

use tollgate_model::api::{Api, Method, Route, RouteKey, Segment};

/// How many routes are named at most.
const NAMED: usize = 3;

/// The routes that a request may have been meant for, nearest first; none if nothing is near.
pub(crate) fn nearest<'a>(api: &'a Api, method: &str, path: &str) -> Vec<&'a Route> {
    let path = path.split('?').next().unwrap_or_default();
    let asked: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    let mut found: Vec<(usize, &Route)> = api
        .routes
        .iter()
        .filter_map(|route| Some((distance(route, method, &asked)?, route)))
        .collect();
    found.sort_by_key(|(distance, _)| *distance);
    // As far as a typing mistake or two, or another method.
    let near = found.first().map_or(0, |(first, _)| first + 2);
    found.retain(|(distance, _)| *distance <= near.min(2 * asked.len() + 2));
    found
        .into_iter()
        .map(|(_, route)| route)
        .take(NAMED)
        .collect()
}

fn distance(route: &Route, method: &str, asked: &[&str]) -> Option<usize> {
    let RouteKey::Http { path, method: own } = &route.key else {
        return None;
    };
    let fits = *own == Method::Any || own.as_str() == method;
    let mut sum = usize::from(!fits);
    let mut asked = asked.iter();
    for segment in &path.segments {
        let Some(text) = asked.next() else {
            sum += 3;
            continue;
        };
        match segment {
            Segment::Literal(literal) => sum += edits(literal, text).min(4),
            Segment::Parameter(_) => {}
            Segment::Greedy(_) => {
                asked = [].iter();
            }
        }
    }
    Some(sum + 3 * asked.count())
}

/// Letters that have to be changed, added or left out.
fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) =
        (a.chars().take(64).collect(), b.chars().take(64).collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let next = (corner + usize::from(x != y)).min(left + 1).min(*cell + 1);
            corner = *cell;
            *cell = next;
            left = next;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        for (a, b, n) in [
            ("", "", 0),
            ("abc", "abc", 0),
            ("abc", "", 3),
            ("order", "orders", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!((edits(a, b), edits(b, a)), (n, n), "{a} {b}");
        }
    }

    #[test]
    fn the_nearest_route_is_the_one_that_was_meant() {
        let text = "rest api A {
          GET /orders/{id} { auth: none, integrate mock, respond 200 }
          POST /orders { auth: none, integrate mock, respond 200 }
          GET /health { auth: none, integrate mock, respond 200 }
        }";
        let (program, found) = tollgate_compiler::check_text(text);
        let program = program.unwrap_or_else(|| panic!("{found:?}"));
        for (method, path, wanted) in [
            ("GET", "/order/7", "GET /orders/{id}"),
            ("DELETE", "/orders/7", "GET /orders/{id}"),
            ("GET", "/helth", "GET /health"),
            ("PUT", "/orders", "POST /orders"),
            ("GET", "/Health?a=b", "GET /health"),
        ] {
            let near = nearest(&program.apis[0], method, path);
            assert_eq!(near[0].key.display(), wanted, "{method} {path}");
        }
        assert!(nearest(&program.apis[0], "GET", "/a/b/c/d/e/f").is_empty());
    }
}
