//! Reads a client's request. Fields:
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html> (2026-11).

use super::super::wire::WireTier;
use super::super::{ID, parts};
use crate::dialect::claude_thinking;
use crate::dialect::controls;
use crate::dialect::fields::{self, Fields, Path};
use crate::ir::{
    Effort, Extra, Json, Malformed, Message, OutputFormat, ReasoningRequest, Request, Role,
    Sampling, Tool, ToolChoice,
};
use serde_json::value::RawValue;

/// Reads a whole request. Model and streaming are said in the path.
pub(in crate::dialect::bedrock) fn decode(body: &[u8]) -> Result<Request, Malformed> {
    let mut fields = Fields::body(body)?;
    let mut extra = Extra::default();
    let mut request = Request {
        messages: messages(&mut fields)?,
        include_usage: true,
        service_tier: tier(&mut fields, &mut extra)?,
        metadata: fields.json_object("requestMetadata")?,
        ..Request::default()
    };
    inference(&mut fields, &mut request, &mut extra)?;
    tool_config(&mut fields, &mut request, &mut extra)?;
    let effort = output_config(&mut fields, &mut request, &mut extra)?;
    request.reasoning = more_fields(&mut fields, &mut request.sampling, effort, &mut extra)?;
    fields.rest_into(ID, "", &mut extra);
    extra.0.retain(|(_, key, _)| !controls::is_control(key));
    request.extra = extra;
    Ok(request)
}

fn messages(fields: &mut Fields<'_, '_>) -> Result<Vec<Message>, Malformed> {
    let mut messages = Vec::new();
    if let Some(system) = fields.take("system") {
        messages.push(Message {
            role: Role::System,
            parts: parts::blocks(system, Path::ROOT.key("system"))?,
            name: None,
            extra: Extra::default(),
        });
    }
    let at = Path::ROOT.key("messages");
    let turns = fields.list("messages")?.unwrap_or_default();
    // A prompt that is kept by the provider brings its own.
    if turns.is_empty() && !fields.has("promptVariables") {
        return Err(at.wrong("must hold at least one message"));
    }
    for (index, turn) in turns.into_iter().enumerate() {
        messages.push(message(turn, at.index(index))?);
    }
    Ok(messages)
}

fn message(raw: &RawValue, at: Path<'_>) -> Result<Message, Malformed> {
    let mut fields = Fields::of(raw, at)?;
    let role = match fields.need_string("role")?.as_str() {
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "system" => Role::System,
        other => {
            return Err(at.key("role").wrong(format!(
                "must be `user`, `assistant` or `system`, but is `{other}`"
            )));
        }
    };
    Ok(Message {
        role,
        parts: parts::blocks(fields.need("content")?, at.key("content"))?,
        name: None,
        extra: fields.rest(ID),
    })
}

fn tier(fields: &mut Fields<'_, '_>, extra: &mut Extra) -> Result<Option<String>, Malformed> {
    let Some(raw) = fields.take("serviceTier") else {
        return Ok(None);
    };
    let at = Path::ROOT.key("serviceTier");
    let tier: WireTier =
        serde_json::from_str(raw.get()).map_err(|bad| at.wrong(bad.to_string()))?;
    let mut members = Fields::of(raw, at)?;
    members.take("type");
    members.rest_into(ID, "serviceTier.", extra);
    Ok(Some(tier.kind))
}

fn inference(
    fields: &mut Fields<'_, '_>,
    request: &mut Request,
    extra: &mut Extra,
) -> Result<(), Malformed> {
    let Some(raw) = fields.take("inferenceConfig") else {
        return Ok(());
    };
    let at = Path::ROOT.key("inferenceConfig");
    let mut config = Fields::of(raw, at)?;
    request.max_output_tokens = config.unsigned("maxTokens")?;
    let stops = at.key("stopSequences");
    request.sampling = Sampling {
        temperature: config.number("temperature")?,
        top_p: config.number("topP")?,
        stop: config
            .list("stopSequences")?
            .unwrap_or_default()
            .into_iter()
            .enumerate()
            .map(|(index, raw)| fields::string(raw, &stops.index(index)))
            .collect::<Result<_, _>>()?,
        ..Sampling::default()
    };
    config.rest_into(ID, "inferenceConfig.", extra);
    Ok(())
}

