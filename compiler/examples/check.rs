//! Checks files and prints what was found: `cargo run --example check -- FILE…`, each file
//! a program of its own. With `--codes`, only how often each code occurs.

use std::collections::BTreeMap;

use tollgate_compiler::report::{Color, human};
use tollgate_compiler::source::NoFiles;
use tollgate_compiler::{Options, Source, check};

fn main() {
    let (flags, files): (Vec<String>, Vec<String>) = std::env::args()
        .skip(1)
        .partition(|argument| argument.starts_with("--"));
    let only_codes = flags.iter().any(|flag| flag == "--codes");
    let mut codes: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let mut sound = 0;
    for name in &files {
        let bytes = match std::fs::read(name) {
            Ok(bytes) => bytes,
            Err(error) => {
                eprintln!("{name}: {error}");
                continue;
            }
        };
        let checked = check(
            vec![Source::new(name, bytes)],
            &NoFiles,
            &Options::default(),
        );
        sound += usize::from(checked.program.is_some());
        for diagnostic in &checked.diagnostics {
            if only_codes {
                let key = format!("{} {}", diagnostic.code(), diagnostic.info().name());
                let entry = codes
                    .entry(key)
                    .or_insert_with(|| (0, format!("{name}: {}", diagnostic.message())));
                entry.0 += 1;
            } else {
                print!("{}", human(&checked.sources, diagnostic, Color::Never));
            }
        }
    }
    for (code, (count, first)) in codes {
        println!("{count:6} {code}: {first}");
    }
    println!("{sound} of {} programs are sound", files.len());
}
