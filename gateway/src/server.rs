//! A gateway: the listener, its workers, and their end.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::config::Config;
use crate::log::Writer;
use crate::program::Program;
use crate::worker::{Connected, Shared, Worker};

/// A running gateway. Dropping it ends it at once; [`stop`](Gateway::stop) lets requests end.
pub struct Gateway {
    address: SocketAddr,
    shared: Arc<Shared>,
    running: Mutex<Option<Running>>,
}

/// What ends with a gateway.
struct Running {
    /// Told how long requests may take to end.
    listening: oneshot::Sender<Duration>,
    threads: Vec<JoinHandle<()>>,
    writers: Vec<Writer>,
}

impl Gateway {
    /// Listens, and serves requests by `program` from then on, in threads of its own.
    ///
    /// # Errors
    /// The address is in use or not this machine's; a log's file cannot be opened; no threads are to be had.
    pub fn start(config: Config, program: Program) -> io::Result<Gateway> {
        let listener = std::net::TcpListener::bind(config.listen)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let access_log = Writer::open(&config.access_log)?;
        let trace = Writer::open(&config.trace)?;
        let workers = config.workers.max(1);
        let shared = Arc::new(Shared::new(config, program));

        let mut threads = Vec::new();
        let mut senders = Vec::new();
        let grace = Arc::new(std::sync::OnceLock::new());
        for n in 0..workers {
            let (sender, messages) = mpsc::unbounded_channel();
            senders.push(sender);
            let shared = shared.clone();
            let lines = [&access_log, &trace].map(|w| w.as_ref().map(Writer::lines));
            let grace = grace.clone();
            let thread = std::thread::Builder::new().name(format!("tollgate-{n}"));
            threads.push(thread.spawn(move || work(shared, lines, messages, &grace))?);
        }
        let (listening, ended) = oneshot::channel();
        let accepting = {
            let shared = shared.clone();
            std::thread::Builder::new()
                .name("tollgate-accept".into())
                .spawn(move || accept(&shared, listener, senders, ended, &grace))?
        };
        threads.push(accepting);
        Ok(Gateway {
            address,
            shared,
            running: Mutex::new(Some(Running {
                listening,
                threads,
                writers: [access_log, trace].into_iter().flatten().collect(),
            })),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves requests that begin from now on by `program`. Counters and caches stay.
    pub fn swap(&self, program: Program) {
        self.shared.swap(program);
    }

    /// Accepts no more connections, lets the requests that have begun end within `grace`, writes what is left
    /// of the logs, and ends. A second call does nothing.
    pub fn stop(&self, grace: Duration) {
        let running = self
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(running) = running else { return };
        let _ = running.listening.send(grace);
        for thread in running.threads {
            let _ = thread.join();
        }
        for writer in running.writers {
            writer.close();
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.stop(Duration::ZERO);
    }
}

/// Waits until the process is asked to end: SIGINT, or SIGTERM where there is one.
///
/// # Errors
/// Signals cannot be received.
pub fn wait_for_signal() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let mut terminate = signal(SignalKind::terminate())?;
            tokio::select! {
                interrupted = tokio::signal::ctrl_c() => interrupted,
                _ = terminate.recv() => Ok(()),
            }
        }
        #[cfg(not(unix))]
        tokio::signal::ctrl_c().await
    })
}

fn work(
    shared: Arc<Shared>,
    [access_log, trace]: [Option<crate::log::Lines>; 2],
    messages: mpsc::UnboundedReceiver<Connected>,
    grace: &std::sync::OnceLock<Duration>,
) {
    // Without an event loop there is nothing to do; the connections stay unanswered.
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    else {
        return;
    };
    let local = tokio::task::LocalSet::new();
    let worker = Rc::new(Worker::new(shared, access_log, trace));
    local.block_on(
        &runtime,
        worker.run(messages, || grace.get().copied().unwrap_or_default()),
    );
}

/// Hands connections to the workers in turn.
fn accept(
    shared: &Shared,
    listener: std::net::TcpListener,
    senders: Vec<mpsc::UnboundedSender<Connected>>,
    ended: oneshot::Receiver<Duration>,
    grace: &std::sync::OnceLock<Duration>,
) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
    else {
        return;
    };
    runtime.block_on(async {
        let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
            return;
        };
        let accepting = async {
            for sender in senders.iter().cycle() {
                let Ok(place) = shared.connections.acquire().await else {
                    return;
                };
                // The worker gives it back when the connection ends.
                place.forget();
                let (stream, peer) = loop {
                    match listener.accept().await {
                        Ok(accepted) => break accepted,
                        // Too many open files, as a rule: some will be closed.
                        Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                    }
                };
                let _ = stream.set_nodelay(true);
                if let Ok(stream) = stream.into_std() {
                    let _ = sender.send((stream, peer));
                }
            }
        };
        tokio::select! {
            () = accepting => {}
            wanted = ended => {
                let _ = grace.set(wanted.unwrap_or_default());
            }
        }
    });
    drop(senders);
}
