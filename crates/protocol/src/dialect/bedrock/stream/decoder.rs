//! Reads a stream into events.

use super::super::response::stop_sequence;
use super::super::wire;
use super::super::{ID, citations, error, formats, parts};
use super::wire::{BlockDelta, BlockStart, Metadata, PADDING, Starting, Thought};
use super::{read, wrong};
use crate::dialect::codec::StreamDecoder;
use crate::dialect::fields::{Fields, Path};
use crate::dialect::members;
use crate::frame::{Frame, Tells};
use crate::ir::{
    CallKind, Delta, Event, Extra, Loss, Losses, Malformed, Media, MediaSource, Opening, Part,
    PartKind, Sealed, Start, StopReason,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::IgnoredAny;

/// The most base64 of one image that is put together, in bytes.
const IMAGE_LIMIT: usize = 24 * 1024 * 1024;

/// Reads the stream of one exchange.
#[derive(Debug, Default)]
pub(in crate::dialect::bedrock) struct Decoder {
    stage: Stage,
    open: Open,
    /// How many parts were opened so far.
    parts: u32,
    called_tool: bool,
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
    /// Why it ended is known; the counts may still come.
    Stopped,
    /// Its proper end or an error was read; what follows is ignored.
    Over,
}

/// The block that is open.
#[derive(Debug, Default)]
enum Open {
    #[default]
    Nothing,
    /// One that became a part.
    Part { block: u64, index: u32, kind: Kind },
    /// An image, of which the pieces are collected.
    Image {
        block: u64,
        format: String,
        pieces: Vec<String>,
        bytes: usize,
    },
    /// One that the canonical form has no streamed part for.
    Skipped { block: u64 },
}

/// What is added to a part, and so which part it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Reasoning,
    Encrypted,
    ToolCall,
}

impl StreamDecoder for Decoder {
    fn decode(&mut self, frame: &Frame<'_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        if self.stage == Stage::Over {
            return Ok(());
        }
        let (name, data) = (frame.event.unwrap_or_default(), &*frame.data);
        if frame.tells == Tells::Error {
            self.stage = Stage::Over;
            out.push(Event::Error(error::read_frame(frame.event, data)));
            return Ok(());
        }
        match name {
            "messageStart" => self.start(out),
            "contentBlockStart" => self.open_block(read(name, data)?, out),
            "contentBlockDelta" => self.delta(data, out)?,
            "contentBlockStop" => {
                let IgnoredAny = read(name, data)?;
                self.close_block(out);
            }
            "messageStop" => self.stop(data, out)?,
            "metadata" => {
                self.note_rest(data)?;
                self.metadata(read(name, data)?, out);
            }
            // New kinds of event may come at any time, and clients are told to ignore them.
            _ => {
                if name != "ping" {
                    self.losses.dropped(name);
                }
                out.push(Event::Ping);
            }
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<Event>) {
        if self.stage == Stage::Stopped {
            self.stage = Stage::Over;
            out.push(Event::End);
        }
    }

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
    fn start(&mut self, out: &mut Vec<Event>) {
        if self.stage == Stage::Before {
            self.stage = Stage::Answering;
            out.push(Event::Start(Start::default()));
        }
    }

    fn open_block(&mut self, start: BlockStart<'_>, out: &mut Vec<Event>) {
        self.start(out);
        self.close_block(out);
        let block = start.content_block_index;
        match start.start {
            Starting {
                tool_use: Some(call),
                ..
            } if call.kind.is_none() => {
                self.called_tool = true;
                let opening = Opening::ToolCall {
                    id: call.tool_use_id,
                    name: call.name,
                    kind: CallKind::Function,
                };
                self.open_part(block, Kind::ToolCall, opening, out);
            }
            Starting {
                tool_use: Some(_), ..
            } => self.skip(block, "content.toolUse"),
            Starting {
                tool_result: Some(_),
                ..
            } => self.skip(block, "content.toolResult"),
            Starting {
                image: Some(image), ..
            } => {
                self.open = Open::Image {
                    block,
                    format: image.format,
                    pieces: Vec::new(),
                    bytes: 0,
                };
            }
            // What it is, the first delta tells.
            Starting { .. } => {}
        }
    }

