//! Closed sets of words, spelled for the OpenAPI document as the catalogue spells them.

use domain::catalog::{Capability, Granted, Modality};
use serde::Serialize;
use utoipa::ToSchema;

/// Something that a model can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Capability)]
pub(crate) enum CapabilityWord {
    /// Calls tools.
    Tools,
    /// Calls several tools in one turn.
    ParallelTools,
    /// Follows a JSON schema.
    StructuredOutput,
    /// Sees images.
    Vision,
    /// Reads files, PDF at least.
    Files,
    /// Hears audio.
    Audio,
    /// Reasons before it answers.
    Reasoning,
    /// Bills repeated prefixes less.
    PromptCaching,
    /// Streams its answer.
    Streaming,
    /// Watches video.
    Video,
    /// Searches the web at the provider's side.
    WebSearch,
    /// Operates a computer by what it sees of the screen.
    ComputerUse,
    /// Speaks.
    AudioOutput,
    /// Draws.
    ImageOutput,
}

impl From<Capability> for CapabilityWord {
    fn from(capability: Capability) -> Self {
        match capability {
            Capability::Tools => Self::Tools,
            Capability::ParallelTools => Self::ParallelTools,
            Capability::StructuredOutput => Self::StructuredOutput,
            Capability::Vision => Self::Vision,
            Capability::Files => Self::Files,
            Capability::Audio => Self::Audio,
            Capability::Reasoning => Self::Reasoning,
            Capability::PromptCaching => Self::PromptCaching,
            Capability::Streaming => Self::Streaming,
            Capability::Video => Self::Video,
            Capability::WebSearch => Self::WebSearch,
            Capability::ComputerUse => Self::ComputerUse,
            Capability::AudioOutput => Self::AudioOutput,
            Capability::ImageOutput => Self::ImageOutput,
        }
    }
}

/// A kind of content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Modality)]
pub(crate) enum ModalityWord {
    /// Text.
    Text,
    /// Pictures.
    Image,
    /// Sound.
    Audio,
    /// Moving pictures.
    Video,
    /// Files, usually PDF.
    File,
    /// Vectors.
    Embedding,
}

impl From<Modality> for ModalityWord {
    fn from(modality: Modality) -> Self {
        match modality {
            Modality::Text => Self::Text,
            Modality::Image => Self::Image,
            Modality::Audio => Self::Audio,
            Modality::Video => Self::Video,
            Modality::File => Self::File,
            Modality::Embedding => Self::Embedding,
        }
    }
}

/// To whom a promise about data is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Granted)]
pub(crate) enum GrantedWord {
    /// To everybody.
    Default,
    /// To those with a contract that says so.
    ByAgreement,
    /// To nobody.
    None,
}

impl From<Granted> for GrantedWord {
    fn from(granted: Granted) -> Self {
        match granted {
            Granted::Default => Self::Default,
            Granted::ByAgreement => Self::ByAgreement,
            Granted::None => Self::None,
        }
    }
}
