//! One keyword after the other, in the order in which they are cheap to check.

use serde_json::{Map, Value as Json};
use tollgate_runtime::schema::{Check, Format};
use tollgate_runtime::vtl::regex;

use super::{Compiler, Place, java};

const TYPES: [(&str, u8); 7] = [
    ("null", 1),
    ("boolean", 2),
    ("object", 4),
    ("array", 8),
    ("string", 16),
    ("number", 32),
    ("integer", 64),
];

impl Compiler<'_> {
    /// Writes the checks of one subschema.
    pub(super) fn compile_node(&mut self, place: &Place) {
        let schema = match self.documents.get(place) {
            Some(Json::Object(schema)) => schema.clone(),
            _ => return self.error(place, "a schema is an object"),
        };
        // In draft 4 a reference stands for everything beside it.
        if let Some(Json::String(reference)) = schema.get("$ref") {
            let outside = self.options.resolve;
            match self.documents.resolve(place, reference, outside) {
                Some(target) => self.check(Check::Ref, |compiler| compiler.put_node(target)),
                None => self.error(
                    &place.child("$ref"),
                    format!("`{reference}` leads to no schema"),
                ),
            }
            return;
        }
        self.types(place, &schema);
        self.numbers(place, &schema);
        self.texts(place, &schema);
        self.counts(place, &schema);
        self.required(place, &schema);
        self.members(place, &schema);
        self.items(place, &schema);
        self.dependencies(place, &schema);
        self.combinations(place, &schema);
        if let Some(values) = schema.get("enum") {
            match values.as_array() {
                Some(values) => self.check(Check::Enum, |compiler| {
                    values
                        .iter()
                        .for_each(|value| compiler.put_run(java::json(value).as_bytes()))
                }),
                None => self.error(&place.child("enum"), "`enum` is a list"),
            }
        }
    }

    /// Writes a check: its tag, and its operands behind their length.
    fn check(&mut self, check: Check, operands: impl FnOnce(&mut Self)) {
        self.code.push(check as u8);
        self.sized(operands);
    }

    /// Writes a length and what it is the length of.
    fn sized(&mut self, inside: impl FnOnce(&mut Self)) {
        let at = self.code.len();
        self.code.extend_from_slice(&[0; 4]);
        inside(self);
        let length = (self.code.len() - at - 4) as u32;
        if let Some(slot) = self.code.get_mut(at..at + 4) {
            slot.copy_from_slice(&length.to_le_bytes());
        }
    }

    fn put_run(&mut self, bytes: &[u8]) {
        self.sized(|compiler| compiler.code.extend_from_slice(bytes));
    }

    fn types(&mut self, place: &Place, schema: &Map<String, Json>) {
        let Some(named) = schema.get("type") else {
            return;
        };
        let names: Vec<&Json> = named
            .as_array()
            .map_or_else(|| vec![named], |names| names.iter().collect());
        let mut mask = 0;
        for name in names {
            match TYPES.iter().find(|(own, _)| name.as_str() == Some(own)) {
                // Every integer is a number.
                Some((_, bit)) => mask |= bit,
                None => self.error(
                    &place.child("type"),
                    format!("`{name}` is no type of draft 4"),
                ),
            }
        }
        self.check(Check::Type, |compiler| compiler.code.push(mask));
    }

    fn numbers(&mut self, place: &Place, schema: &Map<String, Json>) {
        for (name, exclusive, check) in [
            ("minimum", "exclusiveMinimum", Check::Minimum),
            ("maximum", "exclusiveMaximum", Check::Maximum),
        ] {
            let strict = match schema.get(exclusive) {
                None => false,
                Some(Json::Bool(strict)) => *strict,
                Some(_) => {
                    let message = format!(
                        "`{exclusive}` is true or false in draft 4; write `{name}` beside it"
                    );
                    self.error(&place.child(exclusive), message);
                    false
                }
            };
            if let Some(bound) = self.number(place, schema, name) {
                self.check(check, |compiler| {
                    compiler.code.extend_from_slice(&bound.to_le_bytes());
                    compiler.code.push(u8::from(strict));
                    compiler.written(schema, name);
                });
            }
        }
        match self.number(place, schema, "multipleOf") {
            Some(unit) if unit > 0.0 => self.check(Check::MultipleOf, |compiler| {
                compiler.code.extend_from_slice(&unit.to_le_bytes());
                compiler.written(schema, "multipleOf");
            }),
            Some(_) => self.error(
                &place.child("multipleOf"),
                "`multipleOf` is greater than zero",
            ),
            None => {}
        }
    }

    fn number(&mut self, place: &Place, schema: &Map<String, Json>, name: &str) -> Option<f64> {
        let value = schema.get(name)?;
        let number = value.as_f64();
        if number.is_none() {
            self.error(&place.child(name), format!("`{name}` is a number"));
        }
        number
    }

    /// Writes a bound as it is told.
    fn written(&mut self, schema: &Map<String, Json>, name: &str) {
        if let Some(Json::Number(bound)) = schema.get(name) {
            self.code.extend_from_slice(java::bound(bound).as_bytes());
        }
    }

    fn texts(&mut self, place: &Place, schema: &Map<String, Json>) {
        if let Some(Json::String(pattern)) = schema.get("pattern") {
            self.check(Check::Pattern, |compiler| {
                compiler.sized(|compiler| compiler.pattern(&place.child("pattern"), pattern));
                compiler.code.extend_from_slice(pattern.as_bytes());
            });
        }
        if let Some(format) = schema
            .get("format")
            .and_then(Json::as_str)
            .and_then(Format::named)
        {
            self.check(Check::Format, |compiler| compiler.code.push(format as u8));
        }
    }

    /// Writes the program of an ECMAScript pattern.
    fn pattern(&mut self, place: &Place, pattern: &str) {
        let flags = regex::Flags {
            ecma: true,
            ..regex::Flags::default()
        };
        let message = match regex::compile(pattern.as_bytes(), flags, &mut self.code) {
            Ok(()) => return,
            Err(regex::BadPattern::Unsupported(_)) => {
                format!(
                    "the pattern `{pattern}` is not supported: it has a back-reference, a group in look-around, a possessive repeat of alternatives, or names characters by a table that is not here"
                )
            }
            Err(regex::BadPattern::Syntax(at)) => format!(
                "the pattern `{pattern}` cannot be read from character {} on",
                at + 1
            ),
            Err(_) => format!("the pattern `{pattern}` is too large"),
        };
        self.error(place, message);
    }

    fn counts(&mut self, place: &Place, schema: &Map<String, Json>) {
        let limits = [
            ("minLength", Check::MinLength),
            ("maxLength", Check::MaxLength),
            ("minItems", Check::MinItems),
            ("maxItems", Check::MaxItems),
            ("minProperties", Check::MinProperties),
            ("maxProperties", Check::MaxProperties),
        ];
        for (name, check) in limits {
            if !self.options.array_limits && matches!(check, Check::MinItems | Check::MaxItems) {
                continue;
            }
            let Some(number) = self.number(place, schema, name) else {
                continue;
            };
            if number < 0.0 || number.fract() != 0.0 {
                self.error(
                    &place.child(name),
                    format!("`{name}` is a whole number that is not negative"),
                );
            }
            self.check(check, |compiler| {
                compiler
                    .code
                    .extend_from_slice(&(number as u32).to_le_bytes())
            });
        }
        if schema.get("uniqueItems") == Some(&Json::Bool(true)) {
            self.check(Check::UniqueItems, |_| {});
        }
    }

    /// Writes names, each once, as they are told.
    fn names(&mut self, names: &[Json]) {
        for name in java::sorted(names.iter().filter_map(Json::as_str)) {
            self.put_run(name.as_bytes());
        }
    }

    fn required(&mut self, _: &Place, schema: &Map<String, Json>) {
        // Draft 3's `required: true` means nothing in draft 4.
        let Some(names) = schema.get("required").and_then(Json::as_array) else {
            return;
        };
        self.check(Check::Required, |compiler| compiler.names(names));
        let named = schema.get("properties").and_then(Json::as_object);
        let bit = |name: &Json| {
            let number = named?
                .keys()
                .position(|known| Some(known.as_str()) == name.as_str())?;
            1u64.checked_shl(number as u32)
        };
        if let Some(bits) = names.iter().map(bit).collect::<Option<Vec<u64>>>() {
            let mask = bits.into_iter().fold(0, |mask, bit| mask | bit);
            self.check(Check::RequiredAmong, |compiler| {
                compiler.code.extend_from_slice(&mask.to_le_bytes())
            });
        }
    }

    /// Writes what additional members or items are: free, refused, or a subschema.
    fn additional(&mut self, place: &Place, schema: &Map<String, Json>, name: &str) {
        match schema.get(name) {
            Some(Json::Bool(false)) => self.code.extend_from_slice(&[1, 0, 0, 0, 0]),
            Some(Json::Object(_)) => {
                self.code.push(2);
                self.put_node(place.child(name));
            }
            _ => self.code.extend_from_slice(&[0; 5]),
        }
    }

    fn members(&mut self, place: &Place, schema: &Map<String, Json>) {
        let part = |name: &str| schema.get(name).and_then(Json::as_object);
        let (named, patterned) = (part("properties"), part("patternProperties"));
        let restricts = matches!(
            schema.get("additionalProperties"),
            Some(Json::Bool(false) | Json::Object(_))
        );
        if named.is_none() && patterned.is_none() && !restricts {
            return;
        }
        self.check(Check::Properties, |compiler| {
            compiler.additional(place, schema, "additionalProperties");
            compiler.sized(|compiler| {
                for name in named.into_iter().flat_map(Map::keys) {
                    compiler.sized(|compiler| {
                        compiler.put_node(place.child("properties").child(name));
                        compiler.code.extend_from_slice(name.as_bytes());
                    });
                }
            });
            compiler.sized(|compiler| {
                let patterns = patterned.into_iter().flat_map(Map::keys);
                for pattern in java::sorted(patterns.map(String::as_str)) {
                    let at = place.child("patternProperties").child(pattern);
                    compiler.sized(|compiler| {
                        compiler.put_node(at.clone());
                        compiler.pattern(&at, pattern);
                    });
                }
            });
        });
    }

    fn items(&mut self, place: &Place, schema: &Map<String, Json>) {
        match schema.get("items") {
            Some(Json::Object(_)) => self.check(Check::Items, |compiler| {
                compiler.put_node(place.child("items"))
            }),
            Some(Json::Array(items)) => self.check(Check::Tuple, |compiler| {
                compiler.additional(place, schema, "additionalItems");
                for number in 0..items.len() {
                    compiler.put_node(place.child("items").child(&number.to_string()));
                }
            }),
            Some(_) => self.error(
                &place.child("items"),
                "`items` is a schema or a list of schemas",
            ),
            None => {}
        }
    }

    fn dependencies(&mut self, place: &Place, schema: &Map<String, Json>) {
        let Some(dependencies) = schema.get("dependencies").and_then(Json::as_object) else {
            return;
        };
        let those = |on_names: bool| {
            dependencies
                .iter()
                .filter(move |(_, dependency)| dependency.is_array() == on_names)
                .map(|(name, _)| name.as_str())
        };
        for name in java::hashed(those(true)) {
            if let Some(Json::Array(others)) = dependencies.get(name) {
                self.check(Check::RequiredWith, |compiler| {
                    compiler.put_run(name.as_bytes());
                    compiler.names(others);
                });
            }
        }
        for name in java::sorted(those(false)) {
            let at = place.child("dependencies").child(name);
            if dependencies.get(name).is_some_and(Json::is_object) {
                self.check(Check::SchemaWith, |compiler| {
                    compiler.put_node(at);
                    compiler.code.extend_from_slice(name.as_bytes());
                });
            } else {
                self.error(&at, "a dependency is a list of names or a schema");
            }
        }
    }

    fn combinations(&mut self, place: &Place, schema: &Map<String, Json>) {
        for (name, check) in [
            ("allOf", Check::AllOf),
            ("anyOf", Check::AnyOf),
            ("oneOf", Check::OneOf),
        ] {
            match schema.get(name) {
                Some(Json::Array(schemas)) => self.check(check, |compiler| {
                    for number in 0..schemas.len() {
                        compiler.put_node(place.child(name).child(&number.to_string()));
                    }
                }),
                Some(_) => self.error(&place.child(name), format!("`{name}` is a list of schemas")),
                None => {}
            }
        }
        if schema.contains_key("not") {
            self.check(Check::Not, |compiler| compiler.put_node(place.child("not")));
        }
    }
}
