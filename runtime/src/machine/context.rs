//! Context variables: what `$context.…`, `context.…` and access logs print.

use super::Machine;
use crate::bundle::Section;
use crate::bundle::records as r;
use crate::scratch::Exhausted;
use crate::text::{dates, print};
use crate::value::{Src, Text, Value};

macro_rules! variables {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal;)+) => {
        /// A context variable. The discriminant is its number in a bundle.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Variable { $($(#[doc = $doc])+ $variant,)+ }

        impl Variable {
            /// All of them, in the order of their numbers.
            pub const ALL: &'static [Variable] = &[$(Variable::$variant),+];

            /// The name behind `$context.`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Variable::$variant => $name),+ }
            }
        }
    };
}

variables! {
    /// The account.
    AccountId = "accountId";
    /// The API's id.
    ApiId = "apiId";
    /// The request id of the AWS service that was called.
    AwsEndpointRequestId = "awsEndpointRequestId";
    /// The deployment's id.
    DeploymentId = "deploymentId";
    /// The domain name that the client used.
    DomainName = "domainName";
    /// Its first label.
    DomainPrefix = "domainPrefix";
    /// The text of the error.
    ErrorMessage = "error.message";
    /// The same as a JSON string.
    ErrorMessageString = "error.messageString";
    /// The gateway response's type.
    ErrorResponseType = "error.responseType";
    /// The detail of a validation error.
    ErrorValidation = "error.validationErrorString";
    /// The id that the client cannot set.
    ExtendedRequestId = "extendedRequestId";
    /// The verb.
    HttpMethod = "httpMethod";
    /// The caller's account.
    IdentityAccountId = "identity.accountId";
    /// The caller's access key.
    IdentityAccessKey = "identity.accessKey";
    /// The API key.
    IdentityApiKey = "identity.apiKey";
    /// The API key's id.
    IdentityApiKeyId = "identity.apiKeyId";
    /// The caller's principal.
    IdentityCaller = "identity.caller";
    /// Cognito's provider.
    IdentityCognitoAuthenticationProvider = "identity.cognitoAuthenticationProvider";
    /// `authenticated` or `unauthenticated`.
    IdentityCognitoAuthenticationType = "identity.cognitoAuthenticationType";
    /// Cognito's identity.
    IdentityCognitoIdentityId = "identity.cognitoIdentityId";
    /// Cognito's identity pool.
    IdentityCognitoIdentityPoolId = "identity.cognitoIdentityPoolId";
    /// The caller's organisation.
    IdentityPrincipalOrgId = "identity.principalOrgId";
    /// The client's address.
    IdentitySourceIp = "identity.sourceIp";
    /// The caller's user.
    IdentityUser = "identity.user";
    /// The client's user agent.
    IdentityUserAgent = "identity.userAgent";
    /// The caller's ARN.
    IdentityUserArn = "identity.userArn";
    /// The VPC.
    IdentityVpcId = "identity.vpcId";
    /// The VPC endpoint.
    IdentityVpceId = "identity.vpceId";
    /// What went wrong with the integration.
    IntegrationError = "integration.error";
    /// Milliseconds of the integration.
    IntegrationLatency2 = "integration.latency";
    /// The status that the function returned.
    IntegrationStatus2 = "integration.status";
    /// The request id of the integration.
    IntegrationRequestId = "integration.requestId";
    /// The same as `integration.error`.
    IntegrationErrorMessage = "integrationErrorMessage";
    /// Milliseconds of the integration.
    IntegrationLatency = "integrationLatency";
    /// The status of the integration.
    IntegrationStatus = "integrationStatus";
    /// Whether the canary side serves.
    IsCanaryRequest = "isCanaryRequest";
    /// The path with the stage.
    Path = "path";
    /// The protocol.
    Protocol = "protocol";
    /// The id of the request.
    RequestId = "requestId";
    /// The time of the request, as the Common Log Format prints it.
    RequestTime = "requestTime";
    /// The same in milliseconds since 1970.
    RequestTimeEpoch = "requestTimeEpoch";
    /// The resource's id.
    ResourceId = "resourceId";
    /// The resource's path template.
    ResourcePath = "resourcePath";
    /// Milliseconds until the answer was sent.
    ResponseLatency = "responseLatency";
    /// Bytes of the answer.
    ResponseLength = "responseLength";
    /// The stage's name.
    Stage = "stage";
    /// The status of the answer.
    Status = "status";
    /// The trace's root.
    XrayTraceId = "xrayTraceId";
    /// The key of the route: `GET /pets/{id}`, `$default`.
    RouteKey = "routeKey";
}

