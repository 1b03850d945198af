//! Values as templates see them: Java's, because the reference runs Velocity on Java. Lists
//! and maps are shared and mutable, numbers keep their class, and every value has the text
//! that Java prints for it.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;

use indexmap::IndexMap;

use crate::number::Number;

/// How deep values nest that are printed: twice as deep as a body that is read.
const MAX_NESTING: usize = 800;

/// A value.
#[derive(Clone, Debug)]
pub enum Value {
    /// JSON's null. A reference never has it: one that finds null has the value `""`.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text.
    Text(Rc<str>),
    /// A list.
    List(Rc<List>),
    /// A map that keeps its order.
    Map(Rc<Map>),
    /// Something that only templates meet.
    Object(Rc<Object>),
}

/// What templates meet besides data.
#[derive(Debug)]
pub enum Object {
    /// `$input`.
    Input,
    /// `$util`.
    Util,
    /// `$foreach`, and the one around it.
    Foreach(Foreach),
    /// An entry of a map.
    Entry(Key, Value),
    /// What `.iterator()` gives: the items, and how many were taken.
    Iterator(Vec<Value>, Cell<usize>),
    /// The body of a `#define`, rendered wherever it is printed, and how deep it is in itself.
    Define(tollgate_grammar::vtl::Block, Cell<u32>),
}

/// The state of a loop, as `$foreach` shows it.
#[derive(Debug)]
pub struct Foreach {
    /// From 0.
    pub index: Cell<i32>,
    /// Whether a round follows.
    pub has_next: Cell<bool>,
    /// `$foreach` outside of the loop, if there is one.
    pub parent: Option<Value>,
}

/// A map, and whose class it is.
#[derive(Debug)]
pub struct Map {
    /// The entries.
    pub entries: RefCell<IndexMap<Key, Value>>,
    /// Whose it is.
    pub kind: MapKind,
    /// How often entries came or went.
    pub changes: Cell<u32>,
}

/// Whose map it is: that decides how it prints and whether it can be changed freely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapKind {
    /// JSON's, or a template's: prints as `{a=b}`.
    Plain,
    /// `$context`'s: prints as nothing.
    Context,
    /// An override map: prints as nothing, and each of its members is assigned once.
    Override,
}

/// A list, and whose class it is: that decides how it prints.
#[derive(Debug)]
pub struct List {
    /// The items.
    pub items: RefCell<Vec<Value>>,
    /// Whose class it is.
    pub kind: ListKind,
    /// How often items came or went: a loop over a list that changes fails.
    pub changes: Cell<u32>,
    /// The map that this is a view of.
    pub of: Option<Rc<Map>>,
}

/// Whose class a list is: that decides how it prints and what it offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// `ArrayList`, or an array: prints as `[1, 2]`.
    Java,
    /// json-smart's: prints as compact JSON.
    Json,
    /// The keys, values or entries of a map: has no order to ask for.
    View,
}

/// A key of a map. Texts in everything that JSON made; templates may use any literal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A text.
    Text(Rc<str>),
    /// Another value, by class and text: Java's `1` and `1L` are different keys.
    Other(&'static str, String, Opaque),
}

/// A value that takes no part in comparisons.
#[derive(Clone, Debug)]
pub struct Opaque(Value);

impl PartialEq for Opaque {
    fn eq(&self, _: &Opaque) -> bool {
        true
    }
}

impl Eq for Opaque {}

impl std::hash::Hash for Opaque {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

impl Value {
    /// A text.
    pub fn text(text: impl AsRef<str>) -> Value {
        Value::Text(Rc::from(text.as_ref()))
    }

    /// A list as a template or a method makes it.
    pub fn list(items: Vec<Value>) -> Value {
        Value::list_of(items, ListKind::Java)
    }

    /// A list as JSON makes it.
    pub fn json_list(items: Vec<Value>) -> Value {
        Value::list_of(items, ListKind::Json)
    }

    /// A list of some class.
    pub fn list_of(items: Vec<Value>, kind: ListKind) -> Value {
        Value::List(Rc::new(List {
            items: RefCell::new(items),
            kind,
            changes: Cell::new(0),
            of: None,
        }))
    }

    /// The keys, values or entries of a map.
    pub fn view(items: Vec<Value>, of: &Rc<Map>) -> Value {
        Value::List(Rc::new(List {
            items: RefCell::new(items),
            kind: ListKind::View,
            changes: Cell::new(0),
            of: Some(of.clone()),
        }))
    }

    /// A map of texts to values.
    pub fn map<K: AsRef<str>>(entries: impl IntoIterator<Item = (K, Value)>) -> Value {
        Value::keyed(
            entries
                .into_iter()
                .map(|(key, value)| (Key::Text(Rc::from(key.as_ref())), value))
                .collect(),
            MapKind::Plain,
        )
    }

    /// A map of `$context`.
    pub fn context_map<K: AsRef<str>>(
        entries: impl IntoIterator<Item = (K, Value)>,
        kind: MapKind,
    ) -> Value {
        Value::keyed(
            entries
                .into_iter()
                .map(|(key, value)| (Key::Text(Rc::from(key.as_ref())), value))
                .collect(),
            kind,
        )
    }

    /// A map of any keys.
    pub fn keyed(entries: IndexMap<Key, Value>, kind: MapKind) -> Value {
        Value::Map(Rc::new(Map {
            entries: RefCell::new(entries),
            kind,
            changes: Cell::new(0),
        }))
    }

    /// An `Integer`.
    pub fn int(value: i32) -> Value {
        Value::Number(Number::Int(value))
    }

    /// The member of a map, if it is there.
    pub fn member(&self, name: &str) -> Option<Value> {
        match self {
            Value::Map(map) => map
                .entries
                .borrow()
                .get(&Key::Text(Rc::from(name)))
                .cloned(),
            _ => None,
        }
    }

