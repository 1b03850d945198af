//! Waits for changes of a project's files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

/// Editors write a file in several steps: changes are collected until nothing more comes for so long.
const QUIET: Duration = Duration::from_millis(60);

/// Tells when something changed on which the program depends.
pub(crate) struct Watch {
    /// Watches as long as it lives.
    _watcher: RecommendedWatcher,
    events: Receiver<notify::Result<Event>>,
    /// Files outside the folder or of another kind, on which the program depends too.
    named: Mutex<BTreeSet<PathBuf>>,
}

impl Watch {
    /// Watches the project at `path`, and the files that it named.
    pub(crate) fn start(path: &Path, named: Vec<PathBuf>) -> notify::Result<Watch> {
        let (sender, events) = channel();
        let mut watcher = notify::recommended_watcher(move |event| {
            // The other end is gone when the process ends.
            let _ = sender.send(event);
        })?;
        let folder = match path.is_dir() {
            true => path,
            // A file is replaced by its editor as a rule, so its folder is watched.
            false => path
                .parent()
                .filter(|p| !p.as_os_str().is_empty())
                .unwrap_or(Path::new(".")),
        };
        watcher.watch(folder, RecursiveMode::Recursive)?;
        let watch = Watch {
            _watcher: watcher,
            events,
            named: Mutex::default(),
        };
        watch.depend_on(named);
        Ok(watch)
    }

    /// The program depends on these files from now on.
    pub(crate) fn depend_on(&self, named: Vec<PathBuf>) {
        let whole = named.iter().map(|path| whole(path)).collect();
        if let Ok(mut old) = self.named.lock() {
            *old = whole;
        }
    }

    /// Waits for the next change, and until it is complete. `false` if nothing can change any more.
    pub(crate) fn changed(&self) -> bool {
        loop {
            match self.events.recv() {
                Err(_) => return false,
                Ok(event) if self.matters(&event) => break,
                Ok(_) => {}
            }
        }
        loop {
            match self.events.recv_timeout(QUIET) {
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => return true,
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
    }

    fn matters(&self, event: &notify::Result<Event>) -> bool {
        // Where events were lost, anything may have changed.
        let Ok(event) = event else { return true };
        if matches!(event.kind, notify::EventKind::Access(_)) {
            return false;
        }
        let named = self.named.lock().ok();
        event.paths.iter().any(|path| {
            let gate = path.extension().is_some_and(|e| e == "gate");
            gate || named
                .as_ref()
                .is_none_or(|named| named.contains(&whole(path)))
        })
    }
}

/// One way to write a path, whether its file is there or not.
fn whole(path: &Path) -> PathBuf {
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let folder = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    folder.join(path.file_name().unwrap_or_default())
}
