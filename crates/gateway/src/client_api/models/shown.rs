//! What of the catalogue an answer shows: a model with those of its offerings that count, the one that is asked first in
//! front. What a client may see is decided here; how it is written, in the ecosystems' own files.

use crate::state::Live;
use domain::catalog::{
    Capability, Catalog, Lifecycle, Modality, Model, ModelIdx, Offering, Provider,
};
use domain::money::Amount;
use domain::pricing::{Period, Rates};
use jiff::civil::Date;
use protocol::dialect::{Dialect, Operation};

/// How much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// What can be called now at the client's doors.
    Callable,
    /// The whole catalogue.
    Everything,
}

/// How an offering is sold at a moment.
#[derive(Clone, Copy)]
pub(super) enum Sale<'a> {
    /// Nobody knows.
    Unknown,
    /// By the token: what costs nothing at all too, if it reads or writes tokens.
    ByToken(&'a Period),
    /// By the picture, the second, the page, the request: a token has no price.
    ByPiece(&'a Period),
}

impl<'a> Sale<'a> {
    /// What tokens cost, ordinarily and in a small request.
    pub(super) fn rates(self) -> Option<&'a Rates> {
        match self {
            Self::ByToken(period) => Some(&period.standard.base),
            Self::Unknown | Self::ByPiece(_) => None,
        }
    }
}

/// What decides which offerings count.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) live: &'a Live,
    /// The client's.
    pub(super) dialect: &'static Dialect,
    pub(super) extent: Extent,
    /// Milliseconds since 1970: whose prices hold.
    pub(super) at_ms: i64,
}

/// A model and those of its offerings that count.
pub(super) struct Shown<'a> {
    pub(super) scope: Scope<'a>,
    pub(super) model: &'a Model,
    /// Those of providers that are set up first, of these what is not past its end, the cheapest in front, as a request is
    /// routed. Then the author's own and
    /// the cheapest of those that take money: what a host gives away on trial says little of a model. Unpriced ones are
    /// behind priced ones, the author's own too.
    pub(super) offerings: Vec<&'a Offering>,
}

