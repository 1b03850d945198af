//! Callers who prove who they are to `tollgate run`: tokens, signatures, and where their keys come from.

#![cfg(unix)] // processes are ended by signals

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use common::Folder;
use common::served::{Served, status};
use serde_json::{Value, json};

const BANK: &str = r#"
account { id: "111122223333", region: "eu-west-1" }
rest api Bank {
  authorizer Pool = cognito { pools: ["arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Bank"] }
  GET /balance { auth: Pool, integrate mock, respond 200 { body = { balance: 12 } } }
  GET /transfers { auth: Pool(scopes: ["bank/read"]), integrate mock, respond 200 }
  ANY /ledger { auth: iam, integrate mock, respond 200 }
}
stage dev of Bank {}
"#;

fn printed(folder: &Folder, arguments: &[&str]) -> String {
    let run = folder.run(arguments);
    assert_eq!(run.code, 0, "{}", run.errors);
    run.output.trim_end().to_owned()
}

#[test]
fn tokens_of_the_development_identity_are_taken() {
    let folder = Folder::with(&[("bank.gate", BANK)]);
    let id = printed(&folder, &["token", "--pool", "eu-west-1_Bank"]);
    let access = printed(&folder, &["token", "--scope", "bank/read"]);
    let other = printed(&folder, &["token", "--scope", "bank/write"]);
    folder.write("late.json", r#"{"exp": 1600000000}"#);
    let late = printed(&folder, &["token", "--claims", "late.json"]);
    folder.write("foreign.json", r#"{"iss": "https://elsewhere.example"}"#);
    let foreign = printed(&folder, &["token", "--claims", "foreign.json"]);
    let forged = {
        let (signed, _) = id.rsplit_once('.').unwrap();
        format!("{signed}.{}", access.rsplit_once('.').unwrap().1)
    };

    let mut served = Served::start(&folder, &["--dev-identity"]);
    let of = |path: &str, token: &str| {
        let request = format!("GET /dev{path}\nAuthorization: {token}");
        status(&served.ask(&request)).to_owned()
    };
    for (path, token, answer) in [
        ("/balance", id.as_str(), "200"),
        ("/balance", &format!("Bearer {id}"), "200"),
        ("/balance", &access, "401"),
        ("/balance", &late, "401"),
        ("/balance", &foreign, "401"),
        ("/balance", &forged, "401"),
        ("/balance", "x", "401"),
        ("/balance", &"x".repeat(100), "401"),
        ("/transfers", &access, "200"),
        ("/transfers", &other, "401"),
        ("/transfers", &id, "401"),
    ] {
        assert_eq!(of(path, token), answer, "{path} {token}");
    }
    assert_eq!(status(&served.ask("GET /dev/balance")), "401");
    // Nothing that is printed holds a token.
    assert_eq!(served.end(), Some(0));
    while served
        .said
        .recv()
        .map(|line| served.heard.push(line))
        .is_ok()
    {}
    let said = served.heard.join("\n");
    assert!(!said.contains(id.rsplit('.').next().unwrap()), "{said}");
}

/// The headers that sign a request, as lines.
fn signed(
    address: &str,
    method: &str,
    path: &str,
    body: &str,
    key: (&str, &str),
    region: &str,
) -> String {
    let credentials = Credentials::new(key.0, key.1, None, None, "test").into();
    let params = v4::SigningParams::builder()
        .identity(&credentials)
        .region(region)
        .name("execute-api")
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()
        .unwrap()
        .into();
    let url = format!("http://{address}{path}");
    let body = SignableBody::Bytes(body.as_bytes());
    let signable = SignableRequest::new(method, url, std::iter::empty(), body).unwrap();
    let (instructions, _) = sign(signable, &params).unwrap().into_parts();
    let (headers, _) = instructions.into_parts();
    let lines: Vec<_> = headers
        .iter()
        .map(|h| format!("{}: {}", h.name(), h.value()))
        .collect();
    lines.join("\n") + &format!("\nHost: {address}")
}

#[test]
fn signatures_of_known_keys_are_taken() {
    let folder = Folder::with(&[
        ("bank.gate", BANK),
        (
            "credentials",
            "[alice]\naws_access_key_id = AKIAALICE00000000000\naws_secret_access_key = wonderland\n\n\
             [bob]\naws_access_key_id = AKIABOB0000000000000\naws_secret_access_key = builder\npolicy = bob.json\n",
        ),
        (
            "bob.json",
            r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke",
                "Resource": "arn:aws:execute-api:*:*:*/dev/GET/*"}]}"#,
        ),
    ]);
    let mut served = Served::start(&folder, &["--credentials", "credentials"]);
    let alice = ("AKIAALICE00000000000", "wonderland");
    let bob = ("AKIABOB0000000000000", "builder");
    let ask = |method: &str, key, region: &str, body: &str, sent: &str| {
        let headers = signed(
            &served.address,
            method,
            "/dev/ledger?a=b",
            body,
            key,
            region,
        );
        let answer = served.ask(&format!("{method} /dev/ledger?a=b\n{headers}\n\n{sent}"));
        status(&answer).to_owned()
    };
    let region = "eu-west-1";
    for (what, answer, wanted) in [
        ("signed", ask("GET", alice, region, "", ""), "200"),
        (
            "with a body",
            ask("POST", alice, region, "pay", "pay"),
            "200",
        ),
        (
            "another body",
            ask("POST", alice, region, "pay", "pay more"),
            "403",
        ),
        (
            "another region",
            ask("GET", alice, "eu-west-2", "", ""),
            "403",
        ),
        (
            "a wrong secret",
            ask("GET", (alice.0, "underland"), region, "", ""),
            "403",
        ),
        (
            "an unknown key",
            ask("GET", ("AKIANOBODY0000000000", "x"), region, "", ""),
            "403",
        ),
        (
            "what a policy allows",
            ask("GET", bob, region, "", ""),
            "200",
        ),
        ("what it does not", ask("POST", bob, region, "", ""), "403"),
    ] {
        assert_eq!(answer, wanted, "{what}");
    }
    assert_eq!(status(&served.ask("GET /dev/ledger?a=b")), "403");
    assert_eq!(served.end(), Some(0));
}

