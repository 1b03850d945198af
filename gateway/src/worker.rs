//! A worker: one thread with its own event loop, connections, pools and memory.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tollgate_runtime::{Header, Scratch, Session, Site};

use crate::backend::http::Pool;
use crate::config::Config;
use crate::head::Head;
use crate::identity::issuers::Issuers;
use crate::ids::Chance;
use crate::limits::{Known, Limits, Moment};
use crate::log::Lines;
use crate::program::Program;
use crate::store::Store;
use crate::wire::{Link, Stop};

/// How long lines of logs may wait for company.
const LINES_WAIT: Duration = Duration::from_millis(10);

/// How long a connection may be idle: the reference's 310 seconds.
const IDLE_S: u32 = 310;

/// How long a client may take to send a request's head.
const HEAD_S: u32 = 30;

/// Memory of finished requests that a worker keeps for others.
const MOST_MEMORIES: usize = 256;

/// What all workers share. Nothing in it is locked for longer than a few instructions.
pub(crate) struct Shared {
    pub(crate) config: Config,
    /// Counts the programs; a worker looks at [`program`](Shared::program) when it changes.
    generation: AtomicU64,
    program: Mutex<Arc<Program>>,
    pub(crate) limits: Limits,
    pub(crate) cache: Store,
    pub(crate) authorizers: Store,
    pub(crate) issuers: Issuers,
    started: Instant,
    pub(crate) connections: tokio::sync::Semaphore,
}

/// The largest answer that the reference caches, with room for its headers.
const LARGEST_CACHED: usize = (1 << 20) + (64 << 10);

impl Shared {
    pub(crate) fn new(config: Config, program: Program) -> Shared {
        Shared {
            generation: AtomicU64::new(1),
            program: Mutex::new(Arc::new(program)),
            limits: Limits::default(),
            cache: Store::new(config.cache_bytes, LARGEST_CACHED),
            authorizers: Store::new(config.cache_bytes, LARGEST_CACHED),
            issuers: Issuers::default(),
            started: Instant::now(),
            connections: tokio::sync::Semaphore::new(config.connections),
            config,
        }
    }

    /// Replaces the program. Requests that have begun end with the one that they began with.
    pub(crate) fn swap(&self, program: Program) {
        let mut current = self.program.lock().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(program);
        // Their keys are indices of the program that kept them.
        self.authorizers.clear();
        self.generation.fetch_add(1, Ordering::Release);
    }

    /// Time of a clock that never goes back.
    pub(crate) fn steady(&self) -> Duration {
        self.started.elapsed()
    }
}

/// A client that has connected. When no more can come, the worker ends.
pub(crate) type Connected = (std::net::TcpStream, std::net::SocketAddr);

/// The memory of one request, used again by others.
pub(crate) struct Memory {
    pub(crate) session: Session,
    pub(crate) scratch: Scratch,
    pub(crate) head: Head,
    pub(crate) headers: Vec<Header<'static>>,
    pub(crate) backend_headers: Vec<Header<'static>>,
}

/// A program that a worker serves by. Requests count references of their worker's alone.
pub(crate) struct Running(pub(crate) Arc<Program>);

/// One thread's state.
pub(crate) struct Worker {
    pub(crate) shared: Arc<Shared>,
    /// The program, as of this generation. Looking at it takes no lock and counts no reference of other threads.
    program: RefCell<(u64, Rc<Running>)>,
    pub(crate) chance: RefCell<Chance>,
    pub(crate) known: Known,
    pub(crate) pool: Pool,
    #[expect(
        clippy::vec_box,
        reason = "a kilobyte each, moved twice for every request"
    )]
    memories: RefCell<Vec<Box<Memory>>>,
    pub(crate) access_log: Option<Lines>,
    pub(crate) trace: Option<Lines>,
    flushing: Cell<bool>,
    /// Seconds since the worker began.
    pub(crate) clock: Rc<Cell<u32>>,
    links: RefCell<HashMap<u64, Rc<Link>>>,
    next_link: Cell<u64>,
    /// Turns over the targets of VPC links.
    pub(crate) turn: Cell<usize>,
    said: RefCell<HashSet<String>>,
}

impl Worker {
    pub(crate) fn new(
        shared: Arc<Shared>,
        access_log: Option<Lines>,
        trace: Option<Lines>,
    ) -> Worker {
        let generation = shared.generation.load(Ordering::Acquire);
        let program = shared
            .program
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        Worker {
            program: RefCell::new((generation, Rc::new(Running(program)))),
            shared,
            chance: RefCell::new(Chance::seeded()),
            known: Known::default(),
            pool: Pool::default(),
            memories: RefCell::default(),
            access_log,
            trace,
            flushing: Cell::new(false),
            clock: Rc::default(),
            links: RefCell::default(),
            next_link: Cell::new(0),
            turn: Cell::new(0),
            said: RefCell::default(),
        }
    }

