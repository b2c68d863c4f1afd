//! Models, who offers them, and what each offering can do.

use super::{ModelIdx, OfferingIdx, ProviderIdx};
use crate::pricing::Price;
use jiff::civil::Date;
use protocol::dialect::{DialectId, Needs, Operation};

/// What a client asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// `author/slug`
    pub id: String,
    /// For people.
    pub name: String,
    /// The lab that made it, or the provider's id where an operator named none.
    pub author: String,
    /// Other names that mean this model and no other.
    pub aliases: Vec<String>,
    /// When it came out.
    pub released: Option<Date>,
    /// Who serves it, in the order of the catalogue.
    pub offerings: Vec<OfferingIdx>,
}

impl Model {
    /// The id without its author.
    pub fn slug(&self) -> &str {
        self.id
            .split_once('/')
            .map_or(self.id.as_str(), |(_, slug)| slug)
    }
}

/// One model at one provider.
#[derive(Clone, Debug, PartialEq)]
pub struct Offering {
    /// The model.
    pub model: ModelIdx,
    /// The provider.
    pub provider: ProviderIdx,
    /// The provider's own name of the model.
    pub wire_id: String,
    /// What it costs; `None` where unknown (not where free).
    pub price: Option<Price>,
    /// Tokens of input and output together; `None` where unknown.
    pub context: Option<u64>,
    /// Tokens of output; `None` where unknown.
    pub max_output: Option<u64>,
    /// What may go in; empty where unknown.
    pub input: Vec<Modality>,
    /// What may come out; empty where unknown.
    pub output: Vec<Modality>,
    /// What it can do; `None` where nobody said (an operator's bare model), and then all is tried.
    pub capabilities: Option<Capabilities>,
    /// What it may be asked to do.
    pub operations: Vec<Operation>,
    /// The dialects it can be asked in, the provider's preferred one first; never empty.
    pub dialects: Vec<DialectId>,
    /// Where price and limits were taken from; empty where the operator gave them.
    pub source: String,
    /// When they were.
    pub date: Option<Date>,
}

/// Something that an offering can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Capability {
    /// Calls tools.
    Tools,
    /// Calls several tools in one turn.
    ParallelTools,
    /// Follows a JSON schema.
    StructuredOutput,
    /// Sees images.
    Vision,
    /// Reads files.
    Files,
    /// Hears audio.
    Audio,
    /// Reasons before it answers.
    Reasoning,
    /// Bills repeated prefixes less.
    PromptCaching,
    /// Streams its answer.
    Streaming,
}

impl Capability {
    /// All, in the order of this list.
    pub const ALL: [Self; 9] = [
        Self::Tools,
        Self::ParallelTools,
        Self::StructuredOutput,
        Self::Vision,
        Self::Files,
        Self::Audio,
        Self::Reasoning,
        Self::PromptCaching,
        Self::Streaming,
    ];

    /// The word in files and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::ParallelTools => "parallel_tools",
            Self::StructuredOutput => "structured_output",
            Self::Vision => "vision",
            Self::Files => "files",
            Self::Audio => "audio",
            Self::Reasoning => "reasoning",
            Self::PromptCaching => "prompt_caching",
            Self::Streaming => "streaming",
        }
    }

    /// The capability of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }

    /// What a request needs, one by one.
    pub fn needed(needs: Needs) -> impl Iterator<Item = Self> {
        [
            (needs.tools, Self::Tools),
            (needs.vision, Self::Vision),
            (needs.files, Self::Files),
            (needs.audio, Self::Audio),
            (needs.structured_output, Self::StructuredOutput),
            (needs.reasoning, Self::Reasoning),
        ]
        .into_iter()
        .filter_map(|(needed, capability)| needed.then_some(capability))
    }
}

/// A set of capabilities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities(u16);

impl Capabilities {
    /// Whether it is in the set.
    pub fn has(self, capability: Capability) -> bool {
        self.0 & (1 << capability as u16) != 0
    }

    /// All in the set.
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL
            .into_iter()
            .filter(move |capability| self.has(*capability))
    }
}

impl FromIterator<Capability> for Capabilities {
    fn from_iter<I: IntoIterator<Item = Capability>>(all: I) -> Self {
        Self(all.into_iter().fold(0, |set, one| set | 1 << one as u16))
    }
}

/// A kind of content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Modality {
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

impl Modality {
    /// All, in the order of this list.
    pub const ALL: [Self; 6] = [
        Self::Text,
        Self::Image,
        Self::Audio,
        Self::Video,
        Self::File,
        Self::Embedding,
    ];

    /// The word in files and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::File => "file",
            Self::Embedding => "embedding",
        }
    }

    /// The modality of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }
}
