//! Reads a stream into events.

use super::super::wire::{self, WireUsage};
use super::super::{ID, citations, error};
use super::{name, read};
use crate::dialect::codec::StreamDecoder;
use crate::dialect::fields::{Fields, Path};
use crate::dialect::origin;
use crate::ir::{
    CallKind, Delta, Event, Loss, Losses, Malformed, Opening, Sealed, Start, StopReason, Usage,
};
use crate::sse::Frame;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Reads the stream of one exchange.
#[derive(Debug, Default)]
pub(in crate::dialect::anthropic) struct Decoder {
    stage: Stage,
    open: Open,
    /// How many parts were opened so far.
    parts: u32,
    called_tool: bool,
    stopped: bool,
    usage: Usage,
    tier: Option<String>,
    /// Bytes of generated text in blocks that were skipped.
    unsaid: u64,
    losses: Losses,
}

/// How far the stream is.
#[derive(Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Before,
    Answering,
    /// Its proper end or an error was read; what follows is ignored.
    Over,
}

/// The block that is open.
#[derive(Debug, Default, PartialEq, Eq)]
enum Open {
    #[default]
    Nothing,
    /// One that became a part.
    Part {
        block: u64,
        index: u32,
        /// A tool's input that the opening gave whole; used where no pieces follow.
        input: Option<String>,
    },
    /// One that the canonical form has no streamed part for.
    Skipped { block: u64 },
}

impl StreamDecoder for Decoder {
    fn decode(&mut self, frame: &Frame<'_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        if frame.data.is_empty() || self.stage == Stage::Over {
            return Ok(());
        }
        let name = name(frame)?;
        let data = &frame.data;
        match &*name {
            "message_start" => self.start(read(&name, data)?, out)?,
            "content_block_start" => self.open_block(read(&name, data)?, out),
            "content_block_delta" => self.delta(read(&name, data)?, out)?,
            "content_block_stop" => self.close_block(out),
            "message_delta" => self.message_delta(read(&name, data)?, out),
            "message_stop" => self.end(out),
            "ping" => out.push(Event::Ping),
            "error" => {
                self.stage = Stage::Over;
                out.push(Event::Error(error::decode(200, data)));
            }
            // New kinds of event may come at any time, and clients are told to ignore them.
            other => self.losses.dropped(other),
        }
        Ok(())
    }

    fn finish(&mut self, _out: &mut Vec<Event>) {}

    fn losses(&self) -> &[Loss] {
        self.losses.as_slice()
    }

    fn unsaid_bytes(&self) -> u64 {
        self.unsaid
    }

    fn service_tier(&self) -> Option<&str> {
        self.tier.as_deref()
    }
}

impl Decoder {
    fn start(&mut self, start: MessageStart<'_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        let raw = start.message;
        let message: Message<'_> = read("message_start", raw.get().as_bytes())?;
        if self.stage == Stage::Before {
            self.stage = Stage::Answering;
            self.note_rest(raw)?;
            self.tier = message.usage.and_then(wire::read_tier);
            out.push(Event::Start(Start {
                id: message.id,
                model: message.model,
                created: None,
                service_tier: self.tier.clone(),
            }));
        }
        let counts = message.usage.map(|raw| read("usage", raw.get().as_bytes()));
        if let Some(counts) = counts.transpose()? {
            self.count(counts, out);
        }
        Ok(())
    }

    /// Names what of the beginning has no canonical form.
    fn note_rest(&mut self, message: &RawValue) -> Result<(), Malformed> {
        let at = Path::ROOT.key("message");
        let mut fields = Fields::of(message, at)?;
        if let Some(usage) = fields.take("usage") {
            let mut usage = Fields::of(usage, at.key("usage"))?;
            for known in wire::USAGE_MEMBERS {
                usage.take(known);
            }
            usage.take("server_tool_use");
            self.losses.extend(usage.lost("usage."));
        }
        for known in [
            "id",
            "type",
            "role",
            "model",
            "content",
            "stop_reason",
            "stop_sequence",
        ] {
            fields.take(known);
        }
        self.losses.extend(fields.lost(""));
        Ok(())
    }

    fn count(&mut self, counts: WireUsage, out: &mut Vec<Event>) {
        counts.merge_into(&mut self.usage);
        out.push(Event::Usage(self.usage));
    }

    fn open_block(&mut self, start: BlockStart<'_>, out: &mut Vec<Event>) {
        self.close_block(out);
        let block = start.index;
        let content = start.content_block;
        let (part, first, input) = match &*content.kind {
            "text" => (Opening::Text, content.text.map(Delta::Text), None),
            "thinking" => (
                Opening::Reasoning,
                content.thinking.map(Delta::Reasoning),
                None,
            ),
            "redacted_thinking" => (
                Opening::EncryptedReasoning(origin::read(content.data.unwrap_or_default(), ID)),
                None,
                None,
            ),
            "tool_use" => {
                self.called_tool = true;
                let whole = content.input.map(|input| input.get().trim().to_owned());
                (
                    Opening::ToolCall {
                        id: content.id.unwrap_or_default(),
                        name: content.name.unwrap_or_default(),
                        kind: CallKind::Function,
                    },
                    None,
                    whole.filter(|input| input.starts_with('{') && input != "{}"),
                )
            }
            other => {
                self.losses.dropped(format!("content.{other}"));
                self.open = Open::Skipped { block };
                let input = content.input.map_or("", |input| input.get());
                let whole = if input == "{}" { 0 } else { input.len() };
                let texts = [content.text, content.thinking];
                self.count_unsaid(texts, whole);
                return;
            }
        };
        let index = self.parts;
        self.parts = self.parts.saturating_add(1);
        self.open = Open::Part {
            block,
            index,
            input,
        };
        out.push(Event::Open {
            choice: 0,
            index,
            part,
        });
        push_delta(index, first, out);
        push_delta(index, content.signature.map(signature), out);
    }

