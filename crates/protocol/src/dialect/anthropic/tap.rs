//! Looks at answers that pass as they are, on the hot path: the `event:` name tells most, and only what is needed of
//! the data is read, without building it. Every frame is checked to be JSON.

use super::error;
use super::stream::{name, read};
use super::wire::{self, WireUsage};
use crate::dialect::codec::{FrameKind, Seen, Tap, WholeSeen};
use crate::dialect::glance::{Measured, span_in};
use crate::dialect::mould::Mould;
use crate::ir::{Malformed, Usage};
use crate::sse::Frame;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// What stands before the text of a delta, as Anthropic and those who follow it write it.
const TEXT_KEYS: &[&[u8]] = &[
    br#""text":""#,
    br#""text": ""#,
    br#""thinking":""#,
    br#""partial_json":""#,
];

/// Looks at the frames of one exchange.
///
/// Content begins with the first delta, or with the start of a block that is more than a promise of text (a tool
/// call, a server tool's result): until then all is preamble, so that another provider can still be tried.
#[derive(Debug, Default)]
pub(super) struct AnthropicTap {
    usage: Usage,
    content_began: bool,
    complete: bool,
    mould: Mould,
    tier: Option<String>,
}

impl Tap for AnthropicTap {
    fn read(&mut self, frame: &Frame<'_>) -> Result<Seen, Malformed> {
        let data = &*frame.data;
        if data.is_empty() {
            return Ok(Seen::of(FrameKind::Ping));
        }
        let name = name(frame)?;
        match &*name {
            "content_block_delta" => {
                self.content_began = true;
                let text_bytes = match self.mould.text_bytes(data) {
                    Some(text_bytes) => text_bytes,
                    None => {
                        let text_bytes = read::<BlockDelta>(&name, data)?.delta.text_bytes();
                        self.mould.take(data, TEXT_KEYS, text_bytes);
                        text_bytes
                    }
                };
                Ok(Seen::saying(FrameKind::Content, text_bytes))
            }
            "content_block_start" => {
                let block = read::<BlockStart<'_>>(&name, data)?.content_block;
                self.content_began |= !matches!(&*block.kind, "text" | "thinking");
                Ok(Seen::saying(self.structure(), block.text_bytes()))
            }
            "message_start" => self.message_start(read(&name, data)?),
            "message_delta" => self.message_delta(read(&name, data)?, data),
            "message_stop" => {
                self.complete = true;
                Ok(Seen::of(FrameKind::End))
            }
            "ping" => Ok(Seen::of(FrameKind::Ping)),
            "error" => Ok(Seen::of(FrameKind::Error(error::decode(200, data)))),
            "content_block_stop" => Ok(Seen::of(self.structure())),
            // New kinds of event may come at any time; the client must see them.
            _ => {
                read::<&RawValue>(&name, data)?;
                self.content_began = true;
                Ok(Seen::of(FrameKind::Content))
            }
        }
    }

    fn complete(&self) -> bool {
        self.complete
    }

    fn service_tier(&self) -> Option<&str> {
        self.tier.as_deref()
    }
}

impl AnthropicTap {
    /// What a frame is that only gives structure.
    fn structure(&self) -> FrameKind {
        if self.content_began {
            FrameKind::Content
        } else {
            FrameKind::Preamble
        }
    }

    fn message_start(&mut self, start: MessageStart<'_>) -> Result<Seen, Malformed> {
        let raw = start.message.usage;
        let counts = raw.map(|raw| read::<WireUsage>("usage", raw.get().as_bytes()));
        let usage = counts.transpose()?.map(|counts| self.count(counts));
        self.tier = raw.and_then(wire::read_tier);
        Ok(Seen {
            usage,
            ..Seen::of(self.structure())
        })
    }

    /// The final counts, and an end that the client must see even if nothing was said.
    fn message_delta(&mut self, more: MessageDelta<'_>, data: &[u8]) -> Result<Seen, Malformed> {
        self.content_began = true;
        let Some(raw) = more.usage else {
            return Ok(Seen::of(FrameKind::Content));
        };
        let counts = read("message_delta", raw.get().as_bytes())?;
        Ok(Seen {
            usage: Some(self.count(counts)),
            usage_span: span_in(data, raw),
            ..Seen::of(FrameKind::Content)
        })
    }

    fn count(&mut self, counts: WireUsage) -> Usage {
        counts.merge_into(&mut self.usage);
        self.usage
    }
}

/// Looks at a whole answer.
///
/// # Errors
/// When it is not a message.
pub(super) fn read_whole(body: &[u8]) -> Result<WholeSeen, Malformed> {
    let whole: Whole<'_> = serde_json::from_slice(body)
        .map_err(|bad| Malformed::body(format!("the answer is not a message: {bad}")))?;
    if whole.kind == "error" {
        return Ok(WholeSeen {
            error: Some(error::decode(200, body)),
            ..WholeSeen::default()
        });
    }
    let Some(content) = whole.content else {
        return Err(Malformed::field("content", "is required"));
    };
    let counts = whole
        .usage
        .map(|raw| read::<WireUsage>("usage", raw.get().as_bytes()));
    Ok(WholeSeen {
        usage: counts.transpose()?.map(WireUsage::into_usage),
        usage_span: whole.usage.and_then(|raw| span_in(body, raw)),
        text_bytes: content.iter().map(WholeBlock::text_bytes).sum(),
        service_tier: whole.usage.and_then(wire::read_tier),
        error: None,
    })
}

#[derive(Deserialize)]
struct MessageStart<'a> {
    #[serde(borrow)]
    message: Message<'a>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct BlockStart<'a> {
    #[serde(borrow)]
    content_block: Block<'a>,
}

#[derive(Deserialize)]
struct Block<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(default)]
    text: Measured,
    #[serde(default)]
    thinking: Measured,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
}

impl Block<'_> {
    /// A tool's input usually follows in pieces; some servers give it whole at once.
    fn text_bytes(&self) -> u64 {
        let input = self.input.map_or("", RawValue::get);
        let whole = if input == "{}" { 0 } else { input.len() as u64 };
        self.text.bytes() + self.thinking.bytes() + whole
    }
}

#[derive(Deserialize)]
struct BlockDelta {
    delta: Added,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Added {
    text: Measured,
    thinking: Measured,
    partial_json: Measured,
}

impl Added {
    fn text_bytes(&self) -> u64 {
        self.text.bytes() + self.thinking.bytes() + self.partial_json.bytes()
    }
}

#[derive(Deserialize)]
struct MessageDelta<'a> {
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Whole<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    content: Option<Vec<WholeBlock<'a>>>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct WholeBlock<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(default)]
    text: Measured,
    #[serde(default)]
    thinking: Measured,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
}

impl WholeBlock<'_> {
    fn text_bytes(&self) -> u64 {
        let input = match &*self.kind {
            "tool_use" | "server_tool_use" => self.input.map_or(0, |raw| raw.get().len() as u64),
            _ => 0,
        };
        self.text.bytes() + self.thinking.bytes() + input
    }
}
