//! The body of an answer, framed by its length, in chunks, or by the end of the connection.

use std::io;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;

use super::pool::{Conn, Origin};

/// How a body is told from what comes after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    Over,
    Length(u64),
    Chunked(Chunk),
    UntilClose,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chunk {
    /// In a size line: the digits so far, and whether they are over.
    Size(Option<(u64, bool)>),
    /// Bytes of the chunk to come.
    Data(u64),
    /// Bytes of the line end after a chunk to come.
    End(u8),
    /// In a line of the trailer; whether it is empty so far.
    Trailer(bool),
}

/// The body of an answer that is still to come.
pub(crate) struct AnswerBody {
    pub(super) origin: Rc<Origin>,
    pub(super) conn: Option<Conn>,
    pub(super) framing: Framing,
    pub(super) reusable: bool,
    pub(super) total: u64,
}

impl AnswerBody {
    /// Whether the whole body has been received already.
    pub(super) fn is_here(&self) -> bool {
        let unread = self.conn.as_ref().map_or(0, |c| c.unread().len()) as u64;
        match self.framing {
            Framing::Over => true,
            Framing::Length(n) => n <= unread,
            // Small chunked answers come whole as a rule: the last chunk is in sight.
            Framing::Chunked(_) => self
                .conn
                .as_ref()
                .is_some_and(|c| c.unread().ends_with(b"0\r\n\r\n")),
            Framing::UntilClose => false,
        }
    }

    /// How many bytes are to come, if that is known.
    pub(crate) fn length(&self) -> Option<u64> {
        match self.framing {
            Framing::Over => Some(0),
            Framing::Length(n) => Some(n),
            _ => None,
        }
    }

    /// The next run of bytes; `None` at the end, when the connection goes back to its pool.
    pub(crate) fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<Bytes>>> {
        loop {
            let Some(conn) = self.conn.as_mut() else {
                return Poll::Ready(Ok(None));
            };
            if self.framing == Framing::Over {
                if let Some(conn) = self.conn.take().filter(|_| self.reusable) {
                    self.origin.give_back(conn);
                }
                return Poll::Ready(Ok(None));
            }
            if conn.unread().is_empty() {
                let n = ready!(conn.poll_fill(cx))?;
                if n == 0 {
                    if self.framing == Framing::UntilClose {
                        self.framing = Framing::Over;
                        continue;
                    }
                    return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
                }
            }
            if let Some(bytes) = step(conn, &mut self.framing)? {
                self.total += bytes.len() as u64;
                return Poll::Ready(Ok(Some(bytes)));
            }
        }
    }
}

/// Uses some of what is unread: bytes of the body, or a piece of its framing.
fn step(conn: &mut Conn, framing: &mut Framing) -> io::Result<Option<Bytes>> {
    let unread = conn.unread();
    let take = |left: u64| usize::try_from(left).map_or(unread.len(), |n| n.min(unread.len()));
    let (used, data) = match framing {
        Framing::Over => (0, false),
        Framing::UntilClose => (unread.len(), true),
        Framing::Length(left) => {
            let now = take(*left);
            *framing = match *left - now as u64 {
                0 => Framing::Over,
                left => Framing::Length(left),
            };
            (now, true)
        }
        Framing::Chunked(chunk) => match *chunk {
            Chunk::Data(left) => {
                let now = take(left);
                *chunk = match left - now as u64 {
                    0 => Chunk::End(2),
                    left => Chunk::Data(left),
                };
                (now, true)
            }
            Chunk::End(left) => {
                let wanted = if left == 2 { b'\r' } else { b'\n' };
                if unread.first() != Some(&wanted) {
                    return Err(io::ErrorKind::InvalidData.into());
                }
                *chunk = if left == 2 {
                    Chunk::End(1)
                } else {
                    Chunk::Size(None)
                };
                (1, false)
            }
            Chunk::Size(so_far) => {
                let byte = unread.first().copied().unwrap_or_default();
                *chunk = size_line(so_far, byte).ok_or(io::ErrorKind::InvalidData)?;
                (1, false)
            }
            Chunk::Trailer(empty) => {
                match unread.first() {
                    Some(b'\n') if empty => *framing = Framing::Over,
                    Some(b'\n') => *chunk = Chunk::Trailer(true),
                    Some(b'\r') => {}
                    _ => *chunk = Chunk::Trailer(false),
                }
                (1, false)
            }
        },
    };
    let bytes = data.then(|| Bytes::copy_from_slice(unread.get(..used).unwrap_or_default()));
    conn.start += used;
    Ok(bytes)
}

/// One more byte of the line that tells a chunk's size; `None` if the line is none.
fn size_line(so_far: Option<(u64, bool)>, byte: u8) -> Option<Chunk> {
    let (value, over) = so_far.unwrap_or_default();
    match byte {
        b'\n' => {
            so_far?;
            Some(match value {
                0 => Chunk::Trailer(true),
                n => Chunk::Data(n),
            })
        }
        b'\r' | b';' | b' ' | b'\t' => {
            so_far?;
            Some(Chunk::Size(Some((value, true))))
        }
        _ if over => Some(Chunk::Size(Some((value, true)))),
        digit => {
            let digit = (digit as char).to_digit(16)?;
            let value = value.checked_mul(16)?.checked_add(u64::from(digit))?;
            Some(Chunk::Size(Some((value, false))))
        }
    }
}
