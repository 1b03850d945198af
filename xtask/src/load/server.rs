//! A server under load: started, measured from `/proc`, and ended.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// A server of ours with its children; ended when dropped.
pub(super) struct Server {
    child: Child,
    /// Until the first answer.
    pub(super) started_in: Duration,
}

impl Server {
    pub(super) fn start(command: &mut Command, port: u16) -> Result<Server> {
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
    pub(super) fn cpu_us(&self) -> Result<f64> {
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

    pub(super) fn memory_mb(&self) -> Result<f64> {
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

fn answers(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else {
        return false;
    };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(1)));
    let _ = stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    matches!(stream.read(&mut [0; 16]), Ok(read) if read > 0)
}

pub(super) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
