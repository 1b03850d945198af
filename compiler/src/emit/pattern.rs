//! Patterns → tables.
//!
//! Java's `matches`: the whole text, `.` stops at a line break. The automaton is built with `regex-automata`
//! and rewritten: byte classes and rows of `u16`, smaller and as fast as its own sparse form. What it has no
//! automaton for becomes a program of the runtime, which looks around and has what is Java's alone.

use std::collections::{HashMap, HashSet};

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start::Config as Start;
use regex_automata::util::syntax;
use regex_automata::{Anchored, MatchKind, nfa::thompson};
use tollgate_runtime::vtl::regex;

/// Bytes that building one automaton may use, twice (states and determinization).
const BOUND: usize = 4 << 20;

/// The table of a pattern.
///
/// # Errors
/// What the pattern uses that cannot be compiled.
pub(crate) fn table(pattern: &str) -> Result<Vec<u8>, String> {
    if let Some(word) = literal(pattern) {
        return Ok([&[0], word.as_bytes()].concat());
    }
    if let Some(head) = pattern.strip_suffix(".*").and_then(literal) {
        return Ok([&[1], head.as_bytes()].concat());
    }
    let own = match crate::check::pattern::possessive(pattern) {
        true => Err(format!(
            "the pattern `{pattern}` cannot be compiled: it can only be matched by trying"
        )),
        false => automaton(pattern, &format!("(?:{pattern})"), true),
    };
    own.or_else(|why| {
        let mut program = vec![3];
        match regex::compile(pattern.as_bytes(), regex::Flags::default(), &mut program) {
            Ok(()) => Ok(program),
            Err(_) => Err(why),
        }
    })
}

/// The table of a pattern that is looked for anywhere, in RE2's syntax.
///
/// # Errors
/// What the pattern uses that cannot be compiled.
pub(crate) fn search_table(pattern: &str) -> Result<Vec<u8>, String> {
    let anywhere = format!("(?s-u:.)*(?:{pattern})(?s-u:.)*");
    automaton(pattern, &anywhere, false)
}

/// The text that a pattern without operators stands for.
fn literal(pattern: &str) -> Option<&str> {
    (!pattern.contains([
        '\\', '.', '*', '+', '?', '(', ')', '[', ']', '{', '}', '|', '^', '$',
    ]))
    .then_some(pattern)
}

fn automaton(pattern: &str, whole: &str, java: bool) -> Result<Vec<u8>, String> {
    let build = |unicode: bool| {
        dense::Builder::new()
            .configure(
                dense::Config::new()
                    .start_kind(StartKind::Anchored)
                    .match_kind(MatchKind::All)
                    .minimize(pattern.len() < 200)
                    .dfa_size_limit(Some(BOUND))
                    .determinize_size_limit(Some(BOUND)),
            )
            // `\d`, `\w` and `\s` are ASCII in Java, so Unicode only where the pattern needs it.
            .syntax(
                syntax::Config::new()
                    .unicode(unicode)
                    .utf8(false)
                    .crlf(java),
            )
            .thompson(
                thompson::Config::new()
                    .utf8(false)
                    .nfa_size_limit(Some(BOUND)),
            )
            .build(whole)
            .map_err(|error| innermost(&error))
    };
    let dfa = if java {
        build(false).or_else(|_| build(true))
    } else {
        build(true)
    };
    let dfa =
        dfa.map_err(|error| format!("the pattern `{pattern}` cannot be compiled: {error}"))?;
    let start = dfa
        .start_state(&Start::new().anchored(Anchored::Yes))
        .map_err(|error| format!("the pattern `{pattern}` cannot be compiled: {error}"))?;
    rewrite(&dfa, start)
        .ok_or_else(|| format!("the pattern `{pattern}` needs more than 65535 states"))
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    let text = error.to_string();
    text.lines()
        .last()
        .unwrap_or_default()
        .trim_start_matches("error: ")
        .to_string()
}

/// Reachable states, those that do not accept before those that do; state 0 is dead.
fn rewrite(dfa: &dense::DFA<Vec<u32>>, start: StateID) -> Option<Vec<u8>> {
    let mut classes = [0u8; 256];
    let mut representatives: Vec<u8> = Vec::new();
    let mut rows: HashMap<u8, u8> = HashMap::new();
    for byte in 0..=255u8 {
        let class = dfa.byte_classes().get(byte);
        let number = *rows.entry(class).or_insert_with(|| {
            representatives.push(byte);
            (representatives.len() - 1) as u8
        });
        classes[usize::from(byte)] = number;
    }
    let mut order = vec![start];
    let mut seen = HashSet::from([start]);
    let mut at = 0;
    while let Some(state) = order.get(at).copied() {
        at += 1;
        for byte in &representatives {
            let next = dfa.next_state(state, *byte);
            if !dfa.is_dead_state(next) && !dfa.is_quit_state(next) && seen.insert(next) {
                order.push(next);
            }
        }
        if order.len() > usize::from(u16::MAX) - 1 {
            return None;
        }
    }
    // Matches are delayed by one byte: a state accepts if the end of the text leads to a match.
    let accepts = |state: &StateID| dfa.is_match_state(dfa.next_eoi_state(*state));
    let (accepting, other): (Vec<_>, Vec<_>) = order.into_iter().partition(accepts);
    let numbers: HashMap<StateID, u16> = other
        .iter()
        .chain(&accepting)
        .enumerate()
        .map(|(i, s)| (*s, i as u16 + 1))
        .collect();
    let mut out = classes.to_vec();
    let header = [
        (numbers.len() + 1) as u16,
        representatives.len() as u16,
        *numbers.get(&start)?,
        other.len() as u16 + 1,
    ];
    for word in header {
        out.extend_from_slice(&word.to_le_bytes());
    }
    out.extend(std::iter::repeat_n(0, representatives.len() * 2));
    for state in other.iter().chain(&accepting) {
        for byte in &representatives {
            let next = numbers
                .get(&dfa.next_state(*state, *byte))
                .copied()
                .unwrap_or(0);
            out.extend_from_slice(&next.to_le_bytes());
        }
    }
    out.insert(0, 2);
    Some(out)
}
