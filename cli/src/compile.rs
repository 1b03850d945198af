//! From a project on disk to a bundle, with everything that can be wrong on the way said to people.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use tollgate_compiler::{Checked, Options, Severity, Source, SourceMap, emit};
use tollgate_model::{Param, Places, Program};
use tollgate_project::{BASELINE, OpenError, PARAMS, Project};
use tollgate_runtime::Loaded;
use tollgate_runtime::bundle::MAGIC;

use crate::failure::Failure;
use crate::report;

/// Which program, and what fills its holes.
#[derive(Args, Clone, Debug)]
pub(crate) struct Input {
    /// A folder of gate files, a gate file, or an OpenAPI document.
    #[arg(default_value = ".", value_name = "PROJECT")]
    pub(crate) path: PathBuf,
    /// A parameter's value; beats params.toml.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) params: Vec<(String, String)>,
}

/// `NAME=VALUE`.
pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".into()),
    }
}

/// Reads the project.
pub(crate) fn open(path: &Path) -> Result<Project, Failure> {
    Project::open(path).map_err(|error| {
        let failure = match &error {
            OpenError::Unreadable(path, error) => Failure::file("read", path, error),
            OpenError::Empty(path) => {
                let whole = path == Path::new(".");
                let here = if whole { "here".into() } else { format!("in `{}`", path.display()) };
                Failure::new(format!("there is no project {here}: no file ends in `.gate`"))
            }
            other => Failure::new(other.to_string()),
        };
        match error {
            OpenError::Empty(_) => failure
                .help("name a folder of gate files or an OpenAPI document, or make a project with `tollgate new DIR`"),
            _ => failure,
        }
    })
}

/// What the compiler is told beside the sources.
pub(crate) fn options(project: &Project, params: &[(String, String)]) -> Options {
    let mut options = Options::default();
    options.params = project.params.clone();
    options.params.extend(params.iter().cloned());
    let baseline = project.baseline.as_deref();
    options.baseline = baseline.map(|bytes| Source::new(BASELINE, bytes));
    options
}

/// Fails if a parameter is given that the program has not.
pub(crate) fn known_params(
    project: &Project,
    params: &[(String, String)],
    checked: &Checked,
) -> Result<(), Failure> {
    let Some(program) = &checked.program else {
        return Ok(());
    };
    let unknown = |name: &String| program.params.iter().all(|p| p.name != *name);
    let given = params
        .iter()
        .map(|(name, _)| ("--param", name))
        .chain(project.params.keys().map(|name| (PARAMS, name)));
    let mut given = given.filter(|(_, name)| unknown(name));
    let Some((by, name)) = given.next() else {
        return Ok(());
    };
    let names: Vec<_> = program
        .params
        .iter()
        .map(|p| format!("`{}`", p.name))
        .collect();
    let known = match names.as_slice() {
        [] => "the program has no parameters".to_owned(),
        names => format!("the program's parameters are {}", names.join(", ")),
    };
    Err(Failure::new(format!("`{by}` names no parameter: `{name}`")).help(known))
}

/// Checks the project as a program.
pub(crate) fn check(project: &Project, input: &Input) -> Result<Checked, Failure> {
    let options = options(project, &input.params);
    let checked = tollgate_compiler::check(project.sources.clone(), project, &options);
    known_params(project, &input.params, &checked)?;
    Ok(checked)
}

/// Fails if a parameter has no value: no bundle can be made without.
fn filled(program: &Program, sources: &SourceMap) -> Result<(), Failure> {
    let hollow = |param: &&Param| param.value.is_none() && param.default.is_none();
    let mut missing = program.params.iter().filter(hollow);
    let Some(first) = missing.next() else {
        return Ok(());
    };
    let name = &first.name;
    let others: Vec<String> = missing
        .map(|param| format!("`{}` ({})", param.name, sources.file_line(param.node)))
        .collect();
    let others = match others.as_slice() {
        [] => String::new(),
        others => format!("; so must {}", others.join(", ")),
    };
    Err(Failure::new(format!(
        "the parameter `{name}` has no value: it is declared at {}",
        sources.file_line(first.node)
    ))
    .help(format!(
        "give it one with --param {name}=VALUE, in {PARAMS}, or where it is declared{others}"
    )))
}

/// A program, compiled.
pub(crate) struct Compiled {
    pub(crate) program: Program,
    pub(crate) bundle: Loaded<Arc<[u8]>>,
    pub(crate) sources: SourceMap,
}

/// What compiling came to.
pub(crate) enum Compilation {
    Done(Box<Compiled>),
    /// Errors were found, and printed.
    Stopped,
}

/// Compiles the project, and prints errors and warnings.
pub(crate) fn compile(project: &Project, input: &Input) -> Result<Compilation, Failure> {
    compile_telling(project, input, Severity::Warning)
}

/// Compiles the project, and prints findings of this severity and graver.
fn compile_telling(
    project: &Project,
    input: &Input,
    least: Severity,
) -> Result<Compilation, Failure> {
    let checked = check(project, input)?;
    report::print(&checked, least);
    let Some(program) = checked.program else {
        return Ok(Compilation::Stopped);
    };
    let sources = checked.sources;
    filled(&program, &sources)?;
    let bytes = match emit::bundle_with_places(&program, &sources) {
        Ok(bytes) => bytes,
        Err(unsupported) => {
            for finding in &unsupported {
                report::unsupported(finding, &sources);
            }
            return Ok(Compilation::Stopped);
        }
    };
    let bundle = Loaded::verify(Arc::<[u8]>::from(bytes)).map_err(|refused| {
        Failure::new(format!(
            "the compiler made a bundle that is none: {refused}"
        ))
    })?;
    Ok(Compilation::Done(Box::new(Compiled {
        program,
        bundle,
        sources,
    })))
}

impl Compiled {
    /// Where a node stands: `orders.gate:12`.
    pub(crate) fn place(&self, node: tollgate_model::NodeId) -> String {
        self.sources.file_line(node)
    }
}

/// A bundle out of a file.
pub(crate) fn load(path: &Path) -> Result<Loaded<Arc<[u8]>>, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::file("read", path, &error))?;
    Loaded::verify(Arc::<[u8]>::from(bytes)).map_err(|refused| {
        Failure::new(format!("`{}` is refused: {refused}", path.display()))
            .help("build it again with `tollgate build`")
    })
}

/// The bundle that a path names, or that its program compiles to. None: errors were found, and printed.
pub(crate) fn bundle(input: &Input) -> Result<Option<Loaded<Arc<[u8]>>>, Failure> {
    if is_bundle(&input.path) {
        return load(&input.path).map(Some);
    }
    let project = open(&input.path)?;
    // Who looks at what a program compiles to has not asked for advice.
    Ok(match compile_telling(&project, input, Severity::Error)? {
        Compilation::Done(compiled) => Some(compiled.bundle),
        Compilation::Stopped => None,
    })
}

/// Whether a path is meant as a bundle: by its name, or by how the file begins.
pub(crate) fn is_bundle(path: &Path) -> bool {
    let begins = || {
        let mut start = [0; MAGIC.len()];
        let mut file = std::fs::File::open(path).ok()?;
        file.read_exact(&mut start).ok()?;
        Some(start == MAGIC)
    };
    path.extension()
        .is_some_and(|extension| extension == EXTENSION)
        || path.is_file() && begins().unwrap_or(false)
}

/// How the names of bundles end.
pub(crate) const EXTENSION: &str = "gatebundle";
