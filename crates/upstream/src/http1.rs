//! One HTTP/1.1 connection to a provider, polled by whoever waits for the answer: no task drives it and no channel hands
//! its pieces over, which would cost two switches of tasks an answer and one for every piece of a stream. It carries one
//! request at a time. Where connections come from and go to is not here, nor how long anything may take.

#[cfg(test)]
mod against_hyper;
mod content;
mod head;
mod request;

pub(crate) use request::Written;

use crate::connect::Stream;
use crate::failure::{Failure, FailureKind};
use bytes::buf::Chain;
use bytes::{Buf, Bytes, BytesMut};
use content::Content;
use head::Head;
use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};
use tokio::io::{AsyncRead as _, AsyncReadExt, AsyncWrite as _, ReadBuf};

/// How much room is made for a read: at first, and at most, once reads have filled it.
const FIRST_ROOM: usize = 8 * 1024;
const MOST_ROOM: usize = 64 * 1024;

/// A connection on which nothing is under way.
pub(crate) struct Connection {
    stream: Stream,
    /// What was read and not yet understood.
    unread: BytesMut,
    /// How much room the next read gets.
    room: usize,
}

/// Why an exchange on a connection came to no end.
#[derive(Debug)]
pub(crate) enum Broken {
    /// Nothing of the request was sent: another connection may be tried.
    Unsent(io::Error),
    /// The connection ended, or failed, too early.
    Ended(Option<io::Error>),
    /// The answer is not what HTTP/1.1 allows.
    Malformed(&'static str),
}

impl Broken {
    /// What it means while no answer has begun.
    pub(crate) fn before_answer(self) -> Failure {
        self.failure(FailureKind::Disconnected)
    }

    /// What it means once an answer has begun.
    pub(crate) fn within_answer(self) -> Failure {
        self.failure(FailureKind::Cut)
    }

    fn failure(self, ended: FailureKind) -> Failure {
        match self {
            Self::Unsent(error) | Self::Ended(Some(error)) => Failure::of(ended, error.to_string()),
            Self::Ended(None) => Failure::of(ended, "the connection was closed before the end"),
            Self::Malformed(detail) => Failure::of(FailureKind::Malformed, detail),
        }
    }
}

impl Connection {
    /// A connection that has just been made.
    pub(crate) fn new(stream: Stream) -> Self {
        Self {
            stream,
            unread: BytesMut::new(),
            room: FIRST_ROOM,
        }
    }

    /// Whether the other side has closed it meanwhile, or said something that nobody asked for. Costs no system call
    /// as long as nothing has come.
    pub(crate) fn is_stale(&mut self) -> bool {
        let mut byte = [0];
        let mut buffer = ReadBuf::new(&mut byte);
        let mut cx = Context::from_waker(Waker::noop());
        Pin::new(&mut self.stream)
            .poll_read(&mut cx, &mut buffer)
            .is_ready()
    }

    /// Sends a request and waits for the head of its answer. Dropping the future closes the connection.
    pub(crate) async fn ask(mut self: Box<Self>, written: Written) -> Result<Answered, Broken> {
        let mut sending = Sending {
            rest: written.head.chain(written.rest),
            stage: Stage::Untouched,
        };
        let head = poll_fn(|cx| self.poll_ask(cx, &mut sending)).await?;
        Ok(Answered {
            status: head.status,
            headers: head.headers,
            incoming: Incoming {
                connection: self,
                content: head.content,
                // What is left of a request can be sent no more once it was answered.
                reusable: head.keep_alive && sending.stage == Stage::Sent,
            },
        })
    }

