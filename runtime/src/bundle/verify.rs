//! Verification: one check per section, O(size) together.
//!
//! It finds a damaged or ill-made bundle early and says where. Nothing else relies on it.

use alloc::collections::BTreeSet;

use super::container::Refused;
use super::image::{Image, SECTIONS, Section, TABLE};
use super::records as r;
use super::wire::{Blob, Bounds, Field, record};
use crate::isa::Op;
use crate::vtl::Program;

pub(super) fn image(image: Image<'_>, kind: u8, base: u32) -> Result<(), Refused> {
    if image.is_cut_off() {
        return Err(Refused::new(base, "the section table is cut off"));
    }
    for (section, ..) in SECTIONS {
        let range = image.range(*section);
        if range.len > 0 && ((range.off as usize) < TABLE || image.section(*section).is_empty()) {
            return Err(Refused::new(
                base.saturating_add(range.off),
                "a section lies outside the image",
            ));
        }
    }
    let len = |s| image.range(s).len;
    let slots = match kind {
        1 => image
            .record::<r::Api>(Section::Api, 0)
            .map_or(0, |api| api.slot_count),
        // The edge image is compiled with its constants in place.
        _ => 0,
    };
    let bounds = Bounds {
        strings: len(Section::Strings),
        tables: len(Section::Tables),
        code: len(Section::Code),
        slots,
        at: None,
    };
    let check = Check {
        image,
        base,
        bounds,
    };
    check.code()?;
    check.records::<r::Api>(Section::Api)?;
    check.nodes()?;
    check.edges()?;
    check.records::<u32>(Section::NodeRoutes)?;
    check.records::<r::Route>(Section::Routes)?;
    check.records::<r::Parameter>(Section::Parameters)?;
    check.records::<r::Integration>(Section::Integrations)?;
    check.records::<r::Response>(Section::Responses)?;
    check.records::<u16>(Section::Numbers)?;
    check.records::<r::GatewayResponse>(Section::GatewayResponses)?;
    check.records::<r::Item>(Section::Lists)?;
    check.records::<r::Authorizer>(Section::Authorizers)?;
    check.models()?;
    check.records::<r::SwitchValue>(Section::Behaviour)?;
    check.records::<r::Deployment>(Section::Deployments)?;
    check.records::<r::Stage>(Section::Stages)?;
    check.records::<super::wire::Str>(Section::Constants)?;
    check.records::<r::Variable>(Section::Variables)?;
    check.records::<r::Setting>(Section::Settings)?;
    check.records::<u32>(Section::RouteSettings)?;
    check.records::<r::Account>(Section::Account)?;
    check.records::<r::Plan>(Section::Plans)?;
    check.records::<r::Key>(Section::Keys)?;
    check.records::<u32>(Section::KeyPlans)
}

struct Check<'b> {
    image: Image<'b>,
    base: u32,
    bounds: Bounds,
}

