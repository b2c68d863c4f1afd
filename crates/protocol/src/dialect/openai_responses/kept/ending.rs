//! Where a stream tells its whole answer: in its last event.

use crate::sse::{Frame, Framer, Tail};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::ops::Range;

/// The events that end a stream with an answer that may be kept.
const ENDS: [&str; 2] = ["response.completed", "response.incomplete"];

#[derive(Default, Deserialize)]
#[serde(default)]
struct Glance<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    response: Option<&'a RawValue>,
}

/// Where in the last bytes of a stream, which begin with a frame, the answer stands that ends it; `None` where the stream
/// failed, or the answer is torn by line ends.
pub fn ended(bytes: &[u8]) -> Option<Range<usize>> {
    let mut framer = Framer::default();
    let mut found = None;
    {
        let mut frames = framer.push(bytes);
        while let Ok(Some(frame)) = frames.next() {
            found = answer(bytes, &frame).or(found);
        }
    }
    match framer.finish() {
        Some(Tail::Complete(frame)) => answer(bytes, &frame).or(found),
        Some(Tail::Incomplete(_)) | None => found,
    }
}

fn answer(bytes: &[u8], frame: &Frame<'_>) -> Option<Range<usize>> {
    // Most frames are pieces, which need not be read.
    memchr::memmem::find(frame.raw, b"\"response\"")?;
    let glance: Glance<'_> = serde_json::from_slice(&frame.data).ok()?;
    let kind = match glance.kind.is_empty() {
        true => frame.event?,
        false => &*glance.kind,
    };
    let answer = glance.response.filter(|_| ENDS.contains(&kind))?.get();
    // The frame borrows from `bytes`, unless it had to be joined.
    let start = answer.as_ptr().addr().checked_sub(bytes.as_ptr().addr())?;
    let span = start..start.checked_add(answer.len())?;
    (bytes.get(span.clone())? == answer.as_bytes()).then_some(span)
}
