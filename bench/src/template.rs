//! W5: a mapping template of 25 lines that walks twenty items of a 1 KB body and prints 2 KB of JSON. Its texts are
//! files, because engines that are not in Rust render it too (`bench/velocity`).

use std::fmt::Write;

use serde::Deserialize;

/// The template, which reads the payload.
pub const TEMPLATE: &str = include_str!("../velocity/order.vtl");

/// The body.
pub const BODY: &str = include_str!("../velocity/order.json").trim_ascii_end();

/// What it is rendered to.
pub const RENDERED: &str = include_str!("../velocity/rendered.json");

/// The same over a payload that is parsed: the body is a member of `$context`.
#[must_use]
pub fn parsed() -> String {
    TEMPLATE.replace("$input.path('$')", "$context.order")
}

/// As [`TEMPLATE`], in Jinja.
pub const JINJA: &str = r#"{
  "id": "{{ order.id }}",
  "customer": {
    "name": "{{ order.customer.name|escape_text }}",
    "country": "{{ order.customer.country }}"
  },
  "currency": "{{ order.currency }}",
  "lines": [
{%- for item in order["items"] %}
    {
      "position": {{ loop.index }},
      "article": "{{ item.sku }}",
      "quantity": {{ item.quantity }},
      "price": {{ item.price }}
    }{% if not loop.last %},{% endif %}
{%- endfor %}
  ],
  "count": {{ order["items"]|length }},
{%- if order.paid %}
  "state": "paid"
{%- else %}
  "state": "open"
{%- endif %}
}
"#;

/// The body as types.
#[derive(Deserialize)]
pub struct Order {
    id: String,
    customer: Customer,
    currency: String,
    paid: bool,
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Customer {
    name: String,
    country: String,
}

#[derive(Deserialize)]
struct Item {
    sku: String,
    quantity: i64,
    price: f64,
}

/// The practical limit: this template as straight Rust.
#[inline(never)]
pub fn hand(order: &Order, out: &mut String) {
    out.clear();
    out.push_str("{\n  \"id\": \"");
    out.push_str(&order.id);
    out.push_str("\",\n  \"customer\": {\n    \"name\": \"");
    escape(&order.customer.name, out);
    out.push_str("\",\n    \"country\": \"");
    out.push_str(&order.customer.country);
    out.push_str("\"\n  },\n  \"currency\": \"");
    out.push_str(&order.currency);
    out.push_str("\",\n  \"lines\": [\n");
    for (index, item) in order.items.iter().enumerate() {
        out.push_str("    {\n      \"position\": ");
        let _ = write!(out, "{}", index + 1);
        out.push_str(",\n      \"article\": \"");
        out.push_str(&item.sku);
        out.push_str("\",\n      \"quantity\": ");
        let _ = write!(out, "{}", item.quantity);
        out.push_str(",\n      \"price\": ");
        let _ = write!(out, "{:?}", item.price);
        out.push_str("\n    }");
        if index + 1 < order.items.len() {
            out.push(',');
        }
        out.push('\n');
    }
    out.push_str("  ],\n  \"count\": ");
    let _ = write!(out, "{}", order.items.len());
    out.push_str(",\n  \"state\": \"");
    out.push_str(if order.paid { "paid" } else { "open" });
    out.push_str("\"\n}\n");
}

/// A text as `$util.escapeJavaScript` writes it, for ASCII.
pub fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        if matches!(character, '"' | '\'' | '\\' | '/') {
            out.push('\\');
        }
        out.push(character);
    }
}
