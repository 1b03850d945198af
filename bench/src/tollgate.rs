//! Tollgate in the benches: programs from gate source, and worlds to decide in.

use std::net::IpAddr;

use tollgate_runtime::bundle::Bundle;
use tollgate_runtime::{Head, Header, Loaded, World};

/// The bundle of a program.
///
/// # Panics
/// If the source is no program: a bench with a mistake must not measure one.
pub fn bundle(source: &str) -> Loaded<Vec<u8>> {
    Loaded::verify(bytes(source)).expect("a bundle")
}

/// As [`bundle`], as bytes.
///
/// # Panics
/// As [`bundle`].
pub fn bytes(source: &str) -> Vec<u8> {
    let (model, findings) = tollgate_compiler::check_text(source);
    let model = model.unwrap_or_else(|| panic!("no program: {findings:?}"));
    tollgate_compiler::emit::bundle(&model).expect("a bundle")
}

/// A request in a bundle.
pub fn world<'v>(
    bundle: Bundle<'v>,
    method: &'v str,
    target: &'v str,
    headers: &'v [Header<'v>],
    peer: IpAddr,
) -> World<'v> {
    let head = Head {
        headers,
        peer,
        ..Head::plain(method.as_bytes(), target.as_bytes())
    };
    World {
        now_ms: 1_763_856_000_000,
        request_id: [0xab; 16],
        extended_request_id: b"ext=",
        trace_seed: [0x11; 20],
        random: 7,
        ..World::plain(bundle, head)
    }
}