fn tool_config(
    fields: &mut Fields<'_, '_>,
    request: &mut Request,
    extra: &mut Extra,
) -> Result<(), Malformed> {
    let Some(raw) = fields.take("toolConfig") else {
        return Ok(());
    };
    let outer = Path::ROOT.key("toolConfig");
    let mut config = Fields::of(raw, outer)?;
    let at = outer.key("tools");
    for (index, raw) in config.list("tools")?.into_iter().flatten().enumerate() {
        let at = at.index(index);
        let marker = parts::cache_point(raw, at)?;
        match (marker, request.tools.last_mut()) {
            (Some(marker), Some(Tool::Function { cache, .. })) if cache.is_none() => {
                *cache = Some(marker);
            }
            _ => request.tools.push(tool(raw, at)?),
        }
    }
    if let Some(raw) = config.take("toolChoice") {
        request.tool_choice = tool_choice(raw, outer.key("toolChoice"), extra)?;
    }
    config.rest_into(ID, "toolConfig.", extra);
    Ok(())
}

/// Reads a tool. One that is no `toolSpec` is the provider's own.
fn tool(raw: &RawValue, at: Path<'_>) -> Result<Tool, Malformed> {
    let mut outer = Fields::of(raw, at)?;
    let Some(spec) = outer.take("toolSpec") else {
        return Ok(Tool::Opaque(ID, fields::json(raw)));
    };
    let at = at.key("toolSpec");
    let mut spec = Fields::of(spec, at)?;
    let name = spec.need_string("name")?;
    let description = spec.string("description")?;
    let mut extra = Extra::default();
    outer.rest_into(ID, "", &mut extra);
    let mut input = Fields::of(spec.need("inputSchema")?, at.key("inputSchema"))?;
    let schema = input.json_object("json")?;
    let schema = schema.ok_or_else(|| at.key("inputSchema").key("json").wrong("is required"))?;
    input.rest_into(ID, "inputSchema.", &mut extra);
    let strict = spec.boolean("strict")?;
    spec.rest_into(ID, "", &mut extra);
    Ok(Tool::Function {
        name,
        description,
        schema: Some(schema),
        strict,
        cache: None,
        extra,
    })
}

fn tool_choice(
    raw: &RawValue,
    at: Path<'_>,
    extra: &mut Extra,
) -> Result<Option<ToolChoice>, Malformed> {
    let mut choice = Fields::of(raw, at)?;
    Ok(Some(if choice.has("auto") {
        ToolChoice::Auto
    } else if choice.has("any") {
        ToolChoice::Required
    } else if let Some(named) = choice.take("tool") {
        ToolChoice::Named(Fields::of(named, at.key("tool"))?.need_string("name")?)
    } else {
        extra.push(ID, "toolConfig.toolChoice", fields::json(raw));
        return Ok(None);
    }))
}

/// Reads `outputConfig`; answers with the effort.
fn output_config(
    fields: &mut Fields<'_, '_>,
    request: &mut Request,
    extra: &mut Extra,
) -> Result<Option<Effort>, Malformed> {
    let Some(raw) = fields.take("outputConfig") else {
        return Ok(None);
    };
    let at = Path::ROOT.key("outputConfig");
    let mut config = Fields::of(raw, at)?;
    let mut effort = None;
    if let Some(word) = config.string("effort")? {
        effort = Effort::parse(&word);
        if effort.is_none() {
            extra.push(ID, "outputConfig.effort", Json::of(&word));
        }
    }
    if let Some(format) = config.take("textFormat") {
        request.output = text_format(format, at.key("textFormat"), extra)?;
    }
    config.rest_into(ID, "outputConfig.", extra);
    Ok(effort)
}

