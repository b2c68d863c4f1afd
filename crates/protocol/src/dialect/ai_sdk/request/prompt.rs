//! Reads the prompt: one message of ours for each of the protocol, so that their places agree.

use super::super::{ID, seal};
use super::media;
use super::part_options::{self, OfPart};
use crate::dialect::fields::{self, Fields, Path};
use crate::ir::{
    CallKind, Extra, Malformed, Message, Part, PartKind, Reasoning, Role, Tool, ToolCall,
    ToolResult,
};
use serde_json::value::RawValue;

/// What a model is told of a call that the user denied, where no reason was given.
const DENIED: &str = "The user denied this tool call.";

/// Takes the conversation out of a request. `tools` tells which calls are made with any text.
pub(super) fn read_all(
    request: &mut Fields<'_, '_>,
    tools: &[Tool],
) -> Result<Vec<Message>, Malformed> {
    let at = request.at();
    let at = at.key("prompt");
    let list = request
        .list("prompt")?
        .ok_or_else(|| at.wrong("is required"))?;
    if list.is_empty() {
        return Err(at.wrong("must hold at least one message"));
    }
    let each = list.into_iter().enumerate();
    each.map(|(n, raw)| message(raw, at.index(n), tools))
        .collect()
}

fn message(raw: &RawValue, at: Path<'_>, tools: &[Tool]) -> Result<Message, Malformed> {
    let mut fields = Fields::of(raw, at)?;
    let role = match fields.need_string("role")?.as_str() {
        "system" => Role::System,
        "user" | "tool" => Role::User,
        "assistant" => Role::Assistant,
        other => {
            return Err(at.key("role").wrong(format!(
                "must be one of system, user, assistant, tool, but is `{other}`"
            )));
        }
    };
    let content = fields.need("content")?;
    let mut parts = match content.get().starts_with('"') {
        true => vec![Part::text(fields::string(content, &at.key("content"))?)],
        false => self::parts(content, at.key("content"), role, tools)?,
    };
    let mut extra = Extra::default();
    let cache = part_options::of_message(&mut fields, &mut extra)?;
    // A breakpoint of a message stands behind its last part.
    if let Some(last) = parts.last_mut() {
        last.cache = last.cache.take().or(cache);
    }
    fields.rest_into(ID, "", &mut extra);
    Ok(Message {
        role,
        parts,
        name: None,
        extra,
    })
}

fn parts(raw: &RawValue, at: Path<'_>, role: Role, tools: &[Tool]) -> Result<Vec<Part>, Malformed> {
    let list: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|_| {
        let shape = fields::shape(raw);
        at.wrong(format!("must be a text or a list of parts, but is {shape}"))
    })?;
    let mut parts = Vec::with_capacity(list.len());
    for (n, raw) in list.into_iter().enumerate() {
        part(raw, at.index(n), role, tools, &mut parts)?;
    }
    Ok(parts)
}

/// Reads one part. What seals reasoning beside a part of another kind becomes reasoning before it.
fn part(
    raw: &RawValue,
    at: Path<'_>,
    role: Role,
    tools: &[Tool],
    out: &mut Vec<Part>,
) -> Result<(), Malformed> {
    let mut fields = Fields::of(raw, at)?;
    let type_ = fields.need_string("type")?;
    let OfPart {
        cache,
        detail,
        sealed,
        refusal,
        mut extra,
    } = part_options::of_part(&mut fields)?;
    let kind = match type_.as_str() {
        "text" if refusal => PartKind::Refusal(fields.need_string("text")?),
        "text" => PartKind::Text(fields.need_string("text")?),
        "reasoning" => PartKind::Reasoning(Reasoning {
            text: fields.need_string("text")?,
            ..sealed.clone()
        }),
        "file" => media::file(&mut fields, detail, &mut extra)?,
        "tool-call" if fields.boolean("providerExecuted")? != Some(true) => {
            PartKind::ToolCall(tool_call(&mut fields, tools)?)
        }
        // In an assistant's turn it is what a provider's own tool answered.
        "tool-result" if role == Role::User => {
            PartKind::ToolResult(tool_result(&mut fields, &mut extra)?)
        }
        // What was approved stands in the history anyway, and a custom part holds nothing but one provider's options.
        "tool-approval-response" | "custom" => {
            out.push(Part::new(PartKind::Opaque(ID, fields::json(raw))));
            return Ok(());
        }
        _ => {
            let why = format!(
                "must be one of text, file, reasoning, tool-call, tool-result, but is `{type_}`"
            );
            out.push(fields::unknown_part(ID, raw, &at.key("type"), why));
            return Ok(());
        }
    };
    if seal::is_sealed(&sealed) && !matches!(kind, PartKind::Reasoning(_)) {
        out.push(Part::new(PartKind::Reasoning(sealed)));
    }
    fields.rest_into(ID, "", &mut extra);
    out.push(Part {
        cache,
        extra,
        ..Part::new(kind)
    });
    Ok(())
}

/// Reads a call. Its input is any JSON; a text where the model wrote no JSON, or where the tool takes any text.
fn tool_call(part: &mut Fields<'_, '_>, tools: &[Tool]) -> Result<ToolCall, Malformed> {
    let (id, name) = (
        part.need_string("toolCallId")?,
        part.need_string("toolName")?,
    );
    let at = part.at();
    let is_freeform = tools
        .iter()
        .any(|tool| matches!(tool, Tool::Freeform { name: declared, .. } if *declared == name));
    let (arguments, is_text) = match part.take("input") {
        None => (String::new(), false),
        Some(raw) if raw.get().starts_with('"') => (fields::string(raw, &at.key("input"))?, true),
        Some(raw) => (raw.get().to_owned(), false),
    };
    Ok(ToolCall {
        id,
        name,
        arguments,
        kind: match is_freeform && is_text {
            true => CallKind::Freeform,
            false => CallKind::Function,
        },
    })
}

fn tool_result(part: &mut Fields<'_, '_>, extra: &mut Extra) -> Result<ToolResult, Malformed> {
    let call_id = part.need_string("toolCallId")?;
    // The call says it too.
    part.string("toolName")?;
    let at = part.at();
    let at = at.key("output");
    let mut output = Fields::of(part.need("output")?, at)?;
    let type_ = output.need_string("type")?;
    let parts = match type_.as_str() {
        "text" | "error-text" => vec![Part::text(output.need_string("value")?)],
        "json" | "error-json" => {
            let value = output.take("value").map_or("null", RawValue::get);
            vec![Part::text(value)]
        }
        "execution-denied" => {
            let reason = output.string("reason")?;
            vec![Part::text(reason.unwrap_or_else(|| DENIED.to_owned()))]
        }
        "content" => answered(output.need("value")?, at.key("value"))?,
        other => {
            return Err(at.key("type").wrong(format!(
                "must be one of text, json, error-text, error-json, execution-denied, content, but is `{other}`"
            )));
        }
    };
    part_options::of_message(&mut output, extra)?;
    output.rest_into(ID, "output.", extra);
    let failed = ["error-text", "error-json", "execution-denied"].contains(&type_.as_str());
    Ok(ToolResult {
        call_id,
        parts,
        is_error: failed.then_some(true),
    })
}

/// What a tool answered in parts.
fn answered(raw: &RawValue, at: Path<'_>) -> Result<Vec<Part>, Malformed> {
    parts(raw, at, Role::User, &[])
}
