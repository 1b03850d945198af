//! Connections to backends: kept for a while, and used again.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, ReadBuf};

use crate::backend::stream::Stream;

/// Idle connections kept for one origin by one worker, and for how long.
const MOST_IDLE: usize = 64;
const IDLE: Duration = Duration::from_secs(60);

/// Origins that a worker remembers; past it, all are forgotten and their idle connections closed.
const MOST_ORIGINS: usize = 1024;

/// Bytes asked for in one read.
pub(super) const READ: usize = 8 << 10;

/// A worker's connections to backends.
#[derive(Default)]
pub(crate) struct Pool {
    origins: RefCell<Vec<Rc<Origin>>>,
}

/// Who is connected to, and the connections that wait.
pub(crate) struct Origin {
    pub(super) secure: bool,
    pub(super) insecure: bool,
    pub(super) host: Box<str>,
    pub(super) port: u16,
    idle: RefCell<Vec<(Conn, Instant)>>,
}

impl Pool {
    /// The origin, made if it is new.
    pub(crate) fn origin(&self, secure: bool, insecure: bool, host: &str, port: u16) -> Rc<Origin> {
        let mut origins = self.origins.borrow_mut();
        let known = origins.iter().find(|o| {
            o.port == port && o.secure == secure && o.insecure == insecure && *o.host == *host
        });
        if let Some(origin) = known {
            return origin.clone();
        }
        if origins.len() >= MOST_ORIGINS {
            origins.clear();
        }
        let origin = Rc::new(Origin {
            secure,
            insecure,
            host: host.into(),
            port,
            idle: RefCell::default(),
        });
        origins.push(origin.clone());
        origin
    }

    /// Closes what has waited too long. O(connections).
    pub(crate) fn sweep(&self) {
        for origin in self.origins.borrow().iter() {
            origin
                .idle
                .borrow_mut()
                .retain(|(_, since)| since.elapsed() < IDLE);
        }
    }
}

impl Origin {
    pub(super) fn idle(&self) -> Option<Conn> {
        let mut idle = self.idle.borrow_mut();
        // The latest first, so that the others can grow old.
        while let Some((conn, since)) = idle.pop() {
            if since.elapsed() < IDLE && conn.stream.quiet() {
                return Some(conn);
            }
        }
        None
    }

    pub(super) fn give_back(&self, conn: Conn) {
        let mut idle = self.idle.borrow_mut();
        if conn.start == conn.buf.len() && idle.len() < MOST_IDLE {
            let mut conn = conn;
            conn.buf.clear();
            conn.start = 0;
            // What one large answer needed is not kept for the next.
            conn.buf.shrink_to(2 * READ);
            idle.push((conn, Instant::now()));
        }
    }
}

/// A connection, and what was read of it.
pub(super) struct Conn {
    pub(super) stream: Stream,
    pub(super) buf: Vec<u8>,
    /// What of `buf` is used already.
    pub(super) start: usize,
}

impl Conn {
    pub(super) fn unread(&self) -> &[u8] {
        self.buf.get(self.start..).unwrap_or_default()
    }

    pub(super) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.start == self.buf.len() {
            self.buf.clear();
            self.start = 0;
        }
        let len = self.buf.len();
        self.buf.resize(len + READ, 0);
        let mut room = ReadBuf::new(self.buf.get_mut(len..).unwrap_or_default());
        let read = Pin::new(&mut self.stream).poll_read(cx, &mut room);
        let n = room.filled().len();
        self.buf.truncate(len + n);
        ready!(read)?;
        Poll::Ready(Ok(n))
    }
}
