//! Reads a client's request. Fields: <https://platform.claude.com/docs/en/api/messages/create> (2026-08).

use super::super::{ID, parts};
use crate::dialect::claude_thinking;
use crate::dialect::controls;
use crate::dialect::fields::{self, Fields, Path};
use crate::ir::{
    Effort, Extra, Malformed, Message, OutputFormat, ReasoningRequest, Request, Role, Sampling,
    Tool, ToolChoice,
};
use serde_json::value::RawValue;

/// Reads a whole request.
pub(in crate::dialect::anthropic) fn decode(body: &[u8]) -> Result<Request, Malformed> {
    let mut fields = Fields::body(body)?;
    let mut extra = Extra::default();
    let mut request = Request {
        model: fields.need_string("model")?,
        max_output_tokens: Some(required(&mut fields, "max_tokens")?),
        messages: messages(&mut fields)?,
        tools: tools(&mut fields)?,
        sampling: sampling(&mut fields)?,
        stream: fields.boolean("stream")?.unwrap_or(false),
        include_usage: true,
        service_tier: fields.string("service_tier")?,
        user: user(&mut fields, &mut extra)?,
        cache: parts::cache_control(&mut fields, &mut extra)?,
        ..Request::default()
    };
    tool_choice(&mut fields, &mut request, &mut extra)?;
    let effort = output_config(&mut fields, &mut request, &mut extra)?;
    request.reasoning = reasoning(&mut fields, effort, &mut extra)?;
    fields.rest_into(ID, "", &mut extra);
    extra.0.retain(|(_, key, _)| !controls::is_control(key));
    request.extra = extra;
    Ok(request)
}

fn required(fields: &mut Fields<'_, '_>, key: &str) -> Result<u64, Malformed> {
    fields
        .unsigned(key)?
        .ok_or_else(|| Malformed::field(key, "is required"))
}

fn messages(fields: &mut Fields<'_, '_>) -> Result<Vec<Message>, Malformed> {
    let mut messages = Vec::new();
    if let Some(system) = fields.take("system") {
        messages.push(Message {
            role: Role::System,
            parts: parts::content(system, Path::ROOT.key("system"))?,
            name: None,
            extra: Extra::default(),
        });
    }
    let turns = fields
        .list("messages")?
        .ok_or_else(|| Malformed::field("messages", "is required"))?;
    let at = Path::ROOT.key("messages");
    if turns.is_empty() {
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
        parts: parts::content(fields.need("content")?, at.key("content"))?,
        name: None,
        extra: fields.rest(ID),
    })
}

fn tools(fields: &mut Fields<'_, '_>) -> Result<Vec<Tool>, Malformed> {
    let at = Path::ROOT.key("tools");
    fields
        .list("tools")?
        .unwrap_or_default()
        .into_iter()
        .enumerate()
        .map(|(index, raw)| tool(raw, at.index(index)))
        .collect()
}

/// Reads a tool. One with a type of its own is a built-in of the provider.
fn tool(raw: &RawValue, at: Path<'_>) -> Result<Tool, Malformed> {
    let mut fields = Fields::of(raw, at)?;
    if fields.string("type")?.is_some_and(|kind| kind != "custom") {
        return Ok(Tool::Opaque(ID, fields::json(raw)));
    }
    let mut extra = Extra::default();
    let name = fields.need_string("name")?;
    let description = fields.string("description")?;
    let schema = fields
        .json_object("input_schema")?
        .ok_or_else(|| at.key("input_schema").wrong("is required"))?;
    let strict = fields.boolean("strict")?;
    let cache = parts::cache_control(&mut fields, &mut extra)?;
    fields.rest_into(ID, "", &mut extra);
    Ok(Tool::Function {
        name,
        description,
        schema: Some(schema),
        strict,
        cache,
        extra,
    })
}

fn tool_choice(
    fields: &mut Fields<'_, '_>,
    request: &mut Request,
    extra: &mut Extra,
) -> Result<(), Malformed> {
    let Some(raw) = fields.take("tool_choice") else {
        return Ok(());
    };
    let mut choice = Fields::of(raw, Path::ROOT.key("tool_choice"))?;
    request.tool_choice = Some(match choice.need_string("type")?.as_str() {
        "auto" => ToolChoice::Auto,
        "any" => ToolChoice::Required,
        "none" => ToolChoice::None,
        "tool" => ToolChoice::Named(choice.need_string("name")?),
        _ => {
            extra.push(ID, "tool_choice", fields::json(raw));
            return Ok(());
        }
    });
    request.parallel_tool_calls = choice
        .boolean("disable_parallel_tool_use")?
        .map(|disabled| !disabled);
    choice.rest_into(ID, "tool_choice.", extra);
    Ok(())
}

