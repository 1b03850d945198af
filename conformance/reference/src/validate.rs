//! Validation of a request: parameters first, then the body.

use serde_json::{Value as Json, json};
use tollgate_model::api::{GatewayResponseType, ParameterPlace, Route};

use crate::exchange::{Event, Phase, Recorder};
use crate::headers;
use crate::mapping::query_values;
use crate::media;
use crate::refusal::{Detail, Refusal};
use crate::state::State;
use crate::violations::violations;

/// What the route's validator asks for.
pub(crate) fn validate(
    state: &State<'_>,
    route: &Route,
    recorder: &mut dyn Recorder,
) -> Result<(), Refusal> {
    if route.validate.parameters {
        parameters(state, route)?;
    }
    if route.validate.body {
        body(state, route)?;
    }
    if route.validate.parameters || route.validate.body {
        recorder.record(Event::Passed {
            phase: Phase::Validate,
            finding: "valid".into(),
            node: None,
        });
    }
    Ok(())
}

/// Required parameters that are missing or blank, headers before path before query string,
/// each sorted by name.
fn parameters(state: &State<'_>, route: &Route) -> Result<(), Refusal> {
    let given = |place: ParameterPlace, name: &str| -> bool {
        let value = match place {
            ParameterPlace::Header => headers::values(&state.headers, name)
                .last()
                .map(|value| (*value).to_owned()),
            ParameterPlace::Path => state
                .path_parameters
                .iter()
                .find(|(n, _)| n == name)
                .map(|(_, value)| value.clone()),
            ParameterPlace::Query => query_values(state, name).pop(),
        };
        value.is_some_and(|value| !value.trim().is_empty())
    };
    let mut missing: Vec<(ParameterPlace, &str)> = route
        .parameters
        .iter()
        .filter(|parameter| parameter.required && !given(parameter.place, &parameter.name))
        .map(|parameter| (parameter.place, parameter.name.as_str()))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    missing.sort_unstable();
    let names: Vec<&str> = missing.iter().map(|(_, name)| *name).collect();
    let list = format!("[{}]", names.join(", "));
    let mut refusal = Refusal::new(
        Phase::Validate,
        GatewayResponseType::BadRequestParameters,
        format!("required parameters are missing: {list}"),
    )
    .message(format!("Missing required request parameters: {list}"));
    refusal.detail = Some(Detail::Validation(names.join(", ")));
    Err(refusal.at(route.node))
}

/// The body must fit the model of its type; without a model it is not looked at, nor if its
/// type is bytes.
fn body(state: &State<'_>, route: &Route) -> Result<(), Refusal> {
    let kind = state
        .request
        .header("content-type")
        .map_or_else(|| "application/json".to_owned(), media::first);
    // Bytes are not looked at: the specification's own choice.
    if media::is_binary(&state.api.binary, state.request.header("content-type")) {
        return Ok(());
    }
    let find = |wanted: &str| {
        route
            .body
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(wanted))
            .map(|(_, model)| model)
    };
    let Some(model) = find(&kind).or_else(|| find("$default")) else {
        return Ok(());
    };
    let refused = |reason: String, detail: String| {
        let mut refusal =
            Refusal::new(Phase::Validate, GatewayResponseType::BadRequestBody, reason);
        refusal.detail = Some(Detail::Validation(detail));
        Err(refusal.at(route.node))
    };
    // An empty body counts as an empty object.
    let text: &[u8] = if state.body.is_empty() {
        b"{}"
    } else {
        &state.body
    };
    let Ok(document) = serde_json::from_slice::<Json>(text) else {
        return refused(
            "the body is no JSON".into(),
            "[Unknown error parsing request body]".into(),
        );
    };
    let schema = schema(state, model);
    match accepts(&schema, &document) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => refused(
            format!("the body does not fit the model `{model}`"),
            violations(
                &schema,
                &schema["models"][model],
                &String::from_utf8_lossy(text),
            ),
        ),
        Err(reason) => refused(
            format!("the model `{model}` cannot be used: {reason}"),
            "[]".into(),
        ),
    }
}

/// A model's schema as one document: every model of the program under `models`.
fn schema(state: &State<'_>, model: &str) -> Json {
    let models: serde_json::Map<String, Json> = state
        .program
        .models
        .iter()
        .filter_map(|model| {
            Some((
                model.name.clone(),
                serde_json::from_str(&model.schema).ok()?,
            ))
        })
        .collect();
    json!({"allOf": [{"$ref": format!("#/models/{model}")}], "models": models})
}

/// Whether a document fits a schema of draft 4, and what does not.
///
/// # Errors
///
/// The schema is none.
pub fn accepts(schema: &Json, document: &Json) -> Result<Result<(), Vec<String>>, String> {
    let validator = jsonschema::options()
        .with_draft(jsonschema::Draft::Draft4)
        .should_validate_formats(true)
        .build(schema)
        .map_err(|error| error.to_string())?;
    let errors: Vec<String> = validator
        .iter_errors(document)
        .map(|error| error.to_string())
        .collect();
    Ok(if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_refer_to_each_other() {
        let schema = json!({
            "allOf": [{"$ref": "#/models/Person"}],
            "models": {
                "Person": {
                    "$schema": "http://json-schema.org/draft-04/schema#",
                    "type": "object",
                    "required": ["name"],
                    "properties": {"house": {"$ref": "#/models/House"}},
                },
                "House": {"type": "object", "properties": {"of": {"$ref": "#/models/Person"}}},
            },
        });
        let fits = |document: Json| accepts(&schema, &document).map(|result| result.is_ok());
        assert_eq!(
            fits(json!({"name": "a", "house": {"of": {"name": "b"}}})),
            Ok(true)
        );
        assert_eq!(fits(json!({"name": "a", "house": {"of": {}}})), Ok(false));
    }
}
