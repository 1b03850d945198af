//! What a gateway does with what comes over the wire, before anything is decided.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tollgate_gateway::{Config, Gateway, Program};
use tollgate_runtime::Loaded;

/// A program without a stage.
fn program() -> Program {
    let (model, _) = tollgate_compiler::check_text("");
    let bytes = tollgate_compiler::emit::bundle(&model.unwrap()).unwrap();
    Program::new(Loaded::verify(Arc::<[u8]>::from(bytes)).unwrap())
}

/// A gateway whose bundle has no stage: whatever is well-formed is answered 403.
fn gateway() -> Gateway {
    let mut config = Config::default();
    config.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    config.workers = 2;
    Gateway::start(config, program()).unwrap()
}

fn connect(gateway: &Gateway) -> TcpStream {
    let stream = TcpStream::connect(gateway.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    stream
}

/// Sends these bytes and reads until the gateway closes.
fn say(gateway: &Gateway, bytes: &[u8]) -> String {
    let mut stream = connect(gateway);
    // The gateway may close before all is sent.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn statuses(answer: &str) -> Vec<&str> {
    // Bodies do not end with a newline, so an answer may begin anywhere in a line.
    answer
        .match_indices("HTTP/1.")
        .filter_map(|(at, _)| answer.get(at + 9..at + 12))
        .collect()
}

#[test]
fn malformed_requests_are_refused() {
    let gateway = gateway();
    let long = |n: usize| "x".repeat(n);
    let close = "Connection: close\r\n";
    for (request, status) in [
        (format!("GET / HTTP/1.1\r\nHost: h\r\n{close}\r\n"), "403"),
        (
            format!("GET /a%2Fb?c=%zz HTTP/1.1\r\nHost: h\r\n{close}\r\n"),
            "403",
        ),
        (format!("GET http://h/a HTTP/1.1\r\n{close}\r\n"), "403"),
        (format!("OPTIONS * HTTP/1.1\r\n{close}\r\n"), "403"),
        (format!("BREW / HTTP/1.1\r\n{close}\r\n"), "403"),
        ("GET / HTTP/1.0\r\n\r\n".to_owned(), "403"),
        ("GET\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/9.9\r\n\r\n".to_owned(), "400"),
        ("GET /a b HTTP/1.1\r\n\r\n".to_owned(), "400"),
        ("\u{1}\u{2}\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/1.1\r\nA b: c\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/1.1\r\nA : c\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/1.1\r\nA: \u{0}\r\n\r\n".to_owned(), "400"),
        (
            "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n".to_owned(),
            "400",
        ),
        (
            "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n".to_owned(),
            "400",
        ),
        (
            "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n".to_owned(),
            "400",
        ),
        (format!("GET /{} HTTP/1.1\r\n\r\n", long(70_000)), "414"),
        (
            format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", long(200_000)),
            "431",
        ),
        (
            format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(101)),
            "431",
        ),
    ] {
        let answer = say(&gateway, request.as_bytes());
        let start: String = request.chars().take(60).collect();
        assert_eq!(statuses(&answer), [status], "{start:?}");
    }
}

#[test]
fn a_connection_serves_many_requests_also_at_once() {
    let gateway = gateway();
    let mut requests = String::new();
    for n in 0..50 {
        requests += &format!("POST /{n} HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
    }
    requests += "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
    let answer = say(&gateway, requests.as_bytes());
    assert_eq!(statuses(&answer), vec!["403"; 51]);
}

#[test]
fn http2_is_spoken_with_prior_knowledge() {
    let gateway = gateway();
    let mut stream = connect(&gateway);
    // Preface, empty SETTINGS, then HEADERS of stream 1: GET / over http to the authority `h`.
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend_from_slice(&[0, 0, 0, 4, 0, 0, 0, 0, 0]);
    let block = [0x82, 0x84, 0x86, 0x41, 0x01, b'h'];
    bytes.extend_from_slice(&[0, 0, block.len() as u8, 1, 5, 0, 0, 0, 1]);
    bytes.extend_from_slice(&block);
    // The preface in two pieces, as it may come.
    stream.write_all(&bytes[..10]).unwrap();
    std::thread::sleep(Duration::from_millis(20));
    stream.write_all(&bytes[10..]).unwrap();
    loop {
        let mut frame = [0; 9];
        stream.read_exact(&mut frame).unwrap();
        let length = u32::from_be_bytes([0, frame[0], frame[1], frame[2]]) as usize;
        let mut payload = vec![0; length];
        stream.read_exact(&mut payload).unwrap();
        if frame[3] == 1 {
            assert_eq!(frame[8], 1, "the stream");
            // `:status`, which is the name of index 8, and `403` in HPACK's Huffman code.
            assert_eq!(payload[..5], [0x48, 0x83, 0x68, 0x0c, 0xff], "{payload:?}");
            break;
        }
    }
}

#[test]
fn requests_that_have_begun_are_answered_before_the_end() {
    let gateway = gateway();
    let mut stream = connect(&gateway);
    let request = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    stream.write_all(request).unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 403");
    let address = gateway.address();
    let began = Instant::now();
    gateway.stop(Duration::from_secs(20));
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "an idle connection does not hold the end up"
    );
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn an_address_in_use_is_an_error() {
    let first = gateway();
    let mut config = Config::default();
    config.listen = first.address();
    let second = Gateway::start(config, program());
    assert_eq!(
        second.err().map(|e| e.kind()),
        Some(std::io::ErrorKind::AddrInUse)
    );
}

#[test]
fn a_program_can_be_replaced_under_load() {
    let gateway = gateway();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut stream = connect(&gateway);
                    let mut served = 0;
                    while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                        stream
                            .write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                            .unwrap();
                        let mut answer = [0; 4096];
                        let n = stream.read(&mut answer).unwrap();
                        assert!(answer[..n].starts_with(b"HTTP/1.1 403"));
                        served += 1;
                    }
                    served
                })
            })
            .collect();
        for _ in 0..20 {
            gateway.swap(program());
            std::thread::sleep(Duration::from_millis(5));
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        for client in clients {
            assert!(client.join().unwrap() > 0);
        }
    });
}
