//! What cargo is told, and what is left on disk.

use std::fs;
use std::path::PathBuf;

use tollgate_build::Config;

/// A scratch folder with `api/` and `out/`, removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let folder =
            std::env::temp_dir().join(format!("tollgate-build-{name}-{}", std::process::id()));
        fs::create_dir_all(folder.join("api")).unwrap();
        fs::create_dir_all(folder.join("out")).unwrap();
        Scratch(folder)
    }

    fn write(&self, text: &str) {
        fs::write(self.0.join("api/shop.gate"), text).unwrap();
    }

    fn compile(&self) -> tollgate_build::Outcome {
        Config::default()
            .out_dir(self.0.join("out"))
            .try_compile(&self.0.join("api"))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const GOOD: &str = "edition 2026\nrest api Shop {\n  GET /a { integrate mock, respond 200 }\n}\n";

#[test]
fn every_source_is_watched() {
    let scratch = Scratch::new("watched");
    scratch.write(GOOD);
    let outcome = scratch.compile();
    assert!(outcome.sound, "{:?}", outcome.cargo);
    let watched = format!(
        "cargo::rerun-if-changed={}",
        scratch.0.join("api/shop.gate").display()
    );
    assert!(outcome.cargo.contains(&watched), "{:?}", outcome.cargo);
}

#[test]
fn a_mistake_is_told_at_its_place_and_keeps_the_last_good_bundle() {
    let scratch = Scratch::new("mistake");
    scratch.write(GOOD);
    assert!(scratch.compile().sound);
    let good = fs::read(scratch.0.join("out/tollgate.bundle")).unwrap();
    scratch.write(&GOOD.replace("integrate mock", "integrat mock"));
    let outcome = scratch.compile();
    assert!(!outcome.sound);
    let errors: Vec<&String> = outcome
        .cargo
        .iter()
        .filter(|line| line.starts_with("cargo::error="))
        .collect();
    assert!(
        errors
            .iter()
            .any(|line| line.contains("shop.gate:3:12: TG0201: ")),
        "{errors:?}"
    );
    assert_eq!(
        fs::read(scratch.0.join("out/tollgate.bundle")).unwrap(),
        good
    );
}

#[test]
fn a_folder_without_sources_is_an_error() {
    let scratch = Scratch::new("empty");
    let outcome = scratch.compile();
    assert!(!outcome.sound);
    assert!(
        outcome
            .cargo
            .iter()
            .any(|line| line.starts_with("cargo::error=no `.gate` file in")),
        "{:?}",
        outcome.cargo
    );
}
