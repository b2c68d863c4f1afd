//! Writes events as a stream of snapshots. Each frame repeats the answer from its beginning, so a stream of n pieces
//! would grow with n²: once an answer is long, a snapshot is written only when it has grown by a fair part of itself,
//! which bounds the sum to a few hundred times the answer. <https://docs.merge.dev/merge-gateway/streaming> (2026-08).

use super::error;
use super::response::{self, Form, Frame};
use crate::dialect::codec::{Reply, StreamEncoder};
use crate::dialect::write;
use crate::ir::{
    Choice, Delta, Error, Event, Logprobs, Loss, Opening, Part, PartKind, Reasoning, Response,
    Sealed, StopReason, ToolCall,
};

/// A snapshot is due when this part of the answer is new: at 60 tokens a second, an answer of 10 KB waits a sixth of a
/// second for its next 40 bytes. What a part's end, a pause or the answer's end finds unsaid is written at once.
const GROWTH: usize = 256;

/// Writes the stream of one exchange.
#[derive(Debug)]
pub(super) struct Encoder {
    frame: Frame,
    /// What is said of the answer as a whole; its only choice stands beside it.
    answer: Response,
    choice: Choice,
    cost: Option<String>,
    /// Bytes of visible text so far, and how many of them the last snapshot had; `None` before the first.
    text: usize,
    shown: Option<usize>,
    over: bool,
    losses: Vec<Loss>,
}

impl Encoder {
    pub(super) fn new(reply: &Reply) -> Self {
        Self {
            frame: Frame::of(reply),
            answer: Response::default(),
            choice: Choice::default(),
            cost: None,
            text: 0,
            shown: None,
            over: false,
            losses: Vec::new(),
        }
    }
}

impl StreamEncoder for Encoder {
    fn encode(&mut self, event: &Event, cost: Option<&str>, out: &mut Vec<u8>) {
        if self.over {
            return;
        }
        match event {
            Event::Start(start) => {
                self.answer.id.clone_from(&start.id);
                self.answer.created = start.created;
                self.answer.service_tier.clone_from(&start.service_tier);
            }
            Event::Open {
                choice: 0, part, ..
            } => self.open(part, out),
            Event::Delta {
                choice: 0, delta, ..
            } => self.add(delta, out),
            Event::Close { choice: 0, .. } => self.close(out),
            Event::Stop {
                choice: 0, reason, ..
            } => self.stop(reason),
            Event::Open { .. } | Event::Delta { .. } | Event::Close { .. } | Event::Stop { .. } => {
                self.lose(Loss::dropped("choices"));
            }
            Event::Logprobs { .. } => {
                self.choice.logprobs = Some(Logprobs::default());
                self.note_losses();
            }
            Event::Usage(usage) => {
                self.answer.usage = Some(*usage);
                self.cost = cost.map(str::to_owned);
            }
            Event::Ping => {
                self.show_rest(out);
                out.extend_from_slice(super::DIALECT.keep_alive);
            }
            Event::Error(error) => {
                self.over = true;
                out.extend_from_slice(&error_frame(error));
            }
            Event::End => {
                self.over = true;
                self.note_losses();
                let cost = self.cost.as_deref();
                self.write(Form::Last { cost }, out);
            }
        }
    }

    fn losses(&self) -> &[Loss] {
        &self.losses
    }
}

impl Encoder {
    fn open(&mut self, opening: &Opening, out: &mut Vec<u8>) {
        let part = match opening {
            Opening::Text => Part::text(""),
            Opening::Refusal => Part::new(PartKind::Refusal(String::new())),
            Opening::Reasoning => Part::new(PartKind::Reasoning(Reasoning::default())),
            Opening::EncryptedReasoning(data) => Part::new(PartKind::Reasoning(Reasoning {
                encrypted: Some(data.clone()),
                ..Reasoning::default()
            })),
            Opening::ToolCall { id, name, kind } => Part::new(PartKind::ToolCall(ToolCall {
                id: id.clone(),
                name: name.clone(),
                arguments: String::new(),
                kind: *kind,
            })),
            Opening::Whole(part) => (**part).clone(),
        };
        self.choice.parts.push(part);
        // What has no text to follow is news by itself.
        match opening {
            Opening::Text | Opening::Refusal | Opening::Reasoning => {}
            Opening::EncryptedReasoning(_) | Opening::ToolCall { .. } | Opening::Whole(_) => {
                self.show(out);
            }
        }
    }

