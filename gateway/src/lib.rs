//! Tollgate's gateway: performs a session's steps for real.
//!
//! [`Gateway::start`] listens and serves requests by a [`Program`], a loaded bundle with what is to be known of its
//! backends. HTTP/1.1 and HTTP/2 with prior knowledge come in through hyper; the runtime decides; here are the
//! sockets, the backends, counters, caches and logs. Each worker is one thread with its own event loop, its own
//! connections to backends and its own memory for requests; between workers there are only the counters and caches.
//!
//! A program of one API is served at `http://HOST:PORT/{stage}/…`. Of several, the host names one
//! (`{api}.execute-api.…`, where `{api}` is the API's id), or the header `x-apigw-api-id`, or the path's first
//! segment, which holds the API's name or id: `http://HOST:PORT/{api}/{stage}/…`.
//!
//! What is absent: how a request is decided, and anything of the compiler.

mod answer;
mod backend;
mod body;
mod config;
mod connection;
mod flight;
mod head;
mod identity;
mod ids;
mod limits;
mod log;
mod program;
mod server;
mod store;
mod tap;
mod trace;
mod wire;
mod worker;

pub use config::Config;
pub use log::Destination;
pub use program::{Api, Function, KeysAt, Known, NotAStandIn, Program, StandIn};
pub use server::{Gateway, wait_for_signal};
