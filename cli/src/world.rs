//! The world in which the reference answers for `eval` and `test`: a fixed clock, scripted backends, and callers
//! who are who the user says they are.

use serde_json::{Map, Value, json};
use tollgate_conformance::Scripted;
use tollgate_model::Program;
use tollgate_model::authorizer::{Authorizer, AuthorizerKind};
use tollgate_model::integration::Source;
use tollgate_model::text::{Piece, Text};
use tollgate_model::traffic::Secret;
use tollgate_reference::{Answer, BackendAnswer, Call, Charge, Request, World};

/// What is given before a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    /// Claims of the caller: what its token says, or a Lambda authorizer finds out. Without any, nobody comes through.
    pub(crate) claims: Option<Map<String, Value>>,
}

/// A scripted world with callers.
pub(crate) struct Local<'a> {
    pub(crate) program: &'a Program,
    pub(crate) api: &'a str,
    pub(crate) scripted: Scripted<'a>,
    pub(crate) given: &'a Given,
}

impl World for Local<'_> {
    fn now_ms(&mut self) -> u64 {
        self.scripted.now_ms()
    }

    fn request_id(&mut self) -> String {
        self.scripted.request_id()
    }

    fn extended_request_id(&mut self) -> String {
        self.scripted.extended_request_id()
    }

    fn trace_seed(&mut self) -> [u8; 20] {
        self.scripted.trace_seed()
    }

    fn random(&mut self) -> u64 {
        self.scripted.random()
    }

    fn secret(&mut self, secret: &Secret) -> Option<String> {
        Some(stand_in(secret))
    }

    fn authorizer_cached(&mut self, authorizer: &str, key: &[u8]) -> Option<Vec<u8>> {
        self.scripted.authorizer_cached(authorizer, key)
    }

    fn authorizer(&mut self, authorizer: &str, call: Call) -> BackendAnswer {
        // What is called stays on record; who the caller is was given.
        let _ = self.scripted.authorizer(authorizer, call);
        let answered = |body: Value| BackendAnswer::Answered {
            status: 200,
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
        };
        match &self.given.claims {
            Some(claims) => answered(allows(claims)),
            None => {
                let error = json!({"errorMessage": "Unauthorized"});
                BackendAnswer::Answered {
                    status: 200,
                    headers: vec![("X-Amz-Function-Error".into(), "Unhandled".into())],
                    body: error.to_string().into_bytes(),
                }
            }
        }
    }

    fn claims(&mut self, authorizer: &str, _: &str) -> Option<Map<String, Value>> {
        let mut claims = self.given.claims.clone()?;
        let authorizers = self.program.api(self.api).map(|api| &api.authorizers[..]);
        let named = |a: &&Authorizer| a.name == authorizer;
        let found = authorizers.unwrap_or_default().iter().find(named);
        if let Some(AuthorizerKind::Jwt {
            issuer, audience, ..
        }) = found.map(|found| &found.kind)
        {
            // Issued by whom and for whom the authorizer asks for, unless the user says otherwise.
            let usual = [("iss", Some(issuer)), ("aud", audience.first())];
            for (name, text) in usual {
                if let Some(text) = text.filter(|_| !says_audience(&claims, name)) {
                    claims.insert(name.to_owned(), filled(self.program, text).into());
                }
            }
            return Some(claims);
        }
        if !claims.contains_key("token_use") {
            // Access tokens have scopes, ID tokens have none.
            let used = if claims.contains_key("scope") {
                "access"
            } else {
                "id"
            };
            claims.insert("token_use".to_owned(), used.into());
        }
        Some(claims)
    }

    fn keep_authorizer(&mut self, authorizer: &str, key: &[u8], output: &[u8], ttl_s: u32) {
        self.scripted
            .keep_authorizer(authorizer, key, output, ttl_s);
    }

    fn spend(&mut self, charges: &[Charge]) -> Result<(), usize> {
        self.scripted.spend(charges)
    }

    fn cache_get(&mut self, key: &[u8]) -> Option<Answer> {
        self.scripted.cache_get(key)
    }

    fn cache_put(&mut self, key: &[u8], answer: &Answer, ttl_s: u32) {
        self.scripted.cache_put(key, answer, ttl_s);
    }

    fn integrate(&mut self, call: Call) -> BackendAnswer {
        self.scripted.integrate(call)
    }
}

/// Whether claims say who issued a token, or for whom.
fn says_audience(claims: &Map<String, Value>, name: &str) -> bool {
    claims.contains_key(name) || name == "aud" && claims.contains_key("client_id")
}

/// A text with the parameters' values.
fn filled(program: &Program, text: &Text) -> String {
    let value = |name: &str| {
        let param = program.params.iter().find(|param| param.name == name)?;
        param.value.clone().or_else(|| param.default.clone())
    };
    text.pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Literal(text) => Some(text.clone()),
            Piece::Param(name) => value(name),
            _ => None,
        })
        .collect()
}

/// The output of an authorizer that lets a caller with these claims through.
fn allows(claims: &Map<String, Value>) -> Value {
    let context: Map<String, Value> = claims
        .iter()
        // The reference takes nothing else.
        .filter(|(_, value)| value.is_string() || value.is_number() || value.is_boolean())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let principal = claims
        .get("sub")
        .and_then(Value::as_str)
        .unwrap_or("caller");
    json!({
        // For authorizers without policies.
        "isAuthorized": true,
        "principalId": principal,
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}],
        },
        "context": context,
    })
}

/// A value in a secret's place, the same in every run: neither an evaluation nor a test needs the real one.
pub(crate) fn stand_in(secret: &Secret) -> String {
    let (kind, name) = match secret {
        Secret::Clear(value) => return value.clone(),
        Secret::Env(name) => ("env", name),
        Secret::File(name) => ("file", name),
        Secret::Named(name) => ("secret", name),
    };
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    // As long as the reference asks for.
    format!("standinfor{kind}{letters:x<20}")
}

/// The value that the key of this name has here.
pub(crate) fn key_value(program: &Program, name: &str) -> Option<String> {
    let key = program.keys.iter().find(|key| key.name == name)?;
    Some(stand_in(&key.value))
}

/// Shows the caller's token where an authorizer of tokens looks for it, unless the request shows one itself.
pub(crate) fn show_token(program: &Program, api: &str, given: &Given, request: &mut Request) {
    let authorizers = program.api(api).map(|api| api.authorizers.as_slice());
    if given.claims.is_none() {
        return;
    }
    for authorizer in authorizers.unwrap_or_default() {
        match &authorizer.kind {
            AuthorizerKind::Cognito { header, .. }
            | AuthorizerKind::Jwt {
                identity: Source::RequestHeader(header),
                ..
            } if request.header(header).is_none() => {
                request.headers.push((header.clone(), "token".to_owned()));
            }
            AuthorizerKind::Jwt {
                identity: Source::RequestQuery(name),
                ..
            } => {
                let mark = if request.target.contains('?') {
                    '&'
                } else {
                    '?'
                };
                request.target.push_str(&format!("{mark}{name}=token"));
            }
            _ => {}
        }
    }
}

/// The target on the wire of a path within a stage.
pub(crate) fn target(stage: &str, path: &str) -> String {
    match stage {
        // The unnamed stage of an HTTP API has no segment of its own.
        "$default" => path.to_owned(),
        stage => format!("/{stage}{path}"),
    }
}

/// The host name of an API's default endpoint.
pub(crate) fn domain(program: &Program, api: &str) -> String {
    let id = program.api(api).map_or(api, |api| &api.id);
    format!("{id}.execute-api.{}.amazonaws.com", program.account.region)
}
