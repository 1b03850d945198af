//! Everything that a body does not fit, as the reference's validator lists it.
//!
//! That is json-schema-validator 2.2 (java-json-tools), draft 4, as it is by default: `ValidatorBuilder` keeps the
//! keywords of a schema in a `TreeMap`, `FormatProcessor` appends `format`, and `InstanceValidator` goes on to the
//! children, members in the order of their names, unless the report has a failure already. The texts are those of
//! its `validation.properties`, the numbers those of its decimals without trailing zeros.

use num_bigint::BigInt;
use num_traits::Zero;
use serde_json::{Map, Value as Json};

use crate::json::{self, to_serde};
use crate::number::{Number, parse_decimal, print_decimal};
use crate::value::{Key, Value};

/// Entries that are listed at most.
const ENTRIES: usize = 100;

/// Bytes of a whole list at most, without its last bracket.
const BYTES: usize = 64 * 1024;

/// Schemas inside each other at most.
const DEPTH: usize = 200;

/// The list, in brackets, of what `text` does not fit of a schema; `$ref` is looked up in `root`.
pub fn violations(root: &Json, schema: &Json, text: &str) -> String {
    let mut list = List {
        root,
        entries: Vec::new(),
    };
    if let Some(value) = json::read(text) {
        list.schema(schema, &value, 0);
    }
    let mut told = String::from("[");
    for (at, entry) in list.entries.iter().take(ENTRIES).enumerate() {
        let comma = if at > 0 { ", " } else { "" };
        if told.len() + comma.len() + entry.len() > BYTES {
            break;
        }
        told.push_str(comma);
        told.push_str(entry);
    }
    told + "]"
}

struct List<'l> {
    root: &'l Json,
    entries: Vec<String>,
}

impl<'l> List<'l> {
    fn schema(&mut self, schema: &'l Json, value: &Value, depth: usize) {
        let Some(keywords) = schema.as_object().filter(|_| depth <= DEPTH) else {
            return;
        };
        if let Some(reference) = keywords.get("$ref").and_then(Json::as_str) {
            if let Some(found) = self.root.pointer(reference.trim_start_matches('#')) {
                self.schema(found, value, depth + 1);
            }
            return;
        }
        let mut names: Vec<&String> = keywords.keys().collect();
        names.sort();
        for name in names.iter().filter(|name| **name != "format") {
            self.keyword(name, keywords, value, depth);
        }
        self.keyword("format", keywords, value, depth);
        if self.entries.is_empty() {
            self.children(keywords, value, depth);
        }
    }

    fn keyword(
        &mut self,
        name: &str,
        keywords: &'l Map<String, Json>,
        value: &Value,
        depth: usize,
    ) {
        let Some(argument) = keywords.get(name) else {
            return;
        };
        let told = match value {
            Value::List(list) => array(name, argument, keywords, list.items.borrow().len()),
            Value::Map(_) if name == "dependencies" => {
                return self.dependencies(argument, value, depth);
            }
            Value::Map(_) => self.object(name, argument, keywords, value),
            Value::Text(text) => string(name, argument, text),
            Value::Number(number) => numeric(name, argument, number),
            _ => None,
        };
        let told = told.or_else(|| match name {
            "type" => Some(typed(argument, value)),
            "enum" => Some(format!(
                "instance value ({}) not found in enum (possible values: {})",
                jackson(value),
                jackson_of(argument)
            )),
            "uniqueItems" => Some("array must not contain duplicate elements".into()),
            "not" => Some("instance matched a schema which it should not have".into()),
            "allOf" | "anyOf" | "oneOf" => {
                let schemas = argument.as_array()?;
                let of = schemas.len();
                let fitting = schemas.iter().filter(|one| self.fits(one, value)).count();
                Some(match name {
                    "allOf" => format!(
                        "instance failed to match all required schemas (matched only {fitting} out of {of})"
                    ),
                    "anyOf" => {
                        format!("instance failed to match at least one required schema among {of}")
                    }
                    _ => format!(
                        "instance failed to match exactly one schema (matched {fitting} out of {of})"
                    ),
                })
            }
            _ => None,
        });
        // Whether it holds is for the validator to say, of this keyword and what belongs to it.
        if let Some(told) = told
            && !self.fits(&alone(name, keywords), value)
        {
            self.entries.push(told);
        }
    }

    fn fits(&self, schema: &Json, value: &Value) -> bool {
        let mut whole = self.root.as_object().cloned().unwrap_or_default();
        whole.retain(|name, _| matches!(name.as_str(), "models" | "definitions"));
        whole.insert("allOf".into(), Json::Array(vec![schema.clone()]));
        matches!(
            crate::validate::accepts(&Json::Object(whole), &to_serde(value)),
            Ok(Ok(()))
        )
    }

