//! W4: from the bytes of a body to whether it fits a model of fifteen properties.

use serde::Deserialize;

/// The model: JSON Schema draft 4, as request models are written.
pub const SCHEMA: &str = r##"{
  "$schema": "http://json-schema.org/draft-04/schema#",
  "type": "object",
  "required": ["id", "customer", "status", "currency", "total", "paid", "lines", "shipping"],
  "additionalProperties": false,
  "properties": {
    "id": {"type": "string", "minLength": 8, "maxLength": 36},
    "customer": {
      "type": "object", "required": ["name", "email"],
      "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 80},
        "email": {"type": "string", "maxLength": 120},
        "company": {"type": "string"}
      }
    },
    "status": {"type": "string", "enum": ["open", "packed", "sent", "returned"]},
    "currency": {"type": "string", "enum": ["EUR", "USD", "GBP", "CHF"]},
    "total": {"type": "number", "minimum": 0},
    "discount": {"type": "number", "minimum": 0, "maximum": 100},
    "paid": {"type": "boolean"},
    "gift": {"type": "boolean"},
    "created": {"type": "string", "minLength": 20, "maxLength": 30},
    "updated": {"type": "string", "minLength": 20, "maxLength": 30},
    "note": {"type": "string", "maxLength": 400},
    "tags": {"type": "array", "maxItems": 10, "items": {"type": "string", "minLength": 1, "maxLength": 24}},
    "lines": {
      "type": "array", "minItems": 1, "maxItems": 50,
      "items": {
        "type": "object", "required": ["sku", "quantity", "price"], "additionalProperties": false,
        "properties": {
          "sku": {"type": "string", "minLength": 4, "maxLength": 16},
          "quantity": {"type": "integer", "minimum": 1, "maximum": 1000},
          "price": {"type": "number", "minimum": 0}
        }
      }
    },
    "shipping": {
      "type": "object", "required": ["street", "city", "country"],
      "properties": {
        "street": {"type": "string", "minLength": 1}, "city": {"type": "string", "minLength": 1},
        "zip": {"type": "string", "maxLength": 10}, "country": {"type": "string", "minLength": 2, "maxLength": 2}
      }
    },
    "channel": {"type": "string", "enum": ["web", "shop", "phone"]}
  }
}"##;

/// A body that fits: 930 bytes, printed as programs do, without blanks.
pub const BODY: &str = concat!(
    r#"{"id":"5f6c1c9e-40d2-4f2c-9d0a-1b7f","customer":{"name":"Ada Lovelace","email":"ada.lovelace@engines.example","#,
    r#""company":"Analytical Engines Ltd."},"status":"packed","currency":"GBP","total":1284.5,"discount":2.5,"paid":true,"#,
    r#""gift":false,"created":"2025-03-14T09:26:53.589Z","updated":"2025-03-15T17:04:11.002Z","#,
    r#""note":"Please ring twice and leave the parcel with the neighbour on the left if nobody opens; the dog is kind. Invoice by post to the same place, as always, thanks.","#,
    r#""tags":["machine","brass","priority","export"],"#,
    r#""lines":[{"sku":"COG-0017","quantity":12,"price":4.25},{"sku":"COG-0144","quantity":4,"price":12.75},"#,
    r#"{"sku":"AXLE-2201","quantity":2,"price":118.0},{"sku":"CARD-5000","quantity":500,"price":1.85},"#,
    r#"{"sku":"OIL-0330","quantity":3,"price":9.5},{"sku":"BELT-0042","quantity":6,"price":7.3}],"#,
    r#""shipping":{"street":"12 St James's Square, 2nd","city":"London","zip":"SW1Y 4JH","country":"GB"},"channel":"web"}"#
);

/// The model as types, for serde.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order<'b> {
    id: &'b str,
    #[serde(borrow)]
    customer: Customer<'b>,
    status: Status,
    currency: Currency,
    total: f64,
    discount: Option<f64>,
    // Its type is its rule, as those of the others with `_` are.
    #[serde(rename = "paid")]
    _paid: bool,
    #[serde(rename = "gift")]
    _gift: Option<bool>,
    created: Option<&'b str>,
    updated: Option<&'b str>,
    note: Option<&'b str>,
    tags: Option<Vec<&'b str>>,
    lines: Vec<Line<'b>>,
    shipping: Shipping<'b>,
    channel: Option<Channel>,
}

