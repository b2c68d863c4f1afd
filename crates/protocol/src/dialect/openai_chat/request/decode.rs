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

/// Reads a whole request.
pub(in super::super) fn decode(body: &[u8]) -> Result<Request, Malformed> {
    let mut fields = Fields::body(body)?;
    refuse_functions(&fields)?;
    let mut extra = Extra::default();
    let mut request = Request {
        model: model(&mut fields)?,
        messages: messages::read_all(&mut fields)?,
        tools: tools(&mut fields)?,
        tool_choice: tool_choice(&mut fields, &mut extra)?,
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

/// `allowed_tools` is known to this dialect only and stays as it is.
fn tool_choice(
    fields: &mut Fields<'_, '_>,
    extra: &mut Extra,
) -> Result<Option<ToolChoice>, Malformed> {
    let at = fields.at();
    let at = at.key("tool_choice");
    let Some(raw) = fields.take("tool_choice") else {
        return Ok(None);
    };
    if raw.get().starts_with('{') {
        let mut choice = Fields::of(raw, at)?;
        let kind = choice.need_string("type")?;
        if !matches!(kind.as_str(), "function" | "custom") {
            extra.push(ID, "tool_choice", fields::json(raw));
            return Ok(None);
        }
        let mut tool = Fields::of(choice.need(&kind)?, at.key(&kind))?;
        return Ok(Some(ToolChoice::Named(tool.need_string("name")?)));
    }
    match fields::string(raw, &at)?.as_str() {
        "auto" => Ok(Some(ToolChoice::Auto)),
        "none" => Ok(Some(ToolChoice::None)),
        "required" => Ok(Some(ToolChoice::Required)),
        other => Err(at.wrong(format!(
            "must be auto, none, required or an object that names a function, but is `{other}`"
        ))),
    }
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
            Some(OutputFormat::JsonSchema {
                name: inner.string("name")?,
                description: inner.string("description")?,
                schema: schema.unwrap_or_else(|| Json::of(&serde_json::json!({}))),
                strict: inner.boolean("strict")?,
            })
        }
        _ => {
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
        for known in ["effort", "max_tokens", "enabled"] {
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
