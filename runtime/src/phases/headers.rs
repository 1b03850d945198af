//! Which headers pass, vanish, or come out under another name. The tables are the reference's, as recorded.

use crate::machine::{Halt, List, Machine, visible};
use crate::value::{Text, Value};

fn any(names: &[&str], name: &[u8]) -> bool {
    names
        .iter()
        .any(|n| n.as_bytes().eq_ignore_ascii_case(name))
}

/// What an integration is, as far as headers go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Mock,
    Http,
    HttpProxy,
    Lambda,
    LambdaProxy,
    Service,
    /// A Lambda proxy whose event and result are of format 2.0.
    LambdaProxy2,
}

impl Kind {
    pub(crate) fn numbered(kind: u8) -> Option<Kind> {
        Some(match kind {
            0 => Kind::Mock,
            1 => Kind::Http,
            2 => Kind::HttpProxy,
            3 => Kind::Lambda,
            4 => Kind::LambdaProxy,
            5 => Kind::Service,
            6 => Kind::LambdaProxy2,
            _ => return None,
        })
    }

    /// Whether the answer carries the trace id.
    pub(crate) fn traced(self) -> bool {
        matches!(
            self,
            Kind::Http | Kind::Lambda | Kind::LambdaProxy | Kind::Service
        )
    }

    fn is_http(self) -> bool {
        matches!(self, Kind::Http | Kind::HttpProxy)
    }
}

/// Whether a mapped header is left out of the integration request.
pub(crate) fn dropped_from_request(kind: Kind, name: &[u8]) -> bool {
    any(&["Expect", "Proxy-Authenticate", "TE"], name)
        || (kind.is_http() && any(&["Via"], name))
        || (!kind.is_http() && any(&["Referer"], name))
}

/// Whether an HTTP proxy passes a client's header on.
pub(crate) fn passes_to_proxy(name: &[u8]) -> bool {
    visible(name)
        && !any(
            &[
                "Content-Encoding",
                "Host",
                "Via",
                "X-HTTP-Method-Override",
                "X-Amzn-Trace-Id",
                "X-Amzn-Apigateway-Api-Id",
            ],
            name,
        )
}

/// What becomes of a header of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Pass,
    Drop,
    Remap,
}

fn fate(kind: Kind, name: &[u8]) -> Fate {
    if any(&["Transfer-Encoding"], name) {
        return Fate::Drop;
    }
    let always = [
        "Connection",
        "Content-Length",
        "Date",
        "Server",
        "x-amzn-RequestId",
        "x-amz-apigw-id",
    ];
    let often = [
        "Authorization",
        "Content-MD5",
        "Max-Forwards",
        "User-Agent",
        "WWW-Authenticate",
    ];
    let hop = ["Expect", "Host", "Proxy-Authenticate", "Trailer", "Upgrade"];
    match kind {
        _ if any(&always, name) || any(&often, name) => Fate::Remap,
        Kind::Mock | Kind::Http | Kind::Lambda | Kind::Service if any(&hop, name) => Fate::Remap,
        Kind::HttpProxy if any(&hop, name) || any(&["TE", "Via", "Content-Encoding"], name) => {
            Fate::Drop
        }
        Kind::LambdaProxy if any(&hop, name) || any(&["TE", "Via"], name) => Fate::Drop,
        _ => Fate::Pass,
    }
}

impl Machine<'_, '_> {
    /// The index of a header in a list, whatever its letter case.
    pub(crate) fn find(&self, list: List, name: &[u8]) -> Option<u32> {
        (0..list.len).find(|i| {
            list.get(self.scratch, *i)
                .is_some_and(|(n, _)| self.bytes(n).eq_ignore_ascii_case(name))
        })
    }

    /// Appends a header unless the list has it.
    pub(crate) fn add_default(
        &mut self,
        list: &mut List,
        name: &[u8],
        value: Text,
    ) -> Result<(), Halt> {
        if self.find(*list, name).is_some() {
            return Ok(());
        }
        let name = self.scratch.push(name)?;
        Ok(list.push(self.scratch, name, Value::Text(value))?)
    }

    /// Appends a header, in the place of those of the same name.
    pub(crate) fn put(&mut self, list: &mut List, name: &[u8], value: Text) -> Result<(), Halt> {
        while let Some(at) = self.find(*list, name) {
            list.remove(self.scratch, at);
        }
        let name = self.scratch.push(name)?;
        Ok(list.push(self.scratch, name, Value::Text(value))?)
    }

    /// Sends the headers of the answer through the table.
    pub(crate) fn remap_answer(&mut self, kind: Kind) -> Result<(), Halt> {
        let old = self.core.answer.headers;
        let mut new = List::default();
        for i in 0..old.len {
            let Some((name, value)) = old.get(self.scratch, i) else {
                continue;
            };
            match fate(kind, self.bytes(name)) {
                Fate::Drop => {}
                Fate::Pass => new.push(self.scratch, name, value)?,
                Fate::Remap => {
                    let start = self.scratch.text_len();
                    self.scratch.append(b"x-amzn-Remapped-")?;
                    self.append(name)?;
                    let renamed = self.scratch.since(start);
                    new.push(self.scratch, renamed, value)?;
                }
            }
        }
        self.core.answer.headers = new;
        Ok(())
    }

    /// Appends a copy of a text.
    pub(crate) fn append(&mut self, text: Text) -> Result<(), Halt> {
        if text.src == crate::Src::Scratch {
            self.scratch.append_within(text.off, text.len)?;
        } else {
            self.scratch.append(self.lent(text))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_a_proxy_lose_hop_headers_and_rename_the_gateways_own() {
        for (kind, name, want) in [
            (Kind::HttpProxy, "date", Fate::Remap),
            (Kind::HttpProxy, "transfer-encoding", Fate::Drop),
            (Kind::HttpProxy, "content-encoding", Fate::Drop),
            (Kind::HttpProxy, "content-type", Fate::Pass),
            (Kind::HttpProxy, "www-authenticate", Fate::Remap),
            (Kind::Http, "TE", Fate::Pass),
            (Kind::Http, "Upgrade", Fate::Remap),
            (Kind::Http, "Transfer-Encoding", Fate::Drop),
            (Kind::LambdaProxy, "X-Custom", Fate::Pass),
            (Kind::LambdaProxy, "Upgrade", Fate::Drop),
        ] {
            assert_eq!(fate(kind, name.as_bytes()), want, "{kind:?} {name}");
        }
    }
}
