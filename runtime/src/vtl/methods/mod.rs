//! Methods: what Java's classes offer to templates. A method that does not exist, or exists only for other
//! arguments, gives nothing; one that Java throws from is a fault.

mod format;
mod gateway;
mod list;
mod map;
mod scalar;
mod string;

use super::fault::Failure;
use super::machine::{INPUT, Machine, UTIL};
use crate::json::Kind;
use crate::value::{Text, Value};

/// What Velocity makes of a method that returns nothing: the empty text, which is not null.
const NOTHING_TO_SAY: Value = Value::Text(Text::EMPTY);

/// Most arguments that any method takes.
const MAX_ARGUMENTS: usize = 8;

macro_rules! methods {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// A method by its name. The discriminant is its number in programs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs)] // the name says it
        #[non_exhaustive]
        #[repr(u16)]
        pub enum Method { $($variant),+ }

        impl Method {
            /// All methods, in the order of their numbers.
            pub const ALL: &'static [Method] = &[$(Method::$variant),+];

            /// The name in templates.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Method::$variant => $name),+ }
            }

            /// The method of this name.
            #[must_use]
            pub fn named(name: &str) -> Option<Method> {
                match name { $($name => Some(Method::$variant),)+ _ => None }
            }
        }
    };
}

methods! {
    Body = "body", GetBody = "getBody", Json = "json", Path = "path", Params = "params",
    EscapeJavaScript = "escapeJavaScript", ParseJson = "parseJson", UrlEncode = "urlEncode", UrlDecode = "urlDecode",
    Base64Encode = "base64Encode", Base64Decode = "base64Decode",
    ToString = "toString", Equals = "equals", HashCode = "hashCode", CompareTo = "compareTo",
    Length = "length", IsEmpty = "isEmpty", IsBlank = "isBlank", CharAt = "charAt", CodePointAt = "codePointAt", Substring = "substring",
    SubSequence = "subSequence", IndexOf = "indexOf", LastIndexOf = "lastIndexOf", Contains = "contains", StartsWith = "startsWith",
    EndsWith = "endsWith", EqualsIgnoreCase = "equalsIgnoreCase", CompareToIgnoreCase = "compareToIgnoreCase",
    ContentEquals = "contentEquals", RegionMatches = "regionMatches", Concat = "concat", Replace = "replace", ReplaceAll = "replaceAll",
    ReplaceFirst = "replaceFirst", Matches = "matches", Split = "split", ToLowerCase = "toLowerCase", ToUpperCase = "toUpperCase",
    Trim = "trim", Strip = "strip", StripLeading = "stripLeading", StripTrailing = "stripTrailing", Repeat = "repeat", Intern = "intern",
    GetBytes = "getBytes", ToCharArray = "toCharArray", Format = "format", Join = "join", ValueOf = "valueOf",
    Size = "size", Count = "count", Get = "get", Set = "set", Add = "add", AddAll = "addAll", Remove = "remove", RemoveAll = "removeAll",
    RetainAll = "retainAll", ContainsAll = "containsAll", SubList = "subList", Clear = "clear", Iterator = "iterator", Stream = "stream", ToArray = "toArray",
    Put = "put", PutAll = "putAll", PutIfAbsent = "putIfAbsent", ContainsKey = "containsKey", ContainsValue = "containsValue",
    KeySet = "keySet", EntrySet = "entrySet", Values = "values", GetOrDefault = "getOrDefault",
    GetKey = "getKey", GetValue = "getValue", Next = "next", HasNext = "hasNext",
    GetIndex = "getIndex", GetCount = "getCount", IsFirst = "isFirst", IsLast = "isLast", GetParent = "getParent", GetTopmost = "getTopmost",
    IntValue = "intValue", LongValue = "longValue", DoubleValue = "doubleValue", FloatValue = "floatValue", ShortValue = "shortValue",
    ByteValue = "byteValue", BooleanValue = "booleanValue", ParseInt = "parseInt", ParseLong = "parseLong", ParseDouble = "parseDouble",
    ParseBoolean = "parseBoolean", ToHexString = "toHexString", ToBinaryString = "toBinaryString", ToOctalString = "toOctalString",
    Compare = "compare", Max = "max", Min = "min", Sum = "sum", Signum = "signum", IsNaN = "isNaN", IsInfinite = "isInfinite",
    Abs = "abs", Negate = "negate",
}

