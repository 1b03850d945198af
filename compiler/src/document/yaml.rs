//! YAML, from `saphyr-parser`'s events, into the same tape as JSON.
//!
//! Read as API Gateway's importer (SnakeYAML) reads it: plain scalars follow YAML 1.1, so
//! `yes` is a boolean; keys keep their text, so `200:` and `on:` are the keys `200` and `on`;
//! `<<` merges; an alias stands for its anchor's content, which is counted again at each
//! alias so that a few lines cannot stand for billions of nodes. Tags that are not YAML's
//! own (`!Sub`) stay with their node; lines within brackets and quotes may stand too far left.
//! One document, no mapping keys that are containers.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use tollgate_grammar::FileId;

use super::indent::Indented;
use super::tape::Tape;
use super::{Document, Kind, Limits, ReadError, ReadErrorKind};

/// Reads a YAML text.
///
/// # Errors
///
/// One error where the text stops being YAML, or at a bound of `limits`.
pub fn read(file: FileId, text: &str, limits: &Limits) -> Result<Document, ReadError> {
    let skip = if text.starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    };
    let written = text.get(skip..).unwrap_or_default();
    let mut indented = Indented::default();
    loop {
        let body = indented.text(written);
        let mut reader = Reader {
            text: body,
            skip,
            offsets: Offsets::new(body),
            indented: &indented,
            tape: Tape::new(file, text, limits)?,
            anchors: HashMap::new(),
            open: Vec::new(),
        };
        let Err(error) = reader.document() else {
            return Ok(reader.tape.finish());
        };
        let at = (error.span.start as usize).saturating_sub(skip);
        if error.kind != ReadErrorKind::Syntax || !indented.repair(written, &error.message, at) {
            return Err(error);
        }
    }
}

struct Reader<'t, 'l> {
    text: &'t str,
    /// Bytes before `text` in the source.
    skip: usize,
    offsets: Offsets,
    indented: &'t Indented,
    tape: Tape<'l>,
    /// By their ids; those that are complete.
    anchors: HashMap<usize, Anchor>,
    open: Vec<Open>,
}

/// What an alias stands for.
#[derive(Clone, Copy)]
struct Anchor {
    node: u32,
    /// Nodes, with what aliases in it stand for.
    weight: usize,
    /// Containers within containers, likewise.
    height: usize,
}

/// A container that has begun.
struct Open {
    mapping: bool,
    /// Whether a mapping's next node is a key.
    key: bool,
    anchor: usize,
    node: u32,
    /// The tape's weight before it.
    before: usize,
    /// Of the highest in it so far.
    height: usize,
}

