//! What HTTP APIs do in their own way; `kind` sends requests here.
//!
//! | module | what |
//! |---|---|
//! | `route` | size limits, route keys, paths |
//! | `event` | what functions are told, formats 1.0 and 2.0 |
//! | `authorize` | events and answers of authorizers, challenges |
//! | `cors` | preflights, and headers for other origins |
//! | `proxy` | HTTP proxies |
//! | `result` | what a function's result means |
//! | `refuse` | the gateway's own answers, and what every answer carries |

mod authorize;
mod cors;
mod event;
mod proxy;
mod refuse;
mod result;
mod route;
