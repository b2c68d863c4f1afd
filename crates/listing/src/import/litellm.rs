//! LiteLLM's price file: `{name: {litellm_provider, mode, input_cost_per_token, ...}}`, prices in USD per token.
//! Fields: <https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json> (2026-11-21).

use super::entry::{Faults, Fields, Passed};
use super::found::Found;
use super::number::{is_zero, scaled};
use crate::price::{AboveFile, OffPeakFile, PeriodFile, RatesFile, SetFile};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The name of the list.
pub(super) const LIST: &str = "litellm";

/// The tiers of context that its fields are named after.
const ABOVE: [(u64, &str); 7] = [
    (32_000, "_above_32k_tokens"),
    (100_000, "_above_100k_tokens"),
    (128_000, "_above_128k_tokens"),
    (200_000, "_above_200k_tokens"),
    (256_000, "_above_256k_tokens"),
    (272_000, "_above_272k_tokens"),
    (512_000, "_above_512k_tokens"),
];

/// What is sold by the piece.
const PIECES: [(&str, &str); 12] = [
    ("input_cost_per_image", "input_image"),
    ("output_cost_per_image", "output_image"),
    ("input_cost_per_second", "input_second"),
    ("input_cost_per_audio_per_second", "input_second"),
    ("output_cost_per_second", "output_second"),
    ("output_cost_per_video_per_second", "output_second"),
    ("input_cost_per_character", "input_character"),
    ("output_cost_per_character", "output_character"),
    ("ocr_cost_per_page", "page"),
    ("input_cost_per_query", "query"),
    ("output_cost_per_pixel", "output_pixel"),
    ("cost_per_second", "output_second"),
];

/// Reads the list. `known` gives our provider for the list's.
///
/// # Errors
/// When it is not that list.
pub(super) fn read(
    json: &str,
    known: &dyn Fn(&str) -> Option<String>,
    passed: &mut Passed,
) -> serde_json::Result<Vec<Found>> {
    let entries: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json)?;
    let mut found = Vec::new();
    for (name, raw) in entries {
        let mut faults = Faults::of(LIST, name.clone());
        let fields: Fields = faults.value("", &raw).unwrap_or_default();
        let Some(listed) = text(&fields, "litellm_provider") else {
            passed.unread.append(&mut faults.found);
            continue;
        };
        if name == "sample_spec" {
            continue;
        }
        let Some(provider) = known(&listed) else {
            *passed.unknown.entry(listed).or_default() += 1;
            continue;
        };
        for (field, raw) in fields.iter().filter(|(field, _)| is_amount(field)) {
            faults.amount(field, raw);
        }
        let mut line = line(provider, &listed, name, &fields);
        if !faults.found.is_empty() {
            // Of an entry that is broken somewhere, no price is believed.
            line.price.clear();
        }
        passed.unread.append(&mut faults.found);
        found.push(line);
    }
    Ok(found)
}

/// Whether a field that is read holds an amount of dollars, or a limit.
fn is_amount(field: &str) -> bool {
    let begins = [
        "input_cost_per_",
        "output_cost_per_",
        "cache_read_",
        "cache_creation_",
        "cost_per_second",
        "ocr_cost_per_page",
    ];
    let is_limit = ["max_input_tokens", "max_output_tokens"].contains(&field);
    is_limit || begins.iter().any(|begin| field.starts_with(begin))
}

fn line(provider: String, listed: &str, name: String, fields: &Fields) -> Found {
    // Names are `provider/model`, or the bare model of the provider that has it first.
    let wire_id = [listed, listed.split('-').next().unwrap_or(listed)]
        .into_iter()
        .find_map(|prefix| name.strip_prefix(prefix)?.strip_prefix('/'))
        .unwrap_or(&name)
        .to_owned();
    let source = text(fields, "source").filter(|page| page.starts_with("https://"));
    let period = period(fields);
    Found {
        list: LIST,
        offered: true,
        provider,
        listed_as: (name != wire_id).then_some(name),
        operations: text(fields, "mode")
            .and_then(|mode| operation(&mode))
            .into_iter()
            .collect(),
        input: modalities(fields, "supported_modalities").or_else(|| input(fields)),
        output: modalities(fields, "supported_output_modalities"),
        capabilities: capabilities(fields),
        dialects: (text(fields, "mode").as_deref() == Some("responses"))
            .then(|| vec!["openai_responses".to_owned()]),
        context: number(fields, "max_input_tokens"),
        max_output: number(fields, "max_output_tokens"),
        parameters: parameters(fields),
        defaults: text(fields, "default_reasoning_effort")
            .map(|effort| ("reasoning_effort".to_owned(), effort))
            .into_iter()
            .collect(),
        deprecated: text(fields, "deprecation_date").filter(|day| day.len() == 10),
        price: period.into_iter().collect(),
        cites: source.is_some(),
        source: source.unwrap_or_else(|| {
            "https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json"
                .to_owned()
        }),
        wire_id,
        ..Found::default()
    }
}

