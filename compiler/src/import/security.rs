//! Security schemes as authorizers, security requirements as `auth` and `api_key`.

use std::collections::HashMap;

use tollgate_grammar::Span;
use tollgate_grammar::ast::{Item, Value};

use super::Kind as ApiKind;
use super::build::{At, at};
use super::findings::{Finding, FindingKind};
use super::mapping::Side;
use super::openapi::{Import, Version, shortened};
use super::text::Holes;
use crate::document::write::Part;
use crate::document::{Cursor, Kind};

/// What the document's schemes are for.
#[derive(Debug, Default)]
pub(super) struct Security<'d> {
    schemes: HashMap<&'d str, Scheme>,
    /// Those with an authorizer, in document order.
    authorizers: Vec<(&'d str, Cursor<'d>, Cursor<'d>)>,
    /// What methods ask for that do not say.
    default: Option<Required>,
}

/// What a scheme does to a method that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    /// An authorizer of this name.
    Authorizer,
    /// A SigV4 signature.
    Iam,
    /// An API key.
    ApiKey,
    /// It should have an authorizer, and has none.
    Promised,
    /// Nothing.
    Unusable,
}

/// What a `security` asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Required {
    auth: Auth,
    api_key: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Auth {
    #[default]
    None,
    Iam,
    Authorizer {
        name: String,
        scopes: Vec<(Span, String)>,
    },
}

const AUTHORIZER: &str = "x-amazon-apigateway-authorizer";
const AUTHTYPE: &str = "x-amazon-apigateway-authtype";

impl<'d> Import<'d> {
    pub(super) fn read_security(&mut self) {
        let schemes = match self.version {
            Version::Swagger2 => self.root.get("securityDefinitions"),
            Version::OpenApi3 => self
                .root
                .get("components")
                .and_then(|components| components.get("securitySchemes")),
        };
        let Some(schemes) = schemes.filter(|schemes| schemes.kind() == Kind::Mapping) else {
            return;
        };
        for (name, scheme) in schemes.members() {
            let Some(scheme) = self.resolve(scheme) else {
                continue;
            };
            let authtype = scheme
                .get(AUTHTYPE)
                .and_then(Cursor::scalar)
                .unwrap_or_default();
            let place = scheme
                .get("in")
                .and_then(Cursor::scalar)
                .unwrap_or_default();
            let header = scheme
                .get("name")
                .and_then(Cursor::scalar)
                .unwrap_or_default();
            let kind = scheme
                .get("type")
                .and_then(Cursor::scalar)
                .unwrap_or_default();
            let what = if let Some(authorizer) = scheme.get(AUTHORIZER) {
                self.security
                    .authorizers
                    .push((name.text(), scheme, authorizer));
                Scheme::Authorizer
            } else if authtype.eq_ignore_ascii_case("awsSigv4") {
                Scheme::Iam
            } else if !authtype.is_empty() {
                Scheme::Promised
            } else if kind == "apiKey"
                && place == "header"
                && header.eq_ignore_ascii_case("x-api-key")
            {
                Scheme::ApiKey
            } else {
                let message = format!(
                    "security scheme `{}` has no effect: it names no authorizer, and is no `x-api-key` header",
                    name.text()
                );
                self.finding(FindingKind::UnusableScheme, scheme, message);
                Scheme::Unusable
            };
            self.security.schemes.insert(name.text(), what);
        }
    }

    /// The items of `defaults` that root `security` makes.
    pub(super) fn default_security(&mut self, items: &mut Vec<Item>) {
        let Some(security) = self.root.get("security") else {
            return;
        };
        let required = self.required(security);
        let span = security.node().span();
        if required.auth != Auth::None {
            items.push(self.set(span, "auth", |this| this.auth_value(span, &required.auth)));
        }
        if required.api_key {
            items.push(self.set(span, "api_key", |this| this.word(span, "required")));
        }
        self.security.default = Some(required);
    }

