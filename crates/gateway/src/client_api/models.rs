//! `GET /v1/models`: what this key can call now, in a union of the fields that OpenAI, OpenRouter and Anthropic clients
//! read; in Anthropic's, Gemini's or the AI SDK's own shape where the client is one.

mod available;

use crate::call::Call;
use crate::reply::{Rejection, Reply, X_REQUEST_ID, json, repeat_request_id, set_header};
use domain::catalog::{Capability, Model, ModelIdx, Offering};
use domain::pricing::{Rates, ServiceTier};
use protocol::dialect::{Operation, ai_sdk, anthropic, gemini};
use protocol::ir::{Error, ErrorKind};
use serde::Serialize;

/// A model in the fields of all the ecosystems that read this list.
#[derive(Serialize)]
struct ModelEntry<'a> {
    id: &'a str,
    object: &'static str,
    created: i64,
    owned_by: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_length: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing: Option<Pricing>,
    capabilities: Vec<&'static str>,
    providers: Vec<&'a str>,
}

/// USD per token as decimal text, as OpenRouter's clients read it.
#[derive(Serialize)]
struct Pricing {
    prompt: String,
    completion: String,
}

#[derive(Serialize)]
struct AnthropicEntry<'a> {
    r#type: &'static str,
    id: &'a str,
    display_name: &'a str,
    created_at: String,
}

/// <https://ai.google.dev/api/models#Model> (2026-11)
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GeminiEntry<'a> {
    name: String,
    base_model_id: &'a str,
    version: &'static str,
    display_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_token_limit: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_token_limit: Option<u64>,
    supported_generation_methods: &'static [&'static str],
}

/// The list. `?all=true` gives the whole catalogue.
pub(super) fn list(call: &Call) -> Reply {
    let all = call
        .uri
        .query()
        .unwrap_or_default()
        .split('&')
        .any(|pair| pair == "all=true");
    let catalog = &call.live.snapshot.catalog;
    let models: Vec<ModelIdx> = catalog
        .models()
        .map(|(idx, _)| idx)
        .filter(|idx| all || callable(call, *idx))
        .collect();
    let body = if call.door.dialect.id == anthropic::ID {
        let data: Vec<_> = models
            .iter()
            .map(|idx| anthropic_entry(catalog.model(*idx)))
            .collect();
        let first = data.first().map(|entry| entry.id);
        let last = data.last().map(|entry| entry.id);
        written(
            &serde_json::json!({ "data": data, "has_more": false, "first_id": first, "last_id": last }),
        )
    } else if call.door.dialect.id == ai_sdk::ID {
        let models: Vec<_> = models
            .iter()
            .filter_map(|idx| available::entry(call, *idx))
            .collect();
        written(&serde_json::json!({ "models": models }))
    } else if call.door.dialect.id == gemini::ID {
        let data: Vec<_> = models.iter().map(|idx| gemini_entry(call, *idx)).collect();
        written(&serde_json::json!({ "models": data }))
    } else {
        let data: Vec<_> = models.iter().map(|idx| entry(call, *idx)).collect();
        written(&serde_json::json!({ "object": "list", "data": data }))
    };
    identified(call, json(200, body))
}

/// One model, by any of its names.
pub(super) fn one(call: &Call) -> Reply {
    let name = call.rest.as_deref().unwrap_or_default();
    let catalog = &call.live.snapshot.catalog;
    let found = catalog
        .resolve(name)
        .ok()
        .map(|resolved| resolved.model)
        .filter(|idx| callable(call, *idx));
    let Some(idx) = found else {
        let error = Error::new(
            ErrorKind::NotFound,
            format!("There is no model '{name}' that this key can call."),
        )
        .with_param("model")
        .with_code("model_not_found");
        return Rejection::from(error).into_reply(call.door.dialect, call.id);
    };
    let body = if call.door.dialect.id == anthropic::ID {
        written(&anthropic_entry(catalog.model(idx)))
    } else if call.door.dialect.id == gemini::ID {
        written(&gemini_entry(call, idx))
    } else {
        written(&entry(call, idx))
    };
    identified(call, json(200, body))
}

