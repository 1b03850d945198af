//! How a gateway is run.

use std::net::{Ipv4Addr, SocketAddr};

use crate::log::Destination;

/// How a [`Gateway`](crate::Gateway) is run. Start from the default.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// Where it listens; port 0 takes a free one. Default: `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// Threads that serve connections, at least one. Default: one per processor.
    pub workers: usize,
    /// Connections at the same time; others wait to be accepted. Default: 10,000.
    pub connections: usize,
    /// Whether requests count as sent over TLS, as all of the reference's are: `aws:SecureTransport`,
    /// `X-Forwarded-Proto`. Default: they do.
    pub assume_tls: bool,
    /// Where lines of the access log go. Default: nowhere.
    pub access_log: Destination,
    /// Where a line goes for every phase of every request. Default: nowhere.
    pub trace: Destination,
    /// Bytes of all cached answers together; the same again for authorizers' results. Default: 64 MiB.
    pub cache_bytes: usize,
    /// Bytes that one request's values may take. Default: 64 MiB.
    pub scratch_bytes: usize,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            connections: 10_000,
            assume_tls: true,
            access_log: Destination::Off,
            trace: Destination::Off,
            cache_bytes: 64 << 20,
            scratch_bytes: 64 << 20,
        }
    }
}
