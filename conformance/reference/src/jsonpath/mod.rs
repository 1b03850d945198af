//! JSONPath as Jayway's library for Java understands it, which is what the reference runs.
//!
//! A definite path gives the value itself, an indefinite one a list. A definite path that
//! leads nowhere is no error: it gives nothing.

mod compile;
mod filter;
mod functions;

use crate::number::Number;
use crate::value::Value;

pub(crate) use compile::compile;
use filter::Filter;

/// Why a path has no value at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathError {
    /// The path is none.
    Invalid(String),
    /// It cannot be evaluated here: a filter on a scalar, the sum of nothing.
    Other(String),
}

impl From<PathError> for String {
    fn from(error: PathError) -> String {
        match error {
            PathError::Invalid(message) | PathError::Other(message) => message,
        }
    }
}

/// The value at a path; none if it leads nowhere.
///
/// # Errors
///
/// The path is none, or cannot be evaluated on this document.
pub fn read(document: &Value, path: &str) -> Result<Option<Value>, PathError> {
    let path = compile(path)?;
    path.evaluate(document, document, false)
}

/// A path.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    /// Whether it begins at the item of a filter (`@`) and not at the document (`$`).
    pub from_item: bool,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// One step of a path.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// `.a`, `['a']`, `['a','b']`.
    Properties(Vec<String>),
    /// `[0]`, `[0,2]`.
    Indexes(Vec<i64>),
    /// `[1:3]`; a third number is read and ignored.
    Slice(Option<i64>, Option<i64>),
    /// `.*`, `[*]`.
    Wildcard,
    /// `..`: what follows, anywhere below.
    Scan,
    /// `[?(…)]`.
    Filter(Filter),
    /// `.length()`.
    Function(String, Vec<Parameter>),
}

/// An argument of a function.
#[derive(Clone, Debug)]
pub(crate) enum Parameter {
    /// A path, evaluated on the document.
    Path(Path),
    /// A literal.
    Literal(Value),
}

/// Why an evaluation ends.
enum End {
    /// A definite path leads nowhere.
    NotFound,
    /// It cannot go on.
    Error(PathError),
}

impl From<PathError> for End {
    fn from(error: PathError) -> End {
        End::Error(error)
    }
}

impl Path {
    /// Whether the path gives one value and not a list.
    pub(crate) fn is_definite(&self) -> bool {
        (0..self.steps.len()).all(|index| self.is_step_definite(index))
    }

    fn is_leaf(&self, index: usize) -> bool {
        index + 1 == self.steps.len()
    }

    fn is_step_definite(&self, index: usize) -> bool {
        match self.steps.get(index) {
            // Several names at the end of a path give one merged object.
            Some(Step::Properties(names)) => names.len() == 1 || self.is_leaf(index),
            Some(Step::Indexes(indexes)) => indexes.len() == 1,
            Some(Step::Function(..)) | None => true,
            Some(Step::Slice(..) | Step::Wildcard | Step::Scan | Step::Filter(_)) => false,
        }
    }

    fn is_definite_before(&self, index: usize) -> bool {
        (0..index).all(|index| self.is_step_definite(index))
    }

    /// The value on a document; `required` makes every missing property the end.
    pub(crate) fn evaluate(
        &self,
        item: &Value,
        root: &Value,
        required: bool,
    ) -> Result<Option<Value>, PathError> {
        let inverted = self.scan_inside_function();
        let path = inverted.as_ref().unwrap_or(self);
        let mut run = Run {
            path,
            root,
            required,
            found: Vec::new(),
        };
        let start = if path.from_item { item } else { root };
        match run.step(0, start) {
            Ok(()) => {}
            Err(End::NotFound) => return Ok(None),
            Err(End::Error(error)) => return Err(error),
        }
        if path.is_definite() {
            Ok(run.found.pop())
        } else {
            Ok(Some(Value::json_list(run.found)))
        }
    }

    /// `$..a.sum()` means the sum of what `$..a` finds, not a sum for each.
    fn scan_inside_function(&self) -> Option<Path> {
        let [Step::Scan, ..] = self.steps.as_slice() else {
            return None;
        };
        let at = self
            .steps
            .iter()
            .position(|step| matches!(step, Step::Function(..)))?;
        let Some(Step::Function(name, _)) = self.steps.get(at) else {
            return None;
        };
        let inner = Path {
            from_item: self.from_item,
            steps: self.steps[..at].to_vec(),
        };
        let mut steps = vec![Step::Function(name.clone(), vec![Parameter::Path(inner)])];
        steps.extend(self.steps[at + 1..].iter().cloned());
        Some(Path {
            from_item: self.from_item,
            steps,
        })
    }
}

