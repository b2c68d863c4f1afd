//! A model as Merge's clients read it: the packages `merge-gateway-sdk` 0.2.0, which wants `id` and knows few words of
//! capabilities at the top, and `merge-gateway-python` 0.4.0, which reads `vendors` too (2026-11).

use super::anthropic::moment;
use super::shown::{self, Shown, has, start_of};
use domain::catalog::{Capability, Granted, Lifecycle, Offering};
use domain::money::PerMillion;
use domain::pricing::Rates;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

#[derive(Serialize)]
pub(super) struct Entry<'a> {
    id: &'a str,
    model: &'a str,
    object: &'static str,
    provider: &'a str,
    display_name: &'a str,
    availability_status: &'static str,
    status: &'static str,
    sunset_date: Option<String>,
    replacement_model: Option<&'a str>,
    launch_date: Option<String>,
    created_at: Option<String>,
    updated_at: Option<String>,
    context_window: Option<u64>,
    max_output_tokens: Option<u64>,
    supports_tool_calling: bool,
    zero_data_retention: bool,
    capabilities: Capabilities,
    pricing: Option<Pricing>,
    vendors: BTreeMap<&'a str, Vendor>,
}

#[derive(Serialize)]
struct Capabilities {
    input: Vec<&'static str>,
    output: Vec<&'static str>,
    tools: bool,
    vision: bool,
    json_schema: bool,
    streaming: bool,
}

/// One provider's offering; of several, the one that is asked first.
#[derive(Serialize)]
struct Vendor {
    context_window: Option<u64>,
    max_output_tokens: Option<u64>,
    availability_status: &'static str,
    zero_data_retention: bool,
    capabilities: VendorCapabilities,
    pricing: Option<Pricing>,
}

#[derive(Serialize)]
struct VendorCapabilities {
    input: Vec<&'static str>,
    output: Vec<&'static str>,
    supports_tool_calling: bool,
    supports_tool_choice: bool,
    supports_structured_outputs: bool,
    supports_reasoning: bool,
    streaming: bool,
}

#[derive(Serialize)]
struct Pricing {
    currency: &'static str,
    input_per_million: Usd,
    output_per_million: Usd,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_read_per_million: Option<Usd>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_write_per_million: Option<Usd>,
}

/// A price that is written as a JSON number, digit for digit: these clients read numbers.
struct Usd(PerMillion);

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let text = self.0.to_string();
        let raw = serde_json::value::RawValue::from_string(text);
        raw.map_err(serde::ser::Error::custom)?.serialize(to)
    }
}

/// The model.
pub(super) fn entry<'a>(shown: &Shown<'a>) -> Entry<'a> {
    let (model, offerings) = (shown.model, &shown.offerings);
    let mut vendors = BTreeMap::new();
    for offering in offerings {
        let provider = shown.scope.provider(offering).id.as_str();
        vendors
            .entry(provider)
            .or_insert_with(|| vendor(shown, offering));
    }
    let status = availability(shown.lifecycle());
    let released = model.released.map(|date| moment(start_of(date)));
    Entry {
        id: &model.id,
        model: &model.id,
        object: "model",
        provider: &model.author,
        display_name: &model.name,
        availability_status: status,
        status,
        sunset_date: shown.ends().map(|date| date.to_string()),
        replacement_model: model.facts.replaced_by.as_deref(),
        launch_date: model.released.map(|date| date.to_string()),
        created_at: released,
        updated_at: (offerings.iter().filter_map(|it| it.facts.date).max())
            .map(|date| moment(start_of(date))),
        context_window: shown.context(),
        max_output_tokens: shown.max_output(),
        supports_tool_calling: shown.can(Capability::Tools),
        zero_data_retention: offerings.iter().any(|it| keeps_nothing(it)),
        capabilities: capabilities(shown),
        pricing: shown.sale().rates().map(pricing),
        vendors,
    }
}

/// They have no word for what is past its end.
fn availability(lifecycle: Lifecycle) -> &'static str {
    match lifecycle {
        Lifecycle::Active => "available",
        Lifecycle::Deprecated | Lifecycle::Retired => "deprecated",
    }
}

/// In the few words that the older package takes; one more and it reads none of the list.
fn capabilities(shown: &Shown<'_>) -> Capabilities {
    let known = [
        ("text", "text"),
        ("image", "image"),
        ("file", "document"),
        ("embeddings", "embedding"),
    ];
    let said = |words: Vec<&'static str>| {
        let known = known.iter().filter(|(ours, _)| words.contains(ours));
        known.map(|(_, theirs)| *theirs).collect::<Vec<_>>()
    };
    let tools = shown.can(Capability::Tools);
    let mut output = said(shown.outputs());
    output.retain(|word| matches!(*word, "text" | "embedding"));
    if tools {
        output.push("tool_use");
    }
    Capabilities {
        input: said(shown.inputs()),
        output,
        tools,
        vision: shown.can(Capability::Vision),
        json_schema: shown.can(Capability::StructuredOutput),
        streaming: shown.can(Capability::Streaming),
    }
}

fn vendor(shown: &Shown<'_>, offering: &Offering) -> Vendor {
    let theirs = |words: Vec<&'static str>| {
        let theirs = words.into_iter().map(|word| match word {
            "file" => "document",
            "embeddings" => "embedding",
            other => other,
        });
        theirs.collect::<Vec<_>>()
    };
    Vendor {
        context_window: offering.context,
        max_output_tokens: offering.max_output,
        availability_status: availability(offering.lifecycle(shown.scope.at_ms)),
        zero_data_retention: keeps_nothing(offering),
        capabilities: VendorCapabilities {
            input: theirs(shown::inputs(offering)),
            output: theirs(shown::outputs(offering)),
            supports_tool_calling: has(offering, Capability::Tools),
            supports_tool_choice: shown::parameters(offering).contains(&"tool_choice"),
            supports_structured_outputs: has(offering, Capability::StructuredOutput),
            supports_reasoning: has(offering, Capability::Reasoning),
            streaming: has(offering, Capability::Streaming),
        },
        pricing: shown.scope.rates(offering).map(pricing),
    }
}

/// By what holds for everybody: an agreement is the operator's to make.
pub(super) fn keeps_nothing(offering: &Offering) -> bool {
    offering.facts.data.zero_retention == Some(Granted::Default)
}

fn pricing(rates: &Rates) -> Pricing {
    Pricing {
        currency: "USD",
        input_per_million: Usd(rates.input),
        output_per_million: Usd(rates.output),
        cache_read_per_million: rates.cache_read.map(Usd),
        cache_write_per_million: rates.cache_write.map(Usd),
    }
}