fn operation(mode: &str) -> Option<String> {
    let word = match mode {
        "chat" | "responses" => "chat",
        "completion" => "complete",
        "embedding" => "embed",
        "image_generation" | "image_edit" => "image",
        "video_generation" => "video",
        "audio_transcription" => "transcribe",
        "audio_speech" => "speech",
        "rerank" => "rerank",
        "moderation" | "guardrail" => "moderate",
        "realtime" => "realtime",
        "ocr" | "extraction" => "ocr",
        "search" | "vector_store" => "search",
        "evaluation" | "decisions" => "judge",
        _ => return None,
    };
    Some(word.to_owned())
}

fn capabilities(fields: &Fields) -> Vec<String> {
    let said = [
        ("supports_function_calling", "tools"),
        ("supports_parallel_function_calling", "parallel_tools"),
        ("supports_response_schema", "structured_output"),
        ("supports_reasoning", "reasoning"),
        ("supports_prompt_caching", "prompt_caching"),
        ("supports_web_search", "web_search"),
        ("supports_computer_use", "computer_use"),
    ];
    let can = said.into_iter().filter(|(field, _)| flag(fields, field));
    can.map(|(_, word)| word.to_owned()).collect()
}

fn parameters(fields: &Fields) -> Vec<String> {
    let effort = fields
        .keys()
        .any(|name| name.ends_with("_reasoning_effort"));
    let said = [
        (flag(fields, "supports_function_calling"), "tools"),
        (flag(fields, "supports_tool_choice"), "tool_choice"),
        (
            flag(fields, "supports_parallel_function_calling"),
            "parallel_tool_calls",
        ),
        (flag(fields, "supports_response_schema"), "response_format"),
        (flag(fields, "supports_reasoning"), "reasoning"),
        (effort, "reasoning_effort"),
        (flag(fields, "supports_web_search"), "web_search_options"),
    ];
    let takes = said.into_iter().filter(|(takes, _)| *takes);
    takes.map(|(_, name)| name.to_owned()).collect()
}

fn input(fields: &Fields) -> Option<Vec<String>> {
    let said = [
        ("supports_vision", "image"),
        ("supports_audio_input", "audio"),
        ("supports_video_input", "video"),
        ("supports_pdf_input", "file"),
    ];
    let more = said.into_iter().filter(|(field, _)| flag(fields, field));
    let all: Vec<String> = ["text"]
        .into_iter()
        .chain(more.map(|(_, word)| word))
        .map(str::to_owned)
        .collect();
    (all.len() > 1).then_some(all)
}

fn modalities(fields: &Fields, name: &str) -> Option<Vec<String>> {
    let said: Vec<String> = serde_json::from_str(fields.get(name)?.get()).ok()?;
    let known = ["text", "image", "audio", "video", "file", "embedding"];
    let mut ours: Vec<String> = Vec::new();
    for word in said {
        let word = match word.as_str() {
            "pdf" | "document" => "file",
            other => other,
        };
        if known.contains(&word) && !ours.iter().any(|have| have == word) {
            ours.push(word.to_owned());
        }
    }
    if name == "supported_modalities"
        && flag(fields, "supports_pdf_input")
        && !ours.iter().any(|word| word == "file")
    {
        ours.push("file".to_owned());
    }
    (!ours.is_empty()).then_some(ours)
}

fn period(fields: &Fields) -> Option<PeriodFile> {
    let mut standard = set(fields, "");
    if standard.rates.input.is_none() {
        standard = tiered(fields).unwrap_or(standard);
    }
    let mut per = BTreeMap::new();
    for (field, unit) in PIECES {
        let amount = fields.get(field).and_then(|raw| scaled(raw.get(), 0, 12));
        if let Some(amount) = amount.filter(|amount| !is_zero(amount)) {
            per.entry(unit.to_owned()).or_insert(amount);
        }
    }
    if standard.rates.input.is_none() && per.is_empty() {
        return None;
    }
    let search = fields.get("search_context_cost_per_query").and_then(|raw| {
        let sizes: Fields = serde_json::from_str(raw.get()).ok()?;
        scaled(sizes.get("search_context_size_medium")?.get(), 0, 12)
    });
    standard.rates.per_web_search = search.filter(|amount| !is_zero(amount));
    let tier = |suffix: &str| {
        let set = set(fields, suffix);
        set.rates.input.is_some().then_some(set)
    };
    Some(PeriodFile {
        off_peak: off_peak(fields, &standard.rates),
        flex: tier("_flex"),
        priority: tier("_priority"),
        batch: tier("_batches"),
        rates: standard.rates,
        above: standard.above,
        per,
        ..PeriodFile::default()
    })
}