    /// The items of a method that its `security` and `x-amazon-apigateway-auth` make.
    pub(super) fn method_security(&mut self, operation: Cursor<'d>, items: &mut Vec<Item>) {
        let own = operation
            .get("security")
            .map(|security| (security.node().span(), self.required(security)));
        let forced = self.forced_auth(operation);
        if let (Some((span, auth)), Some((_, own))) = (&forced, &own)
            && own.auth != Auth::None
            && own.auth != *auth
        {
            let message =
                "`x-amazon-apigateway-auth` stands in for the authorizer that `security` names";
            self.findings.push(Finding::new(
                FindingKind::Changed,
                *span,
                operation.path(),
                message,
            ));
        }
        let default = self.security.default.clone().unwrap_or_default();
        let span = own
            .as_ref()
            .map(|(span, _)| *span)
            .or(forced.as_ref().map(|(span, _)| *span));
        let Some(span) = span else { return };
        let mut required = own.map_or_else(|| default.clone(), |(_, own)| own);
        if let Some((_, auth)) = forced {
            required.auth = auth;
        }
        if required.auth != default.auth {
            items.push(self.set(span, "auth", |this| this.auth_value(span, &required.auth)));
        }
        match (required.api_key, default.api_key) {
            (true, false) => {
                items.push(self.set(span, "api_key", |this| this.word(span, "required")))
            }
            (false, true) => items.push(self.set(span, "api_key", |this| this.word(span, "none"))),
            _ => {}
        }
    }

    fn forced_auth(&mut self, operation: Cursor<'d>) -> Option<(Span, Auth)> {
        let auth = operation.get("x-amazon-apigateway-auth")?;
        let (span, kind) = self.scalar(auth, "type")?;
        if kind.eq_ignore_ascii_case("NONE") {
            Some((span, Auth::None))
        } else if kind.eq_ignore_ascii_case("AWS_IAM") {
            Some((span, Auth::Iam))
        } else {
            self.bad_value(auth, "`{ type: NONE }` or `{ type: AWS_IAM }`");
            None
        }
    }

    fn auth_value(&mut self, span: Span, auth: &Auth) -> Value {
        match auth {
            Auth::None => self.word(span, "none"),
            Auth::Iam => self.word(span, "iam"),
            Auth::Authorizer { name, scopes } if scopes.is_empty() => self.word(span, name),
            Auth::Authorizer { name, scopes } => self.call(span, &at(&[name]), |this, args| {
                args.push(this.arg(span, "scopes", |this| {
                    this.list(span, |this, values| {
                        values.extend(
                            scopes
                                .iter()
                                .map(|(span, scope)| this.literal(*span, scope)),
                        );
                    })
                }));
            }),
        }
    }

    /// What a list of requirements asks for: every API key in it, and its first authorizer.
    fn required(&mut self, security: Cursor<'d>) -> Required {
        let mut required = Required::default();
        if security.kind() != Kind::Sequence {
            self.bad_value(security, "a list");
            return required;
        }
        for alternative in security.elements() {
            if alternative.kind() != Kind::Mapping {
                self.bad_value(alternative, "a mapping from schemes to scopes");
                continue;
            }
            for (name, scopes) in alternative.members() {
                let auth = match self.security.schemes.get(name.text()) {
                    Some(Scheme::ApiKey) => {
                        scopes.take();
                        required.api_key = true;
                        continue;
                    }
                    Some(Scheme::Unusable) => {
                        scopes.take();
                        continue;
                    }
                    Some(Scheme::Iam) => {
                        scopes.take();
                        Auth::Iam
                    }
                    Some(Scheme::Authorizer) => {
                        let name = name.text().to_owned();
                        Auth::Authorizer {
                            name,
                            scopes: scope_names(scopes),
                        }
                    }
                    found => {
                        scopes.take();
                        let (message, words) = match found {
                            Some(_) => (
                                format!(
                                    "security scheme `{}` names no authorizer",
                                    shortened(name.text())
                                ),
                                Some(
                                    "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.",
                                ),
                            ),
                            None => (
                                format!("there is no security scheme `{}`", shortened(name.text())),
                                None,
                            ),
                        };
                        let mut finding = Finding::new(
                            FindingKind::UnknownAuthorizer,
                            name.span(),
                            name.path(),
                            message,
                        );
                        finding.reference = words.map(str::to_owned);
                        self.findings.push(finding);
                        continue;
                    }
                };
                if required.auth == Auth::None {
                    required.auth = auth;
                } else if required.auth != auth {
                    let message = format!(
                        "a method has one authorizer; `{}` is not used",
                        shortened(name.text())
                    );
                    self.findings.push(Finding::new(
                        FindingKind::Changed,
                        name.span(),
                        name.path(),
                        message,
                    ));
                }
            }
        }
        required
    }

