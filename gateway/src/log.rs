//! Lines for people and log readers. Workers collect lines and hand them over in blocks; one thread writes.

use std::cell::{Cell, RefCell};
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

/// Where lines go.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Destination {
    /// Nowhere.
    Off,
    /// The standard output.
    Stdout,
    /// The standard error.
    Stderr,
    /// The end of this file, which is made if it is not there.
    File(PathBuf),
}

/// Blocks that may wait for the writer. A worker whose block does not fit keeps collecting, up to [`MOST`].
const WAITING: usize = 64;

/// Bytes that a worker collects while the writer is behind; lines past it are dropped and counted.
const MOST: usize = 4 << 20;

/// A writer thread, and how workers reach it.
pub(crate) struct Writer {
    blocks: SyncSender<Vec<u8>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Opens the destination; `None` if that is off.
    pub(crate) fn open(destination: &Destination) -> std::io::Result<Option<Writer>> {
        let mut out: Box<dyn Write + Send> = match destination {
            Destination::Off => return Ok(None),
            Destination::Stdout => Box::new(std::io::stdout()),
            Destination::Stderr => Box::new(std::io::stderr()),
            Destination::File(path) => Box::new(
                std::fs::OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(path)?,
            ),
        };
        let (blocks, receiver): (_, Receiver<Vec<u8>>) = sync_channel(WAITING);
        let thread = std::thread::Builder::new()
            .name("tollgate-log".into())
            .stack_size(64 << 10)
            .spawn(move || {
                for block in receiver {
                    // A log that cannot be written must not stop the traffic.
                    let _ = out.write_all(&block).and_then(|()| out.flush());
                }
            })?;
        Ok(Some(Writer {
            blocks,
            thread: Some(thread),
        }))
    }

    /// A worker's end.
    pub(crate) fn lines(&self) -> Lines {
        Lines {
            blocks: self.blocks.clone(),
            pending: RefCell::default(),
            dropped: Cell::new(0),
        }
    }

    /// Writes what is waiting and ends the thread. Every worker's end must be gone.
    pub(crate) fn close(mut self) {
        let thread = self.thread.take();
        drop(self);
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

/// A worker's end of a [`Writer`].
pub(crate) struct Lines {
    blocks: SyncSender<Vec<u8>>,
    pending: RefCell<Vec<u8>>,
    dropped: Cell<u64>,
}

/// Lines that were dropped by all workers since the start.
pub(crate) static DROPPED: AtomicU64 = AtomicU64::new(0);

impl Lines {
    /// Adds a line; `true` if it is the first since [`flush`](Lines::flush), which must then be called soon.
    pub(crate) fn add(&self, line: &[u8]) -> bool {
        let mut pending = self.pending.borrow_mut();
        let first = pending.is_empty();
        if pending.len() + line.len() >= MOST {
            self.dropped.set(self.dropped.get() + 1);
            DROPPED.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        pending.extend_from_slice(line);
        pending.push(b'\n');
        first
    }

    /// Hands the lines over. `false` if the writer is behind: then call it again later.
    pub(crate) fn flush(&self) -> bool {
        let mut pending = self.pending.borrow_mut();
        if pending.is_empty() {
            return true;
        }
        let dropped = self.dropped.take();
        if dropped > 0 {
            pending.extend_from_slice(
                format!("tollgate: {dropped} log lines were dropped\n").as_bytes(),
            );
        }
        let room = pending.capacity().min(64 << 10);
        match self.blocks.try_send(std::mem::take(&mut *pending)) {
            Ok(()) => {
                pending.reserve(room);
                true
            }
            Err(TrySendError::Full(block)) => {
                *pending = block;
                false
            }
            Err(TrySendError::Disconnected(_)) => true,
        }
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        let block = std::mem::take(&mut *self.pending.borrow_mut());
        if !block.is_empty() {
            let _ = self.blocks.send(block);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_every_worker_is_written_whole() {
        let dir = std::env::temp_dir().join(format!("tollgate-log-{}", std::process::id()));
        let writer = Writer::open(&Destination::File(dir.clone()))
            .unwrap()
            .unwrap();
        std::thread::scope(|scope| {
            for worker in 0..4 {
                let lines = writer.lines();
                scope.spawn(move || {
                    for n in 0..1000 {
                        if lines.add(format!("{worker} {n}").as_bytes()) && n % 7 == 0 {
                            lines.flush();
                        }
                    }
                });
            }
        });
        writer.close();
        let text = std::fs::read_to_string(&dir).unwrap();
        std::fs::remove_file(&dir).unwrap();
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        let mut wanted: Vec<_> = (0..4)
            .flat_map(|w| (0..1000).map(move |n| format!("{w} {n}")))
            .collect();
        wanted.sort();
        assert_eq!(lines, wanted);
    }
}
