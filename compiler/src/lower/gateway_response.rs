//! Gateway responses and their inheritance.

use tollgate_model::api::{Api, GatewayResponse, GatewayResponseType};
use tollgate_runtime::ResponseType;

use super::Lowering;
use super::substitution::{Manner, substitute};
use crate::ir::{self, Instruction, Program};

impl Lowering {
    /// One per type. A type that is set is used as it is; else the default of its class as a whole; else none.
    pub(super) fn gateway_responses(&mut self, api: &Api) -> Vec<Option<ir::GatewayResponse>> {
        let set = |ty: GatewayResponseType| api.gateway_responses.iter().find(|g| g.ty == ty);
        ResponseType::ALL
            .iter()
            .map(|ty| {
                let own = api
                    .gateway_responses
                    .iter()
                    .find(|g| g.ty.name() == ty.name());
                if let Some(own) = own {
                    return Some(self.gateway_response(own, false));
                }
                let class = if ty.status() < 500 {
                    GatewayResponseType::Default4xx
                } else {
                    GatewayResponseType::Default5xx
                };
                set(class).map(|default| self.gateway_response(default, true))
            })
            .collect()
    }

    fn gateway_response(
        &mut self,
        response: &GatewayResponse,
        inherited: bool,
    ) -> ir::GatewayResponse {
        let mut program = Program::default();
        for header in &response.headers {
            if let Some(load) = self.mapped(&header.source) {
                program.push(Instruction::Load(load));
                program.push(Instruction::SetHeader(header.name.clone()));
            }
        }
        let templates = &response.templates;
        let json = templates
            .iter()
            .position(|(media, _)| media.eq_ignore_ascii_case("application/json"));
        if let Some(fallback) = json.or((!templates.is_empty()).then_some(0)) {
            let mut cases = Vec::new();
            program.push(Instruction::MediaWanted);
            for (i, template) in templates.iter().enumerate() {
                if i != fallback {
                    let label = program.label();
                    program.push(Instruction::CaseMedia(template.0.clone(), label));
                    cases.push((label, template));
                }
            }
            if let Some((media, template)) = templates.get(fallback) {
                body(media, &template.text, &mut program);
            }
            for (label, (media, template)) in cases {
                program.push(Instruction::Label(label));
                body(media, &template.text, &mut program);
            }
        }
        program.push(Instruction::End);
        ir::GatewayResponse {
            status: response.status,
            inherited,
            program,
        }
    }
}

fn body(media: &str, text: &str, program: &mut Program) {
    program.push(Instruction::SetMedia(media.to_string()));
    program.push(Instruction::OutBegin);
    substitute(text, Manner::Plain, program);
    program.push(Instruction::BodyOut);
    program.push(Instruction::End);
}
