//! The executable specification: answers a request from the model, plainly.
//!
//! [`answer`] takes a program, an API and a stage, a request and a world, and gives the answer
//! that the reference would give. It goes through the lifecycle phase by phase in direct style,
//! asks the world for everything outside, and tells a recorder what it found at each step. It
//! shares nothing that evaluates with the compiler and the runtime: where the two disagree, one
//! of them is wrong.
//!
//! What may be wrong here as well is checked from outside: by exchanges recorded from the real
//! service, and by third-party suites for the languages that it contains.

mod admission;
mod authorizer_policy;
mod base64;
mod cache;
pub mod cel;
mod control;
mod exchange;
mod headers;
mod http;
mod integration;
pub mod json;
pub mod jsonpath;
mod lambda_proxy;
mod lifecycle;
mod mapping;
mod media;
pub mod number;
pub mod policy;
mod refusal;
pub mod regex;
mod route;
#[cfg(test)]
mod sample;
mod settings;
mod signature;
mod state;
mod target;
mod template;
pub mod test_invoke;
mod token;
mod trace;
mod validate;
pub mod value;
mod violations;
pub mod vtl;

pub use control::ControlPlane;
pub use exchange::{
    Answer, BackendAnswer, Call, CallKind, Charge, Event, Limit, Matched, Phase, Recorder, Request,
    Signer, Why, World,
};
pub use lifecycle::answer;
pub use policy::document::read_clause;
pub use test_invoke::{ExecutionLog, TestInvoke, TestInvoked, test_invoke};
pub use validate::accepts;
pub use violations::violations;
