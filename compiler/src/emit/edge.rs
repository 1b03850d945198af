//! The edge image, and the debug image.

use tollgate_model::{NodeId, Places, Program as Model};
use tollgate_runtime::bundle::Section;
use tollgate_runtime::bundle::records as r;
use tollgate_runtime::bundle::wire::Range;

use super::assemble::Assembler;
use super::deployment::slots;
use super::image::ImageWriter;
use crate::ir::{Bundle, Plan, Setting, Side};
use crate::lower::{in_order, short_id};

/// The bytes of the edge image.
///
/// # Errors
/// What cannot be written, as text.
pub(super) fn image(bundle: &Bundle, digests: &[[u8; 32]]) -> Result<Vec<u8>, String> {
    let mut image = ImageWriter::new();
    let mut code = Assembler::default();
    for (deployment, digest) in bundle.deployments.iter().zip(digests) {
        let record = r::Deployment {
            digest: *digest,
            api_id: image.text(&deployment.id),
            api_name: image.text(&deployment.name),
            id: image.text(&short_id(&[digest])),
            slots: slots(deployment),
        };
        image.record(Section::Deployments, record);
    }
    if let Some(throttle) = bundle.edge.account {
        let record = r::Account {
            rate_milli: throttle.rate_milli,
            burst: throttle.burst,
            bucket: super::bucket(&["account"]),
        };
        image.record(Section::Account, record);
    }
    for key in &bundle.edge.keys {
        let record = r::Key {
            id: image.text(&key.id),
            name: image.text(&key.name),
            flags: u8::from(key.enabled),
            plans: image.records(Section::KeyPlans, key.plans.iter().copied()),
            bucket: super::bucket(&["key", &key.id]),
        };
        image.record(Section::Keys, record);
    }
    let number =
        |index: usize| u16::try_from(index).map_err(|_| "more APIs than 65535".to_string());
    for stage in &bundle.edge.stages {
        let (constants, variables, settings) = side(&mut image, &stage.stage);
        let (canary_constants, canary_variables, canary_settings) = match &stage.canary {
            Some(canary) => side(&mut image, &canary.side),
            None => (constants, variables, settings),
        };
        let plans: Vec<_> = stage
            .plans
            .iter()
            .map(|plan| self::plan(&mut image, plan))
            .collect();
        let plans = image.records(Section::Plans, plans);
        let api = bundle
            .deployments
            .get(stage.deployment)
            .map_or("", |d| d.id.as_str());
        let flag = |on: bool, bit: u8| if on { bit } else { 0 };
        let canary = stage.canary.as_ref();
        let record = r::Stage {
            name: image.text(&stage.name),
            deployment: number(stage.deployment)?,
            canary: number(canary.map_or(stage.deployment, |c| c.deployment))?,
            share: canary.map_or(0, |c| c.share),
            flags: flag(canary.is_some(), 1)
                | flag(canary.is_some_and(|c| c.shares_cache), 2)
                | flag(stage.tracing, 4)
                | flag(stage.cache, 8),
            constants,
            canary_constants,
            variables,
            canary_variables,
            settings,
            canary_settings,
            plans,
            bucket: super::bucket(&["stage", api, &stage.name]),
            log: stage
                .log
                .as_ref()
                .map(|log| code.program(&mut image, log))
                .unwrap_or_default(),
        };
        image.record(Section::Stages, record);
    }
    image.finish()
}

fn plan(image: &mut ImageWriter, plan: &Plan) -> r::Plan {
    let throttle = plan.throttle;
    let quota = plan.quota;
    r::Plan {
        name: image.text(&plan.name),
        plan: plan.number,
        flags: u8::from(throttle.is_some()) | u8::from(quota.is_some()) << 1,
        rate_milli: throttle.map_or(0, |t| t.rate_milli),
        burst: throttle.map_or(0, |t| t.burst),
        quota: quota.map_or(0, |q| q.limit),
        offset: quota.map_or(0, |q| q.offset),
        period: quota.map_or(0, |q| q.period),
        bucket: super::bucket(&["plan", &plan.name]),
        methods: settings(image, &plan.methods),
        canary_methods: settings(image, &plan.canary_methods),
    }
}

/// One entry per route; equal settings share their record.
fn settings(image: &mut ImageWriter, settings: &[Option<Setting>]) -> Range {
    let mut entries = Vec::new();
    let mut written: Vec<(Setting, u32)> = Vec::new();
    for setting in settings {
        let Some(setting) = setting else {
            entries.push(u32::MAX);
            continue;
        };
        let found = written
            .iter()
            .find(|(s, _)| s == setting)
            .map(|(_, index)| *index);
        entries.push(found.unwrap_or_else(|| {
            let throttle = setting.throttle;
            let record = r::Setting {
                flags: u8::from(throttle.is_some())
                    | u8::from(setting.cache_ttl_s.is_some()) << 1
                    | u8::from(setting.invalidation_auth) << 2,
                unauthorized: setting.unauthorized,
                rate_milli: throttle.map_or(0, |t| t.rate_milli),
                burst: throttle.map_or(0, |t| t.burst),
                bucket: setting.bucket,
                ttl_s: setting.cache_ttl_s.unwrap_or(0),
            };
            let index = image.record(Section::Settings, record);
            written.push((*setting, index));
            index
        }));
    }
    image.records(Section::RouteSettings, entries)
}

fn side(image: &mut ImageWriter, side: &Side) -> (Range, Range, Range) {
    let constants: Vec<_> = side.constants.iter().map(|text| image.text(text)).collect();
    let variables: Vec<_> = side
        .variables
        .iter()
        .map(|(name, value)| r::Variable {
            name: image.text(name),
            value: image.text(value),
        })
        .collect();
    let own: Vec<_> = side.settings.iter().copied().map(Some).collect();
    (
        image.records(Section::Constants, constants),
        image.records(Section::Variables, variables),
        settings(image, &own),
    )
}

/// The places of statements, in the order of their ids, and of routes, in the order of their images; then for each API
/// the number of its policy's statements.
pub(super) fn debug(model: &Model, statements: &[NodeId], places: &dyn Places) -> Vec<u8> {
    let mut image = ImageWriter::new();
    for node in statements {
        let place = r::Item {
            text: image.text(&places.file_line(*node)),
        };
        image.record(Section::Places, place);
    }
    for api in &model.apis {
        for route in in_order(api) {
            let place = r::Variable {
                name: image.text(&format!("{} {}", api.name, route.key.display())),
                value: image.text(&places.file_line(route.node)),
            };
            image.record(Section::Variables, place);
        }
    }
    // Behind the routes, which are found by their index.
    for api in &model.apis {
        let statements = api.policy.as_ref().map_or(0, |p| p.statements.len());
        let count = r::Variable {
            name: image.text(&api.name),
            value: image.text(&statements.to_string()),
        };
        image.record(Section::Variables, count);
    }
    image.finish().unwrap_or_default()
}
