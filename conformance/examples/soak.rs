//! The runtime against the specification over many generated pairs of program and request:
//!
//! ```sh
//! cargo run --release -p tollgate-conformance --example soak -- \
//!     [--pairs N] [--minutes N] [--seed N] [--program N] [--first]
//! ```
//!
//! Stops after so many pairs (100 000 unless told) or minutes, whichever comes first. Prints the
//! seed, so that a run can be repeated; `--program` repeats one program of it and prints it whole.
//! `--first` stops at the first program with a disagreement. Disagreements are grouped by kind, with the shortest example of each; any makes it exit with 1.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rayon::prelude::*;
use tollgate_compiler::emit::Specialization;
use tollgate_conformance::agree::{Disagreement, agree_specialized};
use tollgate_conformance::generate::{API, NOW_MS, Numbered, Pair, STAGE};
use tollgate_conformance::{Memory, Script, Scripted};
use tollgate_model::api::Route;
use tollgate_reference::{Event, Phase};

/// Requests to each program: compiling costs more than deciding.
const EXCHANGES: usize = 50;

/// How a soak is asked for.
struct Options {
    pairs: u64,
    minutes: Option<u64>,
    seed: u64,
    program: Option<u64>,
    first: bool,
}

/// Disagreements of a kind: how many, and the shortest.
#[derive(Default)]
struct Kind {
    count: usize,
    example: String,
}

fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::from(2);
        }
    };
    println!("seed {}", options.seed);
    let started = Instant::now();
    let numbers = match options.program {
        Some(number) => number..number + 1,
        None => 0..options.pairs.div_ceil(EXCHANGES as u64),
    };
    if let Some(number) = options.program {
        println!("{:?}", Numbered::new(EXCHANGES).pair(options.seed, number));
    }
    let (over, stop) = (AtomicBool::new(false), AtomicBool::new(false));
    let (pairs, kinds) = numbers
        .into_par_iter()
        .map_init(
            || Numbered::new(EXCHANGES),
            |generator, number| {
                let limit = options
                    .minutes
                    .map(|minutes| Duration::from_secs(60 * minutes));
                if limit.is_some_and(|limit| started.elapsed() > limit) {
                    over.store(true, Ordering::Relaxed);
                    return (0, BTreeMap::new());
                }
                if stop.load(Ordering::Relaxed) {
                    return (0, BTreeMap::new());
                }
                let pair = generator.pair(options.seed, number);
                let found = agree_specialized(&pair, specialization(number))
                    .err()
                    .unwrap_or_default();
                stop.fetch_or(options.first && !found.is_empty(), Ordering::Relaxed);
                (pair.exchanges.len(), kinds(number, &pair, &found))
            },
        )
        .reduce(Default::default, |(a, kinds), (b, others)| {
            (a + b, merged(kinds, others))
        });
    let disagreements: usize = kinds.values().map(|kind| kind.count).sum();
    let mut kinds: Vec<(String, Kind)> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, kind)| std::cmp::Reverse(kind.count));
    for (name, kind) in &kinds {
        println!("{:>6} {name}\n{}\n", kind.count, kind.example);
    }
    println!(
        "{pairs} pairs, {disagreements} disagreements of {} kinds, in {:.0} s{}",
        kinds.len(),
        started.elapsed().as_secs_f64(),
        if over.load(Ordering::Relaxed) {
            " (out of time)"
        } else {
            ""
        }
    );
    ExitCode::from(u8::from(disagreements > 0))
}

fn options(mut args: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options {
        pairs: 100_000,
        minutes: None,
        seed: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs()),
        program: None,
        first: false,
    };
    while let Some(name) = args.next() {
        if name == "--first" {
            options.first = true;
            continue;
        }
        let value = args
            .next()
            .ok_or_else(|| format!("`{name}` needs a number"))?;
        let number: u64 = value
            .parse()
            .map_err(|_| format!("`{value}` is no number"))?;
        match name.as_str() {
            "--pairs" => options.pairs = number,
            "--minutes" => options.minutes = Some(number),
            "--seed" => options.seed = number,
            "--program" => options.program = Some(number),
            _ => return Err(format!("unknown option `{name}`")),
        }
    }
    Ok(options)
}

/// Of every other program each policy has an index, a bound that hardly any generated one reaches by its size.
fn specialization(number: u64) -> Specialization {
    let usual = Specialization::default();
    Specialization {
        index_from: if number.is_multiple_of(2) {
            1
        } else {
            usual.index_from
        },
        ..usual
    }
}

fn kinds(number: u64, pair: &Pair, found: &[Disagreement]) -> BTreeMap<String, Kind> {
    let mut kinds = BTreeMap::new();
    for disagreement in found {
        let single = Kind {
            count: 1,
            example: example(number, pair, disagreement),
        };
        kinds = merged(kinds, BTreeMap::from([(disagreement.kind.clone(), single)]));
    }
    kinds
}

fn merged(
    mut kinds: BTreeMap<String, Kind>,
    others: BTreeMap<String, Kind>,
) -> BTreeMap<String, Kind> {
    for (name, other) in others {
        let kind = kinds.entry(name).or_default();
        if kind.count == 0 || other.example.len() < kind.example.len() {
            kind.example = other.example;
        }
        kind.count += other.count;
    }
    kinds
}

fn example(number: u64, pair: &Pair, disagreement: &Disagreement) -> String {
    let at = format!("program {number}, {}", disagreement.detail);
    let Some(index) = disagreement.exchange else {
        return format!("  {at}");
    };
    let (request, script) = &pair.exchanges[index];
    let shown = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(500)]).into_owned();
    format!(
        "  {at}\n  {} {} {:?} {:?} from {}\n  {script}\n  {}",
        request.method,
        request.target,
        request.headers,
        shown(&request.body),
        request.source_ip,
        served(pair, index).map_or_else(|| "no route".into(), |route| format!("{route:?}")),
        script = match &script.backend {
            Some(tollgate_reference::BackendAnswer::Answered {
                status,
                headers,
                body,
            }) => format!("backend {status} {headers:?} {}", shown(body)),
            other => format!("backend {other:?}"),
        },
    )
}

/// The route that serves an exchange, by the specification.
fn served(pair: &Pair, index: usize) -> Option<&Route> {
    let mut memory = Memory::default();
    let script = Script::default();
    let mut world = Scripted::new(&mut memory, &script, NOW_MS);
    let mut events: Vec<Event> = Vec::new();
    let (request, _) = &pair.exchanges[index];
    tollgate_reference::answer(&pair.program, API, STAGE, request, &mut world, &mut events);
    events.iter().find_map(|event| match event {
        Event::Passed {
            phase: Phase::Route,
            finding,
            ..
        } => pair.program.apis[0]
            .routes
            .iter()
            .find(|route| route.key.display() == *finding),
        _ => None,
    })
}
