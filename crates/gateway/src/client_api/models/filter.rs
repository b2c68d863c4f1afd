//! Which models a query asks for, in the words of OpenRouter, Vercel, Merge and Anthropic, and in which order.
//!
//! A model fits where what is asked of it holds and one of its offerings holds all that is asked of offerings: with
//! `providers=groq&supported_parameters=tools`, Groq's own takes tools. Prices are asked of the model: the one that its entry
//! shows is meant. Of a list, all must hold, but of authors,
//! providers, families, types and outputs one.

use super::anthropic::LIFECYCLES;
use super::merge::keeps_nothing;
use super::query::{Given, Query};
use super::shape::Shape;
use super::shown::{self, INPUTS, OUTPUTS, Scope, Shown, has};
use super::union::family;
use domain::catalog::{Capability, Catalog, Offering, ProviderIdx};
use domain::money::PerMillion;
use jiff::civil::Date;
use protocol::ir::Error;

/// What is asked.
#[derive(Default, PartialEq)]
pub(super) struct Filter {
    /// All must stand in a model's id, name or aliases, in lower case.
    words: Vec<String>,
    authors: Vec<String>,
    families: Vec<String>,
    kinds: Vec<String>,
    lifecycles: Vec<String>,
    /// Seconds since 1970.
    released: Bounds<i64>,
    intelligence: Bounds<f64>,
    coding: Bounds<f64>,
    prompt: Bounds<PerMillion>,
    completion: Bounds<PerMillion>,
    tools: Option<bool>,
    modified_after: Option<Date>,
    offering: OfferingFilter,
}

/// What is asked of offerings.
#[derive(Default, PartialEq)]
struct OfferingFilter {
    providers: Vec<ProviderIdx>,
    capabilities: Vec<Capability>,
    inputs: Vec<String>,
    outputs: Vec<String>,
    parameters: Vec<String>,
    regions: Vec<String>,
    min_context: Option<u64>,
    zero_retention: bool,
}

#[derive(Clone, Copy, Default, PartialEq)]
struct Bounds<T> {
    min: Option<T>,
    max: Option<T>,
}

impl<T: PartialOrd + Copy> Bounds<T> {
    /// What is not known is within no bounds.
    fn hold(self, value: Option<T>) -> bool {
        let Some(value) = value else {
            return self.min.is_none() && self.max.is_none();
        };
        self.min.is_none_or(|min| value >= min) && self.max.is_none_or(|max| value <= max)
    }
}

/// What OpenRouter can filter by and nobody has told this catalogue: refused, not passed over.
const UNKNOWN_HERE: [&str; 6] = [
    "category",
    "distillable",
    "min_agentic_index",
    "max_agentic_index",
    "min_tool_success_rate",
    "max_tool_success_rate",
];

/// As `Parameter` of the package `openrouter` 1.3.84 (2026-11) has them.
const PARAMETERS: [&str; 26] = [
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "top_a",
    "frequency_penalty",
    "presence_penalty",
    "repetition_penalty",
    "max_tokens",
    "max_completion_tokens",
    "logit_bias",
    "logprobs",
    "top_logprobs",
    "prediction",
    "seed",
    "response_format",
    "structured_outputs",
    "stop",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "include_reasoning",
    "reasoning",
    "reasoning_effort",
    "web_search_options",
    "verbosity",
];

const KINDS: [&str; 8] = [
    "language",
    "embedding",
    "image",
    "video",
    "speech",
    "transcription",
    "reranking",
    "realtime",
];

const DAY_S: i64 = 24 * 60 * 60;

