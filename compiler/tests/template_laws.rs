//! Laws that hold for every template and every blob.

use proptest::prelude::*;
use tollgate_compiler::template;
use tollgate_grammar::vtl;
use tollgate_runtime::Scratch;
use tollgate_runtime::vtl::{Failure, Fault, Kept, Limits, MapHost, Program, Settings, render};

const PARTS: &[&str] = &[
    "$x",
    "${x.y}",
    "$!l[0]",
    "$l.add($x)",
    "$m.put('k', $m)",
    "$m",
    "$l",
    "$s.split('(a|b)*c')",
    "$s.replaceAll('l+', '$0')",
    "$s.repeat(99999)",
    "#set($x = ",
    "#set($s = 'Hello')",
    "#set($l = [1, 2])",
    "#set($m = {})",
    "#if(",
    "#foreach($i in ",
    "$l)",
    "[1..99999])",
    "$foreach.parent.index",
    "#break",
    "#stop",
    "#define($x)",
    "#end",
    "#else",
    ")",
    "(",
    "[",
    "]",
    "1",
    " + ",
    " * ",
    " && ",
    "9223372036854775807",
    "2.5",
    "'a'",
    "\"",
    "\"$x\"",
    "$input.path('$')",
    "$input.json('$..a')",
    "$input.path(\"$.$s\")",
    "$input.body",
    "$input.params('q')",
    "$util.parseJson($s)",
    "$util.base64Decode($s)",
    "$util.escapeJavaScript($x)",
    "$context.requestOverride.header",
    ".h = 1)",
    "$context",
    " ",
    "\n",
    "{",
    "}",
    "é",
    "\\",
    "#*",
    "##",
];

fn host(blob: &[u8]) -> MapHost {
    MapHost {
        program: blob.to_vec(),
        body: br#"{"a":[1,{"a":null}],"Hello":"x"}"#.to_vec(),
        query: r#"{"q":"v"}"#.into(),
        ..MapHost::default()
    }
}

fn tight() -> Settings {
    let limits = Limits {
        work: 200_000,
        output: 10_000,
        rounds: 50,
        depth: 8,
    };
    Settings {
        limits,
        ..Settings::default()
    }
}

fn run(blob: &[u8], scratch: &mut Scratch) -> Result<usize, Fault> {
    let Ok(program) = Program::open(blob, 0) else {
        return Ok(0);
    };
    let verified = program.verify();
    let _ = program.listing();
    let result = render(
        program,
        &host(blob),
        scratch,
        &tight(),
        &mut Kept::default(),
    );
    let damaged = matches!(
        result,
        Err(Fault {
            failure: Failure::Corrupt,
            ..
        })
    );
    assert!(
        verified.is_err() || !damaged,
        "a sound program is not damaged"
    );
    result.map(|text| text.len as usize)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_template_compiles_to_a_sound_program_and_runs_within_its_limits(parts in prop::collection::vec(prop::sample::select(PARTS), 0..24)) {
        let text = parts.concat();
        if let Ok(parsed) = vtl::parse(&text) {
            let compiled = template::compile(&parsed).unwrap();
            let program = Program::open(&compiled.blob, 0).unwrap();
            prop_assert_eq!(program.verify(), Ok(()));
            let mut scratch = Scratch::new(1 << 20);
            if let Ok(length) = run(&compiled.blob, &mut scratch) {
                prop_assert!(length <= 10_000);
            }
            prop_assert!(scratch.used() <= 1 << 20);
        }
    }

    #[test]
    fn the_same_template_gives_the_same_bytes(parts in prop::collection::vec(prop::sample::select(PARTS), 0..24)) {
        if let Ok(parsed) = vtl::parse(&parts.concat()) {
            prop_assert_eq!(template::compile(&parsed), template::compile(&parsed));
        }
    }

    #[test]
    fn no_blob_panics(flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12), cut in any::<prop::sample::Index>()) {
        let text = "#set($l=[1,2])#foreach($i in $l)$i \"#if($i > 1)$input.json('$.a[?(@.a)]')#end\"#end#define($b)$b#end$b$s.split(',')#set($x=\"a$l\")$x";
        let mut blob = template::compile(&vtl::parse(text).unwrap()).unwrap().blob;
        for (at, byte) in &flips {
            let at = at.index(blob.len());
            blob[at] ^= byte;
        }
        if flips.len().is_multiple_of(3) {
            blob.truncate(cut.index(blob.len()) + 1);
        }
        let mut scratch = Scratch::new(1 << 20);
        let Ok(program) = Program::open(&blob, 0) else { return Ok(()) };
        let _ = program.verify();
        let _ = program.listing();
        let _ = render(program, &host(&blob), &mut scratch, &tight(), &mut Kept::default());
    }

    #[test]
    fn no_payload_panics(body in prop::collection::vec(any::<u8>(), 0..200), path in "[$@.\\[\\]'a-c0-9?()*:,=~/ ]{0,24}") {
        let text = "$input.path('$')|$input.json('$.a')|$input.path($input.params('p')).x[0]|$input.json(\"$.$input.params('p')\")$util.escapeJavaScript($input.body)";
        let blob = template::compile(&vtl::parse(text).unwrap()).unwrap().blob;
        let mut lender = host(&blob);
        lender.body = body;
        lender.query = serde_json::json!({ "p": path }).to_string();
        let mut scratch = Scratch::new(1 << 20);
        let _ = render(Program::open(&blob, 0).unwrap(), &lender, &mut scratch, &tight(), &mut Kept::default());
        prop_assert!(scratch.used() <= 1 << 20);
    }
}

#[test]
fn a_warm_scratch_is_reused() {
    let text = "#foreach($i in $input.path('$.a'))$i.a#end$input.json('$')$input.params('q')#set($x = \"$input.path('$.Hello')!\")$x.replaceAll('x', 'y')";
    let blob = template::compile(&vtl::parse(text).unwrap()).unwrap().blob;
    let lender = host(&blob);
    let mut scratch = Scratch::new(1 << 20);
    let mut first = None;
    for _ in 0..3 {
        scratch.clear();
        let text = render(
            Program::open(&blob, 0).unwrap(),
            &lender,
            &mut scratch,
            &Settings::default(),
            &mut Kept::default(),
        )
        .unwrap();
        let bytes = scratch.bytes(text.off, text.len).unwrap().to_vec();
        assert_eq!(
            *first.get_or_insert((bytes.clone(), scratch.used())),
            (bytes, scratch.used())
        );
    }
}
