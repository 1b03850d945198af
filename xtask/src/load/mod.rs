//! G1, G2 and G3: the gateway beside bare hyper, nginx and HAProxy. Each server runs alone with
//! wrk on the same machine, on loopback, for a few seconds; what counts is the server's
//! own CPU time for each request, because the load generator shares its cores.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::sh;

const SECONDS: u64 = 5;

pub(crate) fn run() -> Result<()> {
    for tool in ["wrk", "nginx"] {
        if !is_installed(tool) {
            bail!("`{tool}` is not installed: apt-get install {tool}");
        }
    }
    sh::run("cargo", &["build", "--release", "--package", "tollgate"])?;
    let manifest = sh::root().join("bench/Cargo.toml").display().to_string();
    sh::run(
        "cargo",
        &[
            "build",
            "--release",
            "--manifest-path",
            &manifest,
            "--bin",
            "bare-hyper",
        ],
    )?;
    let scratch = std::env::temp_dir().join(format!("tollgate-load-{}", std::process::id()));
    fs::create_dir_all(&scratch)?;
    let result = measure(&scratch);
    fs::remove_dir_all(&scratch)?;
    result
}

fn is_installed(tool: &str) -> bool {
    let mut command = Command::new(tool);
    let quiet = command
        .arg("-v")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok()
}

fn measure(scratch: &Path) -> Result<()> {
    let backend_port = free_port()?;
    let backend = nginx(
        scratch,
        "backend",
        backend_port,
        "location / { return 200 '{\"ok\":true}'; default_type application/json; }",
    )?;
    println!(
        "| work | server | CPU µs/request | requests/s | start ms | idle MB | loaded MB |\n|---|---|---|---|---|---|---|"
    );
    for (work, path, gate, nginx_location, haproxy_rules) in [
        (
            "G1 mock",
            "/prod/orders/17",
            "GET /orders/{id} { integrate mock, respond 200 { body = { ok: true } } }".to_string(),
            "location / { return 200 '{\"ok\":true}'; default_type application/json; }".to_string(),
            "  http-request return status 200 content-type application/json string '{\"ok\":true}'\n"
                .to_string(),
        ),
        (
            "G2 proxy",
            "/prod/orders/17",
            format!(
                "GET /orders/{{id}} {{ integrate http \"http://127.0.0.1:{backend_port}/orders/{{id}}\" }}"
            ),
            format!(
                "location / {{ proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection \"\"; }} }} \
                 upstream backend {{ server 127.0.0.1:{backend_port}; keepalive 32;"
            ),
            format!("  server backend 127.0.0.1:{backend_port}\n"),
        ),
    ] {
        let port = free_port()?;
        let project = scratch.join("load.gate");
        fs::write(
            &project,
            format!("edition 2026\nrest api Load {{\n  {gate}\n}}\nstage prod of Load {{}}\n"),
        )?;
        let tollgate = sh::root().join("target/release/tollgate");
        let server = Server::start(
            Command::new(tollgate)
                .args(["run", "--quiet", "--port", &port.to_string()])
                .arg(&project),
            port,
        )?;
        row(work, "tollgate", &server, port, path)?;
        drop(server);
        if work.starts_with("G1") {
            let port = free_port()?;
            let hyper = sh::root().join("bench/target/release/bare-hyper");
            let server = Server::start(Command::new(hyper).arg(port.to_string()), port)?;
            row(work, "bare hyper", &server, port, path)?;
        }
        let port = free_port()?;
        let server = nginx(scratch, "peer", port, &nginx_location)?;
        row(work, "nginx", &server, port, path)?;
        drop(server);
        if is_installed("haproxy") {
            let port = free_port()?;
            let server = haproxy(scratch, port, &haproxy_rules)?;
            row(work, "haproxy", &server, port, path)?;
        } else {
            println!("skipped: `haproxy` is not installed");
        }
    }
    drop(backend);
    Ok(())
}