impl Filter {
    /// Reads it.
    ///
    /// # Errors
    /// Names the value that means nothing.
    pub(super) fn read(query: &Query<'_>, scope: &Scope<'_>, shape: Shape) -> Result<Self, Error> {
        if let Some(given) = query.all(&UNKNOWN_HERE).first() {
            return Err(given.refused("this catalogue does not know it of any model"));
        }
        // Merge's `provider` is who made a model, and `vendor` who serves it.
        let (authors, providers): (&[&str], &[&str]) = match shape {
            Shape::Merge => (&["provider"], &["vendor"]),
            Shape::Union | Shape::Anthropic | Shape::Gemini | Shape::AiSdk => (
                &["author", "authors", "model_authors"],
                &["provider", "providers"],
            ),
        };
        let catalog = scope.catalog();
        let now_s = scope.at_ms.div_euclid(1000);
        let days_ago = |days: Option<u32>| days.map(|days| now_s - i64::from(days) * DAY_S);
        let days = |name| query.number::<u32>(name, "a whole number of days");
        let words = query.one("q").map(|q| q.value.to_lowercase());
        let words = words.as_deref().unwrap_or_default().split_whitespace();
        Ok(Self {
            words: words.map(str::to_owned).collect(),
            authors: authors_in(&query.all(authors), catalog)?,
            families: families_in(&query.all(&["arch"]), catalog)?,
            kinds: known(&query.all(&["type"]), &KINDS)?,
            lifecycles: known(&query.all(&["lifecycle"]), &LIFECYCLES)?,
            released: Bounds {
                min: days_ago(days("max_age_days")?),
                max: days_ago(days("min_age_days")?),
            },
            intelligence: indices(query, "min_intelligence_index", "max_intelligence_index")?,
            coding: indices(query, "min_coding_index", "max_coding_index")?,
            prompt: prices(query, "min_price", "max_price")?,
            completion: prices(query, "min_output_price", "max_output_price")?,
            tools: query.is("supports_tool_calling")?,
            modified_after: date(query)?,
            offering: OfferingFilter {
                providers: providers_in(&query.all(providers), catalog)?,
                capabilities: capabilities(&query.all(&["capability", "capabilities", "has"]))?,
                inputs: known(&query.all(&["input_modalities"]), &INPUTS)?,
                outputs: outputs(&query.all(&["output_modalities"]))?,
                parameters: known(&query.all(&["supported_parameters"]), &PARAMETERS)?,
                regions: regions(&query.all(&["region"]), catalog)?,
                min_context: query.number("context", "a whole number of tokens")?,
                zero_retention: query.is("zdr")?.unwrap_or(false)
                    || query.is("zero_data_retention")?.unwrap_or(false),
            },
        })
    }

    /// Whether nothing is asked, so that every model fits.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a model is asked for.
    pub(super) fn fits(&self, shown: &Shown<'_>) -> bool {
        let one_of = |wanted: &[String], is: Option<&str>| {
            wanted.is_empty() || is.is_some_and(|is| wanted.iter().any(|word| word == is))
        };
        let facts = &shown.model.facts;
        let released = shown.model.released.map(shown::start_of);
        let rates = shown.sale().rates();
        let date = |offering: &&Offering| offering.facts.date;
        let modified = shown.offerings.iter().filter_map(date).max();
        one_of(&self.authors, Some(&shown.model.author))
            && one_of(&self.families, facts.tokenizer.as_deref().map(family))
            && one_of(&self.kinds, shown.kind())
            && one_of(&self.lifecycles, Some(shown.lifecycle().as_str()))
            && self.released.hold(released)
            && self.intelligence.hold(score(shown, "intelligence"))
            && self.coding.hold(score(shown, "coding"))
            && self.prompt.hold(rates.map(|rates| rates.input))
            && self.completion.hold(rates.map(|rates| rates.output))
            && (self.tools).is_none_or(|wanted| wanted == shown.can(Capability::Tools))
            && (self.modified_after).is_none_or(|after| modified.is_some_and(|date| date >= after))
            && self.words.iter().all(|word| is_named(shown, word))
            && (self.offering == OfferingFilter::default()
                || (shown.offerings.iter()).any(|offering| self.offering.fits(offering)))
    }
}

impl OfferingFilter {
    fn fits(&self, offering: &Offering) -> bool {
        let (takes, makes) = (shown::inputs(offering), shown::outputs(offering));
        let parameters = shown::parameters(offering);
        let any = |wanted: &[String], is: &dyn Fn(&str) -> bool| {
            wanted.is_empty() || wanted.iter().any(|word| is(word))
        };
        (self.providers.is_empty() || self.providers.contains(&offering.provider))
            && self.capabilities.iter().all(|one| has(offering, *one))
            && self.inputs.iter().all(|word| takes.contains(&&**word))
            && any(&self.outputs, &|word| makes.contains(&word))
            && (self.parameters.iter()).all(|word| parameters.contains(&&**word))
            && any(&self.regions, &|word| {
                offering.facts.regions.iter().any(|it| it == word)
            })
            && (self.min_context).is_none_or(|min| offering.context.is_some_and(|it| it >= min))
            && (!self.zero_retention || keeps_nothing(offering))
    }
}

/// Whether a word in lower case stands in one of a model's names.
fn is_named(shown: &Shown<'_>, word: &str) -> bool {
    let model = shown.model;
    let mut names = [&model.id, &model.name].into_iter().chain(&model.aliases);
    names.any(|name| name.to_lowercase().contains(word))
}

pub(super) fn score(shown: &Shown<'_>, of: &str) -> Option<f64> {
    let mut scores = shown.model.facts.scores.iter();
    scores.find(|it| it.of == of)?.percent.parse().ok()
}

