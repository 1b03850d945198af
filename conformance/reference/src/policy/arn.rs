//! Patterns over ARNs: six segments, each compared by itself.

use super::Question;
use super::clause::expand;
use super::glob::{Piece, fits};

/// Whether a resource pattern fits. Variables stand in its last segment; one without a value
/// fits nothing.
pub(super) fn resource_matches(pattern: &str, question: &Question) -> bool {
    let Some(pieces) = expand(pattern, question) else {
        return false;
    };
    fits_arn(&pieces, &question.resource)
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
