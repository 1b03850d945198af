//! A program that is served while a test asks it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use super::Folder;

/// A running `tollgate run`.
pub struct Served {
    pub child: Child,
    pub address: String,
    /// Lines of the standard error.
    pub said: Receiver<String>,
    pub output: Receiver<String>,
    pub heard: Vec<String>,
}

impl Served {
    pub fn start(folder: &Folder, arguments: &[&str]) -> Served {
        let mut child = super::command()
            .current_dir(folder.path())
            .args(["run", "--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut served = Served {
            said: lines(child.stderr.take().unwrap()),
            output: lines(child.stdout.take().unwrap()),
            child,
            address: String::new(),
            heard: Vec::new(),
        };
        let line = served.until("http://");
        let url = line.split("http://").nth(1).unwrap();
        served.address = url.split(['/', ',']).next().unwrap().to_owned();
        served
    }

    /// The next line of the standard error that holds this text.
    pub fn until(&mut self, text: &str) -> String {
        let ends = Instant::now() + Duration::from_secs(20);
        while let Ok(line) = self
            .said
            .recv_timeout(ends.saturating_duration_since(Instant::now()))
        {
            self.heard.push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
        panic!("no line with `{text}` in {:#?}", self.heard);
    }

    /// Sends this request, and reads the whole answer.
    pub fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let (line, rest) = request.split_once('\n').unwrap_or((request, "\n"));
        let (headers, body) = rest.split_once("\n\n").unwrap_or((rest.trim_end(), ""));
        let mut head = format!("{line} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.to_lowercase().contains("host:") {
            head += "Host: localhost\r\n";
        }
        for header in headers.lines().filter(|l| !l.is_empty()) {
            head += &format!("{header}\r\n");
        }
        if !body.is_empty() {
            head += &format!("Content-Length: {}\r\n", body.len());
        }
        stream
            .write_all(format!("{head}\r\n{body}").as_bytes())
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    pub fn body(&self, request: &str) -> String {
        self.ask(request)
            .split_once("\r\n\r\n")
            .unwrap()
            .1
            .to_owned()
    }

    /// Asks it to end, and says with which code it does.
    pub fn end(&mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        let killed = std::process::Command::new("kill")
            .args(["-TERM", &pid])
            .status();
        assert!(killed.unwrap().success());
        let ends = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < ends, "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

pub fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}