fn row(work: &str, name: &str, server: &Server, port: u16, path: &str) -> Result<()> {
    let idle = server.memory_mb()?;
    let before = server.cpu_us()?;
    let url = format!("http://127.0.0.1:{port}{path}");
    let report = sh::output("wrk", &["-t1", "-c32", &format!("-d{SECONDS}s"), &url])?;
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
        "| {work} | {name} | {:.1} | {:.0} | {} | {idle:.1} | {:.1} |",
        cpu / requests,
        rate,
        server.started_in.as_millis(),
        server.memory_mb()?
    );
    Ok(())
}

/// A server of ours with its children; ended when dropped.
struct Server {
    child: Child,
    started_in: Duration,
}

impl Server {
    fn start(command: &mut Command, port: u16) -> Result<Server> {
        let begun = Instant::now();
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start a server")?;
        let mut server = Server {
            child,
            started_in: Duration::ZERO,
        };
        while begun.elapsed() < Duration::from_secs(10) {
            if answers(port) {
                server.started_in = begun.elapsed();
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                bail!("a server ended at once: {status}");
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        bail!("a server did not answer within ten seconds")
    }

    fn processes(&self) -> Vec<PathBuf> {
        let id = self.child.id();
        let mut all = vec![PathBuf::from(format!("/proc/{id}"))];
        let children =
            fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        all.extend(
            children
                .split_whitespace()
                .map(|child| PathBuf::from(format!("/proc/{child}"))),
        );
        all
    }

    /// User and system time so far, in microseconds.
    fn cpu_us(&self) -> Result<f64> {
        let mut ticks = 0.0;
        for process in self.processes() {
            let stat = fs::read_to_string(process.join("stat"))?;
            let fields: Vec<&str> = stat
                .rsplit(')')
                .next()
                .unwrap_or_default()
                .split_whitespace()
                .collect();
            ticks += fields[11].parse::<f64>()? + fields[12].parse::<f64>()?;
        }
        Ok(ticks * 10_000.0) // a tick is a hundredth of a second on Linux
    }

    fn memory_mb(&self) -> Result<f64> {
        let mut kilobytes = 0.0;
        for process in self.processes() {
            let status = fs::read_to_string(process.join("status"))?;
            let line = status
                .lines()
                .find(|line| line.starts_with("VmRSS"))
                .unwrap_or_default();
            kilobytes += line
                .split_whitespace()
                .nth(1)
                .and_then(|word| word.parse::<f64>().ok())
                .unwrap_or(0.0);
        }
        Ok(kilobytes / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(2) {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn nginx(scratch: &Path, name: &str, port: u16, location: &str) -> Result<Server> {
    let folder = scratch.join(name);
    fs::create_dir_all(&folder)?;
    let config = folder.join("nginx.conf");
    let text = format!(
        "daemon off; worker_processes 1; pid {0}/pid; error_log {0}/error.log;\n\
         events {{ worker_connections 512; }}\n\
         http {{ access_log off; keepalive_requests 1000000; client_body_temp_path {0}/body; proxy_temp_path {0}/proxy;\n\
         fastcgi_temp_path {0}/f; uwsgi_temp_path {0}/u; scgi_temp_path {0}/s;\n\
         server {{ listen 127.0.0.1:{port}; {location} }} }}\n",
        folder.display()
    );
    fs::write(&config, text)?;
    Server::start(Command::new("nginx").arg("-c").arg(&config), port)
}

fn haproxy(scratch: &Path, port: u16, rules: &str) -> Result<Server> {
    let config = scratch.join("haproxy.cfg");
    let text = format!(
        "global\n  nbthread 1\n  maxconn 512\n\
         defaults\n  mode http\n  timeout client 30s\n  timeout server 30s\n  timeout connect 3s\n\
         listen load\n  bind 127.0.0.1:{port}\n{rules}"
    );
    fs::write(&config, text)?;
    let mut command = Command::new("haproxy");
    Server::start(command.arg("-db").arg("-q").arg("-f").arg(&config), port)
}

fn answers(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else {
        return false;
    };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(1)));
    let _ = stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    matches!(stream.read(&mut [0; 16]), Ok(read) if read > 0)
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
