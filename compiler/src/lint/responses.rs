//! Responses that nothing selects, and patterns that fit something else than was meant.

use std::collections::HashMap;

use regex_automata::Anchored;
use regex_automata::Input;
use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use tollgate_model::integration::{Integration, Target};

use super::Lints;
use crate::diagnostic::Finding;
use crate::diagnostic::codes::{PatternWithoutDot, UnreachableResponse};

impl Lints<'_> {
    pub(super) fn responses(&mut self) {
        // Few patterns, many routes.
        let mut patterns = HashMap::new();
        for (_, route) in self.routes() {
            self.integration(&route.integration, &mut patterns);
        }
    }

    fn integration<'p>(
        &mut self,
        integration: &'p Integration,
        patterns: &mut HashMap<&'p str, Option<Pattern>>,
    ) {
        let function = match &integration.target {
            Target::Lambda { proxy, .. } => {
                if *proxy {
                    return;
                }
                true
            }
            Target::Http { proxy, .. } | Target::Aws { proxy, .. } if *proxy => return,
            _ => false,
        };
        let mock = (integration.target == Target::Mock)
            .then(|| mock_status(integration))
            .flatten();
        let mut seen: Vec<&str> = Vec::new();
        for response in &integration.responses {
            let Some(pattern) = response.pattern.as_deref() else {
                continue;
            };
            let span = self.head(response.node);
            if seen.contains(&pattern) {
                let why = "another response has the same pattern";
                self.report(UnreachableResponse { why }.at(span));
                continue;
            }
            seen.push(pattern);
            if function {
                if let Some(word) = without_dot(pattern) {
                    self.report(
                        PatternWithoutDot {
                            pattern: pattern.to_owned(),
                            meant: format!("{word}.*"),
                        }
                        .at(span),
                    );
                }
                continue;
            }
            let Some(known) = patterns
                .entry(pattern)
                .or_insert_with(|| Pattern::new(pattern))
            else {
                continue;
            };
            let why = match mock {
                Some(status) if !fits(&known.regex, status) => {
                    "this mock always has another status"
                }
                None if !known.fits_some_status => "no status fits the pattern",
                _ => continue,
            };
            self.report(UnreachableResponse { why }.at(span));
        }
    }
}

/// Lambda patterns select by messages; `Invalid*` fits `Invali`, `Invalidd`, and no sentence.
fn without_dot(pattern: &str) -> Option<&str> {
    let word = pattern.strip_suffix('*')?;
    let plain = word
        .chars()
        .all(|c| c.is_alphanumeric() || c == ' ' || c == ':' || c == '-');
    (plain && word.chars().last().is_some_and(char::is_alphabetic)).then_some(word)
}

/// The status that a mock's only template always has, if it is plain.
fn mock_status(integration: &Integration) -> Option<u16> {
    let [(_, template)] = integration.templates.as_slice() else {
        return None;
    };
    let text: String = template
        .text
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    let (name, status) = inner.split_once(':')?;
    (name.trim_matches(['"', '\'']) == "statusCode").then(|| status.parse().ok())?
}

/// What is known of a pattern.
struct Pattern {
    regex: Regex,
    fits_some_status: bool,
}

impl Pattern {
    fn new(pattern: &str) -> Option<Pattern> {
        let regex = compile(pattern)?;
        Some(Pattern {
            fits_some_status: (100..=599).any(|status| fits(&regex, status)),
            regex,
        })
    }
}

fn compile(pattern: &str) -> Option<Regex> {
    Regex::builder()
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .build(&format!("(?:{pattern})$"))
        .ok()
}

fn fits(regex: &Regex, status: u16) -> bool {
    let text = status.to_string();
    regex.is_match(Input::new(&text).anchored(Anchored::Yes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_with_a_star_was_meant_as_a_beginning() {
        assert_eq!(without_dot("Invalid*"), Some("Invalid"));
        assert_eq!(without_dot("Bad Request*"), Some("Bad Request"));
        for pattern in ["Invalid.*", "4*", ".*", r"\d*", "(a|b)*"] {
            assert_eq!(without_dot(pattern), None, "{pattern}");
        }
    }
}
