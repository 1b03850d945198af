//! Java's regular expressions, translated into the syntax of a backtracking engine.

use fancy_regex::{Captures, Regex, RegexBuilder};

/// Steps that one match may take before it counts as none.
const BACKTRACK_LIMIT: usize = 1_000_000;

/// What Java's `.` and `$` take for the end of a line.
const LINE_ENDS: &str = r"\n\r\x{85}\x{2028}\x{2029}";

/// Compiles a Java pattern.
///
/// # Errors
///
/// Java would refuse it, or nothing here can stand for it.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    build(&translate(pattern)?)
}

fn build(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .backtrack_limit(BACKTRACK_LIMIT)
        .build()
        .map_err(|error| error.to_string())
}

/// Java's `matches()`: the whole text fits. A pattern that is none fits nothing.
pub fn matches(pattern: &str, text: &str) -> bool {
    translate(pattern)
        .and_then(|pattern| build(&format!(r"\A(?:{pattern})\z")))
        .is_ok_and(|regex| regex.is_match(text).unwrap_or(false))
}

/// Java's `replaceAll` or `replaceFirst`.
///
/// # Errors
///
/// The pattern or the replacement is none.
pub fn replace(pattern: &str, text: &str, with: &str, all: bool) -> Result<String, String> {
    let regex = compile(pattern)?;
    let mut out = String::new();
    let mut end = 0;
    let mut from = Some(0);
    while let Some(captures) = find(&regex, text, from)? {
        let Some(whole) = captures.get(0) else { break };
        out.push_str(&text[end..whole.start()]);
        expand(&regex, &captures, with, &mut out)?;
        end = whole.end();
        from = next_from(text, whole.start(), end);
        if !all {
            break;
        }
    }
    out.push_str(&text[end..]);
    Ok(out)
}

/// The first match at or after a place; none if there is no such place.
fn find<'t>(
    regex: &Regex,
    text: &'t str,
    from: Option<usize>,
) -> Result<Option<Captures<'t, str>>, String> {
    match from {
        Some(from) => regex
            .captures_from_pos(text, from)
            .map_err(|error| error.to_string()),
        None => Ok(None),
    }
}

/// Where Java looks for the next match: behind the last one, and one further if that was
/// empty. An empty match right behind another one counts.
fn next_from(text: &str, start: usize, end: usize) -> Option<usize> {
    if end > start {
        return Some(end);
    }
    text[end..].chars().next().map(|c| end + c.len_utf8())
}

/// `$1`, `${name}` and `\x` of a replacement.
fn expand(
    regex: &Regex,
    captures: &Captures<'_, str>,
    with: &str,
    out: &mut String,
) -> Result<(), String> {
    let chars: Vec<char> = with.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        match chars[at] {
            '\\' => {
                at += 1;
                out.push(*chars.get(at).ok_or("a backslash at the end")?);
                at += 1;
            }
            '$' if chars.get(at + 1) == Some(&'{') => {
                let close = chars[at..]
                    .iter()
                    .position(|c| *c == '}')
                    .ok_or("a group name without its brace")?;
                let name: String = chars[at + 2..at + close].iter().collect();
                if !regex.capture_names().flatten().any(|other| other == name) {
                    return Err(format!("no group `{name}`"));
                }
                out.push_str(captures.name(&name).map_or("", |found| found.as_str()));
                at += close + 1;
            }
            '$' => {
                let digit = |i: usize| chars.get(i).and_then(|c| c.to_digit(10));
                let mut group = digit(at + 1).ok_or("a `$` without a group")? as usize;
                if group >= captures.len() {
                    return Err(format!("no group {group}"));
                }
                at += 2;
                // As many digits as still name a group.
                while let Some(next) = digit(at) {
                    let longer = group * 10 + next as usize;
                    if longer >= captures.len() {
                        break;
                    }
                    group = longer;
                    at += 1;
                }
                out.push_str(captures.get(group).map_or("", |found| found.as_str()));
            }
            c => {
                out.push(c);
                at += 1;
            }
        }
    }
    Ok(())
}

