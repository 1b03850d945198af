//! The phases of a request, in the reference's order. A phase that a method does not use costs nothing.
//!
//! | module | phases |
//! |---|---|
//! | `kind` | where the kinds of API part ways |
//! | `http` | what HTTP APIs do in their own way |
//! | `begin` | site, size limits, canary draw, route |
//! | `admit` | resource policy |
//! | `validate` | request parameters, body against its model |
//! | `authorize` | authorizers and what they let through |
//! | `identity` | signatures, tokens, and who they show |
//! | `limits` | API key, usage plan, throttles, quotas |
//! | `cache` | what answers are kept under, and their records |
//! | `request` | integration request: mappings, template, URI, headers |
//! | `lambda` | events and results of functions |
//! | `template` | mapping templates and their overrides |
//! | `mock` | the mock integration |
//! | `answer` | integration response, method response |
//! | `reply` | gateway responses, headers of every answer, access log |
//! | `headers` | which headers pass, vanish, or come out under another name |
//! | `body` | content conversion |

mod admit;
mod answer;
mod authorize;
mod begin;
mod body;
mod cache;
mod headers;
mod http;
mod identity;
mod kind;
mod lambda;
mod limits;
mod mock;
mod reply;
mod request;
mod template;
mod validate;

pub(crate) use limits::MAX_CHARGES;

/// What the host is to do next, as a handle; [`Session`](crate::Session) makes the step of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    ReadBody(u32),
    VerifyKey,
    VerifySignature,
    VerifyToken,
    AuthorizerCache,
    Authorizer,
    KeepIdentity,
    Spend,
    CacheGet,
    CachePut,
    Integrate,
    Respond,
    Log,
    Done,
}