#[test]
fn callers_are_bounded_by_the_files_of_their_profile() {
    const READS: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "execute-api:Invoke",
        "Resource": "arn:aws:execute-api:*:*:*/dev/GET/*"}}"#;
    const NO_LEDGER: &str = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": "arn:aws:execute-api:*:*:*/*/ledger"}]}"#;
    const ALL: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let profile = |name: &str, bounds: &str| {
        format!(
            "[{name}]\naws_access_key_id = {}\naws_secret_access_key = secret\n{bounds}\n",
            name.to_uppercase()
        )
    };
    let credentials = [
        profile("bounded", "boundary = reads.json"),
        profile("session", "session_policy = reads.json, all.json"),
        profile(
            "member",
            "service_control = all.json > all.json, denies.json",
        ),
    ]
    .concat();
    let folder = Folder::with(&[
        ("bank.gate", BANK),
        ("credentials", &credentials),
        ("reads.json", READS),
        ("denies.json", NO_LEDGER),
        ("all.json", ALL),
    ]);
    let mut served = Served::start(&folder, &["--credentials", "credentials"]);
    for (method, key, wanted, because) in [
        ("GET", "BOUNDED", "200", ""),
        (
            "POST",
            "BOUNDED",
            "403",
            "not allowed by the permissions boundary",
        ),
        ("POST", "SESSION", "200", ""),
        (
            "GET",
            "MEMBER",
            "403",
            "explicitly denied by a service control policy",
        ),
    ] {
        let path = "/dev/ledger";
        let headers = signed(
            &served.address,
            method,
            path,
            "",
            (key, "secret"),
            "eu-west-1",
        );
        let answer = served.ask(&format!("{method} {path}\n{headers}\n\n"));
        assert_eq!(status(&answer), wanted, "{method} {key}");
        if !because.is_empty() {
            let said = served.until("refused");
            assert!(said.contains(because), "{said}");
        }
    }
    assert_eq!(served.end(), Some(0));
    // What IAM would not take is told before anything is served.
    folder.write("reads.json", &READS.replace("2012", "2008"));
    let run = folder.run(&["run", "--credentials", "credentials"]);
    assert_ne!(run.code, 0);
    assert!(
        run.errors.contains("`reads.json` is no policy: line 1"),
        "{}",
        run.errors
    );
}

#[test]
fn the_development_identity_signs_and_stays_at_home() {
    let folder = Folder::with(&[("bank.gate", BANK)]);
    let lines = printed(&folder, &["token", "--access-key"]);
    let value = |name: &str| {
        let line = lines
            .lines()
            .find_map(|l| l.strip_prefix(&format!("export {name}=")));
        line.unwrap().to_owned()
    };
    let (id, secret) = (value("AWS_ACCESS_KEY_ID"), value("AWS_SECRET_ACCESS_KEY"));
    let served = Served::start(&folder, &["--dev-identity"]);
    let headers = signed(
        &served.address,
        "GET",
        "/dev/ledger",
        "",
        (&id, &secret),
        "eu-west-1",
    );
    assert_eq!(
        status(&served.ask(&format!("GET /dev/ledger\n{headers}"))),
        "200"
    );

    let run = folder.run(&["run", "--dev-identity", "--host", "0.0.0.0"]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.errors, @r"
    error: --dev-identity is for this machine alone, and 0.0.0.0 is not
    help: listen on 127.0.0.1, or give --credentials and --keys
    ");
    // What only its owner may read is kept out of the repository.
    assert_eq!(folder.read(".tollgate/.gitignore"), "*\n");
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(folder.join(".tollgate/dev-identity"))
            .unwrap()
            .permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
}

/// An issuer of keys on this machine, which counts who asks, and can be down.
struct Issuer {
    address: String,
    asked: Arc<AtomicU32>,
    down: Arc<AtomicBool>,
}

impl Issuer {
    fn with(document: String) -> Issuer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (asked, down) = (Arc::<AtomicU32>::default(), Arc::<AtomicBool>::default());
        let (counting, failing) = (asked.clone(), down.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut line = String::new();
                while reader.read_line(&mut line).unwrap_or(0) > 2 {
                    line.clear();
                }
                counting.fetch_add(1, Ordering::SeqCst);
                let (status, body) = match failing.load(Ordering::SeqCst) {
                    true => ("500 Oh", ""),
                    false => ("200 OK", document.as_str()),
                };
                let head = format!(
                    "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all(format!("{head}{body}").as_bytes());
            }
        });
        Issuer {
            address,
            asked,
            down,
        }
    }
}

#[test]
fn keys_are_fetched_once_and_an_issuer_that_is_down_lets_nobody_in() {
    let folder = Folder::with(&[("bank.gate", BANK)]);
    let token = printed(&folder, &["token"]);
    // The keys that the development identity would show, from an issuer.
    let seed: [u8; 32] = std::fs::read(folder.join(".tollgate/dev-identity"))
        .unwrap()
        .try_into()
        .unwrap();
    let identity =
        tollgate_auth::dev::DevIdentity::new(&seed, "http://localhost", "111122223333").unwrap();
    let issuer = Issuer::with(identity.jwks());
    issuer.down.store(true, Ordering::SeqCst);
    let keys = format!(
        "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Bank=http://{}/jwks",
        issuer.address
    );
    let mut served = Served::start(&folder, &["--keys", &keys, "--workers", "2"]);
    let request = format!("GET /dev/balance\nAuthorization: {token}");
    let answer = served.ask(&request);
    assert_ne!(status(&answer), "200", "{answer}");
    served.until("cannot be had");
    issuer.down.store(false, Ordering::SeqCst);
    // A new attempt is made after a second.
    let ends = Instant::now() + Duration::from_secs(20);
    while status(&served.ask(&request)) != "200" {
        assert!(Instant::now() < ends, "the keys are never fetched again");
        std::thread::sleep(Duration::from_millis(100));
    }
    let asked = issuer.asked.load(Ordering::SeqCst);
    for _ in 0..5 {
        assert_eq!(status(&served.ask(&request)), "200");
    }
    issuer.down.store(true, Ordering::SeqCst);
    assert_eq!(status(&served.ask(&request)), "200");
    assert_eq!(
        issuer.asked.load(Ordering::SeqCst),
        asked,
        "the keys are kept"
    );
    assert_eq!(served.end(), Some(0));
}

/// moto's server, ended with the test.
struct Moto(Child, String);

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A running moto, where it is installed.
fn moto() -> Option<Moto> {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let child = Command::new("moto_server")
        .args(["-H", "127.0.0.1", "-p", &port.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let moto = Moto(child, format!("127.0.0.1:{port}"));
    let ends = Instant::now() + Duration::from_secs(60);
    while std::net::TcpStream::connect(&moto.1).is_err() {
        assert!(Instant::now() < ends, "moto does not start");
        std::thread::sleep(Duration::from_millis(100));
    }
    Some(moto)
}

/// Calls Cognito's API at moto.
fn cognito(moto: &Moto, action: &str, input: Value) -> Value {
    let mut stream = std::net::TcpStream::connect(&moto.1).unwrap();
    let body = input.to_string();
    let head = format!(
        "POST / HTTP/1.0\r\nHost: cognito-idp.eu-west-1.amazonaws.com\r\n\
         X-Amz-Target: AWSCognitoIdentityProviderService.{action}\r\nContent-Type: application/x-amz-json-1.1\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=k/20260101/eu-west-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=0\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream
        .write_all(format!("{head}{body}").as_bytes())
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap_or_else(|_| panic!("{action}: {answer}"))
}

#[test]
fn tokens_of_another_cognito_are_taken() {
    let Some(moto) = moto() else {
        eprintln!("SKIPPED: moto_server is not installed");
        return;
    };
    let pool = cognito(&moto, "CreateUserPool", json!({"PoolName": "bank"}));
    let pool = pool["UserPool"]["Id"].as_str().unwrap().to_owned();
    let client = cognito(
        &moto,
        "CreateUserPoolClient",
        json!({"UserPoolId": pool, "ClientName": "web", "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]}),
    );
    let client = client["UserPoolClient"]["ClientId"]
        .as_str()
        .unwrap()
        .to_owned();
    cognito(
        &moto,
        "AdminCreateUser",
        json!({"UserPoolId": pool, "Username": "ada", "TemporaryPassword": "Temp-0rary!"}),
    );
    cognito(
        &moto,
        "AdminSetUserPassword",
        json!({"UserPoolId": pool, "Username": "ada", "Password": "Perm-4nent!", "Permanent": true}),
    );
    let signed_in = cognito(
        &moto,
        "AdminInitiateAuth",
        json!({"UserPoolId": pool, "ClientId": client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "ada", "PASSWORD": "Perm-4nent!"}}),
    );
    let token = signed_in["AuthenticationResult"]["IdToken"]
        .as_str()
        .unwrap();

    let folder = Folder::with(&[("bank.gate", &BANK.replace("eu-west-1_Bank", &pool))]);
    let issuer = format!("https://cognito-idp.eu-west-1.amazonaws.com/{pool}");
    let keys = format!("{issuer}=http://{}/{pool}/.well-known/jwks.json", moto.1);
    let mut served = Served::start(&folder, &["--keys", &keys]);
    let answer = served.ask(&format!("GET /dev/balance\nAuthorization: {token}"));
    assert_eq!(status(&answer), "200", "{answer}\n{:#?}", served.heard);
    let (signed, _) = token.rsplit_once('.').unwrap();
    let forged = served.ask(&format!("GET /dev/balance\nAuthorization: {signed}.AAAA"));
    assert_eq!(status(&forged), "401", "{forged}");
    assert_eq!(served.end(), Some(0));
}

const FRONT: &str = r#"
account { id: "111122223333", region: "eu-west-1" }
http api Front {
  authorizer Users = jwt { issuer: "https://id.example.com", audience: ["web"] }
  authorizer Partners = lambda request { function: partners, identity: [header.x-partner], simple: true }
  GET /me { auth: Users, integrate lambda echo }
  GET /admin { auth: Users(scopes: ["admin"]), integrate lambda echo }
  GET /partner/{name} { auth: Partners, integrate lambda echo }
  GET /signed { auth: iam, integrate lambda echo { payload: "1.0" } }
}
function partners { command: "python3 partners.py" }
function echo { command: "python3 echo.py" }
stage $default of Front {}
stage dev of Front {}
"#;

const PARTNERS: &str = "import json, sys
event = json.load(sys.stdin)
print(json.dumps({'isAuthorized': event['identitySource'] == ['good'], 'context': {'level': 3}}))
";

const ECHO: &str = "import json, sys
event = json.load(sys.stdin)
context = event['requestContext']
told = [event['version'], event.get('rawPath'), event.get('pathParameters'), context.get('authorizer', {})]
print(json.dumps({'statusCode': 200, 'headers': {'content-type': 'application/json'}, 'body': json.dumps(told)}))
";

#[test]
fn an_http_api_takes_tokens_functions_and_signatures() {
    let folder = Folder::with(&[
        ("front.gate", FRONT),
        ("partners.py", PARTNERS),
        ("echo.py", ECHO),
    ]);
    let token = printed(&folder, &["token"]);
    let admin = printed(&folder, &["token", "--scope", "admin"]);
    folder.write("app.json", r#"{"aud": "app"}"#);
    let app = printed(&folder, &["token", "--claims", "app.json"]);
    let mut served = Served::start(&folder, &["--dev-identity"]);
    for (request, answer, told) in [
        ("GET /me".to_owned(), "401", "www-authenticate: Bearer\r\n"),
        (
            format!("GET /me\nAuthorization: Bearer {app}"),
            "401",
            "error_description=\"the token does not have a valid audience\"",
        ),
        (
            format!("GET /dev/me\nAuthorization: Bearer {token}"),
            "200",
            "[\"2.0\", \"/dev/me\", null, {\"jwt\": {\"claims\": {\"",
        ),
        (
            format!("GET /admin\nAuthorization: {token}"),
            "403",
            "scope=\"admin\" error=\"insufficient_scope\"",
        ),
        (
            format!("GET /admin\nAuthorization: {admin}"),
            "200",
            "\"scopes\": [\"admin\"]",
        ),
        (
            "GET /partner/a%2Fb\nX-Partner: good".to_owned(),
            "200",
            "[\"2.0\", \"/partner/a/b\", {\"name\": \"a/b\"}, {\"lambda\": {\"level\": 3}}]",
        ),
        (
            "GET /partner/x\nX-Partner: bad".to_owned(),
            "403",
            "{\"message\":\"Forbidden\"}",
        ),
        (
            "GET /partner/x".to_owned(),
            "401",
            "{\"message\":\"Unauthorized\"}",
        ),
        (
            "GET /signed".to_owned(),
            "403",
            "{\"message\":\"Forbidden\"}",
        ),
        ("GET /me/".to_owned(), "404", "{\"message\":\"Not Found\"}"),
        ("POST /me".to_owned(), "404", "apigw-requestid: "),
    ] {
        let got = served.ask(&request);
        assert_eq!(status(&got), answer, "{request} {got}");
        assert!(got.contains(told), "{request}: {got}");
    }
    assert_eq!(served.end(), Some(0));
}
