//! Running the mapping templates of an integration.

use tollgate_model::integration::Template;

use crate::exchange::Phase;
use crate::refusal::Refusal;
use crate::state::State;
use crate::value::Value;
use crate::vtl::{self, Failure, Host};

/// On which way a template runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Towards the backend.
    Request,
    /// Towards the client.
    Response,
}

/// The output of a template over a payload. Overrides are left in `$context`.
pub(crate) fn run(
    template: &Template,
    state: &State<'_>,
    side: Side,
    body: &str,
) -> Result<String, Refusal> {
    let text = match &template.pieces {
        Some(pieces) => state.fill(pieces),
        None => template.text.clone(),
    };
    let host = Host {
        body: body.to_owned(),
        params: parameters(state),
        context: state.context.clone(),
        stage_variables: Value::map(
            state
                .variables
                .iter()
                .map(|(name, value)| (name, Value::text(value))),
        ),
        variables: Vec::new(),
    };
    // Blanks around a template are no part of it.
    let rendered = vtl::render(text.trim(), &host).map(|rendered| rendered.text);
    rendered.map_err(|failure| {
        let phase = match side {
            Side::Request => Phase::IntegrationRequest,
            Side::Response => Phase::IntegrationResponse,
        };
        let reason = match failure {
            Failure::Parse(message) => format!("the template cannot be read: {message}"),
            Failure::Runtime(message) => format!("the template fails: {message}"),
        };
        Refusal::new(
            phase,
            tollgate_model::api::GatewayResponseType::Default5xx,
            reason,
        )
        .at(template.node)
    })
}

/// `$input.params()`: of repeated names the last value.
fn parameters(state: &State<'_>) -> Value {
    let map = |pairs: &[(String, String)]| {
        Value::map(pairs.iter().map(|(name, value)| (name, Value::text(value))))
    };
    Value::map([
        ("path", map(&state.path_parameters)),
        ("querystring", map(&state.target.query)),
        ("header", map(&state.headers)),
    ])
}
