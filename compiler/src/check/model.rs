//! Models of bodies: JSON Schema as it is, or fields with types.

use tollgate_grammar::ast::Value;

use super::cx::Cx;
use super::operands::name_of;

impl<'a> Cx<'a> {
    /// The name of a declared model.
    pub(crate) fn model_name(&mut self, value: &'a Value) -> Option<String> {
        let Some(name) = name_of(value) else {
            return self.wrong_type(value, "the name of a model");
        };
        if self.names.models.get(name).is_none() {
            let span = self.span(value.id);
            let known = self.names.models.names();
            self.unknown_name("model", name, span, known);
            return None;
        }
        Some(name.to_owned())
    }
}
