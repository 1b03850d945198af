//! From pest's flat list of items to the tree of blocks.

use pest::Parser;
use pest::error::{Error, InputLocation};
use pest::iterators::Pair;

use super::ast::{Block, Expr, ExprKind, Name, Node, Reference, Template, VtlSpan};
use super::error::{VtlError, VtlErrorKind};
use super::expr::{expression, reference, value};
use super::quoted::Places;
use super::rules::{Rule, Rules};
use super::{MAX_BYTES, MAX_DEPTH};

/// Errors after this many say little that the first ones did not.
const MAX_ERRORS: usize = 20;

pub(super) fn template(text: &str) -> Result<Template, Vec<VtlError>> {
    let all = VtlSpan::new(0, u32::try_from(text.len()).unwrap_or(u32::MAX));
    let mut errors = Vec::new();
    let mut reader = Reader {
        places: Places::from(0),
        depth: 0,
        arguments: false,
        errors: &mut errors,
    };
    let block = if text.len() > MAX_BYTES {
        let message = format!(
            "the template has {} bytes, the limit is {MAX_BYTES}",
            text.len()
        );
        reader.error(VtlErrorKind::TooLarge, all, message, None);
        Block::default()
    } else {
        reader.block(text, false)
    };
    if errors.is_empty() {
        Ok(Template { block })
    } else {
        Err(errors)
    }
}

/// Reads one text: a template, or the inside of a string.
pub(super) struct Reader<'e> {
    places: Places,
    depth: usize,
    /// Whether values stand in the parentheses of a method.
    arguments: bool,
    errors: &'e mut Vec<VtlError>,
}

/// A directive whose `#end` has not come yet.
struct Frame {
    opened: Opened,
    span: VtlSpan,
    nodes: Vec<Node>,
}

enum Opened {
    /// The arms done, the condition whose body is being read, or `None` below `#else`.
    If {
        arms: Vec<(Expr, Block)>,
        condition: Option<Expr>,
    },
    Foreach {
        item: Name,
        items: Expr,
    },
    Define {
        name: Name,
    },
    /// One that could not be read; its `#end` still belongs to it.
    Broken,
}

impl Opened {
    fn word(&self) -> &'static str {
        match self {
            Opened::If { .. } => "#if",
            Opened::Foreach { .. } => "#foreach",
            Opened::Define { .. } => "#define",
            Opened::Broken => "the directive",
        }
    }
}

