//! The law of the loader: any bytes are refused, or run without a panic and to an end.
//!
//! Requests are run on bundles that were not verified, because nothing may depend on it.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngSeed};
use tollgate_conformance::generate::{NOW_MS, Numbered, Pair};
use tollgate_conformance::subjects::Bundle;
use tollgate_conformance::{Missing, Subject};
use tollgate_runtime::bundle::FORMAT;
use tollgate_runtime::{
    Backend, Event, Fault, Head, Header, Loaded, Outcome, Refused, Scratch, Session, Site, Step,
    World,
};

const PROGRAMS: u64 = 24;
/// Requests to each program.
const EXCHANGES: usize = 4;

/// Where the header's fields and the table of images stand.
const VERSION: usize = 8;
const LENGTH: usize = 12;
const FEATURES: usize = 16;
const HEADER: usize = 36;

/// Programs with their bundles.
static BUNDLES: LazyLock<Vec<(Pair, Vec<u8>)>> = LazyLock::new(|| {
    let pairs = Numbered::new(EXCHANGES);
    (0..PROGRAMS)
        .map(|number| {
            let mut pair = pairs.pair(7, number);
            // Bodies at the size limit cost time and show nothing here.
            for (request, _) in &mut pair.exchanges {
                request.body.truncate(1000);
            }
            let bytes = tollgate_compiler::emit::bundle(&pair.program).unwrap();
            (pair, bytes)
        })
        .collect()
});

fn bundle() -> impl Strategy<Value = &'static (Pair, Vec<u8>)> {
    select((0..PROGRAMS as usize).collect::<Vec<_>>()).prop_map(|index| &BUNDLES[index])
}

/// Loads without verification, and runs what loads.
fn refused_or_runs(pair: &Pair, bytes: Vec<u8>) -> Result<(), TestCaseError> {
    // Verification must not panic either.
    let _ = Loaded::verify(bytes.as_slice());
    let Ok(loaded) = Loaded::trusted(bytes) else {
        return Ok(());
    };
    let mut bundle = Bundle::at(NOW_MS);
    bundle.take(loaded, &pair.deployment());
    for (request, script) in &pair.exchanges {
        // A step that this host does not know is fine; a session without an end is not.
        if let Err(Missing(what)) = bundle.exchange(request, script) {
            prop_assert!(!what.contains("end of the session"), "{what}");
        }
    }
    Ok(())
}

fn refusal(bytes: Vec<u8>) -> Option<Refused> {
    Loaded::verify(bytes).err()
}

