//! The edge image, and the debug image.

use tollgate_model::{NodeId, Places, Program as Model};
use tollgate_runtime::bundle::Section;
use tollgate_runtime::bundle::records as r;
use tollgate_runtime::bundle::wire::Range;

use super::assemble::Assembler;
use super::deployment::slots;
use super::image::ImageWriter;
use crate::ir::{Bundle, Side};
use crate::lower::short_id;

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
    let number =
        |index: usize| u16::try_from(index).map_err(|_| "more APIs than 65535".to_string());
    for stage in &bundle.edge.stages {
        let (constants, variables) = side(&mut image, &stage.stage);
        let (canary_constants, canary_variables) = match &stage.canary {
            Some(canary) => side(&mut image, &canary.side),
            None => (constants, variables),
        };
        let flag = |on: bool, bit: u8| if on { bit } else { 0 };
        let canary = stage.canary.as_ref();
        let record = r::Stage {
            name: image.text(&stage.name),
            deployment: number(stage.deployment)?,
            canary: number(canary.map_or(stage.deployment, |c| c.deployment))?,
            share: canary.map_or(0, |c| c.share),
            flags: flag(canary.is_some(), 1)
                | flag(canary.is_some_and(|c| c.shares_cache), 2)
                | flag(stage.tracing, 4),
            constants,
            canary_constants,
            variables,
            canary_variables,
            settings: Range::NONE,
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

fn side(image: &mut ImageWriter, side: &Side) -> (Range, Range) {
    let constants: Vec<_> = side.constants.iter().map(|text| image.text(text)).collect();
    let variables: Vec<_> = side
        .variables
        .iter()
        .map(|(name, value)| r::Variable {
            name: image.text(name),
            value: image.text(value),
        })
        .collect();
    (
        image.records(Section::Constants, constants),
        image.records(Section::Variables, variables),
    )
}

/// The places of statements, in the order of their ids.
pub(super) fn debug(model: &Model, statements: &[NodeId], places: &dyn Places) -> Vec<u8> {
    let mut image = ImageWriter::new();
    for node in statements {
        let place = r::Item {
            text: image.text(&places.file_line(*node)),
        };
        image.record(Section::Places, place);
    }
    for api in &model.apis {
        for route in &api.routes {
            let place = r::Variable {
                name: image.text(&format!("{} {}", api.name, route.key.display())),
                value: image.text(&places.file_line(route.node)),
            };
            image.record(Section::Variables, place);
        }
    }
    image.finish().unwrap_or_default()
}
