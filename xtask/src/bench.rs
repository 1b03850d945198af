//! `cargo xtask bench [FILTER]`: every row of the benches beside the hand-written limit and
//! the peers, in one run, as a table of ratios. Criterion measures; this only arranges. Peers
//! of W5 that are not in Rust run behind it.
//!
//! `cargo xtask bench gateway` serves the same answer from Tollgate, bare hyper and nginx
//! in turn, loads each with wrk from this machine, and counts the server's own CPU time.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{load, sh, velocity};

pub(crate) fn run(args: &[String]) -> Result<()> {
    if args.first().is_some_and(|arg| arg == "gateway") {
        return load::run();
    }
    let bench = sh::root().join("bench");
    let manifest = bench.join("Cargo.toml").display().to_string();
    let mut cargo = vec!["bench", "--manifest-path", &manifest];
    let named = naming(args, &bench.join("benches"))?;
    for name in &named {
        cargo.extend(["--bench", name]);
    }
    cargo.push("--");
    cargo.extend(args.iter().map(String::as_str));
    sh::run("cargo", &cargo)?;
    let mut rows = medians(&bench.join("target/criterion"))?;
    if velocity::is_asked(args) {
        for median in velocity::measure()? {
            let row = rows.entry(median.group).or_default();
            row.insert(median.engine.to_owned(), median.nanoseconds);
        }
    }
    print!("{}", table(&rows));
    Ok(())
}

/// The benches whose sources name the row that the first argument begins with: each takes a
/// minute to build. None if it is no row's name, which cargo takes for all.
fn naming(args: &[String], folder: &Path) -> Result<Vec<String>> {
    let row = args.first().and_then(|arg| arg.split(['-', '/']).next());
    let Some(row) = row.filter(|row| row.starts_with('W')) else {
        return Ok(Vec::new());
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if fs::read_to_string(&path)?.contains(&format!("\"{row}"))
            && let Some(name) = path.file_stem()
        {
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Group → competitor → median in nanoseconds.
type Rows = BTreeMap<String, BTreeMap<String, f64>>;

fn medians(folder: &Path) -> Result<Rows> {
    let mut rows = Rows::new();
    for group in list(folder)? {
        for competitor in list(&folder.join(&group))? {
            let path = folder
                .join(&group)
                .join(&competitor)
                .join("new/estimates.json");
            let Ok(text) = fs::read_to_string(&path) else {
                continue;
            };
            let json: Value = serde_json::from_str(&text)
                .with_context(|| format!("cannot read `{}`", path.display()))?;
            if let Some(median) = json["median"]["point_estimate"].as_f64() {
                rows.entry(group.clone())
                    .or_default()
                    .insert(competitor, median);
            }
        }
    }
    Ok(rows)
}

fn table(rows: &Rows) -> String {
    let mut text = String::from(
        "| work | Tollgate | hand | × hand | peers (× Tollgate) |\n|---|---|---|---|---|\n",
    );
    for (group, competitors) in rows {
        let ours = competitors.get("tollgate");
        let hand = competitors.get("hand");
        let ratio = match (ours, hand) {
            (Some(ours), Some(hand)) => format!("{:.2}", ours / hand),
            _ => "–".into(),
        };
        let mut peers: Vec<_> = competitors
            .iter()
            .filter(|(name, _)| *name != "tollgate" && *name != "hand")
            .collect();
        peers.sort_by(|a, b| a.1.total_cmp(b.1));
        let peers: Vec<String> = peers
            .into_iter()
            .map(|(name, time)| match ours {
                Some(ours) => format!("{name} {} ({:.1})", human(*time), time / ours),
                None => format!("{name} {}", human(*time)),
            })
            .collect();
        let show = |time: Option<&f64>| time.map_or("–".into(), |time| human(*time));
        text += &format!(
            "| {group} | {} | {} | {ratio} | {} |\n",
            show(ours),
            show(hand),
            peers.join(", ")
        );
    }
    text
}

fn human(nanoseconds: f64) -> String {
    match nanoseconds {
        ns if ns < 1e3 => format!("{ns:.1} ns"),
        ns if ns < 1e6 => format!("{:.2} µs", ns / 1e3),
        ns if ns < 1e9 => format!("{:.2} ms", ns / 1e6),
        ns => format!("{:.2} s", ns / 1e9),
    }
}

fn list(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("no results in `{}`", folder.display()))?
    {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}
