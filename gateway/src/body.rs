//! Request bodies: read whole, within bounds, and unpacked.

use std::future::poll_fn;
use std::io::Read;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use tollgate_runtime::Fault;

/// The reference's limit of a request body: 10 MB.
pub(crate) const LARGEST_REQUEST: usize = 10_485_760;

/// How long a client may send nothing in the middle of a body.
const PAUSE: Duration = Duration::from_secs(60);

/// Bytes that are read and thrown away so that a connection can go on.
const DRAINED: u64 = 64 << 10;

/// Reads what is left of a body that nobody wanted, if that is little: else the client, which may still be
/// sending, would find its connection reset before it reads the answer.
pub(crate) async fn drain(mut incoming: Incoming) {
    if incoming.size_hint().upper().is_none_or(|n| n > DRAINED) {
        return;
    }
    let all = async {
        while let Some(Ok(_)) = poll_fn(|cx| Pin::new(&mut incoming).poll_frame(cx)).await {}
    };
    // A client that does not send what it promised loses its connection.
    let _ = tokio::time::timeout(Duration::from_secs(5), all).await;
}

/// How a body is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Plain,
    Gzip,
    Deflate,
    /// One that the reference does not know.
    Unknown,
}

impl Coding {
    /// Of a `Content-Encoding` header's value.
    pub(crate) fn of(value: Option<&[u8]>) -> Coding {
        match value.map(<[u8]>::trim_ascii) {
            None | Some(b"") => Coding::Plain,
            Some(v) if v.eq_ignore_ascii_case(b"identity") => Coding::Plain,
            Some(v) if v.eq_ignore_ascii_case(b"gzip") || v.eq_ignore_ascii_case(b"x-gzip") => {
                Coding::Gzip
            }
            Some(v) if v.eq_ignore_ascii_case(b"deflate") => Coding::Deflate,
            Some(_) => Coding::Unknown,
        }
    }
}

/// Reads a body of at most `max` bytes, and at most as many unpacked.
pub(crate) async fn read(incoming: Incoming, max: usize, coding: Coding) -> Result<Bytes, Fault> {
    if coding == Coding::Unknown {
        return Err(Fault::Unreadable);
    }
    let packed = collect(incoming, max).await?;
    if coding == Coding::Plain || packed.is_empty() {
        return Ok(packed);
    }
    unpack(&packed, max, coding)
}

async fn collect(mut incoming: Incoming, max: usize) -> Result<Bytes, Fault> {
    let hint = incoming.size_hint();
    if hint.lower() > max as u64 {
        return Err(Fault::TooLarge);
    }
    let mut first = Bytes::new();
    let mut joined: Vec<u8> = Vec::new();
    loop {
        let frame = poll_fn(|cx| Pin::new(&mut incoming).poll_frame(cx));
        let frame = tokio::time::timeout(PAUSE, frame)
            .await
            .map_err(|_| Fault::Unreadable)?;
        let Some(frame) = frame else { break };
        // Trailers are not passed on.
        let Ok(data) = frame.map_err(|_| Fault::Unreadable)?.into_data() else {
            continue;
        };
        if first.len() + joined.len() + data.len() > max {
            return Err(Fault::TooLarge);
        }
        if joined.is_empty() && first.is_empty() {
            // One frame is the usual case, and is not copied.
            first = data;
        } else {
            if joined.is_empty() {
                let known = hint
                    .exact()
                    .and_then(|n| usize::try_from(n).ok())
                    .unwrap_or_default();
                joined.reserve(known.min(max));
                joined.extend_from_slice(&std::mem::take(&mut first));
            }
            joined.extend_from_slice(&data);
        }
    }
    Ok(if joined.is_empty() {
        first
    } else {
        joined.into()
    })
}

fn unpack(packed: &[u8], max: usize, coding: Coding) -> Result<Bytes, Fault> {
    let read = |reader: &mut dyn Read| {
        let mut out = Vec::new();
        let read = reader.take(max as u64 + 1).read_to_end(&mut out);
        match read {
            Err(_) => Err(Fault::Unreadable),
            Ok(n) if n > max => Err(Fault::TooLarge),
            Ok(_) => Ok(Bytes::from(out)),
        }
    };
    match coding {
        Coding::Gzip => read(&mut flate2::read::MultiGzDecoder::new(packed)),
        // The header of zlib is asked for, and left out by many.
        Coding::Deflate => match read(&mut flate2::read::ZlibDecoder::new(packed)) {
            Err(Fault::Unreadable) => read(&mut flate2::read::DeflateDecoder::new(packed)),
            other => other,
        },
        Coding::Plain => Ok(Bytes::copy_from_slice(packed)),
        Coding::Unknown => Err(Fault::Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    }

    #[test]
    fn what_is_packed_is_unpacked() {
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        zlib.write_all(b"hello").unwrap();
        let mut raw =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        raw.write_all(b"hello").unwrap();
        for (packed, coding) in [
            (gzip(b"hello"), Coding::Gzip),
            (zlib.finish().unwrap(), Coding::Deflate),
            (raw.finish().unwrap(), Coding::Deflate),
        ] {
            assert_eq!(
                unpack(&packed, 5, coding).as_deref(),
                Ok(&b"hello"[..]),
                "{coding:?}"
            );
            assert_eq!(
                unpack(&packed, 4, coding),
                Err(Fault::TooLarge),
                "{coding:?}"
            );
        }
    }

    #[test]
    fn a_bomb_and_a_broken_body_are_refused() {
        let bomb = gzip(&vec![0; 50 << 20]);
        assert_eq!(
            unpack(&bomb, LARGEST_REQUEST, Coding::Gzip),
            Err(Fault::TooLarge)
        );
        let mut broken = gzip(b"hello hello hello");
        broken.truncate(broken.len() - 9);
        assert_eq!(unpack(&broken, 100, Coding::Gzip), Err(Fault::Unreadable));
        assert_eq!(unpack(b"hello", 100, Coding::Gzip), Err(Fault::Unreadable));
    }
}