impl Machine<'_> {
    /// Runs the instruction: takes arguments and object from the stack.
    pub(super) fn method(&mut self, method: u16, count: u8) -> Result<Value, Failure> {
        let mut arguments = [Value::Missing; MAX_ARGUMENTS];
        let mut kept = 0;
        for index in (0..usize::from(count)).rev() {
            let value = self.pop()?;
            if let Some(slot) = arguments.get_mut(index) {
                *slot = value;
                kept += 1;
            }
        }
        let object = self.pop()?;
        let Some(method) = Method::ALL.get(usize::from(method)).copied() else {
            return Ok(Value::Missing);
        };
        if kept != usize::from(count) {
            return Ok(Value::Missing);
        }
        self.call(object, method, arguments.get(..kept).unwrap_or(&[]))
    }

    /// What `object.method(arguments)` gives.
    pub(super) fn call(
        &mut self,
        object: Value,
        method: Method,
        arguments: &[Value],
    ) -> Result<Value, Failure> {
        match (object, method, arguments) {
            (INPUT | UTIL, ..) => self.gateway_method(object, method, arguments),
            (Value::Missing | Value::Null, ..) => Ok(Value::Missing),
            (_, Method::ToString, []) => Ok(Value::Text(self.text_of(object)?)),
            (_, Method::Equals, [other]) => Ok(Value::Bool(self.equals(object, *other, 0)?)),
            (Value::Text(text), ..) => self.string_method(text, method, arguments),
            (Value::List(_), ..) => self.list_method(object, method, arguments),
            (Value::Map(_), ..) => self.map_method(object, method, arguments),
            (Value::Object(_), ..) => self.object_method(object, method, arguments),
            (Value::Bool(_) | Value::Int(_) | Value::Double(_) | Value::Big(_), ..) => {
                self.scalar_method(object, method, arguments)
            }
        }
    }

    /// Entries, iterators and loops.
    fn object_method(
        &mut self,
        object: Value,
        method: Method,
        arguments: &[Value],
    ) -> Result<Value, Failure> {
        let (Some(header), []) = (self.heap.object(object), arguments) else {
            return Ok(Value::Missing);
        };
        let cell = |machine: &Machine<'_>, index: u32| {
            machine
                .heap
                .scratch
                .cell(header.start.saturating_add(index))
                .unwrap_or_default()
        };
        let rounds = match cell(self, 0) {
            Value::Int(rounds) => rounds,
            _ => 0,
        };
        Ok(match (header.kind(), method) {
            (Kind::Entry, Method::GetKey) => cell(self, 0),
            (Kind::Entry, Method::GetValue) => cell(self, 1),
            (Kind::Iterator, Method::HasNext) => {
                let len = self.heap.object(cell(self, 0)).map_or(0, |list| list.len());
                Value::Bool(cell(self, 1) != Value::Int(len.into()))
            }
            (Kind::Iterator, Method::Next) => {
                let (list, Value::Int(at)) = (cell(self, 0), cell(self, 1)) else {
                    return Err(Failure::Corrupt);
                };
                let item = u32::try_from(at)
                    .ok()
                    .and_then(|at| self.heap.item(list, at));
                self.heap
                    .scratch
                    .set_cell(header.start.saturating_add(1), Value::Int(at + 1));
                item.ok_or(Failure::OutOfBounds)?
            }
            (Kind::Loop, Method::HasNext) => cell(self, 1),
            (Kind::Loop, Method::GetIndex) => Value::Int(rounds - 1),
            (Kind::Loop, Method::GetCount) => Value::Int(rounds),
            (Kind::Loop, Method::IsFirst) => Value::Bool(rounds == 1),
            (Kind::Loop, Method::IsLast) => Value::Bool(cell(self, 1) == Value::Bool(false)),
            (Kind::Loop, Method::GetParent) => self.outer(object),
            (Kind::Loop, Method::GetTopmost) => {
                let mut top = object;
                while let parent @ Value::Object(_) = self.outer(top) {
                    self.heap.spend(1)?;
                    top = parent;
                }
                top
            }
            _ => Value::Missing,
        })
    }

    /// The loop around a loop.
    fn outer(&self, state: Value) -> Value {
        let Some(header) = self.heap.object(state) else {
            return Value::Missing;
        };
        let outer = self
            .heap
            .scratch
            .cell(header.start.saturating_add(2))
            .unwrap_or_default();
        match self.heap.object(outer) {
            Some(header) if header.kind() == Kind::Loop => outer,
            _ => Value::Missing,
        }
    }

    /// A list of two cells behind an object of this kind: an entry or an iterator.
    fn two_cells(&mut self, kind: Kind, first: Value, second: Value) -> Result<Value, Failure> {
        let start = self.heap.scratch.push_cell(first)?;
        self.heap.scratch.push_cell(second)?;
        let id = self.heap.scratch.push_object(crate::json::Object {
            kind,
            start,
            len: 2,
            room: 2,
            ..Default::default()
        })?;
        Ok(Value::Object(id))
    }
}

/// An argument of Java's type `int`.
fn int(value: &Value) -> Option<i32> {
    match value {
        Value::Int(number) => i32::try_from(*number).ok(),
        _ => None,
    }
}

/// An argument of Java's type `String`.
fn text(value: &Value) -> Option<Text> {
    match value {
        Value::Text(text) => Some(*text),
        _ => None,
    }
}
