//! What a template asks its surroundings for.

use alloc::string::String;
use alloc::vec::Vec;

use crate::json::{Bound, Heap, Kind, Lent, Mode, parse};
use crate::value::{Src, Text, Value};

/// A place of request parameters, in the order in which `$input.params(name)` looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Captured path segments.
    Path,
    /// Query string.
    Query,
    /// Headers.
    Header,
}

impl Place {
    /// All places, in order.
    pub const ALL: [Place; 3] = [Place::Path, Place::Query, Place::Header];

    /// Its key in `$input.params()`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Place::Path => "path",
            Place::Query => "querystring",
            Place::Header => "header",
        }
    }
}

/// The surroundings of a template. Maps are asked for when a template first needs them, at most once a run.
pub trait Host: Lent {
    /// The payload; empty if there is none.
    fn body(&self) -> Text;

    /// The parameters of one place: a map of texts.
    ///
    /// # Errors
    /// The bound that building it met.
    fn params(&self, place: Place, heap: &mut Heap<'_>) -> Result<Value, Bound>;

    /// `$context`: a map, with [`add_overrides`] done, which lives on into the response template.
    ///
    /// # Errors
    /// The bound that building it met.
    fn context(&self, heap: &mut Heap<'_>) -> Result<Value, Bound>;

    /// `$stageVariables`: a map of texts.
    ///
    /// # Errors
    /// The bound that building it met.
    fn stage_variables(&self, heap: &mut Heap<'_>) -> Result<Value, Bound>;
}

/// Adds the empty maps `requestOverride.{header,path,querystring}` and `responseOverride.header` that a
/// template writes into. Their members may be assigned once each, if `once`: the reference answers a second
/// assignment of a parameter with a 5xx.
///
/// # Errors
/// [`Bound::Memory`] or [`Bound::Work`].
pub fn add_overrides(heap: &mut Heap<'_>, context: Value, once: bool) -> Result<(), Bound> {
    let kind = if once { Kind::OnceMap } else { Kind::Map };
    let groups: [(&[u8], &[&[u8]]); 2] = [
        (b"requestOverride", &[b"header", b"path", b"querystring"]),
        (b"responseOverride", &[b"header"]),
    ];
    for (name, members) in groups {
        let group = match heap.member(context, name)? {
            Some(group @ Value::Map(_)) => group,
            _ => {
                let group = heap.map(if once { kind } else { Kind::Context })?;
                heap.put_member(context, name, group)?;
                group
            }
        };
        for member in members {
            if heap.member(group, member)?.is_none() {
                let inner = heap.map(kind)?;
                heap.put_member(group, member, inner)?;
            }
        }
    }
    Ok(())
}

/// Surroundings made of values: for tests, `tollgate eval` and single-template cases.
#[derive(Clone, Debug, Default)]
pub struct MapHost {
    /// The bytes of the program: what [`Src::Bundle`] resolves in.
    pub program: Vec<u8>,
    /// The payload.
    pub body: Vec<u8>,
    /// Path parameters, as the text of a JSON object.
    pub path: String,
    /// Query parameters, as the text of a JSON object.
    pub query: String,
    /// Headers, as the text of a JSON object.
    pub header: String,
    /// `$context`, as the text of a JSON object.
    pub context: String,
    /// `$stageVariables`, as the text of a JSON object.
    pub stage_variables: String,
}

impl Lent for MapHost {
    fn lent(&self, text: Text) -> Option<&[u8]> {
        let source: &[u8] = match text.src {
            Src::Bundle => &self.program,
            Src::Body => &self.body,
            _ => return None,
        };
        source.get(text.off as usize..)?.get(..text.len as usize)
    }

    fn lent_body(&self) -> &[u8] {
        &self.body
    }
}

impl MapHost {
    fn read(source: &str, heap: &mut Heap<'_>) -> Result<Value, Bound> {
        let text = heap.scratch.push(source.as_bytes())?;
        match parse(heap, text, Mode::Strict) {
            Ok(map @ Value::Map(_)) => Ok(map),
            Err(crate::json::JsonError::Bound(bound)) => Err(bound),
            _ => heap.map(Kind::Map),
        }
    }
}

impl Host for MapHost {
    fn body(&self) -> Text {
        Text::whole(Src::Body, &self.body)
    }

    fn params(&self, place: Place, heap: &mut Heap<'_>) -> Result<Value, Bound> {
        let source = match place {
            Place::Path => &self.path,
            Place::Query => &self.query,
            Place::Header => &self.header,
        };
        Self::read(source, heap)
    }

    fn context(&self, heap: &mut Heap<'_>) -> Result<Value, Bound> {
        let context = Self::read(&self.context, heap)?;
        add_overrides(heap, context, false)?;
        Ok(context)
    }

    fn stage_variables(&self, heap: &mut Heap<'_>) -> Result<Value, Bound> {
        Self::read(&self.stage_variables, heap)
    }
}
