//! Looks at answers that pass as they are, on the hot path: an event's name tells most, and only what is needed of the
//! payload is read, without building it. Every payload is checked to be JSON.

use super::error;
use super::stream::{BlockStart, read};
use super::wire::{WireTier, WireUsage};
use crate::dialect::codec::{FrameKind, Seen, Tap, WholeSeen};
use crate::dialect::glance::{Measured, span_in};
use crate::frame::{Frame, Tells};
use crate::ir::Malformed;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

/// Looks at the frames of one exchange.
///
/// Content begins with the first delta or call: until then all is preamble, so that another provider can still be tried.
#[derive(Debug, Default)]
pub(super) struct BedrockTap {
    content_began: bool,
    stopped: bool,
    tier: Option<String>,
}

impl Tap for BedrockTap {
    fn read(&mut self, frame: &Frame<'_>) -> Result<Seen, Malformed> {
        let (name, data) = (frame.event.unwrap_or_default(), &*frame.data);
        if frame.tells == Tells::Error {
            let error = error::read_frame(frame.event, data);
            return Ok(Seen::of(FrameKind::Error(error)));
        }
        match name {
            "contentBlockDelta" => {
                self.content_began = true;
                Ok(Seen::saying(
                    FrameKind::Content,
                    read::<BlockDelta>(name, data)?.delta.text_bytes(),
                ))
            }
            "contentBlockStart" => {
                let start = read::<BlockStart<'_>>(name, data)?.start;
                self.content_began |= start.tool_use.is_some()
                    || start.tool_result.is_some()
                    || start.image.is_some();
                Ok(Seen::of(self.structure()))
            }
            "contentBlockStop" => {
                let IgnoredAny = read(name, data)?;
                Ok(Seen::of(self.structure()))
            }
            // An end that the client must see even if nothing was said.
            "messageStop" => {
                let IgnoredAny = read(name, data)?;
                self.content_began = true;
                self.stopped = true;
                Ok(Seen::of(FrameKind::Content))
            }
            "metadata" => self.metadata(read(name, data)?, data),
            "messageStart" => {
                let IgnoredAny = read(name, data)?;
                Ok(Seen::of(self.structure()))
            }
            // New kinds of event may come at any time; our own sign of life is one.
            _ => Ok(Seen::of(FrameKind::Ping)),
        }
    }

    fn complete(&self) -> bool {
        self.stopped
    }

    fn service_tier(&self) -> Option<&str> {
        self.tier.as_deref()
    }
}

impl BedrockTap {
    /// What a frame is that only gives structure.
    fn structure(&self) -> FrameKind {
        if self.content_began {
            FrameKind::Content
        } else {
            FrameKind::Preamble
        }
    }

    /// The counts, by which a stream ends that has stopped.
    fn metadata(&mut self, more: Metadata<'_>, data: &[u8]) -> Result<Seen, Malformed> {
        self.tier = more.service_tier.map(|tier| tier.kind).or(self.tier.take());
        let counts = more
            .usage
            .map(|raw| read::<WireUsage>("metadata", raw.get().as_bytes()));
        let kind = match self.stopped {
            true => FrameKind::End,
            false => self.structure(),
        };
        Ok(Seen {
            usage: counts.transpose()?.map(WireUsage::into_usage),
            usage_span: more.usage.and_then(|raw| span_in(data, raw)),
            ..Seen::of(kind)
        })
    }
}

/// Looks at a whole answer.
///
/// # Errors
/// When it is not what Converse answers.
pub(super) fn read_whole(body: &[u8]) -> Result<WholeSeen, Malformed> {
    let whole: Whole<'_> = serde_json::from_slice(body)
        .map_err(|bad| Malformed::body(format!("the answer is not Converse's: {bad}")))?;
    let counts = whole
        .usage
        .map(|raw| read::<WireUsage>("usage", raw.get().as_bytes()));
    Ok(WholeSeen {
        usage: counts.transpose()?.map(WireUsage::into_usage),
        usage_span: whole.usage.and_then(|raw| span_in(body, raw)),
        text_bytes: whole
            .output
            .message
            .content
            .iter()
            .map(WholeBlock::text_bytes)
            .sum(),
        service_tier: whole.service_tier.map(|tier| tier.kind),
        error: None,
    })
}

#[derive(Deserialize)]
struct BlockDelta {
    #[serde(default)]
    delta: Added,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Added {
    text: Measured,
    tool_use: Input,
    reasoning_content: Thought,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Input {
    input: Measured,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Thought {
    text: Measured,
}

impl Added {
    fn text_bytes(&self) -> u64 {
        self.text.bytes() + self.tool_use.input.bytes() + self.reasoning_content.text.bytes()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
    #[serde(default)]
    service_tier: Option<WireTier>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Whole<'a> {
    #[serde(borrow)]
    output: Output<'a>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
    #[serde(default)]
    service_tier: Option<WireTier>,
}

#[derive(Deserialize)]
struct Output<'a> {
    #[serde(borrow)]
    message: Message<'a>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    content: Vec<WholeBlock<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WholeBlock<'a> {
    text: Measured,
    #[serde(borrow)]
    tool_use: Option<WholeCall<'a>>,
    reasoning_content: WholeThought,
    citations_content: Cited,
}

#[derive(Deserialize)]
struct WholeCall<'a> {
    #[serde(borrow)]
    input: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WholeThought {
    reasoning_text: Thought,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Cited {
    content: Vec<Thought>,
}

impl WholeBlock<'_> {
    fn text_bytes(&self) -> u64 {
        let call = self.tool_use.as_ref().and_then(|call| call.input);
        let cited = self.citations_content.content.iter();
        self.text.bytes()
            + self.reasoning_content.reasoning_text.text.bytes()
            + cited.map(|piece| piece.text.bytes()).sum::<u64>()
            + call.map_or(0, |raw| raw.get().len() as u64)
    }
}
