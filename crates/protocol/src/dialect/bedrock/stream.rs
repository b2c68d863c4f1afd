//! Streamed answers, both ways.
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html> (2026-11).

mod decoder;
mod encoder;
mod wire;

pub(super) use decoder::Decoder;
pub(super) use encoder::Encoder;
pub(super) use wire::BlockStart;

use crate::ir::Malformed;
use serde::Deserialize;

/// Reads an event's payload as a type.
///
/// # Errors
/// When it has another shape.
pub(super) fn read<'a, T: Deserialize<'a>>(name: &str, data: &'a [u8]) -> Result<T, Malformed> {
    serde_json::from_slice(data).map_err(|bad| wrong(name, &bad))
}

fn wrong(name: &str, bad: &serde_json::Error) -> Malformed {
    Malformed::body(format!("a stream's `{name}` is not as promised: {bad}"))
}