struct Run<'a> {
    path: &'a Path,
    root: &'a Value,
    required: bool,
    found: Vec<Value>,
}

impl Run<'_> {
    /// Goes on with the step at `index` from `value`.
    fn step(&mut self, index: usize, value: &Value) -> Result<(), End> {
        let Some(step) = self.path.steps.get(index) else {
            self.found.push(value.clone());
            return Ok(());
        };
        match step {
            Step::Properties(names) => self.properties(index, names, value),
            Step::Indexes(indexes) => {
                if let Some(items) = self.items(index, value)? {
                    for number in indexes {
                        self.item(index, &items, *number)?;
                    }
                }
                Ok(())
            }
            Step::Slice(from, to) => self.slice(index, *from, *to, value),
            Step::Wildcard => self.wildcard(index, value),
            Step::Scan => self.scan(index + 1, value),
            Step::Filter(filter) => self.filter(index, filter, value),
            Step::Function(name, parameters) => {
                let mut given = Vec::new();
                for parameter in parameters {
                    given.push(match parameter {
                        Parameter::Literal(value) => value.clone(),
                        Parameter::Path(path) => path
                            .evaluate(self.root, self.root, false)?
                            .unwrap_or(Value::Null),
                    });
                }
                let result = functions::call(name, value, &given)?;
                self.step(index + 1, &result)
            }
        }
    }

    fn properties(&mut self, index: usize, names: &[String], value: &Value) -> Result<(), End> {
        if !matches!(value, Value::Map(_)) {
            return if self.path.is_definite_before(index) {
                Err(End::NotFound)
            } else {
                Ok(())
            };
        }
        if names.len() > 1 && self.path.is_leaf(index) {
            let mut merged = Vec::new();
            for name in names {
                match value.member(name) {
                    Some(member) => merged.push((name.clone(), member)),
                    None if self.required => return Err(End::NotFound),
                    None => {}
                }
            }
            self.found.push(Value::map(merged));
            return Ok(());
        }
        for name in names {
            self.property(index, name, value)?;
        }
        Ok(())
    }

    fn property(&mut self, index: usize, name: &str, value: &Value) -> Result<(), End> {
        match value.member(name) {
            Some(member) => self.step(index + 1, &member),
            None if self.path.is_leaf(index) => {
                if self.required {
                    Err(End::NotFound)
                } else {
                    Ok(())
                }
            }
            None => {
                let definite =
                    self.path.is_definite_before(index) && self.path.is_step_definite(index);
                if definite || self.required {
                    Err(End::NotFound)
                } else {
                    Ok(())
                }
            }
        }
    }

    /// The items of a list; what is no list ends a definite path and is passed over else.
    fn items(&self, index: usize, value: &Value) -> Result<Option<Vec<Value>>, End> {
        match value {
            Value::List(list) => Ok(Some(list.items.borrow().clone())),
            _ if self.path.is_definite_before(index) => Err(End::NotFound),
            _ => Ok(None),
        }
    }

    /// One item by its index, negative from the end; nothing if there is none.
    fn item(&mut self, index: usize, items: &[Value], number: i64) -> Result<(), End> {
        let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let number = if number < 0 { length + number } else { number };
        match usize::try_from(number)
            .ok()
            .and_then(|number| items.get(number))
        {
            Some(item) => self.step(index + 1, item),
            None => Ok(()),
        }
    }

    fn slice(
        &mut self,
        index: usize,
        from: Option<i64>,
        to: Option<i64>,
        value: &Value,
    ) -> Result<(), End> {
        let Some(items) = self.items(index, value)? else {
            return Ok(());
        };
        let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let from_end = |number: i64| if number < 0 { length + number } else { number };
        let (from, to) = match (from, to) {
            (Some(from), None) => (from_end(from).max(0), length),
            (None, Some(to)) => (0, from_end(to).min(length)),
            // With both ends given, neither is counted from the end beforehand.
            (Some(from), Some(to)) => (from, to.min(length)),
            (None, None) => (0, length),
        };
        if items.is_empty() {
            return Ok(());
        }
        let from = from.max(-length - 1);
        for number in from..to {
            self.item(index, &items, number)?;
        }
        Ok(())
    }

    fn wildcard(&mut self, index: usize, value: &Value) -> Result<(), End> {
        let children: Vec<Value> = match value {
            Value::Map(map) => map.entries.borrow().values().cloned().collect(),
            Value::List(list) => list.items.borrow().clone(),
            _ => return Ok(()),
        };
        for child in children {
            match self.step(index + 1, &child) {
                // What leads nowhere below one child does not end the others.
                Err(End::NotFound) if !self.required => {}
                other => other?,
            }
        }
        Ok(())
    }

    /// Walks everything below `value` and goes on with the step at `index` wherever it fits.
    fn scan(&mut self, index: usize, value: &Value) -> Result<(), End> {
        match value {
            Value::Map(map) => {
                if self.fits(index, value)? {
                    self.step(index, value)?;
                }
                let members: Vec<Value> = map.entries.borrow().values().cloned().collect();
                for member in members {
                    self.scan(index, &member)?;
                }
            }
            Value::List(list) => {
                let items = list.items.borrow().clone();
                if self.fits(index, value)? {
                    if self.path.is_leaf(index) {
                        self.step(index, value)?;
                    } else {
                        // A list that fits hands each item to the step after; a name at
                        // the end of the path takes only the item of the index before it.
                        let wanted =
                            match (self.path.steps.get(index), self.path.is_leaf(index + 1)) {
                                (Some(Step::Indexes(indexes)), true) => Some(indexes.clone()),
                                _ => None,
                            };
                        for (at, item) in items.iter().enumerate() {
                            let at = i64::try_from(at).unwrap_or(i64::MAX);
                            let named =
                                matches!(self.path.steps.get(index + 1), Some(Step::Properties(_)));
                            if named && wanted.as_ref().is_some_and(|wanted| *wanted != [at]) {
                                continue;
                            }
                            self.step(index + 1, item)?;
                        }
                    }
                }
                for item in items {
                    self.scan(index, &item)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn fits(&self, index: usize, value: &Value) -> Result<bool, End> {
        Ok(match self.path.steps.get(index) {
            Some(Step::Properties(names)) => {
                matches!(value, Value::Map(_))
                    && (!self.path.is_step_definite(index)
                        || names.iter().all(|name| value.member(name).is_some()))
            }
            Some(Step::Indexes(_) | Step::Slice(..)) => matches!(value, Value::List(_)),
            Some(Step::Wildcard) => true,
            Some(Step::Filter(filter)) => filter.accepts(value, self.root)?,
            _ => false,
        })
    }

    fn filter(&mut self, index: usize, filter: &Filter, value: &Value) -> Result<(), End> {
        match value {
            Value::Map(_) => {
                if filter.accepts(value, self.root)? {
                    self.step(index + 1, value)?;
                }
                Ok(())
            }
            Value::List(list) => {
                let items = list.items.borrow().clone();
                for item in items {
                    if filter.accepts(&item, self.root)? {
                        self.step(index + 1, &item)?;
                    }
                }
                Ok(())
            }
            _ if self.path.is_definite_before(index) => Err(End::Error(PathError::Invalid(
                "a filter cannot be applied to a scalar".into(),
            ))),
            _ => Ok(()),
        }
    }
}

/// A number for comparisons.
fn double(value: f64) -> Value {
    Value::Number(Number::Double(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definite_paths_give_values_and_others_lists() {
        let document = crate::json::read(
            r#"{"a":{"b":[1,2,{"c":3}],"d e":4},"n":null,"l":[{"p":5,"t":"x"},{"p":9}]}"#,
        )
        .expect("a document");
        for (path, expected) in [
            ("$.a.b[1]", Ok(Some("2"))),
            ("a.b[-1].c", Ok(Some("3"))),
            ("$['a']['d e']", Ok(Some("4"))),
            ("$.n", Ok(Some("null"))),
            ("$.missing", Ok(None)),
            ("$.a.missing.x", Ok(None)),
            ("$.a.b[0,1]", Ok(Some("[1,2]"))),
            ("$.a.b[:2]", Ok(Some("[1,2]"))),
            ("$..c", Ok(Some("[3]"))),
            ("$.l[?(@.p < 7)].t", Ok(Some(r#"["x"]"#))),
            ("$.l[?(@.t)].p", Ok(Some("[5]"))),
            ("$.l[?(!@.t)].p", Ok(Some("[9]"))),
            ("$.l[*].p", Ok(Some("[5,9]"))),
            ("$.l.length()", Ok(Some("2"))),
            ("$.l[0]['p','t']", Ok(Some("{p=5, t=x}"))),
            ("$.", Err(())),
            ("$.a.", Err(())),
        ] {
            let found = read(&document, path);
            let found = found
                .map(|value| value.map(|value| value.print()))
                .map_err(|_| ());
            assert_eq!(
                found.as_ref().map(Option::as_deref),
                expected.as_ref().map(|x| *x),
                "{path}"
            );
        }
    }
}
