//! Clauses of a condition: what holds always or never, and values that their operator cannot match.

use tollgate_model::condition::{Operator, Quantifier};

use super::super::cx::Cx;
use super::super::iam::{Place, operator_of};
use super::super::iam_keys::{self, Key, KeyType};
use super::{has_variable, texts};
use crate::cel::timestamp_ms;
use crate::cover::{Range, glob_covers};
use crate::diagnostic::Finding;
use crate::diagnostic::codes::{
    AllOfNothing, AllowedWithoutKey, ConditionAlways, ConditionImpossible, NotAnArn,
    OperatorOfOtherType, RangeWithHost, SetOperatorOnOne, WildcardToTheLetter,
};
use crate::document::Node;

/// One clause, as it stands in the JSON.
struct Clause<'d> {
    /// The operator as written, without quantifier and `IfExists`.
    name: &'d str,
    quantifier: Option<Quantifier>,
    operator: Operator,
    if_exists: bool,
    key: Node<'d>,
    /// The key, if it is one that the gateway knows.
    known: Option<&'static Key>,
    values: Vec<(&'d str, Node<'d>)>,
}

impl Clause<'_> {
    fn is_about(&self, other: &Clause<'_>) -> bool {
        self.key.text().eq_ignore_ascii_case(other.key.text())
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(|(text, _)| *text)
    }

    /// Whether the clause is false for a request without the key.
    fn needs_key(&self) -> bool {
        self.operator != Operator::Null
            && !self.if_exists
            && !is_negated(self.operator)
            && self.quantifier != Some(Quantifier::ForAllValues)
    }

    /// Whether the clause compares one value, and its own are known.
    fn is_plain(&self) -> bool {
        self.quantifier.is_none() && !self.if_exists && !self.texts().any(has_variable)
    }

    /// Whether `Null` asks for the key (`false`) or for its absence (`true`); none if for neither or both.
    fn asks_null(&self) -> Option<bool> {
        if self.operator != Operator::Null {
            return None;
        }
        let is_true = |text: &str| text.eq_ignore_ascii_case("true");
        let absent = self.texts().any(is_true);
        let there = self.texts().any(|text| !is_true(text));
        (absent != there).then_some(absent)
    }
}

fn is_negated(operator: Operator) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::StringNotEquals
            | O::StringNotEqualsIgnoreCase
            | O::StringNotLike
            | O::NumericNotEquals
            | O::DateNotEquals
            | O::NotIpAddress
            | O::ArnNotEquals
            | O::ArnNotLike
    )
}

/// What an operator compares; none for `Null`, which fits every key.
fn compared(operator: Operator) -> Option<KeyType> {
    use Operator as O;
    Some(match operator {
        O::StringEquals
        | O::StringNotEquals
        | O::StringEqualsIgnoreCase
        | O::StringNotEqualsIgnoreCase
        | O::StringLike
        | O::StringNotLike
        | O::BinaryEquals => KeyType::Text,
        O::NumericEquals
        | O::NumericNotEquals
        | O::NumericLessThan
        | O::NumericLessThanEquals
        | O::NumericGreaterThan
        | O::NumericGreaterThanEquals => KeyType::Number,
        O::DateEquals
        | O::DateNotEquals
        | O::DateLessThan
        | O::DateLessThanEquals
        | O::DateGreaterThan
        | O::DateGreaterThanEquals => KeyType::Moment,
        O::Bool => KeyType::Bool,
        O::IpAddress | O::NotIpAddress => KeyType::Address,
        O::ArnEquals | O::ArnNotEquals | O::ArnLike | O::ArnNotLike => KeyType::Arn,
        O::Null => return None,
    })
}

/// Whether a comparison of this kind can succeed with a key of that type.
fn fits(compared: KeyType, key: &Key) -> bool {
    compared == key.ty
        || match key.ty {
            // ARNs and truth values are texts as well, and a text may be an ARN.
            KeyType::Arn | KeyType::Bool => compared == KeyType::Text,
            KeyType::Text => compared == KeyType::Arn,
            // `aws:EpochTime`.
            KeyType::Moment => compared == KeyType::Number,
            KeyType::Number | KeyType::Address => false,
        }
}

