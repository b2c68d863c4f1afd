//! Streamed answers, both ways: each chunk is a whole answer's shape with what is new.
//! <https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent> (2026-11)

mod decoder;
mod encoder;

pub(super) use decoder::Decoder;
pub(super) use encoder::{Encoder, error_frame};

use crate::frame::Frame;
use std::borrow::Cow;

/// The JSON of a frame; empty for a sign of life. Google writes an error in mid-stream without `data:` before it, which
/// its official clients read.
pub(super) fn payload<'a>(frame: &'a Frame<'_>) -> Cow<'a, [u8]> {
    if !frame.data.is_empty() {
        return Cow::Borrowed(&frame.data);
    }
    let raw = frame.raw.trim_ascii();
    match raw.first() {
        Some(b'{' | b'[') => Cow::Borrowed(raw),
        _ => Cow::Borrowed(&[]),
    }
}