impl Variable {
    /// The variable of this number.
    #[must_use]
    pub fn numbered(number: u8) -> Option<Variable> {
        Variable::ALL.get(usize::from(number)).copied()
    }

    /// The variable of this name.
    #[must_use]
    pub fn named(name: &[u8]) -> Option<Variable> {
        Variable::ALL
            .iter()
            .copied()
            .find(|v| v.name().as_bytes() == name)
    }
}

impl Machine<'_, '_> {
    /// The value of a context variable.
    pub(crate) fn context(&mut self, variable: Variable) -> Result<Value, Exhausted> {
        use Variable as V;
        let text = |t: Option<Text>| t.map_or(Value::Missing, Value::Text);
        let head = &self.world.head;
        let api = self.api();
        let of_api = |field: fn(&r::Api) -> crate::bundle::wire::Str| {
            text(api.as_ref().map(|api| self.image.text(field(api))))
        };
        let of_route = |field: fn(&r::Route) -> crate::bundle::wire::Str| {
            text(
                self.route()
                    .as_ref()
                    .map(|route| self.image.text(field(route))),
            )
        };
        Ok(match variable {
            V::AccountId => of_api(|a| a.account),
            V::ApiId => of_api(|a| a.id),
            V::DeploymentId => {
                let deployment: Option<r::Deployment> = self
                    .edge
                    .record(Section::Deployments, u32::from(self.core.deployment));
                text(deployment.map(|d| self.edge.text(d.id)))
            }
            V::DomainName => Value::Text(Text::whole(Src::Domain, head.domain)),
            V::DomainPrefix => {
                let end = head
                    .domain
                    .iter()
                    .position(|b| *b == b'.')
                    .unwrap_or(head.domain.len());
                Value::Text(Text::new(Src::Domain, 0, end as u32))
            }
            V::ExtendedRequestId => Value::Text(self.extended_request_id()?),
            V::HttpMethod => Value::Text(self.core.method),
            V::IdentitySourceIp => {
                let start = self.scratch.text_len();
                print::address(self.scratch, head.peer)?;
                Value::Text(self.scratch.since(start))
            }
            V::IdentityUserAgent => text(self.header_folded(b"User-Agent")),
            V::IdentityApiKey => text(self.core.api_key.filter(|_| self.core.key_index.is_some())),
            V::IdentityApiKeyId => text(self.key_id()),
            V::IdentityVpceId => text(head.vpce.map(|v| Text::whole(Src::Vpce, v))),
            V::Path => Value::Text(self.shown_path()?),
            V::Protocol => Value::Text(Text::whole(Src::Protocol, head.protocol)),
            V::RequestId => Value::Text(self.request_id()?),
            V::RequestTime => {
                Value::Text(self.scratch.push(&dates::request_time(self.world.now_ms))?)
            }
            V::RequestTimeEpoch => Value::Int(i64::try_from(self.world.now_ms).unwrap_or(i64::MAX)),
            V::ResourceId => of_route(|route| route.resource_id),
            V::ResourcePath => of_route(|route| route.path),
            V::Stage => text(self.stage().map(|stage| self.edge.text(stage.name))),
            V::IsCanaryRequest => match self.stage() {
                Some(stage) if stage.flags & 1 != 0 => {
                    let word: &[u8] = if self.core.canary { b"true" } else { b"false" };
                    Value::Text(self.scratch.push(word)?)
                }
                _ => Value::Missing,
            },
            V::ErrorMessage => self.error_message()?,
            V::ErrorMessageString => Value::Text(self.error_string()?),
            V::ErrorResponseType => match self.core.error {
                Some(halt) => Value::Text(self.scratch.push(halt.ty.name().as_bytes())?),
                None => Value::Missing,
            },
            V::ErrorValidation => text(self.core.error.and_then(|halt| halt.detail)),
            V::Status => Value::Int(i64::from(self.core.answer.status)),
            V::ResponseLength => Value::Int(i64::try_from(self.core.sent).unwrap_or(i64::MAX)),
            V::ResponseLatency => Value::Int(i64::from(self.core.latency_us / 1000)),
            V::IntegrationStatus | V::IntegrationStatus2 => match self.core.integration_status {
                0 => Value::Missing,
                status => Value::Int(i64::from(status)),
            },
            V::IntegrationLatency | V::IntegrationLatency2 => match self.core.integration_status {
                0 => Value::Missing,
                _ => Value::Int(i64::from(self.core.integration_latency_us / 1000)),
            },
            V::AwsEndpointRequestId | V::IntegrationRequestId => text(self.answer_request_id()),
            V::XrayTraceId => Value::Text(self.trace_root()?),
            V::RouteKey => text(self.route_key()?),
            V::IdentityAccountId
            | V::IdentityAccessKey
            | V::IdentityCaller
            | V::IdentityPrincipalOrgId
            | V::IdentityUser
            | V::IdentityUserArn => {
                let name = variable.name();
                let member = name.strip_prefix("identity.").unwrap_or(name);
                text(self.principal(member.as_bytes()))
            }
            V::IdentityCognitoAuthenticationProvider
            | V::IdentityCognitoAuthenticationType
            | V::IdentityCognitoIdentityId
            | V::IdentityCognitoIdentityPoolId
            | V::IdentityVpcId
            | V::IntegrationError
            | V::IntegrationErrorMessage => Value::Missing,
        })
    }

