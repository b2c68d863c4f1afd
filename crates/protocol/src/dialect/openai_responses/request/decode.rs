//! Decodes a whole request; its input and tools are read next door. Parameters that this file does not name stay as
//! extras.

use super::super::ID;
use super::{choice, effort, input, tools};
use crate::dialect::controls;
use crate::dialect::fields::{self, Fields, Path};
use crate::ir::{
    Effort, Extra, Json, Malformed, OutputFormat, ReasoningRequest, ReasoningSummary, Request,
    Sampling,
};
use serde_json::value::RawValue;

/// What a provider keeps for a client, by the member that names it: a request that leans on it cannot be translated.
const KEPT: &[(&str, &str)] = &[
    ("previous_response_id", "an earlier response"),
    ("conversation", "a conversation"),
    ("prompt", "a prompt template"),
];

/// Members whose usual values say nothing, and those values.
const USUAL: &[(&str, &[&str])] = &[
    ("truncation", &["\"disabled\""]),
    ("background", &["false"]),
    ("stream_options", &["{}", "{\"include_obfuscation\":false}"]),
];

/// Asks for reasoning that can be sent back, which is what every client gets anyway.
pub(in super::super) const ENCRYPTED: &str = "reasoning.encrypted_content";
/// Asks for log probabilities.
pub(super) const LOGPROBS: &str = "message.output_text.logprobs";
/// The note on a request whose `include` asks for encrypted reasoning.
pub(super) const ASKS_ENCRYPTED: &str = "include_encrypted";
/// The note on a request whose user came as `safety_identifier`.
pub(super) const SAFETY: &str = "safety_identifier";

/// Reads a whole request.
pub(in super::super) fn decode(body: &[u8]) -> Result<Request, Malformed> {
    let mut fields = Fields::body(body)?;
    for (key, what) in KEPT {
        if fields.has(key) {
            return Err(Malformed::field(
                *key,
                format!("names {what} that another provider keeps: send its content in `input`"),
            ));
        }
    }
    let names = tools::peek(&fields)?;
    let mut request = Request {
        model: model(&mut fields)?,
        messages: input::read(&mut fields, &names)?,
        tools: tools::read(&mut fields, &names)?,
        parallel_tool_calls: fields.boolean("parallel_tool_calls")?,
        max_output_tokens: fields.unsigned("max_output_tokens")?,
        stream: fields.boolean("stream")?.unwrap_or(false),
        include_usage: true,
        service_tier: fields.string("service_tier")?,
        prompt_cache_key: fields.string("prompt_cache_key")?,
        metadata: fields.json_object("metadata")?,
        store: fields.boolean("store")?,
        ..Request::default()
    };
    choice::read(&mut fields, &names, &mut request)?;
    request.sampling = sampling(&mut fields, &mut request.extra)?;
    request.reasoning = reasoning(&mut fields, &mut request.extra)?;
    text(&mut fields, &mut request)?;
    request.user = user(&mut fields, &mut request.extra)?;
    for name in controls::CONTROLS {
        fields.take(name);
    }
    usual(&mut fields, &mut request.extra);
    fields.rest_into(ID, "", &mut request.extra);
    Ok(request)
}

fn model(fields: &mut Fields<'_, '_>) -> Result<String, Malformed> {
    match fields.string("model")? {
        Some(name) if !name.is_empty() => Ok(name),
        // The pipeline has chosen one of `models`, and puts its name here.
        None if fields.has("models") => Ok(String::new()),
        Some(_) => Err(Malformed::field("model", "must not be empty")),
        None => Err(Malformed::field("model", "is required")),
    }
}

fn sampling(fields: &mut Fields<'_, '_>, extra: &mut Extra) -> Result<Sampling, Malformed> {
    let logprobs = include(fields, extra)?;
    Ok(Sampling {
        temperature: fields.number("temperature")?,
        top_p: fields.number("top_p")?,
        top_logprobs: fields.small("top_logprobs")?,
        logprobs: logprobs.then_some(true),
        ..Sampling::default()
    })
}

