//! Log probabilities of generated tokens. Serialised they have the shape that OpenAI writes and most others copied:
//! <https://platform.openai.com/docs/api-reference/chat/object> (2026-08).

use serde::{Deserialize, Serialize};
use serde_json::Number;

/// Log probabilities of an answer, or of the newest part of one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Logprobs {
    /// The tokens of the text.
    pub content: Option<Vec<TokenLogprob>>,
    /// The tokens of a refusal.
    pub refusal: Option<Vec<TokenLogprob>>,
}

/// One token that was generated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokenLogprob {
    /// Its text.
    pub token: String,
    /// Its natural log probability, in the provider's spelling.
    pub logprob: Number,
    /// Its UTF-8 bytes, for tokens that are a part of a character.
    pub bytes: Option<Vec<u8>>,
    /// What else was likely at its place, the likeliest first.
    #[serde(default)]
    pub top_logprobs: Vec<TopLogprob>,
}

/// A token that could have been generated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopLogprob {
    /// Its text.
    pub token: String,
    /// Its natural log probability, in the provider's spelling.
    pub logprob: Number,
    /// Its UTF-8 bytes.
    pub bytes: Option<Vec<u8>>,
}
