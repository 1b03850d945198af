//! Routes and gateway responses with everything written out that short forms stand for: the defaults of the API, the
//! named integrations, the preflight routes and headers of `cors`, the mappings of path parameters.

use tollgate_model::api::{Api, ApiKind, GatewayResponse, Route};
use tollgate_model::authorizer::Auth;
use tollgate_model::integration::{
    ContentHandling, Credentials, HeaderMapping, Integration, IntegrationResponse, MappingOp,
    MethodResponse, Passthrough, RequestTarget, Source, Target, Template,
};
use tollgate_model::text::{Piece, Text};
use tollgate_model::{Program, ScalarType};

/// The routes and gateway responses of every API, as gate in the one style.
pub(crate) fn gate(program: &Program) -> String {
    let mut out = String::new();
    for api in &program.apis {
        self::api(&mut out, api);
    }
    // What this writes is in the language; were it not, it is better shown than lost.
    tollgate_grammar::format_text(&out).unwrap_or(out)
}

fn api(out: &mut String, api: &Api) {
    let kind = match api.kind {
        ApiKind::Rest => "rest",
        ApiKind::Http => "http",
        ApiKind::WebSocket => "websocket",
    };
    out.push_str(&format!("{kind} api {} {{\n", name(&api.name)));
    for route in &api.routes {
        self::route(out, route);
    }
    for response in &api.gateway_responses {
        gateway_response(out, response);
    }
    out.push_str("}\n\n");
}

fn route(out: &mut String, route: &Route) {
    out.push_str(&format!("{} {{\n", route.key.display()));
    match &route.auth {
        Auth::None => out.push_str("auth: none\n"),
        Auth::Iam => out.push_str("auth: iam\n"),
        Auth::Authorizer { name, scopes } if scopes.is_empty() => {
            out.push_str(&format!("auth: {}\n", self::name(name)));
        }
        Auth::Authorizer { name, scopes } => {
            let scopes: Vec<String> = scopes.iter().map(|s| quoted(s)).collect();
            let (name, scopes) = (self::name(name), scopes.join(", "));
            out.push_str(&format!("auth: {name}(scopes: [{scopes}])\n"));
        }
    }
    if route.api_key {
        out.push_str("api_key: required\n");
    }
    let validate = match (route.validate.parameters, route.validate.body) {
        (true, true) => "all",
        (true, false) => "params",
        (false, true) => "body",
        (false, false) => "none",
    };
    out.push_str(&format!("validate: {validate}\n"));
    for parameter in &route.parameters {
        use tollgate_model::api::ParameterPlace;
        let place = match parameter.place {
            ParameterPlace::Header => "header",
            ParameterPlace::Path => "path",
            ParameterPlace::Query => "query",
        };
        let optional = if parameter.required { "" } else { "?" };
        let (name, ty) = (name(&parameter.name), ty(&parameter.ty));
        out.push_str(&format!("{place}.{name}: {ty}{optional}\n"));
    }
    for (media, model) in &route.body {
        out.push_str(&format!("{}: {}\n", body(media), name(model)));
    }
    integration(out, &route.integration);
    for response in &route.integration.responses {
        let declared = route.responses.iter().find(|r| r.status == response.status);
        integration_response(out, response, declared);
    }
    for declared in &route.responses {
        let mapped = |r: &IntegrationResponse| r.status == declared.status;
        if !route.integration.responses.iter().any(mapped) {
            let mut block = String::new();
            declarations(&mut block, declared);
            out.push_str(&format!("respond {}{}\n", declared.status, braces(&block)));
        }
    }
    out.push_str("}\n");
}

