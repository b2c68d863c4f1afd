//! Writes events as a stream: `messageStart`, then blocks one after the other, each added to and stopped, `messageStop`,
//! and `metadata` with the counts.

use super::super::blocks::Source;
use super::super::wire;
use super::super::{ID, PING, citations, error, parts, response};
use crate::dialect::codec::{Reply, StreamEncoder};
use crate::dialect::fields;
use crate::dialect::stop_words::Said;
use crate::dialect::write::{self, Object};
use crate::dialect::{freeform, origin};
use crate::eventstream;
use crate::ir::{CallKind, Delta, Event, Loss, Losses, Opening, Part, Sealed, StopReason, Usage};
use std::borrow::Cow;

/// How many bytes of text an output token has about, for answers whose provider never says how many there were.
const BYTES_PER_TOKEN: u64 = 4;

/// Writes the stream of one exchange.
#[derive(Debug)]
pub(in crate::dialect::bedrock) struct Encoder {
    reply: Reply,
    stage: Stage,
    /// How many blocks were begun so far.
    blocks: u64,
    /// The last of them, while it is open.
    open: Option<Open>,
    said: Said,
    usage: Option<Usage>,
    cost: Option<String>,
    tier: Option<String>,
    text_bytes: u64,
    losses: Losses,
}

/// How far the stream is.
#[derive(Debug, PartialEq, Eq)]
enum Stage {
    Before,
    Answering,
    Stopped,
    Over,
}

/// What is kept of the open block.
#[derive(Debug)]
struct Open {
    /// What its call is made with, if it is one.
    call: Option<CallKind>,
    /// Whether anything was written of what its call is made with.
    has_input: bool,
    /// Its signature so far: written at the end, in one piece.
    signature: Option<Sealed>,
    /// Whether anything of it was written.
    begun: bool,
}

impl Encoder {
    pub(in crate::dialect::bedrock) fn new(reply: &Reply) -> Self {
        Self {
            reply: reply.clone(),
            stage: Stage::Before,
            blocks: 0,
            open: None,
            said: Said::default(),
            usage: None,
            cost: None,
            tier: None,
            text_bytes: 0,
            losses: Losses::default(),
        }
    }
}

impl StreamEncoder for Encoder {
    fn encode(&mut self, event: &Event, cost: Option<&str>, out: &mut Vec<u8>) {
        if self.stage == Stage::Over {
            return;
        }
        match event {
            Event::Start(start) => {
                self.served_at(start.service_tier.as_deref());
                self.begin(out);
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
            Event::ServiceTier(tier) => self.served_at(Some(tier)),
            Event::Usage(usage) => {
                self.usage = Some(*usage);
                self.cost = cost.map(str::to_owned);
            }
            Event::Ping => {
                self.begin(out);
                out.extend_from_slice(PING);
            }
            Event::Error(error) => {
                self.stage = Stage::Over;
                error::write_frame(out, error);
            }
            Event::End => self.end(out),
        }
    }

    fn losses(&self) -> &[Loss] {
        self.losses.as_slice()
    }
}

impl Encoder {
    /// Keeps the tier for the end, where it is written.
    fn served_at(&mut self, tier: Option<&str>) {
        if tier.is_some_and(|tier| wire::tier(tier).is_none()) {
            self.losses.dropped("service_tier");
        }
        self.tier = tier.map(str::to_owned);
    }

    /// Writes `messageStart`, if it is still to come.
    fn begin(&mut self, out: &mut Vec<u8>) {
        if self.stage == Stage::Before {
            self.stage = Stage::Answering;
            message(out, "messageStart", |o| o.value("role", "assistant"));
        }
    }

    fn start_block(&mut self, part: &Opening, out: &mut Vec<u8>) {
        self.begin(out);
        self.stop_block(out);
        let mut open = Open {
            call: None,
            has_input: false,
            signature: None,
            begun: false,
        };
        match part {
            // Texts and reasoning begin with what is said.
            Opening::Text | Opening::Reasoning => {}
            Opening::Refusal => self.said.refusal = true,
            Opening::EncryptedReasoning(sealed) => {
                open.begun = true;
                let data = parts::write_redacted(sealed);
                self.delta(out, |o| {
                    o.object("reasoningContent", |o| o.value("redactedContent", &data));
                });
            }
            Opening::ToolCall { id, name, kind } => {
                self.said.tool_call = true;
                open.begun = true;
                open.call = Some(*kind);
                self.starts(out, |o| {
                    o.object("toolUse", |o| {
                        o.value("toolUseId", id);
                        o.value("name", name);
                    });
                });
                if *kind == CallKind::Freeform {
                    open.has_input = true;
                    self.losses.approximated("content.toolUse.input");
                    self.arguments(freeform::BEFORE, out);
                }
            }
            Opening::Whole(part) => {
                open.begun = self.whole(part, out);
            }
        }
        self.open = Some(open);
    }

    /// Writes an image. Whether it can be said.
    fn whole(&mut self, part: &Part, out: &mut Vec<u8>) -> bool {
        match response::medium(part) {
            Some(medium) if medium.member == "image" => {
                let Source::Bytes(data) = medium.source else {
                    return false;
                };
                self.starts(out, |o| {
                    o.object("image", |o| o.some("format", medium.format));
                });
                self.delta(out, |o| {
                    o.object("image", |o| {
                        o.object("source", |o| o.value("bytes", data));
                    });
                });
                true
            }
            _ => {
                self.losses
                    .dropped(format!("content.{}", fields::name_of_part(&part.kind)));
                false
            }
        }
    }