    /// Writes and reads at once: a provider may answer, and close, before it has read all of a request.
    fn poll_ask(
        &mut self,
        cx: &mut Context<'_>,
        sending: &mut Sending,
    ) -> Poll<Result<Head, Broken>> {
        if let Poll::Ready(Err(error)) = self.poll_send(cx, sending) {
            if sending.stage == Stage::Untouched {
                return Poll::Ready(Err(Broken::Unsent(error)));
            }
            // It may have said why before it closed.
            sending.stage = Stage::Refused;
        }
        loop {
            match head::parse(&mut self.unread)? {
                Some(head) if head.status.is_informational() => {}
                Some(head) => return Poll::Ready(Ok(head)),
                None => match ready!(self.poll_fill(cx)) {
                    Ok(0) => return Poll::Ready(Err(Broken::Ended(None))),
                    Ok(_) => {}
                    Err(error) => return Poll::Ready(Err(Broken::Ended(Some(error)))),
                },
            }
        }
    }

    /// Head and body go out in one write, if the other side takes as much.
    fn poll_send(&mut self, cx: &mut Context<'_>, sending: &mut Sending) -> Poll<io::Result<()>> {
        match sending.stage {
            Stage::Untouched | Stage::Begun => {}
            Stage::Sent | Stage::Refused => return Poll::Ready(Ok(())),
        }
        while sending.rest.has_remaining() {
            let mut pieces = [IoSlice::new(&[]); 2];
            let count = sending.rest.chunks_vectored(&mut pieces);
            let stream = Pin::new(&mut self.stream);
            let written = match &pieces[..count] {
                [all] => stream.poll_write(cx, all),
                several => stream.poll_write_vectored(cx, several),
            };
            match ready!(written)? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => sending.rest.advance(written),
            }
            sending.stage = Stage::Begun;
        }
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        sending.stage = Stage::Sent;
        Poll::Ready(Ok(()))
    }

    /// Reads what is there; 0 bytes at the end.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.unread.reserve(self.room);
        let room = self.unread.capacity() - self.unread.len();
        let read = ready!(pin!(self.stream.read_buf(&mut self.unread)).poll(cx))?;
        if read == room {
            self.room = (self.room * 2).min(MOST_ROOM);
        }
        Poll::Ready(Ok(read))
    }
}

/// A request on its way out.
struct Sending {
    rest: Chain<Bytes, Bytes>,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Not one byte was sent.
    Untouched,
    /// Some were.
    Begun,
    /// All were.
    Sent,
    /// The other side takes no more.
    Refused,
}

/// An answer whose head was read.
pub(crate) struct Answered {
    pub(crate) status: http::StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) incoming: Incoming,
}

/// The content of an answer, on its way. Dropping it closes the connection.
pub(crate) struct Incoming {
    connection: Box<Connection>,
    content: Content,
    reusable: bool,
}

impl Incoming {
    /// What has come meanwhile, without its framing: all that one read brought is one piece. `None` at the end.
    pub(crate) fn poll_piece(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Broken>>> {
        loop {
            match self.content.take(&mut self.connection.unread) {
                Ok(piece) if !piece.is_empty() => return Poll::Ready(Some(Ok(piece))),
                Ok(_) if self.content.is_complete() => return Poll::Ready(None),
                Ok(_) => {}
                Err(broken) => return Poll::Ready(Some(Err(broken))),
            }
            match ready!(self.connection.poll_fill(cx)) {
                Ok(0) if self.content.ends_with_connection() => return Poll::Ready(None),
                Ok(0) => return Poll::Ready(Some(Err(Broken::Ended(None)))),
                Ok(_) => {}
                Err(error) => return Poll::Ready(Some(Err(Broken::Ended(Some(error))))),
            }
        }
    }

    /// Whether all of it was taken.
    pub(crate) fn is_complete(&self) -> bool {
        self.content.is_complete()
    }

    /// How many bytes are still to come, where that is known.
    pub(crate) fn remaining(&self) -> Option<u64> {
        self.content.remaining()
    }

    /// The connection, if it can carry another request.
    pub(crate) fn into_connection(self) -> Option<Box<Connection>> {
        let mut connection = self.connection;
        let reusable = self.reusable && self.content.is_complete() && connection.unread.is_empty();
        if connection.unread.capacity() > FIRST_ROOM {
            connection.unread = BytesMut::new();
        }
        reusable.then_some(connection)
    }
}
