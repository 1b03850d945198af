//! Request models, compiled once however many routes check bodies against them.

use tollgate_model::Program as Model;
use tollgate_model::api::Route;

use super::Lowering;
use crate::schema::{self, SchemaOptions};

impl Lowering {
    /// The compiled models of a route that checks bodies, by media type.
    pub(super) fn models(&mut self, model: &Model, route: &Route) -> Vec<(String, Vec<u8>)> {
        if !route.validate.body {
            return Vec::new();
        }
        let mut models = Vec::new();
        for (media, name) in &route.body {
            match self.models.get(name) {
                Some(known) => models.extend(known.clone().map(|code| (media.clone(), code))),
                None => {
                    let code = self.compile_model(model, route, name);
                    self.models.insert(name.clone(), code.clone());
                    models.extend(code.map(|code| (media.clone(), code)));
                }
            }
        }
        models
    }

    fn compile_model(&mut self, program: &Model, route: &Route, name: &str) -> Option<Vec<u8>> {
        let document = |name: &str| {
            let model = program.model(name)?;
            serde_json::from_str(&model.schema).ok()
        };
        let (Some(found), Some(text)) = (program.model(name), document(name)) else {
            // Letting a body through that was to be checked would be worse than no bundle.
            self.unsupported(route.node, format!("the model `{name}`, which is no JSON"));
            return None;
        };
        let options = SchemaOptions {
            resolve: &|reference| document(name_of(reference)?),
            array_limits: self.array_limits,
        };
        match schema::compile(&text, &options) {
            Ok(code) => Some(code),
            Err(errors) => {
                for error in errors {
                    let place = if error.pointer.is_empty() {
                        String::new()
                    } else {
                        format!(" at `{}`", error.pointer)
                    };
                    let message = format!("the model `{name}`{place}: {}", error.message);
                    self.unsupported(found.node, message);
                }
                None
            }
        }
    }
}

/// The model that a reference names: `#/models/NAME`, or the reference's URL of it.
fn name_of(reference: &str) -> Option<&str> {
    let name = match reference.strip_prefix("#/models/") {
        Some(name) => name,
        None => reference.rsplit_once("/models/")?.1,
    };
    name.split('#').next().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_name_models() {
        for (reference, want) in [
            ("#/models/Pet", Some("Pet")),
            (
                "https://apigateway.amazonaws.com/restapis/abc/models/Pet",
                Some("Pet"),
            ),
            ("#/definitions/Pet", None),
            ("#/models/", None),
        ] {
            assert_eq!(name_of(reference), want, "{reference}");
        }
    }
}
