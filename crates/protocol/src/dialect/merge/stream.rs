//! Writes events as a stream of snapshots. Each frame repeats the answer from its beginning, so a stream of n pieces
//! would grow with n²: all snapshots together are bounded by a multiple of the answer, so once it is long, they come when it
//! has grown by a fair part of itself. <https://docs.merge.dev/merge-gateway/streaming> (2026-08).

use super::error;
use super::response::{self, Form, Frame};
use crate::dialect::codec::{Reply, StreamEncoder};
use crate::dialect::write;
use crate::ir::{
    Choice, Delta, Error, Event, Logprobs, Loss, Losses, Opening, Part, PartKind, Reasoning,
    Response, Sealed, StopReason, ToolCall,
};

/// Bytes that snapshots may have together beyond [`TIMES`] the answer: what shows the first 800 tokens or so piece by piece.
const FREE: usize = 2 << 20;
/// How often the answer's bytes may go out: at 60 tokens a second, an answer of 10 KB then waits a second for its next 300
/// bytes, one of 100 KB ten. Its end always goes out.
const TIMES: usize = 32;

/// Writes the stream of one exchange.
#[derive(Debug)]
pub(super) struct Encoder {
    frame: Frame,
    /// What is said of the answer as a whole; its only choice stands beside it.
    answer: Response,
    choice: Choice,
    cost: Option<String>,
    /// The least that a snapshot would have now, in bytes.
    size: usize,
    /// Bytes of all snapshots so far; none before the first.
    written: usize,
    /// The last snapshot.
    last: Vec<u8>,
    /// Whether there is something that the last one lacks.
    news: bool,
    over: bool,
    losses: Losses,
}