    fn add(&mut self, delta: &Delta, out: &mut Vec<u8>) {
        let Some(open) = &mut self.open else { return };
        let call = open.call;
        match delta {
            Delta::Signature(more) => {
                match &mut open.signature {
                    Some(signature) => signature.value.push_str(&more.value),
                    none => *none = Some(more.clone()),
                }
                return;
            }
            Delta::Text(text) | Delta::Reasoning(text) | Delta::Arguments(text) => {
                if text.is_empty() {
                    return;
                }
                open.begun = true;
                open.has_input = true;
                self.text_bytes = self.text_bytes.saturating_add(text.len() as u64);
            }
            Delta::Citation(_) => open.begun = true,
        }
        match delta {
            Delta::Text(text) => self.delta(out, |o| o.value("text", text)),
            Delta::Reasoning(text) => self.delta(out, |o| {
                o.object("reasoningContent", |o| o.value("text", text));
            }),
            Delta::Arguments(text) => {
                let text = match call {
                    Some(CallKind::Freeform) => Cow::Owned(freeform::piece(text)),
                    Some(CallKind::Function) | None => Cow::Borrowed(text.as_str()),
                };
                self.arguments(&text, out);
            }
            Delta::Citation(citation) => {
                if citation.range.is_some() {
                    self.losses.approximated("content.citations");
                }
                let json = citations::to_json(citation);
                self.delta(out, |o| o.value("citation", &json));
            }
            Delta::Signature(_) => {}
        }
    }

    fn arguments(&mut self, text: &str, out: &mut Vec<u8>) {
        self.delta(out, |o| o.object("toolUse", |o| o.value("input", text)));
    }

    fn starts(&self, out: &mut Vec<u8>, start: impl FnOnce(&mut Object<'_>)) {
        message(out, "contentBlockStart", |o| {
            o.object("start", start);
            o.value("contentBlockIndex", &self.blocks);
        });
    }

    fn delta(&self, out: &mut Vec<u8>, delta: impl FnOnce(&mut Object<'_>)) {
        message(out, "contentBlockDelta", |o| {
            o.value("contentBlockIndex", &self.blocks);
            o.object("delta", delta);
        });
    }

    fn stop_block(&mut self, out: &mut Vec<u8>) {
        let Some(open) = self.open.take() else { return };
        match open.call {
            Some(CallKind::Freeform) => self.arguments(freeform::AFTER, out),
            // Clients know a call by its input.
            Some(CallKind::Function) if !open.has_input => self.arguments("{}", out),
            Some(CallKind::Function) | None => {}
        }
        if let Some(signature) = &open.signature {
            let signature = origin::write(signature, ID);
            // What clients put together of the pieces must have a text, or it cannot be sent back.
            if !open.begun {
                self.delta(out, |o| {
                    o.object("reasoningContent", |o| o.value("text", ""));
                });
            }
            self.delta(out, |o| {
                o.object("reasoningContent", |o| o.value("signature", &signature));
            });
        }
        // A part of which nothing was said is none.
        if open.begun || open.signature.is_some() {
            message(out, "contentBlockStop", |o| {
                o.value("contentBlockIndex", &self.blocks);
            });
            self.blocks = self.blocks.saturating_add(1);
        }
    }

    fn stop(&mut self, reason: &StopReason, sequence: Option<&str>, out: &mut Vec<u8>) {
        self.begin(out);
        self.stop_block(out);
        if self.stage != Stage::Answering {
            return;
        }
        self.stage = Stage::Stopped;
        self.losses.extend(wire::stop_losses(reason));
        message(out, "messageStop", |o| {
            o.value("stopReason", wire::write_stop(Some(reason), self.said));
            if let Some(sequence) = sequence {
                o.object("additionalModelResponseFields", |o| {
                    o.value("stop_sequence", sequence);
                });
            }
        });
    }

    /// The counts come last. They are demanded, so that those of a provider that gave none are estimated.
    fn end(&mut self, out: &mut Vec<u8>) {
        self.stop(&StopReason::Stop, None, out);
        self.stage = Stage::Over;
        if let Some(counts) = &self.usage {
            self.losses.extend(counts.lost(&wire::said(counts)));
        }
        let usage = self.usage.unwrap_or(Usage {
            input: self.reply.input_estimate,
            output: self.text_bytes.div_ceil(BYTES_PER_TOKEN),
            ..Usage::default()
        });
        message(out, "metadata", |o| {
            o.object("usage", |o| {
                wire::write_usage(o, &usage);
                if let Some(cost) = &self.cost {
                    o.written("cost", cost.as_bytes());
                }
            });
            // Until the first content: nothing here knows the time when the stream ends.
            o.object("metrics", |o| o.value("latencyMs", &self.reply.elapsed_ms));
            if let Some(tier) = self.tier.as_deref().and_then(wire::tier) {
                o.object("serviceTier", |o| o.value("type", tier));
            }
        });
    }
}

/// Appends one event.
fn message(out: &mut Vec<u8>, name: &str, fill: impl FnOnce(&mut Object<'_>)) {
    let mut payload = Vec::with_capacity(128);
    write::object(&mut payload, fill);
    eventstream::write_event(out, name, &payload);
}
