//! Stages: constants, variables, canaries, access logs.

use tollgate_model::Program as Model;
use tollgate_model::stage::{AccessLogFormat, Canary, Stage};
use tollgate_model::text::{Piece, Text};

use super::Lowering;
use super::substitution::{Manner, substitute};
use crate::ir::{self, Instruction, Program};

impl Lowering {
    pub(super) fn edge(&mut self, model: &Model, deployments: &[ir::Deployment]) -> ir::Edge {
        let mut stages = Vec::new();
        for stage in &model.stages {
            let Some(deployment) = model.apis.iter().position(|api| api.name == stage.api) else {
                self.unsupported(stage.node, format!("the stage `{}` of no API", stage.name));
                continue;
            };
            let canary = stage
                .canary
                .as_ref()
                .and_then(|c| self.canary(model, stage, c, deployment, deployments));
            let variables: Vec<_> = stage
                .variables
                .iter()
                .map(|(n, t)| (n.clone(), t))
                .collect();
            stages.push(ir::Stage {
                name: stage.name.clone(),
                deployment,
                stage: self.side(model, stage, &variables, deployments.get(deployment)),
                canary,
                tracing: stage.tracing,
                log: stage.access_log.as_ref().map(|log| self.log(&log.format)),
            });
        }
        let id = |s: &ir::Stage| deployments.get(s.deployment).map(|d| d.id.clone());
        stages.sort_by(|a, b| (id(a), &a.name).cmp(&(id(b), &b.name)));
        ir::Edge { stages }
    }

    /// The canary side: the stage's variables with the canary's merged on top.
    fn canary(
        &mut self,
        model: &Model,
        stage: &Stage,
        canary: &Canary,
        own: usize,
        deployments: &[ir::Deployment],
    ) -> Option<ir::Canary> {
        let deployment = match &canary.deployment {
            None => own,
            Some(name) => match model.apis.iter().position(|api| api.name == *name) {
                Some(index) => index,
                None => {
                    self.unsupported(canary.node, format!("a canary of the unknown API `{name}`"));
                    return None;
                }
            },
        };
        let mut variables: Vec<(String, &Text)> = stage
            .variables
            .iter()
            .map(|(n, t)| (n.clone(), t))
            .collect();
        for (name, value) in &canary.variables {
            match variables.iter_mut().find(|(n, _)| n == name) {
                Some((_, text)) => *text = value,
                None => variables.push((name.clone(), value)),
            }
        }
        Some(ir::Canary {
            deployment,
            share: canary.share.min(10_000),
            shares_cache: canary.use_stage_cache,
            side: self.side(model, stage, &variables, deployments.get(deployment)),
        })
    }

    fn side(
        &mut self,
        model: &Model,
        stage: &Stage,
        variables: &[(String, &Text)],
        deployment: Option<&ir::Deployment>,
    ) -> ir::Side {
        let mut values: Vec<(String, String)> = Vec::new();
        for (name, text) in variables {
            let value = self.fill(model, stage, &values, text);
            values.push((name.clone(), value));
        }
        values.sort();
        let slots = deployment.map_or(&[][..], |d| &d.slots);
        let constants = slots
            .iter()
            .map(|slot| self.fill(model, stage, &values, slot))
            .collect();
        ir::Side {
            constants,
            variables: values,
        }
    }

    /// A text with everything filled in that a stage knows. An unset variable is empty, as recorded.
    fn fill(
        &mut self,
        model: &Model,
        stage: &Stage,
        variables: &[(String, String)],
        text: &Text,
    ) -> String {
        let mut out = String::new();
        for piece in &text.pieces {
            match piece {
                Piece::Literal(literal) => out.push_str(literal),
                Piece::StageName => out.push_str(&stage.name),
                Piece::Variable(name) => {
                    if let Some((_, value)) = variables.iter().find(|(n, _)| n == name) {
                        out.push_str(value);
                    }
                }
                Piece::Param(name) => {
                    let param = model.params.iter().find(|p| p.name == *name);
                    match param.and_then(|p| p.value.as_ref().or(p.default.as_ref())) {
                        Some(value) => out.push_str(value),
                        None => self
                            .unsupported(text.node, format!("the parameter `{name}` has no value")),
                    }
                }
                Piece::Placeholder(_) | Piece::Request(_) => {
                    self.unsupported(
                        text.node,
                        "a text that only a request fills cannot stand here",
                    );
                }
            }
        }
        out
    }

    /// The access log's line.
    fn log(&mut self, format: &AccessLogFormat) -> Program {
        let mut program = Program::default();
        program.push(Instruction::OutBegin);
        match format {
            AccessLogFormat::Text(text) => substitute(text, Manner::Dash, &mut program),
            AccessLogFormat::Json(members) => {
                let mut before = String::from("{");
                for (name, source) in members {
                    before.push_str(&format!("{}:\"", serde_json::Value::from(name.as_str())));
                    program.push(Instruction::OutText(std::mem::take(&mut before)));
                    match self.load(source) {
                        Some(load) => {
                            program.push(Instruction::Load(load));
                            program.push(Instruction::OutEscaped);
                        }
                        None => program.push(Instruction::OutText("-".into())),
                    }
                    before.push_str("\",");
                }
                let end = before.trim_end_matches(',').to_string() + "}";
                program.push(Instruction::OutText(end));
            }
        }
        program.push(Instruction::OutDone);
        program.push(Instruction::End);
        program
    }
}
