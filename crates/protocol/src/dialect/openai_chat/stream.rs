//! Streamed answers: chunks into events, and events into chunks.
//! <https://platform.openai.com/docs/api-reference/chat-streaming>

mod decode;
mod encode;
mod parts;

pub(super) use decode::Decoder;
pub(super) use encode::{Encoder, KEEP_ALIVE, error_frame};

/// What stands in place of JSON in the last frame.
pub(super) const DONE: &[u8] = b"[DONE]";

#[cfg(test)]
mod tests;
