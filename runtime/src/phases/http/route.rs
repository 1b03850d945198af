//! Size limits, route keys, paths.

use crate::bundle::Section;
use crate::bundle::records as r;
use crate::machine::{Halt, Machine};
use crate::response_type::ResponseType;
use crate::router;
use crate::scratch::Exhausted;
use crate::text::{percent, print};
use crate::value::{Src, Text};

/// Bytes of the request line and all headers.
const MAX_HEAD: usize = 10_240;
/// A route's flag: it is `$default`.
const DEFAULT: u8 = 8;

impl Machine<'_, '_> {
    pub(in crate::phases) fn http_limits(&mut self) -> Result<(), Halt> {
        let head = &self.world.head;
        // Verb, target, `HTTP/1.1`, two blanks, CR LF.
        let line = head.method.len() + head.target.len() + "  HTTP/1.1\r\n".len();
        if line.saturating_add(self.header_bytes()) > MAX_HEAD {
            return Err(Halt::new(ResponseType::Default4xx).status(431));
        }
        self.announced_length()
    }

    /// A path is decided before a verb; `$default` takes what no other route takes, also verbs that no route names.
    pub(in crate::phases) fn find_http_route(&mut self) -> Result<u32, Halt> {
        let slash = self.path().starts_with(b"/");
        self.core.routed = (self.core.path.0 + u32::from(slash), self.core.path.1);
        let (from, to) = self.core.routed;
        let path = Text::new(Src::Target, from, to.saturating_sub(from));
        self.core.resource_path = self.decoded_path(path)?;
        let segments = self.segments(path)?;
        let found = router::verb(self.lent(self.core.method))
            .and_then(|verb| router::find_exact(self.image, self.bytes(segments), verb));
        let default = || {
            let first: r::Route = self.image.record(Section::Routes, 0)?;
            (first.flags & DEFAULT != 0).then_some(0)
        };
        found
            .or_else(default)
            .ok_or(Halt::new(ResponseType::ResourceNotFound))
    }

    /// A path with its segments decoded, and still as many of them: a slash in a segment becomes a byte that no
    /// route has.
    fn segments(&mut self, path: Text) -> Result<Text, Exhausted> {
        let bytes = self.lent(path);
        if !bytes.contains(&b'%') {
            return Ok(path);
        }
        let start = self.scratch.text_len();
        for (i, segment) in bytes.split(|b| *b == b'/').enumerate() {
            if i > 0 {
                self.scratch.append_byte(b'/')?;
            }
            for byte in percent::decoded_path(segment) {
                self.scratch
                    .append_byte(if byte == b'/' { 0 } else { byte })?;
            }
        }
        Ok(self.scratch.since(start))
    }

    /// A path or a part of one, decoded; what is then no UTF-8 shows U+FFFD.
    pub(in crate::phases) fn decoded_path(&mut self, path: Text) -> Result<Text, Exhausted> {
        let bytes = self.lent(path);
        if !bytes.contains(&b'%') {
            return Ok(path);
        }
        let start = self.scratch.text_len();
        for byte in percent::decoded_path(bytes) {
            self.scratch.append_byte(byte)?;
        }
        let decoded = self.scratch.since(start);
        let whole = self.scratch.bytes(decoded.off, decoded.len);
        if whole.is_some_and(|bytes| core::str::from_utf8(bytes).is_ok()) {
            return Ok(decoded);
        }
        // Rare: the decoded bytes again, in one piece, because characters may span any cut.
        let copy = whole.unwrap_or(&[]).to_vec();
        let start = self.scratch.text_len();
        print::lossy(self.scratch, &copy)?;
        Ok(self.scratch.since(start))
    }

    /// A decoded value, encoded again for the path of a URI: slashes and what a path may hold stay.
    pub(in crate::phases) fn encoded_path(&mut self, text: Text) -> Result<Text, Exhausted> {
        let start = self.scratch.out_len();
        for at in 0..text.len {
            let byte = self.bytes(text.slice(at, at + 1)).first().copied();
            let byte = byte.unwrap_or(b'?');
            if matches!(
                byte,
                b'/' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+'
            ) || matches!(byte, b',' | b';' | b'=' | b':' | b'@')
            {
                self.scratch.emit(&[byte])?;
            } else {
                self.scratch.emit(percent::encoded(byte).as_bytes())?;
            }
        }
        Ok(self.scratch.cut_out(start))
    }

    /// The path with its stage, decoded: `rawPath`.
    pub(in crate::phases) fn raw_path(&mut self) -> Result<Text, Exhausted> {
        self.decoded_path(Text::new(Src::Target, 0, self.core.path.1))
    }
}
