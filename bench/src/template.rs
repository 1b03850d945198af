//! W5: a mapping template of 25 lines that walks twenty items of a 1 KB body and prints 2 KB of JSON.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

/// The template, which reads the payload.
pub const TEMPLATE: &str = r#"#set($order = $input.path('$'))
{
  "id": "$order.id",
  "customer": {
    "name": "$util.escapeJavaScript($order.customer.name)",
    "country": "$order.customer.country"
  },
  "currency": "$order.currency",
  "lines": [
#foreach($item in $order.items)
    {
      "position": $foreach.count,
      "article": "$item.sku",
      "quantity": $item.quantity,
      "price": $item.price
    }#if($foreach.hasNext),#end

#end
  ],
  "count": $order.items.size(),
#if($order.paid)
  "state": "paid"
#else
  "state": "open"
#end
}
"#;

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

/// The body.
#[must_use]
pub fn body() -> String {
    let items: Vec<Item> = (1..=20)
        .map(|number: u32| Item {
            sku: format!("A-{}", 1000 + number * 37),
            quantity: (number % 7 + 1).into(),
            price: f64::from(number * 125) / 100.0,
        })
        .collect();
    let order = Order {
        id: "5f6c1c9e-40d2".into(),
        customer: Customer {
            name: "Ada \"Countess\" Lovelace".into(),
            country: "GB".into(),
        },
        currency: "GBP".into(),
        paid: true,
        items,
    };
    serde_json::to_string(&order).expect("an order is JSON")
}

/// The body as types.
#[derive(Serialize, Deserialize)]
pub struct Order {
    id: String,
    customer: Customer,
    currency: String,
    paid: bool,
    items: Vec<Item>,
}

#[derive(Serialize, Deserialize)]
struct Customer {
    name: String,
    country: String,
}

#[derive(Serialize, Deserialize)]
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
