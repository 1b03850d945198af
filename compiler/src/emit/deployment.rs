//! The image of one API.

use tollgate_runtime::bundle::Section;
use tollgate_runtime::bundle::records as r;
use tollgate_runtime::bundle::wire::{Blob, Label, Slot, checksum};

use super::assemble::Assembler;
use super::image::ImageWriter;
use super::{pattern, router};
use crate::ir::{Deployment, Integration, Program, Response, Segment};

/// Identifies what the constant tables of a deployment must hold.
pub(super) fn slots(deployment: &Deployment) -> u64 {
    let mut text = String::new();
    for slot in &deployment.slots {
        text.push_str(&format!("{:?}\n", slot.pieces));
    }
    checksum(text.as_bytes())
}

/// The bytes of the image.
///
/// # Errors
/// What cannot be written, as text.
pub(super) fn image(deployment: &Deployment, switches: &[(u16, u32)]) -> Result<Vec<u8>, String> {
    let mut image = ImageWriter::new();
    for (switch, value) in switches {
        let record = r::SwitchValue {
            switch: *switch,
            value: *value,
        };
        image.record(Section::Behaviour, record);
    }
    let mut code = Assembler::default();
    let binary: Vec<_> = deployment
        .binary
        .iter()
        .map(|media| r::Item {
            text: image.text(media),
        })
        .collect();
    let binary = image.records(Section::Lists, binary);
    let cors: Vec<_> = deployment
        .cors
        .iter()
        .map(|text| r::Item {
            text: image.text(text),
        })
        .collect();
    let cors = image.records(Section::Lists, cors);
    let flag = |on: bool, bit: u8| if on { bit } else { 0 };
    let api = r::Api {
        id: image.text(&deployment.id),
        name: image.text(&deployment.name),
        kind: deployment.kind,
        flags: flag(deployment.private, 1)
            | flag(deployment.keys_from_authorizer, 2)
            | flag(!deployment.default_endpoint, 4)
            | flag(deployment.policy.is_some(), 8),
        account: image.text(&deployment.account),
        region: image.text(&deployment.region),
        partition: image.text(&deployment.partition),
        compress_from: deployment.compress_from.unwrap_or(u32::MAX),
        binary,
        cors,
        slots: slots(deployment),
        slot_count: deployment.slots.len() as u16,
    };
    image.record(Section::Api, api);
    for authorizer in &deployment.authorizers {
        let validation = match &authorizer.validation {
            Some(pattern) => image.table(pattern::table(pattern)?),
            None => Blob::NONE,
        };
        let record = r::Authorizer {
            name: image.text(&authorizer.name),
            kind: authorizer.kind,
            ttl_s: authorizer.ttl_s,
            uri: authorizer.uri.map_or(Slot::NONE, Slot),
            credentials: authorizer.credentials.map_or(Slot::NONE, Slot),
            identity: code.even_if_empty(&mut image, &authorizer.identity),
            validation,
            trust: image.records(Section::Numbers, authorizer.trust.iter().copied()),
        };
        image.record(Section::Authorizers, record);
    }
    let classes: Vec<Label> = deployment
        .classes
        .iter()
        .map(|class| code.even_if_empty(&mut image, class))
        .collect();
    for route in &deployment.routes {
        let parameters: Vec<_> = route
            .segments
            .iter()
            .enumerate()
            .filter_map(|(i, segment)| match segment {
                Segment::Literal(_) => None,
                Segment::Parameter(name) => Some((name, i, 0)),
                Segment::Greedy(name) => Some((name, i, 1)),
            })
            .map(|(name, i, greedy)| r::Parameter {
                name: image.text(name),
                segment: i as u16,
                greedy,
            })
            .collect();
        let parameters = image.records(Section::Parameters, parameters);
        let integration = integration(&mut image, &mut code, &route.integration)?;
        let scopes: Vec<_> = route
            .scopes
            .iter()
            .map(|scope| r::Item {
                text: image.text(scope),
            })
            .collect();
        let scopes = image.records(Section::Lists, scopes);
        let models: Vec<_> = route
            .models
            .iter()
            .map(|(media, schema)| r::Model {
                media: image.text(media),
                schema: image.table(schema.clone()),
            })
            .collect();
        let models = image.records(Section::Models, models);
        let record = r::Route {
            path: image.text(&route.path),
            resource_id: image.text(&route.resource_id),
            verb: route.verb,
            auth: route.auth,
            flags: flag(route.api_key, 1)
                | flag(models.len > 0, 2)
                | flag(parameters.len > 0, 4)
                | flag(route.default, 8),
            body_plan: route.body_plan as u8,
            authorizer: route.authorizer.unwrap_or(u16::MAX),
            parameters,
            policy: route
                .policy
                .and_then(|class| classes.get(class).copied())
                .unwrap_or_default(),
            fresh: route
                .fresh
                .and_then(|class| classes.get(class).copied())
                .unwrap_or_default(),
            validate: program(&mut image, &mut code, route.validate.as_ref()),
            models,
            integration,
            cache_key: program(&mut image, &mut code, route.cache_key.as_ref()),
            scopes,
            operation: image.text(route.operation.as_deref().unwrap_or_default()),
            namespace: image.text(&route.namespace),
            bucket: super::bucket(&["route", &route.path, &route.verb.to_string()]),
        };
        image.record(Section::Routes, record);
    }
    router::write(&mut image, &deployment.routes);
    for response in &deployment.gateway_responses {
        let record = match response {
            None => r::GatewayResponse::default(),
            Some(response) => r::GatewayResponse {
                status: response.status.unwrap_or(0),
                flags: if response.inherited { 2 } else { 1 },
                program: code.program(&mut image, &response.program),
            },
        };
        image.record(Section::GatewayResponses, record);
    }
    image.finish()
}

