//! What README and the pages under `docs` show is what happens.

mod common;

use std::path::{Path, PathBuf};

use common::{Folder, tollgate};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

/// The fenced blocks of a page, with their languages.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(language), None) => open = Some((language.to_owned(), String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some((_, text))) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

/// The words of a command line: quotes hold blanks together.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words
}

#[test]
fn readme_shows_what_happens() {
    let blocks = blocks(&page("README.md"));
    let gate = &blocks
        .iter()
        .find(|(language, _)| language == "gate")
        .unwrap()
        .1;
    let texts: Vec<&String> = blocks
        .iter()
        .filter(|(language, _)| language == "text")
        .map(|(_, text)| text)
        .collect();
    let [diagnostic, trace] = texts.as_slice() else {
        panic!(
            "README has a diagnostic and a trace, not {} texts",
            texts.len()
        );
    };
    let folder = Folder::with(&[("orders.gate", gate)]);
    let run = folder.run(&["check", "orders.gate"]);
    assert_eq!(
        (run.code, run.output.as_str()),
        (0, ""),
        "the program is sound"
    );
    let evaluated = blocks
        .iter()
        .flat_map(|(_, text)| text.lines())
        .find_map(|line| line.strip_prefix("$ tollgate eval"))
        .expect("README evaluates a request");
    let line = format!("eval{evaluated}");
    let arguments = words(&line);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let run = folder.run(&arguments);
    assert_eq!(run.code, 0, "{}", run.errors);
    assert!(
        run.output.ends_with(trace.as_str()),
        "{}\nis not\n{trace}",
        run.output
    );
    folder.write(
        "orders.gate",
        &gate.replace("{ integrate mock", "{ integrat mock"),
    );
    let run = folder.run(&["check", "orders.gate"]);
    assert!(
        run.output.contains(diagnostic.as_str()),
        "{}\nhas no\n{diagnostic}",
        run.output
    );
}

#[test]
fn every_program_in_the_documentation_is_sound() {
    let mut count = 0;
    let mut pages: Vec<PathBuf> = std::fs::read_dir(root().join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .collect();
    pages.push(root().join("README.md"));
    for path in pages {
        let text = std::fs::read_to_string(&path).unwrap();
        for (language, text) in blocks(&text) {
            if language == "gate" {
                let folder = Folder::with(&[("a.gate", &text)]);
                let run = folder.run(&["check"]);
                assert_eq!(run.code, 0, "{}:\n{text}\n{}", path.display(), run.output);
                count += 1;
            }
        }
    }
    assert!(count >= 2, "there are programs");
}

#[test]
fn every_command_that_readme_names_is_one() {
    let help = tollgate(&["--help"]).output;
    let readme = page("README.md");
    // `tollgate check`, `fmt`, `explain`: the first column of the table.
    let rows = readme
        .lines()
        .filter(|line| line.starts_with("| `tollgate "));
    let mut count = 0;
    for row in rows {
        let cell = row.trim_start_matches("| ").split(" | ").next().unwrap();
        for name in cell.split('`').skip(1).step_by(2) {
            let name = name
                .trim_start_matches("tollgate ")
                .split(' ')
                .next()
                .unwrap();
            let listed = help
                .lines()
                .any(|line| line.trim_start().split(' ').next() == Some(name));
            assert!(listed, "`{name}` is no command");
            count += 1;
        }
    }
    assert!(count >= 10, "{count}");
    for (language, text) in blocks(&readme) {
        if language == "console" {
            for line in text.lines() {
                let line = line.strip_prefix("$ ").unwrap();
                let known = [
                    "cargo run --release -- run fixtures/orders",
                    "cargo xtask ci",
                ];
                assert!(
                    known.contains(&line) || line.starts_with("tollgate eval "),
                    "{line}"
                );
            }
        }
    }
}

#[test]
fn every_chore_that_the_documentation_names_is_one() {
    let chores = page("xtask/src/main.rs");
    let mut count = 0;
    for name in [
        "README.md",
        "CONTRIBUTING.md",
        "ARCHITECTURE.md",
        "docs/hooks.md",
        "docs/performance.md",
    ] {
        for rest in page(name).split("cargo xtask ").skip(1) {
            let chore: String = rest.chars().take_while(char::is_ascii_lowercase).collect();
            assert!(
                chores.contains(&format!("\"{chore}\" => ")),
                "{name}: `cargo xtask {chore}`"
            );
            count += 1;
        }
    }
    assert!(count >= 5, "{count}");
}

#[test]
fn readme_builds_as_the_example_does() {
    let blocks = blocks(&page("README.md"));
    let shown = &blocks
        .iter()
        .find(|(language, _)| language == "rust")
        .unwrap()
        .1;
    let example = page("bindings/build/example/build.rs");
    let call = shown
        .lines()
        .find(|line| line.contains("tollgate_build::"))
        .unwrap();
    assert!(example.contains(call.trim()), "{call} is not in\n{example}");
}

#[cfg(unix)] // processes are ended by signals
#[test]
fn the_first_command_of_readme_serves_what_it_says() {
    let folder = Folder::new();
    let orders = root().join("fixtures/orders");
    let mut served = common::served::Served::start(&folder, &[orders.to_str().unwrap()]);
    served.until("curl -i");
    served.until("curl -i");
    served.until("curl -i");
    let lines: Vec<String> = served
        .heard
        .iter()
        .filter_map(|line| line.trim().strip_prefix("curl -i ").map(str::to_owned))
        .collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    for stage in ["dev", "prod"] {
        let url = format!("http://{}/{stage}", served.address);
        assert!(
            served.heard.iter().any(|line| line.contains(&url)),
            "{url}: {:?}",
            served.heard
        );
    }
    for line in lines {
        let url = line
            .split('\'')
            .rfind(|part| part.starts_with("http://"))
            .unwrap();
        let path = url.split_once(&served.address).unwrap().1;
        let method = line
            .split("-X ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next());
        let answer = served.ask(&format!("{} {path}", method.unwrap_or("GET")));
        let status = common::served::status(&answer);
        assert!(status.starts_with('2'), "{line}: {answer}");
    }
    assert_eq!(served.end(), Some(0));
}
