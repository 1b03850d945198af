//! Every bound of a template, at it and one past it: the answer is a 500, and the decision says which.

use tollgate_runtime::bundle::{ImageKind, container};
use tollgate_runtime::vtl::{self, Kept, Limits, MAX_DIGITS, MapHost, Settings};
use tollgate_runtime::{Loaded, Scratch};

use super::drive::*;
use crate::emit::Specialization;
use tollgate_model::text::Text;

use super::*;

const MEMORY: &str = "the template needs more memory than it may have";
const WORK: &str = "the template does more work than it may";
const DEPTH: &str = "values or blocks nest too deeply";
const OUTPUT: &str = "the output is larger than it may be";
const ROUNDS: &str = "a `#foreach` has more than 1,000 rounds";
const DIGITS: &str = "a whole number has more than 999 digits";
const PATTERN: &str = "the pattern cannot be used";
const PATH: &str = "the JSONPath cannot be read";
const ARGUMENT: &str = "an argument does not fit";

/// A bundle that sends what the template renders to a backend.
fn sending(text: &str) -> Vec<u8> {
    let mut http = integration(Target::Http {
        proxy: false,
        method: None,
        uri: Text::literal("https://example.com/"),
        via: None,
    });
    http.templates
        .push(("application/json".into(), template(text)));
    http.responses.push(response(200, None));
    let mut program = program(vec![route(Method::Post, "/x", http)]);
    program
        .switches
        .push(("vtl.foreach-limit".into(), "error".into()));
    crate::emit::bundle(&program).unwrap()
}

/// What a template says with a body and so many bytes of scratch: its output, or the fault behind a 500.
fn said(text: &str, body: &str, scratch: usize) -> Result<String, &'static str> {
    let told = ask(
        &sending(text),
        &Ask {
            method: "POST",
            target: "/dev/x",
            body,
            backend: Some((200, vec![], "{}")),
            scratch: Some(scratch),
            ..Ask::default()
        },
    );
    match told.status {
        200 => Ok(told.call.unwrap().2),
        500 => {
            assert_eq!(told.body, r#"{"message": "Internal server error"}"#);
            Err(told.fault.unwrap())
        }
        other => panic!("{other}"),
    }
}

const ROOM: usize = 64 << 20;

#[track_caller]
fn holds(at: &str, past: &str, body: &str, fault: &str) {
    if let Err(fault) = said(at, body, ROOM) {
        panic!("at the limit: {fault}");
    }
    assert_eq!(said(past, body, ROOM), Err(fault));
}

