//! Whether a text is a regular expression that the gateway can run.

use regex_automata::util::syntax::{Config, parse_with};

/// Reads a pattern as it will be compiled: `\d`, `\w` and `\s` are ASCII, as in Java, and
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
    use super::parses;

    #[test]
    fn patterns_of_the_reference_are_read() {
        for pattern in [r"2\d{2}", r"^\[Error\].*", r".*\wé\s+.*", "[à-é]", ""] {
            assert_eq!(parses(pattern), Ok(()), "{pattern}");
        }
        for pattern in ["(", "*a", "[z-a]"] {
            assert!(parses(pattern).is_err(), "{pattern}");
        }
    }
}
