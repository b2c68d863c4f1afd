//! `…/models/{author}/{slug}/endpoints`: who serves a model, each with its price and limits, as OpenRouter's and Vercel's
//! clients read it.

use super::prices::Prices;
use super::shown::{self, Shown, has};
use super::union::{Architecture, architecture};
use crate::performance::lately::{Lately, Percentiles, Served, Uptime, speeds_since};
use crate::view::timestamp;
use domain::catalog::{Capability, Granted, Lifecycle, Offering};
use domain::pricing::Period;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
pub(super) struct Endpoints<'a> {
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    id: &'a str,
    name: &'a str,
    created: i64,
    released: i64,
    description: &'a str,
    architecture: Architecture<'a>,
    endpoints: Vec<Endpoint<'a>>,
}

/// The package `openrouter` 1.3.84 (2026-11), `PublicEndpoint`: it reads no answer where one of these is absent, and no
/// context that is `null`. What is measured is `null` until there is enough of it.
#[derive(Serialize)]
struct Endpoint<'a> {
    name: String,
    tag: &'a str,
    provider_name: &'a str,
    model_id: &'a str,
    model_name: &'a str,
    /// 0 where unknown.
    context_length: u64,
    max_completion_tokens: Option<u64>,
    max_prompt_tokens: Option<u64>,
    quantization: Option<&'a str>,
    pricing: Prices,
    supported_parameters: Vec<&'a str>,
    supports_tool_choice: ToolChoice,
    supports_implicit_caching: bool,
    supports_diarization: bool,
    native_tools: BTreeMap<&'a str, ()>,
    service_tier: Option<&'a str>,
    status: Option<i8>,
    tags: Vec<&'static str>,
    uptime_last_5m: Option<f64>,
    uptime_last_15m: Option<f64>,
    uptime_last_30m: Option<f64>,
    uptime_last_1h: Option<f64>,
    uptime_last_1d: Option<f64>,
    latency_last_30m: Option<Stats>,
    latency_last_1h: Option<Stats>,
    throughput_last_30m: Option<Stats>,
    throughput_last_1h: Option<Stats>,
    tollgate: Ours<'a>,
}

/// What `PercentileStats` of the package `openrouter` has, and the `p95` that Vercel's clients read.
#[derive(Clone, Copy, Serialize)]
struct Stats {
    p50: f64,
    p75: f64,
    p90: f64,
    p95: f64,
    p99: f64,
}

#[derive(Serialize)]
struct ToolChoice {
    auto: bool,
    none: bool,
    required: bool,
    function: bool,
}

/// The package `openrouter` 1.3.84, `EndpointStatus`: 0, -1, -2, -3, -5, -10, without a word on what they mean.
const RETIRED: i8 = -1;

/// What else we know, in a member of its own, since others may come to mean something else by these names.
#[derive(Serialize)]
struct Ours<'a> {
    provider: &'a str,
    wire_id: &'a str,
    available: bool,
    capabilities: Vec<&'static str>,
    regions: &'a [String],
    zero_retention: Option<&'static str>,
    no_training: Option<&'static str>,
    moderated: Option<bool>,
    /// `active`, `deprecated`, `retired`.
    status: &'static str,
    deprecated: Option<String>,
    /// What the figures were counted from; `None` where nobody called it in the last day.
    measured: Option<Measured>,
    /// Prices of other service tiers.
    tiers: BTreeMap<&'static str, Prices>,
    /// Why there is no price.
    unpriced: Option<&'a str>,
    /// Where price and limits were read; empty where the operator gave them.
    source: &'a str,
    date: Option<String>,
}

#[derive(Serialize)]
struct Measured {
    calls_last_1d: u64,
    /// Since when times and speeds are counted, which are summed by whole hours.
    speeds_since: String,
    latency_samples: u64,
    throughput_samples: u64,
}

/// The model's.
pub(super) fn of<'a>(shown: &Shown<'a>, lately: &Lately) -> Endpoints<'a> {
    let offerings = shown.offerings.iter();
    Endpoints {
        data: Data {
            id: &shown.model.id,
            name: &shown.model.name,
            created: shown.released_s(),
            released: shown.released_s(),
            description: &shown.model.facts.description,
            architecture: architecture(shown),
            endpoints: offerings.map(|it| endpoint(shown, it, lately)).collect(),
        },
    }
}