    /// What a keyword for objects says of one that it refuses.
    fn object(
        &self,
        name: &str,
        argument: &Json,
        keywords: &Map<String, Json>,
        value: &Value,
    ) -> Option<String> {
        let found = members(value).len();
        match name {
            "minProperties" => Some(format!(
                "object has too few properties (found {found} but schema requires at least {argument})"
            )),
            "maxProperties" => Some(format!(
                "object has too many properties (found {found} but schema requires at most {argument})"
            )),
            "required" => Some(format!(
                "object has missing required properties ({})",
                texts(without(argument, value))
            )),
            "additionalProperties" => {
                let extra = members(value)
                    .into_iter()
                    .map(|(member, _)| member)
                    .filter(|member| {
                        let one = Value::map([(member.as_str(), Value::Null)]);
                        !self.fits(&alone(name, keywords), &one)
                    })
                    .collect();
                Some(format!(
                    "object instance has properties which are not allowed by the schema: {}",
                    texts(extra)
                ))
                .filter(|_| argument == &Json::Bool(false))
            }
            _ => None,
        }
    }

    /// Those on names, in a `HashMap`'s order, then those on schemas, in the order of their names.
    fn dependencies(&mut self, argument: &'l Json, value: &Value, depth: usize) {
        let Some(dependencies) = argument.as_object() else {
            return;
        };
        let has = |name: &str| value.member(name).is_some();
        let on_names = dependencies.iter().filter(|(_, of)| of.is_array());
        for name in hash_order(on_names.map(|(name, _)| name.as_str()).collect()) {
            let others = &dependencies[name];
            let missing = without(others, value);
            if has(name) && !missing.is_empty() {
                self.entries.push(format!(
                    "property \"{name}\" of object has missing property dependencies (schema requires {}; missing: {})",
                    texts(names_of(others)),
                    texts(missing)
                ));
            }
        }
        let mut on_schemas: Vec<(&String, &Json)> = dependencies
            .iter()
            .filter(|(name, of)| of.is_object() && has(name))
            .collect();
        on_schemas.sort_by_key(|(name, _)| units(name));
        for (_, schema) in on_schemas {
            self.schema(schema, value, depth + 1);
        }
    }

    fn children(&mut self, keywords: &'l Map<String, Json>, value: &Value, depth: usize) {
        match value {
            Value::List(list) => {
                for (at, item) in list.items.borrow().iter().enumerate() {
                    let schema = match keywords.get("items") {
                        Some(Json::Array(schemas)) => {
                            schemas.get(at).or_else(|| keywords.get("additionalItems"))
                        }
                        one => one,
                    };
                    if let Some(schema) = schema {
                        self.schema(schema, item, depth + 1);
                    }
                }
            }
            Value::Map(_) => {
                let part = |name: &str| keywords.get(name).and_then(Json::as_object);
                let patterns = part("patternProperties");
                let mut sorted: Vec<&String> = patterns.into_iter().flat_map(Map::keys).collect();
                sorted.sort_by_key(|pattern| units(pattern));
                for (name, member) in members(value) {
                    let named = part("properties").and_then(|named| named.get(&name));
                    let mut schemas: Vec<&Json> = named.into_iter().collect();
                    for pattern in &sorted {
                        let only = serde_json::json!({"pattern": pattern});
                        if self.fits(&only, &Value::text(&name)) {
                            schemas.extend(patterns.and_then(|all| all.get(*pattern)));
                        }
                    }
                    if schemas.is_empty() {
                        schemas.extend(keywords.get("additionalProperties"));
                    }
                    for schema in schemas {
                        self.schema(schema, &member, depth + 1);
                    }
                }
            }
            _ => {}
        }
    }
}

/// A keyword with the ones that it means something with.
fn alone(name: &str, keywords: &Map<String, Json>) -> Json {
    let beside: &[&str] = match name {
        "minimum" => &["exclusiveMinimum"],
        "maximum" => &["exclusiveMaximum"],
        "additionalItems" => &["items"],
        "additionalProperties" => &["properties", "patternProperties"],
        _ => &[],
    };
    keywords
        .iter()
        .filter(|(own, _)| *own == name || beside.contains(&own.as_str()))
        .map(|(name, argument)| {
            // Nothing but their number and names matters.
            let argument = match (argument, name.as_str()) {
                (Json::Array(items), "items") => {
                    Json::Array(vec![Json::Object(Map::new()); items.len()])
                }
                (Json::Object(members), "properties" | "patternProperties") => members
                    .keys()
                    .map(|name| (name.clone(), Json::Object(Map::new())))
                    .collect::<Map<_, _>>()
                    .into(),
                (argument, _) => argument.clone(),
            };
            (name.clone(), argument)
        })
        .collect::<Map<_, _>>()
        .into()
}

