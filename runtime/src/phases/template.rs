//! Mapping templates: what they see, and what their overrides change.

use crate::behaviour::{Behaviour, Switch};
use crate::bundle::records as r;
use crate::bundle::wire::Blob;
use crate::bundle::{Image, Section};
use crate::json::{Bound, Heap, Kind, Lent};
use crate::machine::{Core, Halt, List, Machine, OutBody, Target, Variable, visible};
use crate::response_type::ResponseType;
use crate::router;
use crate::text::percent;
use crate::value::{Src, Text, Value};
use crate::vtl::{self, Host, Kept, Place, Program, Settings};
use crate::world::World;

use super::identity::CLAIMS;

/// Members of `$context`, in the order recorded from the reference.
pub(super) const CONTEXT: [Variable; 15] = [
    Variable::ResourceId,
    Variable::ResourcePath,
    Variable::HttpMethod,
    Variable::ExtendedRequestId,
    Variable::RequestTime,
    Variable::Path,
    Variable::AccountId,
    Variable::Protocol,
    Variable::Stage,
    Variable::DomainPrefix,
    Variable::RequestTimeEpoch,
    Variable::RequestId,
    Variable::DomainName,
    Variable::DeploymentId,
    Variable::ApiId,
];

/// A template's surroundings: a copy of the session's data and what the host lends.
struct Surroundings<'v> {
    core: Core,
    world: &'v World<'v>,
    edge: Image<'v>,
    image: Image<'v>,
    body: Text,
}

impl Lent for Surroundings<'_> {
    fn lent(&self, text: Text) -> Option<&[u8]> {
        self.world.resolve_lent(text)
    }

    fn lent_body(&self) -> &[u8] {
        self.world.body.unwrap_or(&[])
    }
}

impl Surroundings<'_> {
    /// Runs `ask` on a machine that works in the heap's scratch.
    fn ask<T, E>(
        &self,
        heap: &mut Heap<'_>,
        ask: impl FnOnce(&mut Machine<'_, '_>) -> Result<T, E>,
    ) -> Result<T, Bound> {
        let mut core = self.core;
        let mut machine = Machine {
            core: &mut core,
            world: self.world,
            scratch: heap.scratch,
            edge: self.edge,
            image: self.image,
            cut: None,
            observer: None,
        };
        ask(&mut machine).map_err(|_| Bound::Memory)
    }

    /// The pairs of a list as a map: the last value of a repeated name.
    fn map(&self, heap: &mut Heap<'_>, list: List) -> Result<Value, Bound> {
        let map = heap.map(Kind::Map)?;
        for i in 0..list.len {
            if let Some((name, value)) = list.get(heap.scratch, i) {
                heap.put(map, Value::Text(name), value)?;
            }
        }
        Ok(map)
    }
}

