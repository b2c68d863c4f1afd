//! Reads a stream into events.

use super::super::wire::{self, WireUsage};
use super::super::{ID, citations, error};
use super::{name, read, wrong};
use crate::dialect::codec::StreamDecoder;
use crate::dialect::fields::{Fields, Path};
use crate::dialect::members::{self, Member, Object, Unread};
use crate::dialect::origin;
use crate::ir::{
    CallKind, Delta, Event, Extra, Loss, Losses, Malformed, Opening, Sealed, Start, StopReason,
    Usage,
};
use crate::sse::Frame;
use serde::Deserialize;
use serde::de::MapAccess;
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
            "content_block_start" => self.open_block(read(&name, data)?, out)?,
            "content_block_delta" => self.delta(data, out)?,
            "content_block_stop" => self.close_block(out),
            "message_delta" => self.message_delta(data, out)?,
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
        message.usage.map_or(Ok(()), |raw| self.usage(raw, out))
    }

    /// Names what of the beginning has no canonical form.
    fn note_rest(&mut self, message: &RawValue) -> Result<(), Malformed> {
        let mut fields = Fields::of(message, Path::ROOT.key("message"))?;
        for known in [
            "id",
            "type",
            "role",
            "model",
            "content",
            "stop_reason",
            "stop_sequence",
            "usage",
        ] {
            fields.take(known);
        }
        self.losses.extend(fields.lost(""));
        Ok(())
    }

    /// Brings the counts up to date, and names those that have no canonical form.
    fn usage(&mut self, raw: &RawValue, out: &mut Vec<Event>) -> Result<(), Malformed> {
        let counts: WireUsage = read("usage", raw.get().as_bytes())?;
        let mut uncounted = Extra::default();
        wire::keep_uncounted(raw, &mut uncounted)?;
        self.losses.extend(uncounted.lost());
        counts.merge_into(&mut self.usage);
        out.push(Event::Usage(self.usage));
        Ok(())
    }

    fn open_block(&mut self, start: BlockStart<'_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        self.close_block(out);
        let block = start.index;
        let raw = start.content_block;
        let content: Block<'_> = read("content_block_start", raw.get().as_bytes())?;
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
                return Ok(());
            }
        };
        self.note_block(&content.kind, raw)?;
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
        for raw in content.citations.unwrap_or_default() {
            push_delta(index, Some(cited(raw)?), out);
        }
        Ok(())
    }

    /// Names the members of a block that are not read. Of reasoning there are none that anybody would lose.
    fn note_block(&mut self, kind: &str, raw: &RawValue) -> Result<(), Malformed> {
        if !matches!(kind, "text" | "tool_use") {
            return Ok(());
        }
        let mut block = Fields::of(raw, Path::ROOT.key("content_block"))?;
        for known in ["type", "text", "citations", "id", "name", "input"] {
            block.take(known);
        }
        self.losses.extend(block.lost("content."));
        Ok(())
    }

    fn delta(&mut self, data: &[u8], out: &mut Vec<Event>) -> Result<(), Malformed> {
        const NAME: &str = "content_block_delta";
        let more: BlockDelta<'_> = members::read(data).map_err(|bad| wrong(NAME, &bad))?;
        let delta = more.delta.unwrap_or_default();
        let index = match &mut self.open {
            Open::Part {
                block,
                index,
                input,
            } if *block == more.index => {
                let pieces = delta.partial_json.as_ref();
                if pieces.is_some_and(|json| !json.is_empty()) {
                    *input = None;
                }
                *index
            }
            Open::Skipped { block } if *block == more.index => {
                let pieces = [delta.text, delta.thinking, delta.partial_json];
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
        more.unread.note("", &mut self.losses);
        let added = match &*delta.kind {
            "text_delta" => delta.text.map(Delta::Text),
            "thinking_delta" => delta.thinking.map(Delta::Reasoning),
            "signature_delta" => delta.signature.map(signature),
            "input_json_delta" => delta.partial_json.map(Delta::Arguments),
            "citations_delta" => delta.citation.map(cited).transpose()?,
            "" => return Err(Malformed::body(format!("a stream's `{NAME}` has no type"))),
            other => {
                self.losses.dropped(format!("content.{other}"));
                return Ok(());
            }
        };
        delta.unread.note("content.", &mut self.losses);
        push_delta(index, added, out);
        Ok(())
    }

    fn close_block(&mut self, out: &mut Vec<Event>) {
        if let Open::Part { index, input, .. } = std::mem::take(&mut self.open) {
            push_delta(index, input.map(Delta::Arguments), out);
            out.push(Event::Close { choice: 0, index });
        }
    }

    /// Why the answer ended, and the counts. What else it says is named as in the message that it completes.
    fn message_delta(&mut self, data: &[u8], out: &mut Vec<Event>) -> Result<(), Malformed> {
        let mut event = Fields::body(data)?;
        event.take("type");
        if let Some(raw) = event.take("delta") {
            let mut delta = Fields::of(raw, Path::ROOT.key("delta"))?;
            let word = delta.string("stop_reason")?;
            let sequence = delta.string("stop_sequence")?;
            self.losses.extend(delta.lost(""));
            if let Some(word) = word {
                self.stop(wire::read_stop(&word), sequence, out);
            }
        }
        if let Some(raw) = event.take("usage") {
            self.usage(raw, out)?;
        }
        self.losses.extend(event.lost(""));
        Ok(())
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
    content_block: &'a RawValue,
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
    #[serde(borrow)]
    citations: Option<Vec<&'a RawValue>>,
}

#[derive(Default)]
struct BlockDelta<'a> {
    index: u64,
    delta: Option<Added<'a>>,
    unread: Unread<'a>,
}

impl<'a> Object<'a> for BlockDelta<'a> {
    fn member<A: MapAccess<'a>>(&mut self, it: Member<'_, 'a, A>) -> Result<(), A::Error> {
        match it.name() {
            "index" => it.read(&mut self.index),
            "delta" => it.object(&mut self.delta),
            "type" => it.skip(),
            _ => it.keep(&mut self.unread),
        }
    }
}

/// The members of all deltas that add to a part.
#[derive(Default)]
struct Added<'a> {
    kind: Cow<'a, str>,
    text: Option<String>,
    thinking: Option<String>,
    signature: Option<String>,
    partial_json: Option<String>,
    citation: Option<&'a RawValue>,
    unread: Unread<'a>,
}

impl<'a> Object<'a> for Added<'a> {
    fn member<A: MapAccess<'a>>(&mut self, it: Member<'_, 'a, A>) -> Result<(), A::Error> {
        match it.name() {
            "type" => it.text(&mut self.kind),
            "text" => it.read(&mut self.text),
            "thinking" => it.read(&mut self.thinking),
            "signature" => it.read(&mut self.signature),
            "partial_json" => it.read(&mut self.partial_json),
            "citation" => it.read(&mut self.citation),
            _ => it.keep(&mut self.unread),
        }
    }
}
