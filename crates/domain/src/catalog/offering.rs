//! Models, who offers them, and what each offering can do.

use super::{ModelIdx, OfferingIdx, ProviderIdx};
use crate::money::{Amount, PerMillion};
use crate::pricing::Price;
use jiff::civil::Date;
use protocol::dialect::{DialectId, Needs, Operation};
use std::sync::Arc;

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
    /// What else is known of it.
    pub facts: Arc<ModelFacts>,
}

/// What is known of a model and decides nothing. What is unknown is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelFacts {
    /// One line of facts.
    pub description: String,
    /// The month or day that its knowledge ends with (`2023-10`).
    pub knowledge: Option<String>,
    /// The family of its tokenizer.
    pub tokenizer: Option<String>,
    /// Whether its weights can be had.
    pub open_weights: Option<bool>,
    /// The id of the model that its author names as successor.
    pub replaced_by: Option<String>,
    /// Public measures of its quality.
    pub scores: Vec<Score>,
}

/// A public measure of a model's quality.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// `intelligence`, `coding`
    pub of: String,
    /// Percent, as decimal text.
    pub percent: String,
    /// Who measured.
    pub by: String,
    /// The page that shows it.
    pub source: String,
    /// When it was read.
    pub date: Date,
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
    pub price: Option<Arc<Price>>,
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
    /// What it may be asked to do through this gateway.
    pub operations: Vec<Operation>,
    /// The dialects it can be asked in, the provider's preferred one first; never empty.
    pub dialects: Vec<DialectId>,
    /// What else is known of it.
    pub facts: Arc<OfferingFacts>,
}

impl Offering {
    /// Whether it can be asked to do this: it does, and one of its dialects has words for it.
    pub fn can_be_asked_to(&self, operation: Operation) -> bool {
        let words = |dialect: &DialectId| has_words_for(*dialect, operation);
        self.operations.contains(&operation) && self.dialects.iter().any(words)
    }

    /// Whether it costs nothing at this moment (milliseconds since 1970), by its ordinary prices. What has no price is
    /// not free, nor is what is sold by the piece.
    pub fn is_free(&self, at_ms: i64) -> bool {
        let period = self.price.as_ref().and_then(|price| price.at(at_ms));
        period.is_some_and(|period| {
            let rates = &period.standard.base;
            let tokens = (rates.input, rates.output, rates.per_request);
            tokens == (PerMillion::ZERO, PerMillion::ZERO, Amount::ZERO) && period.per.is_empty()
        })
    }

    /// Whether it is served at this moment (milliseconds since 1970), by the day on which it ends: nobody needs to look
    /// for that day to come.
    pub fn lifecycle(&self, now_ms: i64) -> Lifecycle {
        match self.facts.deprecated {
            None => Lifecycle::Active,
            Some(end) if end <= day(now_ms) => Lifecycle::Retired,
            Some(_) => Lifecycle::Deprecated,
        }
    }
}

/// Whether providers that speak a dialect can be asked to do this in it.
pub(crate) fn has_words_for(dialect: DialectId, operation: Operation) -> bool {
    protocol::dialect::find(dialect.as_str()).is_some_and(|dialect| match operation {
        Operation::Chat => dialect.chat.provider.is_some(),
        Operation::Embed => dialect.embed.provider.is_some(),
    })
}

/// Where an offering stands between its begin and its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lifecycle {
    /// No end is known.
    Active,
    /// The day of its end is known, and to come.
    Deprecated,
    /// That day has come: it may be served still, but nobody promises it.
    Retired,
}

impl Lifecycle {
    /// All, in this order.
    pub const ALL: [Self; 3] = [Self::Active, Self::Deprecated, Self::Retired];

    /// That of something that is offered several times, at this moment: as good as the best of them.
    pub fn of<'a>(offerings: impl IntoIterator<Item = &'a Offering>, now_ms: i64) -> Self {
        let each = offerings.into_iter().map(|one| one.lifecycle(now_ms));
        each.min().unwrap_or(Self::Active)
    }

    /// The word in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deprecated => "deprecated",
            Self::Retired => "retired",
        }
    }
}

/// The day in UTC that a moment (milliseconds since 1970) is in; one that no calendar has is before all.
fn day(now_ms: i64) -> Date {
    let now = jiff::Timestamp::from_millisecond(now_ms);
    now.map_or(Date::MIN, |now| {
        now.to_zoned(jiff::tz::TimeZone::UTC).date()
    })
}

/// What is known of an offering and does not decide whether it can serve. What is unknown is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OfferingFacts {
    /// Other names that the provider takes for the same, at the same price.
    pub also: Vec<String>,
    /// What it does besides, that this gateway does not ask it to (`image`, `speech`).
    pub elsewhere: Vec<&'static str>,
    /// Request parameters that are documented to work.
    pub parameters: Vec<Parameter>,
    /// The day on which it ends, or since which it should not be used: [`Offering::lifecycle`] says what follows.
    pub deprecated: Option<Date>,
    /// The numbers that its weights are kept in (`fp8`).
    pub quantization: Option<String>,
    /// Where it runs.
    pub regions: Vec<String>,
    /// Whether the provider checks content before the model sees it.
    pub moderated: Option<bool>,
    /// What becomes of the data.
    pub data: DataTerms,
    /// Why there is no price; empty where there is one.
    pub unpriced: String,
    /// The page that price and limits were taken from; empty where the operator gave them.
    pub source: String,
    /// The public list that they came through; empty where they were read on the page itself.
    pub via: String,
    /// When they were.
    pub date: Option<Date>,
}

/// A request parameter that an offering takes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Parameter {
    /// Its name, as OpenAI's Chat Completions has it.
    pub name: String,
    /// What it is where a request says nothing; `None` where unknown.
    pub default: Option<String>,
}

/// What becomes of requests' data. These are contracts, not properties; what is unknown is not granted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct DataTerms {
    /// Nothing is kept after the answer.
    pub zero_retention: Option<Granted>,
    /// Nothing is used to train models.
    pub no_training: Option<Granted>,
    /// The page that says so.
    pub source: String,
    /// When it was read.
    pub date: Option<Date>,
}

/// To whom a promise is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Granted {
    /// To everybody.
    Default,
    /// To those with a contract that says so: counts only with a credential that the operator has attested.
    ByAgreement,
    /// To nobody.
    None,
}

impl Granted {
    /// All, in the order of this list.
    pub const ALL: [Self; 3] = [Self::Default, Self::ByAgreement, Self::None];

    /// The word in files and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::ByAgreement => "by_agreement",
            Self::None => "none",
        }
    }

    /// That of the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }
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

impl Capability {
    /// All, in the order of this list.
    pub const ALL: [Self; 14] = [
        Self::Tools,
        Self::ParallelTools,
        Self::StructuredOutput,
        Self::Vision,
        Self::Files,
        Self::Audio,
        Self::Reasoning,
        Self::PromptCaching,
        Self::Streaming,
        Self::Video,
        Self::WebSearch,
        Self::ComputerUse,
        Self::AudioOutput,
        Self::ImageOutput,
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
            Self::Video => "video",
            Self::WebSearch => "web_search",
            Self::ComputerUse => "computer_use",
            Self::AudioOutput => "audio_output",
            Self::ImageOutput => "image_output",
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