/// Java's `split`: a positive limit is the most parts, 0 drops empty ones at the end.
///
/// # Errors
///
/// The pattern is none.
pub fn split(pattern: &str, text: &str, limit: i32) -> Result<Vec<String>, String> {
    let regex = compile(pattern)?;
    let limit = usize::try_from(limit).ok();
    let mut parts: Vec<String> = Vec::new();
    let mut start = 0;
    let mut any = false;
    let mut from = Some(0);
    while let Some(captures) = find(&regex, text, from)? {
        let Some(found) = captures.get(0) else { break };
        from = next_from(text, found.start(), found.end());
        if limit.is_some_and(|limit| limit > 0 && parts.len() + 1 >= limit) {
            break;
        }
        // An empty match at the beginning gives no part.
        if found.end() == 0 {
            continue;
        }
        any = true;
        parts.push(text[start..found.start()].to_owned());
        start = found.end();
    }
    if !any {
        return Ok(vec![text.to_owned()]);
    }
    parts.push(text[start..].to_owned());
    if limit == Some(0) {
        while parts.last().is_some_and(String::is_empty) {
            parts.pop();
        }
    }
    Ok(parts)
}

/// The pattern in the engine's syntax.
fn translate(pattern: &str) -> Result<String, String> {
    let mut translator = Translator {
        chars: pattern.chars().collect(),
        at: 0,
        out: String::new(),
        flags: Flags::default(),
        stack: Vec::new(),
    };
    translator.run()?;
    Ok(translator.out)
}

#[derive(Clone, Copy, Default)]
struct Flags {
    ignore_case: bool,
    unicode_case: bool,
    unicode_classes: bool,
    dot_all: bool,
    multi_line: bool,
    comments: bool,
    unix_lines: bool,
}

struct Translator {
    chars: Vec<char>,
    at: usize,
    out: String,
    flags: Flags,
    /// The flags outside of each open group, and what closes it.
    stack: Vec<(Flags, &'static str)>,
}

impl Translator {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += 1;
        c
    }

