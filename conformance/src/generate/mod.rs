//! Well-typed programs, and requests that aim at their boundaries.
//!
//! A [`Pair`] is a program with exchanges: each a request and what the world answers. Requests
//! are made from the program's own routes, keys and ranges, and then bent a little: a slash too
//! many, a parameter missing, an address beside a range. Everything is chosen by proptest's
//! strategies, so a failing pair shrinks.

mod policy;
mod program;
mod request;
mod template;
mod world;

use proptest::prelude::*;
use tollgate_model::Program;
use tollgate_reference::Request;

use crate::subject::{Deployment, Script};

/// The name of the API in generated programs.
pub const API: &str = "api";

/// The name of the stage in generated programs.
pub const STAGE: &str = "dev";

/// When generated requests happen: 2026-11-23T10:00:00.250Z.
pub const NOW_MS: u64 = 1_795_428_000_250;

/// A program with exchanges.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The program.
    pub program: Program,
    /// Requests with what the world answers.
    pub exchanges: Vec<(Request, Script)>,
}

impl Pair {
    /// The program as subjects take it.
    pub fn deployment(&self) -> Deployment {
        Deployment {
            program: self.program.clone(),
            api: API.into(),
            stage: STAGE.into(),
        }
    }
}

/// Programs with up to so many exchanges each.
pub fn pairs(most: usize) -> impl Strategy<Value = Pair> {
    (
        program::program(),
        proptest::collection::vec((request::shape(), world::shape()), most..=most),
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
