//! Authorizers, and what a route asks of its callers.

use tollgate_grammar::Span;
use tollgate_grammar::ast::{Item, Value, ValueKind};
use tollgate_model::authorizer::{Auth, Authorizer, AuthorizerKind};
use tollgate_model::integration::{Payload, Source};
use tollgate_model::text::Text;

use super::cx::{Cx, entry, items, says, sentence};
use super::operands::{Operands, name_of};
use super::source::Side;
use super::text::Holes;
use crate::diagnostic::Finding;
use crate::diagnostic::codes::{
    IdentityNeeded, ScopesIgnored, SettingNotOfKind, UnknownAuthorizer,
};
use crate::words::{ApiWord, AuthorizerWord, Vocabulary};

/// An hour: the longest that an authorizer's answer is kept, in seconds.
const MAX_TTL: u32 = 3600;
/// What it is kept if nothing is said.
const DEFAULT_TTL: u32 = 300;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Token,
    Request,
    Cognito,
    Jwt,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Token => "lambda token",
            Kind::Request => "lambda request",
            Kind::Cognito => "cognito",
            Kind::Jwt => "jwt",
        }
    }

    fn takes(self, word: AuthorizerWord) -> bool {
        use AuthorizerWord as W;
        match word {
            W::AuthType | W::Identity => true,
            W::Ttl => self != Kind::Jwt,
            W::Function => matches!(self, Kind::Token | Kind::Request),
            W::Validation => matches!(self, Kind::Token | Kind::Cognito),
            W::Pools => self == Kind::Cognito,
            W::Issuer | W::Audience => self == Kind::Jwt,
            W::Payload | W::Simple => self == Kind::Request,
        }
    }
}

/// What an authorizer's block says.
#[derive(Default)]
struct Settings {
    function: Option<(Text, Option<String>)>,
    identity: Option<(Vec<Source>, Span)>,
    validation: Option<String>,
    ttl_s: Option<u32>,
    pools: Vec<Text>,
    issuer: Option<Text>,
    audience: Vec<Text>,
    auth_type: Option<String>,
    payload: Option<Payload>,
    /// `simple:`, and where it stands.
    simple: Option<(bool, Span)>,
}