    fn delta(&mut self, more: BlockDelta<'_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        let index = match &mut self.open {
            Open::Part {
                block,
                index,
                input,
            } if *block == more.index => {
                if more
                    .delta
                    .partial_json
                    .as_ref()
                    .is_some_and(|json| !json.is_empty())
                {
                    *input = None;
                }
                *index
            }
            Open::Skipped { block } if *block == more.index => {
                let pieces = [
                    more.delta.text,
                    more.delta.thinking,
                    more.delta.partial_json,
                ];
                self.count_unsaid(pieces, 0);
                return Ok(());
            }
            Open::Nothing | Open::Part { .. } | Open::Skipped { .. } => {
                return Err(Malformed::body(format!(
                    "a stream's `content_block_delta` is for block {}, which is not open",
                    more.index
                )));
            }
        };
        let delta = more.delta;
        let added = match &*delta.kind {
            "text_delta" => delta.text.map(Delta::Text),
            "thinking_delta" => delta.thinking.map(Delta::Reasoning),
            "signature_delta" => delta.signature.map(signature),
            "input_json_delta" => delta.partial_json.map(Delta::Arguments),
            "citations_delta" => delta.citation.map(cited).transpose()?,
            other => {
                self.losses.dropped(format!("content.{other}"));
                None
            }
        };
        push_delta(index, added, out);
        Ok(())
    }

    fn close_block(&mut self, out: &mut Vec<Event>) {
        if let Open::Part { index, input, .. } = std::mem::take(&mut self.open) {
            push_delta(index, input.map(Delta::Arguments), out);
            out.push(Event::Close { choice: 0, index });
        }
    }

    fn message_delta(&mut self, more: MessageDelta, out: &mut Vec<Event>) {
        if more.delta.stop_details.is_some() {
            self.losses.dropped("stop_details");
        }
        if let Some(word) = more.delta.stop_reason {
            self.stop(wire::read_stop(&word), more.delta.stop_sequence, out);
        }
        if let Some(usage) = more.usage {
            self.count(usage, out);
        }
    }

    fn stop(&mut self, reason: StopReason, sequence: Option<String>, out: &mut Vec<Event>) {
        self.close_block(out);
        if !std::mem::replace(&mut self.stopped, true) {
            out.push(Event::Stop {
                choice: 0,
                reason,
                sequence,
            });
        }
    }

    fn end(&mut self, out: &mut Vec<Event>) {
        let unsaid = if self.called_tool {
            StopReason::ToolCalls
        } else {
            StopReason::Stop
        };
        self.stop(unsaid, None, out);
        self.stage = Stage::Over;
        out.push(Event::End);
    }

    fn count_unsaid<const N: usize>(&mut self, texts: [Option<String>; N], more: usize) {
        let said = texts.iter().flatten().map(String::len).sum::<usize>();
        self.unsaid = self.unsaid.saturating_add((said + more) as u64);
    }
}

fn push_delta(index: u32, delta: Option<Delta>, out: &mut Vec<Event>) {
    let Some(delta) = delta else { return };
    let says_something = match &delta {
        Delta::Text(text)
        | Delta::Reasoning(text)
        | Delta::Signature(Sealed { value: text, .. })
        | Delta::Arguments(text) => !text.is_empty(),
        Delta::Citation(_) => true,
    };
    if says_something {
        out.push(Event::Delta {
            choice: 0,
            index,
            delta,
        });
    }
}

fn cited(raw: &RawValue) -> Result<Delta, Malformed> {
    let citation = citations::read(raw, Path::ROOT.key("delta").key("citation"))?;
    Ok(Delta::Citation(Box::new(citation)))
}

fn signature(value: String) -> Delta {
    Delta::Signature(origin::read(value, ID))
}

#[derive(Deserialize)]
struct MessageStart<'a> {
    #[serde(borrow)]
    message: &'a RawValue,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(default)]
    id: String,
    #[serde(default)]
    model: String,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct BlockStart<'a> {
    index: u64,
    #[serde(borrow)]
    content_block: Block<'a>,
}

/// The members of all blocks that become parts.
#[derive(Deserialize)]
struct Block<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    text: Option<String>,
    thinking: Option<String>,
    signature: Option<String>,
    data: Option<String>,
    id: Option<String>,
    name: Option<String>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct BlockDelta<'a> {
    index: u64,
    #[serde(borrow)]
    delta: Added<'a>,
}

/// The members of all deltas that add to a part.
#[derive(Deserialize)]
struct Added<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    text: Option<String>,
    thinking: Option<String>,
    signature: Option<String>,
    partial_json: Option<String>,
    #[serde(borrow)]
    citation: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct MessageDelta {
    #[serde(default)]
    delta: Stop,
    usage: Option<WireUsage>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Stop {
    stop_reason: Option<String>,
    stop_sequence: Option<String>,
    stop_details: Option<IgnoredAny>,
}
