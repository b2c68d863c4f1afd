//! Looks at answers that pass as they are, on the hot path: only what is needed of the data is read, without building it.
//! Every frame is checked to be JSON.

use super::stream::payload;
use super::{error, usage};
use crate::dialect::codec::{FrameKind, Seen, Tap, WholeSeen};
use crate::dialect::glance::{Measured, span_in};
use crate::frame::Frame;
use crate::ir::{Malformed, Usage};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};
use serde_json::value::RawValue;

/// Looks at the frames of one exchange.
#[derive(Debug, Default)]
pub(super) struct GeminiTap {
    /// One bit for each candidate below 128.
    seen: u128,
    /// Those that say why they ended.
    finished: u128,
    content_began: bool,
}

impl Tap for GeminiTap {
    fn read(&mut self, frame: &Frame<'_>) -> Result<Seen, Malformed> {
        let data = payload(frame);
        if data.is_empty() {
            return Ok(Seen::of(FrameKind::Ping));
        }
        if data.first() == Some(&b'[') {
            return Ok(Seen::of(FrameKind::Error(error::decode(200, &data))));
        }
        let look = read(&data)?;
        if look.error.is_some() {
            return Ok(Seen::of(FrameKind::Error(error::decode(200, &data))));
        }
        let mut text_bytes = 0;
        for candidate in look.candidates.iter().flatten() {
            let bit = 1_u128
                .checked_shl(candidate.index.unwrap_or(0))
                .unwrap_or(1 << 127);
            // After its end a candidate says nothing more.
            if self.finished & bit != 0 {
                continue;
            }
            self.seen |= bit;
            text_bytes += candidate.text_bytes();
            if candidate.finish_reason.is_some() {
                self.finished |= bit;
                self.content_began = true;
            }
            self.content_began |= candidate.says_something();
        }
        if look.prompt_feedback.is_some() && self.seen == 0 {
            (self.seen, self.finished) = (1, 1);
            self.content_began = true;
        }
        let counts = counts(look.usage_metadata)?;
        // Counts come with every chunk; those that stand are the last ones, and only they are held back for our cost.
        let last = look
            .usage_metadata
            .filter(|_| self.complete() && frame.data.len() == data.len());
        Ok(Seen {
            kind: match self.content_began {
                true => FrameKind::Content,
                false => FrameKind::Preamble,
            },
            usage: counts,
            usage_span: last.and_then(|raw| span_in(&data, raw)),
            text_bytes,
        })
    }

    fn complete(&self) -> bool {
        self.seen != 0 && self.seen == self.finished
    }
}

fn read(data: &[u8]) -> Result<Look<'_>, Malformed> {
    serde_json::from_slice(data)
        .map_err(|bad| Malformed::body(format!("the answer is not as promised: {bad}")))
}

fn counts(raw: Option<&RawValue>) -> Result<Option<Usage>, Malformed> {
    raw.map(usage::read).transpose()
}

/// Looks at a whole answer.
///
/// # Errors
/// When it is none.
pub(super) fn read_whole(body: &[u8]) -> Result<WholeSeen, Malformed> {
    let failed = || WholeSeen {
        error: Some(error::decode(200, body)),
        ..WholeSeen::default()
    };
    let look = match read(body) {
        Ok(look) => look,
        // Where a stream was asked for, an error is a list of one.
        Err(_) if is_failed_list(body) => return Ok(failed()),
        Err(bad) => return Err(bad),
    };
    if look.error.is_some() {
        return Ok(failed());
    }
    let answers = look.candidates.iter().flatten().next().is_some();
    if !answers && look.prompt_feedback.is_none() {
        let why = "must hold an answer, where the prompt was not refused";
        return Err(Malformed::field("candidates", why));
    }
    let candidates = look.candidates.iter().flatten();
    Ok(WholeSeen {
        usage: counts(look.usage_metadata)?,
        usage_span: look.usage_metadata.and_then(|raw| span_in(body, raw)),
        text_bytes: candidates.map(Candidate::text_bytes).sum(),
        service_tier: None,
        error: None,
    })
}

fn is_failed_list(body: &[u8]) -> bool {
    serde_json::from_slice::<Vec<Look<'_>>>(body)
        .is_ok_and(|list| list.first().is_some_and(|look| look.error.is_some()))
}

/// A chunk or a whole answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Look<'a> {
    #[serde(borrow, default)]
    candidates: Option<Vec<Candidate<'a>>>,
    #[serde(borrow, default)]
    usage_metadata: Option<&'a RawValue>,
    #[serde(default)]
    prompt_feedback: Option<IgnoredAny>,
    #[serde(default)]
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate<'a> {
    #[serde(default)]
    index: Option<u32>,
    #[serde(borrow, default)]
    content: Option<Content<'a>>,
    #[serde(default)]
    finish_reason: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(borrow, default)]
    parts: Option<Vec<&'a RawValue>>,
}

impl Candidate<'_> {
    fn parts(&self) -> impl Iterator<Item = (Piece<'_>, u64)> {
        let parts = self
            .content
            .iter()
            .filter_map(|content| content.parts.as_ref());
        parts.flatten().filter_map(|raw| {
            let piece = serde_json::from_str(raw.get()).ok()?;
            Some((piece, raw.get().len() as u64))
        })
    }

    fn text_bytes(&self) -> u64 {
        self.parts()
            .map(|(piece, length)| piece.text_bytes(length))
            .sum()
    }

    fn says_something(&self) -> bool {
        self.parts()
            .any(|(piece, length)| !piece.is_text() || piece.signed || piece.text_bytes(length) > 0)
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Piece<'a> {
    text: Measured,
    #[serde(borrow)]
    function_call: Option<Call<'a>>,
    inline_data: Option<IgnoredAny>,
    file_data: Option<IgnoredAny>,
    function_response: Option<IgnoredAny>,
    executable_code: Option<IgnoredAny>,
    code_execution_result: Option<IgnoredAny>,
    tool_call: Option<IgnoredAny>,
    tool_response: Option<IgnoredAny>,
    #[serde(rename = "thoughtSignature", deserialize_with = "is_there")]
    signed: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Call<'a> {
    #[serde(borrow)]
    args: Option<&'a RawValue>,
}

impl Piece<'_> {
    fn is_text(&self) -> bool {
        self.text.is_some()
    }

    /// Bytes that the model generated; of a part that is not known here, all.
    fn text_bytes(&self, length: u64) -> u64 {
        if self.text.is_some() {
            return self.text.bytes();
        }
        let own = [
            &self.executable_code,
            &self.code_execution_result,
            &self.tool_call,
            &self.tool_response,
        ];
        let own = own.into_iter().any(Option::is_some);
        let medium = self.inline_data.is_some() || self.file_data.is_some();
        match &self.function_call {
            _ if medium => 0,
            Some(call) => call.args.map_or(0, |raw| raw.get().len() as u64),
            None if self.function_response.is_some() || self.signed && !own => 0,
            None => length,
        }
    }
}

fn is_there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Option::<IgnoredAny>::deserialize(deserializer).map(|it| it.is_some())
}
