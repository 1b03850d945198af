//! What the statements of a long policy are filed under, so that a request asks few of them.
//!
//! A leaf that must hold for a condition to be true or an error discriminates: where it is false, the statement
//! has no effect, whatever it does. Of several the rarest among all statements is taken.

use std::collections::HashMap;

use tollgate_runtime::Variable;
use tollgate_runtime::isa::Absent;
use tollgate_runtime::policy::STATEMENTS;

use crate::ir::{
    Condition, Effect, Filed, IndexKey as Key, Indexed, Instruction, Leaf, Load, PatternPiece, Test,
};

/// Keys of one statement; one with more is asked always.
const KEYS: usize = 32;

/// Loads that one index looks texts up by.
const LOADS: usize = 8;

/// The statements as parts with an index each.
pub(super) fn indexed(residual: &[(Effect, u32, Condition)]) -> Vec<Instruction> {
    let parts = residual.chunks(STATEMENTS);
    parts
        .map(|part| Instruction::Indexed(index(part)))
        .collect()
}

fn index(part: &[(Effect, u32, Condition)]) -> Indexed {
    let mut counts = HashMap::new();
    for (_, _, condition) in part {
        count(condition, &mut counts);
    }
    let mut index = Indexed::default();
    for (effect, id, condition) in part {
        let under = best(condition, &counts)
            .map(|(_, keys)| keys)
            .filter(|keys| keys.len() <= KEYS && index.take_loads(keys));
        index.statements.push(Filed {
            under,
            condition: condition.clone(),
            effect: *effect,
            id: *id,
        });
    }
    index
}

impl Indexed {
    /// Makes room for the loads of keys, if there is.
    fn take_loads(&mut self, keys: &[Key]) -> bool {
        let mut loads = self.loads.clone();
        for key in keys {
            if let Key::Text(load, _) = key
                && !loads.contains(load)
            {
                loads.push(load.clone());
            }
        }
        let fits = loads.len() <= LOADS;
        if fits {
            self.loads = loads;
        }
        fits
    }
}

/// What a leaf can be filed under: all of these together, and for each one of several. `None`: nothing.
fn options(leaf: &Leaf) -> Option<Vec<Vec<Key>>> {
    match leaf {
        Leaf::ArnLike(globs) => globs.iter().map(|glob| segments(glob)).collect(),
        Leaf::PathLike(globs) => globs.iter().map(|glob| path_segments(glob)).collect(),
        Leaf::ArnFits(pattern) => Some(vec![segments(&widened(pattern))?]),
        Leaf::Test {
            load,
            test: Test::OneOf(texts),
            absent: Absent::False,
        } if is_text(load) => {
            let key = |text: &String| vec![Key::Text(load.clone(), text.clone())];
            Some(texts.iter().map(key).collect())
        }
        Leaf::PeerIn(set)
        | Leaf::SourceIn {
            set,
            absent: Absent::False,
            ..
        } => Some(vec![vec![Key::Source(set.clone())]]),
        _ => None,
    }
}

/// Whether what is loaded is a text or missing, and costs little.
fn is_text(load: &Load) -> bool {
    matches!(
        load,
        Load::HeaderFolded(_)
            | Load::Header(_)
            | Load::Principal(_)
            | Load::Context(crate::ir::ContextVariable(Variable::IdentityVpceId))
    )
}

/// The segments that stand whole in every text that the glob fits; the API's id is none, for all have it.
fn segments(glob: &str) -> Option<Vec<Key>> {
    keys(glob.split('/').skip(1), Key::Segment)
}

/// The same, of a glob over paths.
fn path_segments(glob: &str) -> Option<Vec<Key>> {
    keys(glob.split('/'), Key::PathSegment)
}

fn keys<'g>(segments: impl Iterator<Item = &'g str>, key: fn(String) -> Key) -> Option<Vec<Key>> {
    let whole = |segment: &&str| !segment.is_empty() && !segment.contains(['*', '?']);
    let keys: Vec<Key> = segments.filter(whole).map(|s| key(s.into())).collect();
    (!keys.is_empty()).then_some(keys)
}

/// A glob that fits whatever the pattern fits.
pub(super) fn widened(pattern: &[PatternPiece]) -> String {
    pattern
        .iter()
        .map(|piece| match piece {
            PatternPiece::Text(text) => text.as_str(),
            PatternPiece::Literal(_) | PatternPiece::Variable { .. } => "*",
        })
        .collect()
}

