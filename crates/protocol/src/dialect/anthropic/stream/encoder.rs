//! Writes events as a stream. The grammar is strict and clients depend on it: one `message_start`, then blocks one
//! after the other, each started, added to and stopped, one `message_delta` with the final counts, `message_stop`.

use super::super::response::{message_id, model};
use super::super::wire::{self, Lifetimes};
use super::super::{ID, citations, error};
use crate::dialect::codec::{Reply, StreamEncoder};
use crate::dialect::fields;
use crate::dialect::stop_words::Said;
use crate::dialect::write::{self, Object};
use crate::dialect::{freeform, origin};
use crate::ir::{
    CallKind, Citation, Delta, Error, Event, Extra, Loss, Losses, Opening, Sealed, Start,
    StopReason, Usage,
};
use std::borrow::Cow;

/// How many bytes of text an output token has about, for answers whose provider never says how many there were.
const BYTES_PER_TOKEN: u64 = 4;

/// Writes the stream of one exchange.
#[derive(Debug)]
pub(in crate::dialect::anthropic) struct Encoder {
    reply: Reply,
    stage: Stage,
    /// How many blocks were started so far.
    blocks: u64,
    /// The last of them, while it is open.
    open: Option<Open>,
    /// Whether the last of them is text.
    after_text: bool,
    held: Option<Held>,
    said: Said,
    usage: Option<Usage>,
    /// How many cache writes of one hour the beginning stated.
    said_hour: u64,
    cost: Option<String>,
    text_bytes: u64,
    losses: Losses,
}

/// How far the stream is.
#[derive(Debug)]
enum Stage {
    /// Nothing is written. `message_start` waits for what follows it: a provider of this dialect states its input
    /// counts right after.
    Before(Start),
    Answering,
    /// Why it ended is known; `message_delta` waits for the last counts, which other dialects give after.
    Stopped(StopReason, Option<String>),
    Over,
}

/// What is kept of the open block.
#[derive(Debug)]
struct Open {
    /// What its call is made with, if it is one.
    call: CallKind,
    /// Its signature so far. Clients take a signature from one delta only, so that it is written at the end.
    signature: Option<Sealed>,
}

/// A thought after a text, held until it says something or something follows: Gemini proves its text at the end, but programs
/// take the last block for the answer, since no answer of Anthropic's that says something ends in a thought.
#[derive(Debug, Default)]
struct Held {
    /// Its signature so far.
    signature: Option<Sealed>,
}

impl Encoder {
    pub(in crate::dialect::anthropic) fn new(reply: &Reply) -> Self {
        Self {
            reply: reply.clone(),
            stage: Stage::Before(Start::default()),
            blocks: 0,
            open: None,
            after_text: false,
            held: None,
            said: Said::default(),
            usage: None,
            said_hour: 0,
            cost: None,
            text_bytes: 0,
            losses: Losses::default(),
        }
    }
}

impl StreamEncoder for Encoder {
    fn encode(&mut self, event: &Event, cost: Option<&str>, out: &mut Vec<u8>) {
        if matches!(self.stage, Stage::Over) {
            return;
        }
        match event {
            Event::Start(start) => {
                let tier = start.service_tier.as_deref();
                if tier.is_some_and(|tier| wire::answer_tier(tier).is_none()) {
                    self.losses.dropped("service_tier");
                }
                if let Stage::Before(waiting) = &mut self.stage {
                    *waiting = start.clone();
                }
            }
            Event::Open {
                choice: 0, part, ..
            } => self.start_block(part, out),
            Event::Delta {
                choice: 0, delta, ..
            } => self.add(delta, out),
            Event::Close { choice: 0, .. } => self.stop_block(out),
            Event::Stop {
                choice: 0,
                reason,
                sequence,
            } => self.stop(reason, sequence.as_deref(), out),
            Event::Open { .. } | Event::Delta { .. } | Event::Close { .. } | Event::Stop { .. } => {
                self.losses.dropped("choices");
            }
            Event::Logprobs { .. } => self.losses.dropped("logprobs"),
            Event::ServiceTier(tier) => self.served_at(tier),
            Event::Usage(usage) => {
                self.usage = Some(*usage);
                self.cost = cost.map(str::to_owned);
            }
            Event::Ping => {
                self.begin(out);
                out.extend_from_slice(super::super::PING);
            }
            Event::Error(error) => {
                self.stage = Stage::Over;
                out.extend_from_slice(&error_frame(error, &self.reply.request_id));
            }
            Event::End => self.end(out),
        }
    }

    fn losses(&self) -> &[Loss] {
        self.losses.as_slice()
    }
}

