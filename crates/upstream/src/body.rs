//! The body of a provider's answer: polled by whoever passes it on, with idle and total time-outs and no task or
//! channel of ours in between.

use crate::failure::{Failure, FailureKind};
use crate::http1::{Broken, Incoming};
use crate::pool::Home;
use crate::simulator;
use bytes::{Bytes, BytesMut};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use std::{fmt, mem};
use tokio::time::{Instant, Sleep};

/// A body still coming. Implements [`http_body::Body`]. After an error nothing more comes.
///
/// Dropping it before its end closes the connection, so that the provider stops generating.
pub struct Body {
    source: Source,
    deadlines: Deadlines,
    /// When the last piece came.
    progress: Instant,
    /// One timer for the whole body: it is set to go off once silence lasts, and moved only then, not at every piece.
    alarm: Option<Pin<Box<Sleep>>>,
}

/// Where the bytes come from.
enum Source {
    /// A provider over the network, and where its connection goes when all has come.
    Network { incoming: Incoming, home: Home },
    /// The built-in provider.
    Simulated(simulator::Stream),
    /// Nothing more comes.
    Ended,
}

/// Until when to wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadlines {
    /// When the call began.
    pub(crate) begin: Instant,
    /// Between two pieces.
    pub(crate) idle: Duration,
    /// From begin to end.
    pub(crate) total: Duration,
}

impl Body {
    pub(crate) fn from_network(incoming: Incoming, home: Home, deadlines: Deadlines) -> Self {
        let mut body = Self::new(Source::Network { incoming, home }, deadlines);
        body.go_home();
        body
    }

    pub(crate) fn simulated(stream: simulator::Stream, deadlines: Deadlines) -> Self {
        Self::new(Source::Simulated(stream), deadlines)
    }

    fn new(source: Source, deadlines: Deadlines) -> Self {
        Self {
            source,
            deadlines,
            progress: Instant::now(),
            alarm: None,
        }
    }

    /// From now on, this much time may pass between two pieces.
    pub fn bear_silence(&mut self, idle: Duration) {
        self.deadlines.idle = idle;
        // Set anew when it is next needed.
        self.alarm = None;
    }

    /// Reads the whole body. One that came in one piece is not copied.
    ///
    /// # Errors
    /// As the body's own; and [`FailureKind::AnswerTooLarge`] where it is over `max` bytes.
    pub async fn collect(mut self, max: usize) -> Result<Bytes, Failure> {
        let mut whole = Whole::Nothing;
        while let Some(frame) = self.frame().await {
            let Ok(piece) = frame?.into_data() else {
                continue;
            };
            whole = whole.and(piece);
            if whole.len() > max {
                return Err(Failure::of(
                    FailureKind::AnswerTooLarge,
                    format!("the answer is over {max} bytes"),
                ));
            }
        }
        Ok(whole.finish())
    }

    fn poll_source(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        match &mut self.source {
            Source::Network { incoming, .. } => {
                let piece = incoming.poll_piece(cx).map_err(Broken::within_answer);
                if piece.is_ready() {
                    self.go_home();
                }
                piece.map_ok(Frame::data)
            }
            Source::Simulated(stream) => stream.poll_piece(cx).map_ok(Frame::data),
            Source::Ended => Poll::Ready(None),
        }
    }

    /// Once all has come, the connection is free for the next call, whether or not anybody asks for the end.
    fn go_home(&mut self) {
        match &self.source {
            Source::Network { incoming, .. } if incoming.is_complete() => {}
            Source::Network { .. } | Source::Simulated(_) | Source::Ended => return,
        }
        if let Source::Network { incoming, home } = mem::replace(&mut self.source, Source::Ended)
            && let Some(connection) = incoming.into_connection()
        {
            home.take_in(connection);
        }
    }

    /// Nothing is there now: has the time run out?
    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<Failure> {
        let Deadlines { begin, idle, total } = self.deadlines;
        let due = (self.progress + idle).min(begin + total);
        let alarm = self
            .alarm
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
        while alarm.as_mut().poll(cx).is_ready() {
            if Instant::now() < due {
                alarm.as_mut().reset(due);
                continue;
            }
            return Poll::Ready(if due == begin + total {
                Failure::too_slow(FailureKind::TotalTimeout, total)
            } else {
                Failure::too_slow(FailureKind::IdleTimeout, idle)
            });
        }
        Poll::Pending
    }

    fn fail(&mut self, failure: Failure) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        // Dropping the source closes the connection at once.
        self.source = Source::Ended;
        Poll::Ready(Some(Err(failure)))
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        match self.poll_source(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                self.progress = Instant::now();
                let Deadlines { begin, total, .. } = self.deadlines;
                if self.progress >= begin + total {
                    return self.fail(Failure::too_slow(FailureKind::TotalTimeout, total));
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(failure))) => self.fail(failure),
            Poll::Ready(None) => {
                self.source = Source::Ended;
                Poll::Ready(None)
            }
            Poll::Pending => match self.poll_alarm(cx) {
                Poll::Ready(failure) => self.fail(failure),
                Poll::Pending => Poll::Pending,
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Network { .. } | Source::Simulated(_) => false,
            Source::Ended => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Network { incoming, .. } => incoming
                .remaining()
                .map_or_else(SizeHint::default, SizeHint::with_exact),
            Source::Simulated(_) => SizeHint::default(),
            Source::Ended => SizeHint::with_exact(0),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").finish_non_exhaustive()
    }
}

impl Failure {
    /// A time-out.
    pub(crate) fn too_slow(kind: FailureKind, limit: Duration) -> Self {
        Self::of(kind, format!("over the limit of {} ms", limit.as_millis()))
    }
}

/// A body being collected.
enum Whole {
    Nothing,
    One(Bytes),
    Many(BytesMut),
}

impl Whole {
    fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::One(piece) => piece.len(),
            Self::Many(pieces) => pieces.len(),
        }
    }

    fn and(self, piece: Bytes) -> Self {
        match self {
            Self::Nothing => Self::One(piece),
            Self::One(first) => {
                let mut all = BytesMut::with_capacity((first.len() + piece.len()) * 2);
                all.extend_from_slice(&first);
                all.extend_from_slice(&piece);
                Self::Many(all)
            }
            Self::Many(mut all) => {
                all.extend_from_slice(&piece);
                Self::Many(all)
            }
        }
    }

    fn finish(self) -> Bytes {
        match self {
            Self::Nothing => Bytes::new(),
            Self::One(piece) => piece,
            Self::Many(all) => all.freeze(),
        }
    }
}
