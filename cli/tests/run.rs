//! `tollgate run`: a program served for real, its backends, its logs, and how it goes on when its sources change.

#![cfg(unix)] // processes are ended by signals

mod common;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use common::Folder;
use common::served::{Served, status};

const SHOP: &str = r#"
rest api Shop {
  GET /health { auth: none, integrate mock, respond 200 { body = { ok: true } } }
  POST /orders { auth: none, integrate lambda order }
  ANY /web/{proxy+} { auth: none, integrate http "https://web.example/{proxy}" }
  GET /far { auth: none, integrate lambda elsewhere }
}
function order { command: "cat > event.json; echo '{\"statusCode\": 201, \"body\": \"made\"}'" }
function elsewhere { arn: "arn:aws:lambda:eu-west-1:111122223333:function:elsewhere" }
stage dev of Shop { log to stdout { at: context.path, status: context.status } }
"#;

#[test]
fn a_program_is_served_until_a_signal() {
    let folder = Folder::with(&[("shop.gate", SHOP)]);
    let mut served = Served::start(&folder, &["--backend", "web.example=echo"]);
    let tries = served.until("curl -i");
    assert_eq!(
        tries.trim(),
        format!("curl -i 'http://{}/dev/health'", served.address)
    );

    let answer = served.ask("GET /dev/health");
    assert_eq!(status(&answer), "200", "{answer}");
    assert!(answer.ends_with("{\"ok\": true}"), "{answer}");
    assert!(answer.contains("\r\nx-amzn-requestid: "), "{answer}");
    // A line for the request, then one for every phase.
    let traced = served.until("GET /dev/health → 200");
    let id = answer
        .split("x-amzn-requestid: ")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap();
    assert!(traced.ends_with(id), "{traced}");
    let mut phases = Vec::new();
    while phases
        .last()
        .is_none_or(|line: &String| !line.starts_with("log"))
    {
        let line = served.until(" µs ");
        let words: Vec<_> = line.split_whitespace().collect();
        let time = words.iter().position(|word| *word == "µs").unwrap();
        assert!(words[time - 1].parse::<u64>().is_ok(), "{line}");
        phases.push(format!("{} {}", words[0], words[time + 1..].join(" ")));
    }
    insta::assert_snapshot!(phases.join("\n"), @r"
    site passed
    route Shop GET /health shop.gate:3
    request passed shop.gate:3
    response passed shop.gate:3
    respond 200 shop.gate:3
    log passed shop.gate:3
    ");
    assert_eq!(
        served.output.recv_timeout(Duration::from_secs(5)).unwrap(),
        r#"{"at":"/dev/health","status":"200"}"#
    );

    assert_eq!(status(&served.ask("GET /dev/nothing")), "403");
    assert_eq!(status(&served.ask("GET /nostage/health")), "403");
    assert_eq!(served.end(), Some(0));
}

#[test]
fn a_command_stands_for_a_function() {
    let folder = Folder::with(&[("shop.gate", SHOP)]);
    let served = Served::start(&folder, &[]);
    let answer = served.ask("POST /dev/orders?a=b%20c\nX-TraCe: 1\n\n{\"n\": 1}");
    assert_eq!(status(&answer), "201", "{answer}");
    assert!(answer.ends_with("\r\n\r\nmade"), "{answer}");
    let event: serde_json::Value = serde_json::from_str(&folder.read("event.json")).unwrap();
    assert_eq!(event["path"], "/orders");
    assert_eq!(event["queryStringParameters"]["a"], "b c");
    assert_eq!(
        event["headers"]["X-TraCe"], "1",
        "the letter case of names is kept"
    );
    assert_eq!(event["body"], "{\"n\": 1}");
}

#[test]
fn a_backend_that_is_not_here_says_how_to_stand_in() {
    let folder = Folder::with(&[("shop.gate", SHOP)]);
    let mut served = Served::start(&folder, &[]);
    let answer = served.ask("GET /dev/far");
    assert_eq!(status(&answer), "502", "{answer}");
    let said = served.until("elsewhere");
    insta::assert_snapshot!(said, @r#"tollgate: the function `elsewhere` is not here: declare `function elsewhere { command: "…" }`, or run with --backend elsewhere=URL or --backend elsewhere=echo"#);
    let mut served = Served::start(&folder, &["--backend", "elsewhere=echo"]);
    assert_eq!(status(&served.ask("GET /dev/far")), "200");
    assert_eq!(served.end(), Some(0));
}

#[test]
fn the_echo_backend_answers_with_what_it_was_sent() {
    let folder = Folder::with(&[("shop.gate", SHOP)]);
    let served = Served::start(&folder, &["--backend", "web.example=echo", "--quiet"]);
    let body = served.body("PUT /dev/web/a/b%2Fc?x=1&x=2&y=+\nX-Own: v\n\nhello");
    let echo: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(echo["method"], "PUT");
    assert_eq!(echo["path"], "https://web.example/a/b%2Fc");
    assert_eq!(
        echo["query"],
        serde_json::json!({"x": ["1", "2"], "y": " "})
    );
    assert_eq!(echo["headers"]["X-Own"], "v");
    assert_eq!(echo["body"], "hello");
}

#[test]
fn a_packed_body_is_unpacked_on_its_way() {
    let folder = Folder::with(&[("shop.gate", SHOP)]);
    let served = Served::start(&folder, &["--backend", "web.example=echo", "--quiet"]);
    // `hello` in the format of zlib, stored.
    let packed = b"\x78\x01\x01\x05\x00\xfa\xffhello\x06\x2c\x02\x15";
    let mut stream = TcpStream::connect(&served.address).unwrap();
    let head = format!(
        "POST /dev/web/a HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Encoding: deflate\r\nContent-Length: {}\r\n\r\n",
        packed.len()
    );
    stream
        .write_all(&[head.as_bytes(), packed].concat())
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("\"body\":\"hello\""), "{answer}");
    let answer = served.ask("POST /dev/web/a\nContent-Encoding: br\n\nhello");
    assert_eq!(status(&answer), "415", "{answer}");
}

#[test]
fn a_url_stands_for_a_host() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let backend = listener.local_addr().unwrap();
    let seen = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = vec![0; 4096];
        let n = stream.read(&mut request).unwrap();
        stream
            .write_all(b"HTTP/1.1 418 I'm a teapot\r\nX-Pot: Blue\r\nContent-Length: 3\r\n\r\ntea")
            .unwrap();
        String::from_utf8_lossy(&request[..n]).into_owned()
    });
    let folder = Folder::with(&[("shop.gate", SHOP)]);
    let stand_in = format!("web.example=http://{backend}/base");
    let served = Served::start(&folder, &["--backend", &stand_in]);
    let answer = served.ask("GET /dev/web/pot?milk=no\nX-SuGar: two");
    assert_eq!(status(&answer), "418", "{answer}");
    assert!(
        answer.contains("\r\nx-pot: Blue\r\n") && answer.ends_with("tea"),
        "{answer}"
    );
    let request = seen.join().unwrap();
    assert!(
        request.starts_with("GET /base/pot?milk=no HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(
        request.contains("\r\nX-SuGar: two\r\n"),
        "names keep their letter case: {request}"
    );
}

