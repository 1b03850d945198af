//! Input that is no program: each gets one clear error with its place, and nothing panics, hangs or is half-written.

mod common;

use common::{Folder, Run};

const FINE: &str = "rest api Shop {\n  variables { host: Url }\n  policy { allow anyone to invoke * }\n  GET /{id} { auth: none, integrate http \"@{stage.host}/{id}\" }\n}\nstage dev of Shop { variables { host: \"https://a.example\" } }\n";

/// No trace of a panic, and something said.
fn calm(run: &Run, what: &str) {
    assert!(
        matches!(run.code, 1 | 2),
        "{what}: {} {}",
        run.code,
        run.errors
    );
    let said = format!("{}{}", run.output, run.errors);
    assert!(
        !said.contains("panicked") && !said.is_empty(),
        "{what}: {said}"
    );
}

#[test]
fn what_is_nested_too_deep_is_told_where() {
    let depth = 20_000;
    let gate = format!(
        "rest api A {{ {} }}\n",
        "a { ".repeat(depth) + &"} ".repeat(depth)
    );
    let list = format!(
        "rest api A {{ tags: {}{} }}\n",
        "[".repeat(depth),
        "]".repeat(depth)
    );
    let cel = format!(
        "rest api A {{ policy {{ deny anyone to invoke * when {{ {}true{} }} }} }}\n",
        "(".repeat(depth),
        ")".repeat(depth)
    );
    let json = format!(
        "{{\"openapi\": \"3.0.1\", \"x\": {}{}}}",
        "[".repeat(depth),
        "]".repeat(depth)
    );
    let yaml = format!(
        "openapi: 3.0.1\nx: {}{}\n",
        "[".repeat(depth),
        "]".repeat(depth)
    );
    let folder = Folder::with(&[
        ("block.gate", &gate),
        ("list.gate", &list),
        ("cel.gate", &cel),
        ("api.json", &json),
        ("api.yaml", &yaml),
    ]);
    let mut told = String::new();
    for name in [
        "block.gate",
        "list.gate",
        "cel.gate",
        "api.json",
        "api.yaml",
    ] {
        let run = folder.run(&["check", name, "--format", "github"]);
        calm(&run, name);
        assert_eq!(run.code, 1, "{name}");
        let first = run.output.lines().next().unwrap_or_default();
        assert!(
            first.contains(&format!("file={name},line=")),
            "{name}: {first}"
        );
        told += &format!("{}\n", first.chars().take(160).collect::<String>());
    }
    insta::assert_snapshot!(told);
}

#[test]
fn bytes_that_are_no_text_are_told_where() {
    let folder = Folder::new();
    std::fs::write(folder.join("a.gate"), b"rest api A {\n  GET /\xff { }\n}\n").unwrap();
    std::fs::write(
        folder.join("b.yaml"),
        b"openapi: 3.0.1\ninfo: {title: \xff}\n",
    )
    .unwrap();
    std::fs::write(folder.join("t.vtl"), b"\xff").unwrap();
    let mut told = String::new();
    for arguments in [
        &["check", "a.gate", "--format", "github"][..],
        &["check", "b.yaml", "--format", "github"],
        &["build", "a.gate"],
        &["import", "openapi", "b.yaml"],
        &["new", "n", "--from", "b.yaml"],
        &["eval", "--template", "t.vtl"],
    ] {
        let run = folder.run(arguments);
        calm(&run, arguments[0]);
        told += &format!("$ {}\n{}{}\n", arguments.join(" "), run.output, run.errors);
    }
    insta::assert_snapshot!(told);
    assert_eq!(
        folder.names(),
        ["a.gate", "b.yaml", "t.vtl"],
        "nothing is written"
    );
}

#[cfg(unix)]
#[test]
fn files_that_cannot_be_read_are_named() {
    let folder = Folder::new();
    std::os::unix::fs::symlink("nowhere", folder.join("a.gate")).unwrap();
    for command in ["check", "fmt", "build", "run", "test", "inspect", "routes"] {
        let run = folder.run(&[command]);
        assert_eq!(run.code, 2, "{command}");
        assert_eq!(run.errors.matches("error").count(), 1, "{}", run.errors);
        assert!(run.errors.contains("a.gate"), "{}", run.errors);
    }
}