impl<'a> Scope<'a> {
    pub(super) fn catalog(&self) -> &'a Catalog {
        &self.live.snapshot.catalog
    }

    /// The model, unless nothing of it is shown.
    pub(super) fn model(&self, idx: ModelIdx) -> Option<Shown<'a>> {
        self.part_of(idx, |_| true)
    }

    /// The same with some of its offerings only.
    pub(super) fn part_of(
        &self,
        idx: ModelIdx,
        counts: impl Fn(&Offering) -> bool,
    ) -> Option<Shown<'a>> {
        let catalog = self.catalog();
        let model = catalog.model(idx);
        let all = model.offerings.iter().map(|idx| catalog.offering(*idx));
        let mut offerings: Vec<&Offering> = all
            .filter(|offering| counts(offering))
            .filter(|offering| self.extent == Extent::Everything || self.can_call(offering))
            .collect();
        if offerings.is_empty() && (self.extent == Extent::Callable || !model.offerings.is_empty())
        {
            return None;
        }
        offerings.sort_by_cached_key(|offering| self.rank(model, offering));
        Some(Shown {
            scope: *self,
            model,
            offerings,
        })
    }

    fn rank(&self, model: &Model, offering: &'a Offering) -> impl Ord + use<> {
        let pico = self.rates(offering).map(typical_pico);
        let usable = self.live.usable(offering.provider);
        let provider = self.provider(offering);
        let is_author = provider.id == model.author || provider.aliases.contains(&model.author);
        (
            !usable,
            offering.lifecycle(self.at_ms) == Lifecycle::Retired,
            self.period(offering).is_none(),
            !usable && !is_author,
            pico.is_none(),
            !usable && pico == Some(0),
            pico,
        )
    }

    /// Whether its provider is set up, and does something that the client's dialect has a door for.
    pub(super) fn can_call(&self, offering: &Offering) -> bool {
        let reached = |operation: &Operation| {
            asks(self.dialect, *operation) && offering.can_be_asked_to(*operation)
        };
        self.live.usable(offering.provider) && offering.operations.iter().any(reached)
    }

    /// The prices that hold now; `None` where nobody knows.
    pub(super) fn period(&self, offering: &'a Offering) -> Option<&'a Period> {
        offering.price.as_ref()?.at(self.at_ms)
    }

    /// How it is sold now.
    pub(super) fn sale(&self, offering: &'a Offering) -> Sale<'a> {
        let Some(period) = self.period(offering) else {
            return Sale::Unknown;
        };
        let rates = &period.standard.base;
        let tokens_cost_nothing = *rates
            == Rates {
                per_request: rates.per_request,
                per_web_search: rates.per_web_search,
                ..Rates::default()
            };
        let sold_otherwise = !period.per.is_empty() || rates.per_request != Amount::ZERO;
        // What neither chats nor embeds draws or speaks, and is given away as that.
        match tokens_cost_nothing && (sold_otherwise || offering.operations.is_empty()) {
            true => Sale::ByPiece(period),
            false => Sale::ByToken(period),
        }
    }

    /// What its tokens cost, ordinarily and in a small request; `None` where nobody knows, or it is not sold by the token.
    pub(super) fn rates(&self, offering: &'a Offering) -> Option<&'a Rates> {
        self.sale(offering).rates()
    }

    pub(super) fn provider(&self, offering: &Offering) -> &'a Provider {
        self.catalog().provider(offering.provider)
    }
}

/// Whether clients of a dialect can ask for an operation.
fn asks(dialect: &Dialect, operation: Operation) -> bool {
    match operation {
        Operation::Chat => dialect.chat.client.is_some(),
        Operation::Embed => dialect.embed.client.is_some(),
    }
}

/// What three tokens in and one out cost: the shape of most requests.
fn typical_pico(rates: &Rates) -> i128 {
    (rates.input.of(3))
        .saturating_add(rates.output.of(1))
        .pico()
}

impl<'a> Shown<'a> {
    /// The one that is asked first.
    pub(super) fn first(&self) -> Option<&'a Offering> {
        self.offerings.first().copied()
    }

    /// How the model is sold: as the first that has a price is. Filters and orders by price look at this one too.
    pub(super) fn sale(&self) -> Sale<'a> {
        let mut all = self.offerings.iter();
        let priced = all.find(|offering| self.scope.period(offering).is_some());
        priced.map_or(Sale::Unknown, |offering| self.scope.sale(offering))
    }

    /// Tokens of input and output together: the most that an offering takes.
    pub(super) fn context(&self) -> Option<u64> {
        self.offerings.iter().filter_map(|it| it.context).max()
    }

    /// Tokens of output, likewise.
    pub(super) fn max_output(&self) -> Option<u64> {
        self.offerings.iter().filter_map(|it| it.max_output).max()
    }

    /// What some offering can do.
    pub(super) fn can(&self, capability: Capability) -> bool {
        self.offerings.iter().any(|it| has(it, capability))
    }

    /// What may go in, at some offering.
    pub(super) fn inputs(&self) -> Vec<&'static str> {
        in_order(&INPUTS, |word| {
            self.offerings.iter().any(|it| inputs(it).contains(&word))
        })
    }

    /// What comes out, at some offering.
    pub(super) fn outputs(&self) -> Vec<&'static str> {
        in_order(&OUTPUTS, |word| {
            self.offerings.iter().any(|it| outputs(it).contains(&word))
        })
    }

    /// Request parameters that some offering takes.
    pub(super) fn parameters(&self) -> Vec<&'a str> {
        let mut all: Vec<&str> = self
            .offerings
            .iter()
            .flat_map(|it| parameters(it))
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// When it came out, in seconds since 1970; 0 where nobody said.
    pub(super) fn released_s(&self) -> i64 {
        self.model.released.map_or(0, start_of)
    }

    /// The day on which the last offering ends, where every one does.
    pub(super) fn ends(&self) -> Option<Date> {
        let days = self.offerings.iter().map(|it| it.facts.deprecated);
        days.collect::<Option<Vec<_>>>()?.into_iter().max()
    }

    /// Whether it is served, by the days on which offerings end.
    pub(super) fn lifecycle(&self) -> Lifecycle {
        Lifecycle::of(self.offerings.iter().copied(), self.scope.at_ms)
    }

    /// What it is for.
    pub(super) fn kind(&self) -> Option<&'static str> {
        self.offerings.iter().find_map(|it| kind(it))
    }

    /// The ids of those that serve it, each once.
    pub(super) fn providers(&self) -> Vec<&'a str> {
        let mut ids: Vec<&str> = Vec::new();
        for offering in &self.offerings {
            let id = self.scope.provider(offering).id.as_str();
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }
}