/// Words of a closed list.
fn known(given: &[Given<'_>], words: &[&str]) -> Result<Vec<String>, Error> {
    let read = given.iter().map(|given| {
        let word = given.value.to_lowercase();
        match words.contains(&word.as_str()) {
            true => Ok(word),
            false => Err(given.refused(&format!("known are {}", words.join(", ")))),
        }
    });
    read.collect()
}

fn outputs(given: &[Given<'_>]) -> Result<Vec<String>, Error> {
    if given.iter().any(|given| given.value == "all") {
        return Ok(Vec::new());
    }
    let as_theirs = given.iter().map(|given| Given {
        name: given.name,
        value: match given.value {
            "embedding" => "embeddings",
            other => other,
        },
    });
    known(&as_theirs.collect::<Vec<_>>(), &OUTPUTS)
}

/// Our words, and Vercel's (`tool-use`).
fn capabilities(given: &[Given<'_>]) -> Result<Vec<Capability>, Error> {
    let read = given.iter().map(|given| {
        let word = given.value.to_lowercase().replace('-', "_");
        let ours = match word.as_str() {
            "tool_use" => "tools",
            "file_input" => "files",
            "implicit_caching" => "prompt_caching",
            "structured_outputs" => "structured_output",
            "image_generation" => "image_output",
            own => own,
        };
        Capability::parse(ours).ok_or_else(|| {
            let known = Capability::ALL.map(Capability::as_str).join(", ");
            given.refused(&format!("known are {known}"))
        })
    });
    read.collect()
}

fn authors_in(given: &[Given<'_>], catalog: &Catalog) -> Result<Vec<String>, Error> {
    let read = given.iter().map(|given| {
        let word = given.value.to_lowercase();
        let found = catalog.models().any(|(_, model)| model.author == word);
        match found {
            true => Ok(word),
            false => Err(given.refused("nobody of that name made a model of this catalogue")),
        }
    });
    read.collect()
}

/// By id, alias or name.
fn providers_in(given: &[Given<'_>], catalog: &Catalog) -> Result<Vec<ProviderIdx>, Error> {
    let read = given.iter().map(|given| {
        let word = given.value.to_lowercase();
        let named = || {
            let mut all = catalog.providers();
            all.find(|(_, it)| it.name.to_lowercase() == word)
                .map(|(idx, _)| idx)
        };
        let found = catalog.find_provider(&word).or_else(named);
        found.ok_or_else(|| {
            given.refused("there is no such provider; /v1/providers?all=true lists them")
        })
    });
    read.collect()
}

fn families_in(given: &[Given<'_>], catalog: &Catalog) -> Result<Vec<String>, Error> {
    let mut known: Vec<&str> = (catalog.models())
        .filter_map(|(_, model)| model.facts.tokenizer.as_deref().map(family))
        .collect();
    known.sort_unstable();
    known.dedup();
    among(given, &known)
}

fn regions(given: &[Given<'_>], catalog: &Catalog) -> Result<Vec<String>, Error> {
    let mut known: Vec<&str> = (catalog.offerings())
        .flat_map(|(_, offering)| offering.facts.regions.iter().map(String::as_str))
        .collect();
    known.sort_unstable();
    known.dedup();
    among(given, &known)
}

/// Words that the catalogue has, whatever their case.
fn among(given: &[Given<'_>], known: &[&str]) -> Result<Vec<String>, Error> {
    let read = given.iter().map(|given| {
        let mut known_ones = known.iter();
        let found = known_ones.find(|word| word.eq_ignore_ascii_case(given.value));
        found
            .map(|word| (*word).to_owned())
            .ok_or_else(|| given.refused(&format!("known are {}", known.join(", "))))
    });
    read.collect()
}

fn indices(query: &Query<'_>, min: &'static str, max: &'static str) -> Result<Bounds<f64>, Error> {
    Ok(Bounds {
        min: query.number(min, "a number")?,
        max: query.number(max, "a number")?,
    })
}

fn prices(
    query: &Query<'_>,
    min: &'static str,
    max: &'static str,
) -> Result<Bounds<PerMillion>, Error> {
    let price = |name| query.number(name, "USD per million tokens, such as 0.15");
    Ok(Bounds {
        min: price(min)?,
        max: price(max)?,
    })
}

/// The day of a moment or a day.
fn date(query: &Query<'_>) -> Result<Option<Date>, Error> {
    let Some(given) = query.one("modified_after") else {
        return Ok(None);
    };
    let day = given.value.get(..10).and_then(|day| day.parse().ok());
    day.map(Some)
        .ok_or_else(|| given.refused("expected a date such as 2026-11-21"))
}
