//! Stages: constants, variables, canaries, access logs.

use std::collections::HashMap;

use tollgate_model::Program as Model;
use tollgate_model::stage::{
    AccessLogFormat, Canary, MethodSelector, Settings, Stage, UnauthorizedInvalidation,
};
use tollgate_model::text::{Piece, Text};
use tollgate_model::traffic::{Period, Throttle};

use super::Lowering;
use super::substitution::{Manner, substitute};
use crate::ir::{self, Instruction, Program};

pub(super) fn throttle(from: Throttle) -> ir::Throttle {
    ir::Throttle {
        rate_milli: from.rate_milli,
        burst: from.burst,
    }
}

/// What a stage sets for a route. An entry of the method itself is complete and used alone; else one for all
/// methods of its path; else the stage's, with what the route asks for where the stage says nothing.
fn setting(stage: &Stage, selected: &Selected<'_, Settings>, route: &ir::Route) -> ir::Setting {
    if let Some((_, settings)) = selected.most_specific(route) {
        return of(
            settings,
            settings.throttle.map(throttle),
            settings.caching.then_some(settings.cache_ttl_s),
        );
    }
    let settings = &stage.settings;
    let own = settings.throttle.map(throttle);
    // Turned on for a whole stage, the cache is for GET alone.
    let caching = settings.caching && route.verb == GET;
    let ttl = route
        .wishes
        .cache_ttl_s
        .or(caching.then_some(settings.cache_ttl_s));
    of(settings, route.wishes.throttle.or(own), ttl)
}

const GET: u8 = 1;

fn of(settings: &Settings, throttle: Option<ir::Throttle>, ttl_s: Option<u32>) -> ir::Setting {
    ir::Setting {
        throttle,
        cache_ttl_s: ttl_s.filter(|ttl| *ttl > 0),
        invalidation_auth: settings.invalidation_auth,
        unauthorized: match settings.unauthorized_invalidation {
            UnauthorizedInvalidation::Fail => 0,
            UnauthorizedInvalidation::IgnoreWithWarning => 1,
            UnauthorizedInvalidation::Ignore => 2,
        },
        bucket: 0,
    }
}

/// Settings by method, for one look per route: a stage may have as many as its API routes.
struct Selected<'s, T>(HashMap<(&'s str, &'s str), &'s (MethodSelector, T)>);

impl<'s, T> Selected<'s, T> {
    fn new(entries: &'s [(MethodSelector, T)]) -> Self {
        let mut by_method = HashMap::with_capacity(entries.len());
        for entry in entries {
            let MethodSelector { path, method } = &entry.0;
            by_method
                .entry((path.as_str(), method.as_str()))
                .or_insert(entry);
        }
        Selected(by_method)
    }

    /// The entry for exactly this method, else for all methods of the path, else for everything.
    fn most_specific(&self, route: &ir::Route) -> Option<&'s (MethodSelector, T)> {
        let verb = tollgate_runtime::router::VERBS
            .get(usize::from(route.verb))
            .copied()
            .unwrap_or("ANY");
        let find = |path: &str, method: &str| self.0.get(&(path, method)).copied();
        find(&route.path, verb)
            .or_else(|| find(&route.path, "*"))
            .or_else(|| find("*", "*"))
    }
}

/// What usage plans grant at a stage, in the order of their names.
fn plans(
    model: &Model,
    stage: &Stage,
    deployment: Option<&ir::Deployment>,
    canary: Option<&ir::Deployment>,
) -> Vec<ir::Plan> {
    let mut plans = Vec::new();
    for (plan, number) in model.plans.iter().zip(0..) {
        let Some(here) = plan
            .stages
            .iter()
            .find(|s| s.api == stage.api && s.stage == stage.name)
        else {
            continue;
        };
        let methods = |deployment: Option<&ir::Deployment>| -> Vec<Option<ir::Setting>> {
            if here.methods.is_empty() {
                return Vec::new();
            }
            let routes = deployment.map_or(&[][..], |d| &d.routes);
            let selected = Selected::new(&here.methods);
            let settings = routes.iter().map(|route| {
                let (selector, limit) = selected.most_specific(route)?;
                let names = [
                    "plan",
                    &plan.name,
                    &stage.api,
                    &stage.name,
                    &selector.path,
                    &selector.method,
                ];
                let bucket = crate::emit::bucket(&names);
                Some(ir::Setting {
                    throttle: Some(throttle(*limit)),
                    bucket,
                    ..ir::Setting::default()
                })
            });
            settings.collect()
        };
        plans.push(ir::Plan {
            name: plan.name.clone(),
            number,
            throttle: plan.throttle.map(throttle),
            quota: plan.quota.map(|quota| ir::Quota {
                limit: quota.limit,
                offset: quota.offset,
                period: match quota.period {
                    Period::Day => 0,
                    Period::Week => 1,
                    Period::Month => 2,
                },
            }),
            methods: methods(deployment),
            canary_methods: methods(canary.or(deployment)),
        });
    }
    plans
}

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
            let served = canary.as_ref().and_then(|c| deployments.get(c.deployment));
            stages.push(ir::Stage {
                name: stage.name.clone(),
                deployment,
                stage: self.side(model, stage, &variables, deployments.get(deployment)),
                canary,
                tracing: stage.tracing,
                cache: stage.cache_gb.is_some(),
                plans: plans(model, stage, deployments.get(deployment), served),
                log: stage.access_log.as_ref().map(|log| self.log(&log.format)),
            });
        }
        let id = |s: &ir::Stage| deployments.get(s.deployment).map(|d| d.id.clone());
        stages.sort_by(|a, b| (id(a), &a.name).cmp(&(id(b), &b.name)));
        let keys = model.keys.iter().map(|key| ir::Key {
            name: key.name.clone(),
            id: key.id.clone(),
            enabled: key.enabled,
            plans: model
                .plans
                .iter()
                .zip(0..)
                .filter(|(plan, _)| key.plans.contains(&plan.name))
                .map(|(_, number)| number)
                .collect(),
        });
        ir::Edge {
            stages,
            account: model.account.throttle.map(throttle),
            keys: keys.collect(),
        }
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
        let selected = Selected::new(&stage.methods);
        let settings = deployment
            .map_or(&[][..], |d| &d.routes)
            .iter()
            .map(|route| setting(stage, &selected, route))
            .collect();
        ir::Side {
            constants,
            variables: values,
            settings,
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
