//! Plays an answer's frames: at its pace, through its gate, with its fault, noting in the recorder what was handed over.

use super::answer::TokenCounts;
use super::gate::Gates;
use super::recorder::{End, Tracked};
use super::scenario::{Pace, StreamFault};
use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame as BodyFrame};
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// A piece of a streamed answer.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) bytes: Bytes,
    /// Content chunks in it: one, unless it has none or was joined from several.
    pub(super) chunks: usize,
    /// Generated tokens in it.
    pub(super) tokens: usize,
    /// Whether the client knows the usage once it has this.
    pub(super) reports_usage: bool,
}

impl Frame {
    /// A frame with generated tokens.
    pub(super) fn content(bytes: impl Into<Bytes>, tokens: usize) -> Self {
        Self {
            chunks: usize::from(tokens > 0),
            tokens,
            ..Self::plain(bytes)
        }
    }

    /// A frame without content.
    pub(super) fn plain(bytes: impl Into<Bytes>) -> Self {
        Self {
            bytes: bytes.into(),
            chunks: 0,
            tokens: 0,
            reports_usage: false,
        }
    }
}

#[derive(Debug)]
enum Step {
    Send(Frame),
    /// What was sent so far leaves before anything more is handed over.
    Flush,
    Gate(String),
    Sleep(Duration),
    Cut,
    Hang,
}

/// A response body that plays steps.
pub(super) struct Playback {
    steps: VecDeque<Step>,
    waiting: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    gates: Arc<Gates>,
    /// Gone once the end was noted.
    tracked: Option<Tracked>,
    /// What the frame that reports usage reports.
    usage: Option<TokenCounts>,
}

/// What a stream's fault puts into it.
pub(super) struct FaultFrames {
    /// The dialect's error frame.
    pub(super) error: Frame,
    /// A frame of the dialect whose data is not JSON.
    pub(super) malformed: Frame,
}

impl Playback {
    /// A whole body.
    pub(super) fn whole(tracked: Tracked, gates: Arc<Gates>, frame: Frame, pace: &Pace) -> Self {
        let mut steps = VecDeque::new();
        steps.extend(pace.gate.clone().map(Step::Gate));
        steps.extend(pace.delay.map(Step::Sleep));
        match pace.fault {
            None => steps.push_back(Step::Send(frame)),
            Some((_, fault)) => {
                let half = frame.bytes.slice(..frame.bytes.len() / 2);
                steps.extend([Step::Send(Frame::plain(half)), Step::Flush]);
                match fault {
                    StreamFault::Cut => steps.push_back(Step::Cut),
                    StreamFault::Stall => steps.push_back(Step::Hang),
                    StreamFault::Truncated | StreamFault::Malformed | StreamFault::ErrorFrame => {}
                }
            }
        }
        Self::new(tracked, gates, steps)
    }

    /// A stream.
    pub(super) fn stream(
        tracked: Tracked,
        gates: Arc<Gates>,
        frames: Vec<Frame>,
        pace: &Pace,
        faults: FaultFrames,
    ) -> Self {
        let steps = if pace.burst {
            one_write(frames)
        } else {
            paced(frames, pace, faults)
        };
        Self::new(tracked, gates, steps)
    }

    /// Notes `usage` as reported with the frame that reports it.
    pub(super) fn reporting(mut self, usage: Option<TokenCounts>) -> Self {
        self.usage = usage;
        self
    }

    fn new(tracked: Tracked, gates: Arc<Gates>, steps: VecDeque<Step>) -> Self {
        Self {
            steps,
            waiting: None,
            gates,
            tracked: Some(tracked),
            usage: None,
        }
    }

    fn note_sent(&self, frame: &Frame) {
        let Some(tracked) = &self.tracked else {
            return;
        };
        if frame.chunks > 0 {
            tracked.sent(frame.chunks, frame.tokens);
        }
        if frame.reports_usage {
            tracked.note(|entry, _| entry.usage = self.usage);
        }
    }

    fn end(&mut self, end: End) {
        if let Some(tracked) = self.tracked.take() {
            tracked.end(end);
        }
    }
}

/// All frames as one, which still counts as that many chunks.
fn one_write(frames: Vec<Frame>) -> VecDeque<Step> {
    let mut bytes = BytesMut::new();
    let mut joined = Frame::plain(Bytes::new());
    for frame in frames {
        bytes.extend_from_slice(&frame.bytes);
        joined.chunks += frame.chunks;
        joined.tokens += frame.tokens;
        joined.reports_usage |= frame.reports_usage;
    }
    joined.bytes = bytes.freeze();
    VecDeque::from([Step::Send(joined)])
}

fn paced(frames: Vec<Frame>, pace: &Pace, faults: FaultFrames) -> VecDeque<Step> {
    let mut steps = VecDeque::new();
    let mut content = 0;
    for frame in frames {
        if frame.chunks > 0 {
            if let Some((after, fault)) = pace.fault
                && content == after
            {
                steps.push_back(Step::Flush);
                match fault {
                    StreamFault::Cut => steps.push_back(Step::Cut),
                    StreamFault::Stall => steps.push_back(Step::Hang),
                    StreamFault::ErrorFrame => steps.push_back(Step::Send(faults.error)),
                    StreamFault::Malformed => steps.push_back(Step::Send(faults.malformed)),
                    StreamFault::Truncated => {}
                }
                return steps;
            }
            if content > 0 {
                steps.extend(pace.gate.clone().map(Step::Gate));
                steps.extend(pace.delay.map(Step::Sleep));
            }
            content += 1;
        }
        steps.extend([Step::Send(frame), Step::Flush]);
    }
    steps
}

impl Body for Playback {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<BodyFrame<Bytes>, io::Error>>> {
        loop {
            if let Some(waiting) = &mut self.waiting {
                std::task::ready!(waiting.as_mut().poll(cx));
                self.waiting = None;
            }
            match self.steps.pop_front() {
                Some(Step::Send(frame)) => {
                    self.note_sent(&frame);
                    if self.steps.is_empty() {
                        // A server that has sent as much as it announced does not ask again.
                        self.end(End::Finished);
                    }
                    return Poll::Ready(Some(Ok(BodyFrame::data(frame.bytes))));
                }
                Some(Step::Flush) => {
                    // A body that is pending makes the server write out what it has.
                    self.waiting = Some(Box::pin(tokio::task::yield_now()));
                }
                Some(Step::Gate(name)) => {
                    let gates = Arc::clone(&self.gates);
                    self.waiting = Some(Box::pin(async move { gates.pass(&name).await }));
                }
                Some(Step::Sleep(pause)) => {
                    self.waiting = Some(Box::pin(tokio::time::sleep(pause)));
                }
                Some(Step::Hang) => self.waiting = Some(Box::pin(std::future::pending())),
                Some(Step::Cut) => {
                    self.end(End::Cut);
                    return Poll::Ready(Some(Err(io::Error::other("the scenario cuts here"))));
                }
                None => {
                    self.end(End::Finished);
                    return Poll::Ready(None);
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.tracked.is_none()
    }
}
