//! Looks at answers that pass as they are: every frame is checked to be JSON, its text is measured, and the answer at
//! the end is searched for usage. Nothing is built.

use super::response::{failure, read_failure};
use super::usage;
use crate::dialect::fields::{Fields, Path};
use crate::dialect::glance::span_in;
use crate::dialect::{FrameKind, Seen, Tap, WholeSeen};
use crate::ir::{Error, Malformed};
use crate::sse::Frame;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Looks at the frames of one exchange.
///
/// Content begins with the first piece, or with an item that is more than a promise of text (a call, a search): until
/// then all is preamble, so that another provider can still be tried.
#[derive(Debug, Default)]
pub(super) struct ResponsesTap {
    content_began: bool,
    complete: bool,
    tier: Option<String>,
}

/// A frame, as far as it is looked at.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Glance<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    summary_index: u64,
    #[serde(borrow)]
    delta: Option<&'a RawValue>,
    #[serde(borrow)]
    item: Option<Typed<'a>>,
    #[serde(borrow)]
    response: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
}

/// An answer, as far as it is looked at.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer<'a> {
    #[serde(borrow)]
    status: Option<Cow<'a, str>>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow)]
    output: Option<Vec<Item<'a>>>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
    #[serde(borrow)]
    tool_usage: Option<&'a RawValue>,
    #[serde(borrow)]
    service_tier: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Item<'a> {
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    summary: Option<&'a RawValue>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Part<'a> {
    #[serde(borrow)]
    text: Option<&'a RawValue>,
    #[serde(borrow)]
    refusal: Option<&'a RawValue>,
}

impl Tap for ResponsesTap {
    fn read(&mut self, frame: &Frame<'_>) -> Result<Seen, Malformed> {
        let data = &*frame.data;
        if data.is_empty() || data == b"[DONE]" {
            return Ok(Seen::of(FrameKind::Ping));
        }
        let glance: Glance<'_> = serde_json::from_slice(data).map_err(|bad| {
            Malformed::body(format!("an event of the stream is not valid: {bad}"))
        })?;
        let kind = match (glance.kind.is_empty(), frame.event) {
            (true, Some(name)) => name,
            _ => &*glance.kind,
        };
        match kind {
            "response.created" | "response.in_progress" | "response.queued" => {
                self.note_tier(glance.response);
                Ok(Seen::of(self.structure()))
            }
            "response.content_part.added" => Ok(Seen::of(self.structure())),
            "response.reasoning_summary_part.added" => {
                let between = if glance.summary_index > 0 { 2 } else { 0 };
                Ok(Seen::saying(self.structure(), between))
            }
            "response.output_item.added" => {
                let kind = glance.item.map(|item| item.kind).unwrap_or_default();
                self.content_began |= !matches!(&*kind, "message" | "reasoning");
                Ok(Seen::of(self.structure()))
            }
            "response.completed" | "response.incomplete" | "response.cancelled" => {
                self.end(glance.response, data)
            }
            "response.failed" | "error" => {
                Ok(Seen::of(FrameKind::Error(error(glance.response, data))))
            }
            "keepalive" | "ping" => Ok(Seen::of(FrameKind::Ping)),
            kind => {
                self.content_began = true;
                let said = glance.delta.filter(|_| !kind.starts_with("response.audio"));
                Ok(Seen::saying(FrameKind::Content, said.map_or(0, measured)))
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

impl ResponsesTap {
    /// What a frame is that only gives structure.
    fn structure(&self) -> FrameKind {
        if self.content_began {
            FrameKind::Content
        } else {
            FrameKind::Preamble
        }
    }

    fn note_tier(&mut self, answer: Option<&RawValue>) {
        let read = |raw: &RawValue| serde_json::from_str::<Answer<'_>>(raw.get()).ok()?.tier();
        self.tier = answer.and_then(read).or(self.tier.take());
    }

    fn end(&mut self, raw: Option<&RawValue>, data: &[u8]) -> Result<Seen, Malformed> {
        let raw = raw.ok_or_else(|| Malformed::field("response", "is required"))?;
        let answer: Answer<'_> = serde_json::from_str(raw.get())
            .map_err(|bad| Malformed::field("response", bad.to_string()))?;
        self.complete = true;
        self.tier = answer.tier().or(self.tier.take());
        Ok(Seen {
            usage: usage::read(answer.usage, answer.tool_usage),
            usage_span: answer.usage.and_then(|raw| span_in(data, raw)),
            ..Seen::of(FrameKind::End)
        })
    }
}

fn error(answer: Option<&RawValue>, data: &[u8]) -> Error {
    let of_answer = |raw: &RawValue| {
        let fields = Fields::of(raw, Path::ROOT).ok()?;
        Some(failure(&fields, raw.get().as_bytes()))
    };
    answer
        .and_then(of_answer)
        .unwrap_or_else(|| read_failure(data))
}

/// Looks at a whole answer.
pub(super) fn read_whole(body: &[u8]) -> Result<WholeSeen, Malformed> {
    let answer: Answer<'_> = serde_json::from_slice(body)
        .map_err(|bad| Malformed::body(format!("the answer is not a response: {bad}")))?;
    let failed = answer.status.as_deref() == Some("failed");
    if failed || (answer.error.is_some() && answer.output.is_none()) {
        let fields = Fields::body(body)?;
        return Ok(WholeSeen {
            error: Some(failure(&fields, body)),
            ..WholeSeen::default()
        });
    }
    let items = answer
        .output
        .as_ref()
        .ok_or_else(|| Malformed::field("output", "is required"))?;
    Ok(WholeSeen {
        usage: usage::read(answer.usage, answer.tool_usage),
        usage_span: answer.usage.and_then(|raw| span_in(body, raw)),
        text_bytes: items.iter().map(Item::text_bytes).sum(),
        service_tier: answer.tier(),
        error: None,
    })
}

impl Answer<'_> {
    fn tier(&self) -> Option<String> {
        serde_json::from_str(self.service_tier?.get()).ok()
    }
}

impl Item<'_> {
    fn text_bytes(&self) -> u64 {
        let listed = [self.content, self.summary].into_iter().flatten();
        let parts = listed
            .filter_map(|raw| serde_json::from_str::<Vec<Part<'_>>>(raw.get()).ok())
            .flatten();
        let said: u64 = parts
            .flat_map(|part| [part.text, part.refusal])
            .flatten()
            .map(measured)
            .sum();
        let called = [self.arguments, self.input].into_iter().flatten();
        said + called.map(measured).sum::<u64>()
    }
}

/// The length of a text in bytes, unescaped; of anything else 0.
fn measured(raw: &RawValue) -> u64 {
    let text = raw.get();
    match text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        None => 0,
        Some(inner) if memchr::memchr(b'\\', inner.as_bytes()).is_none() => inner.len() as u64,
        Some(_) => serde_json::from_str::<String>(text).map_or(0, |text| text.len() as u64),
    }
}
