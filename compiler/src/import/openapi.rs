//! The import as a whole: the state that its parts share, references, and the order in which
//! the parts come.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;
use tollgate_grammar::ast::{Item, Trivia};
use tollgate_grammar::{FileId, Origins, Span, Tree};

use super::findings::{Finding, FindingKind, Findings};
use super::models::Models;
use super::security::Security;
use super::{Imported, Kind as ApiKind, Options};
use crate::document::{self, Cursor, Document, Kind, Node, Reads};

/// The state of one import.
pub(super) struct Import<'d> {
    pub(super) document: &'d Document,
    pub(super) root: Cursor<'d>,
    pub(super) options: &'d Options,
    pub(super) origins: Origins,
    pub(super) findings: Findings,
    pub(super) version: Version,
    pub(super) kind: ApiKind,
    pub(super) security: Security<'d>,
    pub(super) validators: HashMap<&'d str, &'static str>,
    pub(super) used_validators: HashSet<&'d str>,
    pub(super) default_validator: Option<&'d str>,
    pub(super) models: Models<'d>,
    /// What intrinsic functions name, in the order met.
    pub(super) parameters: IndexMap<String, Span>,
    pointers: HashMap<&'d str, Option<Cursor<'d>>>,
    /// The members of large mappings that pointers lead through, by the mapping's place.
    indexes: HashMap<Span, HashMap<&'d str, Node<'d>>>,
}

/// The two families of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    Swagger2,
    OpenApi3,
}

/// What the reference says of whatever it cannot read.
const UNREADABLE: &str = "Invalid OpenAPI input.";

pub(super) fn import(file: FileId, text: &str, options: &Options) -> Imported {
    let refuse = |finding: Finding| Imported {
        tree: Tree {
            file,
            ..Tree::default()
        },
        stage: None,
        findings: vec![finding.reference(UNREADABLE)],
    };
    let document = match document::read(file, text, &options.limits) {
        Ok(document) => document,
        Err(error) => {
            return refuse(Finding::new(
                FindingKind::Unreadable,
                error.span,
                "",
                error.message,
            ));
        }
    };
    let reads = Reads::new(&document);
    let root = reads.root(&document);
    let version = match version(root) {
        Ok(version) => version,
        Err(finding) => return refuse(*finding),
    };
    let mut import = Import {
        document: &document,
        root,
        options,
        origins: Origins::default(),
        findings: Findings::default(),
        version,
        kind: options.kind.unwrap_or_else(|| guess(&document)),
        security: Security::default(),
        validators: HashMap::new(),
        used_validators: HashSet::new(),
        default_validator: None,
        models: Models::default(),
        parameters: IndexMap::new(),
        pointers: HashMap::new(),
        indexes: HashMap::new(),
    };
    let stage = import.stage();
    let items = import.program();
    import.name_unused_validators();
    import.name_duplicates();
    import.name_unread(&reads);
    let Import {
        origins, findings, ..
    } = import;
    Imported {
        tree: Tree {
            file,
            items,
            origins,
            trivia: Trivia::default(),
        },
        stage,
        findings: findings.finish(),
    }
}

fn version(root: Cursor<'_>) -> Result<Version, Box<Finding>> {
    let finding = |span: Span, message: String| {
        let help = "the first keys of a document are `openapi: 3.0.1` or `swagger: \"2.0\"`";
        Box::new(Finding::new(FindingKind::NotOpenApi, span, "", message).help(help))
    };
    if root.kind() != Kind::Mapping {
        return Err(finding(
            root.node().span(),
            "an OpenAPI document is a mapping".into(),
        ));
    }
    let text = |key| {
        root.get(key)
            .and_then(|value| Some((value.node().span(), value.scalar()?)))
    };
    match (text("swagger"), text("openapi")) {
        (Some((_, "2.0" | "2")), _) => Ok(Version::Swagger2),
        (_, Some((_, text))) if text == "3" || text.starts_with("3.") => Ok(Version::OpenApi3),
        (Some((span, text)), _) | (_, Some((span, text))) => Err(finding(
            span,
            format!("version `{text}` of OpenAPI is not known"),
        )),
        (None, None) => Err(finding(
            root.node().span(),
            "the document says neither `openapi` nor `swagger`".into(),
        )),
    }
}

/// Each kind of API has keys of its own, and Swagger 2.0 knows REST only.
fn guess(document: &Document) -> ApiKind {
    const ONLY_REST: &[&str] = &[
        "swagger",
        "x-amazon-apigateway-api-key-source",
        "x-amazon-apigateway-binary-media-types",
        "x-amazon-apigateway-gateway-responses",
        "x-amazon-apigateway-policy",
        "x-amazon-apigateway-request-validators",
    ];
    const ONLY_HTTP: &[&str] = &[
        "authorizerPayloadFormatVersion",
        "enableSimpleResponses",
        "integrationSubtype",
        "isDefaultRoute",
        "jwtConfiguration",
        "x-amazon-apigateway-cors",
    ];
    let has_root = |names: &[&str]| {
        document
            .root()
            .members()
            .any(|(key, _)| names.contains(&key.text()))
    };
    let text = document.text();
    if has_root(ONLY_REST) {
        return ApiKind::Rest;
    }
    if ONLY_HTTP.iter().any(|key| text.contains(key))
        && document
            .nodes()
            .any(|node| ONLY_HTTP.contains(&node.text()))
    {
        return ApiKind::Http;
    }
    if !text.contains("payloadFormatVersion") {
        return ApiKind::Rest;
    }
    let mut previous = "";
    for node in document.nodes() {
        // Keys and values follow each other on the tape.
        if previous == "payloadFormatVersion" && node.text().starts_with('2') {
            return ApiKind::Http;
        }
        previous = node.text();
    }
    ApiKind::Rest
}

