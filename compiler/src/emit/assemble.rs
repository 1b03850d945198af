//! Programs → code.

use std::collections::HashMap;

use tollgate_runtime::Variable;
use tollgate_runtime::bundle::Section;
use tollgate_runtime::bundle::wire::{Blob, Field, Label, Slot};
use tollgate_runtime::isa::{Manner, Op};

use super::image::ImageWriter;
use super::index;
use crate::ir::{
    Condition, ContextVariable, Effect, Indexed, Instruction, LabelId, Leaf, Load, PatternPiece,
    Program, Test,
};

/// Programs already written: equal ones share their code.
#[derive(Debug, Default)]
pub(crate) struct Assembler {
    written: HashMap<Program, Label>,
}

impl Assembler {
    /// The place of a program; none for one that does nothing.
    pub(crate) fn program(&mut self, image: &mut ImageWriter, program: &Program) -> Label {
        if program.is_empty() {
            return Label::NONE;
        }
        self.even_if_empty(image, program)
    }

    /// The place of a program, also of one that does nothing.
    pub(crate) fn even_if_empty(&mut self, image: &mut ImageWriter, program: &Program) -> Label {
        if let Some(label) = self.written.get(program) {
            return *label;
        }
        let start = image.section(Section::Code).len();
        let mut code = Code {
            image,
            places: HashMap::new(),
            holes: Vec::new(),
            labels: program.labels(),
        };
        for instruction in &program.code {
            code.instruction(instruction);
        }
        code.fill();
        let label = Label(start as u32);
        self.written.insert(program.clone(), label);
        label
    }
}

struct Code<'i> {
    image: &'i mut ImageWriter,
    places: HashMap<LabelId, u32>,
    /// Where a label's place is to be written.
    holes: Vec<(usize, LabelId)>,
    labels: LabelId,
}

