//! Expressions of CEL: read, checked and encoded by the compiler as conditions are, and evaluated by the runtime's
//! evaluator. What a host binds is a value known by then.

use serde_json::{Value as Json, json};
use tollgate_compiler::cel::{self, Constant, Failure, Host};
use tollgate_model::condition::Expr;

use crate::engines::{CelInput, CelOutput};
use crate::verdict::Missing;

pub(super) fn evaluate(input: &CelInput) -> Result<CelOutput, Missing> {
    let bound = bound(input)?;
    let expression = match read(input, &bound)? {
        Ok(expression) => expression,
        Err(why) => return Ok(CelOutput::Error(why)),
    };
    match cel::evaluate(&expression, &bound) {
        Ok(value) => tagged(&value).map(CelOutput::Value),
        Err(Failure::Error(why)) => Ok(CelOutput::Error(why.to_owned())),
        Err(Failure::Request) => Err(Missing("CEL: what a request says".into())),
    }
}

/// Reads and checks an expression, as those of conditions; why it is none.
pub(crate) fn read(
    input: &CelInput,
    bound: &[(String, Constant)],
) -> Result<Result<Expr, String>, Missing> {
    let host = Host {
        bound,
        container: &input.container,
        is_checked: !input.is_unchecked,
    };
    match cel::expression(&input.expression, host) {
        Ok(expression) => Ok(Ok(expression)),
        Err(refusal) if refusal.is_unsupported => Err(Missing(format!(
            "CEL: {} is not carried out",
            refusal.message
        ))),
        Err(refusal) => Ok(Err(refusal.message)),
    }
}

/// The names that a host binds, with their values.
pub(crate) fn bound(input: &CelInput) -> Result<Vec<(String, Constant)>, Missing> {
    input
        .bound
        .iter()
        .map(|(name, value)| Ok((name.clone(), constant(value)?)))
        .collect()
}

/// The value that a tagged one is.
fn constant(value: &Json) -> Result<Constant, Missing> {
    let missing = || Missing(format!("CEL: a variable with the value {value}"));
    let (tag, inner) = value
        .as_object()
        .and_then(|members| members.iter().next())
        .ok_or_else(missing)?;
    let text = || inner.as_str().ok_or_else(missing);
    let items = || inner.as_array().ok_or_else(missing);
    Ok(match tag.as_str() {
        "null" => Constant::Null,
        "bool" => Constant::Bool(inner.as_bool().ok_or_else(missing)?),
        "int" => Constant::Int(text()?.parse().map_err(|_| missing())?),
        "uint" => Constant::Uint(text()?.parse().map_err(|_| missing())?),
        "double" => Constant::Double(text()?.parse().map_err(|_| missing())?),
        "string" => Constant::Text(text()?.to_owned()),
        "bytes_base64" => Constant::Bytes(crate::bytes::decode(text()?).ok_or_else(missing)?),
        "list" => Constant::List(items()?.iter().map(constant).collect::<Result<_, _>>()?),
        "map" => {
            let entry = |pair: &Json| Ok((constant(&pair[0])?, constant(&pair[1])?));
            Constant::Map(items()?.iter().map(entry).collect::<Result<_, Missing>>()?)
        }
        _ => return Err(missing()),
    })
}

fn tagged(value: &Constant) -> Result<Json, Missing> {
    let moment = |ns: i128| {
        json!({
            "seconds": ns.div_euclid(1_000_000_000).to_string(),
            "nanos": ns.rem_euclid(1_000_000_000),
        })
    };
    Ok(match value {
        Constant::Null => json!({"null": null}),
        Constant::Bool(value) => json!({ "bool": value }),
        Constant::Int(value) => json!({"int": value.to_string()}),
        Constant::Uint(value) => json!({"uint": value.to_string()}),
        Constant::Double(value) => json!({"double": double(*value)}),
        Constant::Text(text) => json!({ "string": text }),
        Constant::Bytes(bytes) => json!({"bytes_base64": crate::bytes::encode(bytes)}),
        Constant::Type(name) => json!({ "type": name }),
        Constant::List(items) => {
            json!({"list": items.iter().map(tagged).collect::<Result<Vec<_>, _>>()?})
        }
        Constant::Map(entries) => {
            let entry =
                |(key, value): &(Constant, Constant)| Ok(json!([tagged(key)?, tagged(value)?]));
            json!({"map": entries.iter().map(entry).collect::<Result<Vec<_>, Missing>>()?})
        }
        Constant::Time(ns) => json!({ "timestamp": moment(*ns) }),
        Constant::Duration(ns) => json!({"duration": {
            "seconds": (ns / 1_000_000_000).to_string(),
            "nanos": ns % 1_000_000_000,
        }}),
        other => {
            return Err(Missing(format!(
                "CEL: a result of the type {}",
                other.type_name()
            )));
        }
    })
}

/// A double as the suite of CEL writes it.
pub(crate) fn double(value: f64) -> String {
    if value.is_nan() {
        "NaN".into()
    } else if value.is_infinite() {
        if value > 0.0 { "Infinity" } else { "-Infinity" }.into()
    } else {
        format!("{value:?}")
    }
}
