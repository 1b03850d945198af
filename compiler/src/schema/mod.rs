//! From a request model, JSON Schema draft 4, to the program that the runtime runs over a body.
//!
//! Every subschema that is used becomes one node, however often it is referred to, so recursive models are
//! cycles and not copies. References to other models are asked for by name.

mod java;
mod keywords;
mod references;

use std::collections::HashMap;

use serde_json::Value as Json;

use references::Documents;

/// A schema that cannot be compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaError {
    /// A JSON pointer to the keyword or subschema.
    pub pointer: String,
    /// What a person is told: lower case, no full stop, the schema's text in backticks.
    pub message: String,
}

/// What a schema is compiled with.
pub struct SchemaOptions<'o> {
    /// Finds the schema behind a reference that leads out of the document, such as `#/models/Pet`.
    pub resolve: &'o dyn Fn(&str) -> Option<Json>,
    /// Whether `minItems` and `maxItems` hold: `schema.array-limits`.
    pub array_limits: bool,
}

impl Default for SchemaOptions<'_> {
    fn default() -> Self {
        SchemaOptions {
            resolve: &|_| None,
            array_limits: true,
        }
    }
}

/// Compiles a schema.
///
/// # Errors
/// Everything wrong with it: keywords with values of a wrong type, references that lead nowhere, patterns
/// that need backtracking.
pub fn compile(schema: &Json, options: &SchemaOptions<'_>) -> Result<Vec<u8>, Vec<SchemaError>> {
    let mut compiler = Compiler {
        documents: Documents::new(schema.clone()),
        options,
        nodes: HashMap::new(),
        queue: Vec::new(),
        offsets: Vec::new(),
        code: Vec::new(),
        patches: Vec::new(),
        errors: Vec::new(),
    };
    compiler.node(Place {
        document: 0,
        pointer: String::new(),
    });
    let mut done = 0;
    while let Some(place) = compiler.queue.get(done).cloned() {
        compiler.offsets.push(compiler.code.len() as u32);
        compiler.compile_node(&place);
        compiler.code.push(0);
        done += 1;
    }
    for (at, node) in std::mem::take(&mut compiler.patches) {
        let offset = compiler.offsets.get(node).copied().unwrap_or(u32::MAX);
        if let Some(slot) = compiler.code.get_mut(at..at + 4) {
            slot.copy_from_slice(&offset.to_le_bytes());
        }
    }
    if compiler.errors.is_empty() {
        Ok(compiler.code)
    } else {
        Err(compiler.errors)
    }
}

/// A subschema: a document and a JSON pointer in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Place {
    document: usize,
    pointer: String,
}

impl Place {
    fn child(&self, token: &str) -> Place {
        let token = token.replace('~', "~0").replace('/', "~1");
        Place {
            document: self.document,
            pointer: format!("{}/{token}", self.pointer),
        }
    }
}

struct Compiler<'c> {
    documents: Documents,
    options: &'c SchemaOptions<'c>,
    nodes: HashMap<Place, usize>,
    /// Nodes in the order of their numbers; those behind the offsets are still to be compiled.
    queue: Vec<Place>,
    offsets: Vec<u32>,
    code: Vec<u8>,
    /// Places in the code that hold a node's number and want its offset.
    patches: Vec<(usize, usize)>,
    errors: Vec<SchemaError>,
}

impl Compiler<'_> {
    fn error(&mut self, place: &Place, message: impl Into<String>) {
        self.errors.push(SchemaError {
            pointer: place.pointer.clone(),
            message: message.into(),
        });
    }

    /// The number of a subschema, which is compiled later if it was not yet.
    fn node(&mut self, place: Place) -> usize {
        if let Some(known) = self.nodes.get(&place) {
            return *known;
        }
        let number = self.queue.len();
        self.nodes.insert(place.clone(), number);
        self.queue.push(place);
        number
    }

    /// Writes the offset of a subschema, once it is known.
    fn put_node(&mut self, place: Place) {
        let node = self.node(place);
        self.patches.push((self.code.len(), node));
        self.code.extend_from_slice(&[0; 4]);
    }
}
