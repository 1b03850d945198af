//! Programs: instructions with names instead of offsets.

use tollgate_runtime::{ResponseType, Variable};

use super::{Condition, Effect, Indexed};

/// A place in a program, counted from 0 within it.
pub(crate) type LabelId = u32;

/// A run of instructions. The last one ends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Program {
    pub(crate) code: Vec<Instruction>,
    labels: LabelId,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Load {
    Text(String),
    Slot(u16),
    Header(String),
    Headers(String),
    HeaderFolded(String),
    Query(String),
    Queries(String),
    Path(String),
    Context(ContextVariable),
    Authorizer(String),
    Variable(String),
    Body,
    /// A compiled JSONPath.
    BodyPath(Vec<u8>),
    AnswerHeader(String),
    AnswerHeaders(String),
    AnswerBody,
    /// A compiled JSONPath.
    AnswerBodyPath(Vec<u8>),
    AnswerStatus,
    /// The path behind the stage, as sent.
    TargetPath,
    /// A condition key of a caller who signs.
    Principal(String),
    /// The same; of several values every one is to fit.
    PrincipalEach(String),
    Secure,
    Now,
}

/// A [`Variable`] that can be hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ContextVariable(pub(crate) Variable);

impl std::hash::Hash for ContextVariable {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.0 as u8).hash(state);
    }
}

/// An instruction; the names are those of `docs/bytecode.md`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Instruction {
    End,
    Fail(TypeNumber),
    Label(LabelId),
    Load(Load),
    OutBegin,
    OutText(String),
    OutSlot(u16),
    OutValue,
    OutDash,
    OutEscaped,
    OutPart,
    OutPlaceholder(String),
    OutDone,
    SetHeader(String),
    SetQuery(String),
    SetPlaceholder(String),
    MediaOfRequest,
    MediaWanted,
    CaseMedia(String, LabelId),
    CaseFull(String, LabelId),
    Template(Vec<u8>),
    BodyText(String),
    BodyPass,
    BodyOut,
    SetMedia(String),
    RequireHeader(String),
    RequirePath(String),
    RequireQuery(String),
    /// What the statement of this id does where the condition holds.
    Statement(Effect, u32, Condition),
    /// Asks those statements that a request may fit.
    Indexed(Indexed),
}

/// The number of a [`ResponseType`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TypeNumber(pub(crate) u8);

impl From<ResponseType> for TypeNumber {
    fn from(ty: ResponseType) -> TypeNumber {
        TypeNumber(ty as u8)
    }
}

impl Program {
    /// Appends an instruction.
    pub(crate) fn push(&mut self, instruction: Instruction) {
        self.code.push(instruction);
    }

    /// A label that has no place yet.
    pub(crate) fn label(&mut self) -> LabelId {
        self.labels += 1;
        self.labels - 1
    }

    /// How many labels there are.
    pub(crate) fn labels(&self) -> LabelId {
        self.labels
    }

    /// Whether it does nothing.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self.code.as_slice(), [] | [Instruction::End])
    }
}