#[test]
fn a_bundle_that_is_cut_off_is_refused_wherever_the_cut() {
    for (_, bytes) in BUNDLES.iter().take(4) {
        for length in 0..bytes.len() {
            let cut = &bytes[..length];
            assert!(Loaded::verify(cut).is_err(), "cut to {length} bytes");
            assert!(Loaded::trusted(cut).is_err(), "cut to {length} bytes");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(refusal(longer).is_some());
    }
}

#[test]
fn a_newer_bundle_and_an_unknown_feature_are_refused_by_name() {
    let (_, bytes) = &BUNDLES[0];
    let with = |at: usize, new: &[u8]| {
        let mut bytes = bytes.clone();
        bytes[at..at + new.len()].copy_from_slice(new);
        refusal(bytes).unwrap().to_string()
    };
    let newer = FORMAT + 1;
    assert_eq!(
        with(VERSION, &newer.to_le_bytes()),
        format!("a newer format than this runtime reads: version {newer} at byte 8")
    );
    assert_eq!(
        with(VERSION, &0_u16.to_le_bytes()),
        "a format version that this runtime does not read at byte 8"
    );
    assert_eq!(
        with(FEATURES, &(1_u64 << 63 | 1).to_le_bytes()),
        "unknown instruction feature: bit 63 at byte 16"
    );
    assert_eq!(
        with(0, b"tollgate"),
        "not a bundle: the magic is missing at byte 0"
    );
    assert_eq!(
        with(LENGTH, &1_u32.to_le_bytes()),
        "the length in the header is not the bundle's at byte 12"
    );
}

#[test]
fn one_altered_bit_of_an_image_is_noticed() {
    let (_, bytes) = &BUNDLES[0];
    let first = (0..bytes.len())
        .rev()
        .take(bytes.len() - HEADER - 200)
        .step_by(7);
    for at in first {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1 << (at % 8);
        assert!(refusal(bytes).is_some(), "byte {at}");
    }
}

proptest! {
    #![proptest_config(Config {
        cases: 400,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..Config::default()
    })]

    #[test]
    fn any_bytes_are_refused(
        mut bytes in prop::collection::vec(any::<u8>(), 0..400),
        begins_well in any::<bool>(),
    ) {
        if begins_well {
            let (_, good) = &BUNDLES[0];
            let length = bytes.len().min(HEADER);
            bytes[..length].copy_from_slice(&good[..length]);
            if let Some(place) = bytes.get_mut(LENGTH..LENGTH + 4) {
                let length = (length.max(HEADER) as u32).to_le_bytes();
                place.copy_from_slice(&length);
            }
        }
        prop_assert!(Loaded::verify(bytes.as_slice()).is_err());
        let _ = Loaded::trusted(bytes.as_slice());
    }

    #[test]
    fn altered_bytes_are_refused_or_run(
        (pair, bytes) in bundle(),
        changes in prop::collection::vec(
            (any::<Index>(), prop_oneof![any::<u8>(), Just(0), Just(0xff), Just(1)]),
            1..12,
        ),
    ) {
        let mut bytes = bytes.clone();
        for (at, byte) in &changes {
            // The header alone would refuse most of them.
            let body = &mut bytes[HEADER..];
            let at = at.index(body.len());
            body[at] = *byte;
        }
        refused_or_runs(pair, bytes)?;
    }

    #[test]
    fn swapped_sections_are_refused_or_run(
        (pair, bytes) in bundle(),
        a in any::<Index>(),
        b in any::<Index>(),
        words in 1_usize..40,
    ) {
        // Offsets and lengths are words: whole runs of them change places.
        let mut bytes = bytes.clone();
        let count = (bytes.len() - HEADER) / 4;
        let words = words.min(count / 2);
        let (a, b) = (a.index(count - words), b.index(count - words));
        for word in 0..4 * words {
            bytes.swap(HEADER + 4 * a + word, HEADER + 4 * b + word);
        }
        refused_or_runs(pair, bytes)?;
    }

    #[test]
    fn images_of_other_programs_are_refused_or_run(
        (pair, bytes) in bundle(),
        (_, other) in bundle(),
        at in any::<Index>(),
    ) {
        // The tail of another bundle: the tables refer to what is not theirs.
        let at = HEADER + at.index(bytes.len() - HEADER);
        let mut mixed = bytes[..at].to_vec();
        mixed.extend_from_slice(other.get(at..).unwrap_or(&[]));
        mixed.resize(bytes.len(), 0);
        refused_or_runs(pair, mixed)?;
    }

    #[test]
    fn a_host_that_says_anything_gets_no_panic(
        (pair, bytes) in bundle(),
        outcomes in prop::collection::vec(outcome(), 1..24),
        lends in any::<[bool; 3]>(),
    ) {
        let loaded = Loaded::trusted(bytes.as_slice()).unwrap();
        let (request, _) = &pair.exchanges[0];
        let headers: Vec<Header<'_>> = request
            .headers
            .iter()
            .map(|(name, value)| Header { name: name.as_bytes(), value: value.as_bytes() })
            .collect();
        let mut head = Head::plain(request.method.as_bytes(), request.target.as_bytes());
        head.headers = &headers;
        let mut session = Session::begin(loaded.view().site(b"api", request.target.as_bytes()));
        let mut scratch = Scratch::new(1 << 20);
        for outcome in outcomes {
            let [body, backend, identity] = lends;
            let world = World {
                body: body.then_some(&request.body),
                backend: backend.then_some(Backend {
                    status: 200,
                    headers: &headers,
                    body: Some(b"{\"statusCode\": 200}"),
                    latency_us: 1,
                }),
                identity: identity.then_some(b"\x01\x02rubbish"),
                now_ms: NOW_MS,
                ..World::plain(loaded.view(), head)
            };
            if matches!(session.advance(&world, &mut scratch, outcome.lent()), Step::Done) {
                break;
            }
        }
    }
}

/// What a host may say, right or wrong.
#[derive(Clone, Debug)]
enum Said {
    Begin(Event),
    Body,
    Verified(Vec<u8>),
    Denied(u16),
    Key(u32),
    Hit(Vec<u8>),
    Miss,
    Kept,
    Spent,
    Refused(u8),
    Backend,
    Sent,
    Failed(Fault),
}

fn outcome() -> impl Strategy<Value = Said> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..40);
    prop_oneof![
        6 => Just(Said::Begin(Event::Http)),
        1 => Just(Said::Begin(Event::WsMessage)),
        2 => Just(Said::Body),
        1 => bytes().prop_map(Said::Verified),
        1 => any::<u16>().prop_map(Said::Denied),
        2 => prop_oneof![0_u32..4, any::<u32>()].prop_map(Said::Key),
        1 => bytes().prop_map(Said::Hit),
        2 => Just(Said::Miss),
        2 => Just(Said::Kept),
        2 => Just(Said::Spent),
        1 => any::<u8>().prop_map(Said::Refused),
        3 => Just(Said::Backend),
        1 => Just(Said::Sent),
        2 => select(vec![Fault::Timeout, Fault::TooLarge, Fault::Unreadable, Fault::Store])
            .prop_map(Said::Failed),
    ]
}

impl Said {
    fn lent(&self) -> Outcome<'_> {
        match self {
            Said::Begin(event) => Outcome::Begin(*event),
            Said::Body => Outcome::Body,
            Said::Verified(claims) => Outcome::Verified {
                claims,
                policies: &[],
            },
            Said::Denied(code) => Outcome::Denied {
                code: *code,
                message: b"no",
            },
            Said::Key(index) => Outcome::Key(*index),
            Said::Hit(bytes) => Outcome::Hit(bytes),
            Said::Miss => Outcome::Miss,
            Said::Kept => Outcome::Kept,
            Said::Spent => Outcome::Spent,
            Said::Refused(index) => Outcome::Refused { index: *index },
            Said::Backend => Outcome::Backend,
            Said::Sent => Outcome::Sent {
                bytes: 1,
                latency_us: 1,
            },
            Said::Failed(fault) => Outcome::Failed(*fault),
        }
    }
}

#[test]
fn a_site_of_another_bundle_answers() {
    let empty = Loaded::trusted(BUNDLES[0].1.as_slice()).unwrap();
    assert_eq!(empty.view().site(b"nobody", b"/dev"), Site::NOWHERE);
}
