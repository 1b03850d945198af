//! W3: which route serves a path, among routes with parameters.

/// A route table of `count` templates: `/svcN/itemsM`, `/svcN/itemsM/{id}`, `/svcN/itemsM/{id}/parts/{part}`.
pub fn templates(count: usize) -> Vec<String> {
    (0..count)
        .map(|at| {
            let (service, item) = (at / 30, (at / 3) % 10);
            match at % 3 {
                0 => format!("/svc{service}/items{item}"),
                1 => format!("/svc{service}/items{item}/{{id}}"),
                _ => format!("/svc{service}/items{item}/{{id}}/parts/{{part}}"),
            }
        })
        .collect()
}

/// The templates as a gate program.
pub fn source(templates: &[String]) -> String {
    let mut source = String::from("rest api Api {\n");
    for template in templates {
        source.push_str(&format!("  GET {template} {{ auth: none, integrate mock, respond 200 }}\n"));
    }
    source + "}\nstage s of Api {}\n"
}

/// Paths that hit routes all over a table of `count` templates.
pub fn paths(count: usize) -> Vec<String> {
    (0..64)
        .map(|step| {
            let at = (step * 7919) % count;
            let (service, item) = (at / 30, (at / 3) % 10);
            match at % 3 {
                0 => format!("/svc{service}/items{item}"),
                1 => format!("/svc{service}/items{item}/a-{step}"),
                _ => format!("/svc{service}/items{item}/a-{step}/parts/p{step}"),
            }
        })
        .collect()
}

/// The practical limit: a tree of segments, children in one open-addressed table, no
/// backtracking, captures as ranges in an array.
pub struct Hand {
    slots: Vec<(u32, u32, u32, u32)>,
    parameter: Vec<u32>,
    route: Vec<u32>,
    names: String,
}

const NONE: u32 = u32::MAX;

fn hash(node: u32, segment: &[u8]) -> u32 {
    let mut state = node.wrapping_mul(0x9e37_79b9) ^ 0x811c_9dc5;
    for byte in segment {
        state = (state ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    }
    state ^ (state >> 15)
}

impl Hand {
    /// Builds the table.
    pub fn new(templates: &[String]) -> Hand {
        let mut edges: Vec<(u32, String, u32)> = Vec::new();
        let mut known = std::collections::HashMap::new();
        let (mut parameter, mut route) = (vec![NONE], vec![NONE]);
        for (number, template) in templates.iter().enumerate() {
            let mut node = 0u32;
            for segment in template[1..].split('/') {
                let fresh = route.len() as u32;
                if segment.starts_with('{') {
                    if parameter[node as usize] == NONE {
                        parameter[node as usize] = fresh;
                        parameter.push(NONE);
                        route.push(NONE);
                    }
                    node = parameter[node as usize];
                } else {
                    let next = *known.entry((node, segment.to_string())).or_insert_with(|| {
                        edges.push((node, segment.to_string(), fresh));
                        parameter.push(NONE);
                        route.push(NONE);
                        fresh
                    });
                    node = next;
                }
            }
            route[node as usize] = number as u32;
        }
        let size = (edges.len() * 2).next_power_of_two().max(2);
        let mut slots = vec![(NONE, 0, 0, 0); size];
        let mut names = String::new();
        for (from, name, to) in edges {
            let mut at = hash(from, name.as_bytes()) as usize & (size - 1);
            while slots[at].0 != NONE {
                at = (at + 1) & (size - 1);
            }
            slots[at] = (from, names.len() as u32, name.len() as u32, to);
            names.push_str(&name);
        }
        Hand {
            slots,
            parameter,
            route,
            names,
        }
    }

    /// The route of a path and how many captures it has.
    pub fn find(&self, path: &str, captures: &mut [(u32, u32); 8]) -> Option<(u32, usize)> {
        let bytes = path.as_bytes();
        let (mut node, mut start, mut captured) = (0u32, 1usize, 0usize);
        while start <= bytes.len() {
            let mut end = start;
            while end < bytes.len() && bytes[end] != b'/' {
                end += 1;
            }
            let segment = &bytes[start..end];
            let mut at = hash(node, segment) as usize & (self.slots.len() - 1);
            let next = loop {
                let (from, offset, length, to) = self.slots[at];
                if from == NONE {
                    break NONE;
                }
                if from == node
                    && &self.names.as_bytes()[offset as usize..(offset + length) as usize]
                        == segment
                {
                    break to;
                }
                at = (at + 1) & (self.slots.len() - 1);
            };
            node = if next != NONE {
                next
            } else {
                let parameter = self.parameter[node as usize];
                if parameter == NONE {
                    return None;
                }
                captures[captured & 7] = (start as u32, end as u32);
                captured += 1;
                parameter
            };
            start = end + 1;
        }
        let route = self.route[node as usize];
        (route != NONE).then_some((route, captured))
    }
}