    fn eat(&mut self, text: &str) -> bool {
        let wanted: Vec<char> = text.chars().collect();
        let found = self.chars[self.at.min(self.chars.len())..].starts_with(&wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    fn run(&mut self) -> Result<(), String> {
        while let Some(c) = self.next() {
            match c {
                '\\' => {
                    let piece = self.escape(false)?;
                    self.out.push_str(&piece);
                }
                '[' => {
                    let class = self.class(0)?;
                    self.out.push_str(&class);
                }
                '(' => self.group()?,
                ')' => {
                    let (flags, close) = self
                        .stack
                        .pop()
                        .ok_or("a parenthesis that closes nothing")?;
                    self.flags = flags;
                    self.out.push_str(close);
                }
                '.' if self.flags.dot_all => self.out.push_str("(?s:.)"),
                '.' if self.flags.unix_lines => self.out.push_str(r"[^\n]"),
                '.' => self.out.push_str(&format!("[^{LINE_ENDS}]")),
                '^' if self.flags.multi_line => self.out.push_str(&format!(
                    r"(?:\A|(?<=\r\n|[{LINE_ENDS}])(?<!\r(?=\n))(?!\z))"
                )),
                '^' => self.out.push_str(r"\A"),
                '$' if self.flags.multi_line => self
                    .out
                    .push_str(&format!(r"(?:\z|(?<!\r(?=\n))(?=[{LINE_ENDS}]))")),
                '$' => self.out.push_str(&end_of_text()),
                '#' if self.flags.comments => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                c if self.flags.comments && c.is_ascii_whitespace() => {}
                '{' => self.counted()?,
                '*' | '+' | '?' => {
                    if self.out.is_empty() {
                        return Err(format!("a dangling `{c}`"));
                    }
                    self.out.push(c);
                }
                '|' => self.out.push('|'),
                // Without the flag `u`, case is ignored in ASCII alone.
                c if self.flags.ignore_case && !self.flags.unicode_case && !c.is_ascii() => {
                    self.out.push_str(&format!("(?-i:{})", literal(c)));
                }
                c => self.out.push_str(&literal(c)),
            }
        }
        if self.stack.is_empty() {
            Ok(())
        } else {
            Err("a group that is never closed".into())
        }
    }

    /// `{n}`, `{n,}`, `{n,m}`; Java knows no `{,m}`, and no literal brace here.
    fn counted(&mut self) -> Result<(), String> {
        let close = self.chars[self.at..]
            .iter()
            .position(|c| *c == '}')
            .ok_or("a repetition that is never closed")?;
        let text: String = self.chars[self.at..self.at + close].iter().collect();
        let (from, to) = match text.split_once(',') {
            Some((from, to)) => (from, Some(to)),
            None => (text.as_str(), None),
        };
        let number = |text: &str| {
            text.parse::<u32>()
                .map_err(|_| format!("a repetition of `{text}`"))
        };
        let from = number(from)?;
        if let Some(to) = to.filter(|to| !to.is_empty())
            && number(to)? < from
        {
            return Err("a repetition whose end is before its beginning".into());
        }
        let before = self.at.checked_sub(2).and_then(|at| self.chars.get(at));
        self.at += close + 1;
        // Where nothing stands before it, Java repeats the empty text.
        if !self.out.is_empty() && !matches!(before, None | Some('}' | '*' | '+' | '(' | '|')) {
            self.out.push_str(&format!("{{{text}}}"));
        }
        Ok(())
    }

    fn group(&mut self) -> Result<(), String> {
        let outer = self.flags;
        if !self.eat("?") {
            self.stack.push((outer, ")"));
            self.out.push('(');
            return Ok(());
        }
        for opener in [":", ">", "=", "!", "<=", "<!"] {
            if self.eat(opener) {
                // Java repeats a look-around as it repeats anything.
                let around = !matches!(opener, ":" | ">");
                self.stack.push((outer, if around { "))" } else { ")" }));
                self.out.push_str(if around { "(?:(?" } else { "(?" });
                self.out.push_str(opener);
                return Ok(());
            }
        }
        if self.eat("<") {
            let mut name = String::new();
            loop {
                match self.next().ok_or("a group name that is never closed")? {
                    '>' => break,
                    c if c.is_ascii_alphabetic() || c.is_ascii_digit() && !name.is_empty() => {
                        name.push(c);
                    }
                    c => return Err(format!("`{c}` in a group name")),
                }
            }
            self.stack.push((outer, ")"));
            self.out.push_str(&format!("(?<{name}>"));
            return Ok(());
        }
        // Inline flags: `(?i)` to the end of the group, `(?i:…)` for its own.
        let mut on = true;
        let mut passed = (String::new(), String::new());
        loop {
            match self.next().ok_or("a group that is never closed")? {
                '-' => on = false,
                's' => self.flags.dot_all = on,
                'm' => self.flags.multi_line = on,
                'x' => self.flags.comments = on,
                'd' => self.flags.unix_lines = on,
                'u' => self.flags.unicode_case = on,
                'U' => {
                    self.flags.unicode_classes = on;
                    self.flags.unicode_case = on;
                }
                'i' => {
                    self.flags.ignore_case = on;
                    if on {
                        passed.0.push('i');
                    } else {
                        passed.1.push('i');
                    }
                }
                c @ (')' | ':') => {
                    let minus = if passed.1.is_empty() { "" } else { "-" };
                    let flags = format!("{}{minus}{}", passed.0, passed.1);
                    if c == ':' {
                        self.stack.push((outer, ")"));
                        self.out.push_str(&format!("(?{flags}:"));
                    } else if !flags.is_empty() {
                        self.out.push_str(&format!("(?{flags})"));
                    }
                    return Ok(());
                }
                c => return Err(format!("an unknown group `(?{c}`")),
            }
        }
    }

    /// What follows a backslash.
    fn escape(&mut self, in_class: bool) -> Result<String, String> {
        let wrap = |inner: &str| {
            if in_class {
                inner.to_owned()
            } else {
                format!("[{inner}]")
            }
        };
        let c = self.next().ok_or("a backslash at the end")?;
        Ok(match c {
            'Q' => {
                let mut quoted = String::new();
                while self.at < self.chars.len() && !self.eat(r"\E") {
                    if let Some(c) = self.next() {
                        quoted.push_str(&literal(c));
                    }
                }
                quoted
            }
            'd' if self.flags.unicode_classes => wrap(r"\p{Nd}"),
            'w' if self.flags.unicode_classes => wrap(r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}"),
            's' if self.flags.unicode_classes => wrap(r"\p{White_Space}"),
            'd' => wrap("0-9"),
            'D' => "[^0-9]".into(),
            'w' => wrap("a-zA-Z0-9_"),
            'W' => "[^a-zA-Z0-9_]".into(),
            's' => wrap(r" \t\n\x0B\x0C\r"),
            'S' => r"[^ \t\n\x0B\x0C\r]".into(),
            'h' => wrap(HORIZONTAL),
            'H' => format!("[^{HORIZONTAL}]"),
            'v' => wrap(VERTICAL),
            'V' => format!("[^{VERTICAL}]"),
            'R' if !in_class => format!(r"(?:\r\n|[{VERTICAL}])"),
            'b' if !in_class => r"\b".into(),
            'B' if !in_class => r"\B".into(),
            'A' if !in_class => r"\A".into(),
            'z' if !in_class => r"\z".into(),
            'Z' if !in_class => end_of_text(),
            'G' if !in_class => r"\G".into(),
            't' => r"\t".into(),
            'n' => r"\n".into(),
            'r' => r"\r".into(),
            'f' => r"\x0C".into(),
            'a' => r"\x07".into(),
            'e' => r"\x1B".into(),
            '0' => {
                let mut value = 0;
                let mut digits = 0;
                while let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) {
                    if digits == 3 || value * 8 + digit > 0o377 {
                        break;
                    }
                    value = value * 8 + digit;
                    digits += 1;
                    self.at += 1;
                }
                if digits == 0 {
                    return Err("an octal escape without digits".into());
                }
                code(value)
            }
            'x' if self.eat("{") => {
                let mut value = 0;
                loop {
                    match self.next() {
                        Some('}') => break code(value),
                        Some(c) if value <= 0x10_ffff => {
                            value =
                                value * 16 + c.to_digit(16).ok_or("a bad hexadecimal escape")?;
                        }
                        _ => return Err("a bad hexadecimal escape".into()),
                    }
                }
            }
            'x' => code(self.hex(2)?),
            'u' => {
                let mut value = self.hex(4)?;
                // Two halves of a pair are one character.
                if (0xd800..0xdc00).contains(&value) && self.eat(r"\u") {
                    value = 0x10000 + ((value - 0xd800) << 10) + (self.hex(4)? - 0xdc00);
                }
                code(value)
            }
            'c' => {
                let c = self.next().ok_or("a control escape without its letter")?;
                code(u32::from(c) ^ 64)
            }
            'p' | 'P' => self.property(c == 'P', in_class)?,
            'k' if !in_class => {
                if !self.eat("<") {
                    return Err("a back-reference without a name".into());
                }
                let mut name = String::new();
                loop {
                    match self.next().ok_or("a group name that is never closed")? {
                        '>' => break,
                        c => name.push(c),
                    }
                }
                format!(r"\k<{name}>")
            }
            '1'..='9' if !in_class => {
                let mut number = c.to_digit(10).unwrap_or(0);
                let groups = self.groups_so_far();
                while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
                    if number * 10 + digit > groups {
                        break;
                    }
                    number = number * 10 + digit;
                    self.at += 1;
                }
                // A group that does not exist yet never fits.
                if number > groups {
                    "(?!)".into()
                } else {
                    format!(r"(?:\{number})")
                }
            }
            c if c.is_ascii_alphabetic() => return Err(format!(r"an unknown escape `\{c}`")),
            c => literal(c),
        })
    }

