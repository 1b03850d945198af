//! Patterns over ARNs: six segments, each compared by itself.

use super::clause::{expand, is_open};
use super::glob::{Piece, fits};
use super::together::Kind;
use super::{Question, Truth};

/// Whether a resource pattern fits. Variables stand in its last segment; one without a value
/// fits nothing. An error: a policy of this kind may not hold the pattern.
pub(super) fn resource_matches(pattern: &str, question: &Question) -> Truth {
    let short = pattern != "*" && pattern.splitn(6, ':').count() < 6;
    let open = match question.kind {
        Kind::Identity | Kind::Boundary | Kind::Session | Kind::Endpoint => true,
        Kind::Resource => pattern.contains(['*', '?']),
        Kind::ServiceControl if short && !pattern.ends_with('*') => return Truth::Error,
        Kind::ResourceControl if short => return Truth::Error,
        Kind::ServiceControl | Kind::ResourceControl => true,
    };
    if question.variables && (is_open(pattern) || is_early(pattern)) {
        return Truth::Error;
    }
    let Some(mut pieces) = expand(pattern, question) else {
        return Truth::False;
    };
    if short {
        if !open {
            return Truth::False;
        }
        // The segments that are missing may be anything.
        for _ in pattern.splitn(6, ':').count()..6 {
            pieces.extend([Piece::Literal(':'), Piece::Run]);
        }
    }
    fits_arn(&pieces, &question.resource).into()
}

/// Whether a variable stands before the last segment.
fn is_early(pattern: &str) -> bool {
    pattern
        .split_once("${")
        .is_some_and(|(before, _)| before.matches(':').count() < 5)
}

/// Whether an ARN fits a pattern segment by segment: a `*` stays inside its segment, save in the
/// last. A pattern of fewer segments that ends with `*` fits whatever follows.
pub(super) fn fits_arn(pattern: &[Piece], arn: &str) -> bool {
    if pattern == [Piece::Run] {
        return true;
    }
    let colon = Piece::Literal(':');
    let segments: Vec<&[Piece]> = pattern.splitn(6, |piece| *piece == colon).collect();
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    if segments.len() < 6 {
        let Some((last, before)) = segments.split_last() else {
            return false;
        };
        if last.last() != Some(&Piece::Run) || parts.len() <= before.len() {
            return false;
        }
        let rest = parts[before.len()..].join(":");
        return before
            .iter()
            .zip(&parts)
            .all(|(pattern, part)| fits(pattern, part))
            && fits(last, &rest);
    }
    parts.len() == 6
        && segments
            .iter()
            .zip(&parts)
            .all(|(pattern, part)| fits(pattern, part))
}
