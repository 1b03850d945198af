//! Lookups in the request and the answer.

use super::Machine;
use crate::bundle::Section;
use crate::bundle::records as r;
use crate::router;
use crate::scratch::Exhausted;
use crate::text::{base64, media, scan};
use crate::value::{Src, Text};
use crate::world::Header;

/// Headers of the client that neither mappings nor templates nor Lambda events see, as recorded.
const INVISIBLE: [&[u8]; 12] = [
    b"Connection",
    b"Content-Length",
    b"Content-MD5",
    b"Expect",
    b"Max-Forwards",
    b"Proxy-Authenticate",
    b"Server",
    b"TE",
    b"Transfer-Encoding",
    b"Trailer",
    b"Upgrade",
    b"WWW-Authenticate",
];

/// Whether mappings, templates and Lambda events see a client's header of this name.
pub(crate) fn visible(name: &[u8]) -> bool {
    !INVISIBLE.iter().any(|hidden| scan::is_folded(hidden, name))
}

/// Whether a name has a meaning of its own, so that its letter case never matters.
fn always_folded(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 7] = [
        b"x-api-key",
        b"Authorization",
        b"User-Agent",
        b"Host",
        b"Content-Type",
        b"Cache-Control",
        b"Origin",
    ];
    let starts = |prefix: &[u8]| {
        name.get(..prefix.len())
            .is_some_and(|n| scan::is_folded(n, prefix))
    };
    NAMES.iter().any(|n| scan::is_folded(n, name)) || starts(b"Accept") || starts(b"x-amz")
}

