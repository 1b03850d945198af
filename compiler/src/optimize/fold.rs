//! Folding of conditions.

use crate::ir::Condition;

/// The same condition, with known parts decided. It has the same value for all values of its leaves.
pub(crate) fn fold(condition: &Condition) -> Condition {
    match condition {
        Condition::Known(_) | Condition::Error | Condition::Leaf(_) => condition.clone(),
        Condition::Not(inner) => match fold(inner) {
            Condition::Known(b) => Condition::Known(!b),
            Condition::Error => Condition::Error,
            Condition::Not(inner) => *inner,
            other => Condition::Not(Box::new(other)),
        },
        Condition::And(all) => connective(all, false),
        Condition::Or(all) => connective(all, true),
    }
}

/// A conjunction (`dominant` false) or disjunction (`dominant` true). An error does not decide: a later operand
/// may dominate it.
fn connective(all: &[Condition], dominant: bool) -> Condition {
    let mut rest: Vec<Condition> = Vec::new();
    for condition in all {
        match fold(condition) {
            Condition::Known(b) if b == dominant => return Condition::Known(dominant),
            Condition::Known(_) => {}
            Condition::And(inner) if !dominant => rest.extend(inner),
            Condition::Or(inner) if dominant => rest.extend(inner),
            other if rest.contains(&other) => {}
            other => rest.push(other),
        }
    }
    match rest.len() {
        0 => Condition::Known(!dominant),
        1 => rest.remove(0),
        _ if dominant => Condition::Or(rest),
        _ => Condition::And(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{Leaf, Load};

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Truth {
        False,
        True,
        Error,
    }
    use Truth::{Error, False, True};

    fn leaf(name: &str) -> Condition {
        Condition::Leaf(Leaf::Missing(Load::Header(name.into())))
    }

    fn value(condition: &Condition, a: Truth, b: Truth) -> Truth {
        match condition {
            Condition::Known(true) => True,
            Condition::Known(false) => False,
            Condition::Error => Error,
            Condition::Not(inner) => match value(inner, a, b) {
                True => False,
                False => True,
                Error => Error,
            },
            Condition::And(all) => {
                let values: Vec<_> = all.iter().map(|c| value(c, a, b)).collect();
                if values.contains(&False) {
                    False
                } else if values.contains(&Error) {
                    Error
                } else {
                    True
                }
            }
            Condition::Or(all) => {
                let values: Vec<_> = all.iter().map(|c| value(c, a, b)).collect();
                if values.contains(&True) {
                    True
                } else if values.contains(&Error) {
                    Error
                } else {
                    False
                }
            }
            Condition::Leaf(Leaf::Missing(Load::Header(name))) if name == "a" => a,
            Condition::Leaf(_) => b,
        }
    }

    /// Every condition of two levels over two leaves and the constants.
    fn conditions() -> Vec<Condition> {
        let atoms = vec![
            leaf("a"),
            leaf("b"),
            Condition::Known(true),
            Condition::Known(false),
            Condition::Error,
        ];
        let mut level = atoms.clone();
        for _ in 0..2 {
            let mut next = atoms.clone();
            for x in level.iter().take(40) {
                next.push(Condition::Not(Box::new(x.clone())));
                for y in &atoms {
                    next.push(Condition::And(vec![x.clone(), y.clone()]));
                    next.push(Condition::Or(vec![y.clone(), x.clone()]));
                    next.push(Condition::Not(Box::new(Condition::And(vec![
                        x.clone(),
                        y.clone(),
                        leaf("a"),
                    ]))));
                }
            }
            level = next;
        }
        level.push(Condition::And(vec![]));
        level.push(Condition::Or(vec![]));
        level
    }

    #[test]
    fn folding_changes_no_value_of_three() {
        for condition in conditions() {
            let folded = fold(&condition);
            for a in [False, True, Error] {
                for b in [False, True, Error] {
                    assert_eq!(
                        value(&condition, a, b),
                        value(&folded, a, b),
                        "{condition:?} became {folded:?}"
                    );
                }
            }
            assert!(folded.size() <= condition.size(), "{condition:?} grew");
        }
    }
}