fn typed(argument: &Json, value: &Value) -> String {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.to_big().is_some() => "integer",
        Value::Number(_) => "number",
        Value::Text(_) => "string",
        Value::List(_) => "array",
        _ => "object",
    };
    let mut allowed: Vec<String> = match argument {
        Json::String(one) => vec![one.clone()],
        many => names_of(many),
    };
    if allowed.iter().any(|name| name == "number") {
        allowed.push("integer".into());
    }
    allowed.sort();
    allowed.dedup();
    format!(
        "instance type ({found}) does not match any allowed primitive type (allowed: {})",
        texts(allowed)
    )
}

fn array(
    name: &str,
    argument: &Json,
    keywords: &Map<String, Json>,
    found: usize,
) -> Option<String> {
    Some(match name {
        "minItems" => format!(
            "array is too short: must have at least {argument} elements but instance has {found} elements"
        ),
        "maxItems" => format!(
            "array is too long: must have at most {argument} elements but instance has {found} elements"
        ),
        "additionalItems" if argument == &Json::Bool(false) => {
            let allowed = keywords.get("items").and_then(Json::as_array)?.len();
            format!(
                "schema only allows {allowed} elements in array but instance has {found} elements"
            )
        }
        _ => return None,
    })
}

fn string(name: &str, argument: &Json, text: &str) -> Option<String> {
    let length = text.chars().count();
    Some(match (name, argument.as_str()) {
        ("minLength", _) => format!(
            "string \"{text}\" is too short (length: {length}, required minimum: {argument})"
        ),
        ("maxLength", _) => {
            format!("string \"{text}\" is too long (length: {length}, maximum allowed: {argument})")
        }
        ("pattern", Some(pattern)) => {
            format!("ECMA 262 regex \"{pattern}\" does not match input string \"{text}\"")
        }
        ("format", Some(format)) => {
            let what = match format {
                "date-time" => {
                    return Some(format!(
                        "string \"{text}\" is invalid against requested date format(s) [yyyy-MM-dd'T'HH:mm:ssZ, yyyy-MM-dd'T'HH:mm:ss.[0-9]{{1,12}}Z]"
                    ));
                }
                "email" => "email address",
                "hostname" => "hostname",
                "ipv4" => "IPv4 address",
                "ipv6" => "IPv6 address",
                "uri" => "URI",
                _ => return None,
            };
            format!("string \"{text}\" is not a valid {what}")
        }
        _ => return None,
    })
}

fn numeric(name: &str, argument: &Json, number: &Number) -> Option<String> {
    let limit = argument.as_number()?;
    // A limit that is whole is shown as such, however it is written.
    let shown = match limit.as_f64() {
        Some(whole) if whole.fract() == 0.0 && whole.abs() < 9e18 => format!("{whole:.0}"),
        _ => decimal(&Number::Double(limit.as_f64()?)),
    };
    let found = decimal(number);
    let at_the_limit = limit.as_f64() == Some(number.to_f64());
    Some(match name {
        "multipleOf" => format!("remainder of division is not zero ({found} / {shown})"),
        "minimum" if at_the_limit => {
            format!("numeric instance is not strictly greater than the required minimum {shown}")
        }
        "maximum" if at_the_limit => {
            format!("numeric instance is not strictly lower than the required maximum {shown}")
        }
        "minimum" => format!(
            "numeric instance is lower than the required minimum (minimum: {shown}, found: {found})"
        ),
        "maximum" => format!(
            "numeric instance is greater than the required maximum (maximum: {shown}, found: {found})"
        ),
        _ => return None,
    })
}

/// A number as a decimal without trailing zeros; whole ones as they are.
fn decimal(number: &Number) -> String {
    let parts = match number {
        Number::Double(_) => parse_decimal(&number.print()),
        Number::Decimal(unscaled, scale) => Some((unscaled.clone(), *scale)),
        _ => None,
    };
    let Some((mut unscaled, mut scale)) = parts else {
        return number.print();
    };
    if unscaled.is_zero() {
        return "0".into();
    }
    let ten = BigInt::from(10);
    while (&unscaled % &ten).is_zero() {
        unscaled /= &ten;
        scale -= 1;
    }
    print_decimal(&unscaled, scale)
}

