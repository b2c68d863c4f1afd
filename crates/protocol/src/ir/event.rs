//! The canonical stream.

use super::{CallKind, Citation, Error, Logprobs, Part, Sealed, StopReason, Usage};

/// One step of a streamed answer.
///
/// Order: `Start`, then per choice `Open` (`Delta`)* `Close` for each part, `Stop`; `Usage` whenever counts are
/// known (cumulative: the latest stands), `ServiceTier` likewise; `End` last, and only if the stream ended as its dialect demands. **At most
/// one part per choice is open at a time**, and part indices of a choice count up from 0: a decoder whose dialect
/// interleaves parts puts them in sequence. After `Error` nothing follows.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The answer begins.
    Start(Start),
    /// A part begins.
    Open {
        /// Which answer.
        choice: u32,
        /// Which part of it.
        index: u32,
        /// What begins.
        part: Opening,
    },
    /// More of the open part.
    Delta {
        /// Which answer.
        choice: u32,
        /// Which part of it.
        index: u32,
        /// What is added.
        delta: Delta,
    },
    /// The open part is complete.
    Close {
        /// Which answer.
        choice: u32,
        /// Which part of it.
        index: u32,
    },
    /// Log probabilities for what was just added.
    Logprobs {
        /// Which answer.
        choice: u32,
        /// Those of the tokens since the last ones.
        value: Logprobs,
    },
    /// An answer ends.
    Stop {
        /// Which answer.
        choice: u32,
        /// Why.
        reason: StopReason,
        /// Which stop text ended it, where said.
        sequence: Option<String>,
    },
    /// The service tier that served, where it is known later than the start: it stands for that of [`Start`], which may
    /// only be the one that was asked for.
    ServiceTier(String),
    /// Token counts so far; the latest stands.
    Usage(Usage),
    /// The provider is alive but has nothing yet.
    Ping,
    /// The stream failed.
    Error(Error),
    /// The stream ended as it should.
    End,
}

/// How an answer begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Start {
    /// The provider's id of the answer.
    pub id: String,
    /// The model as the provider named it.
    pub model: String,
    /// When, in seconds since 1970, where said.
    pub created: Option<i64>,
    /// The service tier, where said; [`Event::ServiceTier`] may correct it.
    pub service_tier: Option<String>,
}

/// What kind of part begins.
#[derive(Clone, Debug, PartialEq)]
pub enum Opening {
    /// Text.
    Text,
    /// Reasoning.
    Reasoning,
    /// Encrypted reasoning, complete at once.
    EncryptedReasoning(Sealed),
    /// A refusal in words.
    Refusal,
    /// A tool call; its arguments follow.
    ToolCall {
        /// The id that the result must name.
        id: String,
        /// The tool's name.
        name: String,
        /// What it is called with.
        kind: CallKind,
    },
    /// A part that is complete at once: an image, sound, video or file, or one that only its own dialect knows
    /// ([`super::PartKind::Opaque`]). `Close` follows without a delta.
    Whole(Box<Part>),
}

/// What is added to the open part.
#[derive(Clone, Debug, PartialEq)]
pub enum Delta {
    /// Text, of a text or refusal part.
    Text(String),
    /// Reasoning text.
    Reasoning(String),
    /// The signature of the reasoning part, or a piece of it.
    Signature(Sealed),
    /// A piece of a tool call's arguments.
    Arguments(String),
    /// What the text so far, or a stretch of it, rests on; of a text part.
    Citation(Box<Citation>),
}