    /// The key of the route.
    pub(crate) fn route_key(&mut self) -> Result<Option<Text>, Exhausted> {
        let Some(route) = self.route() else {
            return Ok(None);
        };
        // `$default` has no verb.
        if !self.image.bytes(route.path).starts_with(b"/") {
            return Ok(Some(self.image.text(route.path)));
        }
        let verb = crate::router::VERBS.get(usize::from(route.verb));
        let start = self.scratch.text_len();
        self.scratch
            .append(verb.map_or(b"", |verb| verb.as_bytes()))?;
        self.scratch.append(b" ")?;
        self.scratch.append(self.image.bytes(route.path))?;
        Ok(Some(self.scratch.since(start)))
    }

    /// The request id of the service that answered.
    fn answer_request_id(&self) -> Option<Text> {
        let headers = self.backend()?.headers;
        let at = headers
            .iter()
            .rposition(|h| h.name.eq_ignore_ascii_case(b"x-amzn-RequestId"))?;
        Some(Text::whole(
            Src::BackendValue(u16::try_from(at).ok()?),
            headers.get(at)?.value,
        ))
    }

    /// The id of the request: the client's, if it sent a UUID; else the host's.
    pub(crate) fn request_id(&mut self) -> Result<Text, Exhausted> {
        if self.takes_request_ids()
            && let Some(text) = self.header_folded(b"x-amzn-RequestId")
            && print::is_uuid(self.lent(text))
        {
            return Ok(text);
        }
        let start = self.scratch.text_len();
        print::uuid(self.scratch, &self.world.request_id)?;
        Ok(self.scratch.since(start))
    }

    /// The path with the stage or mapping before it; slashes before the stage collapse, as recorded.
    pub(crate) fn context_path(&mut self) -> Result<Text, Exhausted> {
        let target = self.world.head.target;
        let prefix = self.core.path.0;
        let slashes = target.iter().take_while(|b| **b == b'/').count() as u32;
        if slashes >= 1 && slashes <= prefix {
            return Ok(Text::new(
                Src::Target,
                slashes - 1,
                self.core.path.1.saturating_sub(slashes - 1),
            ));
        }
        Ok(Text::new(Src::Target, 0, self.core.path.1))
    }

    /// The message of the error.
    pub(crate) fn error_message(&mut self) -> Result<Value, Exhausted> {
        let Some(halt) = self.core.error else {
            return Ok(Value::Missing);
        };
        Ok(match (halt.message, halt.ty.message()) {
            (Some(text), _) => Value::Text(text),
            (None, Some(word)) => Value::Text(self.scratch.push(word.as_bytes())?),
            (None, None) => Value::Missing,
        })
    }

    /// The message of the error as a JSON string with its quotes; `null` if there is none.
    pub(crate) fn error_string(&mut self) -> Result<Text, Exhausted> {
        let message = self.error_message()?;
        let start = self.scratch.text_len();
        match message {
            Value::Text(text) => {
                self.scratch.append_byte(b'"')?;
                self.append_json(text)?;
                self.scratch.append_byte(b'"')?;
            }
            _ => self.scratch.append(b"null")?,
        }
        Ok(self.scratch.since(start))
    }

