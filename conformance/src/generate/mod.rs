//! Well-typed programs, and requests that aim at their boundaries.
//!
//! A [`Pair`] is a program with exchanges: each a request and what the world answers. Requests
//! are made from the program's own routes, keys and ranges, and then bent a little: a slash too
//! many, a parameter missing, an address beside a range. Everything is chosen by proptest's
//! strategies, so a failing pair shrinks.

mod document;
mod http;
mod policy;
mod program;
mod request;
mod schema;
mod signer;
mod template;
pub(crate) mod vtl;
mod world;

use std::fmt;

use proptest::collection::SizeRange;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tollgate_model::Program;
use tollgate_model::api::ApiKind;
use tollgate_reference::{BackendAnswer, Request};

use crate::subject::{Deployment, Script};

pub use document::documents;
pub use schema::bodies;

/// The name of the API in generated programs.
pub const API: &str = "api";

/// The name of the stage in generated programs; of HTTP APIs also `$default`.
pub const STAGE: &str = "dev";

/// When generated requests happen: 2026-11-23T10:00:00.250Z.
pub const NOW_MS: u64 = 1_795_428_000_250;

/// A program with exchanges.
#[derive(Clone)]
pub struct Pair {
    /// The program.
    pub program: Program,
    /// Requests with what the world answers.
    pub exchanges: Vec<(Request, Script)>,
}

/// For the reader of a failing law: bodies as text, one line for each exchange.
impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:?}", self.program)?;
        for (index, (request, script)) in self.exchanges.iter().enumerate() {
            writeln!(
                f,
                "{index}: {} {} {:?} {} from {}",
                request.method,
                request.target,
                request.headers,
                shown(&request.body),
                request.source_ip
            )?;
            if let Some(claims) = &script.claims {
                writeln!(f, "   token {claims:?}")?;
            }
            if let Some(signer) = &script.signer {
                writeln!(f, "   signed by {} {:?}", signer.arn, signer.keys)?;
                for (kind, level, document) in &signer.policies {
                    writeln!(f, "   {kind:?} {level} {document}")?;
                }
            }
            for (what, answer) in [
                ("backend", &script.backend),
                ("authorizer", &script.authorizer),
            ] {
                match answer {
                    Some(BackendAnswer::Answered {
                        status,
                        headers,
                        body,
                    }) => writeln!(f, "   {what} {status} {headers:?} {}", shown(body))?,
                    other => writeln!(f, "   {what} {other:?}")?,
                }
            }
        }
        Ok(())
    }
}

/// A body as text; one at the size limit is no use to a reader.
fn shown(body: &[u8]) -> String {
    let start = &body[..body.len().min(1000)];
    format!("{:?}", String::from_utf8_lossy(start))
}

impl Pair {
    /// The program as subjects take it.
    pub fn deployment(&self) -> Deployment {
        Deployment {
            program: self.program.clone(),
            api: API.into(),
            stage: (self.program.stages.first()).map_or_else(String::new, |s| s.name.clone()),
            document: None,
        }
    }
}

/// Pairs by number: the same number stands for the same pair on every machine.
#[derive(Debug)]
pub struct Numbered {
    strategy: BoxedStrategy<Pair>,
}

impl Numbered {
    /// Pairs of so many exchanges each.
    pub fn new(exchanges: usize) -> Numbered {
        Numbered {
            strategy: pairs(exchanges).boxed(),
        }
    }

    /// Pairs of one kind of API alone.
    pub fn of(kind: ApiKind, exchanges: usize) -> Numbered {
        let program = match kind {
            ApiKind::Http => http::program().boxed(),
            ApiKind::Rest | ApiKind::WebSocket => program::program().boxed(),
        };
        Numbered {
            strategy: pairs_of(program, exchanges).boxed(),
        }
    }

    /// The pair of a number under a seed.
    ///
    /// # Panics
    ///
    /// If a strategy rejects too often, which none of these does.
    pub fn pair(&self, seed: u64, number: u64) -> Pair {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        bytes[8..16].copy_from_slice(&number.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        self.strategy
            .new_tree(&mut runner)
            .expect("no strategy here rejects")
            .current()
    }
}

/// Programs with exchanges, so many of each.
pub fn pairs(exchanges: impl Into<SizeRange>) -> impl Strategy<Value = Pair> {
    let program = prop_oneof![3 => program::program().boxed(), 1 => http::program().boxed()];
    pairs_of(program, exchanges)
}

fn pairs_of(
    program: impl Strategy<Value = Program>,
    exchanges: impl Into<SizeRange>,
) -> impl Strategy<Value = Pair> {
    (
        program,
        proptest::collection::vec((request::shape(), world::shape()), exchanges),
    )
        .prop_map(|(program, shapes)| Pair {
            exchanges: shapes
                .into_iter()
                .map(|(request, world)| (request.of(&program), world.of(&program)))
                .collect(),
            program,
        })
}

/// One of these, each as likely.
fn one_of<T: Clone + std::fmt::Debug + 'static>(
    choices: &[T],
) -> impl Strategy<Value = T> + use<T> {
    proptest::sample::select(choices.to_vec())
}

/// `some` in so many of a hundred, else nothing.
fn sometimes<T: std::fmt::Debug>(
    percent: u32,
    some: impl Strategy<Value = T>,
) -> impl Strategy<Value = Option<T>> {
    proptest::option::weighted(f64::from(percent) / 100.0, some)
}