impl<'a> Cx<'a> {
    /// `authorizer NAME = KIND { … }`, with the place of its name.
    pub(crate) fn authorizer(&mut self, item: &'a Item) -> Option<(Authorizer, Span)> {
        let sentence = sentence(item)?;
        let form = ApiWord::Authorizer.word().form;
        let mut operands = Operands::of(self, sentence, form);
        let value = operands.need(self, "a name")?;
        let Some(name) = name_of(value) else {
            return self.wrong_type(value, "a name");
        };
        operands.refuse_rest(self);
        let at = self.span(value.id);
        let Some(equals) = &sentence.equals else {
            self.missing("authorizer", "`=` and its kind", operands.span);
            return None;
        };
        let mut operands = Operands::over(equals, "authorizer", form, operands.span);
        let value = operands.need(self, "a kind")?;
        let kind = self.choice(value, &[("lambda", 'l'), ("cognito", 'c'), ("jwt", 'j')])?;
        operands.narrow(
            "KIND",
            match kind {
                'l' => "lambda token | request",
                'c' => "cognito",
                _ => "jwt",
            },
        );
        let kind = match kind {
            'l' => {
                let value = operands.need(self, "`token` or `request`")?;
                self.choice(value, &[("token", Kind::Token), ("request", Kind::Request)])?
            }
            'c' => Kind::Cognito,
            _ => Kind::Jwt,
        };
        if matches!(kind, Kind::Token | Kind::Cognito) {
            let span = self.span(value.id);
            if self.lacks(&format!("`{}`", kind.name()), span) {
                return None;
            }
        }
        let mut credentials = None;
        if operands.take("as") {
            operands.narrow("{", "as ROLE {");
            let value = operands.need(self, "a role")?;
            credentials = self.credentials(value);
            if matches!(kind, Kind::Cognito | Kind::Jwt) {
                // Nothing is called on anybody's behalf.
                let (word, kind) = ("as".to_owned(), kind.name());
                let span = self.span(value.id);
                self.report(SettingNotOfKind { word, kind }.at(span));
            }
        }
        operands.refuse_rest(self);

        let mut settings = Settings::default();
        for (word, item) in self.words::<AuthorizerWord>(items(&sentence.block)) {
            if !kind.takes(word) {
                let span = self.word_span(item);
                self.report(
                    SettingNotOfKind {
                        word: crate::words::head(item).to_owned(),
                        kind: kind.name(),
                    }
                    .at(span),
                );
                continue;
            }
            if let Some(entry) = entry(item) {
                self.authorizer_setting(word, &entry.value, kind, &mut settings);
            }
        }
        // In HTTP APIs nothing is kept unless something is said.
        let usual = if self.is_http() { 0 } else { DEFAULT_TTL };
        let ttl_s = settings.ttl_s.unwrap_or(usual);
        let head = operands.span;
        // A setting that is there and wrong was told already.
        let said = |word: &str| says(&sentence.block, word);
        let header = match &settings.identity {
            None => "Authorization".to_owned(),
            Some((sources, span)) => match sources.as_slice() {
                [Source::RequestHeader(name)] => name.clone(),
                _ if matches!(kind, Kind::Token | Kind::Cognito) => {
                    self.report(
                        IdentityNeeded {
                            kind: kind.name(),
                            what: "exactly one header",
                        }
                        .at(*span),
                    );
                    return None;
                }
                _ => String::new(),
            },
        };
        let kind = match kind {
            Kind::Token | Kind::Request => {
                let Some((uri, function)) = settings.function else {
                    if !said("function") {
                        self.missing("authorizer", "`function`", head);
                    }
                    return None;
                };
                if kind == Kind::Token {
                    AuthorizerKind::Token {
                        uri,
                        function,
                        header,
                        validation: settings.validation,
                        ttl_s,
                        credentials,
                    }
                } else {
                    let identity = settings
                        .identity
                        .map(|(sources, _)| sources)
                        .unwrap_or_default();
                    if identity.is_empty() && ttl_s > 0 {
                        if !said("identity") {
                            self.report(
                                IdentityNeeded {
                                    kind: kind.name(),
                                    what: "an identity, or `ttl: 0s`",
                                }
                                .at(head),
                            );
                        }
                        return None;
                    }
                    let payload = (settings.payload)
                        .unwrap_or_else(|| super::integrate::usual_payload(self.kind));
                    if let (Payload::V1, Some((true, span))) = (payload, settings.simple) {
                        self.report(
                            SettingNotOfKind {
                                word: "simple".to_owned(),
                                kind: "lambda request` with `payload: \"1.0\"",
                            }
                            .at(span),
                        );
                        return None;
                    }
                    AuthorizerKind::Request {
                        uri,
                        function,
                        identity,
                        ttl_s,
                        credentials,
                        simple: settings.simple.is_some_and(|(simple, _)| simple),
                        payload,
                    }
                }
            }
            Kind::Cognito => {
                if settings.pools.is_empty() {
                    if !said("pools") {
                        self.missing("authorizer", "`pools`", head);
                    }
                    return None;
                }
                AuthorizerKind::Cognito {
                    pools: settings.pools,
                    header,
                    validation: settings.validation,
                    ttl_s,
                }
            }
            Kind::Jwt => {
                let Some(issuer) = settings.issuer else {
                    if !said("issuer") {
                        self.missing("authorizer", "`issuer`", head);
                    }
                    return None;
                };
                if self.is_http() && settings.audience.is_empty() {
                    if !said("audience") {
                        self.missing("authorizer", "`audience`", head);
                    }
                    return None;
                }
                let identity = match settings.identity {
                    None => Source::RequestHeader("Authorization".to_owned()),
                    Some((sources, span)) => match <[Source; 1]>::try_from(sources) {
                        Ok([source @ (Source::RequestHeader(_) | Source::RequestQuery(_))]) => {
                            source
                        }
                        _ => {
                            self.report(
                                IdentityNeeded {
                                    kind: kind.name(),
                                    what: "exactly one header or query parameter",
                                }
                                .at(span),
                            );
                            return None;
                        }
                    },
                };
                AuthorizerKind::Jwt {
                    issuer,
                    audience: settings.audience,
                    identity,
                }
            }
        };
        let usual = match kind {
            AuthorizerKind::Cognito { .. } => "cognito_user_pools",
            _ => "custom",
        };
        let authorizer = Authorizer {
            name: name.to_owned(),
            auth_type: settings.auth_type.unwrap_or_else(|| usual.to_owned()),
            kind,
            node: self.node(item.id),
        };
        Some((authorizer, at))
    }

