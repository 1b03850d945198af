//! Reading a path's text, quirks included: one character after a closing bracket at the very
//! end goes unread, and a slice's step is ignored.

use super::filter;
use super::{Parameter, Path, PathError, Step};

/// Brackets deeper than this are refused.
const MAX_DEPTH: usize = 50;

fn invalid<T>(message: impl Into<String>) -> Result<T, PathError> {
    Err(PathError::Invalid(message.into()))
}

/// Reads a path.
pub(crate) fn compile(text: &str) -> Result<Path, PathError> {
    compile_at(text, 0)
}

pub(super) fn compile_at(text: &str, depth: usize) -> Result<Path, PathError> {
    if depth > MAX_DEPTH {
        return invalid("a path that nests too deep");
    }
    let trimmed = text.trim_matches(' ');
    let Some(first) = trimmed.chars().next() else {
        return invalid("an empty path");
    };
    let whole = if matches!(first, '$' | '@') {
        trimmed.to_owned()
    } else {
        format!("$.{trimmed}")
    };
    if whole.ends_with('.') {
        return invalid("a path must not end with a `.`");
    }
    let chars: Vec<char> = whole.chars().collect();
    let mut reader = Reader {
        at: 1,
        steps: Vec::new(),
        depth,
        chars: &chars,
    };
    if chars.len() > 1 {
        if !matches!(chars[1], '.' | '[') {
            return invalid(format!("`{}` where `.` or `[` is expected", chars[1]));
        }
        reader.next()?;
    }
    Ok(Path {
        from_item: chars[0] == '@',
        steps: reader.steps,
    })
}

