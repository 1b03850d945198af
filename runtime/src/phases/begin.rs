//! Site, size limits, canary draw, route.

use super::Next;
use crate::behaviour::Switch;
use crate::bundle::Site;
use crate::bundle::records as r;
use crate::machine::{ApiKind, Halt, Machine};
use crate::observe::Note;
use crate::response_type::ResponseType;
use crate::router;
use crate::session::{BodyPlan, Phase};
use crate::text::scan;
use crate::value::{Src, Text};

/// Bytes of a target: regional APIs.
const MAX_TARGET: usize = 10_240;
/// Of an API's flags: it has a resource policy.
const HAS_POLICY: u8 = 8;
/// Bytes of a body.
pub(crate) const MAX_BODY: u32 = 10_485_760;

impl Machine<'_, '_> {
    /// From the first byte on.
    pub(crate) fn begin(&mut self) -> Result<Next, Halt> {
        let arrived = self.arrive();
        if let Some(next) = self.own_answer(&arrived)? {
            return Ok(next);
        }
        arrived?;
        self.admit()
    }

    /// From the first byte to a route.
    pub(crate) fn arrive(&mut self) -> Result<(), Halt> {
        self.enter(Phase::Site);
        let head = &self.world.head;
        self.core.method = Text::whole(Src::Method, head.method);
        if self.core.site == Site::NOWHERE {
            return Err(Halt::new(ResponseType::WafFiltered).error("ForbiddenException"));
        }
        if self.core.site == Site::NO_STAGE {
            self.core.kind = ApiKind::Http;
            return Err(Halt::new(ResponseType::ResourceNotFound));
        }
        let stage = self.stage().ok_or(Halt::INTERNAL)?;
        let cut = scan::find(head.target, b'?').unwrap_or(head.target.len());
        let prefix = (self.core.site.prefix as usize).min(cut);
        if head.target.len() > u32::MAX as usize {
            return Err(self.too_long());
        }
        self.core.path = (prefix as u32, cut as u32);
        self.core.query = (
            (cut + 1).min(head.target.len()) as u32,
            head.target.len() as u32,
        );
        self.choose_side(&stage);
        self.image = self.world.bundle.deployment(self.core.deployment);
        self.core.kind = match self.api().map(|api| api.kind) {
            Some(1) => ApiKind::Http,
            _ => ApiKind::Rest,
        };
        self.core.method = self.verb_in_force();
        self.limits()?;
        self.route_request()
    }

    /// Draws the side: before routing, because the two deployments may have different resources.
    fn choose_side(&mut self, stage: &r::Stage) {
        // 10,000 equal parts of 32 random bits.
        let drawn = ((self.world.random & 0xffff_ffff) * 10_000) >> 32;
        self.core.canary = stage.flags & 1 != 0 && drawn < u64::from(stage.share);
        self.core.deployment = if self.core.canary {
            stage.canary
        } else {
            stage.deployment
        };
    }

    pub(super) fn too_long(&mut self) -> Halt {
        let halt = Halt::new(ResponseType::Default4xx)
            .status(414)
            .error("RequestUriTooLongException");
        match self.scratch.push(b"Request URI too long") {
            Ok(text) => halt.message(text),
            Err(_) => Halt::INTERNAL,
        }
    }

    /// The guide: `X-HTTP-Method-Override` replaces the method before routing.
    pub(super) fn overridden_verb(&self) -> Text {
        self.header_folded(b"X-HTTP-Method-Override")
            .filter(|text| !text.is_empty())
            .unwrap_or(self.core.method)
    }

    pub(super) fn rest_limits(&mut self) -> Result<(), Halt> {
        let head = &self.world.head;
        let api = self.api().ok_or(Halt::INTERNAL)?;
        // All bytes are looked at, for that is several at a time.
        let bad = |b: &u8| matches!(b, b'|' | b'{' | b'}');
        if self.query().iter().fold(false, |any, b| any | bad(b)) {
            return Err(Halt::new(ResponseType::Default4xx));
        }
        self.core.compress_from = api.compress_from;
        if head.target.len() > MAX_TARGET {
            return Err(self.too_long());
        }
        let total = self.header_bytes();
        let private = api.flags & 1 != 0;
        let limit = if private {
            8_000
        } else {
            self.switch(Switch::HeaderLimit) as usize
        };
        if total > limit || head.headers.len() > usize::from(u16::MAX) {
            let message = self.scratch.push(b"Request Header Fields Too Large")?;
            return Err(Halt::new(ResponseType::Default4xx)
                .status(431)
                .message(message));
        }
        self.announced_length()
    }

