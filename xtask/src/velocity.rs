//! The engines for Velocity templates beside row W5, each measured by a program of `bench/velocity`, whose README says
//! what these programs take and print.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::sh;

/// For each measurement, to warm up; a Java machine needs some.
const SECONDS: &str = "5";

/// Where Debian puts them; `TOLLGATE_VELOCITY_JARS` names other places, as a class path.
const JARS: [&str; 3] = [
    "/usr/share/java/velocity.jar",
    "/usr/share/java/commons-collections3.jar",
    "/usr/share/java/commons-lang.jar",
];

struct Engine {
    name: &'static str,
    /// Its program without arguments, or what is missing.
    program: fn() -> Result<Command>,
}

const ENGINES: [Engine; 4] = [
    Engine {
        name: "Apache Velocity",
        program: java,
    },
    Engine {
        name: "velocityjs",
        program: || node("velocityjs"),
    },
    Engine {
        name: "amplify-velocity-template",
        program: || node("amplify-velocity-template"),
    },
    Engine {
        name: "airspeed",
        program: python,
    },
];

/// A median in one of criterion's groups.
#[derive(Debug, PartialEq)]
pub(crate) struct Median {
    pub(crate) group: String,
    pub(crate) engine: &'static str,
    pub(crate) nanoseconds: f64,
    /// What of it is the time of `$input` and `$util`, which the engine does not have.
    shim: f64,
}

/// Whether a run of the benches is one of W5 too.
pub(crate) fn is_asked(args: &[String]) -> bool {
    args.is_empty()
        || args
            .iter()
            .any(|arg| "W5-parsing".starts_with(arg.as_str()))
}

/// Installs what can be had, measures the engines that are there, and says which are not.
///
/// # Errors
/// An engine fails, or renders anything else than we do.
pub(crate) fn measure() -> Result<Vec<Median>> {
    for install in [install_node, install_python] {
        if let Err(error) = install() {
            eprintln!("not installed: {error:#}");
        }
    }
    let mut all = Vec::new();
    for engine in &ENGINES {
        match (engine.program)() {
            Ok(program) => all.extend(run(engine.name, program, SECONDS)?),
            Err(missing) => println!("skipped: {}: {missing:#}", engine.name),
        }
    }
    for median in &all {
        println!(
            "{} {}: {:.0} ns, of them {:.0} ns in `$input` and `$util`",
            median.group, median.engine, median.nanoseconds, median.shim
        );
    }
    Ok(all)
}

fn run(name: &'static str, mut program: Command, seconds: &str) -> Result<Vec<Median>> {
    eprintln!("measuring {name}");
    let output = program
        .args([sources().join("order.vtl"), sources().join("order.json")])
        .arg(seconds)
        .output()
        .with_context(|| format!("cannot start {name}"))?;
    if !output.status.success() {
        bail!("{name} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n");
    let (figures, rendered) = text
        .split_once("\n\n")
        .with_context(|| format!("{name} printed no rendering"))?;
    let rendered: Value =
        serde_json::from_str(rendered).with_context(|| format!("{name} rendered no JSON"))?;
    let ours: Value = serde_json::from_str(&fs::read_to_string(sources().join("rendered.json"))?)?;
    ensure!(
        is_same(&ours, &rendered),
        "{name} renders other JSON than we do: {rendered}"
    );
    figures
        .lines()
        .map(|line| {
            median(name, line).with_context(|| format!("{name} printed a wrong line: {line}"))
        })
        .collect()
}

fn median(engine: &'static str, line: &str) -> Option<Median> {
    let mut words = line.split(' ');
    Some(Median {
        group: words.next()?.to_owned(),
        engine,
        nanoseconds: words.next()?.parse().ok()?,
        shim: words.next()?.parse().ok()?,
    })
}

/// Whether two JSON values are the same; `25` is `25.0`, because JavaScript prints it so.
fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(key, a)| right.get(key).is_some_and(|b| is_same(a, b)))
        }
        _ => left == right,
    }
}

fn java() -> Result<Command> {
    let path = match std::env::var("TOLLGATE_VELOCITY_JARS") {
        Ok(path) => path,
        Err(_) => {
            if let Some(missing) = JARS.iter().find(|jar| !Path::new(jar).exists()) {
                bail!("no {missing}: install Debian's package `velocity`");
            }
            JARS.join(":")
        }
    };
    is_started("java", "install a JDK")?;
    let mut command = Command::new("java");
    command
        .args(["-cp", &path])
        .arg(sources().join("Engine.java"));
    Ok(command)
}