    /// Groups that opened before this place.
    fn groups_so_far(&self) -> u32 {
        let mut count = 0;
        let mut at = 0;
        let mut in_class = 0;
        while at < self.at.min(self.chars.len()) {
            match self.chars[at] {
                '\\' => at += 1,
                '[' => in_class += 1,
                ']' if in_class > 0 => in_class -= 1,
                '(' if in_class == 0 => {
                    let rest = &self.chars[at + 1..];
                    let named =
                        rest.starts_with(&['?', '<']) && !matches!(rest.get(2), Some('=' | '!'));
                    if rest.first() != Some(&'?') || named {
                        count += 1;
                    }
                }
                _ => {}
            }
            at += 1;
        }
        count
    }

    fn hex(&mut self, digits: usize) -> Result<u32, String> {
        let mut value = 0;
        for _ in 0..digits {
            let digit = self.next().and_then(|c| c.to_digit(16));
            value = value * 16 + digit.ok_or("a bad hexadecimal escape")?;
        }
        Ok(value)
    }

    fn property(&mut self, negated: bool, in_class: bool) -> Result<String, String> {
        let name = match self.next().ok_or("a property without its name")? {
            '{' => {
                let mut name = String::new();
                loop {
                    match self.next().ok_or("a property that is never closed")? {
                        '}' => break name,
                        c => name.push(c),
                    }
                }
            }
            c => c.to_string(),
        };
        let class = match name.as_str() {
            "Lower" => "a-z",
            "Upper" => "A-Z",
            "ASCII" => r"\x00-\x7F",
            "Alpha" => "a-zA-Z",
            "Digit" => "0-9",
            "Alnum" => "a-zA-Z0-9",
            "Punct" => r"!-/:-@\[-`{-~",
            "Graph" => "!-~",
            "Print" => r"\x20-~",
            "Blank" => r" \t",
            "Cntrl" => r"\x00-\x1F\x7F",
            "XDigit" => "0-9a-fA-F",
            "Space" => r" \t\n\x0B\x0C\r",
            "javaLowerCase" | "IsLowercase" => r"\p{Lowercase}",
            "javaUpperCase" | "IsUppercase" => r"\p{Uppercase}",
            "javaWhitespace" | "IsWhite_Space" => r"\p{White_Space}",
            "javaLetter" => r"\p{L}",
            "javaDigit" | "IsDigit" => r"\p{Nd}",
            "javaLetterOrDigit" => r"\p{L}\p{Nd}",
            "IsAlphabetic" => r"\p{Alphabetic}",
            "IsPunctuation" => r"\p{P}",
            "IsLetter" => r"\p{L}",
            other => {
                let bare = other.strip_prefix("Is").unwrap_or(other);
                let bare = bare.split_once('=').map_or(bare, |(_, value)| value);
                let class = format!(r"\p{{{bare}}}");
                // Blocks and what else the engine does not know are refused.
                build(&class)?;
                return Ok(if negated {
                    format!(r"\P{{{bare}}}")
                } else {
                    class
                });
            }
        };
        Ok(match (negated, in_class) {
            (true, _) => format!("[^{class}]"),
            (false, true) => class.to_owned(),
            (false, false) => format!("[{class}]"),
        })
    }

