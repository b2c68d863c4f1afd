//! Streamed answers: events of this dialect into canonical ones, and back.
//! <https://platform.openai.com/docs/api-reference/responses-streaming> (2026-11)

mod decode;
mod encode;
mod frames;
mod sequence;

pub(super) use decode::Decoder;
pub(super) use encode::Encoder;
pub(super) use frames::error_frames;
