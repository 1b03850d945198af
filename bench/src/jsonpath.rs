//! W6: JSONPaths that were compiled before, over a body that was parsed before.

use serde_json::Value;

/// The row's name, the path, and how often it finds something in [`body`].
pub const PATHS: [(&str, &str, usize); 4] = [
    ("one", "$.customer.address.city", 1),
    ("all", "$.items[*].sku", 10),
    ("filter", "$.items[?(@.price > 20)].sku", 5),
    ("scan", "$..sku", 10),
];

/// The body: an order of ten items.
#[must_use]
pub fn body() -> Value {
    let items: Vec<Value> = (1..=10)
        .map(|number| {
            serde_json::json!({
                "sku": format!("A-{}", 1000 + number * 37),
                "quantity": number % 7 + 1,
                "price": f64::from(number) * 3.75,
            })
        })
        .collect();
    serde_json::json!({
        "id": "5f6c1c9e-40d2",
        "customer": {"name": "Ada Lovelace", "address": {"street": "12 St James's Square", "city": "London"}},
        "currency": "GBP",
        "items": items,
    })
}

/// The practical limit: each path as straight Rust over `serde_json`'s tree.
pub fn hand<'v>(row: &str, body: &'v Value, found: &mut Vec<&'v Value>) {
    found.clear();
    match row {
        "one" => found.extend(
            body.get("customer")
                .and_then(|customer| customer.get("address")?.get("city")),
        ),
        "all" => items(body, |item| found.extend(item.get("sku"))),
        "filter" => items(body, |item| {
            if item.get("price").and_then(Value::as_f64).is_some_and(|price| price > 20.0) {
                found.extend(item.get("sku"));
            }
        }),
        _ => scan(body, found),
    }
}

fn items<'v>(body: &'v Value, mut each: impl FnMut(&'v Value)) {
    if let Some(items) = body.get("items").and_then(Value::as_array) {
        items.iter().for_each(&mut each);
    }
}

fn scan<'v>(value: &'v Value, found: &mut Vec<&'v Value>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("sku"));
            members.values().for_each(|member| scan(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| scan(item, found)),
        _ => {}
    }
}
