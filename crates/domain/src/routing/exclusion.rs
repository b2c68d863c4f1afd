//! Why an offering may not serve a request.

use crate::catalog::Capability;

/// Why an offering may not serve a request, in the order in which it is looked at: where none may serve, the last
/// reason met came closest, and is what the client hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The key may not use this model.
    NotAllowed,
    /// It does something else (chat, not embeddings).
    WrongOperation,
    /// The model's name began with another provider's id.
    OtherProvider,
    /// `provider.only` does not name it.
    NotInOnly,
    /// `provider.ignore` names it.
    Ignored,
    /// Its provider is not set up.
    NotEnabled,
    /// Its provider wants a credential and there is none.
    NoCredential,
    /// It cannot be asked in any dialect that has this operation.
    NoDialect,
    /// It cannot do something that the request needs.
    Lacks(Capability),
    /// Nobody knows what it can do, and the client wants one that is known to do something.
    UnknownCapabilities,
    /// It costs, and the client wants a free one.
    NotFree,
    /// The client wants more output than it gives.
    OutputTooSmall,
    /// The input is far beyond its context window.
    ContextTooSmall,
    /// The client wants no fallback, and another came first.
    FallbacksOff,
}

impl Reason {
    /// The stable word in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAllowed => "not_allowed",
            Self::WrongOperation => "wrong_operation",
            Self::OtherProvider => "other_provider",
            Self::NotInOnly => "not_in_only",
            Self::Ignored => "ignored",
            Self::NotEnabled => "not_enabled",
            Self::NoCredential => "no_credential",
            Self::NoDialect => "no_dialect",
            Self::Lacks(Capability::Tools) => "lacks_tools",
            Self::Lacks(Capability::ParallelTools) => "lacks_parallel_tools",
            Self::Lacks(Capability::StructuredOutput) => "lacks_structured_output",
            Self::Lacks(Capability::Vision) => "lacks_vision",
            Self::Lacks(Capability::Files) => "lacks_files",
            Self::Lacks(Capability::Audio) => "lacks_audio",
            Self::Lacks(Capability::Reasoning) => "lacks_reasoning",
            Self::Lacks(Capability::PromptCaching) => "lacks_prompt_caching",
            Self::Lacks(Capability::Streaming) => "lacks_streaming",
            Self::Lacks(Capability::Video) => "lacks_video",
            Self::Lacks(Capability::WebSearch) => "lacks_web_search",
            Self::Lacks(Capability::ComputerUse) => "lacks_computer_use",
            Self::Lacks(Capability::AudioOutput) => "lacks_audio_output",
            Self::Lacks(Capability::ImageOutput) => "lacks_image_output",
            Self::UnknownCapabilities => "unknown_capabilities",
            Self::NotFree => "not_free",
            Self::OutputTooSmall => "output_too_small",
            Self::ContextTooSmall => "context_too_small",
            Self::FallbacksOff => "fallbacks_off",
        }
    }

    /// How far an offering came before it was excluded.
    pub(super) fn reached(self) -> u8 {
        match self {
            Self::NotAllowed => 0,
            Self::WrongOperation => 1,
            Self::OtherProvider => 2,
            Self::NotInOnly => 3,
            Self::Ignored => 4,
            Self::NotEnabled => 5,
            Self::NoCredential => 6,
            Self::NoDialect => 7,
            Self::Lacks(_) => 8,
            Self::UnknownCapabilities => 9,
            Self::NotFree => 10,
            Self::OutputTooSmall => 11,
            Self::ContextTooSmall => 12,
            Self::FallbacksOff => 13,
        }
    }
}
