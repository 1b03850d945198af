//! Mapping templates, walked as Velocity 1.7 walks them behind API Gateway's objects.
//!
//! The rule that everything else follows from: a reference that leads to nothing (an unknown
//! name, a missing member, an unknown method, null) has the value `""`.

mod java_text;
mod lists;
mod maps;
mod methods;
mod numbers;
mod objects;
mod texts;

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use num_bigint::BigInt;
use tollgate_grammar::vtl::{
    self, Access, Block, Expr, ExprKind, Node, Operator, Reference, VtlSpan,
};

use crate::number::{Number, Operation};
use crate::value::{Foreach, Object, Value};

/// A loop ends silently after so many rounds.
const MAX_ROUNDS: usize = 1000;

/// How often a `#define` may be printed inside itself.
const MAX_DEFINE_DEPTH: u32 = 2;

/// A rendering may take so many steps; templates that need more are refused.
const MAX_STEPS: u64 = 5_000_000;

/// What a template sees.
pub struct Host {
    /// The payload as text.
    pub body: String,
    /// `$input.params()`: maps `path`, `querystring`, `header`.
    pub params: Value,
    /// `$context`.
    pub context: Value,
    /// `$stageVariables`.
    pub stage_variables: Value,
    /// Further variables; a gateway has none.
    pub variables: Vec<(String, Value)>,
}

/// What a template renders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// Whether a reference led to nothing on the way.
    pub unresolved: bool,
}

/// Why a template has no output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It is no template.
    Parse(String),
    /// A method threw, or an override was assigned twice.
    Runtime(String),
}

/// Renders a template.
///
/// # Errors
///
/// The text is no template, or something that it calls throws.
pub fn render(text: &str, host: &Host) -> Result<Rendered, Failure> {
    let template = vtl::parse(text).map_err(|errors| {
        Failure::Parse(
            errors
                .into_iter()
                .map(|error| error.message)
                .collect::<Vec<_>>()
                .join("; "),
        )
    })?;
    let object = |object| Value::Object(Rc::new(object));
    let mut walk = Walk {
        text,
        host,
        unresolved: false,
        variables: HashMap::from([
            ("input".to_owned(), object(Object::Input)),
            ("util".to_owned(), object(Object::Util)),
            ("context".to_owned(), host.context.clone()),
            ("stageVariables".to_owned(), host.stage_variables.clone()),
        ]),
        steps: 0,
    };
    walk.variables.extend(host.variables.iter().cloned());
    let mut out = String::new();
    match walk.block(&template.block, &mut out) {
        // A `#break` outside of everything ends the template as `#stop` does.
        Ok(()) | Err(Interrupt::Break(_) | Interrupt::Stop) => Ok(Rendered {
            text: out,
            unresolved: walk.unresolved,
        }),
        Err(Interrupt::Failed(message)) => Err(Failure::Runtime(message)),
    }
}

/// Why the walk does not go on.
#[derive(Debug)]
enum Interrupt {
    /// `#break`, of a certain scope or of the innermost.
    Break(Option<Rc<Object>>),
    /// `#stop`.
    Stop,
    /// Something threw.
    Failed(String),
}

fn failed<T>(message: impl Into<String>) -> Result<T, Interrupt> {
    Err(Interrupt::Failed(message.into()))
}

struct Walk<'a> {
    text: &'a str,
    host: &'a Host,
    variables: HashMap<String, Value>,
    steps: u64,
    unresolved: bool,
}