fn integration(out: &mut String, integration: &Integration) {
    out.push_str("integrate ");
    out.push_str(&match &integration.target {
        Target::Mock => "mock".to_owned(),
        Target::Http {
            proxy,
            method,
            uri,
            via,
        } => {
            let custom = if *proxy { "" } else { " custom" };
            let method = method.as_ref().map(|m| format!(" {m}")).unwrap_or_default();
            let via = via
                .as_ref()
                .map(|via| format!(" via {}", text(via)))
                .unwrap_or_default();
            format!("http{custom}{method} {}{via}", text(uri))
        }
        Target::Lambda {
            proxy,
            uri,
            function,
            ..
        } => {
            let custom = if *proxy { "" } else { " custom" };
            match function {
                Some(function) => format!("lambda{custom} {}", name(function)),
                None => format!("lambda{custom} {}", text(uri)),
            }
        }
        Target::Aws { method, uri, .. } => format!("aws {method} {}", text(uri)),
    });
    match &integration.credentials {
        None => {}
        Some(Credentials::Role(role)) => out.push_str(&format!(" as {}", text(role))),
        Some(Credentials::Caller) => out.push_str(" as caller"),
    }
    let mut block = format!("timeout: {}ms\n", integration.timeout_ms);
    if !matches!(integration.target, Target::Mock) {
        match integration.passthrough {
            Passthrough::WhenNoMatch => {}
            Passthrough::WhenNoTemplates => block.push_str("passthrough: when_no_templates\n"),
            Passthrough::Never => block.push_str("passthrough: never\n"),
        }
    }
    content(&mut block, integration.content);
    if integration.stream {
        block.push_str("stream: true\n");
    }
    for mapping in &integration.mappings {
        let target = match &mapping.target {
            RequestTarget::Header(n) => format!("header.{}", name(n)),
            RequestTarget::Query(n) => format!("query.{}", name(n)),
            RequestTarget::Path(n) => format!("path.{}", name(n)),
        };
        mapped(&mut block, &target, mapping.op, &mapping.source);
    }
    templates(&mut block, &integration.templates, "vtl");
    out.push_str(&braces(&block));
    out.push('\n');
}

fn integration_response(
    out: &mut String,
    response: &IntegrationResponse,
    declared: Option<&MethodResponse>,
) {
    let matching = match &response.pattern {
        Some(pattern) => format!(" matching {}", fenced("r", pattern)),
        None => String::new(),
    };
    let mut block = String::new();
    if let Some(declared) = declared {
        declarations(&mut block, declared);
    }
    content(&mut block, response.content);
    headers(&mut block, &response.headers);
    templates(&mut block, &response.templates, "vtl");
    out.push_str(&format!(
        "respond {}{matching}{}\n",
        response.status,
        braces(&block)
    ));
}

fn declarations(block: &mut String, declared: &MethodResponse) {
    for (header, _) in &declared.headers {
        block.push_str(&format!("header.{}: String\n", name(header)));
    }
    for (media, model) in &declared.models {
        block.push_str(&format!("{}: {}\n", body(media), name(model)));
    }
}

fn gateway_response(out: &mut String, response: &GatewayResponse) {
    let status = response.status.map(|s| format!(" {s}")).unwrap_or_default();
    let mut block = String::new();
    headers(&mut block, &response.headers);
    templates(&mut block, &response.templates, "fmt");
    out.push_str(&format!(
        "on {}{status}{}\n",
        response.ty.name(),
        braces(&block)
    ));
}

fn braces(block: &str) -> String {
    match block {
        "" => String::new(),
        block => format!(" {{\n{block}}}"),
    }
}

fn content(block: &mut String, content: ContentHandling) {
    match content {
        ContentHandling::None => {}
        ContentHandling::Binary => block.push_str("content: binary\n"),
        ContentHandling::Text => block.push_str("content: text\n"),
    }
}

fn headers(block: &mut String, headers: &[HeaderMapping]) {
    for header in headers {
        let target = format!("header.{}", name(&header.name));
        mapped(block, &target, header.op, &header.source);
    }
}

fn mapped(block: &mut String, target: &str, op: MappingOp, source: &Source) {
    block.push_str(&match op {
        MappingOp::Overwrite => format!("{target} = {}\n", self::source(source)),
        MappingOp::Append => format!("{target} += {}\n", self::source(source)),
        MappingOp::Remove => format!("{target} = none\n"),
    });
}