impl Host for Surroundings<'_> {
    fn body(&self) -> Text {
        self.body
    }

    fn params(&self, place: Place, heap: &mut Heap<'_>) -> Result<Value, Bound> {
        let list = self.ask(heap, |machine| machine.parameter_list(place))?;
        self.map(heap, list)
    }

    fn context(&self, heap: &mut Heap<'_>) -> Result<Value, Bound> {
        let context = heap.map(Kind::Context)?;
        for variable in CONTEXT {
            let value = self.ask(heap, |machine| machine.context(variable))?;
            heap.put_member(context, variable.name().as_bytes(), value)?;
        }
        let canary = self.ask(heap, |machine| machine.context(Variable::IsCanaryRequest))?;
        if canary != Value::Missing {
            heap.put_member(context, b"isCanaryRequest", canary)?;
        }
        let identity = heap.map(Kind::Context)?;
        for variable in super::lambda::IDENTITY {
            let value = self.ask(heap, |machine| machine.context(variable))?;
            let value = if value == Value::Missing {
                Value::Null
            } else {
                value
            };
            let name = variable.name();
            let name = name.strip_prefix("identity.").unwrap_or(name);
            heap.put_member(identity, name.as_bytes(), value)?;
        }
        for variable in [
            Variable::IdentityApiKey,
            Variable::IdentityApiKeyId,
            Variable::IdentityVpceId,
        ] {
            let value = self.ask(heap, |machine| machine.context(variable))?;
            if value != Value::Missing {
                let name = variable.name();
                let name = name.strip_prefix("identity.").unwrap_or(name);
                heap.put_member(identity, name.as_bytes(), value)?;
            }
        }
        heap.put_member(context, b"identity", identity)?;
        let signs = self.ask::<_, Halt>(heap, |machine| Ok(machine.signs()))?;
        if self.world.identity.is_some() && !signs {
            let authorizer = heap.map(Kind::Context)?;
            let holds = self.ask::<_, Halt>(heap, |machine| Ok(machine.holds_tokens()))?;
            let mut claims = Value::Missing;
            let members = self.ask::<_, Halt>(heap, |machine| Ok(machine.authorizer_members()))?;
            for i in 0..members.len {
                let Some((name, value)) = members.get(heap.scratch, i) else {
                    continue;
                };
                match heap.bytes(name).starts_with(CLAIMS) && holds {
                    true => {
                        if claims == Value::Missing {
                            claims = heap.map(Kind::Context)?;
                            heap.put_member(authorizer, b"claims", claims)?;
                        }
                        let name = name.slice(CLAIMS.len() as u32, name.len);
                        heap.put(claims, Value::Text(name), value)?;
                    }
                    false => {
                        heap.put(authorizer, Value::Text(name), value)?;
                    }
                }
            }
            let principal = self.ask(heap, |machine| machine.authorizer_value(b"principalId"))?;
            if principal != Value::Missing {
                heap.put_member(authorizer, b"principalId", principal)?;
            }
            heap.put_member(context, b"authorizer", authorizer)?;
        }
        vtl::add_overrides(heap, context, true)?;
        Ok(context)
    }

    fn stage_variables(&self, heap: &mut Heap<'_>) -> Result<Value, Bound> {
        let list = self.ask(heap, |machine| machine.variable_list())?;
        self.map(heap, list)
    }
}

impl Machine<'_, '_> {
    /// Renders a template into the message's body.
    pub(crate) fn template(
        &mut self,
        image: Image<'_>,
        program: Blob,
        target: Target,
    ) -> Result<(), Halt> {
        let converted = match target {
            Target::Request => self.request_body()?,
            Target::Answer => self.answer_body(self.core.answer_content)?,
        };
        if converted.bytes {
            // A template sees text only, as recorded; no bytes at all are bytes too.
            return Err(Halt::new(ResponseType::ApiConfigurationError));
        }
        let base = image.blob_offset(program);
        let program = Program::open(image.bytes(program), base)
            .map_err(|_| Halt::INTERNAL.fault(vtl::Failure::Corrupt.message()))?;
        let settings = Settings::of(&self.behaviour());
        let surroundings = Surroundings {
            core: *self.core,
            world: self.world,
            edge: self.edge,
            image: self.image,
            body: converted.text,
        };
        let mut kept = Kept {
            context: self.core.kept_context,
        };
        let rendered = vtl::render(program, &surroundings, self.scratch, &settings, &mut kept);
        self.core.kept_context = kept.context;
        let text = rendered.map_err(|fault| Halt::INTERNAL.fault(fault.failure.message()))?;
        let message = self.message(target);
        message.body = OutBody::Text(text);
        message.rendered = true;
        Ok(())
    }

    fn behaviour(&self) -> Behaviour {
        let mut behaviour = Behaviour::default();
        for switch in [
            Switch::VtlUndefined,
            Switch::VtlForeachLimit,
            Switch::HeaderNames,
        ] {
            behaviour.set(switch, self.switch(switch));
        }
        behaviour
    }

    /// The parameters of one place, in the order received.
    pub(crate) fn parameter_list(&mut self, place: Place) -> Result<List, Halt> {
        let mut list = List::default();
        match place {
            Place::Path => {
                let Some(route) = self.route() else {
                    return Ok(list);
                };
                let path = self.routed();
                for p in self
                    .image
                    .records::<r::Parameter>(Section::Parameters, route.parameters)
                {
                    if let Some((from, to)) = router::capture(path, &p) {
                        let value = Text::new(
                            Src::Target,
                            self.core.routed.0 + from as u32,
                            (to - from) as u32,
                        );
                        let value = self.parameter(value)?;
                        list.push(self.scratch, self.image.text(p.name), Value::Text(value))?;
                    }
                }
            }
            Place::Query => {
                for (name, value) in percent::pairs(self.query()) {
                    let name = self.decoded(name)?;
                    let value = self.decoded(value)?;
                    list.push(self.scratch, name, Value::Text(value))?;
                }
            }
            Place::Header => {
                for (i, header) in self.world.head.headers.iter().enumerate() {
                    let Ok(i) = u16::try_from(i) else { break };
                    if visible(header.name) {
                        let name = Text::whole(Src::HeaderName(i), header.name);
                        let value = Text::whole(Src::HeaderValue(i), header.value);
                        list.push(self.scratch, name, Value::Text(value))?;
                    }
                }
            }
        }
        Ok(list)
    }

