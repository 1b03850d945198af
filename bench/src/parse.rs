//! W7: a program of many routes, and what reading it costs at least.

/// A program of about 345 bytes a route, so that a megabyte is about 2 900 routes.
pub fn program(routes: usize) -> String {
    let mut text = String::from(
        r#"edition 2026

account { id: "111122223333", region: "eu-west-1" }

rest api Orders {
  version: "1.4.0"
  variables { backend: Url }
  authorizer Shopper = cognito {
    pools: ["arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Shop"]
  }

"#,
    );
    for route in 0..routes {
        text.push_str(&format!(
            r#"  /// Order lines of shop {route}.
  GET /shops-{route}/orders/{{id}}/lines {{
    auth: Shopper(scopes: ["orders.read"])
    query.expand: "lines" | "all"?   # how much to show
    cache 60s by [path.id, query.expand]
    throttle 50/s burst 100
    integrate http "@{{stage.backend}}/v{route}/orders/{{id}}" {{ timeout: 3s, header.x-tenant = context.authorizer.claims.sub }}
    respond 200
  }}
"#
        ));
    }
    text.push_str("}\n\nstage prod of Orders { variables { backend: \"https://orders.example\" } }\n");
    text
}

/// What a node of the hand-written tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A line of the text, or what a comma cuts off.
    Item,
    /// `{ … }`, `[ … ]`, `( … )`.
    Brackets,
    /// A name, a number, a path.
    Word,
    /// `"…"`.
    Text,
    /// `# …`, `/// …`.
    Comment,
    /// Anything else.
    Sign,
}

/// A node: its place, and how many nodes stand in it.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// The first byte.
    pub start: u32,
    /// Past the last byte.
    pub end: u32,
    /// The number of the node after its last one.
    pub next: u32,
}

/// The practical limit: one walk, one flat list of nodes, nothing copied, no errors told.
/// It knows as much of the language as brackets, strings, comments and line ends.
pub fn scan(text: &str) -> Vec<Node> {
    let mut reader = Reader {
        bytes: text.as_bytes(),
        at: 0,
        nodes: Vec::with_capacity(text.len() / 4),
    };
    while reader.at < reader.bytes.len() {
        reader.item(0);
    }
    reader.nodes
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
    nodes: Vec<Node>,
}

impl Reader<'_> {
    fn open(&mut self, kind: Kind) -> usize {
        let start = self.at as u32;
        self.nodes.push(Node {
            kind,
            start,
            end: start,
            next: 0,
        });
        self.nodes.len() - 1
    }

    fn close(&mut self, node: usize) {
        let next = self.nodes.len() as u32;
        self.nodes[node].end = self.at as u32;
        self.nodes[node].next = next;
    }

    /// Up to the end of the line, a comma, or the bracket that closes what is around.
    fn item(&mut self, depth: usize) {
        let item = self.open(Kind::Item);
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b' ' | b'\t' => self.at += 1,
                b'\n' | b',' => {
                    self.at += 1;
                    break;
                }
                b'}' | b']' | b')' => {
                    if depth == 0 {
                        self.at += 1;
                    }
                    break;
                }
                b'{' | b'[' | b'(' => self.brackets(depth),
                b'"' => self.leaf(Kind::Text, |bytes| {
                    let mut end = 1;
                    while end < bytes.len() && bytes[end] != b'"' {
                        end += 1 + usize::from(bytes[end] == b'\\');
                    }
                    end + 1
                }),
                b'#' => self.comment(),
                b'/' if self.bytes[self.at..].starts_with(b"///") => self.comment(),
                b'/' => self.leaf(Kind::Word, |bytes| {
                    let path = |byte: &&u8| !matches!(byte, b' ' | b'\n' | b',' | b')' | b']');
                    bytes.iter().take_while(path).count()
                }),
                _ if word(byte) => self.leaf(Kind::Word, |bytes| {
                    bytes.iter().take_while(|byte| word(**byte)).count()
                }),
                _ => self.leaf(Kind::Sign, |_| 1),
            }
        }
        self.close(item);
    }

    fn brackets(&mut self, depth: usize) {
        let node = self.open(Kind::Brackets);
        self.at += 1;
        while let Some(&byte) = self.bytes.get(self.at) {
            if matches!(byte, b'}' | b']' | b')') {
                self.at += 1;
                break;
            }
            self.item(depth + 1);
        }
        self.close(node);
    }

    fn comment(&mut self) {
        self.leaf(Kind::Comment, |bytes| {
            bytes.iter().take_while(|byte| **byte != b'\n').count()
        });
    }

    fn leaf(&mut self, kind: Kind, length: impl Fn(&[u8]) -> usize) {
        let node = self.open(kind);
        self.at += length(&self.bytes[self.at..]).min(self.bytes.len() - self.at);
        self.close(node);
    }
}

fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'%' | b'/') || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scan_sees_every_route_of_the_program() {
        let text = program(20);
        let nodes = scan(&text);
        let of = |kind: Kind| nodes.iter().filter(|node| node.kind == kind).count();
        let comments = text.matches("///").count() + text.matches("# ").count();
        assert_eq!(of(Kind::Comment), comments);
        assert_eq!(of(Kind::Text), text.matches('"').count() / 2);
        let open = |c: char| "{[(".contains(c);
        let in_paths = text.matches("{id}").count();
        assert!(of(Kind::Brackets) >= text.matches(open).count() - in_paths - 20);
        assert!(nodes.iter().all(|node| node.start <= node.end));
    }
}
