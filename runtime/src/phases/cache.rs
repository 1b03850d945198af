//! The stage's cache: what an answer is kept under, who may pass it by, and the record of an answer.
//!
//! | bytes of a record | |
//! |---|---|
//! | 2 | status |
//! | 2 | headers |
//! | 4 and as many | name, then value, of each header |
//! | 4 and as many | body |
//!
//! Headers that belong to one answer alone, such as its request id, are not in it.

use super::Next;
use super::admit::IAM;
use crate::behaviour::Switch;
use crate::bundle::Section;
use crate::bundle::records as r;
use crate::bundle::wire::Field;
use crate::machine::{Halt, List, Machine, Message, OutBody, Target, Waiting};
use crate::policy::{Kind, Verdict, judge};
use crate::response_type::ResponseType;
use crate::session::Phase;
use crate::text::media;
use crate::value::{Src, Text, Value};

/// Bytes of the largest answer that is kept.
const MAX_RECORD: usize = 1_048_576;

/// Flag of a stage that has a cache, and of one whose canary shares it.
const HAS_CACHE: u8 = 8;
const CANARY_SHARES: u8 = 2;
/// Flags of a setting: answers are kept; passing the cache by needs rights.
const KEPT: u8 = 2;
const NEEDS_RIGHTS: u8 = 4;
/// Flag of an integration whose answer is streamed.
const STREAM: u8 = 2;

/// What a client without rights meets.
const REFUSE: u8 = 0;
const WARN: u8 = 1;

impl Machine<'_, '_> {
    /// Looks for an answer, where the stage keeps this method's.
    pub(crate) fn cache(&mut self) -> Result<Next, Halt> {
        let (Some(stage), Some(setting)) = (self.stage(), self.route_setting()) else {
            return self.integration_request();
        };
        let streams = self.integration().is_some_and(|i| i.flags & STREAM != 0);
        if stage.flags & HAS_CACHE == 0
            || setting.flags & KEPT == 0
            || setting.ttl_s == 0
            || streams
        {
            return self.integration_request();
        }
        self.enter(Phase::Cache);
        let key = self.cache_key(&stage)?;
        self.core.cache_key = Some(key);
        self.core.cache_ttl_s = setting.ttl_s;
        if self.wants_fresh() {
            if setting.flags & NEEDS_RIGHTS == 0 || self.may_invalidate()? {
                // The new answer takes the old one's place.
                return self.integration_request();
            }
            match setting.unauthorized {
                REFUSE => return Err(Halt::new(ResponseType::AccessDenied)),
                WARN => self.core.cache_warning = true,
                _ => {}
            }
        }
        self.core.waiting = Waiting::Cache;
        Ok(Next::CacheGet)
    }

    /// Stage, deployment, namespace, verb, the type that the client accepts first, and the listed parameters.
    fn cache_key(&mut self, stage: &r::Stage) -> Result<Text, Halt> {
        let route = self.route().ok_or(Halt::INTERNAL)?;
        let deployment: r::Deployment = self
            .edge
            .record(Section::Deployments, u32::from(self.core.deployment))
            .ok_or(Halt::INTERNAL)?;
        let listed = self.run(self.image, route.cache_key, Target::Request)?;
        let own = self.core.canary && stage.flags & CANARY_SHARES == 0;
        let accepted = self
            .header_folded(b"Accept")
            .map_or(&[][..], |value| media::first(self.lent(value)));
        let start = self.scratch.text_len();
        self.scratch.append(&stage.bucket.to_le_bytes())?;
        self.scratch.append(&[u8::from(own)])?;
        self.scratch.append(&deployment.digest)?;
        for part in [
            self.image.bytes(route.namespace),
            self.lent(self.core.method),
            accepted,
        ] {
            let len = u32::try_from(part.len()).unwrap_or(u32::MAX);
            self.scratch.append(&len.to_le_bytes())?;
            self.scratch.append(part)?;
        }
        // Each listed parameter brings its own length.
        if let Value::Text(parts) = listed.accumulator {
            self.append(parts)?;
        }
        Ok(self.scratch.since(start))
    }

    /// Whether the client asks for an answer that is not kept.
    fn wants_fresh(&self) -> bool {
        self.header_folded(b"Cache-Control").is_some_and(|value| {
            self.lent(value)
                .split(|b| *b == b',')
                .any(|directive| directive.trim_ascii().eq_ignore_ascii_case(b"max-age=0"))
        })
    }