impl Code<'_> {
    fn op(&mut self, op: Op) {
        op.encode(self.image.section(Section::Code));
    }

    /// An instruction whose last operand is a label.
    fn jump(&mut self, op: Op, to: LabelId) {
        self.op(op);
        let end = self.image.section(Section::Code).len();
        self.holes.push((end - Label::SIZE, to));
    }

    fn fresh(&mut self) -> LabelId {
        self.labels += 1;
        self.labels - 1
    }

    fn place(&mut self, label: LabelId) {
        let here = self.image.section(Section::Code).len() as u32;
        self.places.insert(label, here);
    }

    fn fill(&mut self) {
        for (at, label) in std::mem::take(&mut self.holes) {
            let place = self.places.get(&label).copied().unwrap_or(u32::MAX);
            self.image.section(Section::Code)[at..at + Label::SIZE]
                .copy_from_slice(&place.to_le_bytes());
        }
    }

    fn instruction(&mut self, instruction: &Instruction) {
        use Instruction as I;
        let hole = Label(0);
        match instruction {
            I::End => self.op(Op::End {}),
            I::Fail(ty) => self.op(Op::Fail { ty: ty.0 }),
            I::Label(label) => self.place(*label),
            I::Load(load) => self.load(load),
            I::OutBegin => self.op(Op::OutBegin {}),
            I::OutText(text) => {
                let text = self.image.text(text);
                self.op(Op::OutText { text });
            }
            I::OutSlot(slot) => self.op(Op::OutSlot { slot: Slot(*slot) }),
            I::OutValue => self.op(Op::OutValue {}),
            I::OutDash => self.op(Op::OutDash {}),
            I::OutEscaped => self.op(Op::OutEscaped {}),
            I::OutPart => self.op(Op::OutPart {}),
            I::OutPlaceholder(name) => {
                let name = self.image.text(name);
                self.op(Op::OutPlaceholder { name });
            }
            I::OutDone => self.op(Op::OutDone {}),
            I::SetHeader(name) => {
                let name = self.image.text(name);
                self.op(Op::SetHeader { name });
            }
            I::SetQuery(name) => {
                let name = self.image.text(name);
                self.op(Op::SetQuery { name });
            }
            I::SetPlaceholder(name) => {
                let name = self.image.text(name);
                self.op(Op::SetPlaceholder { name });
            }
            I::MediaOfRequest => self.op(Op::MediaOfRequest {}),
            I::MediaWanted => self.op(Op::MediaWanted {}),
            I::CaseMedia(media, to) => {
                let media = self.image.text(media);
                self.jump(Op::CaseMedia { media, to: hole }, *to);
            }
            I::CaseFull(value, to) => {
                let value = self.image.text(value);
                self.jump(Op::CaseFull { value, to: hole }, *to);
            }
            I::Template(program) => {
                let program = self.image.table(program.clone());
                self.op(Op::Template { program });
            }
            I::BodyText(text) => {
                let text = self.image.text(text);
                self.op(Op::BodyText { text });
            }
            I::BodyPass => self.op(Op::BodyPass {}),
            I::BodyOut => self.op(Op::BodyOut {}),
            I::SetMedia(media) => {
                let media = self.image.text(media);
                self.op(Op::SetMedia { media });
            }
            I::RequireHeader(name) => {
                let name = self.image.text(name);
                self.op(Op::RequireHeader { name });
            }
            I::RequirePath(name) => {
                let name = self.image.text(name);
                self.op(Op::RequirePath { name });
            }
            I::RequireQuery(name) => {
                let name = self.image.text(name);
                self.op(Op::RequireQuery { name });
            }
            I::Statement(effect, id, condition) => self.statement(*effect, *id, condition),
            I::Indexed(index) => self.indexed(index),
        }
    }

    /// Tests a statement's condition, and ends where it decides.
    fn statement(&mut self, effect: Effect, statement: u32, condition: &Condition) {
        let op = match (effect, condition) {
            (Effect::Allow, Condition::Known(true)) => Op::AllowAll { statement },
            (Effect::Deny, Condition::Not(spared)) => {
                self.condition(spared);
                Op::DenyUnless { statement }
            }
            (effect, condition) => {
                self.condition(condition);
                match effect {
                    Effect::Deny => Op::Deny { statement },
                    Effect::Allow => Op::Allow { statement },
                    Effect::Delegate => Op::Delegate { statement },
                }
            }
        };
        self.op(op);
    }

    /// Looks the request up, and then the statements, each of which is led to from the one before.
    fn indexed(&mut self, index: &Indexed) {
        // The table is known when the statements have their places.
        let mut tables = Vec::new();
        for load in &index.loads {
            self.load(load);
            tables.push(self.image.section(Section::Code).len() + 1);
            let (table, key) = (Blob::NONE, index::number(index, load));
            self.op(Op::IndexText { table, key });
        }
        let from = self.image.section(Section::Code).len();
        tables.push(from + 1);
        self.op(Op::Index { table: Blob::NONE });
        let mut places = Vec::new();
        for filed in &index.statements {
            places.push((self.image.section(Section::Code).len() - from) as u32);
            self.statement(filed.effect, filed.id, &filed.condition);
        }
        places.push((self.image.section(Section::Code).len() - from) as u32);
        let table = self.image.table(index::table(index, &places));
        let mut operand = Vec::new();
        table.put(&mut operand);
        for at in tables {
            self.image.section(Section::Code)[at..at + Blob::SIZE].copy_from_slice(&operand);
        }
    }

    fn load(&mut self, load: &Load) {
        let op = match load {
            Load::TargetPath => Op::LoadTargetPath {},
            Load::Text(text) => Op::LoadText {
                text: self.image.text(text),
            },
            Load::Slot(slot) => Op::LoadSlot { slot: Slot(*slot) },
            Load::Header(name) => Op::LoadHeader {
                name: self.image.text(name),
            },
            Load::Headers(name) => Op::LoadHeaders {
                name: self.image.text(name),
            },
            Load::HeaderFolded(name) => Op::LoadHeaderFolded {
                name: self.image.text(name),
            },
            Load::Query(name) => Op::LoadQuery {
                name: self.image.text(name),
            },
            Load::Queries(name) => Op::LoadQueries {
                name: self.image.text(name),
            },
            Load::Path(name) => Op::LoadPath {
                name: self.image.text(name),
            },
            Load::Context(ContextVariable(Variable::IdentityVpceId)) => Op::LoadVpce {},
            Load::Context(variable) => Op::LoadContext {
                variable: variable.0 as u8,
            },
            Load::Authorizer(name) => Op::LoadAuthorizer {
                name: self.image.text(name),
            },
            Load::Variable(name) => Op::LoadVariable {
                name: self.image.text(name),
            },
            Load::Body => Op::LoadBody {},
            Load::BodyPath(path) => Op::LoadBodyPath {
                path: self.image.table(path.clone()),
            },
            Load::AnswerHeader(name) => Op::LoadAnswerHeader {
                name: self.image.text(name),
            },
            Load::AnswerHeaders(name) => Op::LoadAnswerHeaders {
                name: self.image.text(name),
            },
            Load::AnswerBody => Op::LoadAnswerBody {},
            Load::AnswerBodyPath(path) => Op::LoadAnswerBodyPath {
                path: self.image.table(path.clone()),
            },
            Load::AnswerStatus => Op::LoadAnswerStatus {},
            Load::PrincipalEach(name) => Op::LoadPrincipalEach {
                name: self.image.text(name),
            },
            Load::Principal(name) => Op::LoadPrincipal {
                name: self.image.text(name),
            },
            Load::Secure => Op::LoadSecure {},
            Load::Now => Op::LoadNow {},
        };
        self.op(op);
    }

    fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::Known(known) => self.op(Op::Push {
                truth: u8::from(*known),
            }),
            Condition::Error => self.op(Op::Push { truth: 2 }),
            Condition::Not(inner) => {
                self.condition(inner);
                self.op(Op::Not {});
            }
            Condition::And(all) => self.connective(all, false),
            Condition::Or(all) => self.connective(all, true),
            Condition::Leaf(leaf) => self.leaf(leaf),
        }
    }

    /// Operands one after the other; one that dominates jumps to the end. An error does not dominate, so the
    /// rest is still looked at.
    fn connective(&mut self, all: &[Condition], dominant: bool) {
        let Some((first, rest)) = all.split_first() else {
            self.op(Op::Push {
                truth: u8::from(!dominant),
            });
            return;
        };
        let end = self.fresh();
        self.condition(first);
        for condition in rest {
            let hole = Label(0);
            self.jump(
                if dominant {
                    Op::JumpTrue { to: hole }
                } else {
                    Op::JumpFalse { to: hole }
                },
                end,
            );
            self.condition(condition);
            self.op(if dominant { Op::Or {} } else { Op::And {} });
        }
        self.place(end);
    }

    /// Builds the pattern that a text with variables stands for.
    fn pattern(&mut self, pattern: &[PatternPiece], manner: Manner) {
        self.op(Op::OutBegin {});
        for piece in pattern {
            match piece {
                PatternPiece::Text(text) => {
                    let text = self.image.text(text);
                    self.op(Op::OutText { text });
                }
                PatternPiece::Literal(text) => {
                    let text = self.image.text(text);
                    self.op(Op::LoadText { text });
                    self.op(Op::OutLiteral { manner });
                }
                PatternPiece::Variable { load, default } => {
                    self.load(load);
                    if let Some(default) = default {
                        let text = self.image.text(default);
                        self.op(Op::LoadDefault { text });
                    }
                    self.op(Op::OutLiteral { manner });
                }
            }
        }
        self.op(Op::OutPattern {});
    }

    /// Makes a loaded text the pattern.
    fn compared(&mut self, load: &Load) {
        self.op(Op::OutBegin {});
        self.load(load);
        self.op(Op::OutLiteral {
            manner: Manner::Exact,
        });
        self.op(Op::OutPattern {});
    }

    fn leaf(&mut self, leaf: &Leaf) {
        match leaf {
            Leaf::SourceIn { set, vpc, absent } => {
                let (set, absent) = (self.image.table(set.table()), *absent);
                self.op(if *vpc {
                    Op::VpcIpIn { set, absent }
                } else {
                    Op::IpIn { set, absent }
                });
            }
            Leaf::PeerIn(set) => {
                let set = self.image.table(set.table());
                self.op(Op::PeerIn { set });
            }
            Leaf::ArnLike(globs) => {
                let globs = self.image.texts(globs);
                self.op(Op::ArnLike { globs });
            }
            Leaf::PathLike(globs) => {
                let globs = self.image.texts(globs);
                self.op(Op::PathLike { globs });
            }
            Leaf::Missing(load) => {
                self.load(load);
                self.op(Op::Missing {});
            }
            Leaf::Compare {
                left,
                right,
                comparison,
            } => {
                self.compared(right);
                self.load(left);
                self.op(Op::TextCompare {
                    comparison: *comparison,
                });
            }
            Leaf::Computed(code) => {
                let code = self.image.table(code.clone());
                self.op(Op::Computed { code });
            }
            Leaf::Part { whole, text, part } => {
                self.compared(text);
                self.load(whole);
                self.op(Op::TextPart { part: *part });
            }
            Leaf::Fits {
                load,
                pattern,
                manner,
                absent,
            } => {
                self.pattern(pattern, *manner);
                self.load(load);
                self.op(Op::Fits {
                    manner: *manner,
                    absent: *absent,
                });
            }
            Leaf::ArnFits(pattern) => {
                self.pattern(pattern, Manner::Like);
                self.op(Op::ArnFits {});
            }
            Leaf::PrincipalIn(names) => {
                let set = self.image.texts(names);
                self.op(Op::PrincipalIn { set });
            }
            Leaf::PrincipalBeyond(names) => {
                let set = self.image.texts(names);
                self.op(Op::PrincipalBeyond { set });
            }
            Leaf::Test {
                load: Load::Context(ContextVariable(Variable::IdentityVpceId)),
                test: Test::OneOf(texts),
                absent,
            } => {
                let (set, absent) = (self.image.texts(texts), *absent);
                self.op(Op::VpceIn { set, absent });
            }
            Leaf::Test { load, test, absent } => {
                self.load(load);
                let absent = *absent;
                let op = match test {
                    Test::OneOf(texts) => Op::TextIn {
                        set: self.image.texts(texts),
                        absent,
                    },
                    Test::OneOfFolded(texts) => Op::TextInFolded {
                        set: self.image.texts(texts),
                        absent,
                    },
                    Test::Like(globs) => Op::Like {
                        globs: self.image.texts(globs),
                        absent,
                    },
                    Test::Arn(globs) => Op::ArnIn {
                        globs: self.image.texts(globs),
                        absent,
                    },
                    Test::Matches(table) => Op::Matches {
                        automaton: self.image.table(table.clone()),
                        absent,
                    },
                    Test::Number(comparison, value) => Op::Number {
                        comparison: *comparison,
                        value: *value,
                        absent,
                    },
                    Test::Moment(comparison, ms) => Op::Moment {
                        comparison: *comparison,
                        value: *ms as u64,
                        absent,
                    },
                    Test::Boolean(value) => Op::Boolean {
                        value: u8::from(*value),
                        absent,
                    },
                    Test::AddressIn(set) => Op::AddressIn {
                        set: self.image.table(set.table()),
                        absent,
                    },
                };
                self.op(op);
            }
        }
    }
}