impl Encoder {
    /// Only `message_start` has room for a tier; that it was the ordinary one needs no saying later.
    fn served_at(&mut self, tier: &str) {
        let word = wire::answer_tier(tier);
        match &mut self.stage {
            Stage::Before(start) if word.is_some() => start.service_tier = Some(tier.to_owned()),
            _ if word == Some("standard") => {}
            _ => self.losses.dropped("service_tier"),
        }
    }

    /// Writes `message_start`, if it is still to come.
    fn begin(&mut self, out: &mut Vec<u8>) {
        let Stage::Before(start) = &self.stage else {
            return;
        };
        let usage = self.usage.unwrap_or(Usage {
            input: self.reply.input_estimate,
            ..Usage::default()
        });
        frame(out, "message_start", |o| {
            o.object("message", |o| {
                o.value("id", &*message_id(&start.id, &self.reply));
                o.value("type", "message");
                o.value("role", "assistant");
                o.value("model", model(&start.model, &self.reply));
                o.list("content", |_| {});
                o.value("stop_reason", &None::<&str>);
                o.value("stop_sequence", &None::<&str>);
                o.object("usage", |o| {
                    wire::write_usage(o, &usage, Lifetimes::Said, &Extra::default());
                    let tier = start.service_tier.as_deref().and_then(wire::answer_tier);
                    o.some("service_tier", tier);
                });
            });
        });
        self.said_hour = usage.cache_write_1h;
        self.stage = Stage::Answering;
    }

    fn start_block(&mut self, part: &Opening, out: &mut Vec<u8>) {
        self.begin(out);
        self.stop_block(out);
        if let Opening::Whole(part) = part {
            self.losses
                .dropped(format!("content.{}", fields::name_of_part(&part.kind)));
            return;
        }
        self.release(out);
        self.stop_block(out);
        if self.after_text && matches!(part, Opening::Reasoning) {
            self.held = Some(Held::default());
            return;
        }
        self.write_start(part, out);
    }

    /// Writes the thought that is held, which stays open.
    fn release(&mut self, out: &mut Vec<u8>) {
        let Some(held) = self.held.take() else { return };
        self.write_start(&Opening::Reasoning, out);
        if let Some(open) = &mut self.open {
            open.signature = held.signature;
        }
    }

    fn write_start(&mut self, part: &Opening, out: &mut Vec<u8>) {
        frame(out, "content_block_start", |o| {
            o.value("index", &self.blocks);
            o.object("content_block", |o| opening(o, part));
        });
        self.said.tool_call |= matches!(part, Opening::ToolCall { .. });
        self.said.refusal |= matches!(part, Opening::Refusal);
        self.after_text = matches!(part, Opening::Text | Opening::Refusal);
        self.blocks = self.blocks.saturating_add(1);
        let call = match part {
            Opening::ToolCall { kind, .. } => *kind,
            Opening::Text
            | Opening::Reasoning
            | Opening::EncryptedReasoning(_)
            | Opening::Refusal
            | Opening::Whole(_) => CallKind::Function,
        };
        self.open = Some(Open {
            call,
            signature: None,
        });
        if call == CallKind::Freeform {
            self.losses.approximated("content.tool_use.input");
            self.write_delta("input_json_delta", "partial_json", freeform::BEFORE, out);
        }
    }

    fn add(&mut self, delta: &Delta, out: &mut Vec<u8>) {
        match (&mut self.held, delta) {
            (None, _) => {}
            (Some(held), Delta::Signature(more)) => return append(&mut held.signature, more),
            (Some(_), Delta::Reasoning(text)) if text.is_empty() => return,
            (Some(_), _) => self.release(out),
        }
        let Some(open) = &mut self.open else { return };
        let (kind, key, text) = match delta {
            Delta::Text(text) => ("text_delta", "text", text),
            Delta::Reasoning(text) => ("thinking_delta", "thinking", text),
            Delta::Arguments(text) => ("input_json_delta", "partial_json", text),
            Delta::Citation(citation) => return self.cite(citation, out),
            Delta::Signature(more) => return append(&mut open.signature, more),
        };
        if text.is_empty() {
            return;
        }
        self.text_bytes = self.text_bytes.saturating_add(text.len() as u64);
        let text = match open.call {
            CallKind::Function => Cow::Borrowed(text.as_str()),
            CallKind::Freeform => Cow::Owned(freeform::piece(text)),
        };
        self.write_delta(kind, key, &text, out);
    }

