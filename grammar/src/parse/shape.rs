//! What pest finds in the signs of a head. The same signs have the same shape, and most
//! heads of a program are of few shapes; so pest parses each of them once.

use std::collections::HashMap;
use std::sync::Arc;

use super::head::{Rule, parse_head};

/// No more shapes than these are kept: a program cannot make the memory grow.
const MAX_SHAPES: usize = 4096;
/// Longer heads are seldom alike.
const MAX_SIGNS: usize = 256;

/// A rule that matched.
#[derive(Clone, Copy, Debug)]
struct Node {
    rule: Rule,
    /// The tokens that it covers.
    from: u32,
    to: u32,
    /// Past the nodes inside it.
    end: u32,
}

/// The rules that matched a head, outer ones before inner ones.
#[derive(Clone, Debug)]
pub(super) struct Shape(Arc<[Node]>);

/// The shapes that were met.
#[derive(Default)]
pub(super) struct Shapes {
    known: HashMap<String, Shape>,
}

impl Shapes {
    /// The shape of a head. Err says at which token it goes wrong.
    pub(super) fn of(&mut self, signs: &str) -> Result<Shape, usize> {
        if let Some(shape) = self.known.get(signs) {
            return Ok(shape.clone());
        }
        let mut nodes = Vec::new();
        flatten(parse_head(signs)?, &mut nodes);
        let shape = Shape(nodes.into());
        if signs.len() <= MAX_SIGNS && self.known.len() < MAX_SHAPES {
            self.known.insert(signs.to_owned(), shape.clone());
        }
        Ok(shape)
    }
}

/// Recursion is as deep as brackets nest, which the scanner bounds.
fn flatten(pairs: pest::iterators::Pairs<'_, Rule>, nodes: &mut Vec<Node>) {
    for pair in pairs {
        let span = pair.as_span();
        let at = nodes.len();
        nodes.push(Node {
            rule: pair.as_rule(),
            from: span.start() as u32,
            to: span.end() as u32,
            end: 0,
        });
        flatten(pair.into_inner(), nodes);
        let end = nodes.len() as u32;
        if let Some(node) = nodes.get_mut(at) {
            node.end = end;
        }
    }
}

impl Shape {
    /// The matches inside the head.
    pub(super) fn parts(&self) -> Pairs<'_> {
        let all = Pairs {
            nodes: &self.0,
            at: 0,
            end: self.0.len() as u32,
        };
        all.clone().next().map_or(all, Pair::into_inner)
    }
}

/// A rule that matched, with what is inside it.
#[derive(Clone, Copy)]
pub(super) struct Pair<'s> {
    nodes: &'s [Node],
    at: u32,
    node: Node,
}

impl<'s> Pair<'s> {
    pub(super) fn rule(&self) -> Rule {
        self.node.rule
    }

    /// The tokens that it covers.
    pub(super) fn tokens(&self) -> (usize, usize) {
        (self.node.from as usize, self.node.to as usize)
    }

    pub(super) fn into_inner(self) -> Pairs<'s> {
        Pairs {
            nodes: self.nodes,
            at: self.at + 1,
            end: self.node.end,
        }
    }
}

/// Matches side by side.
#[derive(Clone)]
pub(super) struct Pairs<'s> {
    nodes: &'s [Node],
    at: u32,
    end: u32,
}

impl<'s> Iterator for Pairs<'s> {
    type Item = Pair<'s>;

    fn next(&mut self) -> Option<Pair<'s>> {
        if self.at >= self.end {
            return None;
        }
        let at = self.at;
        let node = *self.nodes.get(at as usize)?;
        self.at = node.end;
        Some(Pair {
            nodes: self.nodes,
            at,
            node,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_parsed_once() {
        let mut shapes = Shapes::default();
        let first = shapes.of("n n: [n, n]").unwrap();
        let again = shapes.of("n n: [n, n]").unwrap();
        assert!(Arc::ptr_eq(&first.0, &again.0));
        assert_eq!(shapes.of("n !").map(|_| ()), Err(2));
        assert_eq!(shapes.known.len(), 1);
        let rules: Vec<Rule> = first.parts().map(|pair| pair.rule()).collect();
        assert_eq!(rules[..3], [Rule::place, Rule::operand, Rule::annotation]);
        let value = first.parts().nth(2).unwrap().into_inner().next().unwrap();
        assert_eq!((value.rule(), value.tokens()), (Rule::value, (5, 11)));
    }

    #[test]
    fn the_room_for_shapes_is_bounded() {
        let mut shapes = Shapes::default();
        for count in 0..MAX_SHAPES + 10 {
            let kinds = ["n", "q", "t", "/"];
            let operands = (0..7).map(|digit| kinds[(count >> (2 * digit)) % 4]);
            let signs: Vec<&str> = std::iter::once("n").chain(operands).collect();
            shapes.of(&signs.join(" ")).unwrap();
        }
        shapes.of(&format!("n{}", " n".repeat(MAX_SIGNS))).unwrap();
        assert_eq!(shapes.known.len(), MAX_SHAPES);
        assert!(shapes.known.keys().all(|signs| signs.len() <= MAX_SIGNS));
    }
}