#[test]
fn a_change_is_served_and_a_broken_one_is_not() {
    let folder = Folder::with(&[("shop.gate", SHOP)]);
    let mut served = Served::start(&folder, &["--watch"]);
    served.until("curl");
    folder.write("shop.gate", &SHOP.replace("ok: true", "ok: 2"));
    served.until("the new program is served");
    assert_eq!(served.body("GET /dev/health"), "{\"ok\": 2}");
    folder.write("shop.gate", &SHOP.replace("mock", "mok"));
    served.until("the last good program is still served");
    assert!(
        served.heard.iter().any(|l| l.contains("mok")),
        "{:#?}",
        served.heard
    );
    assert_eq!(served.body("GET /dev/health"), "{\"ok\": 2}");
    folder.write(
        "more.gate",
        "rest api More { GET / { auth: none, integrate mock, respond 200 } }\nstage s of More {}\n",
    );
    folder.write("shop.gate", SHOP);
    served.until("the new program is served");
    // Two APIs now: a path names one, or the host does.
    assert_eq!(served.body("GET /Shop/dev/health"), "{\"ok\": true}");
    assert_eq!(status(&served.ask("GET /More/s")), "200");
    assert_eq!(status(&served.ask("GET /dev/health")), "403");
    assert_eq!(served.end(), Some(0));
}

