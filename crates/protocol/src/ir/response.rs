//! The canonical whole answer.

use super::{Extra, Logprobs, Loss, Part, Usage};
use crate::dialect::DialectId;

/// A whole answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Response {
    /// The provider's id of the answer.
    pub id: String,
    /// The model as the provider named it.
    pub model: String,
    /// When it was made, in seconds since 1970, where said.
    pub created: Option<i64>,
    /// The answers; more than one only if asked for.
    pub choices: Vec<Choice>,
    /// Token counts, where reported.
    pub usage: Option<Usage>,
    /// The service tier that served it, where said.
    pub service_tier: Option<String>,
    /// Fields the decoder did not know.
    pub extra: Extra,
}

/// One answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choice {
    /// What the model said and did, in order.
    pub parts: Vec<Part>,
    /// Why it ended.
    pub stop: Option<StopReason>,
    /// Which stop text ended it, where said.
    pub stop_sequence: Option<String>,
    /// Log probabilities, where asked for.
    pub logprobs: Option<Logprobs>,
    /// Fields the decoder did not know.
    pub extra: Extra,
}

impl Response {
    /// What is lost beside the parts of one answer where `dialect` follows: unknown fields of the answer and of the whole.
    pub fn lost_beside<'r>(
        &'r self,
        choice: &'r Choice,
        dialect: DialectId,
    ) -> impl Iterator<Item = Loss> {
        let extras = [&choice.extra, &self.extra].into_iter();
        extras.flat_map(move |extra| extra.lost_to(dialect, ""))
    }
}

impl StopReason {
    /// What is lost of it where `dialect` follows, which has no word for it: the one it came with.
    pub fn lost_to(&self, dialect: DialectId) -> Option<Loss> {
        match self {
            Self::Other(from, word) if *from != dialect => {
                Some(Loss::dropped(format!("stop_reason.{word}")))
            }
            Self::Other(..)
            | Self::Stop
            | Self::StopSequence
            | Self::Length
            | Self::ContextWindow
            | Self::ToolCalls
            | Self::ContentFilter
            | Self::Refusal
            | Self::Pause
            | Self::MalformedCall
            | Self::MalformedOutput => None,
        }
    }
}

/// Why an answer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The model was done.
    Stop,
    /// A stop text came.
    StopSequence,
    /// The output limit was reached.
    Length,
    /// The context window was full.
    ContextWindow,
    /// It calls tools and waits for their results.
    ToolCalls,
    /// A content filter ended it.
    ContentFilter,
    /// The model declined.
    Refusal,
    /// The provider paused a long turn; send the answer back to go on.
    Pause,
    /// The model meant to call a tool, and wrote what is no call.
    MalformedCall,
    /// The model wrote what its provider cannot read.
    MalformedOutput,
    /// A reason only its own dialect knows, in its word.
    Other(DialectId, String),
}
