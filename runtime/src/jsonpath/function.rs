//! `.length()`, `.sum()` and the others.

use super::PathError;
use super::code::{self, Argument};
use super::filter::json_value;
use super::find::{self, Rules};
use crate::json::{Heap, Kind};
use crate::value::Value;

macro_rules! functions {
    ($($number:literal $variant:ident $name:literal),+ $(,)?) => {
        /// A function by its number in compiled paths.
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub(super) enum Function { $($variant = $number),+ }

        impl Function {
            /// The number of the function with this name; 255 for one that does not exist, which only
            /// matters where it is applied.
            pub(super) fn named(name: &[u8]) -> u8 {
                match core::str::from_utf8(name) {
                    $(Ok($name) => $number,)+
                    _ => 255,
                }
            }

            fn of(number: u8) -> Option<Function> {
                match number { $($number => Some(Function::$variant),)+ _ => None }
            }
        }
    };
}

functions! {
    0 Length "length", 1 Size "size", 2 Min "min", 3 Max "max", 4 Avg "avg", 5 Sum "sum", 6 StdDev "stddev",
    7 Keys "keys", 8 Concat "concat", 9 First "first", 10 Last "last", 11 Index "index", 12 Append "append",
}

pub(super) fn apply(
    heap: &mut Heap<'_>,
    function: u8,
    arguments: &[u8],
    value: Value,
    root: Value,
    depth: u32,
) -> Result<Value, PathError> {
    let Some(function) = Function::of(function) else {
        return Err(PathError::Invalid);
    };
    let height = heap.scratch.height();
    let mut rest = arguments;
    while let Some((argument, more)) = code::argument(rest) {
        let found = match argument {
            Argument::Json(json) => Some(json_value(heap, json)?),
            Argument::Path(path) => find::from(
                heap,
                path,
                root,
                root,
                Rules {
                    required: false,
                    depth,
                },
            )?,
        };
        heap.scratch.push_value(found.unwrap_or(Value::Null))?;
        rest = more;
    }
    let result = match function {
        Function::Length | Function::Size => {
            let of = heap.scratch.stack().get(height).copied().unwrap_or(value);
            Ok(match of {
                Value::List(_) | Value::Map(_) => {
                    Value::Int(heap.object(of).map_or(0, |object| object.len()).into())
                }
                _ => Value::Null,
            })
        }
        Function::Keys => keys(heap, value),
        Function::Concat => concat(heap, value, height),
        Function::First => Ok(item(heap, value, 0)),
        Function::Last => Ok(item(heap, value, -1)),
        Function::Index => match heap.scratch.stack().get(height) {
            Some(Value::Int(index)) => Ok(item(heap, value, *index)),
            _ => Err(PathError::Invalid),
        },
        Function::Append => append(heap, value, height),
        Function::Min | Function::Max | Function::Avg | Function::Sum | Function::StdDev => {
            aggregate(heap, function, value, height)
        }
    };
    heap.scratch.lower(height);
    result
}

fn item(heap: &Heap<'_>, list: Value, index: i64) -> Value {
    let len = heap
        .object(list)
        .map_or(0, |object| i64::from(object.len()));
    let index = if index < 0 { index + len } else { index };
    u32::try_from(index)
        .ok()
        .and_then(|index| heap.item(list, index))
        .unwrap_or(Value::Null)
}

fn keys(heap: &mut Heap<'_>, map: Value) -> Result<Value, PathError> {
    if !matches!(map, Value::Map(_)) {
        return Ok(Value::Null);
    }
    let height = heap.scratch.height();
    let mut index = 0;
    while let Some((key, _)) = heap.pair(map, index) {
        heap.scratch.push_value(key)?;
        index += 1;
    }
    Ok(heap.list_above(Kind::JsonList, height)?)
}

/// Everything that counts for an aggregation: the items of the list, then those of the arguments.
fn each(
    heap: &mut Heap<'_>,
    value: Value,
    height: usize,
    mut take: impl FnMut(&Heap<'_>, Value),
) -> Result<(), PathError> {
    let arguments = heap.scratch.height().saturating_sub(height);
    for source in 0..=arguments {
        let from = if source == 0 {
            value
        } else {
            heap.scratch
                .stack()
                .get(height + source - 1)
                .copied()
                .unwrap_or_default()
        };
        match from {
            Value::List(_) => {
                for index in 0..heap.object(from).map_or(0, |list| list.len()) {
                    heap.spend(1)?;
                    take(heap, heap.item(from, index).unwrap_or_default());
                }
            }
            _ if source > 0 => take(heap, from),
            _ => {}
        }
    }
    Ok(())
}

fn aggregate(
    heap: &mut Heap<'_>,
    function: Function,
    value: Value,
    height: usize,
) -> Result<Value, PathError> {
    let (mut count, mut sum, mut squares, mut least, mut most) =
        (0u32, 0.0, 0.0, f64::INFINITY, f64::NEG_INFINITY);
    each(heap, value, height, |heap, item| {
        let number = match item {
            Value::Int(number) => number as f64,
            Value::Double(number) => number,
            Value::Big(digits) => core::str::from_utf8(heap.bytes(digits))
                .ok()
                .and_then(|digits| digits.parse().ok())
                .unwrap_or(0.0),
            _ => return,
        };
        count += 1;
        sum += number;
        squares += number * number;
        least = number.min(least);
        most = number.max(most);
    })?;
    if count == 0 {
        return Err(PathError::Invalid);
    }
    let mean = sum / f64::from(count);
    Ok(Value::Double(match function {
        Function::Min => least,
        Function::Max => most,
        Function::Avg => mean,
        Function::Sum => sum,
        _ => root(squares / f64::from(count) - mean * mean),
    }))
}

/// The square root by Newton's method; `core` has none.
fn root(of: f64) -> f64 {
    if of <= 0.0 || !of.is_finite() {
        return if of > 0.0 { of } else { 0.0 };
    }
    let mut guess = if of > 1.0 { of } else { 1.0 };
    for _ in 0..2000 {
        let next = (guess + of / guess) / 2.0;
        if next >= guess {
            break;
        }
        guess = next;
    }
    guess
}

fn concat(heap: &mut Heap<'_>, value: Value, height: usize) -> Result<Value, PathError> {
    let mark = heap.scratch.out_len();
    let first = heap.scratch.height();
    let mut count = 0usize;
    let mut texts = alloc::vec::Vec::new();
    each(heap, value, height, |_, item| {
        if let Value::Text(text) = item {
            texts.push(text);
        }
        count += 1;
    })?;
    debug_assert_eq!(first, heap.scratch.height());
    for text in texts {
        heap.emit(text)?;
    }
    Ok(Value::Text(heap.scratch.cut_out(mark)))
}

/// The list itself with the arguments behind its items.
fn append(heap: &mut Heap<'_>, value: Value, height: usize) -> Result<Value, PathError> {
    if !matches!(value, Value::List(_)) {
        return Ok(value);
    }
    let arguments = heap.scratch.height().saturating_sub(height);
    let base = heap.scratch.height();
    for index in 0..heap.object(value).map_or(0, |list| list.len()) {
        heap.spend(1)?;
        let item = heap.item(value, index).unwrap_or_default();
        heap.scratch.push_value(item)?;
    }
    for index in 0..arguments {
        let argument = heap
            .scratch
            .stack()
            .get(height + index)
            .copied()
            .unwrap_or_default();
        heap.scratch.push_value(argument)?;
    }
    Ok(heap.list_above(Kind::JsonList, base)?)
}