#[test]
fn a_port_in_use_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = Folder::with(&[("shop.gate", SHOP)]);
    let run = folder.run(&["run", "--port", &port]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.errors.replace(&port, "PORT"), @r"
    error: port PORT is in use
    help: end what listens there, or take another one: --port 0 takes a free one
    ");
}

#[test]
fn keys_open_what_needs_one() {
    let program = r#"
rest api Shop {
  GET /stock { auth: none, api_key: required, integrate mock, respond 200 { body = { open: true } } }
}
stage dev of Shop {}
plan Basic { stages: [Shop.dev], quota 2/day }
key acme for Basic { value: file("acme.key") }
"#;
    let key = "s3cret-key-of-acme-0001";
    let folder = Folder::with(&[("shop.gate", program), ("acme.key", &format!("{key}\n"))]);
    let mut served = Served::start(&folder, &[]);
    assert_eq!(status(&served.ask("GET /dev/stock")), "403");
    let wrong = served.ask("GET /dev/stock\nx-api-key: s3cret-key-of-acme-0002");
    assert_eq!(status(&wrong), "403", "{wrong}");
    served.until("refused: INVALID_API_KEY");
    let request = format!("GET /dev/stock\nX-Api-Key: {key}");
    assert_eq!(status(&served.ask(&request)), "200");
    assert_eq!(status(&served.ask(&request)), "200");
    let spent = served.ask(&request);
    assert_eq!(status(&spent), "429", "{spent}");
    served.until("refused: QUOTA_EXCEEDED");
    // Nothing that is printed holds the key.
    assert!(
        served.heard.iter().all(|line| !line.contains(key)),
        "{:#?}",
        served.heard
    );
    assert_eq!(served.end(), Some(0));
}

#[test]
fn a_key_without_a_value_is_told() {
    let program = format!(
        "{SHOP}\nplan Basic {{ stages: [Shop.dev] }}\nkey acme for Basic {{ value: env(\"TOLLGATE_TEST_UNSET\") }}\n"
    );
    let folder = Folder::with(&[("shop.gate", &program)]);
    let run = folder.run(&["run", "--port", "0"]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.errors, @r"
    error: the key `acme` has no value: the environment has no `TOLLGATE_TEST_UNSET`
    help: it is declared at shop.gate:13
    ");
}

#[test]
fn a_bundle_is_served_and_a_broken_one_refused() {
    let folder = Folder::with(&[("shop.gate", SHOP)]);
    assert_eq!(folder.run(&["build", "-o", "shop.gatebundle"]).code, 0);
    let served = Served::start(&folder, &["shop.gatebundle"]);
    assert_eq!(served.body("GET /dev/health"), "{\"ok\": true}");

    let good = std::fs::read(folder.join("shop.gatebundle")).unwrap();
    let refused = |bytes: &[u8]| {
        std::fs::write(folder.join("bad.gatebundle"), bytes).unwrap();
        let run = folder.run(&["run", "--port", "0", "bad.gatebundle"]);
        assert_eq!(run.code, 2, "{}", run.errors);
        run.errors
    };
    insta::assert_snapshot!(refused(&good[..good.len() - 1]), @r"
    error: `bad.gatebundle` is refused: the length in the header is not the bundle's at byte 12
    help: build it again with `tollgate build`
    ");
    let mut altered = good.clone();
    *altered.last_mut().unwrap() ^= 1;
    assert!(refused(&altered).contains("checksum"));
    let mut newer = good.clone();
    newer[8] += 1;
    insta::assert_snapshot!(refused(&newer), @r"
    error: `bad.gatebundle` is refused: a newer format than this runtime reads: version 2 at byte 8
    help: build it again with `tollgate build`
    ");
    insta::assert_snapshot!(refused(b"hello"), @r"
    error: `bad.gatebundle` is refused: not a bundle: the magic is missing at byte 0
    help: build it again with `tollgate build`
    ");
}
