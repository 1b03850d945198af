//! Tollgate's runtime: bundle and request to steps.
//!
//! A [`Session`] decides one event. It does no I/O and keeps no reference: the host lends the [`World`] (bundle,
//! request, bodies, clock, randomness) at every call and does what the returned [`Step`] asks. Memory that
//! grows is the host's [`Scratch`]: reused, capped.
//!
//! `no_std` with `alloc`, without `unsafe`, without dependencies, and without a panic on any bundle, request or
//! outcome; anything that does not fit ends in an answer that denies.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod behaviour;
pub mod bundle;
pub mod cel;
mod denial;
pub mod isa;
pub mod json;
pub mod jsonpath;
mod machine;
mod observe;
mod phases;
pub mod policy;
mod response_type;
pub mod router;
pub mod schema;
mod scratch;
mod session;
mod step;
mod text;
mod trust;
mod value;
pub mod vtl;
mod world;

pub use bundle::{Bundle, Loaded, Refused, Site};
pub use denial::Denial;
pub use machine::Variable;
pub use observe::{Note, Observer};
pub use response_type::ResponseType;
pub use scratch::{Exhausted, Mark, Scratch};
pub use session::{BodyPlan, Decision, Phase, Session};
pub use step::{
    BodyOut, Call, CallKind, Charge, Event, Fault, Fields, Limit, Outcome, Period, Response, Step,
    Verify,
};
pub use trust::{TokenKind, Trust};
pub use value::{Src, Text, Value};
pub use world::{Backend, Head, Header, World};