#[test]
fn memory_is_what_the_host_lends() {
    let text = "#set($l = [])#foreach($i in [1..100])#set($x = $l.add(\"$i $input.body\"))#end$l";
    let (mut least, mut most) = (0, 1 << 20);
    while most - least > 1 {
        let middle = (least + most) / 2;
        match said(text, r#"{"a": [1, 2, 3]}"#, middle).is_ok() {
            true => most = middle,
            false => least = middle,
        }
    }
    assert!(said(text, r#"{"a": [1, 2, 3]}"#, most).is_ok());
    // The last byte is missed behind the template or in it.
    let fault = said(text, r#"{"a": [1, 2, 3]}"#, least).unwrap_err();
    assert!(fault.contains("more memory than"), "{fault}");
    assert_eq!(said(text, r#"{"a": [1, 2, 3]}"#, least / 2), Err(MEMORY));
    assert!(least > 1000, "{least} bytes are enough");
}

#[test]
fn work_is_bounded() {
    // A unit for eight bytes that are looked at.
    let body = "x".repeat(1 << 20);
    let looks = |count: usize| "$input.body.contains('zz')".repeat(count);
    holds(&looks(70), &looks(160), &body, WORK);
}

#[test]
fn work_is_bounded_to_the_unit() {
    let text = "#set($n = 0)#foreach($i in [1..20])#set($n = $n + $i)#end$n";
    let tree = tollgate_grammar::vtl::parse(text).unwrap();
    let blob = crate::template::compile(&tree).unwrap().blob;
    let host = MapHost {
        program: blob.clone(),
        ..MapHost::default()
    };
    let rendered = |work: u64| {
        let limits = Limits {
            work,
            ..Limits::default()
        };
        let settings = Settings {
            limits,
            ..Settings::default()
        };
        let program = vtl::Program::open(&blob, 0).unwrap();
        let mut scratch = Scratch::new(ROOM);
        vtl::render(
            program,
            &host,
            &mut scratch,
            &settings,
            &mut Kept::default(),
        )
        .map_err(|fault| fault.failure)
    };
    let needed = (1..1000).find(|work| rendered(*work).is_ok()).unwrap();
    assert!(needed > 40, "{needed}");
    assert_eq!(rendered(needed - 1).unwrap_err().message(), WORK);
}

#[test]
fn output_is_bounded() {
    let body = "x".repeat(1 << 20);
    let ten = "$input.body".repeat(10);
    holds(&ten, &format!("{ten}#set($x = 1)$x"), &body, OUTPUT);
}

#[test]
fn rounds_of_a_loop_are_bounded() {
    let rounds = |count: u32| format!("#foreach($i in [1..{count}])x#end");
    holds(&rounds(1000), &rounds(1001), "{}", ROUNDS);
}

#[test]
fn blocks_inside_blocks_are_bounded() {
    let blocks = |count: usize| {
        let mut text = "#define($a0)x#end".to_owned();
        for at in 1..count {
            text += &format!("#define($a{at})$a{}#end", at - 1);
        }
        text + &format!("$a{}", count - 1)
    };
    holds(&blocks(32), &blocks(33), "{}", DEPTH);
}

#[test]
fn nesting_of_a_body_is_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let text = "$input.json('$')";
    assert_eq!(said(text, &nested(401), ROOM), Ok(nested(401)));
    assert_eq!(said(text, &nested(402), ROOM), Err(DEPTH));
}

#[test]
fn digits_of_a_number_are_bounded() {
    let nines = |count: usize| "9".repeat(count);
    let most = format!("#set($x = {} + 0)$x", nines(MAX_DIGITS));
    assert_eq!(said(&most, "{}", ROOM), Ok(nines(MAX_DIGITS)));
    holds(
        &most,
        &format!("#set($x = {} + 1)$x", nines(MAX_DIGITS)),
        "{}",
        DIGITS,
    );
    holds(
        &most,
        &format!("#set($x = {} - 1)$x", nines(MAX_DIGITS + 1)),
        "{}",
        DIGITS,
    );
    // A number that is only printed may be longer.
    let long = format!("#set($x = {})$x", nines(MAX_DIGITS + 1));
    assert_eq!(said(&long, "{}", ROOM), Ok(nines(MAX_DIGITS + 1)));
}

#[test]
fn patterns_are_bounded() {
    let pattern = |text: &str| format!("$input.body.replaceAll(\"{text}\", 'y')");
    // An instruction a character, and those around them.
    holds(
        &pattern("(abcde){1,500}"),
        &pattern("((abcde){1,500}){1,10}"),
        "{}",
        PATTERN,
    );
    let groups = |depth: usize| pattern(&format!("{}x{}", "(?:".repeat(depth), ")".repeat(depth)));
    holds(&groups(49), &groups(51), "{}", PATTERN);
}

#[test]
fn paths_are_bounded() {
    let path = |depth: usize| {
        let text = format!(
            "#set($p = \"$.a{}{}\")",
            "[?(@.a".repeat(depth),
            ")]".repeat(depth)
        );
        format!("{text}$input.json($p)")
    };
    // A filter and the path in it are a level each.
    holds(&path(12), &path(13), r#"{"a": []}"#, PATH);
}

#[test]
fn widths_of_formats_are_bounded() {
    let width = |width: u32| format!("$input.body.format('%{width}d', 1)");
    assert_eq!(said(&width(1000), "{}", ROOM).unwrap().len(), 1000);
    assert_eq!(said(&width(1001), "{}", ROOM), Err(ARGUMENT));
}

#[test]
fn a_template_that_cannot_be_run_is_refused_when_it_is_loaded() {
    let program = program(vec![mock(Method::Get, "/x", "$input.json('$.a')")]);
    let refusal = |change: &dyn Fn(&mut Vec<u8>)| {
        let (mut edge, mut deployments, behaviour, _) =
            crate::emit::images(&program, Specialization::default()).unwrap();
        let (bytes, digest) = &mut deployments[0];
        change(bytes);
        let changed = crate::emit::digest(bytes);
        // The edge image names its deployment by digest.
        let named = edge
            .bytes
            .windows(32)
            .position(|part| part == digest.as_slice());
        let named = named.unwrap();
        edge.bytes[named..named + 32].copy_from_slice(&changed);
        let images = [(ImageKind::Deployment, bytes.as_slice(), changed)];
        let edge = (edge.bytes.as_slice(), crate::emit::digest(&edge.bytes));
        let bundle = container(behaviour, edge, &images).unwrap();
        Loaded::verify(bundle)
            .err()
            .map(|refused| refused.to_string())
    };
    assert_eq!(refusal(&|_| {}), None);
    let damaged = refusal(&|bytes| {
        // The first byte of the name behind the first step of the compiled path.
        let at = bytes
            .windows(4)
            .rposition(|four| four == [1, 1, 0, b'a'])
            .unwrap();
        bytes[at] = 0xff;
    });
    let damaged = damaged.expect("it is refused");
    assert!(
        damaged.contains("a template that cannot be run"),
        "{damaged}"
    );
}
