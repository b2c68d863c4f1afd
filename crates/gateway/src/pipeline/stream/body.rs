//! The body of a streamed reply: what the server polls. Waits for a provider to commit where headers are out already,
//! passes on what it sends, and fills silence with keep-alives.

use super::super::attempt::{Conversation, Served};
use super::super::exchange::Exchange;
use super::super::kept::Ending;
use super::running::{Polled, Running};
use crate::reply::{BodyError, Rejection};
use bytes::Bytes;
use http_body::{Body, Frame};
use protocol::dialect::{Dialect, Framing};
use protocol::relay::error_alone;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// The body of a streamed reply.
pub(super) struct StreamBody {
    client: &'static Dialect,
    framing: Framing,
    keep_alive: Duration,
    /// When something was last sent.
    sent: Instant,
    /// One timer for the whole stream, moved only when it goes off.
    alarm: Option<Pin<Box<Sleep>>>,
    state: State,
}

enum State {
    /// No provider has committed yet, but headers are out.
    Deciding {
        deciding: Deciding,
        /// Whether the first keep-alive, which makes the headers go out, was sent.
        greeted: Arc<AtomicBool>,
    },
    /// A provider has committed.
    Relaying(Box<Running>),
    /// All has come, and is being kept before its end goes out.
    Keeping(Ending),
    /// All was sent.
    Done,
}

/// What came of trying the plan's offerings.
pub(super) struct Decided {
    pub(super) exchange: Exchange,
    pub(super) conversation: Box<Conversation>,
    pub(super) served: Result<Served, Rejection>,
}

/// The offerings are being tried.
pub(super) type Deciding = Pin<Box<dyn Future<Output = Decided> + Send>>;

impl StreamBody {
    /// A provider has committed.
    pub(super) fn relaying(
        client: (&'static Dialect, Framing),
        keep_alive: Duration,
        running: Running,
    ) -> Self {
        Self::new(client, keep_alive, State::Relaying(Box::new(running)))
    }

    /// None has, but the client must hear something.
    pub(super) fn deciding(
        client: (&'static Dialect, Framing),
        keep_alive: Duration,
        deciding: Deciding,
        greeted: Arc<AtomicBool>,
    ) -> Self {
        Self::new(client, keep_alive, State::Deciding { deciding, greeted })
    }

    fn new(
        (client, framing): (&'static Dialect, Framing),
        keep_alive: Duration,
        state: State,
    ) -> Self {
        Self {
            client,
            framing,
            keep_alive,
            sent: Instant::now(),
            alarm: None,
            state,
        }
    }

    /// The next bytes to go out; `None` when there are no more.
    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            match &mut self.state {
                State::Deciding { greeted, .. } if !greeted.swap(true, Ordering::Relaxed) => {
                    return Poll::Ready(Some(Bytes::from_static(
                        self.client.keep_alive_in(self.framing),
                    )));
                }
                State::Deciding { deciding, .. } => match deciding.as_mut().poll(cx) {
                    Poll::Ready(decided) => {
                        if let Some(bytes) = self.decided(decided) {
                            return Poll::Ready(Some(bytes));
                        }
                    }
                    Poll::Pending => return self.poll_keep_alive(cx),
                },
                State::Relaying(running) => match running.poll(cx) {
                    Polled::Ready(bytes) => return Poll::Ready(Some(bytes)),
                    Polled::Last(bytes) => {
                        self.state = State::Done;
                        return Poll::Ready(Some(bytes).filter(|bytes| !bytes.is_empty()));
                    }
                    Polled::Keeping(ending) => self.state = State::Keeping(ending),
                    Polled::Pending => return self.poll_keep_alive(cx),
                },
                State::Keeping(ending) => match ending.as_mut().poll(cx) {
                    Poll::Ready(last) => {
                        self.state = State::Done;
                        return Poll::Ready(Some(last).filter(|last| !last.is_empty()));
                    }
                    Poll::Pending => return self.poll_keep_alive(cx),
                },
                State::Done => return Poll::Ready(None),
            }
        }
    }

    /// The headers are out, so what was decided can only change what follows: an error becomes an error frame.
    fn decided(&mut self, decided: Decided) -> Option<Bytes> {
        let Decided {
            mut exchange,
            conversation,
            served,
        } = decided;
        match served {
            Ok(Served::Stream(relaying)) => {
                exchange.headers_sent();
                let running = Running::new(exchange, conversation, *relaying);
                self.state = State::Relaying(Box::new(running));
                None
            }
            Ok(Served::Whole(_)) => {
                self.state = State::Done;
                None
            }
            Err(rejection) => {
                exchange.break_off(&rejection.error);
                self.state = State::Done;
                let id = conversation.call.id.to_string();
                let frame = error_alone(self.client, self.framing, &rejection.error, &id);
                Some(frame.into())
            }
        }
    }

    fn poll_keep_alive(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let due = self.sent + self.keep_alive;
        let alarm = self
            .alarm
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
        while alarm.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            if self.sent + self.keep_alive <= now {
                alarm.as_mut().reset(now + self.keep_alive);
                // Registers the timer anew, so that the next silence is noticed too.
                let _ = alarm.as_mut().poll(cx);
                return Poll::Ready(Some(Bytes::from_static(
                    self.client.keep_alive_in(self.framing),
                )));
            }
            alarm.as_mut().reset(self.sent + self.keep_alive);
        }
        Poll::Pending
    }
}

impl Body for StreamBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.poll_bytes(cx) {
            Poll::Ready(Some(bytes)) => {
                self.sent = Instant::now();
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}