    /// Sets a member of a map; nothing happens to any other value.
    pub fn set_member(&self, name: &str, value: Value) {
        if let Value::Map(map) = self {
            map.entries
                .borrow_mut()
                .insert(Key::Text(Rc::from(name)), value);
        }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The key that this value is in a map.
    pub fn key(&self) -> Key {
        match self {
            Value::Text(text) => Key::Text(text.clone()),
            other => Key::Other(other.class(), other.print(), Opaque(other.clone())),
        }
    }

    /// A word for the Java class.
    pub fn class(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "Boolean",
            Value::Number(number) => number.class(),
            Value::Text(_) => "String",
            Value::List(_) => "List",
            Value::Map(_) => "Map",
            Value::Object(_) => "Object",
        }
    }

    /// Whether printing would not end, or not for long: the value holds itself somewhere below, or nests deeper than
    /// anything that is read. A plain map or list that is its own member is no such value: it prints as `(this Map)`.
    pub fn is_endless(&self) -> bool {
        fn walk(value: &Value, above: &mut Vec<*const ()>, seen: &mut HashSet<*const ()>) -> bool {
            let (own, members, direct): (*const (), Vec<Value>, bool) = match value {
                Value::List(list) => (
                    Rc::as_ptr(list).cast(),
                    list.items.borrow().clone(),
                    list.kind != ListKind::Json,
                ),
                Value::Map(map) => (
                    Rc::as_ptr(map).cast(),
                    map.entries.borrow().values().cloned().collect(),
                    true,
                ),
                _ => return false,
            };
            if above.contains(&own) {
                return !(direct && above.last() == Some(&own));
            }
            if above.len() > MAX_NESTING {
                return true;
            }
            if !seen.insert(own) {
                return false;
            }
            above.push(own);
            let endless = members.iter().any(|member| walk(member, above, seen));
            above.pop();
            endless
        }
        walk(self, &mut Vec::new(), &mut HashSet::new())
    }

    /// Java's `toString()`: maps as `{a=b}`, lists read from JSON as JSON, others as `[1, 2]`. Of a value that
    /// [is endless](Value::is_endless) it does not return.
    pub fn print(&self) -> String {
        match self {
            Value::Null => "null".into(),
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => number.print(),
            Value::Text(text) => text.to_string(),
            Value::List(list) if list.kind == ListKind::Json => crate::json::write(self, true),
            Value::List(list) => {
                let item = |item: &Value| match item {
                    Value::List(other) if Rc::ptr_eq(other, list) => "(this Collection)".into(),
                    other => other.print(),
                };
                let items: Vec<String> = list.items.borrow().iter().map(item).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Map(map) if map.kind != MapKind::Plain => String::new(),
            Value::Map(map) => {
                let entries: Vec<String> = map
                    .entries
                    .borrow()
                    .iter()
                    .map(|(key, value)| match value {
                        Value::Map(other) if Rc::ptr_eq(other, map) => {
                            format!("{}=(this Map)", key.print())
                        }
                        other => format!("{}={}", key.print(), other.print()),
                    })
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }
            Value::Object(object) => match object.as_ref() {
                Object::Entry(key, value) => format!("{}={}", key.print(), value.print()),
                // A scope is an empty map of its own.
                Object::Foreach(_) => "{}".into(),
                _ => String::new(),
            },
        }
    }

    /// Java's `equals`: same class and same content.
    pub fn same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Number(a), Value::Number(b)) => a.class() == b.class() && a.same(b),
            (Value::Text(a), Value::Text(b)) => a == b,
            (Value::List(a), Value::List(b)) => {
                let (a, b) = (a.items.borrow(), b.items.borrow());
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.same(b))
            }
            (Value::Map(a), Value::Map(b)) => {
                let (a, b) = (a.entries.borrow(), b.entries.borrow());
                a.len() == b.len()
                    && a.iter()
                        .all(|(key, value)| b.get(key).is_some_and(|other| value.same(other)))
            }
            (Value::Object(a), Value::Object(b)) => Rc::ptr_eq(a, b),
            _ => false,
        }
    }

    /// A copy that shares nothing.
    pub fn deep_copy(&self) -> Value {
        match self {
            Value::List(list) => Value::list_of(
                list.items.borrow().iter().map(Value::deep_copy).collect(),
                list.kind,
            ),
            Value::Map(map) => Value::keyed(
                map.entries
                    .borrow()
                    .iter()
                    .map(|(key, value)| (key.clone(), value.deep_copy()))
                    .collect(),
                map.kind,
            ),
            other => other.clone(),
        }
    }
}

impl Key {
    /// The key as Java prints it.
    pub fn print(&self) -> &str {
        match self {
            Key::Text(text) => text,
            Key::Other(_, text, _) => text,
        }
    }

    /// The value that the key is.
    pub fn value(&self) -> Value {
        match self {
            Key::Text(text) => Value::Text(text.clone()),
            Key::Other(_, _, Opaque(value)) => value.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_holds_itself_is_told() {
        let map = || Value::keyed(IndexMap::new(), MapKind::Plain);
        let (outer, inner) = (map(), map());
        inner.set_member("own", inner.clone());
        outer.set_member("inner", inner.clone());
        assert!(!outer.is_endless());
        assert_eq!(outer.print(), "{inner={own=(this Map)}}");
        inner.set_member("back", outer.clone());
        assert!(outer.is_endless() && inner.is_endless());
        let list = Value::list(Vec::new());
        if let Value::List(items) = &list {
            items.items.borrow_mut().push(list.clone());
        }
        assert!(!list.is_endless());
        assert_eq!(list.print(), "[(this Collection)]");
    }
}