impl Walk<'_> {
    fn step(&mut self) -> Result<(), Interrupt> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return failed("the template takes too long");
        }
        Ok(())
    }

    /// What is written between two places; nothing inside of a `#define` from elsewhere.
    fn source(&self, span: VtlSpan) -> String {
        self.text
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
            .to_owned()
    }

    fn block(&mut self, block: &Block, out: &mut String) -> Result<(), Interrupt> {
        for node in &block.nodes {
            self.step()?;
            self.node(node, out)?;
        }
        Ok(())
    }

    fn node(&mut self, node: &Node, out: &mut String) -> Result<(), Interrupt> {
        match node {
            Node::Text { text, .. } => out.push_str(text),
            Node::Print {
                before,
                escaped,
                reference,
                source,
                ..
            } => {
                out.push_str(before);
                let value = self.reference(reference)?;
                if *escaped {
                    out.push_str(source);
                } else {
                    self.print(&value, source, out)?;
                }
            }
            Node::Set { target, value, .. } => {
                // A failed operation leaves the target as it was, and so does a variable that is written as it
                // would be printed: `${x}`, `$!x`.
                let printed = target.path.is_empty() && (target.formal || target.quiet);
                if let Some(value) = self.value(value)?
                    && !printed
                {
                    self.assign(target, value)?;
                }
            }
            Node::If {
                arms, otherwise, ..
            } => {
                for (condition, body) in arms {
                    if self.holds(condition)? {
                        return self.block(body, out);
                    }
                }
                if let Some(body) = otherwise {
                    self.block(body, out)?;
                }
            }
            Node::Foreach {
                item, items, body, ..
            } => self.foreach(&item.text, items, body, out)?,
            Node::Define { name, body, .. } => {
                let define = Object::Define(body.clone(), Cell::new(0));
                self.variables
                    .insert(name.text.clone(), Value::Object(Rc::new(define)));
            }
            Node::Break { scope, .. } => {
                let scope = match scope {
                    Some(reference) => match self.reference(reference)? {
                        Value::Object(object) if matches!(*object, Object::Foreach(_)) => {
                            Some(object)
                        }
                        _ => return failed("`#break` of something that is no scope"),
                    },
                    None => None,
                };
                return Err(Interrupt::Break(scope));
            }
            Node::Stop { .. } => return Err(Interrupt::Stop),
            _ => return failed("a directive that is not known"),
        }
        Ok(())
    }

    /// Prints a value; a `#define`d block is rendered here and now.
    fn print(&mut self, value: &Value, source: &str, out: &mut String) -> Result<(), Interrupt> {
        if value.is_endless() {
            return failed("a value that holds itself has no text");
        }
        let Value::Object(object) = value else {
            out.push_str(&value.print());
            return Ok(());
        };
        let Object::Define(body, depth) = object.as_ref() else {
            out.push_str(&value.print());
            return Ok(());
        };
        if depth.get() >= MAX_DEFINE_DEPTH {
            out.push_str(source);
            return Ok(());
        }
        depth.set(depth.get() + 1);
        let rendered = self.block(body, out);
        depth.set(depth.get() - 1);
        match rendered {
            Err(Interrupt::Break(None)) => Ok(()),
            other => other,
        }
    }

    /// A value as text, as a method or a comparison sees it.
    fn text_of(&mut self, value: &Value) -> Result<String, Interrupt> {
        let mut text = String::new();
        self.print(value, "", &mut text)?;
        Ok(text)
    }

    fn foreach(
        &mut self,
        item: &str,
        items: &Expr,
        body: &Block,
        out: &mut String,
    ) -> Result<(), Interrupt> {
        let Some(collection) = self.value(items)? else {
            return Ok(());
        };
        // What cannot be walked is passed over: texts, numbers, truth values.
        let mut map = None;
        let (rounds, live) = match &collection {
            Value::List(list) => {
                map = list.of.clone();
                let items = list.items.borrow().clone();
                (items, map.is_none().then(|| list.clone()))
            }
            // A map is walked by its values.
            Value::Map(of) => {
                map = Some(of.clone());
                (of.entries.borrow().values().cloned().collect(), None)
            }
            Value::Object(object) => match object.as_ref() {
                Object::Iterator(items, taken) => {
                    let rest = items.get(taken.get()..).unwrap_or_default().to_vec();
                    taken.set(items.len());
                    (rest, None)
                }
                _ => return Ok(()),
            },
            _ => return Ok(()),
        };
        if item == "foreach" {
            return failed("a loop variable that hides its own scope");
        }
        let changes = || match (&live, &map) {
            (Some(list), _) => list.changes.get(),
            (None, Some(map)) => map.changes.get(),
            (None, None) => 0,
        };
        let before = changes();
        let names = [item, "velocityCount", "velocityHasNext", "foreach"];
        let saved = names.map(|name| self.variables.get(name).cloned());
        let scope = Rc::new(Object::Foreach(Foreach {
            index: Cell::new(0),
            has_next: Cell::new(false),
            parent: saved[3].clone(),
        }));
        self.variables
            .insert("foreach".to_owned(), Value::Object(scope.clone()));
        let mut result = Ok(());
        let mut round = 0;
        while round < MAX_ROUNDS {
            // The iterator of a list looks at the list as it is now; both kinds refuse to go
            // on over what changed.
            let length = live
                .as_ref()
                .map_or(rounds.len(), |list| list.items.borrow().len());
            if round == length {
                break;
            }
            if changes() != before {
                result = failed("a list that changes during its own loop");
                break;
            }
            let value = match &live {
                Some(list) => list.items.borrow().get(round).cloned(),
                None => rounds.get(round).cloned(),
            }
            .unwrap_or(Value::Null);
            let has_next = round + 1 != length;
            if let Object::Foreach(state) = scope.as_ref() {
                state.index.set(i32::try_from(round).unwrap_or(i32::MAX));
                state.has_next.set(has_next);
            }
            let count = i32::try_from(round + 1).unwrap_or(i32::MAX);
            self.variables
                .insert("velocityCount".to_owned(), Value::int(count));
            self.variables
                .insert("velocityHasNext".to_owned(), Value::Bool(has_next));
            self.variables.insert(item.to_owned(), value);
            match self.block(body, out) {
                Ok(()) => {}
                Err(Interrupt::Break(None)) => break,
                Err(Interrupt::Break(Some(of))) if Rc::ptr_eq(&of, &scope) => break,
                other => {
                    result = other;
                    break;
                }
            }
            round += 1;
        }
        for (name, value) in names.into_iter().zip(saved) {
            match value {
                Some(value) => self.variables.insert(name.to_owned(), value),
                None => self.variables.remove(name),
            };
        }
        result
    }

    /// The value of a reference; `""` if it leads to nothing.
    fn reference(&mut self, reference: &Reference) -> Result<Value, Interrupt> {
        let found = self.resolve(reference)?;
        self.unresolved |= found.is_none();
        Ok(found.unwrap_or_else(|| Value::text("")))
    }

    fn resolve(&mut self, reference: &Reference) -> Result<Option<Value>, Interrupt> {
        let mut value = match self.variables.get(&reference.name.text) {
            None | Some(Value::Null) => return Ok(None),
            Some(value) => value.clone(),
        };
        for access in &reference.path {
            value = match self.access(&value, access)? {
                None | Some(Value::Null) => return Ok(None),
                Some(value) => value,
            };
        }
        Ok(Some(value))
    }

    fn access(&mut self, value: &Value, access: &Access) -> Result<Option<Value>, Interrupt> {
        self.step()?;
        match access {
            Access::Property(name) => Ok(self.property(value, &name.text)),
            Access::Method {
                name, arguments, ..
            } => {
                let mut given = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    given.push(self.value(argument)?.unwrap_or(Value::Null));
                }
                self.call(value, &name.text, &given)
            }
            Access::Index { index, .. } => {
                let index = self.value(index)?.unwrap_or(Value::Null);
                let index = from_the_end(value, index)?;
                self.call(value, "get", &[index])
            }
            _ => Ok(None),
        }
    }

    /// `#set` of a variable, a member or an item. Where nothing can be set, nothing happens.
    fn assign(&mut self, target: &Reference, value: Value) -> Result<(), Interrupt> {
        let Some((last, path)) = target.path.split_last() else {
            self.variables.insert(target.name.text.clone(), value);
            return Ok(());
        };
        let mut holder = match self.variables.get(&target.name.text) {
            None | Some(Value::Null) => return Ok(()),
            Some(holder) => holder.clone(),
        };
        for access in path {
            holder = match self.access(&holder, access)? {
                None | Some(Value::Null) => return Ok(()),
                Some(holder) => holder,
            };
        }
        match last {
            Access::Property(name) => {
                if let Value::Map(map) = &holder {
                    maps::put(map, Value::text(&name.text).key(), value)?;
                }
            }
            Access::Index { index, .. } => {
                let index = self.value(index)?.unwrap_or(Value::Null);
                let index = from_the_end(&holder, index)?;
                match &holder {
                    Value::Map(map) => {
                        maps::put(map, index.key(), value)?;
                    }
                    Value::List(_) => {
                        self.call(&holder, "set", &[index, value])?;
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The value of an expression; none for a failed operation.
    fn value(&mut self, expr: &Expr) -> Result<Option<Value>, Interrupt> {
        self.step()?;
        Ok(Some(match &expr.kind {
            ExprKind::Bool(value) => Value::Bool(*value),
            ExprKind::Integer(digits) => match digits.parse::<BigInt>() {
                Ok(value) => Value::Number(Number::whole(value)),
                Err(_) => return Ok(None),
            },
            ExprKind::Decimal(digits) => match digits.parse() {
                Ok(value) => Value::Number(Number::Double(value)),
                Err(_) => return Ok(None),
            },
            ExprKind::Text(text) => Value::text(text),
            ExprKind::Interpolated(block) => {
                let mut text = String::new();
                match self.block(block, &mut text) {
                    Ok(()) | Err(Interrupt::Break(None)) => Value::text(text),
                    Err(other) => return Err(other),
                }
            }
            ExprKind::Reference(reference) => self.reference(reference)?,
            ExprKind::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    list.push(self.value(item)?.unwrap_or(Value::Null));
                }
                Value::list(list)
            }
            ExprKind::Range(from, to) => {
                let (from, to) = (self.value(from)?, self.value(to)?);
                let (Some(Value::Number(from)), Some(Value::Number(to))) = (from, to) else {
                    return Ok(None);
                };
                let (from, to) = (from.to_f64() as i64, to.to_f64() as i64);
                if from.abs_diff(to) > 1_000_000 {
                    return failed("a range of more than a million numbers");
                }
                let number = |value: i64| Value::Number(Number::whole(BigInt::from(value)));
                Value::list(if from <= to {
                    (from..=to).map(number).collect()
                } else {
                    (to..=from).rev().map(number).collect()
                })
            }
            ExprKind::Map(entries) => {
                let map = Value::map::<&str>([]);
                for (key, value) in entries {
                    let key = self.value(key)?.unwrap_or(Value::Null).key();
                    let value = self.value(value)?.unwrap_or(Value::Null);
                    if let Value::Map(map) = &map {
                        maps::put(map, key, value)?;
                    }
                }
                map
            }
            ExprKind::Not(_) => Value::Bool(self.holds(expr)?),
            ExprKind::Binary(operator, left, right) => match arithmetic(*operator) {
                Some(operation) => return self.calculate(operation, left, right),
                None => Value::Bool(self.holds(expr)?),
            },
            _ => return Ok(None),
        }))
    }

    fn calculate(
        &mut self,
        operation: Operation,
        left: &Expr,
        right: &Expr,
    ) -> Result<Option<Value>, Interrupt> {
        let (a, b) = (self.value(left)?, self.value(right)?);
        let text = |value: &Option<Value>| matches!(value, Some(Value::Text(_)));
        if operation == Operation::Add && (text(&a) || text(&b)) {
            // `+` with a text joins texts; a failed side stands for its own source.
            let mut joined = String::new();
            for (side, value) in [(left, a), (right, b)] {
                match value {
                    Some(value) => joined.push_str(&self.text_of(&value)?),
                    None => joined.push_str(&self.source(side.span)),
                }
            }
            return Ok(Some(Value::text(joined)));
        }
        Ok(match (a, b) {
            (Some(Value::Number(a)), Some(Value::Number(b))) => {
                a.apply(operation, &b).map(Value::Number)
            }
            _ => None,
        })
    }

    /// Whether a condition holds. A reference is false only for the truth value false; a
    /// literal other than `true` never holds.
    fn holds(&mut self, expr: &Expr) -> Result<bool, Interrupt> {
        self.step()?;
        Ok(match &expr.kind {
            ExprKind::Bool(value) => *value,
            ExprKind::Reference(reference) => {
                !matches!(self.reference(reference)?, Value::Bool(false))
            }
            ExprKind::Not(inner) => !self.holds(inner)?,
            ExprKind::Binary(Operator::And, left, right) => {
                self.holds(left)? && self.holds(right)?
            }
            ExprKind::Binary(Operator::Or, left, right) => {
                self.holds(left)? || self.holds(right)?
            }
            ExprKind::Binary(operator, left, right) if arithmetic(*operator).is_none() => {
                let (a, b) = (self.value(left)?, self.value(right)?);
                self.compare(*operator, a, b)?
            }
            _ => false,
        })
    }

    fn compare(
        &mut self,
        operator: Operator,
        a: Option<Value>,
        b: Option<Value>,
    ) -> Result<bool, Interrupt> {
        if let (Some(Value::Number(a)), Some(Value::Number(b))) = (&a, &b) {
            // Numbers compare by value, whatever their classes.
            let order = a.compare(b);
            return Ok(match operator {
                Operator::Equal => order.is_some_and(|order| order.is_eq()),
                Operator::NotEqual => !order.is_some_and(|order| order.is_eq()),
                Operator::Less => order.is_some_and(|order| order.is_lt()),
                Operator::LessOrEqual => order.is_some_and(|order| order.is_le()),
                Operator::Greater => order.is_some_and(|order| order.is_gt()),
                _ => order.is_some_and(|order| order.is_ge()),
            });
        }
        // Other values have no order, and are not asked for their texts.
        if !matches!(operator, Operator::Equal | Operator::NotEqual) {
            return Ok(false);
        }
        let equal = match (a, b) {
            (None, None) => true,
            (None, Some(_)) | (Some(_), None) => false,
            // Values of one class compare by content, others by their texts.
            (Some(a), Some(b)) if a.class() == b.class() => a.same(&b),
            (Some(a), Some(b)) => self.text_of(&a)? == self.text_of(&b)?,
        };
        Ok(equal == (operator == Operator::Equal))
    }
}

/// A negative index counts from the end, where there is a size to count from.
fn from_the_end(value: &Value, index: Value) -> Result<Value, Interrupt> {
    Ok(match (&index, value) {
        (Value::Number(Number::Int(number)), Value::List(list)) if *number < 0 => {
            let length = i32::try_from(list.items.borrow().len()).unwrap_or(i32::MAX);
            Value::int(length.saturating_add(*number))
        }
        (_, Value::Map(_) | Value::Null) => index,
        // What is no collection has no `size()` to count from.
        (Value::Number(Number::Int(number)), _) if *number < 0 => {
            return Err(Interrupt::Failed(
                "an index below zero of a value without a size".into(),
            ));
        }
        _ => index,
    })
}

fn arithmetic(operator: Operator) -> Option<Operation> {
    Some(match operator {
        Operator::Add => Operation::Add,
        Operator::Subtract => Operation::Subtract,
        Operator::Multiply => Operation::Multiply,
        Operator::Divide => Operation::Divide,
        Operator::Remainder => Operation::Remainder,
        _ => return None,
    })
}
