//! Values.

use super::names::write_name;
use super::strings::write_escaped;
use super::{Flat, Printer, WIDTH};
use crate::ast::{Arg, Field, Ix, Key, Quantity, Value, ValueKind};
use crate::scan::is_path;

impl Printer<'_> {
    /// A value, on one line if it fits in what is left of it.
    pub(super) fn value(&mut self, value: &Value, indent: usize) {
        let begin = self.out.len();
        if self.flat_value(value).is_some() && self.column() <= WIDTH {
            return;
        }
        self.out.truncate(begin);
        match &value.kind {
            ValueKind::Text(text) => self.text(None, text, indent),
            ValueKind::Tagged(tag, text) => self.text(Some(tag), text, indent),
            ValueKind::List(values) => self.spread_list(value.id, values, indent),
            ValueKind::ListCall(values, args) => {
                self.list(value.id, values, indent);
                self.args(value.id, args, indent);
            }
            ValueKind::Call(call) => {
                self.place(&call.place);
                self.args(value.id, &call.args, indent);
            }
            ValueKind::Object(fields) => self.spread_object(value.id, fields, indent),
            ValueKind::Union(parts) => {
                for (at, part) in parts.iter().enumerate() {
                    self.out.push_str(if at == 0 { "" } else { " | " });
                    self.value(part, indent);
                }
            }
            _ => {
                // a scalar has one form only, however long
                self.flat_scalar(value);
            }
        }
        if value.optional {
            self.out.push('?');
        }
    }

    pub(super) fn flat_value(&mut self, value: &Value) -> Flat {
        match &value.kind {
            ValueKind::Text(text) => self.flat_text(None, text)?,
            ValueKind::Tagged(tag, text) => self.flat_text(Some(tag), text)?,
            ValueKind::List(values) => self.flat_list(value.id, values)?,
            ValueKind::ListCall(values, args) => {
                self.flat_list(value.id, values)?;
                self.flat_args(value.id, args)?;
            }
            ValueKind::Call(call) => {
                self.place(&call.place);
                self.flat_args(value.id, &call.args)?;
            }
            ValueKind::Object(fields) => self.flat_object(value.id, fields)?,
            ValueKind::Union(parts) => {
                for (at, part) in parts.iter().enumerate() {
                    self.out.push_str(if at == 0 { "" } else { " | " });
                    self.flat_value(part)?;
                }
            }
            _ => self.flat_scalar(value),
        }
        if value.optional {
            self.out.push('?');
        }
        Some(())
    }

    fn flat_scalar(&mut self, value: &Value) {
        match &value.kind {
            ValueKind::Quantity(quantity) => self.quantity(quantity),
            ValueKind::Range(from, to) => {
                from.iter().for_each(|from| self.quantity(from));
                self.out.push_str("..");
                to.iter().for_each(|to| self.quantity(to));
            }
            ValueKind::Date(date) => self.out.push_str(date),
            ValueKind::Path(path) if is_path(path) => self.out.push_str(path),
            ValueKind::Path(path) => {
                let piece = crate::ast::Piece::Literal(path.clone());
                write_escaped(&mut self.out, &[piece]);
            }
            ValueKind::Place(place) => self.place(place),
            _ => self.out.push('*'),
        }
    }

    fn quantity(&mut self, quantity: &Quantity) {
        self.number(&quantity.number);
        self.out.push_str(&quantity.unit);
        if let Some((number, unit)) = &quantity.per {
            self.out.push('/');
            self.number(number);
            self.out.push_str(unit);
        }
    }

    /// A number, its digits in groups of three from five on.
    fn number(&mut self, number: &str) {
        let sign = usize::from(number.starts_with('-'));
        let (sign, rest) = number.split_at(sign);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (whole, rest) = rest.split_at(digits);
        self.out.push_str(sign);
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && digits >= 5 && (digits - at).is_multiple_of(3) {
                self.out.push('_');
            }
            self.out.push(digit);
        }
        self.out.push_str(rest);
    }

    fn list(&mut self, id: Ix, values: &[Value], indent: usize) {
        let begin = self.out.len();
        if self.flat_list(id, values).is_some() && self.column() <= WIDTH {
            return;
        }
        self.out.truncate(begin);
        self.spread_list(id, values, indent);
    }

    fn flat_list(&mut self, id: Ix, values: &[Value]) -> Flat {
        if self.spread_brackets(id, values.is_empty()) {
            return None;
        }
        self.out.push('[');
        for (at, value) in values.iter().enumerate() {
            self.out.push_str(if at == 0 { "" } else { ", " });
            self.flat_element(value)?;
        }
        self.out.push(']');
        Some(())
    }

    /// Whether brackets are spread over lines whatever they hold. Empty ones are not, save
    /// for a comment.
    fn spread_brackets(&self, id: Ix, empty: bool) -> bool {
        if empty {
            self.notes.has_closing(id)
        } else {
            self.notes.is_spread(id)
        }
    }

    fn flat_element(&mut self, value: &Value) -> Flat {
        if self.notes.has_comment(value.id) {
            return None;
        }
        self.flat_value(value)?;
        self.room()
    }

    fn spread_list(&mut self, id: Ix, values: &[Value], indent: usize) {
        self.out.push('[');
        for (at, value) in values.iter().enumerate() {
            self.newline(indent + 2);
            self.comments_before(value.id, indent + 2, at == 0);
            self.value(value, indent + 2);
            self.comment_after(value.id);
        }
        self.closing_comments(id, indent + 2, values.is_empty());
        self.newline(indent);
        self.out.push(']');
    }

    fn flat_object(&mut self, id: Ix, fields: &[Field]) -> Flat {
        if self.spread_brackets(id, fields.is_empty()) {
            return None;
        }
        self.out.push('{');
        for (at, field) in fields.iter().enumerate() {
            self.out.push_str(if at == 0 { " " } else { ", " });
            if self.notes.has_comment(field.id) {
                return None;
            }
            self.key(&field.key);
            if let Some(value) = &field.value {
                self.out.push_str(": ");
                self.flat_value(value)?;
            }
            self.room()?;
        }
        self.out
            .push_str(if fields.is_empty() { "}" } else { " }" });
        Some(())
    }

    fn key(&mut self, key: &Key) {
        match key {
            Key::Name(name) => write_name(&mut self.out, &name.text),
            Key::Text(text) => write_escaped(&mut self.out, &text.pieces),
        }
    }

    fn spread_object(&mut self, id: Ix, fields: &[Field], indent: usize) {
        self.out.push('{');
        for (at, field) in fields.iter().enumerate() {
            self.newline(indent + 2);
            self.comments_before(field.id, indent + 2, at == 0);
            self.key(&field.key);
            if let Some(value) = &field.value {
                self.out.push_str(": ");
                self.value(value, indent + 2);
            }
            self.comment_after(field.id);
        }
        self.closing_comments(id, indent + 2, fields.is_empty());
        self.newline(indent);
        self.out.push('}');
    }

    fn flat_args(&mut self, id: Ix, args: &[Arg]) -> Flat {
        // brackets in brackets, as in `schema({ … })`, are spread once
        let hugged = self.hugged(id, args).is_some();
        if !hugged && self.spread_brackets(id, args.is_empty()) {
            return None;
        }
        self.out.push('(');
        for (at, arg) in args.iter().enumerate() {
            self.out.push_str(if at == 0 { "" } else { ", " });
            self.label(arg);
            self.flat_element(&arg.value)?;
        }
        self.out.push(')');
        Some(())
    }

    fn label(&mut self, arg: &Arg) {
        if let Some(name) = &arg.name {
            write_name(&mut self.out, &name.text);
            self.out.push_str(": ");
        }
    }

    /// The one argument that has brackets of its own and no comment beside it.
    fn hugged<'v>(&self, id: Ix, args: &'v [Arg]) -> Option<&'v Value> {
        let [Arg { name: None, value }] = args else {
            return None;
        };
        let brackets = matches!(value.kind, ValueKind::Object(_) | ValueKind::List(_));
        let quiet = !self.notes.has_closing(id) && !self.notes.has_comment(value.id);
        (brackets && quiet).then_some(value)
    }

    fn args(&mut self, id: Ix, args: &[Arg], indent: usize) {
        let begin = self.out.len();
        if self.flat_args(id, args).is_some() && self.column() <= WIDTH {
            return;
        }
        self.out.truncate(begin);
        self.out.push('(');
        if let Some(value) = self.hugged(id, args) {
            self.value(value, indent);
        } else {
            for (at, arg) in args.iter().enumerate() {
                self.newline(indent + 2);
                self.comments_before(arg.value.id, indent + 2, at == 0);
                self.label(arg);
                self.value(&arg.value, indent + 2);
                self.comment_after(arg.value.id);
            }
            self.closing_comments(id, indent + 2, args.is_empty());
            self.newline(indent);
        }
        self.out.push(')');
    }
}