/// Reads the shape of the answer. The schema is JSON in a string.
fn text_format(
    raw: &RawValue,
    at: Path<'_>,
    extra: &mut Extra,
) -> Result<Option<OutputFormat>, Malformed> {
    let mut format = Fields::of(raw, at)?;
    let known = format.need_string("type")? == "json_schema";
    let structure = format.take("structure").filter(|_| known);
    let definition = match structure {
        Some(raw) => Fields::of(raw, at.key("structure"))?.take("jsonSchema"),
        None => None,
    };
    let Some(definition) = definition else {
        extra.push(ID, "outputConfig.textFormat", fields::json(raw));
        return Ok(None);
    };
    let at = at.key("structure");
    let at = at.key("jsonSchema");
    let mut definition = Fields::of(definition, at)?;
    let text = definition.need_string("schema")?;
    let schema = Json::parse(text).map_err(|bad| {
        at.key("schema")
            .wrong(format!("must be JSON in a string: {bad}"))
    })?;
    let read = OutputFormat::JsonSchema {
        name: definition.string("name")?,
        description: definition.string("description")?,
        schema,
        // It is always followed here.
        strict: Some(true),
    };
    definition.rest_into(ID, "outputConfig.textFormat.structure.jsonSchema.", extra);
    Ok(Some(read))
}

/// Members of `additionalModelRequestFields` that say whether and how much to think: Anthropic's, the older name for it
/// here, Amazon's own.
pub(super) const THINKING: [&str; 3] = ["thinking", "reasoning_config", "reasoningConfig"];

/// Reads what only some models know, where others know it by another name; the rest rides along.
fn more_fields(
    fields: &mut Fields<'_, '_>,
    sampling: &mut Sampling,
    effort: Option<Effort>,
    extra: &mut Extra,
) -> Result<Option<ReasoningRequest>, Malformed> {
    let mut reasoning = ReasoningRequest {
        effort,
        ..ReasoningRequest::default()
    };
    if let Some(raw) = fields.take(MORE_FIELDS) {
        let at = Path::ROOT.key(MORE_FIELDS);
        let mut more = Fields::of(raw, at)?;
        more.take(controls::INSIDE);
        sampling.top_k = more.unsigned("top_k")?;
        if let Some(word) = more.string("reasoning_effort")? {
            reasoning.effort = Effort::parse(&word);
            reasoning.enabled = reasoning.effort.map(|effort| effort != Effort::None);
        }
        for name in THINKING {
            if let Some(raw) = more.take(name) {
                thinking(raw, at.key(name), &mut reasoning, extra)?;
            }
        }
        more.rest_into(ID, MORE, extra);
    }
    Ok((reasoning != ReasoningRequest::default()).then_some(reasoning))
}

/// What only some models know.
pub(super) const MORE_FIELDS: &str = "additionalModelRequestFields";

/// Before the names of extras from it.
pub(super) const MORE: &str = "additionalModelRequestFields.";

fn thinking(
    raw: &RawValue,
    at: Path<'_>,
    reasoning: &mut ReasoningRequest,
    extra: &mut Extra,
) -> Result<(), Malformed> {
    let mut thinking = Fields::of(raw, at)?;
    match thinking.need_string("type")?.as_str() {
        "enabled" => {
            reasoning.enabled = Some(true);
            reasoning.shown_unasked = true;
        }
        "adaptive" => {
            reasoning.adaptive = true;
            reasoning.enabled = Some(true);
        }
        "disabled" => reasoning.enabled = Some(false),
        _ => {
            extra.push(ID, format!("{MORE}thinking"), fields::json(raw));
            return Ok(());
        }
    }
    reasoning.budget_tokens = thinking.unsigned("budget_tokens")?;
    if let Some(word) = thinking.string("display")? {
        reasoning.summary = claude_thinking::read_display(&word);
        if reasoning.summary.is_none() {
            extra.push(ID, "thinking.display", Json::of(&word));
        }
    }
    if let Some(word) = thinking.string("maxReasoningEffort")? {
        reasoning.effort = Effort::parse(&word).or(reasoning.effort);
    }
    thinking.rest_into(ID, "thinking.", extra);
    Ok(())
}