/// Reads `include`; says whether log probabilities are asked for. What belongs to a provider's own tools stays.
fn include(fields: &mut Fields<'_, '_>, extra: &mut Extra) -> Result<bool, Malformed> {
    let at = fields.at();
    let at = at.key("include");
    let mut logprobs = false;
    let mut rest: Vec<&RawValue> = Vec::new();
    for (n, raw) in fields
        .list("include")?
        .unwrap_or_default()
        .into_iter()
        .enumerate()
    {
        match fields::string(raw, &at.index(n))?.as_str() {
            LOGPROBS => logprobs = true,
            ENCRYPTED => extra.note(ID, ASKS_ENCRYPTED, Json::null()),
            _ => rest.push(raw),
        }
    }
    if !rest.is_empty() {
        extra.push(ID, "include", Json::of(&rest));
    }
    Ok(logprobs)
}

fn reasoning(
    fields: &mut Fields<'_, '_>,
    extra: &mut Extra,
) -> Result<Option<ReasoningRequest>, Malformed> {
    let at = fields.at();
    let at = at.key("reasoning");
    let Some(raw) = fields.take("reasoning") else {
        return Ok(None);
    };
    let mut asked = Fields::of(raw, at)?;
    let effort = asked
        .take("effort")
        .map(|raw| effort(raw, &at.key("effort")))
        .transpose()?;
    let older = asked.string("generate_summary")?;
    let summary = asked.string("summary")?.or(older);
    let summary = summary
        .map(|word| read_summary(&word, &at.key("summary")))
        .transpose()?;
    asked.rest_into(ID, "reasoning.", extra);
    Ok(Some(ReasoningRequest {
        effort,
        enabled: effort.filter(|it| *it != Effort::None).map(|_| true),
        summary,
        ..ReasoningRequest::default()
    }))
}

fn read_summary(word: &str, at: &Path<'_>) -> Result<ReasoningSummary, Malformed> {
    match word {
        "auto" => Ok(ReasoningSummary::Auto),
        "concise" => Ok(ReasoningSummary::Concise),
        "detailed" => Ok(ReasoningSummary::Detailed),
        other => Err(at.wrong(format!(
            "must be one of auto, concise, detailed, but is `{other}`"
        ))),
    }
}

/// Reads `text`: the shape of the answer, and how long it is to be.
fn text(fields: &mut Fields<'_, '_>, request: &mut Request) -> Result<(), Malformed> {
    let at = fields.at();
    let at = at.key("text");
    let Some(raw) = fields.take("text") else {
        return Ok(());
    };
    let mut text = Fields::of(raw, at)?;
    request.verbosity = text.string("verbosity")?;
    if let Some(raw) = text.take("format") {
        let mut format = Fields::of(raw, at.key("format"))?;
        match format.need_string("type")?.as_str() {
            "text" => request.output = Some(OutputFormat::Text),
            "json_object" => request.output = Some(OutputFormat::JsonObject),
            "json_schema" => {
                let schema = format.json_object("schema")?;
                request.output = Some(OutputFormat::JsonSchema {
                    name: format.string("name")?,
                    description: format.string("description")?,
                    schema: schema.unwrap_or_else(|| Json::of(&serde_json::json!({}))),
                    strict: format.boolean("strict")?,
                });
            }
            other => {
                let why = format!(
                    "must be text, json_object or json_schema for this model, but is `{other}`"
                );
                let field = at.key("format").key("type").to_string();
                request.extra.note_unknown(ID, field, why);
                request.extra.push(ID, "text.format", fields::json(raw));
            }
        }
    }
    text.rest_into(ID, "text.", &mut request.extra);
    Ok(())
}

/// `safety_identifier` is the newer name of `user`; where both are given they may differ, and it stays as it is.
fn user(fields: &mut Fields<'_, '_>, extra: &mut Extra) -> Result<Option<String>, Malformed> {
    match fields.string("user")? {
        Some(user) => Ok(Some(user)),
        None => {
            let user = fields.string("safety_identifier")?;
            if user.is_some() {
                extra.note(ID, SAFETY, Json::null());
            }
            Ok(user)
        }
    }
}

/// Notes members that ask for what is done anyway.
fn usual(fields: &mut Fields<'_, '_>, extra: &mut Extra) {
    for (key, values) in USUAL {
        if let Some(raw) = fields.take(key) {
            let plain: String = raw.get().split_ascii_whitespace().collect();
            if values.contains(&plain.as_str()) {
                extra.note(ID, key, fields::json(raw));
            } else {
                extra.push(ID, *key, fields::json(raw));
            }
        }
    }
}
