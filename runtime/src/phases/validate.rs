//! Request validation: required parameters, then the body against the model of its media type.

use super::Next;
use crate::bundle::Section;
use crate::bundle::records as r;
use crate::json::{Bound, Heap, JsonError, Mode, parse};
use crate::machine::{Halt, Machine, Target, Waiting};
use crate::response_type::ResponseType;
use crate::schema;
use crate::session::{BodyPlan, Phase};
use crate::step::Fault;
use crate::value::{Src, Text};
use crate::vtl::Limits;

/// Flag of a route whose body is checked.
const BODY: u8 = 2;

impl Machine<'_, '_> {
    /// Limits are spent: on to the parameters.
    pub(crate) fn spent(&mut self) -> Result<Next, Halt> {
        let route = self.route().ok_or(Halt::INTERNAL)?;
        self.parameters(&route)?;
        self.need_body()
    }

    /// Required parameters: names of headers, then of the path, then of the query, each sorted.
    fn parameters(&mut self, route: &r::Route) -> Result<(), Halt> {
        if !route.validate.is_some() {
            return Ok(());
        }
        self.enter(Phase::Validate);
        self.core.missing = None;
        self.run(self.image, route.validate, Target::Request)?;
        let Some(names) = self.core.missing else {
            return Ok(());
        };
        let start = self.scratch.text_len();
        self.scratch
            .append(b"Missing required request parameters: [")?;
        self.scratch.append_within(names.off, names.len)?;
        self.scratch.append(b"]")?;
        let message: Text = self.scratch.since(start);
        Err(Halt {
            detail: Some(names),
            ..Halt::new(ResponseType::BadRequestParameters).message(message)
        })
    }

    /// Reads the body first where something needs it whole.
    fn need_body(&mut self) -> Result<Next, Halt> {
        match self.core.body_plan {
            BodyPlan::Buffer(max) if self.world.body.is_none() => {
                self.core.waiting = Waiting::Body;
                Ok(Next::ReadBody(max))
            }
            _ => self.body_read(),
        }
    }

    /// The body could not be read.
    pub(crate) fn unread(&self, fault: Fault) -> Halt {
        match fault {
            Fault::TooLarge => Halt::new(ResponseType::RequestTooLarge),
            Fault::Unreadable => Halt::new(ResponseType::UnsupportedMediaType),
            _ => Halt::INTERNAL,
        }
    }

    /// The body is there, or nothing needs it.
    pub(crate) fn body_read(&mut self) -> Result<Next, Halt> {
        if let (BodyPlan::Buffer(max), Some(body)) = (self.core.body_plan, self.world.body)
            && body.len() > max as usize
        {
            return Err(Halt::new(ResponseType::RequestTooLarge));
        }
        let route = self.route().ok_or(Halt::INTERNAL)?;
        self.body_model(&route)?;
        self.cache()
    }

    /// The body must fit the model of its media type; without a model it is not looked at, and neither is one
    /// of a type that is bytes.
    fn body_model(&mut self, route: &r::Route) -> Result<(), Halt> {
        if route.flags & BODY == 0 {
            return Ok(());
        }
        self.enter(Phase::Validate);
        let media = self.lent(self.media_of_request());
        if self.is_binary(media) {
            return Ok(());
        }
        let Some(model) = self.model(route, media) else {
            return Ok(());
        };
        let code = self.image.bytes(model.schema);
        let mark = self.scratch.mark();
        // An empty body counts as an empty object.
        let body = match self.world.body {
            Some([]) | None => self.scratch.push(b"{}")?,
            Some(body) => Text::whole(Src::Body, body),
        };
        let read = self.scratch.mark();
        let mut heap = Heap::new(self.world, self.scratch, Limits::default().work);
        if schema::surely(&mut heap, code, body) {
            self.scratch.rewind(mark);
            return Ok(());
        }
        let value = match parse(&mut heap, body, Mode::Strict) {
            Ok(value) => value,
            Err(JsonError::Syntax(_) | JsonError::Bound(Bound::Depth)) => {
                let detail = self.scratch.push(b"[Unknown error parsing request body]")?;
                return Err(refused(detail));
            }
            Err(JsonError::Bound(bound)) => return Err(bound.into()),
        };
        match schema::validate(&mut heap, code, value) {
            Ok(None) => {
                self.scratch.rewind(mark);
                Ok(())
            }
            Ok(Some(_)) => {
                // It is read again to be told about, with as much work again.
                self.scratch.rewind(read);
                let mut heap = Heap::new(self.world, self.scratch, Limits::default().work);
                let detail = schema::report(&mut heap, code, body)?;
                Err(refused(detail))
            }
            Err(Bound::Depth) => {
                let detail = self.scratch.push(b"[instance nests too deep]")?;
                Err(refused(detail))
            }
            Err(bound) => Err(bound.into()),
        }
    }

    /// The model of this media type, else the one of `$default`.
    fn model(&self, route: &r::Route, media: &[u8]) -> Option<r::Model> {
        let media: &[u8] = if media.is_empty() {
            b"application/json"
        } else {
            media
        };
        let find = |wanted: &[u8]| {
            self.image
                .records::<r::Model>(Section::Models, route.models)
                .find(|m| self.image.bytes(m.media).eq_ignore_ascii_case(wanted))
        };
        find(media).or_else(|| find(b"$default"))
    }
}

fn refused(detail: Text) -> Halt {
    Halt {
        detail: Some(detail),
        ..Halt::new(ResponseType::BadRequestBody)
    }
}
