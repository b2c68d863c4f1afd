//! Decodes a whole chat request; its messages are read next door. Parameters that this file does not name stay as
//! extras and go to providers of this dialect as they came.

use super::super::ID;
use super::{messages, output_limit, reasoning};
use crate::dialect::controls;
use crate::dialect::fields::{self, Fields, Path};
use crate::ir::{
    CacheMarker, Extra, Json, Malformed, OutputFormat, ReasoningRequest, Request, Sampling, Tool,
    ToolChoice,
};
use serde_json::value::RawValue;

/// What stands before the names of unknown members of a schema's object.
pub(super) const JSON_SCHEMA: &str = "response_format.json_schema.";

/// What kinds of answers are wanted.
pub(super) const MODALITIES: &str = "modalities";

/// Reads a whole request.
pub(in super::super) fn decode(body: &[u8]) -> Result<Request, Malformed> {
    let mut fields = Fields::body(body)?;
    refuse_functions(&fields)?;
    let mut extra = Extra::default();
    let mut request = Request {
        model: model(&mut fields)?,
        messages: messages::read_all(&mut fields)?,
        tools: tools(&mut fields)?,
        parallel_tool_calls: fields.boolean("parallel_tool_calls")?,
        output: output(&mut fields, &mut extra)?,
        max_output_tokens: output_limit(
            fields.unsigned("max_tokens")?,
            fields.unsigned("max_completion_tokens")?,
        )?,
        sampling: sampling(&mut fields)?,
        reasoning: take_reasoning(&mut fields, &mut extra)?,
        stream: fields.boolean("stream")?.unwrap_or(false),
        include_usage: stream_options(&mut fields, &mut extra)?,
        service_tier: fields.string("service_tier")?,
        user: user(&mut fields)?,
        cache: cache(&mut fields)?,
        prompt_cache_key: fields.string("prompt_cache_key")?,
        verbosity: fields.string("verbosity")?,
        metadata: fields.json_object("metadata")?,
        store: fields.boolean("store")?,
        extra,
        ..Request::default()
    };
    tool_choice(&mut fields, &mut request)?;
    modalities(&mut fields, &mut request.extra);
    for name in controls::CONTROLS {
        fields.take(name);
    }
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

/// Functions were replaced by tools in 2023, and an answer to them has another shape. They pass where nothing needs
/// to be translated.
fn refuse_functions(fields: &Fields<'_, '_>) -> Result<(), Malformed> {
    for (old, new) in [("functions", "tools"), ("function_call", "tool_choice")] {
        if fields.has(old) {
            let message =
                format!("is deprecated and cannot be translated for this model: use `{new}`");
            return Err(Malformed::field(old, message));
        }
    }
    Ok(())
}

fn tools(fields: &mut Fields<'_, '_>) -> Result<Vec<Tool>, Malformed> {
    let at = fields.at();
    let at = at.key("tools");
    let list = fields.list("tools")?.unwrap_or_default();
    let each = list.into_iter().enumerate();
    each.map(|(n, raw)| tool(raw, at.index(n))).collect()
}

fn tool(raw: &RawValue, at: Path<'_>) -> Result<Tool, Malformed> {
    let mut outer = Fields::of(raw, at)?;
    match outer.need_string("type")?.as_str() {
        "function" => {}
        "custom" => return freeform(outer),
        _ => return Ok(Tool::Opaque(ID, fields::json(raw))),
    }
    let mut inner = Fields::of(outer.need("function")?, at.key("function"))?;
    let name = inner.need_string("name")?;
    let description = inner.string("description")?;
    let schema = inner.json_object("parameters")?;
    let strict = inner.boolean("strict")?;
    let mut extra = Extra::default();
    inner.rest_into(ID, "function.", &mut extra);
    let cache = cache(&mut outer)?;
    outer.rest_into(ID, "", &mut extra);
    Ok(Tool::Function {
        name,
        description,
        schema,
        strict,
        cache,
        extra,
    })
}

/// Reads a custom tool, which is called with any text.
fn freeform(mut outer: Fields<'_, '_>) -> Result<Tool, Malformed> {
    let at = outer.at();
    let mut inner = Fields::of(outer.need("custom")?, at.key("custom"))?;
    let name = inner.need_string("name")?;
    let description = inner.string("description")?;
    let format = inner.json_object("format")?;
    let mut extra = Extra::default();
    inner.rest_into(ID, "custom.", &mut extra);
    outer.rest_into(ID, "", &mut extra);
    Ok(Tool::Freeform {
        name,
        description,
        format,
        extra,
    })
}

/// A choice of a tool that only this dialect knows has no canonical form and stays as it is.
fn tool_choice(fields: &mut Fields<'_, '_>, request: &mut Request) -> Result<(), Malformed> {
    let at = fields.at();
    let at = at.key("tool_choice");
    let Some(raw) = fields.take("tool_choice") else {
        return Ok(());
    };
    if !raw.get().starts_with('{') {
        request.tool_choice = Some(choice_of_word(&fields::string(raw, &at)?, at)?);
        return Ok(());
    }
    let mut choice = Fields::of(raw, at)?;
    match choice.need_string("type")?.as_str() {
        kind @ ("function" | "custom") => {
            let mut tool = Fields::of(choice.need(kind)?, at.key(kind))?;
            request.tool_choice = Some(ToolChoice::Named(tool.need_string("name")?));
        }
        "allowed_tools" => {
            let at = at.key("allowed_tools");
            let mut allowed = Fields::of(choice.need("allowed_tools")?, at)?;
            let mode = allowed.need_string("mode")?;
            let tools = allowed.list("tools")?.unwrap_or_default();
            let names: Option<Vec<String>> = (tools.into_iter().enumerate())
                .map(|(n, raw)| allowed_name(raw, at.key("tools").index(n)))
                .collect::<Result<_, _>>()?;
            match names {
                Some(names) => {
                    request.tool_choice = Some(choice_of_word(&mode, at.key("mode"))?);
                    request.allowed_tools = names;
                }
                None => request.extra.push(ID, "tool_choice", fields::json(raw)),
            }
        }
        _ => request.extra.push(ID, "tool_choice", fields::json(raw)),
    }
    Ok(())
}

fn choice_of_word(word: &str, at: Path<'_>) -> Result<ToolChoice, Malformed> {
    match word {
        "auto" => Ok(ToolChoice::Auto),
        "none" => Ok(ToolChoice::None),
        "required" => Ok(ToolChoice::Required),
        other => Err(at.wrong(format!(
            "must be auto, none, required or an object that names a function, but is `{other}`"
        ))),
    }
}

/// The name of a tool that may be called; `None` for one that only this dialect knows.
fn allowed_name(raw: &RawValue, at: Path<'_>) -> Result<Option<String>, Malformed> {
    let mut tool = Fields::of(raw, at)?;
    let kind = tool.need_string("type")?;
    if !matches!(kind.as_str(), "function" | "custom") {
        return Ok(None);
    }
    let at = at.key(&kind);
    Fields::of(tool.need(&kind)?, at)?
        .need_string("name")
        .map(Some)
}

/// Formats other than the three (`grammar`, `python`) are known to some providers of this shape only.
fn output(
    fields: &mut Fields<'_, '_>,
    extra: &mut Extra,
) -> Result<Option<OutputFormat>, Malformed> {
    let at = fields.at();
    let at = at.key("response_format");
    let Some(raw) = fields.take("response_format") else {
        return Ok(None);
    };
    let mut format = Fields::of(raw, at)?;
    Ok(match format.need_string("type")?.as_str() {
        "text" => Some(OutputFormat::Text),
        "json_object" => Some(OutputFormat::JsonObject),
        "json_schema" => {
            let mut inner = Fields::of(format.need("json_schema")?, at.key("json_schema"))?;
            let schema = inner.json_object("schema")?;
            let read = OutputFormat::JsonSchema {
                name: inner.string("name")?,
                description: inner.string("description")?,
                schema: schema.unwrap_or_else(|| Json::of(&serde_json::json!({}))),
                strict: inner.boolean("strict")?,
            };
            inner.rest_into(ID, JSON_SCHEMA, extra);
            Some(read)
        }
        other => {
            let why = format!(
                "must be text, json_object or json_schema for this model, but is `{other}`"
            );
            extra.note_unknown(ID, at.key("type").to_string(), why);
            extra.push(ID, "response_format", fields::json(raw));
            None
        }
    })
}

fn sampling(fields: &mut Fields<'_, '_>) -> Result<Sampling, Malformed> {
    Ok(Sampling {
        temperature: fields.number("temperature")?,
        top_p: fields.number("top_p")?,
        top_k: fields.unsigned("top_k")?,
        frequency_penalty: fields.number("frequency_penalty")?,
        presence_penalty: fields.number("presence_penalty")?,
        seed: fields.integer("seed")?,
        stop: stop(fields)?,
        n: fields.small("n")?,
        logprobs: fields.boolean("logprobs")?,
        top_logprobs: fields.small("top_logprobs")?,
        logit_bias: fields.json_object("logit_bias")?,
    })
}

fn stop(fields: &mut Fields<'_, '_>) -> Result<Vec<String>, Malformed> {
    let at = fields.at();
    let at = at.key("stop");
    let Some(raw) = fields.take("stop") else {
        return Ok(Vec::new());
    };
    if raw.get().starts_with('"') {
        return Ok(vec![fields::string(raw, &at)?]);
    }
    let list: Vec<&RawValue> = serde_json::from_str(raw.get())
        .map_err(|_| at.wrong("must be a string or a list of strings"))?;
    let each = list.into_iter().enumerate();
    each.map(|(n, raw)| fields::string(raw, &at.index(n)))
        .collect()
}

/// That the answer is text needs no saying elsewhere.
fn modalities(fields: &mut Fields<'_, '_>, extra: &mut Extra) {
    let Some(raw) = fields.take(MODALITIES) else {
        return;
    };
    match raw.get().replace(char::is_whitespace, "").as_str() {
        r#"["text"]"# => extra.note(ID, MODALITIES, fields::json(raw)),
        _ => extra.push(ID, MODALITIES, fields::json(raw)),
    }
}

fn take_reasoning(
    fields: &mut Fields<'_, '_>,
    extra: &mut Extra,
) -> Result<Option<ReasoningRequest>, Malformed> {
    let effort = fields.take("reasoning_effort");
    let object = fields.take("reasoning");
    let asked = reasoning(effort, object)?;
    if let Some(raw) = object {
        let at = fields.at();
        let mut unknown = Fields::of(raw, at.key("reasoning"))?;
        for known in ["effort", "max_tokens", "enabled", "exclude", "summary"] {
            unknown.take(known);
        }
        unknown.rest_into(ID, "reasoning.", extra);
    }
    Ok(asked)
}

fn stream_options(fields: &mut Fields<'_, '_>, extra: &mut Extra) -> Result<bool, Malformed> {
    let Some(raw) = fields.take("stream_options") else {
        return Ok(false);
    };
    let at = fields.at();
    let mut options = Fields::of(raw, at.key("stream_options"))?;
    let asked = options.boolean("include_usage")?.unwrap_or(false);
    options.rest_into(ID, "stream_options.", extra);
    Ok(asked)
}

/// `safety_identifier` is the newer name of `user`; where both are given they may differ, and it stays as it is.
fn user(fields: &mut Fields<'_, '_>) -> Result<Option<String>, Malformed> {
    match fields.string("user")? {
        Some(user) => Ok(Some(user)),
        None => fields.string("safety_identifier"),
    }
}

/// A prompt-cache marker in Anthropic's words, as OpenRouter and others take it on parts, tools and requests.
pub(super) fn cache(fields: &mut Fields<'_, '_>) -> Result<Option<CacheMarker>, Malformed> {
    let Some(raw) = fields.take("cache_control") else {
        return Ok(None);
    };
    let at = fields.at();
    let mut marker = Fields::of(raw, at.key("cache_control"))?;
    Ok(Some(CacheMarker {
        from: ID,
        ttl: marker.string("ttl")?,
    }))
}
