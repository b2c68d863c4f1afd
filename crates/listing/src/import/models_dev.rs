//! The list of models.dev: `{provider: {name, models: {id: {...}}}}`, prices in USD per million tokens.
//! Fields: <https://github.com/anomalyco/models.dev> (2026-11-21).

use super::entry::{Faults, Fields, Passed};
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
    models: BTreeMap<String, Box<RawValue>>,
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
    context: Option<Box<RawValue>>,
    output: Option<Box<RawValue>>,
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
    passed: &mut Passed,
) -> serde_json::Result<Vec<Found>> {
    let providers: BTreeMap<String, ProviderEntry> = serde_json::from_str(json)?;
    let mut found = Vec::new();
    for (id, entry) in providers {
        let Some(provider) = known(&id) else {
            passed.unknown.insert(id, entry.models.len());
            continue;
        };
        for (wire_id, raw) in entry.models {
            let mut faults = Faults::of(LIST, format!("{id}/{wire_id}"));
            let fields: Fields = faults.value("", &raw).unwrap_or_default();
            let line = line(&provider, wire_id, &fields, &mut faults);
            passed.unread.append(&mut faults.found);
            found.push(line);
        }
    }
    Ok(found)
}

fn line(provider: &str, wire_id: String, fields: &Fields, faults: &mut Faults) -> Found {
    let flags = ["tool_call", "structured_output", "reasoning", "temperature"];
    let [tools, structured, reasoning, temperature] =
        flags.map(|name| faults.field(fields, name) == Some(true));
    let modalities: Modalities = faults.field(fields, "modalities").unwrap_or_default();
    let limit: Limit = faults.field(fields, "limit").unwrap_or_default();
    let cost: Option<Cost> = faults.field(fields, "cost");
    let mut tokens = |name: &str, raw: Option<Box<RawValue>>| {
        let raw = raw?;
        faults.amount(name, &raw);
        let tokens: u64 = scaled(raw.get(), 0, 0)?.parse().ok()?;
        (tokens > 0).then_some(tokens)
    };
    let context = tokens("limit.context", limit.context);
    let max_output = tokens("limit.output", limit.output);
    if let Some(cost) = &cost {
        cost.check("cost", faults);
    }
    let name = faults.field(fields, "name");
    let released = faults.field(fields, "release_date");
    let knowledge = faults.field(fields, "knowledge");
    let open_weights = faults.field(fields, "open_weights");
    // Of an entry that is broken somewhere, no price is believed.
    let price = cost.as_ref().and_then(period);
    let price = price.filter(|_| faults.found.is_empty());
    let caches = (price.as_ref()).is_some_and(|period| period.rates.cache_read.is_some());
    let can = [
        (tools, "tools"),
        (structured, "structured_output"),
        (reasoning, "reasoning"),
        (caches, "prompt_caching"),
    ];
    let takes = [
        (temperature, &["temperature"][..]),
        (tools, &["tools", "tool_choice"][..]),
        (structured, &["response_format"][..]),
        (reasoning, &["reasoning"][..]),
    ];
    let takes = takes.into_iter().filter(|(takes, _)| *takes);
    Found {
        list: LIST,
        offered: true,
        provider: provider.to_owned(),
        operations: operations(&wire_id, &modalities),
        wire_id,
        name,
        released: released.filter(|day: &String| day.len() == 10),
        knowledge,
        open_weights,
        input: words(&modalities.input),
        output: words(&modalities.output),
        capabilities: (can.into_iter().filter(|(can, _)| *can))
            .map(|(_, word)| word.to_owned())
            .collect(),
        context,
        max_output,
        parameters: takes
            .flat_map(|(_, names)| names.iter().map(|name| (*name).to_owned()))
            .collect(),
        price: price.into_iter().collect(),
        source: "https://models.dev".to_owned(),
        ..Found::default()
    }
}

impl Cost {
    /// Keeps as faults what are no prices.
    fn check(&self, at: &str, faults: &mut Faults) {
        let amounts = [
            ("input", &self.input),
            ("output", &self.output),
            ("cache_read", &self.cache_read),
            ("cache_write", &self.cache_write),
            ("reasoning", &self.reasoning),
            ("input_audio", &self.input_audio),
            ("output_audio", &self.output_audio),
        ];
        for (name, amount) in amounts {
            if let Some(amount) = amount {
                faults.amount(&format!("{at}.{name}"), amount);
            }
        }
        for tier in &self.tiers {
            tier.check(&format!("{at}.tiers"), faults);
        }
        if let Some(over) = &self.context_over_200k {
            over.check(&format!("{at}.context_over_200k"), faults);
        }
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
