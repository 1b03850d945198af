//! The client against scripted backends.

use super::*;
use std::io::{Read, Write};
use std::net::TcpListener;

/// A backend that answers each request of each connection with the next script, and says what it was sent.
/// After its last script a connection is closed.
fn backend(connections: Vec<Vec<&'static str>>) -> (u16, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (seen, requests) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for scripts in connections {
            let (mut stream, _) = listener.accept().unwrap();
            for script in scripts {
                let mut request = Vec::new();
                let mut buffer = [0; 4096];
                while !whole(&request) {
                    match stream.read(&mut buffer).unwrap() {
                        0 => break,
                        n => request.extend_from_slice(&buffer[..n]),
                    }
                }
                seen.send(String::from_utf8(request).unwrap()).unwrap();
                for piece in script.split('|') {
                    let _ = stream.write_all(piece.as_bytes());
                    std::thread::sleep(Duration::from_millis(2));
                }
            }
        }
    });
    (port, requests)
}

fn whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    match text.split_once("\r\n\r\n") {
        Some((head, body)) if head.contains("chunked") => body.ends_with("0\r\n\r\n"),
        Some((head, body)) => {
            let length = head
                .lines()
                .find_map(|l| l.strip_prefix("Content-Length: "));
            body.len() >= length.map_or(0, |n| n.parse().unwrap())
        }
        None => false,
    }
}

fn request(pool: &Pool, port: u16, method: &str, body: &'static str) -> Request {
    Request {
        origin: pool.origin(false, false, "127.0.0.1", port),
        head: format!(
            "{method} /a HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes(),
        body: RequestBody::Whole(Bytes::from_static(body.as_bytes())),
        waits_for_client: false,
        started: false,
        repeatable: method == "GET",
        bodiless: method == "HEAD",
        timeout: Duration::from_secs(5),
        stream_back: false,
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(10), future)
            .await
            .unwrap()
    })
}

fn show(answered: Answered) -> Result<String, Fault> {
    answered.map(|a| {
        let names: Vec<_> = a
            .headers()
            .map(|h| String::from_utf8_lossy(h.name).into_owned())
            .collect();
        let body = String::from_utf8(a.body.clone().unwrap().to_vec()).unwrap();
        format!("{} {} {body}", a.status, names.join(","))
    })
}

#[test]
fn bodies_are_read_as_they_are_framed() {
    for (script, method, wanted) in [
        (
            "HTTP/1.1 200 OK\r\nCoNtEnT-lEnGtH: 5\r\n\r\nhello",
            "GET",
            Ok("200 CoNtEnT-lEnGtH hello"),
        ),
        (
            "HTTP/1.1 200 |OK\r\nA: b\r\nContent-Length: 5\r|\n\r\nhe|llo",
            "GET",
            Ok("200 A,Content-Length hello"),
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe|\r\n3|\r\nllo\r\n0\r\nT: u\r\n\r\n",
            "GET",
            Ok("200 Transfer-Encoding hello"),
        ),
        ("HTTP/1.1 200 OK\r\n\r\nhel|lo", "GET", Ok("200  hello")),
        (
            "HTTP/1.0 404 No\r\nX: 1\r\n\r\nhello",
            "GET",
            Ok("404 X hello"),
        ),
        ("HTTP/1.1 204 No Content\r\n\r\n", "GET", Ok("204  ")),
        (
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
            "GET",
            Ok("304 Content-Length "),
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
            "HEAD",
            Ok("200 Content-Length "),
        ),
        (
            "HTTP/1.1 100 Continue\r\n\r\n|HTTP/1.1 103 Early\r\nL: m\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            "GET",
            Ok("200 Content-Length "),
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
            "GET",
            Ok("200 Content-Length,Content-Length hello"),
        ),
        // What is broken is no answer.
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
            "GET",
            Err(Fault::Connect),
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 4\r\n\r\nhello",
            "GET",
            Err(Fault::Connect),
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
            "GET",
            Err(Fault::Connect),
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
            "GET",
            Err(Fault::Connect),
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloo",
            "GET",
            Err(Fault::Connect),
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
            "GET",
            Err(Fault::Connect),
        ),
        ("HTTP/1.1 200 OK\r\nA", "GET", Err(Fault::Connect)),
        ("hello\r\n\r\n", "GET", Err(Fault::Connect)),
        ("", "GET", Err(Fault::Connect)),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
            "GET",
            Err(Fault::Connect),
        ),
    ] {
        let (port, _requests) = backend(vec![vec![script], vec![]]);
        let pool = Pool::default();
        let got = run(fetch(&mut request(&pool, port, method, ""), Instant::now()));
        assert_eq!(show(got), wanted.map(str::to_owned), "{script}");
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[test]
fn a_connection_is_used_again() {
    let (port, requests) = backend(vec![vec![OK, OK, OK]]);
    let pool = Pool::default();
    run(async {
        for n in 0..3 {
            let got = fetch(&mut request(&pool, port, "POST", "hello"), Instant::now()).await;
            assert_eq!(show(got), Ok("200 Content-Length ok".into()), "{n}");
        }
    });
    assert!(requests.iter().all(|r| r.ends_with("\r\n\r\nhello")));
}

#[test]
fn a_connection_that_the_backend_closed_is_not_used() {
    for closing in [
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        OK,
    ] {
        let (port, _requests) = backend(vec![vec![closing], vec![OK]]);
        let pool = Pool::default();
        run(async {
            for method in ["GET", "POST"] {
                let got = fetch(&mut request(&pool, port, method, ""), Instant::now()).await;
                assert!(got.is_ok(), "{method} after {closing}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
    }
}

#[test]
fn bytes_that_nobody_asked_for_end_a_connection() {
    let (port, requests) = backend(vec![
        vec![
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
        ],
        vec![OK],
    ]);
    let pool = Pool::default();
    run(async {
        for _ in 0..2 {
            let got = fetch(&mut request(&pool, port, "GET", ""), Instant::now()).await;
            assert_eq!(show(got), Ok("200 Content-Length ok".into()));
        }
    });
    assert_eq!(requests.iter().count(), 2);
}

#[test]
fn an_answer_has_its_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        let block = vec![b'x'; 1 << 16];
        while stream.write_all(&block).is_ok() {}
    });
    let pool = Pool::default();
    let got = run(fetch(&mut request(&pool, port, "GET", ""), Instant::now()));
    assert_eq!(got.err(), Some(Fault::AnswerTooLarge));
}

#[test]
fn nobody_there_is_no_connection() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let pool = Pool::default();
    let got = run(fetch(&mut request(&pool, port, "GET", ""), Instant::now()));
    assert_eq!(got.err(), Some(Fault::Connect));
}

#[test]
fn an_early_answer_counts_although_the_request_is_not_read() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut some = [0; 64];
        let _ = stream.read(&mut some);
        let _ = stream
            .write_all(b"HTTP/1.1 413 No\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
        let _ = stream.shutdown(std::net::Shutdown::Write);
        while stream.read(&mut some).is_ok_and(|n| n > 0) {}
    });
    let pool = Pool::default();
    let mut large = request(&pool, port, "POST", "");
    large.head = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n", 4 << 20).into_bytes();
    large.body = RequestBody::Whole(vec![0; 4 << 20].into());
    assert_eq!(
        show(run(fetch(&mut large, Instant::now()))),
        Ok("413 Connection,Content-Length no".into())
    );
}