    fn authorizer_setting(
        &mut self,
        word: AuthorizerWord,
        value: &'a Value,
        kind: Kind,
        settings: &mut Settings,
    ) -> Option<()> {
        match word {
            AuthorizerWord::Function => settings.function = Some(self.function(value, false)?),
            AuthorizerWord::Identity => {
                let sources = match &value.kind {
                    ValueKind::List(_) => self.sources(value, Side::Identity)?,
                    _ => vec![self.source(value, Side::Identity)?],
                };
                settings.identity = Some((sources, self.span(value.id)));
            }
            AuthorizerWord::Validation => {
                let ValueKind::Tagged(tag, text) = &value.kind else {
                    return self.wrong_type(value, "a pattern `r\"…\"`");
                };
                if tag.text != "r" {
                    return self.wrong_type(value, "a pattern `r\"…\"`");
                }
                settings.validation = self.pattern_text(text);
            }
            AuthorizerWord::Ttl => {
                settings.ttl_s = Some(self.duration_s(value, "an authorizer's `ttl`", MAX_TTL)?);
            }
            AuthorizerWord::Pools => settings.pools = self.texts(value, "ARNs of user pools")?,
            AuthorizerWord::Issuer => {
                let issuer = self.text(value, Holes::Build)?;
                if super::arn::http_fault(&issuer).is_some() {
                    return self.malformed(value.id, "issuer", "it is no URL");
                }
                settings.issuer = Some(issuer);
            }
            AuthorizerWord::Audience => settings.audience = self.texts(value, "audiences")?,
            AuthorizerWord::AuthType => settings.auth_type = Some(self.literal(value)?),
            AuthorizerWord::Payload => settings.payload = Some(self.payload(value)?),
            AuthorizerWord::Simple => {
                let span = self.span(value.id);
                settings.simple = Some((self.truth(value)?, span));
            }
        }
        let _ = kind;
        Some(())
    }

    /// A list of texts that may have holes.
    pub(crate) fn texts(&mut self, value: &'a Value, of: &str) -> Option<Vec<Text>> {
        let values = self.list(value, of)?;
        Some(
            values
                .iter()
                .filter_map(|value| self.text(value, Holes::Build))
                .collect(),
        )
    }

    /// `auth: iam`, `auth: none`, `auth: Shopper(scopes: ["a"])`.
    pub(crate) fn auth(&mut self, value: &'a Value) -> Option<Auth> {
        let (place, args) = match &value.kind {
            ValueKind::Place(place) => (place, &[][..]),
            ValueKind::Call(call) => (&call.place, call.args.as_slice()),
            _ => return self.wrong_type(value, "an authorizer, `iam` or `none`"),
        };
        let name = self.plain_name(place, "authorizer")?;
        match name.as_str() {
            "iam" if args.is_empty() => return Some(Auth::Iam),
            "none" if args.is_empty() => return Some(Auth::None),
            _ => {}
        }
        let span = self.span(place.id);
        let Some(authorizer) = self.api.and_then(|api| api.authorizer(&name)) else {
            if self.api.is_some_and(|api| api.is_broken(&name)) {
                return None;
            }
            let known: Vec<&str> = self
                .api
                .map(|api| {
                    api.authorizers
                        .iter()
                        .map(|authorizer| authorizer.name.as_str())
                        .chain(["iam", "none"])
                        .collect()
                })
                .unwrap_or_default();
            let finding = UnknownAuthorizer { name: name.clone() }.at(span);
            self.report(finding.or_near(&name, known, span));
            return None;
        };
        let mut scopes = Vec::new();
        for arg in args {
            match &arg.name {
                Some(argument) if argument.text == "scopes" => {
                    let list = self.names_list(&arg.value, "scopes")?;
                    scopes = list.into_iter().map(|(scope, _)| scope).collect();
                    let lambda = matches!(
                        authorizer.kind,
                        AuthorizerKind::Token { .. } | AuthorizerKind::Request { .. }
                    );
                    if lambda && !scopes.is_empty() {
                        let span = self.span(arg.value.id);
                        self.report(ScopesIgnored { name: name.clone() }.at(span));
                        scopes.clear();
                    }
                }
                _ => return self.wrong_type(&arg.value, "`scopes: […]`"),
            }
        }
        Some(Auth::Authorizer { name, scopes })
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_a_function_is_called_with_a_role() {
        const ROLE: &str = r#"as "arn:aws:iam::111122223333:role/caller""#;
        for (written, codes) in [
            (format!("lambda token {ROLE} {{ lambda: \"f\" }}"), false),
            (
                format!(
                    "cognito {ROLE} {{ pools: [\"arn:aws:cognito-idp:eu-west-1:1:userpool/p\"] }}"
                ),
                true,
            ),
            (
                format!("jwt {ROLE} {{ issuer: \"https://id.example.com\" }}"),
                true,
            ),
        ] {
            let (_, found) =
                crate::check_text(&format!("rest api A {{ authorizer B = {written} }}"));
            let refused = found
                .iter()
                .any(|found| found.code().to_string() == "TG0903");
            assert_eq!(refused, codes, "{written}: {found:?}");
        }
    }
}
