//! `cargo xtask hooks`: the hooks of `.pre-commit-hooks.yaml` with the real `pre-commit`, on a scratch repository that
//! names this one as people name it: sound files pass, mistakes and badly formatted files do not, and documents that
//! are not about gateways are left alone.
//!
//! The repository is taken at its last commit, as `pre-commit` does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail};

use crate::sh;

const SOUND: &str =
    "edition 2026\n\nrest api Shop {\n  GET /a { integrate mock, respond 200 }\n}\n";

const DOCUMENT: &str = "openapi: 3.0.1\ninfo: {title: Pets, version: '1'}\npaths:\n  /pets:\n    get:\n      responses: {'200': {description: ok}}\n      x-amazon-apigateway-integration: {type: http_proxy, httpMethod: GET, uri: 'https://pets.example/'}\n";

/// Files with what they must do to the two hooks: (name, text, passes).
const CASES: [(&str, &str, &str, bool); 9] = [
    ("a sound program", "shop.gate", SOUND, true),
    (
        "a mistake",
        "shop.gate",
        "rest api Shop { GET /a { integrat mock, respond 200 } }\n",
        false,
    ),
    (
        "a badly formatted program",
        "shop.gate",
        "edition 2026\nrest api Shop {\n        GET /a { integrate mock, respond 200 }\n}\n",
        false,
    ),
    ("a sound program again", "shop.gate", SOUND, true),
    (
        "a document of another kind",
        "compose.yaml",
        "services: { web: { image: x } }\n",
        true,
    ),
    (
        "an OpenAPI document without the extensions",
        "plain.yaml",
        "openapi: 3.0.1\npaths: nonsense\n",
        true,
    ),
    (
        "a template",
        "template.yaml",
        "Resources:\n  A: {Type: AWS::Serverless::Api, Properties: nonsense}\n",
        true,
    ),
    ("a sound document", "pets.yaml", DOCUMENT, true),
    (
        "a document with a mistake",
        "pets.json",
        "{\"openapi\": \"3.0.1\", \"x-amazon-apigateway-integration\": 1, \"paths\": []}\n",
        false,
    ),
];

pub(crate) fn run() -> Result<()> {
    let Some(pre_commit) = pre_commit() else {
        println!("skipped: `pre-commit` is not installed (pip install pre-commit)");
        return Ok(());
    };
    sh::run(
        &pre_commit,
        &["validate-manifest", ".pre-commit-hooks.yaml"],
    )?;
    sh::run("cargo", &["build", "--package", "tollgate"])?;
    let scratch = std::env::temp_dir().join(format!("tollgate-hooks-{}", std::process::id()));
    let result = tried(&pre_commit, &scratch);
    fs::remove_dir_all(&scratch)?;
    println!("hooks: {} passed, 0 failed", result?);
    Ok(())
}

/// The command, or what `PRE_COMMIT` names.
fn pre_commit() -> Option<String> {
    let name = std::env::var("PRE_COMMIT").unwrap_or_else(|_| "pre-commit".into());
    let found = Command::new(&name).arg("--version").output();
    found
        .is_ok_and(|output| output.status.success())
        .then_some(name)
}

/// Tries the hooks that use the `PATH`, then those that build; how many cases held.
fn tried(pre_commit: &str, scratch: &Path) -> Result<usize> {
    let mut held = 0;
    for (folder, suffix) in [("on-the-path", "-system"), ("built", "")] {
        let repository = Repository {
            pre_commit,
            folder: scratch.join(folder),
            home: scratch.join(format!("{folder}-home")),
        };
        repository.make(suffix)?;
        for (what, name, text, passes) in CASES {
            repository.expect(what, name, text, passes)?;
            held += 1;
        }
    }
    Ok(held)
}

fn built() -> PathBuf {
    sh::root().join("target/debug")
}

/// A repository that uses the hooks.
struct Repository<'r> {
    pre_commit: &'r str,
    folder: PathBuf,
    /// Where `pre-commit` keeps what it clones.
    home: PathBuf,
}

impl Repository<'_> {
    fn make(&self, suffix: &str) -> Result<()> {
        fs::create_dir_all(&self.folder)?;
        git(&self.folder, &["init", "--quiet"])?;
        let commit = sh::output("git", &["rev-parse", "HEAD"])?;
        let configuration = format!(
            "repos:\n  - repo: {}\n    rev: {}\n    hooks: [{{id: tollgate-check{suffix}}}, {{id: tollgate-fmt{suffix}}}]\n",
            sh::root().display(),
            commit.trim(),
        );
        fs::write(self.folder.join(".pre-commit-config.yaml"), configuration)?;
        git(&self.folder, &["add", "--all"])?;
        let output = self.pre_commit(&["install-hooks"])?;
        if !output.status.success() {
            bail!("cannot install the hooks:\n{}", shown(&output));
        }
        // A hook that builds finds its binary built: a release build is tried by the ones who use it.
        for clone in fs::read_dir(&self.home)? {
            let clone = clone?.path();
            if clone.join("cli/hook.sh").is_file() {
                let release = clone.join("target/release");
                fs::create_dir_all(&release)?;
                fs::copy(built().join("tollgate"), release.join("tollgate"))?;
            }
        }
        Ok(())
    }

    fn expect(&self, what: &str, name: &str, text: &str, passes: bool) -> Result<()> {
        fs::write(self.folder.join(name), text)?;
        git(&self.folder, &["add", "--all"])?;
        let output = self.pre_commit(&["run", "--files", name])?;
        if output.status.success() != passes {
            let held = if passes { "did not pass" } else { "passed" };
            bail!("{what} {held}:\n{}", shown(&output));
        }
        Ok(())
    }

    fn pre_commit(&self, args: &[&str]) -> Result<Output> {
        let path = std::env::var("PATH").unwrap_or_default();
        Command::new(self.pre_commit)
            .args(args)
            .env("PATH", format!("{}:{path}", built().display()))
            .env("PRE_COMMIT_HOME", &self.home)
            .current_dir(&self.folder)
            .output()
            .context("cannot start `pre-commit`")
    }
}

fn shown(output: &Output) -> String {
    let texts = [&output.stdout, &output.stderr];
    texts.map(|text| String::from_utf8_lossy(text)).concat()
}

fn git(folder: &Path, args: &[&str]) -> Result<()> {
    let output = Command::new("git")
        .args(args)
        .current_dir(folder)
        .output()
        .context("cannot start `git`")?;
    if !output.status.success() {
        bail!("`git {}` failed: {}", args.join(" "), shown(&output));
    }
    Ok(())
}