impl<'d> Import<'d> {
    fn program(&mut self) -> Vec<Item> {
        self.read_models();
        self.read_security();
        self.read_validators();
        let api = self.api();
        let models = self.model_items();
        // Known only now, but people declare them first.
        let mut items = Vec::new();
        for (name, span) in std::mem::take(&mut self.parameters) {
            items.push(self.say(span, "param", |this, sentence| {
                sentence.operands.push(this.word(span, &name));
                sentence.annotation = Some(this.word(span, "String"));
            }));
        }
        items.push(api);
        items.extend(models);
        items
    }

    /// Follows `$ref`s within the document. None (and a finding) if that leads nowhere.
    pub(super) fn resolve(&mut self, cursor: Cursor<'d>) -> Option<Cursor<'d>> {
        let mut here = cursor;
        // No chain is longer than this without being a circle.
        for _ in 0..64 {
            if here.kind() != Kind::Mapping {
                return Some(here);
            }
            let Some(reference) = here.get("$ref") else {
                return Some(here);
            };
            let pointer = reference.scalar()?;
            here = self.pointer(reference, pointer)?;
        }
        let message = format!("`$ref` of `{}` leads in a circle", cursor.path());
        self.finding(FindingKind::DanglingReference, cursor, message);
        None
    }

    /// What a `$ref` names.
    fn pointer(&mut self, at: Cursor<'d>, pointer: &'d str) -> Option<Cursor<'d>> {
        let Some(inside) = pointer.strip_prefix('#') else {
            let finding = Finding::new(
                FindingKind::ExternalReference,
                at.node().span(),
                at.path(),
                format!("`{pointer}` is in another document"),
            );
            self.findings.push(finding.help(
                "put what it names into this document; the reference takes one document only",
            ));
            return None;
        };
        let found = match self.pointers.get(pointer) {
            Some(found) => *found,
            None => {
                let found = self.find(inside);
                self.pointers.insert(pointer, found);
                found
            }
        };
        if found.is_none() {
            self.finding(
                FindingKind::DanglingReference,
                at,
                format!("`{pointer}` names nothing in this document"),
            );
        }
        found
    }

    /// Walks a JSON pointer without its `#`.
    fn find(&mut self, pointer: &str) -> Option<Cursor<'d>> {
        let mut here = self.root.node();
        for step in pointer.split('/').skip(1) {
            let step = unescape(step);
            self.root.at(here).touch();
            here = match here.kind() {
                Kind::Sequence => here.elements().nth(step.parse().ok()?)?,
                Kind::Mapping if here.len() > 64 => {
                    let index = self.indexes.entry(here.span()).or_insert_with(|| {
                        here.members()
                            .map(|(key, value)| (key.text(), value))
                            .collect()
                    });
                    *index.get(step.as_str())?
                }
                _ => here.get(&step)?,
            };
        }
        Some(self.root.at(here))
    }

    /// Adds a finding about a place of the document.
    pub(super) fn finding(
        &mut self,
        kind: FindingKind,
        at: Cursor<'_>,
        message: impl Into<String>,
    ) {
        let message = message.into();
        if !self.findings.again(kind, &message) {
            self.findings
                .push(Finding::new(kind, at.node().span(), at.path(), message));
        }
    }

    /// Says that a value is not what its place asks for, and takes it.
    pub(super) fn bad_value(&mut self, at: Cursor<'_>, wanted: &str) {
        let node = at.take();
        let path = at.path();
        let key = path
            .rsplit('.')
            .find(|key| key.parse::<u32>().is_err())
            .unwrap_or("this");
        let found = match node.kind() {
            Kind::Null => " and is null".to_owned(),
            Kind::Sequence if wanted.starts_with("a list") => String::new(),
            Kind::Sequence => ", and is a list".to_owned(),
            Kind::Mapping => String::new(),
            _ => format!(", and is `{}`", shortened(node.text())),
        };
        let message = format!("`{}` must be {wanted}{found}", shortened(key));
        self.findings.push(Finding::new(
            FindingKind::BadValue,
            node.span(),
            path,
            message,
        ));
    }

    /// The scalar of a member, or a finding if it is no scalar.
    pub(super) fn scalar(&mut self, of: Cursor<'d>, key: &str) -> Option<(Span, &'d str)> {
        let member = of.get(key)?;
        match member.scalar() {
            Some(text) => Some((member.node().span(), text)),
            None => {
                self.bad_value(member, "text");
                None
            }
        }
    }

    /// The boolean of a member, or a finding if it is none.
    pub(super) fn boolean(&mut self, of: Cursor<'d>, key: &str) -> Option<bool> {
        let member = of.get(key)?;
        let value = member.boolean();
        if value.is_none() {
            self.bad_value(member, "`true` or `false`");
        }
        value
    }

    /// The description of something, as docs.
    pub(super) fn description(&mut self, of: Cursor<'d>) -> Vec<String> {
        super::build::docs(&[of.get("description").and_then(Cursor::scalar)])
    }
}

/// A step of a JSON pointer in a URI fragment: `%7B`, then `~1` and `~0`.
pub(super) fn unescape(step: &str) -> String {
    let mut bytes = Vec::with_capacity(step.len());
    let mut rest = step.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail
            .get(..2)
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .filter(|_| *first == b'%');
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes)
        .replace("~1", "/")
        .replace("~0", "~")
}

/// A text short enough for a message.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
