//! Running cases and suites.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::subject::Subject;
use crate::suite;
use crate::verdict::{Outcome, Verdict};
use crate::{case, files};

/// Which cases to run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only cases whose id holds this text.
    pub filter: Option<String>,
}

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What was put to the test.
    pub subject: String,
    /// Every case, in the order in which it ran.
    pub verdicts: Vec<Verdict>,
}

/// Counts of one area, or of everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Everything held.
    pub passed: usize,
    /// Something did not.
    pub failed: usize,
    /// Not checked.
    pub skipped: usize,
}

impl Report {
    /// All cases.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for verdict in &self.verdicts {
            counts.add(&verdict.outcome);
        }
        counts
    }

    /// By area, in the order of their names.
    pub fn areas(&self) -> BTreeMap<String, Counts> {
        let mut areas: BTreeMap<String, Counts> = BTreeMap::new();
        for verdict in &self.verdicts {
            areas
                .entry(verdict.area.clone())
                .or_default()
                .add(&verdict.outcome);
        }
        areas
    }
}

impl Counts {
    fn add(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed { .. } => self.failed += 1,
            Outcome::Skipped(_) => self.skipped += 1,
        }
    }
}

/// Runs everything below these paths.
///
/// A file that is neither a case nor a suite's is passed over if it names itself as neither;
/// one that cannot be read counts as a failure, so that nothing is lost in silence.
///
/// # Errors
///
/// A path does not exist or cannot be read.
pub fn run(paths: &[PathBuf], options: &Options, subject: &mut dyn Subject) -> io::Result<Report> {
    let mut report = Report {
        subject: subject.name(),
        verdicts: Vec::new(),
    };
    for path in files::find(paths)? {
        let text = std::fs::read_to_string(&path)?;
        match suite::of(&path) {
            Some(mut suite) => {
                run_suite(suite.as_mut(), &path, &text, options, subject, &mut report)
            }
            None => run_case(&path, &text, options, subject, &mut report),
        }
    }
    Ok(report)
}

fn wanted(options: &Options, id: &str) -> bool {
    options
        .filter
        .as_deref()
        .is_none_or(|filter| id.contains(filter))
}

fn unreadable(path: &Path, error: String) -> Verdict {
    Verdict {
        id: path.display().to_string(),
        area: "files".into(),
        title: String::new(),
        outcome: Outcome::failed("file", "a case", error),
    }
}

fn run_suite(
    suite: &mut dyn suite::Suite,
    path: &Path,
    text: &str,
    options: &Options,
    subject: &mut dyn Subject,
    report: &mut Report,
) {
    let name = path
        .file_stem()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    match suite::cases(path, text) {
        Ok(cases) => {
            suite.begin(&cases);
            for case in cases {
                if wanted(options, suite::text(&case, "id")) {
                    report
                        .verdicts
                        .push(suite::run(suite, name, &case, subject));
                }
            }
        }
        Err(error) => report.verdicts.push(unreadable(path, error)),
    }
}

fn run_case(
    path: &Path,
    text: &str,
    options: &Options,
    subject: &mut dyn Subject,
    report: &mut Report,
) {
    let document: Json = match serde_json::from_str(text) {
        Ok(document) => document,
        Err(error) => {
            report.verdicts.push(unreadable(path, error.to_string()));
            return;
        }
    };
    let Some(id) = document.get("id").and_then(Json::as_str) else {
        return;
    };
    if wanted(options, id) {
        report.verdicts.push(case::run(&document, subject));
    }
}
