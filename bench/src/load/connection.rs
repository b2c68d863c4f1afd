//! One keep-alive connection: a request out, its answer in, then the next.

use std::cell::RefCell;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Poll, ready};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;

use crate::answer::{AnswerReader, Progress};
use crate::check::{Expect, Fault};

/// Where all connections read into: one at a time, so 9,000 open streams need one buffer.
pub(crate) type ReadBuffer = Rc<RefCell<Vec<u8>>>;

/// An answer that was right.
pub(crate) struct Exchanged {
    /// When the first content chunk of a stream was there; `None` for whole answers.
    pub(crate) first_chunk: Option<Instant>,
    /// Content chunks; 0 for whole answers.
    pub(crate) chunks: u64,
    /// When the last byte was there.
    pub(crate) ended: Instant,
}

/// A connection that opens itself anew after a fault.
pub(crate) struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    reader: AnswerReader,
    buffer: ReadBuffer,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(
        address: SocketAddr,
        expect: Expect,
        buffer: ReadBuffer,
    ) -> Result<Self, Fault> {
        let stream = Some(connect(address).await?);
        Ok(Self {
            address,
            stream,
            reader: AnswerReader::new(expect),
            buffer,
        })
    }

    /// Sends `request` and reads its answer; `on_first_chunk` runs once if it is a stream.
    pub(crate) async fn exchange(
        &mut self,
        request: &[u8],
        on_first_chunk: impl FnMut(),
    ) -> Result<Exchanged, Fault> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => connect(self.address).await?,
        };
        self.reader.restart();
        stream.write_all(request).await?;
        let exchanged = self.read(&mut stream, on_first_chunk).await?;
        self.stream = Some(stream);
        Ok(exchanged)
    }

    async fn read(
        &mut self,
        stream: &mut TcpStream,
        mut on_first_chunk: impl FnMut(),
    ) -> Result<Exchanged, Fault> {
        let mut first_chunk = None;
        loop {
            let progress = poll_fn(|context| {
                let mut buffer = self.buffer.borrow_mut();
                let mut buffer = ReadBuf::new(&mut buffer);
                ready!(Pin::new(&mut *stream).poll_read(context, &mut buffer))?;
                if buffer.filled().is_empty() {
                    return Poll::Ready(Err(Fault::Closed));
                }
                Poll::Ready(self.reader.take(buffer.filled()))
            })
            .await?;
            let chunks = self.reader.chunks();
            if chunks > 0 && first_chunk.is_none() {
                first_chunk = Some(Instant::now());
                on_first_chunk();
            }
            if progress == Progress::Ended {
                return Ok(Exchanged {
                    first_chunk,
                    chunks,
                    ended: Instant::now(),
                });
            }
        }
    }
}

async fn connect(address: SocketAddr) -> Result<TcpStream, Fault> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