    /// Whether the resource policy and the caller's own allow `execute-api:InvalidateCache`; only callers who sign,
    /// and are of the API's account, can be allowed.
    fn may_invalidate(&mut self) -> Result<bool, Halt> {
        let Some(route) = self.route().filter(|route| route.auth == IAM) else {
            return Ok(false);
        };
        if !self.is_of_own_account() {
            return Ok(false);
        }
        let (mut findings, _) = self.findings(true)?;
        let mut resource = None;
        if route.fresh.is_some() {
            let said = self.verdict(self.image, route.fresh);
            let (verdict, failed) = said.unwrap_or((Verdict::Deny(0), true));
            findings.note(Kind::Resource, verdict.finding(failed));
            resource = Some(verdict);
        }
        let grant = self.own_grant(resource);
        Ok(judge(&findings, grant, self.party(), true).is_ok())
    }

    /// The host kept an answer.
    pub(crate) fn cache_hit(&mut self, record: &[u8]) -> Result<Next, Halt> {
        let start = self.scratch.text_len();
        self.scratch.append(record)?;
        let copy = self.scratch.since(start);
        let Some(answer) = self.answer_of(record, copy)? else {
            // A record that cannot be read is none.
            return self.integration_request();
        };
        self.core.answer = answer;
        self.core.cache_key = None;
        self.respond()
    }

    fn answer_of(&mut self, record: &[u8], copy: Text) -> Result<Option<Message>, Halt> {
        let (Some(status), Some(count)) = (u16::get(record), record.get(2..).and_then(u16::get))
        else {
            return Ok(None);
        };
        let mut at = 4usize;
        let mut next = || {
            let len = u32::get(record.get(at..)?)?;
            let from = u32::try_from(at.checked_add(4)?).ok()?;
            at = at.checked_add(4)?.checked_add(len as usize)?;
            record.get(..at)?;
            Some(copy.slice(from, from.checked_add(len)?))
        };
        let mut headers = List::default();
        for _ in 0..count {
            let (Some(name), Some(value)) = (next(), next()) else {
                return Ok(None);
            };
            headers.push(self.scratch, name, Value::Text(value))?;
        }
        let Some(body) = next() else { return Ok(None) };
        Ok(Some(Message {
            status,
            headers,
            body: OutBody::Text(body),
            ..Message::default()
        }))
    }

    /// Writes down the integration's answer, as it is about to go out, where it is to be kept.
    pub(crate) fn keep_answer(&mut self) -> Result<(), Halt> {
        if self.core.cache_key.is_none() || self.core.error.is_some() {
            return Ok(());
        }
        let status = self.core.answer.status;
        if status >= 400 && self.switch(Switch::CacheErrorStatuses) == 1 {
            return Ok(());
        }
        let body = match self.core.answer.body {
            OutBody::PassBackend if self.backend().is_none_or(|b| b.body.is_none()) => {
                return Ok(());
            }
            body => self.out_body(body),
        };
        let headers = self.core.answer.headers;
        let mut size = body.len as usize + 8;
        for i in 0..headers.len {
            if let Some((name, Value::Text(value))) = headers.get(self.scratch, i) {
                size += name.len as usize + value.len as usize + 8;
            }
        }
        if size > MAX_RECORD {
            return Ok(());
        }
        let Ok(count) = u16::try_from(headers.len) else {
            return Ok(());
        };
        let start = self.scratch.text_len();
        self.scratch.append(&status.to_le_bytes())?;
        self.scratch.append(&count.to_le_bytes())?;
        for i in 0..headers.len {
            let Some((name, Value::Text(value))) = headers.get(self.scratch, i) else {
                return Ok(());
            };
            for text in [name, value] {
                self.append_sized(text)?;
            }
        }
        self.append_sized(body)?;
        self.core.record = Some(self.scratch.since(start));
        Ok(())
    }

    fn append_sized(&mut self, text: Text) -> Result<(), Halt> {
        self.scratch.append(&text.len.to_le_bytes())?;
        if text.src == Src::Scratch {
            self.scratch.append_within(text.off, text.len)?;
        } else {
            self.scratch.append(self.lent(text))?;
        }
        Ok(())
    }

    /// The answer is on its way: it is kept, where it is to be.
    pub(crate) fn sent(&mut self) -> Next {
        match (self.core.cache_key, self.core.record) {
            (Some(_), Some(_)) if self.core.error.is_none() => {
                self.core.waiting = Waiting::Stored;
                Next::CachePut
            }
            _ => self.log(),
        }
    }
}
