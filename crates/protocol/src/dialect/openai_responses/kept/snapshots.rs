//! The events of a stream that hold its answer as far as it is: the first ones, which repeat what was asked, and the last
//! one, which holds it whole.

use super::{Asks, shown};
use crate::sse::{Frame, Framer, Tail};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::ops::Range;

/// The events that begin a stream.
const BEGINS: [&str; 3] = [
    "response.created",
    "response.queued",
    "response.in_progress",
];
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

/// The first bytes of a stream, which begin with a frame, with the answer in its first events as the client is to see it.
/// What follows them is not looked at: no later event but the last one tells what was asked.
pub fn begun<'a>(bytes: &'a [u8], asks: &Asks) -> Cow<'a, [u8]> {
    let mut framer = Framer::default();
    let mut frames = framer.push(bytes);
    let mut edited = Vec::new();
    let mut copied = 0;
    while let Ok(Some(frame)) = frames.next() {
        // Comments may come between them.
        if frame.data.is_empty() {
            continue;
        }
        let Some(span) = answer(bytes, &frame, &BEGINS) else {
            break;
        };
        let before = bytes.get(copied..span.start).unwrap_or_default();
        let answer = bytes.get(span.clone()).unwrap_or_default();
        if let Cow::Owned(answer) = shown(answer, asks) {
            edited.extend_from_slice(before);
            edited.extend_from_slice(&answer);
            copied = span.end;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(bytes);
    }
    edited.extend_from_slice(bytes.get(copied..).unwrap_or_default());
    Cow::Owned(edited)
}

/// The last bytes of a stream, which begin with a frame, and where in them the answer stands that ends it; `None` where the
/// stream failed. An answer that is torn by line ends is put in one line.
pub fn ended(bytes: &[u8]) -> Option<(Cow<'_, [u8]>, Range<usize>)> {
    let mut framer = Framer::default();
    let mut found = None;
    let mut torn = None;
    {
        let mut at = 0;
        let mut frames = framer.push(bytes);
        while let Ok(Some(frame)) = frames.next() {
            found = answer(bytes, &frame, &ENDS).or(found);
            if found.is_none() && matches!(frame.data, Cow::Owned(_)) {
                torn = in_one_line(bytes, &frame, at);
            }
            at += frame.raw.len();
        }
    }
    if let Some(Tail::Complete(frame)) = framer.finish() {
        found = answer(bytes, &frame, &ENDS).or(found);
    }
    let whole = found.map(|span| (Cow::Borrowed(bytes), span));
    whole.or_else(|| torn.map(|(bytes, span)| (Cow::Owned(bytes), span)))
}

/// The bytes with a frame's data in one line, if it is an answer that ends a stream, and where that stands; the frame begins
/// at `at`. A line end in JSON is no more than a space.
fn in_one_line(bytes: &[u8], frame: &Frame<'_>, at: usize) -> Option<(Vec<u8>, Range<usize>)> {
    let mut whole = bytes.get(..at)?.to_vec();
    if let Some(event) = frame.event {
        whole.extend_from_slice(format!("event: {event}\n").as_bytes());
    }
    whole.extend_from_slice(b"data: ");
    whole.extend(frame.data.iter().map(|&byte| match byte {
        b'\n' => b' ',
        byte => byte,
    }));
    whole.extend_from_slice(b"\n\n");
    let line = Frame::parse(whole.get(at..)?);
    let span = answer(&whole, &line, &ENDS)?;
    whole.extend_from_slice(bytes.get(at + frame.raw.len()..)?);
    Some((whole, span))
}

/// Where the answer stands in a frame that is an event of one of these names.
fn answer(bytes: &[u8], frame: &Frame<'_>, names: &[&str]) -> Option<Range<usize>> {
    // Most frames are pieces, which need not be read.
    memchr::memmem::find(frame.raw, b"\"response\"")?;
    let glance: Glance<'_> = serde_json::from_slice(&frame.data).ok()?;
    let kind = match glance.kind.is_empty() {
        true => frame.event?,
        false => &*glance.kind,
    };
    let answer = glance.response.filter(|_| names.contains(&kind))?.get();
    // The frame borrows from `bytes`, unless it had to be joined.
    let start = answer.as_ptr().addr().checked_sub(bytes.as_ptr().addr())?;
    let span = start..start.checked_add(answer.len())?;
    (bytes.get(span.clone())? == answer.as_bytes()).then_some(span)
}
