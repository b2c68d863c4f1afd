//! The canonical embeddings request and answer: the model for operations that are not chat.

use super::{Extra, Usage};

/// A request for embeddings.
#[derive(Clone, Debug, PartialEq)]
pub struct EmbedRequest {
    /// The model as the client named it.
    pub model: String,
    /// What to embed.
    pub input: EmbedInput,
    /// How many dimensions, where the model can choose.
    pub dimensions: Option<u32>,
    /// How the vectors are written.
    pub format: Option<EncodingFormat>,
    /// The client's own name for its end user.
    pub user: Option<String>,
    /// Fields the decoder did not know.
    pub extra: Extra,
}

/// What to embed.
#[derive(Clone, Debug, PartialEq)]
pub enum EmbedInput {
    /// Texts; `one` remembers that the client sent a bare string.
    Texts {
        /// The texts.
        texts: Vec<String>,
        /// Whether a bare string was sent.
        one: bool,
    },
    /// Token ids, a list per text.
    Tokens {
        /// The token ids.
        tokens: Vec<Vec<u32>>,
        /// Whether a bare list was sent.
        one: bool,
    },
}

/// How vectors are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodingFormat {
    /// A list of numbers.
    Float,
    /// Base64 of little-endian 32-bit floats.
    Base64,
}

/// Embeddings.
#[derive(Clone, Debug, PartialEq)]
pub struct EmbedResponse {
    /// The model as the provider named it.
    pub model: String,
    /// A vector per input, in their order.
    pub data: Vec<Embedding>,
    /// Token counts, where reported.
    pub usage: Option<Usage>,
    /// Fields the decoder did not know.
    pub extra: Extra,
}

/// One vector.
#[derive(Clone, Debug, PartialEq)]
pub enum Embedding {
    /// As numbers.
    Float(Vec<f32>),
    /// As base64 of little-endian 32-bit floats.
    Base64(String),
}