    fn cite(&mut self, citation: &Citation, out: &mut Vec<u8>) {
        let Some(citation) = citations::written(citation) else {
            return self.losses.dropped("content.citations");
        };
        frame(out, "content_block_delta", |o| {
            o.value("index", &self.blocks.saturating_sub(1));
            o.object("delta", |o| {
                o.value("type", "citations_delta");
                o.value("citation", &citation);
            });
        });
    }

    fn write_delta(&self, kind: &str, key: &str, text: &str, out: &mut Vec<u8>) {
        frame(out, "content_block_delta", |o| {
            o.value("index", &self.blocks.saturating_sub(1));
            o.object("delta", |o| {
                o.value("type", kind);
                o.value(key, text);
            });
        });
    }

    fn stop_block(&mut self, out: &mut Vec<u8>) {
        if let Some(open) = self.open.take() {
            if let Some(signature) = &open.signature {
                let signature = origin::write(signature, ID);
                self.write_delta("signature_delta", "signature", &signature, out);
            }
            if open.call == CallKind::Freeform {
                self.write_delta("input_json_delta", "partial_json", freeform::AFTER, out);
            }
            frame(out, "content_block_stop", |o| {
                o.value("index", &self.blocks.saturating_sub(1));
            });
        }
    }

    fn stop(&mut self, reason: &StopReason, sequence: Option<&str>, out: &mut Vec<u8>) {
        self.begin(out);
        self.stop_block(out);
        if self
            .held
            .take()
            .is_some_and(|held| held.signature.is_some())
        {
            self.losses.dropped("content.thinking.signature");
        }
        if matches!(self.stage, Stage::Answering) {
            self.losses.extend(wire::stop_losses(reason));
            self.stage = Stage::Stopped(reason.clone(), sequence.map(str::to_owned));
        }
    }

    /// Written at the end only, since some providers count after why the answer ended, and some again with every chunk.
    fn message_delta(&self, out: &mut Vec<u8>) {
        let Stage::Stopped(reason, sequence) = &self.stage else {
            return;
        };
        let usage = self.usage.unwrap_or(Usage {
            input: self.reply.input_estimate,
            output: self.text_bytes.div_ceil(BYTES_PER_TOKEN),
            ..Usage::default()
        });
        // The beginning has said it, unless it was not known by then.
        let lifetimes = if usage.cache_write_1h == self.said_hour {
            Lifetimes::Unsaid
        } else {
            Lifetimes::Said
        };
        frame(out, "message_delta", |o| {
            o.object("delta", |o| {
                o.value("stop_reason", wire::write_stop(Some(reason), self.said));
                o.value("stop_sequence", sequence);
            });
            o.object("usage", |o| {
                wire::write_usage(o, &usage, lifetimes, &Extra::default());
                wire::write_server_tool_use(o, &usage, &Extra::default());
                if let Some(cost) = &self.cost {
                    o.written("cost", cost.as_bytes());
                }
            });
        });
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.stop(&StopReason::Stop, None, out);
        if let Some(counts) = &self.usage {
            self.losses.extend(counts.lost(&wire::said(counts)));
        }
        self.message_delta(out);
        frame(out, "message_stop", |_| {});
        self.stage = Stage::Over;
    }
}

/// The frame by which a stream says that it failed.
pub(in crate::dialect::anthropic) fn error_frame(error: &Error, request_id: &str) -> Vec<u8> {
    let mut out = b"event: error\ndata: ".to_vec();
    out.extend_from_slice(&error::encode(error, request_id));
    out.extend_from_slice(b"\n\n");
    out
}

fn append(signature: &mut Option<Sealed>, more: &Sealed) {
    match signature {
        Some(signature) => signature.value.push_str(&more.value),
        none => *none = Some(more.clone()),
    }
}

fn opening(o: &mut Object<'_>, part: &Opening) {
    match part {
        Opening::Text | Opening::Refusal => {
            o.value("type", "text");
            o.value("text", "");
        }
        Opening::Reasoning => {
            o.value("type", "thinking");
            o.value("thinking", "");
            o.value("signature", "");
        }
        Opening::EncryptedReasoning(data) => {
            o.value("type", "redacted_thinking");
            o.value("data", &*origin::write(data, ID));
        }
        Opening::ToolCall { id, name, kind: _ } => {
            o.value("type", "tool_use");
            o.value("id", id);
            o.value("name", name);
            o.object("input", |_| {});
        }
        Opening::Whole(_) => {}
    }
}

/// Writes a frame; its `type` is its name.
fn frame(out: &mut Vec<u8>, name: &str, fill: impl FnOnce(&mut Object<'_>)) {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\ndata: ");
    write::object(out, |o| {
        o.value("type", name);
        fill(o);
    });
    out.extend_from_slice(b"\n\n");
}
