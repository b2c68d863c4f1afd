//! Writes events as a stream: a chunk for each piece of text or thought and for each call, and one at the end with the
//! finish reason and the counts.

use super::super::grounding::{self, Grounding};
use super::super::pieces::{self, Piece, PieceKind};
use super::super::response::{model, part_loss, response_id, stop_losses};
use super::super::{ID, error, logprobs, signature, usage, wire};
use crate::dialect::codec::{Reply, StreamEncoder};
use crate::dialect::stop_words::Said;
use crate::dialect::write::{self, Object};
use crate::ir::{
    CallKind, Citation, Delta, Error, Event, Logprobs, Loss, Losses, Opening, Part, PartKind,
    Sealed, Start, StopReason, ToolCall, Usage,
};
use std::borrow::Cow;

/// How many bytes of text an output token has about, for answers whose provider never says how many there were.
const BYTES_PER_TOKEN: u64 = 4;

/// Writes the stream of one exchange.
#[derive(Debug)]
pub(in super::super) struct Encoder {
    reply: Reply,
    start: Start,
    choices: Vec<Choice>,
    usage: Option<Usage>,
    cost: Option<String>,
    text_bytes: u64,
    over: bool,
    losses: Losses,
}

/// What must be remembered of one answer.
#[derive(Debug, Default)]
struct Choice {
    open: Open,
    said: Said,
    stop: Option<StopReason>,
    /// A signature that goes on the piece after it.
    waiting: Option<Sealed>,
    /// The text so far, and where in it the open part begins: what its citations count from.
    text: String,
    part_begins: usize,
    cited: Vec<Citation>,
    grounding: Grounding,
    logprobs: Option<Logprobs>,
}

/// The part that is open.
#[derive(Debug, Default)]
enum Open {
    #[default]
    Nothing,
    Text,
    Thought {
        text: bool,
        signature: Option<Sealed>,
    },
    /// A call is written when it is whole.
    Call(ToolCall),
}

impl Encoder {
    pub(in super::super) fn new(reply: &Reply) -> Self {
        Self {
            reply: reply.clone(),
            start: Start::default(),
            choices: Vec::new(),
            usage: None,
            cost: None,
            text_bytes: 0,
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
            Event::Start(start) => self.start = start.clone(),
            Event::Open { choice, part, .. } => self.open(*choice, part, out),
            Event::Delta { choice, delta, .. } => self.add(*choice, delta, out),
            Event::Close { choice, .. } => self.close(*choice, out),
            Event::Logprobs { choice, value } => self.keep_logprobs(*choice, value),
            Event::Stop {
                choice,
                reason,
                sequence,
            } => {
                self.close(*choice, out);
                self.losses
                    .extend(stop_losses(Some(reason), sequence.is_some()));
                self.state(*choice).stop.get_or_insert(reason.clone());
            }
            // Answers do not name their tier, and requests cannot ask for one.
            Event::ServiceTier(_) => {}
            Event::Usage(usage) => {
                self.usage = Some(*usage);
                self.cost = cost.map(str::to_owned);
            }
            Event::Ping => out.extend_from_slice(super::super::KEEP_ALIVE),
            Event::Error(error) => {
                self.over = true;
                out.extend_from_slice(&error_frame(error));
            }
            Event::End => self.end(out),
        }
    }

    fn losses(&self) -> &[Loss] {
        self.losses.as_slice()
    }
}

impl Encoder {
    fn state(&mut self, choice: u32) -> &mut Choice {
        let place = choice as usize;
        if self.choices.len() <= place {
            self.choices.resize_with(place + 1, Choice::default);
        }
        &mut self.choices[place]
    }

    fn open(&mut self, choice: u32, part: &Opening, out: &mut Vec<u8>) {
        self.close(choice, out);
        match part {
            Opening::Text | Opening::Refusal => {
                let state = self.state(choice);
                state.said.refusal |= matches!(part, Opening::Refusal);
                state.part_begins = state.text.len();
                state.open = Open::Text;
            }
            Opening::Reasoning => {
                self.state(choice).open = Open::Thought {
                    text: false,
                    signature: None,
                };
            }
            Opening::EncryptedReasoning(sealed) => {
                self.flush(choice, out);
                let written = signature::write_encrypted(sealed);
                self.thought(choice, "", Some(Cow::Owned(written)), out);
            }
            Opening::ToolCall { id, name, kind } => {
                let state = self.state(choice);
                state.said.tool_call = true;
                state.open = Open::Call(ToolCall {
                    id: id.clone(),
                    name: name.clone(),
                    arguments: String::new(),
                    kind: *kind,
                });
            }
            Opening::Whole(part) => self.whole(choice, part, out),
        }
    }