impl Cx<'_> {
    pub(super) fn advise_condition(
        &mut self,
        condition: Node<'_>,
        allows: bool,
        variables: bool,
        place: &Place,
    ) {
        let mut clauses = Vec::new();
        for (name, keys) in condition.members() {
            let Some((quantifier, operator, if_exists, bare)) = operator_of(name.text()) else {
                continue;
            };
            for (key, values) in keys.members() {
                clauses.push(Clause {
                    name: bare,
                    quantifier,
                    operator,
                    if_exists,
                    key,
                    known: iam_keys::known(key.text()),
                    values: texts(values),
                });
            }
        }
        for clause in &clauses {
            self.clause_values(clause, variables, place);
            self.clause_of_key(clause, place);
            self.clause_alone(clause, place);
            if allows {
                self.clause_of_allowance(clause, &clauses, place);
            }
        }
        for (at, clause) in clauses.iter().enumerate() {
            for other in clauses.iter().skip(at + 1) {
                if clause.is_about(other)
                    && let Some(why) = excluded(clause, other).or_else(|| excluded(other, clause))
                {
                    let (span, first) = (place.of(other.key), place.of(clause.key));
                    let finding = ConditionImpossible { why };
                    self.report(finding.at(span).also(first, "against this"));
                }
            }
        }
    }

    /// Values that say nothing, or that the operator cannot match.
    fn clause_values(&mut self, clause: &Clause<'_>, variables: bool, place: &Place) {
        use Operator as O;
        for (text, at) in &clause.values {
            self.variables_of(text, *at, variables, place);
            let span = place.of(*at);
            if has_variable(text) {
                continue;
            }
            let like = match clause.operator {
                O::StringEquals | O::StringEqualsIgnoreCase => "StringLike",
                O::StringNotEquals | O::StringNotEqualsIgnoreCase => "StringNotLike",
                _ => "",
            };
            if !like.is_empty() && text.contains(['*', '?']) {
                let finding = WildcardToTheLetter {
                    value: (*text).to_owned(),
                    operator: clause.name.to_owned(),
                    like,
                };
                self.report(finding.at(span));
            }
            if compared(clause.operator) == Some(KeyType::Arn)
                && !(text.starts_with("arn:") && text.splitn(6, ':').count() == 6)
                && !text.starts_with('*')
            {
                let value = (*text).to_owned();
                self.report(NotAnArn { value }.at(span));
            }
            if compared(clause.operator) == Some(KeyType::Address)
                && let Some((range, true)) = Range::read(text)
            {
                let finding = RangeWithHost {
                    value: (*text).to_owned(),
                    range: range.to_string(),
                };
                self.report(finding.at(span));
            }
        }
        let operator = clause.operator;
        self.covered(&clause.values, place, |work, wide, narrow| match operator {
            _ if has_variable(wide) || has_variable(narrow) => wide == narrow,
            O::StringLike | O::StringNotLike => work.glob_covers(wide, narrow),
            O::StringEqualsIgnoreCase | O::StringNotEqualsIgnoreCase => {
                wide.to_lowercase() == narrow.to_lowercase()
            }
            O::IpAddress | O::NotIpAddress => match (Range::read(wide), Range::read(narrow)) {
                (Some((wide, _)), Some((narrow, _))) => wide.covers(narrow),
                _ => false,
            },
            _ => wide == narrow,
        });
    }

    fn clause_of_key(&mut self, clause: &Clause<'_>, place: &Place) {
        let Some(key) = clause.known else { return };
        let span = place.of(clause.key);
        let written = || clause.key.text().to_owned();
        if compared(clause.operator).is_some_and(|compared| !fits(compared, key)) {
            let finding = OperatorOfOtherType {
                key: written(),
                ty: key.ty.what(),
                operator: clause.name.to_owned(),
            };
            self.report(finding.at(span));
        }
        if let Some(quantifier) = clause.quantifier
            && !key.many
        {
            let finding = SetOperatorOnOne {
                key: written(),
                quantifier: match quantifier {
                    Quantifier::ForAllValues => "ForAllValues",
                    Quantifier::ForAnyValue => "ForAnyValue",
                },
            };
            self.report(finding.at(span));
        }
    }

    /// A clause that holds for every request, or for none.
    fn clause_alone(&mut self, clause: &Clause<'_>, place: &Place) {
        use Operator as O;
        let key = clause.known;
        let is = |name: &str| key.is_some_and(|key| key.name == name);
        let always = key.is_some_and(|key| key.always);
        let says = |value: &str| clause.texts().any(|text| text.eq_ignore_ascii_case(value));
        let both = || says("true") && says("false");
        let holds: Result<String, String> = match clause.operator {
            O::IpAddress | O::NotIpAddress => {
                let mut ranges = clause.texts().filter_map(Range::read);
                let Some((range, _)) = ranges.find(|(range, _)| range.is_everything()) else {
                    return;
                };
                let why = format!("`{range}` is every address of its kind");
                match clause.operator {
                    O::IpAddress => Ok(why),
                    _ => Err(why),
                }
            }
            O::Null if both() => Ok("a key is there or is not".into()),
            O::Bool if both() && always => Ok("it is true or false".into()),
            O::Null if always => match clause.asks_null() {
                Some(false) => Ok(format!("every request has `{}`", clause.key.text())),
                _ => Err(format!("every request has `{}`", clause.key.text())),
            },
            O::Bool if is("aws:SecureTransport") && clause.is_plain() => {
                let why = "every request to an API comes over TLS".to_owned();
                match says("true") {
                    true => Ok(why),
                    false => Err(why),
                }
            }
            _ => return,
        };
        let span = place.of(clause.key);
        self.report(match holds {
            Ok(why) => ConditionAlways { why }.at(span),
            Err(why) => ConditionImpossible { why }.at(span),
        });
    }

    /// An allowance that holds where the key is absent.
    fn clause_of_allowance(&mut self, clause: &Clause<'_>, all: &[Clause<'_>], place: &Place) {
        let Some(known) = clause.known else { return };
        let asked_for = |other: &Clause<'_>| {
            other.is_about(clause) && (other.asks_null() == Some(false) || other.needs_key())
        };
        if known.always || known.name == "aws:SourceIp" || all.iter().any(asked_for) {
            return;
        }
        let span = place.of(clause.key);
        let key = clause.key.text().to_owned();
        if clause.quantifier == Some(Quantifier::ForAllValues) && known.many {
            self.report(AllOfNothing { key }.at(span));
        } else if clause.quantifier.is_none() && (is_negated(clause.operator) || clause.if_exists) {
            let suffix = if clause.if_exists { "IfExists" } else { "" };
            let operator = format!("{}{suffix}", clause.name);
            self.report(AllowedWithoutKey { key, operator }.at(span));
        }
    }
}