fn program(image: &mut ImageWriter, code: &mut Assembler, program: Option<&Program>) -> Label {
    program.map_or(Label::NONE, |program| code.program(image, program))
}

fn integration(
    image: &mut ImageWriter,
    code: &mut Assembler,
    from: &Integration,
) -> Result<u32, String> {
    let flag = |on: bool, bit: u8| if on { bit } else { 0 };
    let mut responses = Vec::new();
    for response in &from.responses {
        responses.push(integration_response(image, code, response)?);
    }
    let mut declared = from.declared.clone();
    declared.sort_unstable();
    declared.dedup();
    let slot = |slot: Option<u16>| slot.map_or(Slot::NONE, Slot);
    let record = r::Integration {
        kind: from.kind as u8,
        flags: flag(from.insecure, 1)
            | flag(from.stream, 2)
            | flag(from.client_verb, 4)
            | flag(from.caller, 8)
            | flag(from.broken, 16)
            | flag(from.appends_path, 32),
        content: from.content,
        method: image.text(&from.method),
        timeout_ms: from.timeout_ms,
        request: code.program(image, &from.request),
        uri: program(image, code, from.uri.as_ref()),
        credentials: slot(from.credentials),
        vpc_link: slot(from.vpc_link),
        responses: image.records(Section::Responses, responses),
        declared: image.records(Section::Numbers, declared),
    };
    Ok(image.record(Section::Integrations, record))
}

fn integration_response(
    image: &mut ImageWriter,
    code: &mut Assembler,
    response: &Response,
) -> Result<r::Response, String> {
    let pattern = match &response.pattern {
        Some(pattern) => image.table(pattern::table(pattern)?),
        None => Blob::NONE,
    };
    Ok(r::Response {
        pattern,
        flags: match response.pattern.as_deref() {
            None => 1,
            // `.*` also takes an answer that has nothing to test.
            Some(".*") => 2,
            Some(_) => 0,
        },
        status: response.status,
        content: response.content,
        program: code.program(image, &response.program),
    })
}