fn identified(call: &Call, mut reply: Reply) -> Reply {
    set_header(
        reply.headers_mut(),
        X_REQUEST_ID.clone(),
        &call.id.to_string(),
    );
    repeat_request_id(reply.headers_mut(), call.door.dialect);
    reply
}

/// Whether this key may call it and some provider of it is enabled.
fn callable(call: &Call, idx: ModelIdx) -> bool {
    let snapshot = &call.live.snapshot;
    let model = snapshot.catalog.model(idx);
    call.caller.may_use(model) && enabled(call, model).next().is_some()
}

fn enabled<'c>(call: &'c Call, model: &'c Model) -> impl Iterator<Item = &'c Offering> {
    let snapshot = &call.live.snapshot;
    model
        .offerings
        .iter()
        .map(|idx| snapshot.catalog.offering(*idx))
        .filter(|offering| call.live.usable(offering.provider))
}

fn entry(call: &Call, idx: ModelIdx) -> ModelEntry<'_> {
    let catalog = &call.live.snapshot.catalog;
    let model = catalog.model(idx);
    let offerings = || model.offerings.iter().map(|idx| catalog.offering(*idx));
    let first = enabled(call, model).next().or_else(|| offerings().next());
    let rates = first.and_then(|offering| standard_rates(call, offering));
    let can = |capability: &Capability| {
        offerings().any(|offering| {
            offering
                .capabilities
                .is_some_and(|all| all.has(*capability))
        })
    };
    ModelEntry {
        id: &model.id,
        object: "model",
        created: released_s(model),
        owned_by: &model.author,
        name: &model.name,
        context_length: offerings().filter_map(|offering| offering.context).max(),
        max_output_tokens: offerings().filter_map(|offering| offering.max_output).max(),
        pricing: rates.map(|rates| Pricing {
            prompt: rates.input.of(1).to_string(),
            completion: rates.output.of(1).to_string(),
        }),
        capabilities: Capability::ALL
            .iter()
            .filter(|one| can(one))
            .map(|one| one.as_str())
            .collect(),
        providers: enabled(call, model)
            .map(|offering| catalog.provider(offering.provider).id.as_str())
            .collect(),
    }
}

/// What an offering costs now, for a small request.
fn standard_rates<'c>(call: &Call, offering: &'c Offering) -> Option<&'c Rates> {
    let price = offering.price.as_ref()?;
    price.rates(0, call.at_ms, ServiceTier::Standard)
}

fn anthropic_entry(model: &Model) -> AnthropicEntry<'_> {
    let created_at =
        jiff::Timestamp::from_second(released_s(model)).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    AnthropicEntry {
        r#type: "model",
        id: &model.id,
        display_name: &model.name,
        created_at: created_at.to_string(),
    }
}

fn gemini_entry(call: &Call, idx: ModelIdx) -> GeminiEntry<'_> {
    let catalog = &call.live.snapshot.catalog;
    let model = catalog.model(idx);
    let offerings = || model.offerings.iter().map(|idx| catalog.offering(*idx));
    let chats = offerings().any(|offering| offering.operations.contains(&Operation::Chat));
    let methods: &[&str] = &["generateContent", "streamGenerateContent"];
    GeminiEntry {
        name: format!("models/{}", model.id),
        base_model_id: &model.id,
        version: "",
        display_name: &model.name,
        input_token_limit: offerings().filter_map(|offering| offering.context).max(),
        output_token_limit: offerings().filter_map(|offering| offering.max_output).max(),
        supported_generation_methods: if chats { methods } else { &[] },
    }
}

/// When it came out, in seconds since 1970; 0 where nobody said.
fn released_s(model: &Model) -> i64 {
    model
        .released
        .and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC).ok())
        .map_or(0, |zoned| zoned.timestamp().as_second())
}

fn written(value: &impl Serialize) -> Vec<u8> {
    // These types have string keys only, so writing them cannot fail.
    serde_json::to_vec(value).unwrap_or_default()
}