/// Why two clauses about one key exclude each other, as far as `a` is the one that says so.
fn excluded(a: &Clause<'_>, b: &Clause<'_>) -> Option<String> {
    use Operator as O;
    let key = a.key.text();
    if a.asks_null() == Some(true) && (b.needs_key() || b.asks_null() == Some(false)) {
        return Some(format!("`{key}` would have to be absent and there"));
    }
    if !a.is_plain() || !b.is_plain() {
        return None;
    }
    let ranges = |clause: &Clause<'_>| -> Vec<Range> {
        let read = clause.texts().filter_map(Range::read);
        read.map(|(range, _)| range).collect()
    };
    let none = |fits: &dyn Fn(&str, &str) -> bool| {
        !a.texts()
            .any(|left| b.texts().any(|right| fits(left, right)))
    };
    let every = |fits: &dyn Fn(&str, &str) -> bool| {
        a.texts()
            .all(|left| b.texts().any(|right| fits(left, right)))
    };
    let nothing_left = match (a.operator, b.operator) {
        (O::StringEquals, O::StringEquals) => none(&|left, right| left == right),
        (O::StringEquals, O::StringLike) => none(&|left, right| glob_covers(right, left)),
        (O::StringEquals, O::StringNotEquals) => every(&|left, right| left == right),
        (O::StringEquals | O::StringLike, O::StringNotLike) => {
            every(&|left, right| glob_covers(right, left))
        }
        (O::Bool, O::Bool) => none(&|left, right| left.eq_ignore_ascii_case(right)),
        (O::IpAddress, O::IpAddress) => {
            let (left, right) = (ranges(a), ranges(b));
            let meet = |left: &Range| {
                right
                    .iter()
                    .any(|right| left.covers(*right) || right.covers(*left))
            };
            !left.iter().any(meet)
        }
        (O::IpAddress, O::NotIpAddress) => {
            let out = ranges(b);
            ranges(a)
                .iter()
                .all(|left| out.iter().any(|right| right.covers(*left)))
        }
        _ => {
            let (Some(from), Some(to)) = (bound(a, true), bound(b, false)) else {
                return None;
            };
            from > to
        }
    };
    nothing_left.then(|| format!("no value of `{key}` fits this and the other clause"))
}

/// The least value that a `…GreaterThan…` clause takes, or the greatest of a `…LessThan…` one, up to the borders
/// themselves.
fn bound(clause: &Clause<'_>, least: bool) -> Option<f64> {
    use Operator as O;
    let greater = matches!(
        clause.operator,
        O::NumericGreaterThan
            | O::NumericGreaterThanEquals
            | O::DateGreaterThan
            | O::DateGreaterThanEquals
    );
    let less = matches!(
        clause.operator,
        O::NumericLessThan | O::NumericLessThanEquals | O::DateLessThan | O::DateLessThanEquals
    );
    if !(greater && least || less && !least) {
        return None;
    }
    let moments = compared(clause.operator) == Some(KeyType::Moment);
    let read = |text: &str| -> Option<f64> {
        if moments {
            let day = format!("{text}T00:00:00Z");
            if let Some(ms) = timestamp_ms(text).or_else(|| timestamp_ms(&day)) {
                return Some(ms as f64 / 1000.0);
            }
        }
        text.parse().ok()
    };
    let mut values = clause.texts().map(read).collect::<Option<Vec<f64>>>()?;
    values.sort_by(f64::total_cmp);
    // Several values are alternatives: the widest counts.
    match least {
        true => values.first().copied(),
        false => values.last().copied(),
    }
}
