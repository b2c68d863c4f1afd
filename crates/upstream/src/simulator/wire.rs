//! A script as bytes of the `openai_chat` dialect, through that dialect's own writer: whole or as a paced stream, with
//! the fault that was asked for.

use super::script::{Said, Script};
use super::settings::{Fault, Settings};
use super::tokens;
use crate::failure::{Failure, FailureKind};
use bytes::Bytes;
use protocol::dialect::StreamEncoder;
use protocol::ir::{Choice, Delta, Error, ErrorKind, Event, Opening, Part, PartKind, Reasoning};
use protocol::ir::{Response, Start, ToolCall, Usage};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// The error that faults report.
pub(super) fn simulated_error(kind: ErrorKind) -> Error {
    Error::new(kind, "Simulated fault, as the request asked for.").with_code("simulated_fault")
}

/// The scripts as a whole answer.
pub(super) fn response(id: String, model: String, scripts: Vec<Script>, usage: Usage) -> Response {
    let choices = scripts.into_iter().map(|script| Choice {
        parts: script.parts.into_iter().map(part).collect(),
        stop: Some(script.stop),
        stop_sequence: script.stop_sequence,
        ..Choice::default()
    });
    Response {
        id,
        model,
        choices: choices.collect(),
        usage: Some(usage),
        ..Response::default()
    }
}

fn part(said: Said) -> Part {
    match said {
        Said::Reasoning(text) => Part::new(PartKind::Reasoning(Reasoning {
            text,
            ..Reasoning::default()
        })),
        Said::Text(text) => Part::text(text),
        Said::Call {
            id,
            name,
            arguments,
        } => Part::new(PartKind::ToolCall(ToolCall {
            id,
            name,
            arguments,
        })),
    }
}

/// One event of a stream, and which token it comes with.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    token: u32,
    event: Event,
}

/// The scripts as the events of a stream, each token its own.
pub(super) fn steps(start: Start, scripts: Vec<Script>, usage: Usage) -> Vec<Step> {
    let mut writer = StepWriter {
        steps: vec![Step {
            token: 0,
            event: Event::Start(start),
        }],
        token: 0,
    };
    for (choice, script) in (0..).zip(scripts) {
        for (index, said) in (0..).zip(&script.parts) {
            writer.part(choice, index, said);
        }
        writer.put(Event::Stop {
            choice,
            reason: script.stop,
            sequence: script.stop_sequence,
        });
    }
    writer.put(Event::Usage(usage));
    writer.put(Event::End);
    writer.steps
}

struct StepWriter {
    steps: Vec<Step>,
    /// Tokens written so far.
    token: u32,
}

impl StepWriter {
    fn part(&mut self, choice: u32, index: u32, said: &Said) {
        // What opens a part comes with its first token, what closes it with its last.
        let opened = Event::Open {
            choice,
            index,
            part: opening(said),
        };
        self.steps.push(Step {
            token: self.token,
            event: opened,
        });
        for token in tokens::split(said.text()) {
            self.steps.push(Step {
                token: self.token,
                event: Event::Delta {
                    choice,
                    index,
                    delta: delta(said, token),
                },
            });
            self.token += 1;
        }
        self.put(Event::Close { choice, index });
    }

    fn put(&mut self, event: Event) {
        self.steps.push(Step {
            token: self.token.saturating_sub(1),
            event,
        });
    }
}

fn opening(said: &Said) -> Opening {
    match said {
        Said::Reasoning(_) => Opening::Reasoning,
        Said::Text(_) => Opening::Text,
        Said::Call { id, name, .. } => Opening::ToolCall {
            id: id.clone(),
            name: name.clone(),
        },
    }
}

fn delta(said: &Said, token: &str) -> Delta {
    let token = token.to_owned();
    match said {
        Said::Reasoning(_) => Delta::Reasoning(token),
        Said::Text(_) => Delta::Text(token),
        Said::Call { .. } => Delta::Arguments(token),
    }
}

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
        Event::Stop { .. } | Event::Usage(_) | Event::End => false,
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