    fn open_part(&mut self, block: u64, kind: Kind, part: Opening, out: &mut Vec<Event>) -> u32 {
        let index = self.parts;
        self.parts = self.parts.saturating_add(1);
        self.open = Open::Part { block, index, kind };
        out.push(Event::Open {
            choice: 0,
            index,
            part,
        });
        index
    }

    fn skip(&mut self, block: u64, field: &str) {
        self.losses.dropped(field);
        self.open = Open::Skipped { block };
    }

    fn delta(&mut self, data: &[u8], out: &mut Vec<Event>) -> Result<(), Malformed> {
        self.start(out);
        let more: BlockDelta<'_> =
            members::read(data).map_err(|bad| wrong("contentBlockDelta", &bad))?;
        let block = more.content_block_index;
        let delta = more.delta.unwrap_or_default();
        more.unread.note("", &mut self.losses);
        delta.unread.note("content.", &mut self.losses);
        match &mut self.open {
            Open::Skipped { block: open } if *open == block => {
                let input = delta.tool_use.map_or(0, |call| call.input.len());
                self.unsaid = self.unsaid.saturating_add(input as u64);
                return Ok(());
            }
            Open::Image {
                block: open,
                pieces,
                bytes,
                ..
            } if *open == block => {
                let piece = delta.image.and_then(|image| image.source.bytes);
                *bytes = bytes.saturating_add(piece.as_ref().map_or(0, String::len));
                if *bytes > IMAGE_LIMIT {
                    self.skip(block, "content.image");
                } else {
                    pieces.extend(piece);
                }
                return Ok(());
            }
            Open::Nothing | Open::Part { .. } | Open::Skipped { .. } | Open::Image { .. } => {}
        }
        if let Some(text) = delta.text {
            self.add(block, Kind::Text, Opening::Text, Delta::Text(text), out);
        } else if let Some(call) = delta.tool_use {
            self.add_arguments(block, call.input, out)?;
        } else if let Some(thought) = delta.reasoning_content {
            self.reason(block, thought, out);
        } else if let Some(raw) = delta.citation {
            let citation = citations::read(raw, Path::ROOT.key("citation"))?;
            let citation = Delta::Citation(Box::new(citation));
            self.add(block, Kind::Text, Opening::Text, citation, out);
        }
        Ok(())
    }

    /// Adds to the open part, or to a new one where none of this kind is open.
    fn add(
        &mut self,
        block: u64,
        kind: Kind,
        opening: Opening,
        delta: Delta,
        out: &mut Vec<Event>,
    ) {
        let says_something = match &delta {
            Delta::Text(text)
            | Delta::Reasoning(text)
            | Delta::Signature(Sealed { value: text, .. })
            | Delta::Arguments(text) => !text.is_empty(),
            Delta::Citation(_) => true,
        };
        let index = match self.open {
            Open::Part {
                block: open,
                index,
                kind: of,
            } if open == block && of == kind => index,
            _ => {
                self.close_block(out);
                self.open_part(block, kind, opening, out)
            }
        };
        if says_something {
            out.push(Event::Delta {
                choice: 0,
                index,
                delta,
            });
        }
    }

    fn add_arguments(
        &mut self,
        block: u64,
        input: String,
        out: &mut Vec<Event>,
    ) -> Result<(), Malformed> {
        match self.open {
            Open::Part {
                block: open,
                index,
                kind: Kind::ToolCall,
            } if open == block => {
                if !input.is_empty() {
                    out.push(Event::Delta {
                        choice: 0,
                        index,
                        delta: Delta::Arguments(input),
                    });
                }
                Ok(())
            }
            _ => Err(Malformed::body(format!(
                "a stream's `contentBlockDelta` adds to a call in block {block}, which is not open"
            ))),
        }
    }

