//! Looks at answers that pass through as they are: one pass over the JSON that checks it, counts text (its decoded
//! bytes) and finds usage, without building anything. What it measures is next door.

mod glance;

use super::{stream, usage, wire};
use crate::dialect::glance::span_in;
use crate::dialect::members;
use crate::dialect::mould::Mould;
use crate::dialect::openai_error as error;
use crate::dialect::{FrameKind, Seen, Tap, WholeSeen};
use crate::ir::{Malformed, Usage};
use crate::sse::Frame;
use glance::Look;
use serde_json::value::RawValue;
use std::ops::Range;

/// What stands before the text of most frames.
const TEXT_KEYS: &[&[u8]] = &[
    br#""content":""#,
    br#""content": ""#,
    br#""reasoning_content":""#,
];

/// Looks at a whole answer.
pub(super) fn read_whole(body: &[u8]) -> Result<WholeSeen, Malformed> {
    let look = look(body)?;
    if look.is_error() {
        return Ok(WholeSeen {
            error: Some(error::decode(200, body)),
            ..WholeSeen::default()
        });
    }
    let choices = look
        .choices
        .as_ref()
        .ok_or_else(|| Malformed::field("choices", "is required"))?;
    let (counts, span) = stated(&look, body);
    Ok(WholeSeen {
        usage: counts,
        usage_span: span,
        text_bytes: choices.text_bytes,
        service_tier: look.service_tier.and_then(word),
        error: None,
    })
}

/// Looks at the frames of a streamed answer.
#[derive(Debug, Default)]
pub(super) struct StreamTap {
    /// One bit for each choice.
    seen: u128,
    finished: u128,
    done: bool,
    failed: bool,
    mould: Mould,
    /// As it was written, and as the word it is.
    tier: (Vec<u8>, Option<String>),
}

impl Tap for StreamTap {
    fn read(&mut self, frame: &Frame<'_>) -> Result<Seen, Malformed> {
        let data = frame.data.trim_ascii();
        if data.is_empty() {
            return Ok(Seen::of(FrameKind::Ping));
        }
        if data == stream::DONE {
            self.done = self.seen != 0;
            return match self.seen {
                0 => Err(Malformed::body("the stream ended without an answer")),
                _ => Ok(Seen::of(FrameKind::End)),
            };
        }
        if let Some(text_bytes) = self
            .mould
            .text_bytes(data)
            .filter(|_| frame.event.is_none())
        {
            return Ok(Seen::saying(FrameKind::Content, text_bytes));
        }
        let look = look(data)?;
        if look.is_error() || frame.event == Some("error") {
            self.failed = true;
            return Ok(Seen::of(FrameKind::Error(error::decode(200, data))));
        }
        let choices = look.choices.as_ref().copied().unwrap_or_default();
        self.seen |= choices.seen;
        self.finished |= choices.finished;
        if let Some(raw) = look.service_tier
            && raw.get().as_bytes() != self.tier.0
        {
            self.tier = (raw.get().into(), word(raw).or(self.tier.1.take()));
        }
        let (counts, span) = stated(&look, &frame.data);
        let kind = if choices.content {
            FrameKind::Content
        } else if choices.seen == 0 && span.is_some() {
            FrameKind::UsageOnly
        } else {
            FrameKind::Preamble
        };
        if kind == FrameKind::Content && counts.is_none() && choices.finished == 0 {
            self.mould.take(data, TEXT_KEYS, choices.text_bytes);
        }
        // Some providers state usage with every chunk; our cost belongs to the last one.
        let last = choices.seen == 0 || choices.finished != 0;
        Ok(Seen {
            kind,
            usage: counts,
            usage_span: span.filter(|_| last),
            text_bytes: choices.text_bytes,
        })
    }

    /// Also without `[DONE]`, if every choice said why it ended.
    fn complete(&self) -> bool {
        let said = self.seen != 0 && self.seen == self.finished;
        !self.failed && (self.done || said)
    }

    fn service_tier(&self) -> Option<&str> {
        self.tier.1.as_deref()
    }
}

fn look(data: &[u8]) -> Result<Look<'_>, Malformed> {
    serde_json::from_slice(data)
        .map_err(|bad| Malformed::body(format!("is not a valid answer: {bad}")))
}

/// Usage, and where in `data` it stands.
fn stated(look: &Look<'_>, data: &[u8]) -> (Option<Usage>, Option<Range<usize>>) {
    let corner = look.x_groq.as_ref().and_then(|groq| groq.usage);
    match look.usage.or(corner) {
        Some(raw) => (counts(raw), span_in(data, raw)),
        None => (None, None),
    }
}

/// A text, if it is one.
fn word(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

fn counts(raw: &RawValue) -> Option<Usage> {
    let counts: wire::Usage<'_> = members::read(raw.get().as_bytes()).ok()?;
    Some(usage::read(&counts))
}

#[cfg(test)]
mod tests;
