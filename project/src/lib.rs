//! A project on disk. The compiler does no I/O; the command and the build helper both
//! read a project through this crate, so that they agree on what belongs to it.
//!
//! A project is a folder (all its `.gate` files, at any depth, hidden folders and
//! `target` left out), or one file: gate, or an OpenAPI document. Beside them,
//! `params.toml` gives values to parameters, and `baseline.txt` lists findings that may stay.
//!
//! ```no_run
//! let project = tollgate_project::Project::open("api".as_ref()).expect("a project");
//! for source in &project.sources {
//!     println!("{}", source.name);
//! }
//! ```

mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;

use tollgate_compiler::{Source, SourceProvider};

pub use write::write;

/// Largest file that is read, in bytes: what the parser accepts, and a little, so that
/// the parser says with its own code that a source is too large.
pub const MAX_FILE: u64 = (64 << 20) + 1;

/// The file that gives values to parameters.
pub const PARAMS: &str = "params.toml";

/// The file of findings that may stay, as `tollgate check --write-baseline` writes it in the project's folder.
pub const BASELINE: &str = "baseline.txt";

/// A project, its sources read.
#[derive(Debug)]
pub struct Project {
    /// The folder to which the names of sources are relative.
    pub root: PathBuf,
    /// The sources, in the order of their names.
    pub sources: Vec<Source>,
    /// What `params.toml` says, by name.
    pub params: BTreeMap<String, String>,
    /// What `baseline.txt` holds, if there is one.
    pub baseline: Option<Vec<u8>>,
    /// The files that the program named and that were looked for, found or not.
    asked: Mutex<BTreeSet<PathBuf>>,
}

impl Project {
    /// Opens a folder or a single file.
    pub fn open(path: &Path) -> Result<Project, OpenError> {
        let meta = fs::metadata(path).map_err(|error| OpenError::unreadable(path, error))?;
        let root = if meta.is_dir() {
            path.to_path_buf()
        } else {
            match path.parent() {
                Some(parent) if parent != Path::new("") => parent.to_path_buf(),
                _ => PathBuf::from("."),
            }
        };
        let mut files = Vec::new();
        if meta.is_dir() {
            collect(path, &mut files)?;
            if files.is_empty() {
                return Err(OpenError::Empty(path.to_path_buf()));
            }
        } else {
            files.push(path.to_path_buf());
        }
        let mut sources = Vec::with_capacity(files.len());
        for file in files {
            sources.push(Source::new(name(&root, &file), read(&file)?));
        }
        sources.sort_by(|a, b| a.name.cmp(&b.name));
        let params = params(&root.join(PARAMS))?;
        // It speaks of a whole project, not of one file of it.
        let baseline = match meta.is_dir() {
            true => optional(&root.join(BASELINE))?,
            false => None,
        };
        Ok(Project {
            root,
            sources,
            params,
            baseline,
            asked: Mutex::default(),
        })
    }

    /// Every file on which the result depends: sources, files that the program named
    /// (missing ones too), `params.toml` and `baseline.txt`. Sorted.
    pub fn dependencies(&self) -> Vec<PathBuf> {
        let mut all: BTreeSet<PathBuf> = self
            .sources
            .iter()
            .map(|source| self.root.join(&source.name))
            .collect();
        if let Ok(asked) = self.asked.lock() {
            all.extend(asked.iter().cloned());
        }
        all.insert(self.root.join(PARAMS));
        all.insert(self.root.join(BASELINE));
        all.into_iter().collect()
    }
}

/// Gives the files that a program names, from below the project's folder only.
impl SourceProvider for Project {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        let relative = Path::new(name);
        if !relative
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
        {
            return None;
        }
        let path = self.root.join(relative);
        if let Ok(mut asked) = self.asked.lock() {
            asked.insert(path.clone());
        }
        read(&path).ok()
    }
}

/// Why a project cannot be opened.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// A file or folder cannot be read.
    Unreadable(PathBuf, io::Error),
    /// A folder has no gate file.
    Empty(PathBuf),
    /// `params.toml` does not say what it should.
    Params(PathBuf, String),
}

impl OpenError {
    fn unreadable(path: &Path, error: io::Error) -> OpenError {
        OpenError::Unreadable(path.to_path_buf(), error)
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Unreadable(path, error) if error.kind() == io::ErrorKind::NotFound => {
                write!(f, "`{}` does not exist", path.display())
            }
            OpenError::Unreadable(path, error) => {
                write!(f, "cannot read `{}`: {error}", path.display())
            }
            OpenError::Empty(path) => write!(f, "no `.gate` file in `{}`", path.display()),
            OpenError::Params(path, why) => write!(f, "cannot use `{}`: {why}", path.display()),
        }
    }
}

impl std::error::Error for OpenError {}

/// A file's bytes, at most [`MAX_FILE`] of them.
pub fn read(path: &Path) -> Result<Vec<u8>, OpenError> {
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(MAX_FILE).read_to_end(&mut bytes))
        .map_err(|error| OpenError::unreadable(path, error))?;
    Ok(bytes)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), OpenError> {
    let entries = fs::read_dir(folder).map_err(|error| OpenError::unreadable(folder, error))?;
    for entry in entries {
        let path = entry
            .map_err(|error| OpenError::unreadable(folder, error))?
            .path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden || path.ends_with("target") {
            continue;
        }
        // Links to folders are not followed: a loop of them would never end.
        let kind =
            fs::symlink_metadata(&path).map_err(|error| OpenError::unreadable(&path, error))?;
        if kind.is_dir() {
            collect(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "gate")
        {
            files.push(path);
        }
    }
    Ok(())
}

/// A file's name as the compiler calls it: relative to the root, with `/`.
fn name(root: &Path, file: &Path) -> String {
    let relative = file.strip_prefix(root).unwrap_or(file);
    let parts: Vec<_> = relative
        .components()
        .filter_map(|part| match part {
            Component::Normal(part) => Some(part.to_string_lossy()),
            _ => None,
        })
        .collect();
    parts.join("/")
}

/// The bytes of a file that need not be there.
fn optional(path: &Path) -> Result<Option<Vec<u8>>, OpenError> {
    match read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(OpenError::Unreadable(_, error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn params(path: &Path) -> Result<BTreeMap<String, String>, OpenError> {
    let Some(bytes) = optional(path)? else {
        return Ok(BTreeMap::new());
    };
    let wrong = |why: String| OpenError::Params(path.to_path_buf(), why);
    let text = String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8".into()))?;
    let table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| wrong(error.message().to_string()))?;
    table
        .into_iter()
        .map(|(name, value)| match value {
            toml::Value::String(text) => Ok((name, text)),
            toml::Value::Integer(_) | toml::Value::Float(_) | toml::Value::Boolean(_) => {
                Ok((name, value.to_string()))
            }
            _ => Err(wrong(format!("`{name}` is no text, number or truth value"))),
        })
        .collect()
}