/// A value as Jackson prints it.
fn jackson(value: &Value) -> String {
    match value {
        Value::Number(number) => decimal(number),
        Value::Text(text) => quote(text),
        Value::List(list) => {
            let items: Vec<String> = list.items.borrow().iter().map(jackson).collect();
            format!("[{}]", items.join(","))
        }
        Value::Map(map) => {
            let members: Vec<String> = map
                .entries
                .borrow()
                .iter()
                .map(|(name, member)| format!("{}:{}", quote(name.print()), jackson(member)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        plain => to_serde(plain).to_string(),
    }
}

fn jackson_of(value: &Json) -> String {
    jackson(&json::from_serde(value))
}

/// Controls, quotes and backslashes are escaped, nothing else.
fn quote(text: &str) -> String {
    let mut told = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => told.extend(['\\', c]),
            '\u{8}' => told += "\\b",
            '\t' => told += "\\t",
            '\n' => told += "\\n",
            '\u{c}' => told += "\\f",
            '\r' => told += "\\r",
            '\0'..='\u{1f}' => told += &format!("\\u{:04X}", u32::from(c)),
            c => told.push(c),
        }
    }
    told + "\""
}

fn names_of(names: &Json) -> Vec<String> {
    let names = names.as_array().into_iter().flatten();
    names.filter_map(Json::as_str).map(str::to_owned).collect()
}

/// Those of the names that an object lacks.
fn without(names: &Json, value: &Value) -> Vec<String> {
    let mut names = names_of(names);
    names.retain(|name| value.member(name).is_none());
    names
}

/// Texts in order, each once, as a list.
fn texts(mut names: Vec<String>) -> String {
    names.sort_by_key(|name| units(name));
    names.dedup();
    let names: Vec<String> = names.iter().map(|name| quote(name)).collect();
    format!("[{}]", names.join(","))
}

/// Java compares texts by these.
fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// The members of an object in the order of their names.
fn members(value: &Value) -> Vec<(String, Value)> {
    let Value::Map(map) = value else {
        return Vec::new();
    };
    let mut members: Vec<(String, Value)> = map
        .entries
        .borrow()
        .iter()
        .map(|(name, member): (&Key, &Value)| (name.print().to_owned(), member.clone()))
        .collect();
    members.sort_by_key(|(name, _)| units(name));
    members
}

/// The order in which a `HashMap` holds its keys: that of its table, which doubles past three quarters.
fn hash_order(names: Vec<&str>) -> Vec<&str> {
    let mut table: Vec<Vec<&str>> = vec![Vec::new(); 16];
    while names.len() > table.len() / 4 * 3 {
        table = vec![Vec::new(); table.len() * 2];
    }
    for name in names {
        let hash = units(name).into_iter().fold(0i32, |hash, unit| {
            hash.wrapping_mul(31).wrapping_add(i32::from(unit))
        });
        let spread = (hash as u32) ^ (hash as u32 >> 16);
        let place = spread as usize % table.len();
        table[place].push(name);
    }
    table.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The blog post that announced validation shows the four of an order in this order, a workshop's copy of it
    /// the first too; the rest is what the validator says.
    #[test]
    fn everything_is_listed() {
        let schema = serde_json::json!({"items": {"required": ["shares"], "properties": {
            "type": {"enum": ["STOCK", "BOND", "CASH"]},
            "symbol": {"type": "string", "minLength": 1, "maxLength": 4},
            "shares": {"type": "number", "minimum": 1, "maximum": 1000},
            "day": {"pattern": "^\\d+$"},
            "details": {"properties": {"limit": {"type": "string"}}},
        }}});
        for (text, want) in [
            (
                r#"[{"type": "foobar", "symbol": "thisstringistoolong", "shares": 999999, "day": "x"}]"#,
                r#"[ECMA 262 regex "^\d+$" does not match input string "x", numeric instance is greater than the required maximum (maximum: 1000, found: 999999), string "thisstringistoolong" is too long (length: 19, maximum allowed: 4), instance value ("foobar") not found in enum (possible values: ["STOCK","BOND","CASH"])]"#,
            ),
            // Behind what is refused, nothing inside is looked at.
            (
                r#"[{"day": "x", "details": {"limit": 1}}]"#,
                r#"[object has missing required properties (["shares"])]"#,
            ),
            (
                r#"[{"shares": 1200.0, "details": {"limit": 1}}, {"shares": 0.50}, 7]"#,
                r#"[instance type (integer) does not match any allowed primitive type (allowed: ["string"]), numeric instance is greater than the required maximum (maximum: 1000, found: 1.2E+3)]"#,
            ),
        ] {
            assert_eq!(violations(&schema, &schema, text), want, "{text}");
        }
    }

    #[test]
    fn a_list_is_bounded() {
        let schema = serde_json::json!({"items": {"type": "string"}});
        let text = format!("[{}1]", "1,".repeat(200));
        let told = violations(&schema, &schema, &text);
        assert_eq!(told.matches("instance type (integer)").count(), ENTRIES);
        let schema = serde_json::json!({"items": {"maxLength": 1}});
        let text = format!("[\"xx\", \"{}\", \"yy\"]", "x".repeat(BYTES));
        let told = violations(&schema, &schema, &text);
        assert_eq!(
            told,
            "[string \"xx\" is too long (length: 2, maximum allowed: 1)]"
        );
    }
}