    pub(super) fn authorizers(&mut self, items: &mut Vec<Item>) {
        for (name, scheme, authorizer) in std::mem::take(&mut self.security.authorizers) {
            items.extend(self.authorizer(name, scheme, authorizer));
        }
    }

    fn authorizer(
        &mut self,
        name: &'d str,
        scheme: Cursor<'d>,
        authorizer: Cursor<'d>,
    ) -> Option<Item> {
        let span = scheme.node().span();
        let kind = authorizer
            .get("type")
            .and_then(Cursor::scalar)
            .unwrap_or_default()
            .to_ascii_lowercase();
        let words: &[&str] = match kind.as_str() {
            "token" => &["lambda", "token"],
            "request" => &["lambda", "request"],
            "cognito_user_pools" => &["cognito"],
            "jwt" => &["jwt"],
            _ => {
                self.bad_value(
                    authorizer,
                    "an authorizer of type `token`, `request`, `cognito_user_pools` or `jwt`",
                );
                return None;
            }
        };
        let mut item = self.say(span, "authorizer", |this, sentence| {
            sentence.operands.push(this.word(span, name));
            let mut equals: Vec<Value> = words.iter().map(|word| this.word(span, word)).collect();
            match authorizer.get("authorizerCredentials") {
                Some(role) if matches!(kind.as_str(), "token" | "request") => {
                    equals.extend(this.role(role));
                }
                Some(role) => {
                    role.take();
                    this.finding(
                        FindingKind::Unused,
                        role,
                        format!(
                            "`authorizerCredentials` is not used by authorizers of type `{kind}`"
                        ),
                    );
                }
                None => {}
            }
            sentence.equals = Some(equals);
            sentence.block = Some(this.block(span, |this, items| {
                this.authorizer_settings(&kind, scheme, authorizer, items);
            }));
        });
        item.docs = self.description(scheme);
        Some(item)
    }

    fn authorizer_settings(
        &mut self,
        kind: &str,
        scheme: Cursor<'d>,
        authorizer: Cursor<'d>,
        items: &mut Vec<Item>,
    ) {
        if let Some(uri) = authorizer.get("authorizerUri") {
            let span = uri.node().span();
            match self.parts(uri, Holes::Stage) {
                Some(parts) => {
                    let parts = super::uri::lambda_target(&parts, false).unwrap_or(parts);
                    items.push(self.set(span, "function", |this| this.text_from(span, parts)));
                }
                None => self.bad_value(uri, "text"),
            }
        }
        if let Some(pools) = authorizer.get("providerARNs") {
            let span = pools.node().span();
            items.push(self.set(span, "pools", |this| this.text_list(pools, Holes::Import)));
        }
        if let Some(jwt) = authorizer.get("jwtConfiguration") {
            if let Some(issuer) = jwt.get("issuer") {
                self.text_setting(issuer, "issuer", Holes::Stage, items);
            }
            if let Some(audience) = jwt.get("audience") {
                let span = audience.node().span();
                items.push(self.set(span, "audience", |this| {
                    this.text_list(audience, Holes::Stage)
                }));
            }
        }
        self.identity(kind, scheme, authorizer, items);
        if let Some(pattern) = authorizer.get("identityValidationExpression") {
            let span = pattern.node().span();
            match pattern.scalar() {
                Some("") => {}
                Some(text) => {
                    let parts = vec![Part::Literal(text.to_owned())];
                    items.push(self.set(span, "validation", |this| this.tagged(span, "r", parts)));
                }
                None => self.bad_value(pattern, "a regular expression"),
            }
        }
        if let Some(ttl) = authorizer.get("authorizerResultTtlInSeconds") {
            let span = ttl.node().span();
            match ttl.scalar().and_then(|text| text.parse::<u32>().ok()) {
                Some(seconds) => items.push(self.set(span, "ttl", |this| {
                    this.duration(span, u64::from(seconds) * 1_000)
                })),
                None => self.bad_value(ttl, "a number of seconds"),
            }
        }
        if let Some(format) = authorizer.get("authorizerPayloadFormatVersion") {
            self.text_setting(format, "payload", Holes::Import, items);
        }
        if self.boolean(authorizer, "enableSimpleResponses") == Some(true) {
            let span = authorizer.node().span();
            items.push(self.set(span, "simple", |this| this.word(span, "true")));
        }
        let usual = match kind {
            "cognito_user_pools" => "cognito_user_pools",
            _ => "custom",
        };
        if let Some(authtype) = scheme.get(AUTHTYPE)
            && authtype.scalar().is_some_and(|text| text != usual)
        {
            self.text_setting(authtype, "authtype", Holes::Import, items);
        }
    }