fn sampling(fields: &mut Fields<'_, '_>) -> Result<Sampling, Malformed> {
    let at = Path::ROOT.key("stop_sequences");
    Ok(Sampling {
        temperature: fields.number("temperature")?,
        top_p: fields.number("top_p")?,
        top_k: fields.unsigned("top_k")?,
        stop: fields
            .list("stop_sequences")?
            .unwrap_or_default()
            .into_iter()
            .enumerate()
            .map(|(index, raw)| fields::string(raw, &at.index(index)))
            .collect::<Result<_, _>>()?,
        ..Sampling::default()
    })
}

fn user(fields: &mut Fields<'_, '_>, extra: &mut Extra) -> Result<Option<String>, Malformed> {
    let Some(raw) = fields.take("metadata") else {
        return Ok(None);
    };
    let mut metadata = Fields::of(raw, Path::ROOT.key("metadata"))?;
    let user = metadata.string("user_id")?;
    metadata.rest_into(ID, "metadata.", extra);
    Ok(user)
}

/// Reads `output_config` and the older `output_format`; answers with the effort.
fn output_config(
    fields: &mut Fields<'_, '_>,
    request: &mut Request,
    extra: &mut Extra,
) -> Result<Option<Effort>, Malformed> {
    let mut effort = None;
    if let Some(raw) = fields.take("output_config") {
        let at = Path::ROOT.key("output_config");
        let mut config = Fields::of(raw, at)?;
        if let Some(word) = config.string("effort")? {
            effort = Effort::parse(&word);
            if effort.is_none() {
                extra.push(ID, "output_config.effort", crate::ir::Json::of(&word));
            }
        }
        if let Some(format) = config.take("format") {
            request.output = output_format(format, at.key("format"), extra)?;
        }
        config.rest_into(ID, "output_config.", extra);
    }
    if let Some(format) = fields.take("output_format") {
        let at = Path::ROOT.key("output_format");
        if request.output.is_some() {
            return Err(at.wrong("is the older name of `output_config.format`; send one of them"));
        }
        request.output = output_format(format, at, extra)?;
    }
    Ok(effort)
}

fn output_format(
    raw: &RawValue,
    at: Path<'_>,
    extra: &mut Extra,
) -> Result<Option<OutputFormat>, Malformed> {
    let mut format = Fields::of(raw, at)?;
    let kind = format.need_string("type")?;
    if kind != "json_schema" {
        let why = format!("must be json_schema for this model, but is `{kind}`");
        extra.note_unknown(ID, at.key("type").to_string(), why);
        extra.push(ID, "output_config.format", fields::json(raw));
        return Ok(None);
    }
    let schema = format
        .json_object("schema")?
        .ok_or_else(|| at.key("schema").wrong("is required"))?;
    format.rest_into(ID, "format.", extra);
    Ok(Some(OutputFormat::JsonSchema {
        name: None,
        description: None,
        schema,
        // It is always followed here.
        strict: Some(true),
    }))
}

fn reasoning(
    fields: &mut Fields<'_, '_>,
    effort: Option<Effort>,
    extra: &mut Extra,
) -> Result<Option<ReasoningRequest>, Malformed> {
    let mut reasoning = ReasoningRequest {
        effort,
        ..ReasoningRequest::default()
    };
    if let Some(raw) = fields.take("thinking") {
        let at = Path::ROOT.key("thinking");
        let mut thinking = Fields::of(raw, at)?;
        match thinking.need_string("type")?.as_str() {
            "enabled" => {
                let budget = thinking.unsigned("budget_tokens")?;
                reasoning.budget_tokens =
                    Some(budget.ok_or_else(|| at.key("budget_tokens").wrong("is required"))?);
                reasoning.enabled = Some(true);
                reasoning.shown_unasked = true;
            }
            "adaptive" => {
                reasoning.adaptive = true;
                reasoning.enabled = Some(true);
            }
            "disabled" => reasoning.enabled = Some(false),
            _ => extra.push(ID, "thinking", fields::json(raw)),
        }
        if reasoning.enabled.is_some() {
            if let Some(word) = thinking.string("display")? {
                reasoning.summary = claude_thinking::read_display(&word);
                if reasoning.summary.is_none() {
                    extra.push(ID, "thinking.display", crate::ir::Json::of(&word));
                }
            }
            thinking.rest_into(ID, "thinking.", extra);
        }
    }
    Ok((reasoning != ReasoningRequest::default()).then_some(reasoning))
}