#[derive(Deserialize)]
struct Customer<'b> {
    name: &'b str,
    email: &'b str,
    #[serde(rename = "company")]
    _company: Option<&'b str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'b> {
    sku: &'b str,
    quantity: i64,
    price: f64,
}

#[derive(Deserialize)]
struct Shipping<'b> {
    street: &'b str,
    city: &'b str,
    zip: Option<&'b str>,
    country: &'b str,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Open,
    Packed,
    Sent,
    Returned,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Currency {
    Eur,
    Usd,
    Gbp,
    Chf,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Channel {
    Web,
    Shop,
    Phone,
}

/// The verdict by serde: read into types, then the bounds.
#[must_use]
pub fn typed(body: &[u8]) -> bool {
    let Ok(order) = serde_json::from_slice::<Order<'_>>(body) else {
        return false;
    };
    let within = |text: &str, from: usize, to: usize| {
        text.len() >= from && text.len() <= to * 4 && (from..=to).contains(&text.chars().count())
    };
    let time = |text: Option<&str>| text.is_none_or(|text| within(text, 20, 30));
    let _ = (order.status, order.currency, order.channel);
    within(order.id, 8, 36)
        && within(order.customer.name, 1, 80)
        && within(order.customer.email, 0, 120)
        && order.total >= 0.0
        && order.discount.is_none_or(|part| (0.0..=100.0).contains(&part))
        && time(order.created)
        && time(order.updated)
        && order.note.is_none_or(|note| within(note, 0, 400))
        && order.tags.is_none_or(|tags| tags.len() <= 10 && tags.iter().all(|tag| within(tag, 1, 24)))
        && (1..=50).contains(&order.lines.len())
        && order.lines.iter().all(|line| {
            within(line.sku, 4, 16) && (1..=1000).contains(&line.quantity) && line.price >= 0.0
        })
        && !order.shipping.street.is_empty()
        && !order.shipping.city.is_empty()
        && order.shipping.zip.is_none_or(|zip| within(zip, 0, 10))
        && within(order.shipping.country, 2, 2)
}