struct Reader<'a> {
    chars: &'a [char],
    at: usize,
    steps: Vec<Step>,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    /// The index of the first character after `at` that is no blank.
    fn significant_after(&self, at: usize) -> Option<usize> {
        (at + 1..self.chars.len()).find(|index| self.chars[*index] != ' ')
    }

    fn significant_char_after(&self, at: usize) -> Option<char> {
        self.significant_after(at).map(|index| self.chars[index])
    }

    /// Whether nothing more than one character is left.
    fn is_tail(&self) -> bool {
        self.at + 1 >= self.chars.len()
    }

    fn go_on(&mut self) -> Result<(), PathError> {
        if self.is_tail() { Ok(()) } else { self.next() }
    }

    fn next(&mut self) -> Result<(), PathError> {
        match self.peek() {
            Some('[') => {
                if self.properties()? || self.array()? || self.wildcard()? || self.filter()? {
                    Ok(())
                } else {
                    invalid(format!("what begins at position {} is no step", self.at))
                }
            }
            Some('.') => {
                if self.chars.get(self.at + 1) == Some(&'.') {
                    self.steps.push(Step::Scan);
                    self.at += 2;
                } else if self.at + 1 >= self.chars.len() {
                    return invalid("a path must not end with a `.`");
                } else {
                    self.at += 1;
                }
                if self.peek() == Some('.') {
                    return invalid(format!("a `.` too many at position {}", self.at));
                }
                self.next()
            }
            Some('*') => {
                if self.wildcard()? {
                    Ok(())
                } else {
                    invalid("a `*` that is no step")
                }
            }
            _ => self.name(),
        }
    }

    /// A name after a dot, or a function.
    fn name(&mut self) -> Result<(), PathError> {
        if matches!(self.peek(), None | Some('[' | '*' | '.' | ' ')) {
            return invalid(format!("what begins at position {} is no name", self.at));
        }
        let start = self.at;
        let mut end = self.chars.len();
        let mut function = false;
        for index in start..self.chars.len() {
            match self.chars[index] {
                ' ' => {
                    return invalid("a name with a blank needs brackets and quotes");
                }
                '.' | '[' => {
                    end = index;
                    break;
                }
                '(' => {
                    function = true;
                    end = index;
                    break;
                }
                _ => {}
            }
        }
        let name: String = self.chars[start..end].iter().collect();
        if !function {
            self.at = end;
            self.steps.push(Step::Properties(vec![name]));
            return self.go_on();
        }
        let mut open = 1;
        let mut close = end + 1;
        while close < self.chars.len() {
            match self.chars[close] {
                '(' => open += 1,
                ')' => open -= 1,
                _ => {}
            }
            if open == 0 {
                break;
            }
            close += 1;
        }
        if open != 0 {
            return invalid(format!("the arguments of `{name}` are not closed"));
        }
        let arguments: String = self.chars[end + 1..close].iter().collect();
        let parameters = self.parameters(&arguments)?;
        self.steps.push(Step::Function(name, parameters));
        self.at = close;
        self.go_on()
    }

    /// Paths and JSON literals between commas.
    fn parameters(&self, text: &str) -> Result<Vec<Parameter>, PathError> {
        let mut parts: Vec<String> = vec![String::new()];
        let (mut depth, mut quote) = (0, None);
        for c in text.chars() {
            match (quote, c) {
                (Some(open), c) if c == open => quote = None,
                (None, '"' | '\'') => quote = Some(c),
                (None, '(' | '[' | '{') => depth += 1,
                (None, ')' | ']' | '}') => depth -= 1,
                (None, ',') if depth == 0 => {
                    parts.push(String::new());
                    continue;
                }
                _ => {}
            }
            if let Some(part) = parts.last_mut() {
                part.push(c);
            }
        }
        let parts: Vec<&str> = parts.iter().map(|part| part.trim()).collect();
        if parts == [""] {
            return Ok(Vec::new());
        }
        parts
            .into_iter()
            .map(|part| {
                if part.starts_with(['$', '@']) {
                    compile_at(part, self.depth + 1).map(Parameter::Path)
                } else {
                    match crate::json::read(part) {
                        Some(value) => Ok(Parameter::Literal(value)),
                        None => invalid(format!("the argument `{part}` is no JSON")),
                    }
                }
            })
            .collect()
    }

    /// `['a']`, `["a", 'b']`.
    fn properties(&mut self) -> Result<bool, PathError> {
        let quote = match self.significant_char_after(self.at) {
            Some(quote @ ('\'' | '"')) => quote,
            _ => return Ok(false),
        };
        let mut names = Vec::new();
        let (mut at, mut start, mut end) = (self.at + 1, self.at + 1, 0);
        let (mut inside, mut escaped, mut comma) = (false, false, false);
        while at < self.chars.len() {
            let c = self.chars[at];
            if escaped {
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == ']' && !inside {
                if comma {
                    return invalid("an empty name");
                }
                break;
            } else if c == quote {
                if inside {
                    if !matches!(self.significant_char_after(at), Some(']' | ',')) {
                        return invalid("names are separated by commas");
                    }
                    end = at;
                    let name: String = self.chars[start..end].iter().collect();
                    names.push(unescape(&name));
                    inside = false;
                } else {
                    start = at + 1;
                    inside = true;
                    comma = false;
                }
            } else if c == ',' && !inside {
                if comma {
                    return invalid("an empty name");
                }
                comma = true;
            }
            at += 1;
        }
        if inside {
            return invalid("a name that is never closed");
        }
        match self.significant_after(end) {
            Some(close) if self.chars[close] == ']' => self.at = close + 1,
            _ => return invalid("a bracket that is never closed"),
        }
        self.steps.push(Step::Properties(names));
        self.go_on()?;
        Ok(true)
    }

    /// `[0]`, `[0, 2]`, `[1:3]`.
    fn array(&mut self) -> Result<bool, PathError> {
        match self.significant_char_after(self.at) {
            Some(c) if c.is_ascii_digit() || c == '-' || c == ':' => {}
            _ => return Ok(false),
        }
        let Some(close) = (self.at + 1..self.chars.len()).find(|index| self.chars[*index] == ']')
        else {
            return Ok(false);
        };
        let text: String = self.chars[self.at + 1..close].iter().collect();
        let text = text.trim();
        if !text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ',' | '-' | ':' | ' '))
        {
            return Ok(false);
        }
        let number = |text: &str| match text.parse::<i32>() {
            Ok(number) => Ok(i64::from(number)),
            Err(_) => invalid(format!("`{text}` is no index")),
        };
        let step = if text.contains(':') {
            if text.contains([' ', ',']) {
                return invalid(format!("`{text}` is no slice"));
            }
            let parts: Vec<&str> = text.split(':').collect();
            let end = |index: usize| match parts.get(index) {
                None | Some(&"") => Ok(None),
                Some(text) => number(text).map(Some),
            };
            match (end(0)?, end(1)?) {
                (None, None) => return invalid(format!("`{text}` is no slice")),
                (from, to) => Step::Slice(from, to),
            }
        } else {
            Step::Indexes(
                text.split(',')
                    .map(|part| number(part.trim()))
                    .collect::<Result<_, _>>()?,
            )
        };
        self.steps.push(step);
        self.at = close + 1;
        self.go_on()?;
        Ok(true)
    }

    /// `*`, `[*]`.
    fn wildcard(&mut self) -> Result<bool, PathError> {
        if self.peek() == Some('[') {
            let Some(star) = self
                .significant_after(self.at)
                .filter(|index| self.chars[*index] == '*')
            else {
                return Ok(false);
            };
            match self.significant_after(star) {
                Some(close) if self.chars[close] == ']' => self.at = close + 1,
                _ => return invalid("a wildcard ends with `]`"),
            }
        } else {
            self.at += 1;
        }
        self.steps.push(Step::Wildcard);
        self.go_on()?;
        Ok(true)
    }

    /// `[?(…)]`.
    fn filter(&mut self) -> Result<bool, PathError> {
        let is = |index: &usize, c: char| self.chars[*index] == c;
        let Some(question) = self.significant_after(self.at).filter(|i| is(i, '?')) else {
            return Ok(false);
        };
        let Some(open) = self.significant_after(question).filter(|i| is(i, '(')) else {
            return Ok(false);
        };
        let Some(close) = closing(self.chars, open, '(', ')', true)? else {
            return Ok(false);
        };
        let Some(bracket) = self.significant_after(close).filter(|i| is(i, ']')) else {
            return Ok(false);
        };
        let text = &self.chars[open..=close];
        let filter = filter::compile(text, self.depth + 1)?;
        self.steps.push(Step::Filter(filter));
        self.at = bracket + 1;
        self.go_on()?;
        Ok(true)
    }
}

