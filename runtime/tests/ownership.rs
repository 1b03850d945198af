//! A session lives in a host's context that owns everything and lends it anew at every call.

use tollgate_runtime::{Event, Head, Loaded, Outcome, Scratch, Session, Site, Step, World};

struct Context {
    session: Session,
    scratch: Scratch,
}

fn sleeps_anywhere<T: Send + 'static>(_: &T) {}

#[test]
fn the_request_may_be_dropped_and_rebuilt_between_steps() {
    // A bundle of nothing but an edge image without stages.
    let edge = vec![0; 8 * tollgate_runtime::bundle::SECTIONS.len()];
    let file = tollgate_runtime::bundle::container(0, (&edge, [0; 32]), &[]).unwrap();
    let loaded = Loaded::verify(file).unwrap();
    let mut context = Context {
        session: Session::begin(Site::NOWHERE),
        scratch: Scratch::new(1 << 20),
    };
    sleeps_anywhere(&context);
    let mut seen = Vec::new();
    let mut outcome = Outcome::Begin(Event::Http);
    for _ in 0..8 {
        // Everything lent is made here and dropped at the end of the round.
        let target = String::from("/dev/pets");
        let world = World::plain(loaded.view(), Head::plain(b"GET", target.as_bytes()));
        match context
            .session
            .advance(&world, &mut context.scratch, outcome)
        {
            Step::Respond(response) => seen.push(response.status),
            Step::Done => break,
            _ => {}
        }
        outcome = Outcome::Sent {
            bytes: 0,
            latency_us: 0,
        };
    }
    assert_eq!(
        seen,
        [403],
        "a request that no stage serves is answered 403, once"
    );
}
