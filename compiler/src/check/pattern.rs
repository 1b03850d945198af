//! Whether a text is a regular expression that the gateway can run.

use regex_automata::util::syntax::{Config, parse_with};
use tollgate_runtime::vtl::regex::{BadPattern, Flags, compile};

/// Reads a pattern of responses and authorizers, which are Java's: as an automaton, else as a program that looks
/// around. The error is one line.
pub(crate) fn java(pattern: &str) -> Result<(), String> {
    let automaton = match possessive(pattern) {
        true => Err("it is no regular expression".to_owned()),
        false => parses(pattern),
    };
    automaton.or_else(
        |why| match compile(pattern.as_bytes(), Flags::default(), &mut Vec::new()) {
            Ok(()) => Ok(()),
            Err(BadPattern::Unsupported(_)) => Err(
                "it has a back-reference, a group in look-around, a possessive repeat of alternatives, or names characters by a table that is not here".to_owned(),
            ),
            Err(_) => Err(why),
        },
    )
}

/// Whether a pattern may have possessive quantifiers, which are Java's alone: what makes automata reads them as one
/// repeat in another.
pub(crate) fn possessive(pattern: &str) -> bool {
    ["++", "*+", "?+", "}+"]
        .iter()
        .any(|repeat| pattern.contains(repeat))
}

/// Reads a pattern of a model, which is ECMAScript's.
pub(crate) fn ecma(pattern: &str) -> bool {
    let flags = Flags {
        ecma: true,
        ..Flags::default()
    };
    compile(pattern.as_bytes(), flags, &mut Vec::new()).is_ok()
}

/// Reads a pattern as an automaton is made of it: `\d`, `\w` and `\s` are ASCII, as in Java, and
/// Unicode counts only where a pattern needs it. The error is what the reader says, one line.
pub(crate) fn parses(pattern: &str) -> Result<(), String> {
    let ascii = Config::new().unicode(false).utf8(false);
    let Err(why) = parse_with(pattern, &ascii) else {
        return Ok(());
    };
    if parse_with(pattern, &Config::new().utf8(false)).is_ok() {
        return Ok(());
    }
    let why = why.to_string();
    let line = why
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("error: "));
    Err(line.unwrap_or("it is no regular expression").to_owned())
}

#[cfg(test)]
mod tests {
    use super::{ecma, java, parses};

    #[test]
    fn patterns_of_the_reference_are_read() {
        for pattern in [r"2\d{2}", r"^\[Error\].*", r".*\wé\s+.*", "[à-é]", ""] {
            assert_eq!(parses(pattern), Ok(()), "{pattern}");
        }
        for pattern in ["(", "*a", "[z-a]"] {
            assert!(parses(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn what_is_javas_alone_is_read_too() {
        for pattern in [
            "(?!.*secret).*",
            "(?<=a)b",
            r"5(?!03)\d{2}",
            r"\Qa.b\E",
            "[a-z&&[^b]]++1",
            r"1\++",
        ] {
            assert_eq!(java(pattern), Ok(()), "{pattern}");
        }
        assert!(ecma(r"^(?=.*\d)\w+$"));
        for pattern in [r"(a)\1", "(?=(a))b", "(?:a|ab)++b", "(", "[z-a]"] {
            assert!(java(pattern).is_err(), "{pattern}");
            assert!(!ecma(pattern), "{pattern}");
        }
    }
}
