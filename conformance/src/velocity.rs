//! The real Velocity as a witness: Apache Velocity 1.7 in a Java machine beside us.
//!
//! Debian's packages `velocity` and `default-jdk-headless` have all that it needs; other places of the JARs are
//! named by `TOLLGATE_VELOCITY_JARS`, as a class path.

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::engines::{Engines, TemplateInput, TemplateOutput};
use crate::generate::vtl::templates;
use crate::subjects::{Bundle, Reference};

/// Where Debian puts them.
const JARS: [&str; 3] = [
    "/usr/share/java/velocity.jar",
    "/usr/share/java/commons-collections3.jar",
    "/usr/share/java/commons-lang.jar",
];

/// What an engine makes of a template: errors are compared by their kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rendered {
    /// A text.
    Text(String),
    /// It is no template.
    NoTemplate,
    /// It throws.
    Throws,
}

/// The engine in its Java machine, which ends with it.
pub struct Velocity {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Velocity {
    /// Starts the engine.
    ///
    /// # Errors
    /// What is missing.
    pub fn start() -> Result<Velocity, String> {
        let path = match std::env::var("TOLLGATE_VELOCITY_JARS") {
            Ok(path) => path,
            Err(_) => {
                if let Some(missing) = JARS.iter().find(|jar| !Path::new(jar).exists()) {
                    return Err(format!("no {missing}: install Debian's package `velocity`"));
                }
                JARS.join(":")
            }
        };
        let driver = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("oracle/Velocity.java");
        let mut child = Command::new("java")
            .args(["-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", &path])
            .arg(driver)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("no `java`: {error}"))?;
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("no pipes to `java`".into());
        };
        let mut velocity = Velocity {
            child,
            to,
            from: BufReader::new(from),
        };
        match velocity.render("#set($x = 1 + 1)$x") {
            Ok(Rendered::Text(text)) if text == "2" => Ok(velocity),
            other => Err(format!(
                "`java` does not run Velocity (is there a JDK?): {other:?}"
            )),
        }
    }

    /// Renders a template.
    ///
    /// # Errors
    /// The engine is gone.
    pub fn render(&mut self, template: &str) -> Result<Rendered, String> {
        let line = STANDARD.encode(template);
        let mut answer = String::new();
        writeln!(self.to, "{line}")
            .and_then(|()| self.to.flush())
            .and_then(|()| self.from.read_line(&mut answer))
            .map_err(|error| error.to_string())?;
        let (kind, text) = answer
            .trim_end_matches('\n')
            .split_once(' ')
            .unwrap_or_default();
        match kind {
            "ok" => {
                let bytes = STANDARD.decode(text).map_err(|error| error.to_string())?;
                Ok(Rendered::Text(String::from_utf8_lossy(&bytes).into_owned()))
            }
            "parse" => Ok(Rendered::NoTemplate),
            "runtime" => Ok(Rendered::Throws),
            _ => Err(format!("it answered `{}`", answer.trim_end())),
        }
    }
}

impl Drop for Velocity {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A template on which not all agree.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The number of the template under its seed.
    pub number: u64,
    /// The template, made as short as it differs.
    pub template: String,
    /// What the real engine makes of it.
    pub velocity: Rendered,
    /// What the runtime makes of it.
    pub runtime: Rendered,
    /// What the specification makes of it.
    pub reference: Rendered,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {:?}", self.number, self.template)?;
        writeln!(f, "  velocity:  {:?}", self.velocity)?;
        writeln!(f, "  runtime:   {:?}", self.runtime)?;
        write!(f, "  reference: {:?}", self.reference)
    }
}

/// Our two engines.
pub struct Ours {
    runtime: Bundle,
    reference: Reference,
}

impl Default for Ours {
    fn default() -> Ours {
        Ours {
            runtime: Bundle::at(crate::generate::NOW_MS),
            reference: Reference::at(crate::generate::NOW_MS),
        }
    }
}

impl Ours {
    /// What runtime and specification make of a template.
    pub fn render(&mut self, template: &str) -> (Rendered, Rendered) {
        let input = TemplateInput {
            template: template.to_owned(),
            ..TemplateInput::default()
        };
        let kind = |output| match output {
            Ok(TemplateOutput::Rendered { text, .. }) => Rendered::Text(text),
            Ok(TemplateOutput::RuntimeError(_)) => Rendered::Throws,
            Ok(TemplateOutput::ParseError(_)) | Err(_) => Rendered::NoTemplate,
        };
        (
            kind(self.runtime.template(&input)),
            kind(self.reference.template(&input)),
        )
    }
}

/// Asks all engines for the template of a number under a seed; the difference, if there is one, in its shortest form.
///
/// # Errors
/// The real engine is gone.
pub fn compare(
    velocity: &mut Velocity,
    ours: &mut Ours,
    seed: u64,
    number: u64,
) -> Result<Option<Difference>, String> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&number.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut tree = templates()
        .new_tree(&mut runner)
        .map_err(|reason| reason.to_string())?;
    let mut ask = |template: String| -> Result<Option<Difference>, String> {
        let theirs = velocity.render(&template)?;
        let (runtime, reference) = ours.render(&template);
        let agree = theirs == runtime && theirs == reference;
        Ok((!agree).then_some(Difference {
            number,
            template,
            velocity: theirs,
            runtime,
            reference,
        }))
    };
    let Some(mut found) = ask(tree.current())? else {
        return Ok(None);
    };
    let mut differs = true;
    for _ in 0..400 {
        let moved = match differs {
            true => tree.simplify(),
            false => tree.complicate(),
        };
        if !moved {
            break;
        }
        match ask(tree.current())? {
            Some(shorter) => (found, differs) = (shorter, true),
            None => differs = false,
        }
    }
    Ok(Some(found))
}