    /// `identity: header.X`, of request authorizers `identity: [header.X, query.y]`.
    fn identity(
        &mut self,
        kind: &str,
        scheme: Cursor<'d>,
        authorizer: Cursor<'d>,
        items: &mut Vec<Item>,
    ) {
        let mut sources: Vec<(Span, &'d str)> = Vec::new();
        if let Some(source) = authorizer.get("identitySource") {
            let list: Vec<Cursor<'d>> = if source.kind() == Kind::Sequence {
                source.elements().collect()
            } else {
                vec![source]
            };
            for one in list {
                let span = one.node().span();
                let Some(text) = one.scalar() else {
                    self.bad_value(
                        one,
                        "a source such as `method.request.header.Authorization`",
                    );
                    continue;
                };
                sources.extend(
                    text.split(',')
                        .map(str::trim)
                        .filter(|text| !text.is_empty())
                        .map(|text| (span, text)),
                );
            }
        }
        let mut places: Vec<(Span, Vec<At>)> = Vec::new();
        for (span, text) in &sources {
            match super::mapping::place(text, Side::Request) {
                Some(steps) => places.push((*span, steps)),
                None => {
                    let message = format!("`{}` is no source of a request", shortened(text));
                    self.findings.push(Finding::new(
                        FindingKind::BadMapping,
                        *span,
                        authorizer.path(),
                        message,
                    ));
                }
            }
        }
        if sources.is_empty() {
            // The scheme itself names a header (or, for one query string, that).
            let place = match scheme.get("in").and_then(Cursor::scalar) {
                Some("query") => "query",
                _ => "header",
            };
            if let Some(name) = scheme.get("name")
                && let Some(text) = name
                    .scalar()
                    .filter(|text| !text.is_empty() && !text.eq_ignore_ascii_case("unused"))
                && self.kind == ApiKind::Rest
            {
                places.push((name.node().span(), at(&[place, text])));
            }
        }
        let Some((first, _)) = places.first() else {
            return;
        };
        let span = *first;
        let item = self.set(span, "identity", |this| {
            if kind == "request" {
                return this.list(span, |this, values| {
                    values.extend(
                        places
                            .iter()
                            .map(|(span, place)| this.place_value(*span, place)),
                    );
                });
            }
            let place = places.swap_remove(0).1;
            this.place_value(span, &place)
        });
        items.push(item);
    }

    /// `as "arn"`, or `as caller`.
    pub(super) fn role(&mut self, role: Cursor<'d>) -> Vec<Value> {
        let span = role.node().span();
        let Some(parts) = self.parts(role, Holes::Stage) else {
            self.bad_value(role, "a role's ARN");
            return Vec::new();
        };
        // Consoles export an empty text for none.
        if parts
            .iter()
            .all(|part| matches!(part, Part::Literal(text) if text.trim().is_empty()))
        {
            return Vec::new();
        }
        let word = self.word(span, "as");
        let caller =
            matches!(parts.as_slice(), [Part::Literal(text)] if text == "arn:aws:iam::*:user/*");
        let value = if caller {
            self.word(span, "caller")
        } else {
            self.text_from(span, parts)
        };
        vec![word, value]
    }
}

fn scope_names(scopes: Cursor<'_>) -> Vec<(Span, String)> {
    if scopes.kind() != Kind::Sequence {
        scopes.take();
        return Vec::new();
    }
    scopes
        .elements()
        .filter_map(|scope| Some((scope.node().span(), scope.scalar()?.to_owned())))
        .collect()
}