    fn whole(&mut self, choice: u32, part: &Part, out: &mut Vec<u8>) {
        let kind = match &part.kind {
            PartKind::Image(media)
            | PartKind::Audio(media)
            | PartKind::Video(media)
            | PartKind::File(media) => pieces::medium(media),
            PartKind::Opaque(from, json) if *from == ID => PieceKind::Raw(json),
            other => {
                let unsayable = || Loss::dropped(format!("content.{}", other.as_str()));
                self.losses.note(part_loss(other).unwrap_or_else(unsayable));
                return;
            }
        };
        let raw = matches!(kind, PieceKind::Raw(_));
        if raw {
            self.flush(choice, out);
        }
        let waiting = self.state(choice).waiting.take();
        let piece = Piece {
            kind,
            thought: false,
            signature: waiting.as_ref().map(signature::write),
            extra: Some(&part.extra),
        };
        self.piece(choice, &piece, out);
    }

    fn add(&mut self, choice: u32, delta: &Delta, out: &mut Vec<u8>) {
        let length = match delta {
            Delta::Text(text) | Delta::Reasoning(text) | Delta::Arguments(text) => text.len(),
            Delta::Signature(_) | Delta::Citation(_) => 0,
        };
        self.text_bytes = self.text_bytes.saturating_add(length as u64);
        match delta {
            Delta::Text(text) if !text.is_empty() => {
                let state = self.state(choice);
                state.text.push_str(text);
                let waiting = state.waiting.take();
                let piece = Piece {
                    kind: PieceKind::Text(Cow::Borrowed(text)),
                    thought: false,
                    signature: waiting.as_ref().map(signature::write),
                    extra: None,
                };
                self.piece(choice, &piece, out);
            }
            Delta::Reasoning(added) if !added.is_empty() => {
                self.flush(choice, out);
                if let Open::Thought { text, .. } = &mut self.state(choice).open {
                    *text = true;
                }
                self.thought(choice, added, None, out);
            }
            Delta::Signature(more) => {
                if let Open::Thought { signature, .. } = &mut self.state(choice).open {
                    match signature {
                        Some(signature) => signature.value.push_str(&more.value),
                        none => *none = Some(more.clone()),
                    }
                }
            }
            Delta::Arguments(more) => {
                if let Open::Call(call) = &mut self.state(choice).open {
                    call.arguments.push_str(more);
                }
            }
            Delta::Citation(citation) => {
                self.losses.extend(grounding::loss(citation));
                self.state(choice).cited.push((**citation).clone());
            }
            Delta::Text(_) | Delta::Reasoning(_) => {}
        }
    }

    fn close(&mut self, choice: u32, out: &mut Vec<u8>) {
        let state = self.state(choice);
        match std::mem::take(&mut state.open) {
            Open::Nothing => {}
            Open::Text => {
                let begins = state.part_begins;
                let part = state.text.get(begins..).unwrap_or_default();
                // Clients join the chunks; ranges are of all the text.
                let before = state
                    .text
                    .get(..begins)
                    .map_or(0, |text| text.chars().count()) as u64;
                let end = before + part.chars().count() as u64;
                for mut citation in std::mem::take(&mut state.cited) {
                    let range = citation.range.take();
                    citation.range = Some(match range {
                        Some(range) => {
                            before.saturating_add(range.start)..before.saturating_add(range.end)
                        }
                        None => before..end,
                    });
                    state.grounding.add(0, &state.text, &citation);
                }
            }
            Open::Thought {
                text: false,
                signature: Some(sealed),
            } if sealed.open(ID).is_some() => {
                self.flush(choice, out);
                self.state(choice).waiting = Some(sealed);
            }
            Open::Thought {
                signature: Some(sealed),
                ..
            } => {
                self.flush(choice, out);
                self.thought(choice, "", Some(signature::write(&sealed)), out);
            }
            Open::Thought {
                signature: None, ..
            } => {}
            Open::Call(call) => self.call(choice, call, out),
        }
    }

