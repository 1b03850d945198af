//! The example projects are what they teach: they check without a finding, their tests hold,
//! and they build.

mod common;

use std::path::{Path, PathBuf};

use common::{Folder, tollgate};

/// What is in `fixtures` for other tests, and is no project.
const NO_PROJECTS: [&str; 5] = ["diagnostics", "mistakes", "policies", "syntax", "words"];

fn projects() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let entries = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut projects: Vec<PathBuf> = entries
        .filter(|path| path.is_dir())
        .filter(|path| NO_PROJECTS.iter().all(|name| !path.ends_with(name)))
        .collect();
    projects.sort();
    assert!(projects.len() >= 2, "{projects:?}");
    projects
}

#[test]
fn projects_check_without_a_finding() {
    for project in projects() {
        let run = tollgate(&["check", project.to_str().unwrap()]);
        assert_eq!(
            (run.code, run.output.as_str(), run.errors.as_str()),
            (0, "", ""),
            "{project:?}"
        );
    }
}

#[test]
fn projects_are_in_the_one_style() {
    for project in projects() {
        let run = tollgate(&["fmt", "--check", project.to_str().unwrap()]);
        assert_eq!((run.code, run.errors.as_str()), (0, ""), "{project:?}");
    }
}

#[test]
fn the_tests_of_projects_hold() {
    for project in projects() {
        let run = tollgate(&["test", project.to_str().unwrap()]);
        assert_eq!(run.code, 0, "{project:?}: {}{}", run.output, run.errors);
        assert!(
            run.output.contains(" passed, 0 failed"),
            "{project:?}: {}",
            run.output
        );
        assert!(
            !run.output.contains("\n0 passed"),
            "{project:?} has no test"
        );
    }
}

#[test]
fn projects_build() {
    for project in projects() {
        let folder = Folder::new();
        let bundle = Path::new(folder.path()).join("out.bundle");
        let run = tollgate(&[
            "build",
            project.to_str().unwrap(),
            "-o",
            bundle.to_str().unwrap(),
        ]);
        assert_eq!(run.code, 0, "{project:?}: {}{}", run.output, run.errors);
        assert!(bundle.metadata().unwrap().len() > 0, "{project:?}");
    }
}