impl Reader<'_, '_> {
    fn document(&mut self) -> Result<(), ReadError> {
        let mut parser = Parser::new_from_str(self.text);
        let mut documents = 0;
        loop {
            let (event, span) = match parser.next_event() {
                None => break,
                Some(Ok(event)) => event,
                Some(Err(error)) => {
                    let at = self.offset(error.marker().index());
                    return Err(self.tape.syntax(at, at, error.info().to_owned()));
                }
            };
            let (start, end) = (
                self.offset(span.start.index()),
                self.offset(span.end.index()),
            );
            match event {
                Event::StreamEnd => break,
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        return Err(self
                            .tape
                            .syntax(start, end, "a second document begins here"));
                    }
                }
                Event::Alias(anchor) => {
                    let Some(target) = self.anchors.get(&anchor).copied() else {
                        let message = "this alias stands inside its own anchor";
                        return Err(self.tape.syntax(start, end, message));
                    };
                    if self.open.len() + target.height > self.tape.limits.depth {
                        return Err(self.tape.too_deep(start));
                    }
                    self.tape.alias(start, end, target.node, target.weight)?;
                    self.raise(target.height);
                    self.turn();
                }
                Event::Scalar(value, style, anchor, tag) => {
                    let node = self.scalar(&value, style, tag.as_deref(), start, end)?;
                    if anchor > 0 {
                        self.anchors.insert(
                            anchor,
                            Anchor {
                                node,
                                weight: 1,
                                height: 0,
                            },
                        );
                    }
                    self.turn();
                }
                Event::SequenceStart(anchor, tag) => {
                    self.begin(false, anchor, tag.as_deref(), start, end)?
                }
                Event::MappingStart(anchor, tag) => {
                    self.begin(true, anchor, tag.as_deref(), start, end)?
                }
                Event::SequenceEnd | Event::MappingEnd => self.end(end),
                Event::Nothing | Event::StreamStart | Event::DocumentEnd => {}
            }
        }
        if self.tape.document.nodes.is_empty() {
            self.tape
                .scalar(Kind::Null, self.skip, self.skip, self.skip, self.skip)?;
        }
        Ok(())
    }

    /// From key to value, or from value to key.
    fn turn(&mut self) {
        if let Some(open) = self.open.last_mut().filter(|open| open.mapping) {
            open.key = !open.key;
        }
    }

    /// Something so high is complete in what is open.
    fn raise(&mut self, height: usize) {
        if let Some(open) = self.open.last_mut() {
            open.height = open.height.max(height);
        }
    }

    fn begin(
        &mut self,
        mapping: bool,
        anchor: usize,
        tag: Option<&Tag>,
        start: usize,
        end: usize,
    ) -> Result<(), ReadError> {
        if self
            .open
            .last()
            .is_some_and(|open| open.mapping && open.key)
        {
            return Err(self
                .tape
                .syntax(start, end, "the key of a mapping must be a scalar"));
        }
        let before = self.tape.weight;
        let node = self.tape.enter(mapping, start)?;
        self.keep_tag(node, tag);
        self.open.push(Open {
            mapping,
            key: mapping,
            anchor,
            node,
            before,
            height: 0,
        });
        Ok(())
    }

    fn end(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        // Of a block the end is where the next token stands; what matters is its last content.
        let last = self
            .tape
            .document
            .nodes
            .last()
            .map_or(0, |entry| entry.end as usize);
        let closes = end
            .checked_sub(1)
            .and_then(|at| self.tape.document.text.as_bytes().get(at));
        let end = if matches!(closes, Some(b'}' | b']')) {
            end.max(last)
        } else {
            last
        };
        self.tape.leave(end);
        let height = open.height + 1;
        if open.anchor > 0 {
            let weight = self.tape.weight - open.before;
            self.anchors.insert(
                open.anchor,
                Anchor {
                    node: open.node,
                    weight,
                    height,
                },
            );
        }
        self.raise(height);
        self.turn();
    }

    fn scalar(
        &mut self,
        value: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        start: usize,
        end: usize,
    ) -> Result<u32, ReadError> {
        let core = tag
            .filter(|tag| tag.is_yaml_core_schema())
            .map(|tag| tag.suffix.as_str());
        let kind = match (core, style) {
            (Some("str" | "binary" | "timestamp"), _) => Kind::String,
            (Some("null"), _) => Kind::Null,
            (Some("bool"), _) => Kind::Bool,
            (Some("int" | "float"), _) => Kind::Number,
            (_, ScalarStyle::Plain) if tag.is_none() => plain_kind(value),
            _ => Kind::String,
        };
        let quotes = usize::from(matches!(
            style,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted
        ));
        let from = start + quotes;
        let source = self.tape.document.text.get(from..from + value.len());
        let node = if source == Some(value) {
            let end = from + value.len() + quotes;
            self.tape
                .scalar(kind, start, end, from, from + value.len())?
        } else {
            let from = self.tape.document.decoded.len();
            self.tape.document.decoded.push_str(value);
            self.tape.decoded(kind, start, end, from)?
        };
        self.keep_tag(node, tag);
        Ok(node)
    }

    fn keep_tag(&mut self, node: u32, tag: Option<&Tag>) {
        if let Some(tag) = tag.filter(|tag| !tag.is_yaml_core_schema()) {
            self.tape
                .document
                .tags
                .push((node, format!("{}{}", tag.handle, tag.suffix)));
        }
    }

    fn offset(&self, characters: usize) -> usize {
        self.skip
            + self
                .indented
                .written(self.offsets.byte(self.text, characters))
    }
}

/// What a plain scalar is, by YAML 1.1. Dates are text.
fn plain_kind(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        _ if as_bool(text).is_some() => Kind::Bool,
        _ if is_number(text) => Kind::Number,
        _ => Kind::String,
    }
}

/// The boolean that YAML 1.1 sees in a plain scalar.
pub(crate) fn as_bool(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let Some(first) = unsigned.bytes().next() else {
        return false;
    };
    if unsigned.starts_with("0x") || unsigned.starts_with("0b") {
        return unsigned.len() > 2
            && unsigned
                .bytes()
                .skip(2)
                .all(|byte| byte.is_ascii_hexdigit() || byte == b'_');
    }
    if matches!(
        unsigned,
        ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN"
    ) {
        return true;
    }
    let starts = first.is_ascii_digit()
        || first == b'.' && unsigned.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    starts
        && unsigned.replace('_', "").parse::<f64>().is_ok_and(|_| {
            unsigned
                .bytes()
                .all(|byte| !byte.is_ascii_alphabetic() || matches!(byte, b'e' | b'E'))
        })
}

/// From characters, which the events count, to bytes.
struct Offsets {
    /// The byte offset of every 64th character; empty where all characters are one byte.
    marks: Vec<u32>,
}

impl Offsets {
    fn new(text: &str) -> Offsets {
        let marks = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices()
                .step_by(64)
                .map(|(at, _)| at as u32)
                .collect()
        };
        Offsets { marks }
    }

    fn byte(&self, text: &str, characters: usize) -> usize {
        let Some(mark) = self.marks.get(characters / 64) else {
            return if self.marks.is_empty() {
                characters.min(text.len())
            } else {
                text.len()
            };
        };
        let rest = text.get(*mark as usize..).unwrap_or_default();
        let within = rest
            .char_indices()
            .nth(characters % 64)
            .map_or(rest.len(), |(at, _)| at);
        *mark as usize + within
    }
}