/// Where a bracket is closed; texts in quotes and patterns between slashes do not count.
pub(super) fn closing(
    chars: &[char],
    open_at: usize,
    open: char,
    close: char,
    skip_patterns: bool,
) -> Result<Option<usize>, PathError> {
    let mut depth = 0;
    let mut at = open_at;
    while at < chars.len() {
        let c = chars[at];
        if matches!(c, '\'' | '"') || skip_patterns && c == '/' {
            match quote_end(chars, at) {
                Some(end) => at = end,
                None => return invalid("a text that is never closed"),
            }
        } else if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return Ok(Some(at));
            }
        }
        at += 1;
    }
    Ok(None)
}

/// Where a quoted text or pattern that begins at `at` ends.
pub(super) fn quote_end(chars: &[char], at: usize) -> Option<usize> {
    let quote = chars[at];
    let mut index = at + 1;
    while index < chars.len() {
        match chars[index] {
            '\\' => index += 1,
            c if c == quote => return Some(index),
            _ => {}
        }
        index += 1;
    }
    None
}

/// Resolves a name's escapes.
pub(super) fn unescape(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while at < chars.len() {
        if chars[at] != '\\' || at + 1 == chars.len() {
            out.push(chars[at]);
            at += 1;
            continue;
        }
        at += 1;
        match chars[at] {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'u' => {
                let code = chars
                    .get(at + 1..at + 5)
                    .and_then(|hex| u32::from_str_radix(&hex.iter().collect::<String>(), 16).ok())
                    .and_then(char::from_u32);
                match code {
                    Some(c) => {
                        out.push(c);
                        at += 4;
                    }
                    None => out.push('u'),
                }
            }
            c => out.push(c),
        }
        at += 1;
    }
    out
}