    /// Appends a text as the inside of a JSON string.
    pub(crate) fn append_json(&mut self, text: Text) -> Result<(), Exhausted> {
        if text.src != Src::Scratch {
            return print::json(self.scratch, self.lent(text));
        }
        // The source lies in the arena that grows: in pieces, each cut between characters.
        let mut at = 0;
        while at < text.len {
            let mut chunk = [0u8; 64];
            let mut len = (text.len - at).min(64);
            let from = self.scratch.bytes(text.off + at, len).ok_or(Exhausted)?;
            let Some(to) = chunk.get_mut(..len as usize) else {
                return Err(Exhausted);
            };
            to.copy_from_slice(from);
            if at + len < text.len {
                len = boundary(to) as u32;
            }
            print::json(self.scratch, chunk.get(..len as usize).unwrap_or(&[]))?;
            at += len;
        }
        Ok(())
    }

    /// The value of `X-Amzn-Trace-Id` for backends and answers.
    ///
    /// What the client sent stays; a missing root or parent is made from the host's seed; without a word of the
    /// client, a trace is sampled only if the client named its parent.
    pub(crate) fn trace_id(&mut self) -> Result<Text, Exhausted> {
        let sent = self
            .header_folded(b"X-Amzn-Trace-Id")
            .map(|t| self.lent(t))
            .unwrap_or(&[]);
        let (root, parent, sampled) = (
            field(sent, b"Root="),
            field(sent, b"Parent="),
            field(sent, b"Sampled="),
        );
        let start = self.scratch.text_len();
        self.scratch.append(b"Root=")?;
        match root {
            Some(root) => self.scratch.append(root)?,
            None => self.append_root()?,
        }
        self.scratch.append(b";Parent=")?;
        match parent {
            Some(parent) => self.scratch.append(parent)?,
            None => print::hex(
                self.scratch,
                self.world.trace_seed.last_chunk::<8>().unwrap_or(&[0; 8]),
            )?,
        }
        self.scratch.append(b";Sampled=")?;
        match (sampled, parent) {
            (Some(sampled), _) => self.scratch.append(sampled)?,
            (None, Some(_)) => self.scratch.append(b"1")?,
            (None, None) => self.scratch.append(b"0")?,
        }
        Ok(self.scratch.since(start))
    }

    /// The client's trace header, or one with a root alone.
    pub(crate) fn trace_root_id(&mut self) -> Result<Text, Exhausted> {
        if let Some(sent) = self.header_folded(b"X-Amzn-Trace-Id")
            && !sent.is_empty()
        {
            return Ok(sent);
        }
        let start = self.scratch.text_len();
        self.scratch.append(b"Root=")?;
        self.append_root()?;
        Ok(self.scratch.since(start))
    }

    fn append_root(&mut self) -> Result<(), Exhausted> {
        self.scratch.append(b"1-")?;
        let seconds = (self.world.now_ms / 1000) as u32;
        print::hex(self.scratch, &seconds.to_be_bytes())?;
        self.scratch.append_byte(b'-')?;
        print::hex(
            self.scratch,
            self.world
                .trace_seed
                .first_chunk::<12>()
                .unwrap_or(&[0; 12]),
        )
    }

    fn trace_root(&mut self) -> Result<Text, Exhausted> {
        let sent = self
            .header_folded(b"X-Amzn-Trace-Id")
            .map(|t| self.lent(t))
            .unwrap_or(&[]);
        let start = self.scratch.text_len();
        match field(sent, b"Root=") {
            Some(root) => self.scratch.append(root)?,
            None => self.append_root()?,
        }
        Ok(self.scratch.since(start))
    }
}

/// The value of one part of a trace header.
fn field<'b>(header: &'b [u8], name: &[u8]) -> Option<&'b [u8]> {
    header
        .split(|b| *b == b';')
        .find_map(|part| part.trim_ascii().strip_prefix(name))
        .filter(|v| !v.is_empty())
}

/// The longest start of `bytes` that does not cut a character in two; all of it if it is not UTF-8 anyway.
fn boundary(bytes: &[u8]) -> usize {
    match bytes.iter().rposition(|b| b & 0xc0 != 0x80) {
        Some(at) if at > 0 && bytes.len() - at < 4 && bytes.get(at).is_some_and(|b| *b >= 0xc0) => {
            at
        }
        _ => bytes.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_lead_back() {
        for (i, v) in Variable::ALL.iter().enumerate() {
            assert_eq!(Variable::numbered(i as u8), Some(*v));
            assert_eq!(Variable::named(v.name().as_bytes()), Some(*v));
        }
    }

    #[test]
    fn no_character_is_cut() {
        assert_eq!(boundary("aä".as_bytes()), 1);
        assert_eq!(boundary(&"aä".as_bytes()[..2]), 1);
        assert_eq!(boundary(b"abc"), 3);
        assert_eq!(boundary(&[0x80; 9]), 9);
    }
}