fn in_order(words: &[&'static str], is: impl Fn(&'static str) -> bool) -> Vec<&'static str> {
    words.iter().copied().filter(|word| is(word)).collect()
}

pub(super) fn has(offering: &Offering, capability: Capability) -> bool {
    let known = offering.capabilities;
    known.is_some_and(|known| known.has(capability))
}

/// The first second of a day, since 1970.
pub(super) fn start_of(date: Date) -> i64 {
    let start = date.to_zoned(jiff::tz::TimeZone::UTC);
    start.map_or(0, |start| start.timestamp().as_second())
}

/// What goes in, in OpenRouter's words and order.
pub(super) const INPUTS: [&str; 5] = ["text", "image", "file", "audio", "video"];
/// What comes out, likewise.
pub(super) const OUTPUTS: [&str; 9] = [
    "text",
    "image",
    "embeddings",
    "audio",
    "video",
    "rerank",
    "decisions",
    "speech",
    "transcription",
];

/// What may go in. A chat that an operator declared takes text, and what it is said to be capable of.
pub(super) fn inputs(offering: &Offering) -> Vec<&'static str> {
    if !offering.input.is_empty() {
        return offering.input.iter().map(|it| word_of(*it)).collect();
    }
    let sees = [
        (Capability::Vision, "image"),
        (Capability::Files, "file"),
        (Capability::Audio, "audio"),
        (Capability::Video, "video"),
    ];
    let more = sees.iter().filter(|(it, _)| has(offering, *it));
    let text = (!offering.operations.is_empty()).then_some("text");
    text.into_iter()
        .chain(more.map(|(_, word)| *word))
        .collect()
}

/// What comes out, by what it does.
pub(super) fn outputs(offering: &Offering) -> Vec<&'static str> {
    if offering.operations.contains(&Operation::Chat) {
        return match offering.output.as_slice() {
            [] => vec!["text"],
            known => known.iter().map(|it| word_of(*it)).collect(),
        };
    }
    if offering.operations.contains(&Operation::Embed) {
        return vec!["embeddings"];
    }
    let made = |word: &&str| match *word {
        "image" => Some("image"),
        "video" => Some("video"),
        "speech" => Some("speech"),
        "transcribe" => Some("transcription"),
        "rerank" => Some("rerank"),
        _ => None,
    };
    let made: Vec<_> = offering.facts.elsewhere.iter().filter_map(made).collect();
    match made.is_empty() {
        true => offering.output.iter().map(|it| word_of(*it)).collect(),
        false => made,
    }
}

fn word_of(modality: Modality) -> &'static str {
    match modality {
        Modality::Text => "text",
        Modality::Image => "image",
        Modality::Audio => "audio",
        Modality::Video => "video",
        Modality::File => "file",
        Modality::Embedding => "embeddings",
    }
}

/// What it is for, in the words of the AI SDK (`modelType`).
fn kind(offering: &Offering) -> Option<&'static str> {
    match offering.operations.first() {
        Some(Operation::Chat) => return Some("language"),
        Some(Operation::Embed) => return Some("embedding"),
        None => {}
    }
    offering
        .facts
        .elsewhere
        .iter()
        .find_map(|word| match *word {
            "image" => Some("image"),
            "video" => Some("video"),
            "speech" => Some("speech"),
            "transcribe" => Some("transcription"),
            "rerank" => Some("reranking"),
            "realtime" => Some("realtime"),
            _ => None,
        })
}

/// Parameters that are documented, and those without which a capability would be none.
pub(super) fn parameters(offering: &Offering) -> Vec<&str> {
    let follow: [(Capability, &[&str]); 4] = [
        (Capability::Tools, &["tools", "tool_choice"]),
        (Capability::ParallelTools, &["parallel_tool_calls"]),
        (
            Capability::StructuredOutput,
            &["response_format", "structured_outputs"],
        ),
        (Capability::Reasoning, &["reasoning", "include_reasoning"]),
    ];
    let named = (offering.facts.parameters.iter()).map(|it| it.name.as_str());
    let following = follow
        .iter()
        .filter(|(capability, _)| has(offering, *capability))
        .flat_map(|(_, names)| names.iter().copied());
    let mut all: Vec<&str> = named.chain(following).collect();
    all.sort_unstable();
    all.dedup();
    all
}