#[test]
fn huge_files_are_refused_before_they_are_read_whole() {
    let folder = Folder::new();
    for name in ["a.gate", "b.json", "c.gatebundle"] {
        let file = std::fs::File::create(folder.join(name)).unwrap();
        file.set_len(100 << 20).unwrap();
    }
    for name in ["a.gate", "b.json"] {
        let run = folder.run(&["check", name, "--format", "github"]);
        calm(&run, name);
        assert!(
            run.output.contains(&format!("file={name},line=1")),
            "{}",
            run.output
        );
        assert_eq!(run.output.lines().count(), 1, "{}", run.output);
        assert!(run.output.contains("TG0003"), "{}", run.output);
    }
    let run = folder.run(&["inspect", "c.gatebundle"]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.errors, @r"
    error: `c.gatebundle` is refused: not a bundle: the magic is missing at byte 0
    help: build it again with `tollgate build`
    ");
}

#[test]
fn bundles_that_are_none_are_refused_with_their_place() {
    let folder = Folder::with(&[("shop.gate", FINE)]);
    assert_eq!(folder.run(&["build", "-o", "good.gatebundle"]).code, 0);
    let good = std::fs::read(folder.join("good.gatebundle")).unwrap();
    let refused = |bytes: &[u8], what: &str| {
        std::fs::write(folder.join("bad.gatebundle"), bytes).unwrap();
        let run = folder.run(&["inspect", "bad.gatebundle"]);
        assert_eq!(
            (run.code, run.output.as_str()),
            (2, ""),
            "{what}: {}",
            run.errors
        );
        calm(&run, what);
        assert!(run.errors.contains("at byte "), "{what}: {}", run.errors);
        let first = run.errors.lines().next().unwrap_or_default();
        first
            .split("is refused: ")
            .nth(1)
            .unwrap_or_default()
            .to_owned()
    };
    let mut newer = good.clone();
    newer[8] += 1;
    let mut feature = good.clone();
    feature[16 + 7] = 0x80;
    let mut told = String::new();
    for (what, bytes) in [
        ("empty", &b""[..]),
        ("text", b"rest api A {}"),
        ("the magic alone", &good[..8]),
        ("half a header", &good[..20]),
        ("a header alone", &good[..64]),
        ("the last byte missing", &good[..good.len() - 1]),
        ("a byte more", &[&good[..], b"x"].concat()),
        ("a newer format", &newer),
        ("an unknown feature", &feature),
    ] {
        told += &format!("{what}: {}\n", refused(bytes, what));
    }
    insta::assert_snapshot!(told);
    // Every image has a checksum: no altered byte of one comes through.
    let images = good.len() - 200;
    for at in (good.len() - images..good.len()).step_by(images / 40) {
        let mut altered = good.clone();
        altered[at] ^= 0x10;
        refused(&altered, &format!("byte {at} altered"));
    }
    std::fs::write(folder.join("bad.gatebundle"), &newer).unwrap();
    let run = folder.run(&["run", "bad.gatebundle", "--port", "0"]);
    assert_eq!(run.code, 2);
}

#[test]
fn what_was_there_stays_when_writing_fails() {
    let folder = Folder::with(&[("shop.gate", FINE), ("wrong/a.gate", "rest api {\n")]);
    folder.write("out.gatebundle", "what was there");
    assert_eq!(
        folder.run(&["build", "wrong", "-o", "out.gatebundle"]).code,
        1
    );
    assert_eq!(folder.read("out.gatebundle"), "what was there");
    // A folder stands where the file should go.
    std::fs::create_dir(folder.join("dir.gatebundle")).unwrap();
    let run = folder.run(&["build", "shop.gate", "-o", "dir.gatebundle"]);
    assert_eq!(run.code, 2, "{}", run.errors);
    assert_eq!(
        folder.names(),
        ["dir.gatebundle", "out.gatebundle", "shop.gate", "wrong"],
        "nothing is left beside it"
    );
}