    /// The program that is current now.
    pub(crate) fn program(&self) -> Rc<Running> {
        let mut mine = self.program.borrow_mut();
        let generation = self.shared.generation.load(Ordering::Acquire);
        if mine.0 != generation {
            let program = self
                .shared
                .program
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            *mine = (generation, Rc::new(Running(program)));
            self.said.borrow_mut().clear();
        }
        mine.1.clone()
    }

    /// Memory for a request.
    pub(crate) fn memory(&self) -> Box<Memory> {
        self.memories.borrow_mut().pop().unwrap_or_else(|| {
            Box::new(Memory {
                session: Session::begin(Site::NOWHERE),
                scratch: Scratch::new(self.shared.config.scratch_bytes),
                head: Head::default(),
                headers: Vec::new(),
                backend_headers: Vec::new(),
            })
        })
    }

    /// Takes a request's memory back.
    pub(crate) fn give_back(&self, mut memory: Box<Memory>) {
        memory.scratch.clear();
        let mut memories = self.memories.borrow_mut();
        if memories.len() < MOST_MEMORIES {
            memories.push(memory);
        }
    }

    pub(crate) fn moment(&self, wall_ms: u64) -> Moment {
        Moment {
            steady_us: u64::try_from(self.shared.steady().as_micros()).unwrap_or(u64::MAX),
            wall_ms,
        }
    }

    pub(crate) fn steady_ms(&self) -> u64 {
        u64::try_from(self.shared.steady().as_millis()).unwrap_or(u64::MAX)
    }

    /// Tells people something that they can change; the same thing once per program.
    pub(crate) fn say(&self, text: &str) {
        let mut said = self.said.borrow_mut();
        // A client must not fill the memory with what it is told.
        if said.len() < 1000 && said.insert(text.to_owned()) {
            eprintln!("tollgate: {text}");
        }
    }

    /// Adds a line to a log, and sees to it that it is written soon.
    pub(crate) fn log(self: &Rc<Self>, lines: Option<&Lines>, line: &[u8]) {
        let first = lines.is_some_and(|lines| lines.add(line));
        if first && !self.flushing.replace(true) {
            let worker = self.clone();
            tokio::task::spawn_local(async move {
                loop {
                    tokio::time::sleep(LINES_WAIT).await;
                    let logs = [&worker.access_log, &worker.trace];
                    let behind = logs
                        .into_iter()
                        .flatten()
                        .filter(|lines| !lines.flush())
                        .count();
                    if behind == 0 {
                        worker.flushing.set(false);
                        return;
                    }
                }
            });
        }
    }

    /// Runs until it is told to stop and its connections have ended, or `grace` is over.
    pub(crate) async fn run(
        self: Rc<Self>,
        mut messages: mpsc::UnboundedReceiver<Connected>,
        grace: impl Fn() -> Duration,
    ) {
        let ticking = tokio::task::spawn_local(self.clone().tick());
        while let Some((stream, peer)) = messages.recv().await {
            let worker = self.clone();
            tokio::task::spawn_local(async move {
                let id = worker.next_link.replace(worker.next_link.get() + 1);
                let link = Rc::<Link>::default();
                link.touched.set(worker.clock.get());
                worker.links.borrow_mut().insert(id, link.clone());
                crate::connection::serve(&worker, link, stream, peer).await;
                worker.links.borrow_mut().remove(&id);
                worker.shared.connections.add_permits(1);
            });
        }
        for link in self.links.borrow().values() {
            link.stop(Stop::Graceful);
        }
        let began = Instant::now();
        while !self.links.borrow().is_empty() && began.elapsed() < grace() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        for link in self.links.borrow().values() {
            link.stop(Stop::Now);
        }
        ticking.abort();
    }

    /// Ends connections that have said nothing for too long.
    async fn tick(self: Rc<Self>) {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let now = self.clock.get() + 1;
            self.clock.set(now);
            for link in self.links.borrow().values() {
                let quiet = now.saturating_sub(link.touched.get());
                let in_head = !link.tap.borrow().idle();
                if link.busy.get() == 0 && (quiet > IDLE_S || in_head && quiet > HEAD_S) {
                    link.stop(Stop::Now);
                }
            }
            if now.is_multiple_of(10) {
                self.pool.sweep();
            }
        }
    }
}
