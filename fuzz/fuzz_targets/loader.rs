//! Any bytes are refused by the loader, or run without a panic and to an end.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_fuzz::{SENT, answered, world};
use tollgate_runtime::{Event, Head, Loaded, Outcome, Scratch, Session, Step};

fuzz_target!(|bytes: &[u8]| {
    let _ = Loaded::verify(bytes);
    // Nothing depends on verification: what was not verified must run as well.
    let Ok(loaded) = Loaded::trusted(bytes) else {
        return;
    };
    let view = loaded.view();
    let Some((api, _)) = view.stages().next().map(|(_, api, name)| (api, name)) else {
        return;
    };
    for target in [&b"/dev/pets/1?q=1"[..], b"/prod/", b"/"] {
        let head = Head::plain(b"GET", target);
        let world = world(view, head, b"{}");
        let mut session = Session::begin(view.site(api, target));
        let mut scratch = Scratch::new(1 << 20);
        let mut outcome = Outcome::Begin(Event::Http);
        let mut ended = false;
        for _ in 0..64 {
            outcome = match session.advance(&world, &mut scratch, outcome) {
                Step::Done => {
                    ended = true;
                    break;
                }
                Step::Respond(_) => SENT,
                step => answered(&step),
            };
        }
        assert!(ended, "a session without an end");
    }
});
