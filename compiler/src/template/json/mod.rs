//! Whether what a template renders is JSON.
//!
//! The template is walked with every state that a reader of JSON could be in. What a reference prints is known by
//! its kind alone: a JSON value, a number, text that needs no escaping, any text. Where a reader's state depends
//! on what is printed, the verdict is that nobody knows.

mod kind;
mod reader;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};

use tollgate_grammar::vtl::{
    Access, Block, Expr, ExprKind, Node, Operator, Reference, Template, VtlSpan,
};

use kind::Kind;
use reader::State;

/// What is known of a template's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JsonVerdict {
    /// It is JSON, whatever the request holds.
    Always,
    /// It is JSON for some requests; values that would need escaping, or are no values, break it.
    OnlyIfEscaped,
    /// It never is.
    Never,
    /// Nobody knows.
    Unknown,
}

/// What is known of a template's output, and where it fails to be JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonReport {
    /// The verdict.
    pub verdict: JsonVerdict,
    /// Of a template that is never JSON: the last place at which it could still have been; none: it ends too early.
    pub broken: Option<VtlSpan>,
    /// Whether some request is answered with nothing but blanks, which no JSON is and which is often meant.
    pub may_be_blank: bool,
    /// References inside a text or a name of JSON that print what may need escaping, in the order of places.
    pub unescaped: Vec<VtlSpan>,
    /// `$input.path(…)` where a member or an item is due: the name `path`, in the order of places. Texts are
    /// printed without their quotes, objects as Java prints maps.
    pub bare: Vec<VtlSpan>,
}

/// The verdict on a template. Bounded: past a few hundred states nobody knows.
#[must_use]
pub fn json_verdict(template: &Template) -> JsonVerdict {
    json_report(template).verdict
}

/// The verdict on a template, with the places that led to it. Bounded as [`json_verdict`] is.
#[must_use]
pub fn json_report(template: &Template) -> JsonReport {
    let mut walk = Walk {
        kinds: HashMap::new(),
        stopped: BTreeSet::new(),
        next: None,
        broken: None,
        unescaped: BTreeSet::new(),
        bare: BTreeSet::new(),
    };
    walk.collect(&template.block, true);
    let ends = walk.block(&template.block, BTreeSet::from([State::start()]));
    let mut states = ends.clone().unwrap_or_default();
    states.append(&mut walk.stopped);
    let whole = states.iter().filter(|state| state.is_whole()).count();
    let verdict = if ends.is_none() || (whole > 0 && whole < states.len()) {
        JsonVerdict::Unknown
    } else if whole == 0 {
        JsonVerdict::Never
    } else if states.iter().any(|state| state.breakable) {
        JsonVerdict::OnlyIfEscaped
    } else {
        JsonVerdict::Always
    };
    JsonReport {
        verdict,
        broken: walk.broken.filter(|_| states.iter().all(State::is_broken)),
        may_be_blank: states.iter().any(State::is_blank),
        unescaped: walk.unescaped.into_iter().collect(),
        bare: walk.bare.into_iter().collect(),
    }
}

/// How many states are followed at once, and how often a loop is walked.
const MAX_STATES: usize = 256;
const MAX_ROUNDS: usize = 8;
type States = BTreeSet<State>;

struct Walk {
    /// What variables hold, where all their assignments agree.
    kinds: HashMap<String, Kind>,
    /// States at `#stop`.
    stopped: States,
    /// What `$foreach.hasNext` is in the loop in hand, where that is decided.
    next: Option<bool>,
    /// The last place at which a state broke.
    broken: Option<VtlSpan>,
    unescaped: BTreeSet<VtlSpan>,
    bare: BTreeSet<VtlSpan>,
}

impl Walk {
    /// The states behind a block; `None`: nobody knows.
    fn block(&mut self, block: &Block, mut states: States) -> Option<States> {
        for node in &block.nodes {
            states = self.node(node, states)?;
            if states.len() > MAX_STATES {
                return None;
            }
        }
        Some(states)
    }