impl<'v> Machine<'_, 'v> {
    /// The path behind stage or mapping.
    pub(crate) fn path(&self) -> &'v [u8] {
        self.target(self.core.path)
    }

    /// What routing looked at of the path.
    pub(crate) fn routed(&self) -> &'v [u8] {
        self.target(self.core.routed)
    }

    /// The raw query.
    pub(crate) fn query(&self) -> &'v [u8] {
        self.target(self.core.query)
    }

    fn target(&self, (from, to): (u32, u32)) -> &'v [u8] {
        self.world
            .head
            .target
            .get(from as usize..to as usize)
            .unwrap_or(&[])
    }

    /// How a header's name is compared.
    fn folds(&self, name: &[u8]) -> bool {
        always_folded(name) || self.folds_names()
    }

    /// The last value of a client's header; `None` for those that nobody sees.
    pub(crate) fn header(&self, name: &[u8]) -> Option<Text> {
        if !self.sees_header(name) {
            return None;
        }
        let folds = self.folds(name);
        let at = self
            .world
            .head
            .headers
            .iter()
            .rposition(|h| same(h, name, folds))?;
        self.header_text(at)
    }

    /// The last value of a client's header, whatever its letter case, seen or not.
    pub(crate) fn header_folded(&self, name: &[u8]) -> Option<Text> {
        let at = self
            .world
            .head
            .headers
            .iter()
            .rposition(|h| scan::is_folded(h.name, name))?;
        self.header_text(at)
    }

    fn header_text(&self, at: usize) -> Option<Text> {
        let header = self.world.head.headers.get(at)?;
        Some(Text::whole(
            Src::HeaderValue(u16::try_from(at).ok()?),
            header.value,
        ))
    }

    /// All values of a client's header, joined with `,`.
    pub(crate) fn headers(&mut self, name: &[u8]) -> Result<Option<Text>, Exhausted> {
        if !self.sees_header(name) {
            return Ok(None);
        }
        let folds = self.folds(name);
        let headers = self.world.head.headers;
        let first = headers.iter().position(|h| same(h, name, folds));
        let last = headers.iter().rposition(|h| same(h, name, folds));
        if first == last {
            return Ok(first.and_then(|at| self.header_text(at)));
        }
        let start = self.scratch.text_len();
        let values = headers.iter().filter(|h| same(h, name, folds));
        for (index, header) in values.enumerate() {
            if index > 0 {
                self.scratch.append_byte(b',')?;
            }
            self.scratch.append(header.value)?;
        }
        Ok(Some(self.scratch.since(start)))
    }

    /// A path parameter.
    pub(crate) fn path_value(&mut self, name: &[u8]) -> Result<Option<Text>, Exhausted> {
        let captured = self.captured(name);
        captured.map(|text| self.parameter(text)).transpose()
    }

    fn captured(&self, name: &[u8]) -> Option<Text> {
        let route = self.route()?;
        let path = self.routed();
        let parameter = self
            .image
            .records::<r::Parameter>(Section::Parameters, route.parameters)
            .find(|p| self.image.bytes(p.name) == name)?;
        let (from, to) = router::capture(path, &parameter)?;
        Some(Text::new(
            Src::Target,
            self.core.routed.0 + from as u32,
            (to - from) as u32,
        ))
    }

    /// A stage variable.
    pub(crate) fn variable(&self, name: &[u8]) -> Option<Text> {
        let stage = self.stage()?;
        let range = if self.core.canary {
            stage.canary_variables
        } else {
            stage.variables
        };
        // Ordered by name; stages have at most 100.
        let found = self
            .edge
            .records::<r::Variable>(Section::Variables, range)
            .find(|v| self.edge.bytes(v.name) == name)?;
        Some(self.edge.text(found.value))
    }

    /// A constant of the stage.
    pub(crate) fn constant(&self, slot: crate::bundle::wire::Slot) -> Option<Text> {
        if !slot.is_some() {
            return None;
        }
        let stage = self.stage()?;
        let range = if self.core.canary {
            stage.canary_constants
        } else {
            stage.constants
        };
        if u32::from(slot.0) >= range.len {
            return None;
        }
        let span = self.edge.record(
            Section::Constants,
            range.off.checked_add(u32::from(slot.0))?,
        )?;
        Some(self.edge.text(span))
    }

    /// The last value of a header of the answer.
    pub(crate) fn answer_header(&self, name: &[u8]) -> Option<Text> {
        let folds = self.folds(name);
        let headers = self.backend()?.headers;
        let at = headers.iter().rposition(|h| same(h, name, folds))?;
        Some(Text::whole(
            Src::BackendValue(u16::try_from(at).ok()?),
            headers.get(at)?.value,
        ))
    }

    /// All values of a header of the answer, joined with `,`.
    pub(crate) fn answer_headers(&mut self, name: &[u8]) -> Result<Option<Text>, Exhausted> {
        let folds = self.folds(name);
        let Some(backend) = self.backend() else {
            return Ok(None);
        };
        let count = backend
            .headers
            .iter()
            .filter(|h| same(h, name, folds))
            .count();
        if count <= 1 {
            return Ok(self.answer_header(name));
        }
        let start = self.scratch.text_len();
        let values = backend.headers.iter().filter(|h| same(h, name, folds));
        for (index, header) in values.enumerate() {
            if index > 0 {
                self.scratch.append_byte(b',')?;
            }
            self.scratch.append(header.value)?;
        }
        Ok(Some(self.scratch.since(start)))
    }

    /// The media type of the request: the bare type, `application/json` if there is none.
    pub(crate) fn media_of_request(&self) -> Text {
        self.bare(self.header_folded(b"Content-Type"))
    }

    /// The media type of the answer.
    pub(crate) fn media_of_answer(&self) -> Text {
        let found = self.backend().and_then(|b| {
            let at = b
                .headers
                .iter()
                .rposition(|h| scan::is_folded(h.name, b"Content-Type"))?;
            Some(Text::whole(
                Src::BackendValue(u16::try_from(at).ok()?),
                b.headers.get(at)?.value,
            ))
        });
        self.bare(found)
    }

    /// The first media type that the client accepts.
    pub(crate) fn media_wanted(&self) -> Text {
        self.bare(self.header_folded(b"Accept"))
    }

    /// The first media type of a header's value; the empty text if there is none.
    fn bare(&self, value: Option<Text>) -> Text {
        let Some(value) = value else {
            return Text::EMPTY;
        };
        let bytes = self.lent(value);
        let first = media::first(bytes);
        match offset(bytes, first) {
            Some(from) => value.slice(from, from + first.len() as u32),
            None => Text::EMPTY,
        }
    }

    /// Whether a media type is in the API's list of those that are bytes.
    pub(crate) fn is_binary(&self, media_type: &[u8]) -> bool {
        let Some(api) = self.api() else { return false };
        self.image
            .records::<r::Item>(Section::Lists, api.binary)
            .any(|entry| media::binary_entry(self.image.bytes(entry.text), media_type))
    }

    /// Appends the base64 of a text.
    pub(crate) fn base64(&mut self, text: Text) -> Result<Text, Exhausted> {
        if text.src == Src::Scratch {
            // The encoder reads while it appends: it works on a copy in pieces of whole triples.
            return self.base64_of_scratch(text);
        }
        base64::encode(self.scratch, self.lent(text))
    }

    fn base64_of_scratch(&mut self, text: Text) -> Result<Text, Exhausted> {
        let start = self.scratch.text_len();
        let mut at = 0;
        while at < text.len {
            let mut chunk = [0u8; 48];
            let len = (text.len - at).min(48);
            let from = self.scratch.bytes(text.off + at, len).ok_or(Exhausted)?;
            let Some(to) = chunk.get_mut(..len as usize) else {
                return Err(Exhausted);
            };
            to.copy_from_slice(from);
            base64::encode(self.scratch, to)?;
            at += len;
        }
        Ok(self.scratch.since(start))
    }
}

fn same(header: &Header<'_>, name: &[u8], folds: bool) -> bool {
    if folds {
        scan::is_folded(header.name, name)
    } else {
        header.name == name
    }
}

/// Where `part`, a slice of `whole`, starts in it. Safe arithmetic: split points are compared, not addresses
/// dereferenced.
pub(super) fn offset(whole: &[u8], part: &[u8]) -> Option<u32> {
    let from = (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
    let end = from.checked_add(part.len())?;
    if end > whole.len() {
        return None;
    }
    u32::try_from(from).ok()
}