    fn add(&mut self, delta: &Delta, out: &mut Vec<u8>) {
        let Some(part) = self.choice.parts.last_mut() else {
            return;
        };
        let mut visible = 0;
        match (delta, &mut part.kind) {
            (Delta::Text(more), PartKind::Text(text) | PartKind::Refusal(text)) => {
                text.push_str(more);
                visible = more.len();
            }
            (Delta::Reasoning(more), PartKind::Reasoning(reasoning)) => {
                reasoning.text.push_str(more);
                visible = more.len();
            }
            (Delta::Signature(more), PartKind::Reasoning(reasoning)) => {
                add_signature(&mut reasoning.signature, more);
            }
            // A block holds them as JSON, which they are when they are complete.
            (Delta::Arguments(more), PartKind::ToolCall(call)) => call.arguments.push_str(more),
            (Delta::Citation(citation), _) => part.citations.push((**citation).clone()),
            (
                Delta::Text(_) | Delta::Reasoning(_) | Delta::Signature(_) | Delta::Arguments(_),
                _,
            ) => {}
        }
        self.text += visible;
        let due = match self.shown {
            None => true,
            Some(shown) => visible > 0 && (self.text - shown) * GROWTH >= self.text,
        };
        if due {
            self.show(out);
        }
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        self.note_losses();
        let text_alone = matches!(
            self.choice.parts.last().map(|part| &part.kind),
            Some(PartKind::Text(_) | PartKind::Refusal(_))
        );
        // The last frame follows a text's end closely, and says all that is left.
        if text_alone {
            self.show_rest(out);
        } else if self.shown.is_some() {
            self.show(out);
        }
    }

    fn stop(&mut self, reason: &StopReason) {
        self.choice.stop.get_or_insert_with(|| reason.clone());
        self.note_losses();
    }

    /// Writes a snapshot if there is text that the last one lacks.
    fn show_rest(&mut self, out: &mut Vec<u8>) {
        if self.shown.is_some_and(|shown| shown < self.text) {
            self.show(out);
        }
    }

    fn show(&mut self, out: &mut Vec<u8>) {
        self.shown = Some(self.text);
        self.write(Form::Snapshot, out);
    }

    fn write(&self, form: Form<'_>, out: &mut Vec<u8>) {
        write_frame(out, |out| {
            response::write(out, &self.answer, &self.choice, &self.frame, form);
        });
    }

    fn note_losses(&mut self) {
        for loss in response::losses(&self.answer, &self.choice) {
            self.lose(loss);
        }
    }

    fn lose(&mut self, loss: Loss) {
        if !self.losses.contains(&loss) {
            self.losses.push(loss);
        }
    }
}

fn add_signature(signature: &mut Option<Sealed>, more: &Sealed) {
    match signature {
        Some(signature) => signature.value.push_str(&more.value),
        None => *signature = Some(more.clone()),
    }
}

/// The frame by which a stream says that it failed.
pub(super) fn error_frame(error: &Error) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    write_frame(&mut out, |out| {
        write::object(out, |o| {
            o.value("object", "response.error");
            o.object("error", |o| {
                error::members(o, error);
                o.value("status_code", &error.kind.status());
            });
        });
    });
    out
}

fn write_frame(out: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
    out.extend_from_slice(b"data: ");
    fill(out);
    out.extend_from_slice(b"\n\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::Start;

    fn text(piece: &str) -> Event {
        Event::Delta {
            choice: 0,
            index: 0,
            delta: Delta::Text(piece.to_owned()),
        }
    }

    fn opened() -> Encoder {
        let mut encoder = Encoder::new(&Reply::default());
        let open = Event::Open {
            choice: 0,
            index: 0,
            part: Opening::Text,
        };
        for event in [Event::Start(Start::default()), open] {
            encoder.encode(&event, None, &mut Vec::new());
        }
        encoder
    }

    #[test]
    fn a_short_answer_is_shown_piece_by_piece() {
        let mut encoder = opened();
        for n in 1..100 {
            let mut out = Vec::new();
            encoder.encode(&text(" so"), None, &mut out);
            let shown = String::from_utf8(out).unwrap();
            assert!(
                shown.contains(&format!("\"{}\"", " so".repeat(n))),
                "{shown}"
            );
        }
    }

    #[test]
    fn a_long_answer_does_not_grow_with_its_square() {
        let mut encoder = opened();
        let mut out = Vec::new();
        let mut total = 0;
        for _ in 0..50_000 {
            encoder.encode(&text("four"), None, &mut out);
            total += out.len();
            out.clear();
        }
        assert!(total < 200_000 * 2 * GROWTH, "{total} bytes for 200 KB");
        // A pause shows what is left.
        encoder.encode(&text("!"), None, &mut out);
        encoder.encode(&Event::Ping, None, &mut out);
        let shown = String::from_utf8(out).unwrap();
        assert!(shown.contains("four!\""), "the rest is missing");
    }
}