fn count(condition: &Condition, counts: &mut HashMap<Key, usize>) {
    match condition {
        Condition::And(all) | Condition::Or(all) => {
            all.iter().for_each(|inner| count(inner, counts));
        }
        Condition::Leaf(leaf) => {
            for key in options(leaf).into_iter().flatten().flatten() {
                *counts.entry(key).or_default() += 1;
            }
        }
        Condition::Known(_) | Condition::Error | Condition::Not(_) => {}
    }
}

/// The rarest keys of which one holds where the condition is not false, and how often the commonest of them
/// stands among all statements.
fn best(condition: &Condition, counts: &HashMap<Key, usize>) -> Option<(usize, Vec<Key>)> {
    let often = |key: &Key| counts.get(key).copied().unwrap_or_default();
    match condition {
        Condition::Known(false) => Some((0, Vec::new())),
        Condition::Known(true) | Condition::Error | Condition::Not(_) => None,
        Condition::And(all) => all
            .iter()
            .filter_map(|inner| best(inner, counts))
            .min_by_key(|(often, keys)| (*often, keys.len())),
        Condition::Or(all) => all.iter().map(|inner| best(inner, counts)).try_fold(
            (0, Vec::new()),
            |(most, mut keys), inner| {
                let (often, inner) = inner?;
                keys.extend(inner);
                Some((most.max(often), keys))
            },
        ),
        Condition::Leaf(leaf) => {
            let rarest = |keys: Vec<Key>| keys.into_iter().min_by_key(often);
            let keys: Vec<Key> = options(leaf)?
                .into_iter()
                .map(rarest)
                .collect::<Option<_>>()?;
            let most = keys.iter().map(often).max().unwrap_or_default();
            Some((most, keys))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(globs: &[&str]) -> Condition {
        Condition::Leaf(Leaf::ArnLike(globs.iter().map(|g| g.to_string()).collect()))
    }

    fn agent(text: &str) -> Condition {
        Condition::Leaf(Leaf::Test {
            load: Load::HeaderFolded("User-Agent".into()),
            test: Test::OneOf(vec![text.into()]),
            absent: Absent::False,
        })
    }

    fn under(conditions: &[Condition]) -> Vec<Option<Vec<Key>>> {
        let residual: Vec<_> = (0..)
            .zip(conditions)
            .map(|(id, c)| (Effect::Deny, id, c.clone()))
            .collect();
        let filed = index(&residual).statements.into_iter();
        filed.map(|filed| filed.under).collect()
    }

    fn segment(text: &str) -> Key {
        Key::Segment(text.into())
    }

    #[test]
    fn a_statement_is_filed_under_its_rarest_segment() {
        let found = under(&[
            like(&["a/*/GET/pets/*"]),
            like(&["a/*/GET/orders/*", "*/items"]),
            like(&["a/*/GET/pe?s/*"]),
        ]);
        assert_eq!(found[0], Some(vec![segment("pets")]));
        assert_eq!(found[1], Some(vec![segment("orders"), segment("items")]));
        assert_eq!(found[2], Some(vec![segment("GET")]));
    }

    #[test]
    fn what_may_hold_without_a_key_is_filed_nowhere() {
        let open = Condition::Leaf(Leaf::Missing(Load::Now));
        let found = under(&[
            like(&["a/*/GET/pets", "a/*"]),
            Condition::Not(Box::new(like(&["a/*/GET/pets"]))),
            Condition::Or(vec![like(&["a/*/GET/pets"]), open.clone()]),
            Condition::And(vec![open.clone(), like(&["a/*/GET/pets"])]),
            open,
        ]);
        assert_eq!(found[..3], [None, None, None]);
        assert!(found[3].is_some());
        assert_eq!(found[4], None);
    }

    #[test]
    fn of_two_leaves_the_one_that_others_share_less_counts() {
        let both = Condition::And(vec![agent("curl"), like(&["a/*/GET/pets"])]);
        let found = under(&[both, agent("curl"), agent("curl"), agent("wget")]);
        assert_eq!(
            found[0],
            Some(vec![segment("GET")]),
            "the first of the rarest"
        );
        assert_eq!(
            found[1],
            Some(vec![Key::Text(
                Load::HeaderFolded("User-Agent".into()),
                "curl".into()
            )])
        );
    }
}