fn endpoint<'a>(shown: &Shown<'a>, offering: &'a Offering, lately: &Lately) -> Endpoint<'a> {
    let provider = shown.scope.provider(offering);
    let served = lately.of(&provider.id, &offering.wire_id);
    let uptime =
        |share: fn(&Uptime) -> Option<f64>| served.and_then(|it| share(&it.uptime)).map(percent);
    let latency = served.and_then(|it| it.first_token_ms).map(Stats::from);
    let throughput = served.and_then(|it| it.tokens_per_second).map(Stats::from);
    let parameters = shown::parameters(offering);
    let chooses = parameters.contains(&"tool_choice");
    let period = shown.scope.period(offering);
    Endpoint {
        name: format!("{} | {}", provider.name, shown.model.id),
        tag: &provider.id,
        provider_name: &provider.name,
        model_id: &shown.model.id,
        model_name: &shown.model.name,
        context_length: offering.context.unwrap_or(0),
        max_completion_tokens: offering.max_output,
        max_prompt_tokens: None,
        quantization: offering.facts.quantization.as_deref(),
        pricing: Prices::of(shown.scope.sale(offering)),
        supported_parameters: parameters,
        supports_tool_choice: ToolChoice {
            auto: chooses,
            none: chooses,
            required: chooses,
            function: chooses,
        },
        supports_implicit_caching: caches_unasked(offering, period),
        supports_diarization: false,
        native_tools: BTreeMap::new(),
        service_tier: None,
        status: status(shown, offering),
        tags: tags(offering),
        uptime_last_5m: uptime(|it| it.last_5m),
        uptime_last_15m: uptime(|it| it.last_15m),
        uptime_last_30m: uptime(|it| it.last_30m),
        uptime_last_1h: uptime(|it| it.last_1h),
        uptime_last_1d: uptime(|it| it.last_1d),
        latency_last_30m: latency,
        latency_last_1h: latency,
        throughput_last_30m: throughput,
        throughput_last_1h: throughput,
        tollgate: ours(shown, offering, period, served),
    }
}

fn ours<'a>(
    shown: &Shown<'a>,
    offering: &'a Offering,
    period: Option<&Period>,
    served: Option<&Served>,
) -> Ours<'a> {
    let facts = &offering.facts;
    let tiers = period.into_iter().flat_map(|period| {
        let tiers = [
            ("flex", &period.flex),
            ("priority", &period.priority),
            ("batch", &period.batch),
        ];
        tiers
            .into_iter()
            .filter_map(|(name, set)| Some((name, Prices::of_set(set.as_ref()?))))
    });
    Ours {
        provider: &shown.scope.provider(offering).id,
        wire_id: &offering.wire_id,
        available: shown.scope.can_call(offering),
        capabilities: (offering.capabilities.iter())
            .flat_map(|all| all.iter())
            .map(Capability::as_str)
            .collect(),
        regions: &facts.regions,
        zero_retention: facts.data.zero_retention.map(Granted::as_str),
        no_training: facts.data.no_training.map(Granted::as_str),
        moderated: facts.moderated,
        status: offering.lifecycle(shown.scope.at_ms).as_str(),
        deprecated: facts.deprecated.map(|date| date.to_string()),
        measured: served.map(|it| Measured {
            calls_last_1d: it.calls,
            speeds_since: timestamp(speeds_since(shown.scope.at_ms)),
            latency_samples: it.first_token_ms.map_or(0, |it| it.samples),
            throughput_samples: it.tokens_per_second.map_or(0, |it| it.samples),
        }),
        tiers: tiers.collect(),
        unpriced: (!facts.unpriced.is_empty()).then_some(facts.unpriced.as_str()),
        source: &facts.source,
        date: facts.date.map(|date| date.to_string()),
    }
}

impl From<Percentiles> for Stats {
    fn from(all: Percentiles) -> Self {
        Self {
            p50: round(all.p50),
            p75: round(all.p75),
            p90: round(all.p90),
            p95: round(all.p95),
            p99: round(all.p99),
        }
    }
}

fn percent(share: f64) -> f64 {
    round(share * 100.0)
}

/// To two decimals: more would be made up.
fn round(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

/// 0 for what can be asked; below it, by a number that the schema has and gives no meaning, for what is past its end;
/// `None` where nobody has set the provider up.
fn status(shown: &Shown<'_>, offering: &Offering) -> Option<i8> {
    let usable = shown.scope.live.usable(offering.provider);
    usable.then(|| match offering.lifecycle(shown.scope.at_ms) {
        Lifecycle::Active | Lifecycle::Deprecated => 0,
        Lifecycle::Retired => RETIRED,
    })
}

/// Whether repeated prefixes cost less without being marked: where reads are cheaper and writes cost nothing of their own.
fn caches_unasked(offering: &Offering, period: Option<&Period>) -> bool {
    let rates = period.map(|period| &period.standard.base);
    has(offering, Capability::PromptCaching)
        && rates.is_some_and(|it| it.cache_read.is_some() && it.cache_write.is_none())
}

/// Vercel's words.
fn tags(offering: &Offering) -> Vec<&'static str> {
    let words = super::union::TAGS.iter();
    let said = words.filter(|(capability, _)| has(offering, *capability));
    said.map(|(_, tag)| *tag).collect()
}