impl Reader<'_> {
    pub(super) fn places(&self) -> &Places {
        &self.places
    }

    pub(super) fn span(&self, pair: &Pair<'_, Rule>) -> VtlSpan {
        let span = pair.as_span();
        self.places.span(span.start(), span.end())
    }

    pub(super) fn error(
        &mut self,
        kind: VtlErrorKind,
        span: VtlSpan,
        message: String,
        help: Option<String>,
    ) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(VtlError {
                kind,
                span,
                message,
                help,
            });
        }
    }

    /// Goes one level down, unless that is too deep.
    pub(super) fn enter(&mut self, span: VtlSpan) -> bool {
        if self.depth >= MAX_DEPTH {
            if self
                .errors
                .last()
                .is_none_or(|last| last.kind != VtlErrorKind::TooDeep)
            {
                self.error(
                    VtlErrorKind::TooDeep,
                    span,
                    format!("nested deeper than {MAX_DEPTH} levels"),
                    None,
                );
            }
            return false;
        }
        self.depth += 1;
        true
    }

    /// Whether values stand in the parentheses of a method, where bare words may be.
    pub(super) fn in_arguments(&self) -> bool {
        self.arguments
    }

    /// Enters or leaves such parentheses; what it was before.
    pub(super) fn enter_arguments(&mut self, inside: bool) -> bool {
        std::mem::replace(&mut self.arguments, inside)
    }

    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// The inside of a `"…"` string, read as a template of its own.
    pub(super) fn string(&mut self, text: &str, places: Places) -> Block {
        let mut inner = Reader {
            places,
            depth: self.depth,
            arguments: false,
            errors: self.errors,
        };
        inner.block(text, true)
    }

    fn block(&mut self, text: &str, in_string: bool) -> Block {
        let mut items = match Rules::parse(Rule::template, text) {
            Ok(items) => items,
            Err(error) => {
                let at = offset(&error);
                let kind = VtlErrorKind::TooDeep;
                self.error(
                    kind,
                    self.places.span(at, at),
                    "the template nests too deeply to be read".into(),
                    None,
                );
                return Block::default();
            }
        };
        let mut frames: Vec<Frame> = Vec::new();
        let mut nodes = Vec::new();
        let mut last: Option<(Rule, VtlSpan, usize)> = None;
        for item in items.next().into_iter().flat_map(Pair::into_inner) {
            let rule = item.as_rule();
            let span = self.span(&item);
            // Behind a lone `$` or `#` Velocity's lexer is inside a token: backslashes are text there.
            let plain = rule == Rule::printed_reference && matches!(last, Some((Rule::lone, ..)));
            let start = item.as_span().start();
            self.item(text, item, plain, &mut frames, &mut nodes);
            if rule != Rule::EOI {
                last = Some((rule, span, start));
            }
        }
        // Velocity's lexer wants a character behind these; strings get a blank for it. A comment that goes on to the
        // end is no exception.
        let open = |comment: Option<(Rule, VtlSpan, usize)>| {
            let (_, _, start) = comment?;
            let inside = text.get(start + 2..)?;
            Some(!inside.ends_with("*#") && inside.ends_with(['$', '#']))
        };
        let ended = match last {
            Some((Rule::lone, span, _)) => Some(span),
            Some((Rule::line_comment | Rule::block_comment, span, _))
                if open(last) == Some(true) =>
            {
                Some(span)
            }
            _ => None,
        };
        if let (Some(span), false) = (ended, in_string) {
            let help = "put a comment behind it: `#**#`".to_string();
            self.error(
                VtlErrorKind::LoneAtEnd,
                span,
                "a template cannot end in `$` or `#`".into(),
                Some(help),
            );
        }
        for frame in frames.into_iter().rev() {
            self.error(
                VtlErrorKind::UnclosedBlock,
                frame.span,
                format!("`{}` has no `#end`", frame.opened.word()),
                None,
            );
        }
        Block { nodes }
    }

    fn item(
        &mut self,
        text: &str,
        item: Pair<'_, Rule>,
        plain: bool,
        frames: &mut Vec<Frame>,
        root: &mut Vec<Node>,
    ) {
        let span = self.span(&item);
        let source = item.as_str();
        match item.as_rule() {
            Rule::lone if source == "$!" => {
                // Velocity loses the `!` of a `$!` that begins no reference.
                let next = text.get(item.as_span().end()..).unwrap_or("");
                let kept = match next.as_bytes() {
                    [b'{' | b'[', ..] | [b'#', b'#', ..] => true,
                    [b'#', word, ..] => word.is_ascii_alphabetic(),
                    [b'$', ..] => next
                        .trim_start_matches(['$', '!'])
                        .starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '{'),
                    _ => false,
                };
                push_text(top(frames, root), if kept { "$!" } else { "$" }, span);
            }
            Rule::text
            | Rule::lone
            | Rule::backslashes
            | Rule::unknown_directive
            | Rule::masked_directive => push_text(top(frames, root), source, span),
            Rule::literal_block => {
                let inside = item.into_inner().next();
                push_text(
                    top(frames, root),
                    inside.as_ref().map_or("", Pair::as_str),
                    span,
                );
            }
            Rule::halved_backslashes => push_text(top(frames, root), half(source), span),
            Rule::escaped_directive => push_text(top(frames, root), &unescaped(source), span),
            Rule::printed_reference => {
                let behind = item
                    .clone()
                    .into_inner()
                    .find(|part| matches!(part.as_rule(), Rule::naked | Rule::hashes));
                let node = self.print(item, plain);
                top(frames, root).extend(node);
                match behind {
                    Some(naked) if naked.as_rule() == Rule::naked => {
                        push_text(top(frames, root), "{", self.span(&naked));
                    }
                    Some(hashes) if hashes.as_str() == "##" => {
                        push_text(top(frames, root), "##", self.span(&hashes));
                    }
                    _ => {}
                }
            }
            Rule::set_item => {
                let node = self.set(item);
                top(frames, root).extend(node);
            }
            Rule::break_item => {
                let scope = item.into_inner().next().map(|scope| reference(self, scope));
                top(frames, root).push(Node::Break { scope, span });
            }
            Rule::stop_item => top(frames, root).push(Node::Stop { span }),
            Rule::if_item | Rule::foreach_item | Rule::define_item => self.open(item, frames),
            Rule::elseif_item => {
                let condition = item
                    .into_inner()
                    .next()
                    .map(|condition| expression(self, condition));
                self.arm(condition, span, frames);
            }
            Rule::else_item => self.arm(None, span, frames),
            Rule::end_item => self.end(span, frames, root),
            Rule::refused_item => self.refuse(source, span, frames),
            Rule::broken => self.broken(text, item, frames),
            _ => {}
        }
    }

    fn print(&mut self, item: Pair<'_, Rule>, plain: bool) -> Option<Node> {
        let span = self.span(&item);
        let mut parts = item.into_inner();
        let escapes = parts.next()?.as_str();
        let inner = parts.next()?;
        let source = inner.as_str().to_string();
        let reference = reference(self, inner);
        Some(Node::Print {
            before: if plain { escapes } else { half(escapes) }.into(),
            escaped: !plain && escapes.len() % 2 == 1,
            reference,
            source,
            span,
        })
    }

    fn set(&mut self, item: Pair<'_, Rule>) -> Option<Node> {
        let span = self.span(&item);
        let mut parts = item.into_inner();
        let target = parts.next()?.into_inner().next()?;
        let target = reference(self, target);
        let value = expression(self, parts.next()?);
        Some(Node::Set {
            target,
            value,
            span,
        })
    }

    fn open(&mut self, item: Pair<'_, Rule>, frames: &mut Vec<Frame>) {
        let span = self.span(&item);
        if self.depth + frames.len() >= MAX_DEPTH {
            self.error(
                VtlErrorKind::TooDeep,
                span,
                format!("nested deeper than {MAX_DEPTH} levels"),
                None,
            );
        }
        let rule = item.as_rule();
        let mut parts = item.into_inner();
        let first = parts.next();
        let opened = match rule {
            Rule::if_item => Opened::If {
                arms: Vec::new(),
                condition: first.map(|condition| expression(self, condition)),
            },
            Rule::foreach_item => {
                let item = first.map(|item| reference(self, item));
                // Velocity takes the third thing for the items, whatever the second is called,
                // and walks nothing where there is none.
                let items = match parts.nth(1) {
                    Some(items) if items.as_rule() == Rule::value => value(self, items),
                    _ => Expr {
                        kind: ExprKind::List(Vec::new()),
                        span,
                    },
                };
                match item {
                    Some(item) => Opened::Foreach {
                        item: item.name,
                        items,
                    },
                    None => Opened::Broken,
                }
            }
            _ => match first.map(|name| reference(self, name)) {
                Some(Reference {
                    mut name,
                    formal,
                    quiet,
                    ..
                }) => {
                    // Velocity defines it by the text between `$` and the end, which no reference has for a name.
                    if formal || quiet {
                        name.text = format!("{{{}}}", name.text);
                    }
                    Opened::Define { name }
                }
                None => Opened::Broken,
            },
        };
        frames.push(Frame {
            opened,
            span,
            nodes: Vec::new(),
        });
    }

    /// `#elseif` with its condition, or `#else` without one.
    fn arm(&mut self, next: Option<Expr>, span: VtlSpan, frames: &mut [Frame]) {
        let word = if next.is_some() { "#elseif" } else { "#else" };
        let Some(frame) = frames.last_mut() else {
            return self.error(
                VtlErrorKind::StrayDirective,
                span,
                format!("`{word}` outside of an `#if`"),
                None,
            );
        };
        match &mut frame.opened {
            Opened::If { arms, condition } => match condition.take() {
                Some(done) => {
                    arms.push((
                        done,
                        Block {
                            nodes: std::mem::take(&mut frame.nodes),
                        },
                    ));
                    *condition = next;
                }
                None => self.error(
                    VtlErrorKind::StrayDirective,
                    span,
                    format!("`{word}` after the `#else` of the same `#if`"),
                    None,
                ),
            },
            Opened::Broken => {}
            opened => {
                let message = format!(
                    "`{word}` belongs to no `#if`: the innermost block is a `{}`",
                    opened.word()
                );
                self.error(VtlErrorKind::StrayDirective, span, message, None);
            }
        }
    }

    fn end(&mut self, span: VtlSpan, frames: &mut Vec<Frame>, root: &mut Vec<Node>) {
        let Some(frame) = frames.pop() else {
            return self.error(
                VtlErrorKind::StrayDirective,
                span,
                "`#end` closes nothing".into(),
                None,
            );
        };
        let body = Block { nodes: frame.nodes };
        let span = frame.span.to(span);
        let node = match frame.opened {
            Opened::If {
                mut arms,
                condition: Some(condition),
            } => {
                arms.push((condition, body));
                Node::If {
                    arms,
                    otherwise: None,
                    span,
                }
            }
            Opened::If {
                arms,
                condition: None,
            } => Node::If {
                arms,
                otherwise: Some(body),
                span,
            },
            Opened::Foreach { item, items } => Node::Foreach {
                item,
                items,
                body,
                span,
            },
            Opened::Define { name } => Node::Define { name, body, span },
            Opened::Broken => return,
        };
        top(frames, root).push(node);
    }

    fn refuse(&mut self, source: &str, span: VtlSpan, frames: &mut Vec<Frame>) {
        let name: String = source
            .chars()
            .filter(|c| !matches!(c, '#' | '{' | '}'))
            .collect();
        let help = match name.as_str() {
            "macro" | "define" => {
                Some("a block that is used several times can be a `#define`".to_string())
            }
            "literal" => Some("write `#[[ … ]]#` for text that is not read".to_string()),
            _ => None,
        };
        self.error(
            VtlErrorKind::RefusedDirective,
            span,
            format!("`#{name}` does not exist in mapping templates"),
            help,
        );
        if matches!(name.as_str(), "macro" | "literal") || name.starts_with('@') {
            frames.push(Frame {
                opened: Opened::Broken,
                span,
                nodes: Vec::new(),
            });
        }
    }

    /// Something that began like VTL: says where it goes wrong.
    fn broken(&mut self, text: &str, item: Pair<'_, Rule>, frames: &mut Vec<Frame>) {
        let source = item.as_str();
        let start = item.as_span().start();
        let tail = text.get(start..).unwrap_or("");
        let word = source
            .trim_start()
            .trim_end_matches(|c: char| c == '(' || c.is_ascii_whitespace());
        let name = word.trim_matches(|c| matches!(c, '#' | '{' | '}'));
        let block = |frames: &mut Vec<Frame>, span| {
            frames.push(Frame {
                opened: Opened::Broken,
                span,
                nodes: Vec::new(),
            })
        };
        let span = self.span(&item);
        let rule = match (word, name) {
            ("#[[" | "#*", _) => {
                let close = if word == "#*" { "*#" } else { "]]#" };
                return self.error(
                    VtlErrorKind::Unclosed,
                    span,
                    format!("`{word}` is never closed"),
                    Some(format!("close it with `{close}`")),
                );
            }
            (_, "set") => Rule::set_item,
            (_, "if") => Rule::if_item,
            (_, "elseif") => Rule::elseif_item,
            (_, "foreach") => Rule::foreach_item,
            (_, "define") => Rule::define_item,
            (_, "break") => Rule::break_item,
            _ if word.starts_with('#') => Rule::unknown_directive,
            _ => Rule::reference,
        };
        match rule {
            Rule::if_item | Rule::foreach_item | Rule::define_item => block(frames, span),
            // A bad `#elseif` must not hide that the next `#else` is misplaced, nor make it so.
            _ => {}
        }
        let tail = if rule == Rule::reference {
            tail.trim_start_matches('\\')
        } else {
            tail
        };
        let skipped = text.len().saturating_sub(start + tail.len());
        let at = Rules::parse(rule, tail)
            .map_err(|error| start + skipped + offset(&error))
            .err()
            .unwrap_or(start);
        // Blanks may stand anywhere in a directive: what comes after them is the surprise.
        let blanks =
            |rest: &str| rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        let at = if rule == Rule::reference {
            at
        } else {
            at + text.get(at..).map_or(0, blanks)
        };
        let found = text.get(at..).and_then(|rest| rest.chars().next());
        let end = at + found.map_or(0, char::len_utf8);
        let place = self.places.span(at, end);
        let seen = found.map_or_else(
            || "the end of the text".to_string(),
            |c| format!("`{}`", c.escape_debug()),
        );
        let (kind, message, help) = if rule == Rule::reference {
            let help = match found {
                None if word.contains('{') => Some("close it with `}`".to_string()),
                _ if !word.contains('{') => Some(
                    "put the name in braces, as in `${name}`, to end it before a bracket"
                        .to_string(),
                ),
                _ => None,
            };
            (
                VtlErrorKind::BadReference,
                format!("the reference that begins with `{word}` cannot go on with {seen}"),
                help,
            )
        } else {
            let help = help(rule, name);
            (
                VtlErrorKind::BadDirective,
                format!("`#{name}` cannot go on with {seen}"),
                help,
            )
        };
        self.error(kind, place, message, help);
    }
}