    fn reason(&mut self, block: u64, thought: Thought, out: &mut Vec<Event>) {
        if let Some(data) = thought.redacted_content {
            // It comes whole.
            self.close_block(out);
            let opening = Opening::EncryptedReasoning(parts::read_redacted(data));
            self.open_part(block, Kind::Encrypted, opening, out);
        }
        let deltas = [
            thought.text.map(Delta::Reasoning),
            thought
                .signature
                .map(|signature| Delta::Signature(Sealed::new(ID, signature))),
        ];
        for delta in deltas.into_iter().flatten() {
            self.add(block, Kind::Reasoning, Opening::Reasoning, delta, out);
        }
    }

    fn close_block(&mut self, out: &mut Vec<Event>) {
        match std::mem::take(&mut self.open) {
            Open::Nothing | Open::Skipped { .. } => {}
            Open::Part { index, .. } => out.push(Event::Close { choice: 0, index }),
            Open::Image {
                block,
                format,
                pieces,
                ..
            } => {
                let Some(data) = joined(pieces) else {
                    self.losses.dropped("content.image");
                    return;
                };
                let media = Media {
                    source: MediaSource::Base64 {
                        media_type: formats::IMAGE.media_type(&format),
                        data,
                    },
                    media_type: None,
                    name: None,
                    detail: None,
                };
                let part = Part::new(PartKind::Image(media));
                let opening = Opening::Whole(Box::new(part));
                let index = self.open_part(block, Kind::Text, opening, out);
                self.open = Open::Nothing;
                out.push(Event::Close { choice: 0, index });
            }
        }
    }

    /// Why the answer ended. What else it says is named as in a whole answer.
    fn stop(&mut self, data: &[u8], out: &mut Vec<Event>) -> Result<(), Malformed> {
        self.start(out);
        self.close_block(out);
        let mut stop = Fields::body(data)?;
        stop.take(PADDING);
        let mut extra = Extra::default();
        let sequence = stop_sequence(&mut stop, &mut extra)?;
        self.losses.extend(extra.lost());
        let word = stop.string("stopReason")?;
        self.losses.extend(stop.lost(""));
        if self.stage == Stage::Stopped {
            return Ok(());
        }
        self.stage = Stage::Stopped;
        let reason = match word {
            Some(word) => wire::read_stop(&word),
            None if self.called_tool => StopReason::ToolCalls,
            None => StopReason::Stop,
        };
        out.push(Event::Stop {
            choice: 0,
            reason,
            sequence,
        });
        Ok(())
    }

    /// Names what of the metadata has no canonical form.
    fn note_rest(&mut self, data: &[u8]) -> Result<(), Malformed> {
        let mut fields = Fields::body(data)?;
        if let Some(usage) = fields.take("usage") {
            let mut usage = Fields::of(usage, Path::ROOT.key("usage"))?;
            wire::USAGE_MEMBERS.iter().for_each(|known| {
                usage.take(known);
            });
            self.losses.extend(usage.lost("usage."));
        }
        let known = ["serviceTier", "metrics", PADDING];
        for known in known.iter().chain(wire::LABELS) {
            fields.take(known);
        }
        self.losses.extend(fields.lost(""));
        Ok(())
    }

    /// The counts, by which a stream ends that has stopped.
    fn metadata(&mut self, more: Metadata, out: &mut Vec<Event>) {
        self.start(out);
        if let Some(tier) = more.service_tier {
            out.push(Event::ServiceTier(tier.kind.clone()));
            self.tier = Some(tier.kind);
        }
        if let Some(usage) = more.usage {
            out.push(Event::Usage(usage.into_usage()));
        }
        self.finish(out);
    }
}

/// Pieces of base64 as one; each piece may have an end of its own.
fn joined(mut pieces: Vec<String>) -> Option<String> {
    if pieces.len() < 2 {
        return pieces.pop();
    }
    let bytes = pieces.iter().map(|piece| STANDARD.decode(piece));
    let bytes: Vec<Vec<u8>> = bytes.collect::<Result<_, _>>().ok()?;
    Some(STANDARD.encode(bytes.concat()))
}