    /// A class, from behind its `[`.
    fn class(&mut self, depth: usize) -> Result<String, String> {
        if depth > 50 {
            return Err("classes that nest too deep".into());
        }
        let mut out = String::from("[");
        if self.eat("^") {
            out.push('^');
        }
        let start = out.len();
        loop {
            let c = self.next().ok_or("a class that is never closed")?;
            match c {
                ']' if out.len() > start => {
                    out.push(']');
                    return Ok(out);
                }
                '[' => out.push_str(&self.class(depth + 1)?),
                '&' if self.eat("&") => out.push_str("&&"),
                '\\' => {
                    let piece = self.escape(true)?;
                    out.push_str(&piece);
                }
                // A range, or a literal at an edge.
                '-' => {
                    let edge = out.len() == start
                        || matches!(self.peek(), None | Some(']' | '['))
                        || out.ends_with(']')
                        || out.ends_with("&&");
                    out.push_str(if edge { r"\-" } else { "-" });
                }
                c => out.push_str(&class_literal(c)),
            }
        }
    }
}

/// `$` and `\Z`: the end, or before a line end that is the last thing.
fn end_of_text() -> String {
    format!(r"(?=(?:\r\n|[{LINE_ENDS}])?\z)(?<!\r(?=\n))")
}

const HORIZONTAL: &str = r" \t\x{A0}\x{1680}\x{180E}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}";
const VERTICAL: &str = r"\n\x0B\x0C\r\x{85}\x{2028}\x{2029}";

fn code(value: u32) -> String {
    // Half a pair fits no text.
    if char::from_u32(value).is_some() {
        format!(r"\x{{{value:X}}}")
    } else {
        "(?!)".into()
    }
}

fn literal(c: char) -> String {
    if r"\.+*?()|[]{}^$#&-~/".contains(c) && c != '/' {
        format!(r"\{c}")
    } else if c == ' ' {
        r"\x20".into()
    } else {
        c.to_string()
    }
}

fn class_literal(c: char) -> String {
    if r"\[]^&~-:".contains(c) {
        format!(r"\{c}")
    } else {
        c.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_text_must_fit_and_a_dot_stops_at_line_ends() {
        for (pattern, text, expected) in [
            (r"4\d{2}", "404", true),
            (r"4\d{2}", "4045", false),
            ("Invalid.*", "Invalid input", true),
            ("Invalid.*", "Invalid\ninput", false),
            (r"(\n|.)+", "a\nb", true),
            ("(?s).*", "a\nb", true),
            ("(?i)bad.*", "BAD thing", true),
            (r"\p{Alpha}+", "é", false),
            (r"[a-z&&[^b]]+", "abc", false),
            (r"(a)\1", "aa", true),
            (r"a++b", "aab", true),
            (r"\Qa.b\E", "a.b", true),
            (r"(?!x).*", "y", true),
            ("(", "(", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text:?}");
        }
    }

    #[test]
    fn replacements_and_splits_are_java_s() {
        assert_eq!(
            replace("(a)(b)?", "ab-a", "<$1$2>", true).as_deref(),
            Ok("<ab>-<a>")
        );
        assert_eq!(replace("a", "aa", r"\$1", false).as_deref(), Ok("$1a"));
        assert!(replace("a", "a", "$1", true).is_err());
        assert_eq!(split(",", "a,b,,", 0).unwrap(), ["a", "b"]);
        assert_eq!(split(",", "a,b,,", -1).unwrap(), ["a", "b", "", ""]);
        assert_eq!(split(",", "a,b,c", 2).unwrap(), ["a", "b,c"]);
        assert_eq!(split("", "abc", 0).unwrap(), ["a", "b", "c"]);
        assert_eq!(split(".", "a.b", 0).unwrap(), Vec::<String>::new());
    }
}
