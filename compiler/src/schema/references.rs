//! Documents, their ids, and where a `$ref` leads.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::Place;

/// The schema and the documents that it refers to.
pub(super) struct Documents {
    all: Vec<Json>,
    /// Absolute ids, and references that were resolved from outside.
    ids: HashMap<String, Place>,
}

impl Documents {
    pub(super) fn new(schema: Json) -> Documents {
        let mut documents = Documents {
            all: Vec::new(),
            ids: HashMap::new(),
        };
        documents.add("", schema);
        documents
    }

    fn add(&mut self, uri: &str, schema: Json) -> usize {
        let document = self.all.len();
        self.index(
            &schema,
            uri,
            &Place {
                document,
                pointer: String::new(),
            },
        );
        self.ids.entry(uri.into()).or_insert(Place {
            document,
            pointer: String::new(),
        });
        self.all.push(schema);
        document
    }

    /// Notes every `id` below a schema under its absolute form.
    fn index(&mut self, schema: &Json, base: &str, place: &Place) {
        match schema {
            Json::Object(members) => {
                let own = members
                    .get("id")
                    .and_then(Json::as_str)
                    .map(|id| join(base, id));
                if let Some(own) = &own {
                    self.ids
                        .entry(own.trim_end_matches('#').into())
                        .or_insert(place.clone());
                }
                let base = own
                    .as_deref()
                    .map_or(base, |own| own.split('#').next().unwrap_or(""));
                for (name, member) in members
                    .iter()
                    .filter(|(name, _)| !matches!(name.as_str(), "enum" | "default"))
                {
                    self.index(member, base, &place.child(name));
                }
            }
            Json::Array(items) => {
                for (number, item) in items.iter().enumerate() {
                    self.index(item, base, &place.child(&number.to_string()));
                }
            }
            _ => {}
        }
    }

    /// The subschema at a place.
    pub(super) fn get(&self, place: &Place) -> Option<&Json> {
        self.all.get(place.document)?.pointer(&place.pointer)
    }

    /// The base that references at a place are relative to.
    fn base(&self, place: &Place) -> String {
        let mut base = self
            .ids
            .iter()
            .find(|(_, root)| root.document == place.document && root.pointer.is_empty())
            .map_or(String::new(), |(uri, _)| uri.clone());
        let mut at = String::new();
        for token in std::iter::once("").chain(place.pointer.split('/').skip(1)) {
            if !token.is_empty() {
                at = format!("{at}/{token}");
            }
            let here = self
                .all
                .get(place.document)
                .and_then(|document| document.pointer(&at));
            // A reference ignores its siblings, an `id` among them.
            if let Some(id) = here
                .filter(|here| here.get("$ref").is_none_or(|target| !target.is_string()))
                .and_then(|here| here.get("id"))
                .and_then(Json::as_str)
            {
                base = join(&base, id);
            }
        }
        base.split('#').next().unwrap_or("").to_string()
    }

    /// Where a reference leads.
    pub(super) fn resolve(
        &mut self,
        from: &Place,
        reference: &str,
        outside: &dyn Fn(&str) -> Option<Json>,
    ) -> Option<Place> {
        let absolute = join(&self.base(from), reference);
        let (uri, fragment) = absolute.split_once('#').unwrap_or((&absolute, ""));
        if let Some(known) = self.ids.get(absolute.trim_end_matches('#')) {
            return Some(known.clone());
        }
        let pointer = decode(fragment);
        if let Some(root) = self.ids.get(uri).cloned() {
            let place = Place {
                document: root.document,
                pointer: format!("{}{pointer}", root.pointer),
            };
            if self.get(&place).is_some() {
                return Some(place);
            }
        }
        let document = match outside(reference) {
            Some(found) => self.add(&absolute, found),
            None => {
                let found = outside(uri).or_else(|| own(uri))?;
                self.add(uri, found)
            }
        };
        let place = Place { document, pointer };
        if self.get(&place).is_some() {
            Some(place)
        } else {
            Some(Place {
                document,
                pointer: String::new(),
            })
        }
    }
}

/// The one document that every schema may refer to: the schema of schemas.
fn own(uri: &str) -> Option<Json> {
    (uri == "http://json-schema.org/draft-04/schema")
        .then(|| serde_json::from_str(include_str!("draft4.json")).ok())?
}

/// A reference made absolute, as far as schemas need it.
fn join(base: &str, reference: &str) -> String {
    let has_scheme = reference.split_once(':').is_some_and(|(scheme, _)| {
        !scheme.is_empty()
            && scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    });
    if has_scheme || base.is_empty() {
        return reference.into();
    }
    let plain = base.split('#').next().unwrap_or("");
    if reference.starts_with('#') || reference.is_empty() {
        return format!("{plain}{reference}");
    }
    let authority = plain.find("://").map_or(0, |at| {
        plain[at + 3..]
            .find('/')
            .map_or(plain.len(), |slash| at + 3 + slash)
    });
    if reference.starts_with('/') {
        return format!("{}{reference}", &plain[..authority]);
    }
    let directory = plain
        .rfind('/')
        .filter(|slash| *slash >= authority)
        .map_or(plain.len(), |slash| slash + 1);
    format!("{}{reference}", &plain[..directory])
}

/// A fragment without its percent escapes.
fn decode(fragment: &str) -> String {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        let escaped = tail
            .get(..2)
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (byte, escaped) {
            (b'%', Some(plain)) => {
                bytes.push(plain);
                rest = tail.get(2..).unwrap_or(&[]);
            }
            _ => {
                bytes.push(*byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_joined_to_their_base() {
        let cases = [
            ("", "#/a", "#/a"),
            ("http://x/y/z.json", "#a", "http://x/y/z.json#a"),
            ("http://x/y/z.json", "w.json#b", "http://x/y/w.json#b"),
            ("http://x/y/z", "/w", "http://x/w"),
            ("http://x/y", "urn:a:b", "urn:a:b"),
            ("a/b.json", "c.json", "a/c.json"),
        ];
        for (base, reference, expected) in cases {
            assert_eq!(join(base, reference), expected, "{base} {reference}");
        }
        assert_eq!(decode("/a%25b~1"), "/a%b~1");
    }
}
