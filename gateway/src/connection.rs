//! One client's connection: which protocol it speaks, and hyper serving it.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};

use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::flight;
use crate::wire::{Link, Stop, Wire};
use crate::worker::Worker;

/// What an HTTP/2 client sends first.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Room for a request's head: above the reference's limits, which the runtime checks.
const MOST_BUFFERED: usize = 128 << 10;

/// Streams that one HTTP/2 connection may have open.
const MOST_STREAMS: u32 = 128;

/// Serves a connection until it ends.
pub(crate) async fn serve(
    worker: &Rc<Worker>,
    link: Rc<Link>,
    stream: std::net::TcpStream,
    peer: SocketAddr,
) {
    // What goes wrong with a connection concerns its client only.
    let _ = try_serve(worker, link, stream, peer).await;
}

async fn try_serve(
    worker: &Rc<Worker>,
    link: Rc<Link>,
    stream: std::net::TcpStream,
    peer: SocketAddr,
) -> io::Result<()> {
    let mut stream = TcpStream::from_std(stream)?;
    let mut first = Vec::new();
    let is_http2 = {
        let reading = pin!(read_first(&mut stream, &mut first));
        match until_stopped(&link, reading).await {
            Some(is_http2) => is_http2?,
            None => return Ok(()),
        }
    };
    let wire = Wire {
        stream,
        link: link.clone(),
        tapped: !is_http2,
        clock: worker.clock.clone(),
        first,
        first_used: 0,
    };
    let ip = peer.ip().to_canonical();
    let service = {
        let (worker, link) = (worker.clone(), link.clone());
        service_fn(move |request: hyper::Request<Incoming>| {
            let (worker, link) = (worker.clone(), link.clone());
            async move { Ok::<_, Infallible>(flight::handle(&worker, &link, ip, request).await) }
        })
    };
    if is_http2 {
        let mut builder = http2::Builder::new(Local);
        builder
            .max_concurrent_streams(MOST_STREAMS)
            .max_header_list_size(MOST_BUFFERED as u32)
            .timer(Timer);
        let connection = pin!(builder.serve_connection(wire, service));
        guarded(&link, connection, |c| c.graceful_shutdown()).await;
    } else {
        let mut builder = http1::Builder::new();
        // Times are kept by the worker's clock: one timer for all connections.
        builder
            .max_buf_size(MOST_BUFFERED)
            .header_read_timeout(None)
            .half_close(false);
        let connection = pin!(builder.serve_connection(wire, service));
        guarded(&link, connection, |c| c.graceful_shutdown()).await;
    }
    Ok(())
}

/// Reads until it is clear whether the client speaks HTTP/2 with prior knowledge.
async fn read_first(stream: &mut TcpStream, first: &mut Vec<u8>) -> io::Result<bool> {
    loop {
        if !PREFACE.starts_with(first.as_slice()) {
            return Ok(false);
        }
        if first.len() == PREFACE.len() {
            return Ok(true);
        }
        let mut buffer = [0; PREFACE.len()];
        let wanted = PREFACE.len() - first.len();
        let n = stream
            .read(buffer.get_mut(..wanted).unwrap_or_default())
            .await?;
        if n == 0 {
            return Ok(false);
        }
        first.extend_from_slice(buffer.get(..n).unwrap_or_default());
    }
}

/// The result, or nothing if the connection is to end before there is one.
async fn until_stopped<F: Future>(link: &Link, mut future: Pin<&mut F>) -> Option<F::Output> {
    poll_fn(|cx| {
        if link.poll_stop(cx) != Stop::No {
            return Poll::Ready(None);
        }
        future.as_mut().poll(cx).map(Some)
    })
    .await
}

/// Drives hyper's connection until it ends or is to end.
async fn guarded<C: Future>(
    link: &Link,
    mut connection: Pin<&mut C>,
    graceful: impl Fn(Pin<&mut C>),
) {
    let told = Cell::new(false);
    poll_fn(|cx: &mut Context<'_>| {
        match link.poll_stop(cx) {
            Stop::No => {}
            Stop::Graceful if told.replace(true) => {}
            Stop::Graceful => graceful(connection.as_mut()),
            Stop::Now => return Poll::Ready(()),
        }
        connection.as_mut().poll(cx).map(drop)
    })
    .await;
}

/// Runs hyper's tasks on the worker that they belong to.
#[derive(Clone, Copy)]
struct Local;

impl<F: Future + 'static> hyper::rt::Executor<F> for Local {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(async move {
            future.await;
        });
    }
}

/// The event loop's time, for hyper.
#[derive(Clone, Copy)]
struct Timer;

struct Sleep(Pin<Box<tokio::time::Sleep>>);

impl hyper::rt::Timer for Timer {
    fn sleep(&self, duration: std::time::Duration) -> Pin<Box<dyn hyper::rt::Sleep>> {
        Box::pin(Sleep(Box::pin(tokio::time::sleep(duration))))
    }

    fn sleep_until(&self, deadline: std::time::Instant) -> Pin<Box<dyn hyper::rt::Sleep>> {
        Box::pin(Sleep(Box::pin(tokio::time::sleep_until(deadline.into()))))
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(cx)
    }
}

impl hyper::rt::Sleep for Sleep {}
