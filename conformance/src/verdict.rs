//! What came of a case.

/// One case with what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The case's id.
    pub id: String,
    /// What it is about: the first part of its id, or the suite's file.
    pub area: String,
    /// The behaviour in a sentence, where the case says it.
    pub title: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Everything that it expects was checked and holds.
    Passed,
    /// Something does not hold.
    Failed {
        /// Where: `exchange 2, response header x-a`.
        at: String,
        /// What should be.
        expected: String,
        /// What is.
        got: String,
    },
    /// It could not be checked; why, naming the missing feature.
    Skipped(String),
}

impl Outcome {
    /// A failure.
    pub fn failed(
        at: impl Into<String>,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) -> Outcome {
        Outcome::Failed {
            at: at.into(),
            expected: expected.into(),
            got: got.into(),
        }
    }

    /// Passed if both are equal.
    pub fn equal(at: impl Into<String>, expected: &str, got: &str) -> Outcome {
        if expected == got {
            Outcome::Passed
        } else {
            Outcome::failed(at, expected, got)
        }
    }
}

/// What a subject cannot do: the name of the missing feature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing(pub String);

impl From<Missing> for Outcome {
    fn from(missing: Missing) -> Outcome {
        Outcome::Skipped(missing.0)
    }
}

impl From<crate::matching::Mismatch> for Outcome {
    fn from(mismatch: crate::matching::Mismatch) -> Outcome {
        Outcome::failed(mismatch.at, mismatch.expected, mismatch.got)
    }
}