fn templates(block: &mut String, templates: &[(String, Template)], tag: &str) {
    for (media, template) in templates {
        let text = match &template.pieces {
            Some(pieces) => holes(pieces, |literal| literal.replace("@{", "@@{")),
            None => template.text.replace("@{", "@@{"),
        };
        block.push_str(&format!("{} = {}\n", body(media), fenced(tag, &text)));
    }
}

/// `body`, or `body["text/xml"]`.
fn body(media: &str) -> String {
    match media {
        "application/json" => "body".to_owned(),
        media => format!("body[{}]", quoted(media)),
    }
}

fn source(source: &Source) -> String {
    let json_path = |of: &str, path: &Option<String>| match path {
        None => of.to_owned(),
        Some(path) => format!("{of}({})", quoted(&format!("$.{path}"))),
    };
    match source {
        Source::Static(text) => self::text(text),
        Source::RequestHeader(n) => format!("header.{}", name(n)),
        Source::RequestHeaders(n) => format!("multivalueheader.{}", name(n)),
        Source::RequestQuery(n) => format!("query.{}", name(n)),
        Source::RequestQueries(n) => format!("multivaluequery.{}", name(n)),
        Source::RequestPath(n) => format!("path.{}", name(n)),
        Source::RequestBody(path) => json_path("body", path),
        Source::ResponseHeader(n) => format!("response.header.{}", name(n)),
        Source::ResponseHeaders(n) => format!("response.multivalueheader.{}", name(n)),
        Source::ResponseBody(path) => json_path("response.body", path),
        Source::ResponseStatus => "response.status".to_owned(),
        Source::Context(steps) => {
            let steps: Vec<String> = steps.iter().map(|s| name(s)).collect();
            format!("context.{}", steps.join("."))
        }
        Source::StageVariable(n) => format!("stage.{}", name(n)),
    }
}

fn ty(ty: &ScalarType) -> String {
    match ty {
        ScalarType::String => "String".to_owned(),
        ScalarType::Int => "Int".to_owned(),
        ScalarType::Number => "Number".to_owned(),
        ScalarType::Bool => "Bool".to_owned(),
        ScalarType::Url => "Url".to_owned(),
        ScalarType::Arn => "Arn".to_owned(),
        ScalarType::OneOf(texts) => {
            let texts: Vec<String> = texts.iter().map(|t| quoted(t)).collect();
            texts.join(" | ")
        }
    }
}

/// A text with its holes, in quotes.
fn text(text: &Text) -> String {
    format!("\"{}\"", holes(text, escaped))
}

fn holes(text: &Text, literal: impl Fn(&str) -> String) -> String {
    text.pieces
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text) => literal(text),
            Piece::Param(n) => format!("@{{param.{}}}", name(n)),
            Piece::Variable(n) => format!("@{{stage.{}}}", name(n)),
            Piece::StageName => "@{stage.name}".to_owned(),
            Piece::Placeholder(n) => format!("{{{n}}}"),
            Piece::Request(from) => format!("@{{{}}}", source(from)),
        })
        .collect()
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.replace("@{", "@@{").chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c => out.push(c),
        }
    }
    out
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// Text of another language, as it is: on one line, or between fences that it does not hold itself.
fn fenced(tag: &str, text: &str) -> String {
    if !text.contains(['"', '\n', '\r']) {
        return format!("{tag}\"{text}\"");
    }
    let fence = match text.contains("\"\"\"") || text.ends_with('"') {
        true => "\"\"\"\"",
        false => "\"\"\"",
    };
    format!("{tag}{fence}\n{text}\n{fence}")
}

/// A name, in backticks where it is none by itself.
fn name(text: &str) -> String {
    let mut chars = text.chars();
    let starts = chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '$' | '_'));
    let goes_on = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    match starts && chars.all(goes_on) {
        true => text.to_owned(),
        false => format!("`{text}`"),
    }
}
