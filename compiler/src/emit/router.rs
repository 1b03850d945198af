//! The route tree.

use std::collections::BTreeMap;

use tollgate_runtime::bundle::Section;
use tollgate_runtime::bundle::records::{Edge, Node};
use tollgate_runtime::bundle::wire::{Field, Str};
use tollgate_runtime::router::edge_hash;

use super::image::ImageWriter;
use crate::ir::{Route, Segment};

#[derive(Debug, Default)]
struct Branch {
    literals: BTreeMap<String, usize>,
    parameter: Option<usize>,
    greedy: Option<usize>,
    /// Route by verb; `ANY` fills what no exact verb took.
    routes: BTreeMap<u8, u32>,
}

/// Writes the tree of the routes, whose indices are their places in the slice.
pub(crate) fn write(image: &mut ImageWriter, routes: &[Route]) {
    let mut tree = vec![Branch::default()];
    let mut any = Vec::new();
    for (index, route) in routes.iter().enumerate() {
        if route.default {
            continue;
        }
        let mut at = 0;
        for segment in &route.segments {
            let next = tree.len();
            let branch = &mut tree[at];
            let child = match segment {
                Segment::Literal(text) => *branch.literals.entry(text.clone()).or_insert(next),
                Segment::Parameter(_) => *branch.parameter.get_or_insert(next),
                Segment::Greedy(_) => *branch.greedy.get_or_insert(next),
            };
            if child == next {
                tree.push(Branch::default());
            }
            at = child;
        }
        match route.verb {
            7 => any.push((at, index as u32)),
            verb => {
                tree[at].routes.insert(verb, index as u32);
            }
        }
    }
    for (at, index) in any {
        for verb in 0..7 {
            tree[at].routes.entry(verb).or_insert(index);
        }
    }
    // Children were made after their parents, so below is known from the back.
    let mut below = vec![0u8; tree.len()];
    for at in (0..tree.len()).rev() {
        let branch = &tree[at];
        let children = branch
            .literals
            .values()
            .chain(&branch.parameter)
            .chain(&branch.greedy);
        below[at] = children.fold(verbs(branch), |mask, child| mask | below[*child]);
    }
    let count: usize = tree.iter().map(|b| b.literals.len()).sum();
    let mut table = vec![
        Edge {
            parent: u32::MAX,
            ..Edge::default()
        };
        (count * 2).next_power_of_two()
    ];
    for (at, branch) in tree.iter().enumerate() {
        for (text, child) in &branch.literals {
            let segment = image.text(text);
            insert(&mut table, at as u32, *child as u32, text, segment);
        }
        let routes = image.records(Section::NodeRoutes, branch.routes.values().copied());
        let none = |child: Option<usize>| child.map_or(u32::MAX, |c| c as u32);
        image.record(
            Section::Nodes,
            Node {
                verbs: verbs(branch),
                below: below[at],
                flags: u8::from(!branch.literals.is_empty()),
                routes: routes.off,
                parameter: none(branch.parameter),
                greedy: none(branch.greedy),
            },
        );
    }
    if count > 0 {
        let edges = image.section(Section::Edges);
        for edge in table {
            edge.put(edges);
        }
    }
}

fn verbs(branch: &Branch) -> u8 {
    branch.routes.keys().fold(0, |mask, verb| mask | 1 << verb)
}

fn insert(table: &mut [Edge], parent: u32, child: u32, text: &str, segment: Str) {
    let hash = edge_hash(parent, text.as_bytes());
    let mask = table.len() - 1;
    let mut at = hash as usize & mask;
    while table[at].parent != u32::MAX {
        at = (at + 1) & mask;
    }
    table[at] = Edge {
        hash,
        parent,
        child,
        segment,
    };
}
