//! Model → IR.
//!
//! What the reference decides when a definition is deployed is decided here: which headers may be mapped,
//! which verbs a function may be called with, which template belongs to which media type. What a stage decides
//! becomes a slot, filled when the edge image is made.

mod authorizer;
mod cel;
mod condition;
mod gateway_response;
mod integration;
mod model;
mod policy;
mod route;
mod source;
mod stage;
mod substitution;
mod template;

use std::collections::HashMap;
use std::fmt;

use tollgate_model::condition::{Condition, Expr};
use tollgate_model::text::{Piece, Text};
use tollgate_model::{NodeId, Program as Model};
use tollgate_runtime::behaviour::Switch;

use crate::ir;

pub(crate) use route::{in_order, short_id};

/// Something that the back end cannot express.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// What it is.
    pub message: String,
    /// Where it is.
    pub node: NodeId,
    /// Of a condition in CEL, the part of its text: first byte and one past the last.
    pub part: Option<(u32, u32)>,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Unsupported {}

/// What lowering collects on its way.
#[derive(Debug, Default)]
pub(crate) struct Lowering {
    pub(crate) errors: Vec<Unsupported>,
    pub(crate) statements: u32,
    /// Where each statement stands, by its id.
    pub(crate) statement_nodes: Vec<NodeId>,
    slots: Vec<Text>,
    /// The slots by what they say, for an API has as many as its routes have addresses.
    slot_numbers: HashMap<String, usize>,
    /// Whether the API in hand has media types that are bytes.
    binary: bool,
    /// Whether a body in hand may be bytes, which no template takes.
    bytes: bool,
    /// What the condition in hand has cost so far.
    cel_steps: u64,
    /// Where the text of the condition in hand stands.
    cel_node: NodeId,
    /// Whether `minItems` and `maxItems` hold.
    array_limits: bool,
    /// Models compiled so far, by name; `None`: it cannot be compiled, which was told.
    models: HashMap<String, Option<Vec<u8>>>,
}

impl Lowering {
    /// The switches that the program sets, by number.
    fn switches(&mut self, model: &Model) -> Vec<(u16, u32)> {
        let mut set = Vec::new();
        for (name, value) in &model.switches {
            let switch = Switch::named(name);
            match switch.and_then(|switch| Some((switch, switch.parse(value)?))) {
                Some((switch, value)) if value != switch.default_value() => {
                    set.push((switch as u16, value));
                }
                Some(_) => {}
                None => self.unsupported(
                    NodeId::default(),
                    format!("the behaviour `{name}` as `{value}`"),
                ),
            }
        }
        set.sort_unstable();
        self.array_limits = !set.contains(&(Switch::SchemaArrayLimits as u16, 1));
        set
    }

    fn unsupported(&mut self, node: NodeId, message: impl Into<String>) {
        self.errors.push(Unsupported {
            message: message.into(),
            node,
            part: None,
        });
    }

    /// The slot of a text that a stage fills. Equal texts share one.
    fn slot(&mut self, pieces: Vec<Piece>, node: NodeId) -> u16 {
        let says = format!("{pieces:?}");
        let index = match self.slot_numbers.get(&says) {
            Some(index) => *index,
            None => {
                let index = self.slots.len();
                self.slot_numbers.insert(says, index);
                self.slots.push(Text { pieces, node });
                index
            }
        };
        // The last number means "none".
        match u16::try_from(index) {
            Ok(index) if index < u16::MAX => index,
            _ => {
                self.unsupported(node, "more texts that a stage fills than 65534");
                0
            }
        }
    }
}

/// The whole model as IR, with where its statements stand; or what cannot be expressed, in the order of the
/// program.
pub(crate) fn lower(model: &Model) -> Result<(ir::Bundle, Vec<NodeId>), Vec<Unsupported>> {
    let mut lowering = Lowering::default();
    let switches = lowering.switches(model);
    let mut deployments = Vec::new();
    for api in &model.apis {
        deployments.push(lowering.deployment(model, api));
    }
    let edge = lowering.edge(model, &deployments);
    if lowering.errors.is_empty() {
        let behaviour = model.behaviour.as_deref().map_or(0, date);
        Ok((
            ir::Bundle {
                behaviour,
                switches,
                deployments,
                edge,
            },
            lowering.statement_nodes,
        ))
    } else {
        Err(lowering.errors)
    }
}

/// The parts of a condition that no bundle can carry out: what they are, and their places in its text.
pub(crate) fn refused(expression: &Expr) -> Vec<Unsupported> {
    let mut lowering = Lowering::default();
    lowering.condition(&Condition::Cel(expression.clone(), NodeId::default()));
    lowering.errors
}

/// `2026-11` as 202611.
fn date(text: &str) -> u32 {
    text.chars()
        .filter(char::is_ascii_digit)
        .collect::<String>()
        .parse()
        .unwrap_or(0)
}