    fn node(&mut self, node: &Node, states: States) -> Option<States> {
        match node {
            Node::Text { text, span } => {
                let mut broke = None;
                let states = map(states, |state| {
                    broke = broke.max(state.read(text));
                    Some(())
                });
                if let Some(at) = broke {
                    self.broke(text, *span, at);
                }
                states
            }
            Node::Print {
                before,
                escaped,
                reference,
                source,
                span,
            } => {
                let kind = match escaped {
                    true => Kind::Known(source.clone()),
                    false => self.printed(reference),
                };
                let path = path_name(reference).filter(|_| kind == Kind::Any);
                let mut broke = false;
                let states = map(states, |state| {
                    broke |= state.read(before).is_some();
                    if state.in_text() && matches!(kind, Kind::Any | Kind::Json) {
                        self.unescaped.insert(reference.span);
                    }
                    if let (Some(name), true) = (path, state.wants_member()) {
                        self.bare.insert(name);
                    }
                    let sound = !state.is_broken();
                    state.hole(&kind)?;
                    broke |= sound && state.is_broken();
                    Some(())
                });
                if broke {
                    self.broken = self.broken.max(Some(*span));
                }
                states
            }
            Node::Set { .. } | Node::Define { .. } => Some(states),
            Node::If {
                arms, otherwise, ..
            } => {
                let mut after = States::new();
                let mut open = true;
                for (condition, body) in arms {
                    match self.known(condition) {
                        Some(false) => continue,
                        known => {
                            after.append(&mut self.block(body, states.clone())?);
                            if known == Some(true) {
                                open = false;
                                break;
                            }
                        }
                    }
                }
                if open {
                    let rest = match otherwise {
                        Some(body) => self.block(body, states)?,
                        None => states,
                    };
                    after.extend(rest);
                }
                Some(after)
            }
            Node::Foreach { body, .. } => self.repeated(body, states),
            Node::Stop { .. } => {
                self.stopped.extend(states);
                Some(States::new())
            }
            _ => None,
        }
    }

    /// A state broke at an offset of a text.
    fn broke(&mut self, text: &str, span: VtlSpan, at: usize) {
        // A text with a comment in it, or an escape, is shorter than its place.
        let verbatim = text.len() == (span.end - span.start) as usize;
        let place = match text.get(at..).and_then(|rest| rest.chars().next()) {
            Some(c) if verbatim => {
                let start = span.start + at as u32;
                VtlSpan::new(start, start + c.len_utf8() as u32)
            }
            _ => span,
        };
        self.broken = self.broken.max(Some(place));
    }

    /// No round, or any number of rounds of which the last one knows that it is.
    fn repeated(&mut self, body: &Block, states: States) -> Option<States> {
        let outer = self.next.replace(true);
        let mut reached = states.clone();
        let mut settled = false;
        for _ in 0..MAX_ROUNDS {
            let before = reached.len();
            let round = self.block(body, reached.clone())?;
            reached.extend(round);
            if reached.len() > MAX_STATES {
                return None;
            }
            if reached.len() == before {
                settled = true;
                break;
            }
        }
        self.next = Some(false);
        let last = self.block(body, reached)?;
        self.next = outer;
        if !settled {
            return None;
        }
        let mut after = states;
        after.extend(last);
        Some(after)
    }

    /// Whether a condition is about the loop's last round, and decided.
    fn known(&self, condition: &Expr) -> Option<bool> {
        let next = self.next?;
        match &condition.kind {
            ExprKind::Reference(reference) => match reference.name.text.as_str() {
                "velocityHasNext" => Some(next),
                "foreach" => match reference.path.first() {
                    Some(Access::Property(name) | Access::Method { name, .. }) => {
                        match name.text.as_str() {
                            "hasNext" => Some(next),
                            "last" => Some(!next),
                            _ => None,
                        }
                    }
                    _ => None,
                },
                _ => None,
            },
            ExprKind::Not(inner) => self.known(inner).map(|known| !known),
            ExprKind::Binary(Operator::Equal, left, right) => match (&left.kind, &right.kind) {
                (_, ExprKind::Bool(value)) => self.known(left).map(|known| known == *value),
                (ExprKind::Bool(value), _) => self.known(right).map(|known| known == *value),
                _ => None,
            },
            // `$foreach.count < $list.size()` and its like.
            ExprKind::Binary(Operator::Less | Operator::NotEqual, left, _) if counts(left) => {
                Some(next)
            }
            _ => None,
        }
    }
}

/// The `path` of `$input.path("…")` alone.
fn path_name(reference: &Reference) -> Option<VtlSpan> {
    match reference.path.as_slice() {
        [
            Access::Method {
                name, arguments, ..
            },
        ] if reference.name.text == "input"
            && name.text == "path"
            && matches!(
                arguments.as_slice(),
                [Expr {
                    kind: ExprKind::Text(_),
                    ..
                }]
            ) =>
        {
            Some(name.span)
        }
        _ => None,
    }
}

fn map(states: States, mut change: impl FnMut(&mut State) -> Option<()>) -> Option<States> {
    states
        .into_iter()
        .map(|mut state| change(&mut state).map(|()| state))
        .collect()
}

/// Whether an expression counts a loop's rounds.
fn counts(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Reference(reference) => match reference.name.text.as_str() {
            "velocityCount" => true,
            "foreach" => matches!(
                reference.path.first(),
                Some(Access::Property(name)) if matches!(name.text.as_str(), "count" | "index")
            ),
            _ => false,
        },
        _ => false,
    }
}