fn help(rule: Rule, name: &str) -> Option<String> {
    let text = match rule {
        Rule::set_item => {
            "write `#set($name = value)`; minus needs a blank on both sides, as in `$a - 1`"
        }
        Rule::if_item | Rule::elseif_item => {
            "write the condition in parentheses, as in `#if($a == 1 && $b)`"
        }
        Rule::foreach_item => "write `#foreach($item in $items)`; operators are not allowed there",
        Rule::define_item => "write `#define($name) … #end`",
        Rule::break_item => {
            "write `#break` alone; put a comment between it and a parenthesis: `#break#**#(`"
        }
        _ => {
            return Some(format!(
                "`#{name}` is text, but Velocity still reads its parentheses; write `#[[#]]#{name}`"
            ));
        }
    };
    Some(text.into())
}

fn top<'f>(frames: &'f mut [Frame], root: &'f mut Vec<Node>) -> &'f mut Vec<Node> {
    match frames.last_mut() {
        Some(frame) => &mut frame.nodes,
        None => root,
    }
}

fn push_text(nodes: &mut Vec<Node>, text: &str, span: VtlSpan) {
    if let Some(Node::Text {
        text: before,
        span: place,
    }) = nodes.last_mut()
    {
        before.push_str(text);
        *place = place.to(span);
    } else if !text.is_empty() {
        nodes.push(Node::Text {
            text: text.into(),
            span,
        });
    }
}

/// Half of a run of backslashes, rounded down.
fn half(backslashes: &str) -> &str {
    backslashes.get(..backslashes.len() / 2).unwrap_or("")
}

/// `\#if` prints `#if`, `\\\#if` prints `\#if`; before a word that is no directive all stay.
fn unescaped(source: &str) -> String {
    let words = [
        "if", "end", "set", "else", "elseif", "stop", "foreach", "define", "break", "macro",
        "parse", "include", "evaluate", "literal",
    ];
    let backslashes = source.find('#').unwrap_or(0);
    let (escapes, directive) = source.split_at(backslashes);
    let name = directive.trim_matches(|c| matches!(c, '#' | '{' | '}'));
    if words.contains(&name) {
        format!("{}{directive}", half(escapes))
    } else {
        source.into()
    }
}

/// Where pest gave up.
fn offset(error: &Error<Rule>) -> usize {
    match error.location {
        InputLocation::Pos(at) => at,
        InputLocation::Span((start, _)) => start,
    }
}
