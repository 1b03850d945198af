//! The I/O of a connection: hyper reads through it, and the tap sees what it reads.

use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use hyper::rt::ReadBufCursor;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::tap::Tap;

/// Bytes read at once.
const READ: usize = 64 << 10;

thread_local! {
    /// One buffer for all connections of a worker: nothing stays in it.
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; READ]);
}

/// What a connection's I/O, its requests and its worker share.
#[derive(Default)]
pub(crate) struct Link {
    /// Only of HTTP/1 connections.
    pub(crate) tap: RefCell<Tap>,
    /// Requests that are not answered yet.
    pub(crate) busy: Cell<u32>,
    /// The worker's clock, in seconds, when something last came or went.
    pub(crate) touched: Cell<u32>,
    stop: Cell<Stop>,
    waker: RefCell<Option<Waker>>,
}

/// Whether a connection is to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It goes on.
    #[default]
    No,
    /// After the requests that are being answered.
    Graceful,
    /// At once.
    Now,
}

impl Link {
    /// Asks the connection to end.
    pub(crate) fn stop(&self, how: Stop) {
        self.stop.set(how);
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }

    /// Whether it is to end, asked in its task, which is woken when the answer changes.
    pub(crate) fn poll_stop(&self, cx: &mut Context<'_>) -> Stop {
        let mut waker = self.waker.borrow_mut();
        if !waker.as_ref().is_some_and(|w| w.will_wake(cx.waker())) {
            *waker = Some(cx.waker().clone());
        }
        self.stop.get()
    }
}

/// A client's connection.
pub(crate) struct Wire {
    pub(crate) stream: TcpStream,
    pub(crate) link: Rc<Link>,
    /// Whether the bytes are HTTP/1.
    pub(crate) tapped: bool,
    /// The worker's clock, in seconds.
    pub(crate) clock: Rc<Cell<u32>>,
    /// What was read to tell the protocol, and how much of it is used.
    pub(crate) first: Vec<u8>,
    pub(crate) first_used: usize,
}

impl Wire {
    fn seen(&self, bytes: &[u8]) {
        self.link.touched.set(self.clock.get());
        if self.tapped {
            self.link.tap.borrow_mut().feed(bytes);
        }
    }
}

impl hyper::rt::Read for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        if let Some(first) = wire.first.get(wire.first_used..).filter(|f| !f.is_empty()) {
            let n = first.len().min(cursor.remaining());
            let bytes = first.get(..n).unwrap_or_default();
            cursor.put_slice(bytes);
            wire.seen(bytes);
            wire.first_used += n;
            if wire.first_used == wire.first.len() {
                wire.first = Vec::new();
                wire.first_used = 0;
            }
            return Poll::Ready(Ok(()));
        }
        BUFFER.with_borrow_mut(|buffer| {
            let room = cursor.remaining().min(buffer.len());
            let mut read = ReadBuf::new(buffer.get_mut(..room).unwrap_or_default());
            ready!(Pin::new(&mut wire.stream).poll_read(cx, &mut read))?;
            cursor.put_slice(read.filled());
            wire.seen(read.filled());
            Poll::Ready(Ok(()))
        })
    }
}

impl hyper::rt::Write for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wire = self.get_mut();
        wire.link.touched.set(wire.clock.get());
        Pin::new(&mut wire.stream).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wire = self.get_mut();
        wire.link.touched.set(wire.clock.get());
        Pin::new(&mut wire.stream).poll_write_vectored(cx, bufs)
    }
}