impl Encoder {
    pub(super) fn new(reply: &Reply) -> Self {
        Self {
            frame: Frame::of(reply),
            answer: Response::default(),
            choice: Choice::default(),
            cost: None,
            size: 0,
            written: 0,
            last: Vec::new(),
            news: false,
            over: false,
            losses: Losses::default(),
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
                choice: 0,
                reason,
                sequence,
            } => self.stop(reason, sequence.as_deref()),
            Event::Open { .. } | Event::Delta { .. } | Event::Close { .. } | Event::Stop { .. } => {
                self.losses.dropped("choices");
            }
            Event::Logprobs { .. } => {
                self.choice.logprobs = Some(Logprobs::default());
                self.losses.dropped("logprobs");
            }
            Event::ServiceTier(tier) => self.answer.service_tier = Some(tier.clone()),
            Event::Usage(usage) => {
                self.answer.usage = Some(*usage);
                self.cost = cost.map(str::to_owned);
            }
            Event::Ping => {
                self.show_news(out);
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
        self.losses.as_slice()
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
                self.news = true;
                self.show_news(out);
            }
        }
    }

    fn add(&mut self, delta: &Delta, out: &mut Vec<u8>) {
        let Some(part) = self.choice.parts.last_mut() else {
            return;
        };
        let (more, visible) = match (delta, &mut part.kind) {
            (Delta::Text(more), PartKind::Text(text) | PartKind::Refusal(text)) => {
                text.push_str(more);
                (more.len(), true)
            }
            (Delta::Reasoning(more), PartKind::Reasoning(reasoning)) => {
                reasoning.text.push_str(more);
                (more.len(), true)
            }
            (Delta::Signature(more), PartKind::Reasoning(reasoning)) => {
                add_signature(&mut reasoning.signature, more);
                (more.value.len(), false)
            }
            // A block holds them as JSON, which they are when they are complete.
            (Delta::Arguments(more), PartKind::ToolCall(call)) => {
                call.arguments.push_str(more);
                (more.len(), false)
            }
            (Delta::Citation(citation), _) => {
                part.citations.push((**citation).clone());
                (0, false)
            }
            (
                Delta::Text(_) | Delta::Reasoning(_) | Delta::Signature(_) | Delta::Arguments(_),
                _,
            ) => (0, false),
        };
        self.size += more;
        self.news |= visible && more > 0;
        if self.news || self.written == 0 {
            self.show_if_due(out);
        }
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        let last = self.choice.parts.last().into_iter();
        self.losses.extend(last.flat_map(response::losses_of_part));
        let text_alone = matches!(
            self.choice.parts.last().map(|part| &part.kind),
            Some(PartKind::Text(_) | PartKind::Refusal(_))
        );
        // The last frame follows a text's end closely, and says all that is left.
        self.news |= !text_alone;
        if self.written > 0 {
            self.show_news(out);
        }
    }

    fn stop(&mut self, reason: &StopReason, sequence: Option<&str>) {
        self.choice.stop.get_or_insert_with(|| reason.clone());
        self.choice.stop_sequence = sequence.map(str::to_owned);
        self.note_losses();
    }

    /// Writes a snapshot if there is something that the last one lacks, and it may go out.
    fn show_news(&mut self, out: &mut Vec<u8>) {
        if self.news {
            self.show_if_due(out);
        }
    }

    /// Writes a snapshot, if all of them stay within their bound.
    fn show_if_due(&mut self, out: &mut Vec<u8>) {
        let bound = self.size.saturating_mul(TIMES - 1).saturating_add(FREE);
        if self.written > bound {
            return;
        }
        self.news = false;
        let begin = out.len();
        self.write(Form::Snapshot, out);
        // A part that clients know no block for, or that ended as it was shown, changes nothing.
        if out[begin..] == self.last[..] {
            out.truncate(begin);
            return;
        }
        self.last.clear();
        self.last.extend_from_slice(&out[begin..]);
        self.size = self.last.len();
        self.written += self.size;
    }

    fn write(&self, form: Form<'_>, out: &mut Vec<u8>) {
        write_frame(out, |out| {
            response::write(out, &self.answer, &self.choice, &self.frame, form);
        });
    }

    fn note_losses(&mut self) {
        self.losses
            .extend(response::losses(&self.answer, &self.choice));
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
    use super::super::ID;
    use super::*;
    use crate::ir::{Json, Media, MediaSource, Start};

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

    /// Bytes of the whole stream of these events, and its last frame.
    fn written(events: impl Iterator<Item = Event>) -> (usize, String) {
        let mut encoder = opened();
        let mut out = Vec::new();
        let mut total = 0;
        for event in events.chain([Event::End]) {
            out.clear();
            encoder.encode(&event, None, &mut out);
            total += out.len();
        }
        (total, String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_long_answer_does_not_grow_with_its_square() {
        let (total, last) = written((0..50_000).map(|_| text("four")));
        assert!(last.contains(&"four".repeat(50_000)));
        assert!(total < FREE + TIMES * 2 * last.len(), "{total} bytes");
    }

    /// Each part that opened or closed wrote a snapshot: 3,000 calls of a function became 492 MB.
    #[test]
    fn many_parts_do_not_grow_with_their_square() {
        let call = |at: u32| {
            let open = Event::Open {
                choice: 0,
                index: at,
                part: Opening::ToolCall {
                    id: format!("call_{at}"),
                    name: "look".to_owned(),
                    kind: crate::ir::CallKind::Function,
                },
            };
            let delta = Event::Delta {
                choice: 0,
                index: at,
                delta: Delta::Arguments("{}".to_owned()),
            };
            let close = Event::Close {
                choice: 0,
                index: at,
            };
            [open, delta, close]
        };
        let (total, last) = written((1..=3_000).flat_map(call));
        assert_eq!(last.matches("\"call_").count(), 3_000);
        assert!(total < FREE + TIMES * 2 * last.len(), "{total} bytes");
    }

    /// A picture went out three times: as it came, as it was complete, and at the end. A part that has no block was shown as
    /// nothing, each time.
    #[test]
    fn what_was_shown_is_not_shown_again() {
        let snapshots = |part: Part| {
            let (choice, index) = (0, 0);
            let part = Opening::Whole(Box::new(part));
            let open = Event::Open {
                choice,
                index,
                part,
            };
            let mut encoder = Encoder::new(&Reply::default());
            let mut out = Vec::new();
            for event in [open, Event::Close { choice, index }] {
                encoder.encode(&event, None, &mut out);
            }
            String::from_utf8(out).unwrap().matches("data: ").count()
        };
        let picture = PartKind::Image(Media {
            source: MediaSource::Url("https://images.example/a.png".to_owned()),
            media_type: None,
            name: None,
            detail: None,
        });
        assert_eq!(snapshots(Part::new(picture)), 1);
        assert_eq!(snapshots(Part::new(PartKind::Opaque(ID, Json::null()))), 1);
    }

    /// A pause shows what is left, but pauses without number write no snapshot each.
    #[test]
    fn pauses_do_not_grow_a_stream_with_its_square() {
        let mut encoder = opened();
        let mut out = Vec::new();
        encoder.encode(&text("four"), None, &mut out);
        let shown = out.len();
        encoder.encode(&Event::Ping, None, &mut out);
        assert_eq!(out.len(), shown + super::super::DIALECT.keep_alive.len());
        let events = (0..20_000).flat_map(|_| [text("four"), Event::Ping]);
        let (total, last) = written(events);
        assert!(total < FREE + TIMES * 2 * last.len(), "{total} bytes");
    }
}