    /// The stage's variables, ordered by name.
    pub(crate) fn variable_list(&mut self) -> Result<List, Halt> {
        let mut list = List::default();
        let Some(stage) = self.stage() else {
            return Ok(list);
        };
        let range = if self.core.canary {
            stage.canary_variables
        } else {
            stage.variables
        };
        for v in self.edge.records::<r::Variable>(Section::Variables, range) {
            list.push(
                self.scratch,
                self.edge.text(v.name),
                Value::Text(self.edge.text(v.value)),
            )?;
        }
        Ok(list)
    }

    /// What `$context.requestOverride` says, over what mappings set.
    pub(crate) fn apply_request_overrides(&mut self) -> Result<(), Halt> {
        let overrides = self.override_of(b"requestOverride")?;
        let headers = self.override_member(overrides, b"header")?;
        let mut list = self.core.request.headers;
        self.override_headers(headers, &mut list)?;
        self.core.request.headers = list;
        for (name, query) in [(b"querystring".as_slice(), true), (b"path", false)] {
            let map = self.override_member(overrides, name)?;
            let mut list = if query {
                self.core.request.query
            } else {
                self.core.request.placeholders
            };
            let mut at = 0;
            while let Some((Value::Text(name), value)) = self.heap().pair(map, at) {
                at += 1;
                let old = (0..list.len).find(|i| {
                    list.get(self.scratch, *i)
                        .is_some_and(|(n, _)| self.bytes(n) == self.bytes(name))
                });
                if let Some(old) = old {
                    list.remove(self.scratch, old);
                }
                if !matches!(value, Value::Missing | Value::Null) {
                    list.push(self.scratch, name, value)?;
                }
            }
            if query {
                self.core.request.query = list;
            } else {
                self.core.request.placeholders = list;
            }
        }
        Ok(())
    }

    /// What `$context.responseOverride` says, over what mappings set. A status that is no integer from 100 to
    /// 599 is ignored.
    pub(crate) fn apply_response_overrides(&mut self) -> Result<(), Halt> {
        let overrides = self.override_of(b"responseOverride")?;
        let headers = self.override_member(overrides, b"header")?;
        let mut list = self.core.answer.headers;
        self.override_headers(headers, &mut list)?;
        self.core.answer.headers = list;
        if let Value::Int(status @ 100..=599) = self.override_member(overrides, b"status")? {
            self.core.answer.status = status as u16;
        }
        Ok(())
    }

    fn override_of(&mut self, name: &[u8]) -> Result<Value, Halt> {
        let context = self.core.kept_context;
        self.override_member(context, name)
    }

    fn override_member(&mut self, map: Value, name: &[u8]) -> Result<Value, Halt> {
        match map {
            Value::Map(_) => Ok(self.heap().member(map, name)?.unwrap_or_default()),
            _ => Ok(Value::Missing),
        }
    }

    fn override_headers(&mut self, map: Value, list: &mut List) -> Result<(), Halt> {
        let mut at = 0;
        while let Some((Value::Text(name), value)) = self.heap().pair(map, at) {
            at += 1;
            while let Some(old) = self.find(*list, self.bytes(name)) {
                list.remove(self.scratch, old);
            }
            // A list makes repeated headers, as recorded.
            let Value::List(_) = value else {
                self.override_header(name, value, list)?;
                continue;
            };
            let mut item = 0;
            while let Some(value) = self.heap().item(value, item) {
                item += 1;
                self.override_header(name, value, list)?;
            }
        }
        Ok(())
    }

    /// A header of an override; an empty one is left out.
    fn override_header(&mut self, name: Text, value: Value, list: &mut List) -> Result<(), Halt> {
        let Some(text) = self.printed(value)?.filter(|text| !text.is_empty()) else {
            return Ok(());
        };
        let text = self.one_line(text)?;
        Ok(list.push(self.scratch, name, Value::Text(text))?)
    }
}