/// The practical limit: one pass over the bytes, written for this model. It gives up on escapes, for which a
/// slower way would stand beside it.
#[inline(never)]
#[must_use]
pub fn hand(body: &[u8]) -> bool {
    let mut reader = Reader { bytes: body, at: 0 };
    reader.order().is_some() && reader.blanks().is_none()
}

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Reader<'b> {
    #[inline]
    fn blanks(&mut self) -> Option<u8> {
        while let Some(byte) = self.bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    #[inline]
    fn sign(&mut self, sign: u8) -> Option<()> {
        (self.blanks()? == sign).then(|| self.at += 1)
    }

    #[inline]
    fn text(&mut self) -> Option<&'b [u8]> {
        self.sign(b'"')?;
        let from = self.at;
        loop {
            match self.bytes.get(self.at)? {
                b'"' => break,
                b'\\' | 0..0x20 => return None,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(&self.bytes[from..self.at - 1])
    }

    #[inline]
    fn within(&mut self, from: usize, to: usize) -> Option<()> {
        let text = self.text()?;
        let characters = text.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        (from..=to).contains(&characters).then_some(())
    }

    #[inline]
    fn one_of(&mut self, texts: &[&[u8]]) -> Option<()> {
        let text = self.text()?;
        texts.contains(&text).then_some(())
    }

    #[inline]
    fn truth(&mut self) -> Option<()> {
        self.blanks()?;
        let rest = &self.bytes[self.at..];
        let len = if rest.starts_with(b"true") {
            4
        } else if rest.starts_with(b"false") {
            5
        } else {
            return None;
        };
        self.at += len;
        Some(())
    }

    /// Digits with a fraction; an exponent is left to the slower way.
    #[inline]
    fn number(&mut self, whole: bool, from: f64, to: f64) -> Option<()> {
        let minus = self.blanks()? == b'-';
        self.at += usize::from(minus);
        let (start, mut value, mut places) = (self.at, 0u64, 0usize);
        let digits = |reader: &mut Self, value: &mut u64| {
            let start = reader.at;
            while let Some(digit @ b'0'..=b'9') = reader.bytes.get(reader.at) {
                *value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
                reader.at += 1;
            }
            reader.at - start
        };
        let head = digits(self, &mut value);
        if head == 0 || head > 1 && self.bytes[start] == b'0' {
            return None;
        }
        if !whole && self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            places = digits(self, &mut value);
            if places == 0 {
                return None;
            }
        }
        if head + places > 15 || matches!(self.bytes.get(self.at), Some(b'e' | b'E' | b'.')) {
            return None;
        }
        const POWERS: [f64; 16] = [
            1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
        ];
        let value = value as f64 / POWERS[places];
        let value = if minus { -value } else { value };
        (from..=to).contains(&value).then_some(())
    }

    #[inline]
    fn object(&mut self, mut member: impl FnMut(&mut Self, &[u8]) -> Option<u32>, required: u32) -> Option<()> {
        self.sign(b'{')?;
        let mut seen = 0u32;
        if self.blanks()? != b'}' {
            loop {
                let name = self.text()?;
                self.sign(b':')?;
                seen |= member(self, name)?;
                if self.blanks()? != b',' {
                    break;
                }
                self.at += 1;
            }
        }
        self.sign(b'}')?;
        (seen & required == required).then_some(())
    }

    #[inline]
    fn list(&mut self, from: usize, to: usize, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.sign(b'[')?;
        let mut count = 0;
        if self.blanks()? != b']' {
            loop {
                item(self)?;
                count += 1;
                if self.blanks()? != b',' {
                    break;
                }
                self.at += 1;
            }
        }
        self.sign(b']')?;
        (from..=to).contains(&count).then_some(())
    }

    fn order(&mut self) -> Option<()> {
        let number = |reader: &mut Self, to| reader.number(false, 0.0, to);
        self.object(
            |r, name| {
                Some(match name {
                    b"id" => (r.within(8, 36)?, 1).1,
                    b"customer" => (r.customer()?, 2).1,
                    b"status" => (r.one_of(&[b"open", b"packed", b"sent", b"returned"])?, 4).1,
                    b"currency" => (r.one_of(&[b"EUR", b"USD", b"GBP", b"CHF"])?, 8).1,
                    b"total" => (number(r, f64::MAX)?, 16).1,
                    b"discount" => (number(r, 100.0)?, 0).1,
                    b"paid" => (r.truth()?, 32).1,
                    b"gift" => (r.truth()?, 0).1,
                    b"created" | b"updated" => (r.within(20, 30)?, 0).1,
                    b"note" => (r.within(0, 400)?, 0).1,
                    b"tags" => (r.list(0, 10, |r| r.within(1, 24))?, 0).1,
                    b"lines" => (r.list(1, 50, Self::line)?, 64).1,
                    b"shipping" => (r.shipping()?, 128).1,
                    b"channel" => (r.one_of(&[b"web", b"shop", b"phone"])?, 0).1,
                    _ => return None,
                })
            },
            0xFF,
        )
    }

    fn customer(&mut self) -> Option<()> {
        self.object(
            |r, name| {
                Some(match name {
                    b"name" => (r.within(1, 80)?, 1).1,
                    b"email" => (r.within(0, 120)?, 2).1,
                    b"company" => (r.text()?, 0).1,
                    _ => return None,
                })
            },
            3,
        )
    }

    fn line(&mut self) -> Option<()> {
        self.object(
            |r, name| {
                Some(match name {
                    b"sku" => (r.within(4, 16)?, 1).1,
                    b"quantity" => (r.number(true, 1.0, 1000.0)?, 2).1,
                    b"price" => (r.number(false, 0.0, f64::MAX)?, 4).1,
                    _ => return None,
                })
            },
            7,
        )
    }

    fn shipping(&mut self) -> Option<()> {
        self.object(
            |r, name| {
                Some(match name {
                    b"street" => (r.within(1, usize::MAX)?, 1).1,
                    b"city" => (r.within(1, usize::MAX)?, 2).1,
                    b"zip" => (r.within(0, 10)?, 0).1,
                    b"country" => (r.within(2, 2)?, 4).1,
                    _ => return None,
                })
            },
            7,
        )
    }
}
