//! From pest's pairs to expressions and references.

use pest::iterators::{Pair, Pairs};

use super::ast::{Access, Expr, ExprKind, Name, Operator, Reference, VtlSpan};
use super::error::VtlErrorKind;
use super::rules::Rule;
use super::tree::Reader;

pub(super) fn expression(reader: &mut Reader<'_>, pair: Pair<'_, Rule>) -> Expr {
    let span = reader.span(&pair);
    if !reader.enter(span) {
        return nothing(span);
    }
    let mut output: Vec<Expr> = Vec::new();
    let mut waiting: Vec<Operator> = Vec::new();
    for part in pair.into_inner() {
        match part.as_rule() {
            Rule::operand => output.push(operand(reader, part)),
            Rule::operator => {
                let Some(next) = part
                    .into_inner()
                    .next()
                    .and_then(|rule| operator(rule.as_rule()))
                else {
                    continue;
                };
                while waiting
                    .last()
                    .is_some_and(|last| last.precedence() >= next.precedence())
                {
                    join(&mut output, waiting.pop());
                }
                waiting.push(next);
            }
            _ => {}
        }
    }
    while !waiting.is_empty() {
        join(&mut output, waiting.pop());
    }
    reader.leave();
    output.pop().unwrap_or_else(|| nothing(span))
}

fn join(output: &mut Vec<Expr>, operator: Option<Operator>) {
    let (Some(operator), Some(right), Some(left)) = (operator, output.pop(), output.pop()) else {
        return;
    };
    let span = left.span.to(right.span);
    output.push(Expr {
        kind: ExprKind::Binary(operator, Box::new(left), Box::new(right)),
        span,
    });
}

fn operator(rule: Rule) -> Option<Operator> {
    Some(match rule {
        Rule::or => Operator::Or,
        Rule::and => Operator::And,
        Rule::eq => Operator::Equal,
        Rule::ne => Operator::NotEqual,
        Rule::lt => Operator::Less,
        Rule::le => Operator::LessOrEqual,
        Rule::gt => Operator::Greater,
        Rule::ge => Operator::GreaterOrEqual,
        Rule::add => Operator::Add,
        Rule::sub => Operator::Subtract,
        Rule::mul => Operator::Multiply,
        Rule::div => Operator::Divide,
        Rule::rem => Operator::Remainder,
        _ => return None,
    })
}

fn operand(reader: &mut Reader<'_>, pair: Pair<'_, Rule>) -> Expr {
    let span = reader.span(&pair);
    let mut negations = Vec::new();
    let mut inner = nothing(span);
    for part in pair.into_inner() {
        match part.as_rule() {
            Rule::not => negations.push(reader.span(&part)),
            Rule::group => {
                if let Some(grouped) = part
                    .into_inner()
                    .find(|rule| rule.as_rule() == Rule::expression)
                {
                    inner = expression(reader, grouped);
                }
            }
            Rule::value => inner = value(reader, part),
            _ => {}
        }
    }
    // A row of `!` is one level each in the tree that follows.
    if negations.len() > super::MAX_DEPTH {
        reader.error(
            VtlErrorKind::TooDeep,
            span,
            "too many `!` in a row".into(),
            None,
        );
        return inner;
    }
    negations.into_iter().rev().fold(inner, |negated, not| {
        let span = not.to(negated.span);
        Expr {
            kind: ExprKind::Not(Box::new(negated)),
            span,
        }
    })
}

/// A value: what may stand as an argument, an item, an operand.
pub(super) fn value(reader: &mut Reader<'_>, pair: Pair<'_, Rule>) -> Expr {
    let span = reader.span(&pair);
    let Some(part) = pair.into_inner().next() else {
        return nothing(span);
    };
    if !reader.enter(span) {
        return nothing(span);
    }
    let expr = literal(reader, part);
    reader.leave();
    expr
}

fn literal(reader: &mut Reader<'_>, part: Pair<'_, Rule>) -> Expr {
    let span = reader.span(&part);
    let kind = match part.as_rule() {
        Rule::boolean => ExprKind::Bool(part.as_str() == "true"),
        Rule::bare => {
            if !reader.in_arguments() {
                let message = format!("`{}` is no value", part.as_str());
                let help = "write `$name` for a variable, and quotes around a text".to_string();
                reader.error(VtlErrorKind::BareWord, span, message, Some(help));
            }
            ExprKind::Null
        }
        Rule::integer => ExprKind::Integer(part.as_str().into()),
        Rule::decimal => ExprKind::Decimal(part.as_str().into()),
        Rule::string | Rule::raw_string => text(reader, part),
        Rule::reference => ExprKind::Reference(reference(reader, part)),
        Rule::list => list(reader, part),
        Rule::map => ExprKind::Map(
            part.into_inner()
                .filter_map(|entry| {
                    let mut sides = entry.into_inner();
                    Some((
                        parameter(reader, sides.next()?),
                        parameter(reader, sides.next()?),
                    ))
                })
                .collect(),
        ),
        _ => return nothing(span),
    };
    Expr { kind, span }
}