    /// Bytes of all headers: name, value, and the four bytes `: ` and CR LF between and behind them.
    pub(super) fn header_bytes(&self) -> usize {
        self.world.head.headers.iter().fold(0usize, |sum, h| {
            sum.saturating_add(h.name.len())
                .saturating_add(h.value.len())
                .saturating_add(4)
        })
    }

    /// A body that says how long it is is refused unread; another is as it is read.
    pub(super) fn announced_length(&self) -> Result<(), Halt> {
        let announced = (self.world.head.headers.iter())
            .filter(|h| h.name.eq_ignore_ascii_case(b"Content-Length"))
            .filter_map(|h| {
                core::str::from_utf8(h.value)
                    .ok()?
                    .trim()
                    .parse::<u64>()
                    .ok()
            })
            .max();
        if announced.is_some_and(|length| length > u64::from(MAX_BODY)) {
            return Err(Halt::new(ResponseType::RequestTooLarge));
        }
        Ok(())
    }

    fn route_request(&mut self) -> Result<(), Halt> {
        self.enter(Phase::Route);
        self.core.route = Some(self.find_route()?);
        let (Some(api), Some(route)) = (self.api(), self.route()) else {
            return Err(Halt::INTERNAL);
        };
        self.core.has_policy = api.flags & HAS_POLICY != 0;
        self.core.policy = route.policy;
        self.core.body_plan = match route.body_plan {
            0 => BodyPlan::None,
            1 => BodyPlan::Stream,
            _ => BodyPlan::Buffer(MAX_BODY),
        };
        Ok(())
    }

    /// The route of a REST API.
    pub(super) fn find_method(&mut self) -> Result<u32, Halt> {
        let path = self.path();
        let (from, to) = router::trimmed(path);
        self.core.routed = (self.core.path.0 + from as u32, self.core.path.0 + to as u32);
        self.core.resource_path = Text::new(
            Src::Target,
            self.core.routed.0,
            self.core.routed.1 - self.core.routed.0,
        );
        let found = router::verb(self.lent(self.core.method))
            .and_then(|verb| router::find(self.image, self.routed(), verb));
        match found {
            Some(route) => Ok(route),
            None => Err(self.no_route()?),
        }
    }

    /// An unmatched path is 403, not 404; with credentials that are no signature, the fault is named.
    fn no_route(&mut self) -> Result<Halt, Halt> {
        let missing = Halt::new(ResponseType::MissingAuthenticationToken);
        let Some(text) = self.header_folded(b"Authorization") else {
            return Ok(missing);
        };
        let value = self.lent(text);
        if value.starts_with(b"AWS4-HMAC-SHA256 ") {
            return Ok(missing);
        }
        let start = self.scratch.text_len();
        // The first word is the scheme; what follows should be parameters.
        let word = match value.iter().position(|b| *b == b' ') {
            Some(at) => value.get(at + 1..).unwrap_or(&[]),
            None => value,
        };
        if word.contains(&b'=') && !value.starts_with(b"Bearer ") {
            self.scratch
                .append(b"Authorization header requires 'Credential' parameter. ")?;
            self.scratch
                .append(b"Authorization header requires 'Signature' parameter. ")?;
            self.scratch
                .append(b"Authorization header requires 'SignedHeaders' parameter. ")?;
            self.scratch.append(
                b"Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
            )?;
            self.scratch.append(b"Authorization=")?;
            self.scratch
                .append(value.split(|b| *b == b' ').next().unwrap_or(&[]))?;
        } else {
            // The reference prints the header; a credential is not repeated in an answer here.
            self.scratch
                .append(b"Invalid key=value pair (missing equal-sign) in Authorization header")?;
        }
        let message = self.scratch.since(start);
        Ok(missing
            .message(message)
            .error("IncompleteSignatureException"))
    }

    /// Notes that a phase is entered.
    pub(crate) fn enter(&mut self, phase: Phase) {
        self.core.phase = phase;
        if let Some(observer) = &mut self.observer {
            observer.note(Note::Phase(phase));
        }
        if self.core.error.is_none() {
            self.core.decided = phase;
        }
    }
}