    fn call(&mut self, choice: u32, mut call: ToolCall, out: &mut Vec<u8>) {
        let declared = self.reply.freeform_tools.contains(&call.name);
        if call.kind == CallKind::Freeform || declared {
            // This dialect has no such tools, so no client of it declares any.
            call.kind = CallKind::Freeform;
        }
        let kind = PartKind::ToolCall(call);
        self.losses.extend(part_loss(&kind));
        let PartKind::ToolCall(call) = &kind else {
            return;
        };
        let waiting = self.state(choice).waiting.take();
        let piece = Piece {
            kind: pieces::call(call).0,
            thought: false,
            signature: waiting.as_ref().map(signature::write),
            extra: None,
        };
        self.piece(choice, &piece, out);
    }

    fn thought(
        &mut self,
        choice: u32,
        text: &str,
        signature: Option<Cow<'_, str>>,
        out: &mut Vec<u8>,
    ) {
        let piece = Piece {
            kind: PieceKind::Text(Cow::Borrowed(text)),
            thought: true,
            signature,
            extra: None,
        };
        self.piece(choice, &piece, out);
    }

    /// Writes a signature after which nothing came that it could stand on.
    fn flush(&mut self, choice: u32, out: &mut Vec<u8>) {
        if let Some(sealed) = self.state(choice).waiting.take() {
            let piece = Piece {
                kind: PieceKind::Text(Cow::Borrowed("")),
                thought: false,
                signature: Some(signature::write(&sealed)),
                extra: None,
            };
            self.piece(choice, &piece, out);
        }
    }

    fn keep_logprobs(&mut self, choice: u32, value: &Logprobs) {
        let kept = self.state(choice).logprobs.get_or_insert_default();
        for (kept, more) in [
            (&mut kept.content, &value.content),
            (&mut kept.refusal, &value.refusal),
        ] {
            if let Some(more) = more {
                kept.get_or_insert_default().extend_from_slice(more);
            }
        }
    }

    /// A chunk with one piece.
    fn piece(&self, choice: u32, piece: &Piece<'_>, out: &mut Vec<u8>) {
        self.frame(out, |o| {
            o.list("candidates", |list| {
                list.object(|o| {
                    o.object("content", |o| {
                        o.list("parts", |list| piece.write(list));
                        o.value("role", "model");
                    });
                    o.value("index", &choice);
                });
            });
        });
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        let count = u32::try_from(self.choices.len().max(1)).unwrap_or(u32::MAX);
        for choice in 0..count {
            self.close(choice, out);
            self.flush(choice, out);
            self.state(choice);
        }
        if let Some(counts) = &self.usage {
            self.losses.extend(counts.lost(&usage::said(counts)));
        }
        let counts = self.usage.unwrap_or(Usage {
            input: self.reply.input_estimate,
            output: self.text_bytes.div_ceil(BYTES_PER_TOKEN),
            ..Usage::default()
        });
        self.frame(out, |o| {
            o.list("candidates", |list| {
                for (index, choice) in self.choices.iter().enumerate() {
                    list.object(|o| choice.end(o, index));
                }
            });
            usage::write(o, &counts, None, self.cost.as_deref());
        });
        self.over = true;
    }

    fn frame(&self, out: &mut Vec<u8>, fill: impl FnOnce(&mut Object<'_>)) {
        out.extend_from_slice(b"data: ");
        write::object(out, |o| {
            fill(o);
            o.value("modelVersion", model(&self.start.model, &self.reply));
            o.value("responseId", response_id(&self.start.id, &self.reply));
        });
        out.extend_from_slice(b"\r\n\r\n");
    }
}

impl Choice {
    fn end(&self, o: &mut Object<'_>, index: usize) {
        o.object("content", |o| {
            o.list("parts", |list| list.object(|o| o.value("text", "")));
            o.value("role", "model");
        });
        let reason = wire::write_finish(self.stop.as_ref(), self.said);
        o.value("finishReason", reason);
        o.value("index", &index);
        if let Some(known) = &self.logprobs {
            logprobs::write(o, known);
        }
        self.grounding.write(o);
    }
}

/// The frame by which a stream says that it failed.
pub(in super::super) fn error_frame(failure: &Error) -> Vec<u8> {
    let mut out = b"data: ".to_vec();
    out.extend_from_slice(&error::encode(failure, ""));
    out.extend_from_slice(b"\r\n\r\n");
    out
}