impl Check<'_> {
    fn refuse(&self, section: Section, at: u32, reason: &'static str) -> Refused {
        let off = self.image.range(section).off;
        Refused::new(self.base.saturating_add(off).saturating_add(at), reason)
    }

    fn records<F: Field>(&self, section: Section) -> Result<(), Refused> {
        let bytes = self.image.section(section);
        let (size, mut at) = (F::SIZE.max(1), 0u32);
        let records = bytes.chunks_exact(size);
        if !records.remainder().is_empty() {
            return Err(self.refuse(
                section,
                0,
                "the section's length is not a multiple of its records'",
            ));
        }
        for chunk in records {
            let Some(record) = F::get(chunk) else {
                return Err(self.refuse(section, at, "a record that cannot be read"));
            };
            record
                .check(&self.bounds)
                .map_err(|flaw| self.refuse(section, at, flaw))?;
            at = at.saturating_add(size as u32);
        }
        Ok(())
    }

    fn code(&self) -> Result<(), Refused> {
        let code = self.image.section(Section::Code);
        let mut at = 0;
        let mut last = None;
        let mut verified = BTreeSet::new();
        while at < code.len() {
            let here = at as u32;
            let (op, next) = Op::decode(code, at)
                .ok_or_else(|| self.refuse(Section::Code, here, "no instruction is here"))?;
            let bounds = Bounds {
                at: Some(here),
                ..self.bounds
            };
            op.check(&bounds)
                .map_err(|flaw| self.refuse(Section::Code, here, flaw))?;
            if let Op::Index { table } = op
                && !crate::policy::Index::verify(self.image.bytes(table), at, code.len())
            {
                return Err(self.refuse(Section::Code, here, "an index that leads elsewhere"));
            }
            // Routes share templates.
            if let Op::Template { program } = op
                && verified.insert(program.off)
                && !self.template(program)
            {
                return Err(self.refuse(Section::Code, here, "a template that cannot be run"));
            }
            last = Some(op);
            at = next;
        }
        match last {
            None | Some(Op::End {} | Op::Fail { .. }) => Ok(()),
            Some(_) => Err(self.refuse(
                Section::Code,
                code.len() as u32,
                "the last program does not end",
            )),
        }
    }

    /// Whether a template can be run. An empty one is a text that could not be read: it fails when it is asked for.
    fn template(&self, program: Blob) -> bool {
        let bytes = self.image.bytes(program);
        bytes.is_empty() || Program::open(bytes, 0).is_ok_and(|program| program.verify().is_ok())
    }

    fn models(&self) -> Result<(), Refused> {
        self.records::<r::Model>(Section::Models)?;
        let bytes = self.image.section(Section::Models);
        let mut verified: Option<Blob> = None;
        for (i, chunk) in bytes.chunks_exact(r::Model::SIZE).enumerate() {
            let Some(model) = r::Model::get(chunk) else {
                break;
            };
            // Routes of one model stand together often.
            if verified != Some(model.schema)
                && !crate::schema::verify(self.image.bytes(model.schema))
            {
                let at = (i * r::Model::SIZE) as u32;
                return Err(self.refuse(Section::Models, at, "a model that cannot be read"));
            }
            verified = Some(model.schema);
        }
        Ok(())
    }

    fn nodes(&self) -> Result<(), Refused> {
        self.records::<r::Node>(Section::Nodes)?;
        let nodes = self.image.section(Section::Nodes);
        let count = (nodes.len() / r::Node::SIZE) as u32;
        let routes = (self.image.section(Section::NodeRoutes).len() / 4) as u32;
        for i in 0..count {
            let Some(node) = record::<r::Node>(nodes, i) else {
                break;
            };
            let at = i * r::Node::SIZE as u32;
            // Children come after their parent, so that no walk can go round.
            for child in [node.parameter, node.greedy] {
                if child != u32::MAX && (child <= i || child >= count) {
                    return Err(self.refuse(
                        Section::Nodes,
                        at,
                        "a child does not come after its parent",
                    ));
                }
            }
            if node
                .routes
                .checked_add(node.verbs.count_ones())
                .is_none_or(|end| end > routes)
            {
                return Err(self.refuse(
                    Section::Nodes,
                    at,
                    "routes of a node lie outside their section",
                ));
            }
        }
        Ok(())
    }

    fn edges(&self) -> Result<(), Refused> {
        self.records::<r::Edge>(Section::Edges)?;
        let edges = self.image.section(Section::Edges);
        let slots = edges.len() / r::Edge::SIZE;
        if slots > 0 && !slots.is_power_of_two() {
            return Err(self.refuse(
                Section::Edges,
                0,
                "the table of literal children is not a power of two",
            ));
        }
        let mut free = 0;
        for (i, chunk) in edges.chunks_exact(r::Edge::SIZE).enumerate() {
            let Some(edge) = r::Edge::get(chunk) else {
                break;
            };
            if edge.parent == u32::MAX {
                free += 1;
            } else if edge.child <= edge.parent {
                let at = (i * r::Edge::SIZE) as u32;
                return Err(self.refuse(
                    Section::Edges,
                    at,
                    "a child does not come after its parent",
                ));
            }
        }
        if slots > 0 && free == 0 {
            return Err(self.refuse(
                Section::Edges,
                0,
                "the table of literal children has no free place",
            ));
        }
        Ok(())
    }
}
