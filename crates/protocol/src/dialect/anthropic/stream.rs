//! Streamed answers, both ways. <https://platform.claude.com/docs/en/build-with-claude/streaming> (2026-08).

mod decoder;
mod encoder;

pub(super) use decoder::Decoder;
pub(super) use encoder::{Encoder, error_frame};

use crate::ir::Malformed;
use crate::sse::Frame;
use serde::Deserialize;
use std::borrow::Cow;

/// What a frame is, by its `event:` field or else by the `type` inside.
///
/// # Errors
/// When it has neither.
pub(super) fn name<'a>(frame: &'a Frame<'_>) -> Result<Cow<'a, str>, Malformed> {
    #[derive(Deserialize)]
    struct Typed<'a> {
        #[serde(borrow, rename = "type")]
        kind: Cow<'a, str>,
    }
    match frame.event {
        Some(name) => Ok(Cow::Borrowed(name)),
        None => read::<Typed<'_>>("event", &frame.data).map(|typed| typed.kind),
    }
}

/// Reads a frame's data as a type.
///
/// # Errors
/// When it has another shape.
pub(super) fn read<'a, T: Deserialize<'a>>(name: &str, data: &'a [u8]) -> Result<T, Malformed> {
    serde_json::from_slice(data).map_err(|bad| wrong(name, &bad))
}

fn wrong(name: &str, bad: &serde_json::Error) -> Malformed {
    Malformed::body(format!("a stream's `{name}` is not as promised: {bad}"))
}
