//! The intermediate representation (IR): one canonical request, response, stream event, usage and error, between
//! every client dialect and every provider dialect. It is closest to the richest dialects (typed parts, reasoning
//! with signatures, tool calls and results, files), because narrowing loses and widening does not.
//!
//! Built only when two dialects meet; where both sides speak the same one, bytes are edited instead (`splice`).

mod citation;
mod embed;
mod error;
mod event;
mod json;
mod logprobs;
mod loss;
mod media;
mod message;
mod reasoning;
mod request;
mod response;
mod sealed;
mod tools;
mod usage;

pub use citation::{Citation, Cited, Place, PlaceUnit};
pub use embed::{EmbedInput, EmbedRequest, EmbedResponse, Embedding, EncodingFormat};
pub use error::{Error, ErrorKind, Malformed};
pub use event::{Delta, Event, Opening, Start};
pub(crate) use json::is_lost;
pub use json::{Extra, Json};
pub use logprobs::{Logprobs, TokenLogprob, TopLogprob};
pub use loss::{Loss, LossKind, Losses};
pub use media::{Media, MediaSource, MediumKind};
pub use message::{CacheMarker, Message, Part, PartKind, Role};
pub use reasoning::{Effort, Reasoning, ReasoningRequest, ReasoningSummary};
pub use request::{OutputFormat, Request, Sampling};
pub use response::{Choice, Response, StopReason};
pub use sealed::Sealed;
pub use tools::{Allowed, CallKind, Tool, ToolCall, ToolChoice, ToolResult};
pub use usage::Usage;