fn parameter(reader: &mut Reader<'_>, pair: Pair<'_, Rule>) -> Expr {
    let span = reader.span(&pair);
    match pair.into_inner().next() {
        Some(part) => value(reader, part),
        None => nothing(span),
    }
}

fn text(reader: &mut Reader<'_>, pair: Pair<'_, Rule>) -> ExprKind {
    let quote = if pair.as_rule() == Rule::string {
        '"'
    } else {
        '\''
    };
    let Some(body) = pair.into_inner().next() else {
        return ExprKind::Text(String::new());
    };
    let (text, places) = super::quoted::unquote(
        body.as_str(),
        quote,
        body.as_span().start(),
        reader.places(),
    );
    // Velocity decides by the source, before it decodes `\u0024`.
    if quote == '"' && body.as_str().contains(['$', '#']) {
        ExprKind::Interpolated(reader.string(&text, places))
    } else {
        ExprKind::Text(text)
    }
}

fn list(reader: &mut Reader<'_>, pair: Pair<'_, Rule>) -> ExprKind {
    let mut items = Vec::new();
    for part in pair.into_inner() {
        if part.as_rule() == Rule::parameter {
            items.push(parameter(reader, part));
            continue;
        }
        let to = part.into_inner().next().map(|end| parameter(reader, end));
        let (Some(from), Some(to)) = (items.pop(), to) else {
            continue;
        };
        for end in [&from, &to] {
            if !matches!(end.kind, ExprKind::Integer(_) | ExprKind::Reference(_)) {
                let help = "write `[1..$n]`, and compute `$n` with `#set` before".to_string();
                let message = "the ends of a range are whole numbers or references".into();
                reader.error(VtlErrorKind::BadRange, end.span, message, Some(help));
            }
        }
        return ExprKind::Range(Box::new(from), Box::new(to));
    }
    ExprKind::List(items)
}

pub(super) fn reference(reader: &mut Reader<'_>, pair: Pair<'_, Rule>) -> Reference {
    let span = reader.span(&pair);
    let mut reference = Reference {
        quiet: false,
        formal: false,
        name: Name {
            text: String::new(),
            span,
        },
        path: Vec::new(),
        span,
    };
    let mut nameless = false;
    for part in pair.into_inner() {
        match part.as_rule() {
            Rule::quiet => reference.quiet = true,
            Rule::formal => reference.formal = true,
            Rule::nameless => nameless = true,
            Rule::name => {
                reference.name = name(reader, &part);
                if nameless {
                    reference.name.text.clear();
                }
            }
            Rule::index => {
                let span = reader.span(&part);
                let inner = part.into_inner().next();
                let index = inner.map_or_else(|| nothing(span), |inner| indexed(reader, inner));
                reference.path.push(Access::Index {
                    index: Box::new(index),
                    span,
                });
            }
            Rule::access => {
                let span = reader.span(&part);
                reference.path.push(access(reader, part.into_inner(), span));
            }
            _ => {}
        }
    }
    reference
}

fn indexed(reader: &mut Reader<'_>, pair: Pair<'_, Rule>) -> Expr {
    let span = reader.span(&pair);
    if !reader.enter(span) {
        return nothing(span);
    }
    let expr = literal(reader, pair);
    reader.leave();
    expr
}

fn access(reader: &mut Reader<'_>, parts: Pairs<'_, Rule>, span: VtlSpan) -> Access {
    let mut member = Name {
        text: String::new(),
        span,
    };
    for part in parts {
        if part.as_rule() == Rule::name {
            member = name(reader, &part);
        } else {
            let outer = reader.enter_arguments(true);
            let arguments = part
                .into_inner()
                .map(|argument| parameter(reader, argument))
                .collect();
            reader.enter_arguments(outer);
            return Access::Method {
                name: member,
                arguments,
                span,
            };
        }
    }
    Access::Property(member)
}

/// A name. `true` and `false` are never names: Velocity's lexer takes them for values.
fn name(reader: &mut Reader<'_>, pair: &Pair<'_, Rule>) -> Name {
    let span = reader.span(pair);
    if matches!(pair.as_str(), "true" | "false") {
        let message = format!("`{}` cannot be a name", pair.as_str());
        reader.error(
            VtlErrorKind::BadReference,
            span,
            message,
            Some("use an index, as in `$x[\"true\"]`".into()),
        );
    }
    Name {
        text: pair.as_str().into(),
        span,
    }
}

fn nothing(span: VtlSpan) -> Expr {
    Expr {
        kind: ExprKind::Text(String::new()),
        span,
    }
}
