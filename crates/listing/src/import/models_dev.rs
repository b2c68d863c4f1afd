//! The list of models.dev: `{provider: {name, models: {id: {...}}}}`, prices in USD per million tokens.
//! Fields: <https://github.com/anomalyco/models.dev> (2026-11-21).

use super::found::Found;
use super::number::scaled;
use crate::price::{AboveFile, PeriodFile, RatesFile};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The name of the list.
pub(super) const LIST: &str = "models.dev";

#[derive(Deserialize)]
struct ProviderEntry {
    models: BTreeMap<String, ModelEntry>,
}

#[derive(Deserialize)]
struct ModelEntry {
    name: String,
    release_date: Option<String>,
    knowledge: Option<String>,
    open_weights: Option<bool>,
    reasoning: Option<bool>,
    tool_call: Option<bool>,
    structured_output: Option<bool>,
    temperature: Option<bool>,
    modalities: Option<Modalities>,
    limit: Option<Limit>,
    cost: Option<Cost>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Modalities {
    input: Vec<String>,
    output: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Limit {
    context: u64,
    output: u64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Cost {
    input: Option<Box<RawValue>>,
    output: Option<Box<RawValue>>,
    cache_read: Option<Box<RawValue>>,
    cache_write: Option<Box<RawValue>>,
    reasoning: Option<Box<RawValue>>,
    input_audio: Option<Box<RawValue>>,
    output_audio: Option<Box<RawValue>>,
    tiers: Vec<Tiered>,
    context_over_200k: Option<Box<Cost>>,
    tier: Option<Tier>,
}

type Tiered = Cost;

#[derive(Deserialize)]
struct Tier {
    size: u64,
}

/// Reads the list. `known` gives our provider for the list's.
///
/// # Errors
/// When it is not that list.
pub(super) fn read(
    json: &str,
    known: &dyn Fn(&str) -> Option<String>,
    missed: &mut BTreeMap<String, usize>,
) -> serde_json::Result<Vec<Found>> {
    let providers: BTreeMap<String, ProviderEntry> = serde_json::from_str(json)?;
    let mut found = Vec::new();
    for (id, entry) in providers {
        let Some(provider) = known(&id) else {
            missed.insert(id, entry.models.len());
            continue;
        };
        let lines = entry.models.into_iter();
        found.extend(lines.map(|(wire_id, model)| line(&provider, wire_id, model)));
    }
    Ok(found)
}

fn line(provider: &str, wire_id: String, model: ModelEntry) -> Found {
    let said = [
        (model.tool_call, "tools"),
        (model.structured_output, "structured_output"),
        (model.reasoning, "reasoning"),
    ];
    let mut capabilities: Vec<String> = said
        .into_iter()
        .filter(|(can, _)| *can == Some(true))
        .map(|(_, word)| word.to_owned())
        .collect();
    let cost = model.cost.as_ref().and_then(period);
    if cost
        .as_ref()
        .is_some_and(|period| period.rates.cache_read.is_some())
    {
        capabilities.push("prompt_caching".to_owned());
    }
    let parameters = [
        (model.temperature, &["temperature"][..]),
        (model.tool_call, &["tools", "tool_choice"][..]),
        (model.structured_output, &["response_format"][..]),
        (model.reasoning, &["reasoning"][..]),
    ];
    let modalities = model.modalities.unwrap_or_default();
    let limit = model.limit.unwrap_or_default();
    Found {
        list: LIST,
        offered: true,
        provider: provider.to_owned(),
        operations: operations(&wire_id, &modalities),
        wire_id,
        name: Some(model.name),
        released: model.release_date.filter(|day| day.len() == 10),
        knowledge: model.knowledge,
        open_weights: model.open_weights,
        input: words(&modalities.input),
        output: words(&modalities.output),
        capabilities,
        context: Some(limit.context).filter(|tokens| *tokens > 0),
        max_output: Some(limit.output).filter(|tokens| *tokens > 0),
        parameters: parameters
            .into_iter()
            .filter(|(takes, _)| *takes == Some(true))
            .flat_map(|(_, names)| names.iter().map(|name| (*name).to_owned()))
            .collect(),
        price: cost.into_iter().collect(),
        source: "https://models.dev".to_owned(),
        ..Found::default()
    }
}

/// The list does not say what a model does; embeddings and what makes no text are told by names and modalities.
fn operations(wire_id: &str, modalities: &Modalities) -> Vec<String> {
    let name = wire_id.to_ascii_lowercase();
    let has = |word: &str| modalities.output.iter().any(|known| known == word);
    let named = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let does = if named(&["rerank"]) {
        "rerank"
    } else if named(&["embed", "bge-", "-e5-", "gte-", "voyage-"]) {
        "embed"
    } else if named(&["whisper", "transcri"]) {
        "transcribe"
    } else if named(&["tts", "speech-"]) && has("audio") {
        "speech"
    } else if has("video") && !has("text") {
        "video"
    } else if has("image") && !has("text") {
        "image"
    } else if has("audio") && !has("text") {
        "speech"
    } else {
        "chat"
    };
    vec![does.to_owned()]
}

fn words(said: &[String]) -> Option<Vec<String>> {
    let ours = |word: &String| match word.as_str() {
        "pdf" => "file".to_owned(),
        _ => word.clone(),
    };
    (!said.is_empty()).then(|| said.iter().map(ours).collect())
}

fn period(cost: &Cost) -> Option<PeriodFile> {
    let base = rates(cost);
    base.input.as_ref()?;
    let mut above: Vec<AboveFile> = Vec::new();
    for tier in &cost.tiers {
        if let Some(size) = &tier.tier {
            above.push(AboveFile {
                tokens: size.size,
                rates: inheriting(rates(tier), &base),
            });
        }
    }
    if let (true, Some(over)) = (above.is_empty(), &cost.context_over_200k) {
        above.push(AboveFile {
            tokens: 200_000,
            rates: inheriting(rates(over), &base),
        });
    }
    above.sort_by_key(|tier| tier.tokens);
    above.dedup_by_key(|tier| tier.tokens);
    Some(PeriodFile {
        rates: base,
        above,
        ..PeriodFile::default()
    })
}

/// What a tier does not say of input and output stays.
fn inheriting(mut rates: RatesFile, base: &RatesFile) -> RatesFile {
    rates.input = rates.input.or_else(|| base.input.clone());
    rates.output = rates.output.or_else(|| base.output.clone());
    rates
}

fn rates(cost: &Cost) -> RatesFile {
    let rate = |raw: &Option<Box<RawValue>>| scaled(raw.as_ref()?.get(), 0, 6);
    // A cache that costs nothing is what the list writes where there is none.
    let cache = |raw| rate(raw).filter(|price| !super::number::is_zero(price));
    RatesFile {
        input: rate(&cost.input),
        output: rate(&cost.output),
        cache_read: cache(&cost.cache_read),
        cache_write: cache(&cost.cache_write),
        reasoning: cache(&cost.reasoning),
        audio_input: cache(&cost.input_audio),
        audio_output: cache(&cost.output_audio),
        ..RatesFile::default()
    }
}