/// The prices of one service tier: of fields whose names end with its suffix.
fn set(fields: &Fields, tier: &str) -> SetFile {
    let base = rates(fields, "", tier);
    let tiers = ABOVE.iter().filter_map(|(tokens, above)| {
        let mut rates = rates(fields, above, tier);
        rates.input.as_ref()?;
        rates.output = rates.output.or_else(|| base.output.clone());
        Some(AboveFile {
            tokens: *tokens,
            rates,
        })
    });
    SetFile {
        above: tiers.collect(),
        rates: base,
    }
}

fn rates(fields: &Fields, above: &str, tier: &str) -> RatesFile {
    let rate = |field: &str| {
        let raw = fields.get(&format!("{field}{above}{tier}"))?;
        scaled(raw.get(), 6, 6)
    };
    let some = |field: &str| rate(field).filter(|price| !is_zero(price));
    let input = rate("input_cost_per_token");
    RatesFile {
        // Embeddings and the like have no output.
        output: rate("output_cost_per_token").or_else(|| input.as_ref().map(|_| "0".to_owned())),
        input,
        cache_read: some("cache_read_input_token_cost"),
        cache_write: some("cache_creation_input_token_cost"),
        cache_write_1h: some("cache_creation_input_token_cost_above_1hr"),
        reasoning: some("output_cost_per_reasoning_token"),
        audio_input: some("input_cost_per_audio_token"),
        audio_output: some("output_cost_per_audio_token"),
        image_input: some("input_cost_per_image_token"),
        image_output: some("output_cost_per_image_token"),
        per_request: fields
            .get("input_cost_per_request")
            .filter(|_| above.is_empty() && tier.is_empty())
            .and_then(|raw| scaled(raw.get(), 0, 12))
            .filter(|amount| !is_zero(amount)),
        per_web_search: None,
    }
}

/// Prices as a list of ranges of context.
fn tiered(fields: &Fields) -> Option<SetFile> {
    let tiers: Vec<Fields> = serde_json::from_str(fields.get("tiered_pricing")?.get()).ok()?;
    let begin = |tier: &Fields| -> Option<u64> {
        let range: Vec<Box<RawValue>> = serde_json::from_str(tier.get("range")?.get()).ok()?;
        scaled(range.first()?.get(), 0, 0)?.parse().ok()
    };
    let mut sets = tiers
        .iter()
        .filter_map(|tier| Some((begin(tier)?, rates(tier, "", ""))));
    let (_, base) = sets.next()?;
    base.input.as_ref()?;
    let above = sets
        .map(|(tokens, rates)| AboveFile { tokens, rates })
        .collect();
    Some(SetFile { rates: base, above })
}

#[derive(Deserialize)]
struct OffPeak {
    windows: Vec<Window>,
}

#[derive(Deserialize)]
struct Window {
    hours_utc: Box<RawValue>,
    weekdays: Vec<usize>,
}

fn off_peak(fields: &Fields, standard: &RatesFile) -> Option<OffPeakFile> {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let raw = fields.get("off_peak_pricing")?.get();
    let times: OffPeak = serde_json::from_str(raw).ok()?;
    let prices: Fields = serde_json::from_str(raw).ok()?;
    let mut rates = rates(&prices, "", "");
    rates.input.as_ref()?;
    rates.output = Some(rates.output?);
    rates.cache_read = rates.cache_read.or_else(|| standard.cache_read.clone());
    let mut windows = Vec::new();
    for window in &times.windows {
        let first = DAYS.get(window.weekdays.first()?.checked_sub(1)?)?;
        let last = DAYS.get(window.weekdays.last()?.checked_sub(1)?)?;
        let hours: Vec<String> = serde_json::from_str(window.hours_utc.get())
            .or_else(|_| serde_json::from_str(window.hours_utc.get()).map(|one| vec![one]))
            .ok()?;
        for span in hours {
            let (from, to) = span.split_once('-')?;
            let to = if to == "00:00" { "24:00" } else { to };
            windows.push(format!("{first}-{last} {from}-{to}"));
        }
    }
    Some(OffPeakFile {
        windows,
        rates,
        above: Vec::new(),
    })
}

fn text(fields: &Fields, name: &str) -> Option<String> {
    serde_json::from_str(fields.get(name)?.get()).ok()
}

fn flag(fields: &Fields, name: &str) -> bool {
    fields.get(name).is_some_and(|raw| raw.get() == "true")
}

fn number(fields: &Fields, name: &str) -> Option<u64> {
    let tokens: u64 = scaled(fields.get(name)?.get(), 0, 0)?.parse().ok()?;
    (tokens > 0).then_some(tokens)
}
