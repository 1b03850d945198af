//! Built-in CORS: preflights that the gateway answers itself, and headers on every answer to another origin.

use crate::bundle::Section;
use crate::bundle::records as r;
use crate::machine::{Halt, List, Machine, Message};
use crate::phases::Next;
use crate::response_type::ResponseType;
use crate::session::Phase;
use crate::value::Text;

/// Places of the texts in the API's list; origins follow.
const METHODS: u32 = 0;
const HEADERS: u32 = 1;
const EXPOSE: u32 = 2;
const MAX_AGE: u32 = 3;
const CREDENTIALS: u32 = 4;
const ORIGINS: u32 = 5;

/// The number of OPTIONS among verbs.
const OPTIONS: u8 = 3;

/// Whether a configured origin takes in the request's: itself, `*`, or `https://*`.
fn admits(configured: &[u8], origin: &[u8]) -> bool {
    match configured.strip_suffix(b"*") {
        Some(scheme) => origin.starts_with(scheme),
        None => configured == origin,
    }
}

impl Machine<'_, '_> {
    /// One of the texts of the API's CORS; none if it has none.
    fn cors(&self, at: u32) -> Option<Text> {
        let range = self.api()?.cors;
        if at >= range.len {
            return None;
        }
        let item: r::Item = self
            .image
            .record(Section::Lists, range.off.checked_add(at)?)?;
        Some(self.image.text(item.text)).filter(|text| !text.is_empty())
    }

    fn has_cors(&self) -> bool {
        self.api().is_some_and(|api| api.cors.len > 0)
    }

    /// The answer of a preflight, if the request is one that no route takes: a route for OPTIONS does, and one for
    /// any verb that asks who calls.
    pub(in crate::phases) fn preflight(
        &mut self,
        arrived: &Result<(), Halt>,
    ) -> Result<Option<Next>, Halt> {
        let asks = self.bytes(self.core.method) == b"OPTIONS"
            && self.header_folded(b"Origin").is_some()
            && self
                .header_folded(b"Access-Control-Request-Method")
                .is_some();
        if !asks || self.core.phase != Phase::Route || !self.has_cors() {
            return Ok(None);
        }
        let taken = match arrived {
            Ok(()) => self
                .route()
                .is_some_and(|route| route.verb == OPTIONS || route.auth != 0),
            Err(halt) => halt.ty != ResponseType::ResourceNotFound,
        };
        if taken {
            return Ok(None);
        }
        self.core.answer = Message {
            status: 204,
            ..Message::default()
        };
        if self.origin_shown()?.is_some() {
            let mut list = self.core.answer.headers;
            for (name, at) in [
                (b"access-control-allow-methods".as_slice(), METHODS),
                (b"access-control-allow-headers", HEADERS),
                (b"access-control-max-age", MAX_AGE),
            ] {
                if let Some(text) = self.cors(at) {
                    self.put(&mut list, name, text)?;
                }
            }
            self.core.answer.headers = list;
        }
        self.core.preflight = true;
        self.respond().map(Some)
    }

    /// What the answer says of the request's origin; none if it is not admitted, or there is none.
    fn origin_shown(&mut self) -> Result<Option<Text>, Halt> {
        let Some(origin) = self.header_folded(b"Origin") else {
            return Ok(None);
        };
        let count = self.api().map_or(0, |api| api.cors.len);
        let admitted = (ORIGINS..count)
            .filter_map(|at| self.cors(at))
            .any(|configured| admits(self.bytes(configured), self.bytes(origin)));
        if !admitted {
            return Ok(None);
        }
        let alone = count == ORIGINS + 1;
        let star = self
            .cors(ORIGINS)
            .filter(|text| alone && self.bytes(*text) == b"*");
        // With `*` alone nobody's answer differs from another's.
        Ok(Some(star.unwrap_or(origin)))
    }

    /// The gateway's headers of CORS in place of those of the backend.
    pub(super) fn finish_cors(&mut self, list: &mut List) -> Result<(), Halt> {
        if !self.has_cors() {
            return Ok(());
        }
        const PREFIX: &[u8] = b"access-control-";
        let own = core::mem::take(&mut self.core.preflight);
        let mut at = 0;
        while let Some((name, _)) = list.get(self.scratch, at) {
            let name = self.bytes(name);
            let cors = name
                .get(..PREFIX.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(PREFIX));
            if cors && !own {
                list.remove(self.scratch, at);
            } else {
                at += 1;
            }
        }
        let Some(shown) = self.origin_shown()? else {
            return Ok(());
        };
        self.put(list, b"access-control-allow-origin", shown)?;
        if let Some(text) = self.cors(CREDENTIALS) {
            self.put(list, b"access-control-allow-credentials", text)?;
        }
        if let Some(text) = self.cors(EXPOSE).filter(|_| !own) {
            self.put(list, b"access-control-expose-headers", text)?;
        }
        if self.bytes(shown) != b"*" {
            let start = self.scratch.text_len();
            if let Some(index) = self.find(*list, b"vary")
                && let Some((_, crate::value::Value::Text(before))) = list.get(self.scratch, index)
            {
                self.append(before)?;
                self.scratch.append(b", ")?;
            }
            self.scratch.append(b"origin")?;
            let vary = self.scratch.since(start);
            self.put(list, b"vary", vary)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_admitted_whole() {
        for (configured, origin, admitted) in [
            ("*", "https://shop.example", true),
            ("https://*", "https://shop.example", true),
            ("https://*", "http://shop.example", false),
            ("https://shop.example", "https://shop.example", true),
            (
                "https://shop.example",
                "https://shop.example.evil.test",
                false,
            ),
            ("https://shop.example", "https://shop.exampl", false),
            ("https://shop.example", "HTTPS://shop.example", false),
        ] {
            let found = admits(configured.as_bytes(), origin.as_bytes());
            assert_eq!(found, admitted, "{configured} {origin}");
        }
    }
}
