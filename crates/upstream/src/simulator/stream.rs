//! The body of a simulated answer: bytes of the `openai_chat` dialect, through that dialect's own writer, in their time
//! and with the fault that was asked for.

use super::settings::{Fault, Settings};
use super::wire::{Step, simulated_error};
use crate::failure::{Failure, FailureKind};
use bytes::Bytes;
use protocol::dialect::StreamEncoder;
use protocol::ir::{ErrorKind, Event};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// When what is due.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub(super) begin: Instant,
    pub(super) first_token: Duration,
    pub(super) tokens_per_second: Option<u32>,
}

impl Pace {
    pub(super) fn new(begin: Instant, settings: &Settings) -> Self {
        Self {
            begin,
            first_token: settings.first_token,
            tokens_per_second: settings.tokens_per_second,
        }
    }

    /// When the token of that number (from 0) is said.
    pub(super) fn due(&self, token: u32) -> Instant {
        let spent = match self.tokens_per_second {
            Some(pace) => Duration::from_secs(1) * token / pace.max(1),
            None => Duration::ZERO,
        };
        self.begin + self.first_token + spent
    }
}

/// A simulated body under way.
pub(crate) struct Stream {
    content: Content,
    ending: Ending,
    alarm: Option<Pin<Box<Sleep>>>,
}

enum Content {
    /// One piece.
    Piece(Bytes),
    /// Events in their time.
    Paced {
        encoder: Box<dyn StreamEncoder>,
        steps: std::iter::Peekable<std::vec::IntoIter<Step>>,
        pace: Pace,
    },
    /// All was sent.
    Sent,
}

/// What comes after the content.
#[derive(Clone, Copy)]
enum Ending {
    Proper,
    Stall,
    Cut,
    Broken,
}

/// How much is sent in one piece at most.
const PIECE: usize = 32 * 1024;

/// The beginning of a chunk whose rest is missing.
const BROKEN_FRAME: &[u8] = b"data: {\"id\":\"chatcmpl-simulated\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"ind\n\n";

impl Stream {
    /// A whole body, with the fault that was asked for.
    pub(super) fn whole(body: Vec<u8>, fault: Option<Fault>) -> Self {
        let mut body = Bytes::from(body);
        let ending = match fault {
            None | Some(Fault::Status(_) | Fault::ErrorIn200) => Ending::Proper,
            Some(Fault::Malformed) => {
                body.truncate(body.len() / 2);
                Ending::Proper
            }
            Some(Fault::Cut) => {
                body.truncate(body.len() / 2);
                Ending::Cut
            }
            Some(Fault::Stall) => {
                body.truncate(body.len() / 2);
                Ending::Stall
            }
        };
        Self {
            content: Content::Piece(body),
            ending,
            alarm: None,
        }
    }

    /// A stream of events, with the fault that was asked for.
    pub(super) fn paced(
        encoder: Box<dyn StreamEncoder>,
        mut steps: Vec<Step>,
        pace: Pace,
        settings: &Settings,
    ) -> Self {
        if settings.fault.is_some() {
            end_after(&mut steps, settings.fault_after_tokens);
        }
        let ending = match settings.fault {
            None | Some(Fault::Status(_)) => Ending::Proper,
            Some(Fault::Stall) => Ending::Stall,
            Some(Fault::Cut) => Ending::Cut,
            Some(Fault::Malformed) => Ending::Broken,
            Some(Fault::ErrorIn200) => {
                let token = steps.last().map_or(0, |step| step.token);
                let event = Event::Error(simulated_error(ErrorKind::Server));
                steps.push(Step { token, event });
                Ending::Proper
            }
        };
        Self {
            content: Content::Paced {
                encoder,
                steps: steps.into_iter().peekable(),
                pace,
            },
            ending,
            alarm: None,
        }
    }

    /// The next piece: all that is due, joined. `None` at the end.
    pub(crate) fn poll_piece(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Failure>>> {
        loop {
            match &mut self.content {
                Content::Piece(body) => {
                    let body = std::mem::take(body);
                    self.content = Content::Sent;
                    if !body.is_empty() {
                        return Poll::Ready(Some(Ok(body)));
                    }
                }
                Content::Paced {
                    encoder,
                    steps,
                    pace,
                } => {
                    let now = Instant::now();
                    let mut piece = Vec::new();
                    while piece.len() < PIECE
                        && let Some(step) = steps.next_if(|step| pace.due(step.token) <= now)
                    {
                        encoder.encode(&step.event, None, &mut piece);
                    }
                    if !piece.is_empty() {
                        return Poll::Ready(Some(Ok(piece.into())));
                    }
                    let Some(due) = steps.peek().map(|step| pace.due(step.token)) else {
                        self.content = Content::Sent;
                        continue;
                    };
                    if due > now && self.poll_alarm(due, cx).is_pending() {
                        return Poll::Pending;
                    }
                }
                Content::Sent => return self.ended(),
            }
        }
    }

    fn poll_alarm(&mut self, due: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let alarm = self
            .alarm
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
        if alarm.deadline() != due {
            alarm.as_mut().reset(due);
        }
        alarm.as_mut().poll(cx)
    }

    fn ended(&mut self) -> Poll<Option<Result<Bytes, Failure>>> {
        match self.ending {
            Ending::Proper => Poll::Ready(None),
            // Nobody wakes the reader but its own time-out.
            Ending::Stall => Poll::Pending,
            Ending::Broken => {
                self.ending = Ending::Proper;
                Poll::Ready(Some(Ok(Bytes::from_static(BROKEN_FRAME))))
            }
            Ending::Cut => {
                self.ending = Ending::Proper;
                let cut = Failure::of(FailureKind::Cut, "simulated cut, as the request asked for");
                Poll::Ready(Some(Err(cut)))
            }
        }
    }
}

/// Keeps what comes before that many tokens were said.
fn end_after(steps: &mut Vec<Step>, tokens: u32) {
    let mut said = 0;
    let kept = steps.iter().take_while(|step| match step.event {
        Event::Delta { .. } => {
            said += 1;
            said <= tokens
        }
        Event::Stop { .. } | Event::ServiceTier(_) | Event::Usage(_) | Event::End => false,
        Event::Start(_)
        | Event::Open { .. }
        | Event::Close { .. }
        | Event::Logprobs { .. }
        | Event::Ping
        | Event::Error(_) => true,
    });
    let kept = kept.count();
    steps.truncate(kept);
}
