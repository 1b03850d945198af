//! G1, G2 and G3: the gateway beside its peers. Each server runs alone with wrk on the same
//! machine, on loopback, for a few seconds; what counts is the server's own CPU time for
//! each request, because the load generator shares its cores.

mod peers;
mod server;
mod work;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use self::server::{Server, free_port};
use self::work::Work;
use crate::sh;

const SECONDS: u64 = 5;

pub(crate) fn run() -> Result<()> {
    for tool in ["wrk", "nginx"] {
        if !is_installed(tool) {
            bail!("`{tool}` is not installed: apt-get install {tool}");
        }
    }
    sh::run("cargo", &["build", "--release", "--package", "tollgate"])?;
    build_peers()?;
    let scratch = std::env::temp_dir().join(format!("tollgate-load-{}", std::process::id()));
    fs::create_dir_all(&scratch)?;
    let result = measure(&scratch);
    fs::remove_dir_all(&scratch)?;
    result
}

/// The servers of `bench`.
fn build_peers() -> Result<()> {
    let manifest = sh::root().join("bench/Cargo.toml").display().to_string();
    let mut cargo = vec!["build", "--release", "--manifest-path", &manifest];
    cargo.extend(["--package", "tollgate-bench-servers"]);
    if is_installed("cmake") {
        cargo.extend(["--features", "pingora"]);
    }
    sh::run("cargo", &cargo)
}

fn is_installed(tool: &str) -> bool {
    let mut command = Command::new(tool);
    let quiet = command
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok()
}

fn measure(scratch: &Path) -> Result<()> {
    let backend_port = free_port()?;
    let backend = peers::nginx_constant(scratch, backend_port, 0)?;
    println!(
        "| work | server | CPU µs/request | requests/s | start ms | idle MB | loaded MB |\n|---|---|---|---|---|---|---|"
    );
    for work in work::all(backend_port) {
        row(&work, "tollgate", |port| tollgate(scratch, &work, port))?;
        for peer in peers::of(work.peers) {
            if is_installed(peer.program) {
                row(&work, peer.name, |port| {
                    (peer.start)(scratch, port, backend_port)
                })?;
            } else {
                println!(
                    "skipped: {}, for `{}` is not installed: {}",
                    peer.name, peer.program, peer.install
                );
            }
        }
    }
    drop(backend);
    Ok(())
}

fn tollgate(scratch: &Path, work: &Work, port: u16) -> Result<Server> {
    let project = scratch.join("load.gate");
    fs::write(&project, &work.gate)?;
    let mut command = Command::new(sh::root().join("target/release/tollgate"));
    command
        .args(["run", "--quiet", "--port", &port.to_string()])
        .arg(&project)
        .env("LOAD_KEY", work::KEY);
    Server::start(&mut command, port)
}

fn row(work: &Work, name: &str, start: impl FnOnce(u16) -> Result<Server>) -> Result<()> {
    let port = free_port()?;
    let server = start(port)?;
    let idle = server.memory_mb()?;
    let before = server.cpu_us()?;
    let url = format!("http://127.0.0.1:{port}{}", work.path);
    let seconds = format!("-d{SECONDS}s");
    let key = format!("x-api-key: {}", work::KEY);
    let report = sh::output("wrk", &["-t1", "-c32", &seconds, "-H", &key, &url])?;
    let cpu = server.cpu_us()? - before;
    let figure = |label: &str| -> Option<f64> {
        let line = report.lines().find(|line| line.contains(label))?;
        line.split_whitespace().find_map(|word| word.parse().ok())
    };
    let requests = figure("requests in").context("wrk printed no count")?;
    let rate = figure("Requests/sec").unwrap_or(requests / SECONDS as f64);
    if report.contains("Non-2xx") {
        bail!("`{name}` did not answer every request with 2xx:\n{report}");
    }
    println!(
        "| {} | {name} | {:.1} | {:.0} | {} | {idle:.1} | {:.1} |",
        work.name,
        cpu / requests,
        rate,
        server.started_in.as_millis(),
        server.memory_mb()?
    );
    Ok(())
}