fn node(package: &str) -> Result<Command> {
    let modules = installed("node").join("node_modules");
    ensure!(
        modules.join(package).exists(),
        "the package is not in `target/velocity`: `cargo xtask bench W5` installs it where npm can"
    );
    is_started("node", "install Node.js")?;
    let mut command = Command::new("node");
    command
        .env("NODE_PATH", modules)
        .arg(sources().join("engines.js"))
        .arg(package);
    Ok(command)
}

fn python() -> Result<Command> {
    let modules = installed("python");
    ensure!(
        modules.join("airspeed").exists(),
        "the package is not in `target/velocity`: `cargo xtask bench W5` installs it where pip can"
    );
    is_started("python3", "install Python")?;
    let mut command = Command::new("python3");
    command
        .env("PYTHONPATH", modules)
        .arg(sources().join("airspeed_engine.py"));
    Ok(command)
}

fn is_started(program: &str, advice: &str) -> Result<()> {
    let output = Command::new(program).arg("--version").output();
    output.with_context(|| format!("no `{program}`: {advice}"))?;
    Ok(())
}

fn install_node() -> Result<()> {
    install("node", "package.json", |folder, list| {
        fs::copy(list, Path::new(folder).join("package.json"))?;
        let quiet = ["--no-package-lock", "--no-audit", "--no-fund", "--silent"];
        sh::run(
            "npm",
            &[&["install", "--prefix", folder], &quiet[..]].concat(),
        )
    })
}

fn install_python() -> Result<()> {
    install("python", "requirements.txt", |folder, list| {
        let pip = ["-m", "pip", "install", "--quiet", "--upgrade", "--no-deps"];
        let what = ["--target", folder, "--requirement", list];
        sh::run("python3", &[&pip[..], &what].concat())
    })
}

/// Installs a list of packages with `by(folder, list)`, unless the folder holds that list already.
fn install(folder: &str, list: &str, by: impl FnOnce(&str, &str) -> Result<()>) -> Result<()> {
    let (folder, list) = (installed(folder), sources().join(list));
    let (wanted, stamp) = (fs::read(&list)?, folder.join("installed"));
    if fs::read(&stamp).is_ok_and(|held| held == wanted) {
        return Ok(());
    }
    fs::create_dir_all(&folder)?;
    by(&folder.display().to_string(), &list.display().to_string())?;
    fs::write(stamp, wanted)?;
    Ok(())
}

fn sources() -> PathBuf {
    sh::root().join("bench/velocity")
}

fn installed(folder: &str) -> PathBuf {
    sh::root().join("target/velocity").join(folder)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn engines_that_are_there_render_what_we_render() {
        for engine in &ENGINES {
            let program = match (engine.program)() {
                Ok(program) => program,
                Err(missing) => {
                    println!("skipped: {}: {missing:#}", engine.name);
                    continue;
                }
            };
            match run(engine.name, program, "0") {
                Ok(medians) => {
                    let groups: Vec<_> = medians.iter().map(|it| it.group.as_str()).collect();
                    assert_eq!(groups, ["W5", "W5-parsing"], "{}", engine.name);
                    for median in &medians {
                        assert!(median.nanoseconds > 0.0, "{median:?}");
                    }
                }
                Err(error) => panic!("{error:#}"),
            }
        }
    }

    #[test]
    fn json_is_compared_by_value() {
        let ours = json!({"a": [25.0, "x"], "b": true});
        assert!(is_same(&ours, &json!({"b": true, "a": [25, "x"]})));
        for other in [
            json!({"a": [25.5, "x"], "b": true}),
            json!({"a": [25.0, "x", 1], "b": true}),
            json!({"a": ["25.0", "x"], "b": true}),
            json!({"a": [25.0, "x"], "b": true, "c": null}),
            json!({"a": [25.0, "x"], "c": true}),
        ] {
            assert!(!is_same(&ours, &other), "{other}");
        }
    }

    #[test]
    fn a_filter_that_begins_the_row_asks_for_the_engines() {
        let asked = |args: &[&str]| is_asked(&args.iter().map(|&it| it.into()).collect::<Vec<_>>());
        assert!(asked(&[]) && asked(&["W5"]) && asked(&["W5-parsing", "--quick"]));
        assert!(!asked(&["W4"]) && !asked(&["W5/tollgate"]));
    }
}
