//! Any request to a sound bundle is answered: lines of the input are verb, target and headers, the
//! rest behind an empty line is the body.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tollgate_compiler::source::NoFiles;
use tollgate_compiler::{Options, Source, check, emit};
use tollgate_fuzz::{answered, world};
use tollgate_runtime::{Event, Head, Header, Loaded, Outcome, Scratch, Session, Step};

/// The order desk of the fixtures.
static BUNDLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let source = Source::new("main.gate", include_str!("../program.gate"));
    let checked = check(vec![source], &NoFiles, &Options::default());
    let program = checked.program.expect("the program has no mistakes");
    emit::bundle(&program).expect("everything in the program is supported")
});

fuzz_target!(|bytes: &[u8]| {
    let loaded = Loaded::trusted(BUNDLE.as_slice()).expect("the compiler made it");
    let (head, body) = match bytes.windows(2).position(|pair| pair == b"\n\n") {
        Some(at) => (&bytes[..at], &bytes[at + 2..]),
        None => (bytes, &b""[..]),
    };
    let mut lines = head.split(|byte| *byte == b'\n');
    let (method, target) = (
        lines.next().unwrap_or_default(),
        lines.next().unwrap_or_default(),
    );
    let headers: Vec<Header<'_>> = lines
        .map(|line| {
            let colon = line
                .iter()
                .position(|byte| *byte == b':')
                .unwrap_or(line.len());
            Header {
                name: &line[..colon],
                value: line.get(colon + 1..).unwrap_or_default(),
            }
        })
        .collect();
    let view = loaded.view();
    let mut head = Head::plain(method, target);
    head.headers = &headers;
    let world = world(view, head, body);
    let mut session = Session::begin(view.site(b"Orders", target));
    let mut scratch = Scratch::new(8 << 20);
    let mut outcome = Outcome::Begin(Event::Http);
    let (mut responses, mut ended) = (0, false);
    for _ in 0..64 {
        let step = session.advance(&world, &mut scratch, outcome);
        responses += usize::from(matches!(step, Step::Respond(_)));
        if matches!(step, Step::Done) {
            ended = true;
            break;
        }
        outcome = answered(&step);
    }
    assert!(ended && responses == 1, "{responses} answers");
});
