//! Whole answers. Fields: <https://docs.cohere.com/reference/chat#response.body> (2026-11).

use super::wire::{self, Ending, WireUsage};
use super::{ID, citations, error, logprobs, tool_plan};
use crate::dialect::codec::WholeSeen;
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::glance::span_in;
use crate::ir::{
    CallKind, Choice, Extra, Json, Malformed, Part, PartKind, Reasoning, Response, ToolCall,
};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Reads a whole answer.
///
/// # Errors
/// When it is not one, or says that it failed.
pub(super) fn decode(body: &[u8]) -> Result<Response, Malformed> {
    let mut fields = Fields::body(body)?;
    let id = fields.need_string("id")?;
    let mut choice = Choice::default();
    let raw = fields.need("message")?;
    if raw.get().starts_with('"') {
        return Err(Malformed::body(error::decode(200, body).message));
    }
    let mut message = Fields::of(raw, Path::ROOT.key("message"))?;
    choice.parts = parts(&mut message, &mut choice.extra)?;
    message.take("role");
    message.rest_into(ID, "message.", &mut choice.extra);
    let called = |part: &Part| matches!(part.kind, PartKind::ToolCall(_));
    let called = choice.parts.iter().any(called);
    let reason = fields.string("finish_reason")?;
    match wire::ending(reason.as_deref(), called, None) {
        Ending::Stopped(stop) => choice.stop = Some(stop),
        Ending::Failed(error) => return Err(Malformed::body(error.message)),
    }
    choice.logprobs = fields
        .take("logprobs")
        .and_then(|raw| serde_json::from_str(raw.get()).ok())
        .and_then(logprobs::read);
    let mut response = Response {
        id,
        choices: vec![choice],
        ..Response::default()
    };
    if let Some(raw) = fields.take("usage") {
        response.usage = Some(usage(raw)?.into_usage());
        let mut counts = Fields::of(raw, Path::ROOT.key("usage"))?;
        for known in wire::USAGE_MEMBERS {
            counts.take(known);
        }
        counts.rest_into(ID, "usage.", &mut response.extra);
    }
    fields.rest_into(ID, "", &mut response.extra);
    Ok(response)
}

fn usage(raw: &RawValue) -> Result<WireUsage, Malformed> {
    serde_json::from_str(raw.get()).map_err(|bad| Malformed::field("usage", bad.to_string()))
}

/// The plan, the content with its citations, the calls.
fn parts(message: &mut Fields<'_, '_>, extra: &mut Extra) -> Result<Vec<Part>, Malformed> {
    let mut parts = Vec::new();
    if let Some(text) = message.string("tool_plan")?.filter(|text| !text.is_empty()) {
        parts.push(Part::new(PartKind::Reasoning(Reasoning {
            text,
            signature: Some(tool_plan()),
            encrypted: None,
        })));
    }
    let outer = message.at();
    let at = outer.key("content");
    let blocks = message.list("content")?.unwrap_or_default();
    let mut content = Vec::with_capacity(blocks.len());
    for (index, raw) in blocks.into_iter().enumerate() {
        content.push(block(raw, at.index(index))?);
    }
    cite(&mut content, message, extra)?;
    let says = |part: &Part| !matches!(&part.kind, PartKind::Text(text) if text.is_empty());
    parts.extend(content.into_iter().filter(says));
    let at = outer.key("tool_calls");
    let calls = message.list("tool_calls")?.unwrap_or_default();
    for (index, raw) in calls.into_iter().enumerate() {
        parts.push(call(raw, at.index(index))?);
    }
    Ok(parts)
}

fn block(raw: &RawValue, at: Path<'_>) -> Result<Part, Malformed> {
    let mut block = Fields::of(raw, at)?;
    let kind = match block.need_string("type")?.as_str() {
        "text" => PartKind::Text(block.need_string("text")?),
        "thinking" => PartKind::Reasoning(Reasoning {
            text: block.need_string("thinking")?,
            ..Reasoning::default()
        }),
        _ => return Ok(Part::new(PartKind::Opaque(ID, fields::json(raw)))),
    };
    Ok(Part {
        extra: block.rest(ID),
        ..Part::new(kind)
    })
}

/// Puts each citation to the text that it is of: the block it names, else the first text.
fn cite(
    content: &mut [Part],
    message: &mut Fields<'_, '_>,
    extra: &mut Extra,
) -> Result<(), Malformed> {
    let is_text = |part: &Part| matches!(part.kind, PartKind::Text(_));
    for raw in message.list("citations")?.unwrap_or_default() {
        let found = citations::read(raw);
        let part = found.as_ref().and_then(|found| match found.block {
            Some(block) => content.get_mut(usize::try_from(block).ok()?),
            None => content.iter_mut().find(|part| is_text(part)),
        });
        match (found, part.filter(|part| is_text(part))) {
            (Some(found), Some(part)) => part.citations.extend(found.each),
            _ => extra.push(ID, "citations", Json::from(raw.to_owned())),
        }
    }
    Ok(())
}

fn call(raw: &RawValue, at: Path<'_>) -> Result<Part, Malformed> {
    let mut call = Fields::of(raw, at)?;
    call.take("type");
    let id = call.need_string("id")?;
    let mut function = Fields::of(call.need("function")?, at.key("function"))?;
    let mut part = Part::new(PartKind::ToolCall(ToolCall {
        id,
        name: function.need_string("name")?,
        arguments: function.string("arguments")?.unwrap_or_default(),
        kind: CallKind::Function,
    }));
    function.rest_into(ID, "function.", &mut part.extra);
    call.rest_into(ID, "", &mut part.extra);
    Ok(part)
}

/// Looks at a whole answer.
///
/// # Errors
/// When it is not one.
pub(super) fn read_whole(body: &[u8]) -> Result<WholeSeen, Malformed> {
    let whole: Whole<'_> = serde_json::from_slice(body)
        .map_err(|bad| Malformed::body(format!("the answer is not a message: {bad}")))?;
    let failed = |error| WholeSeen {
        error: Some(error),
        ..WholeSeen::default()
    };
    let Some(raw) = whole.message else {
        return match error::sentence(body) {
            Some(_) => Ok(failed(error::decode(200, body))),
            None => Err(Malformed::field("message", "is required")),
        };
    };
    if raw.get().starts_with('"') {
        return Ok(failed(error::decode(200, body)));
    }
    let stated = whole.usage.map(usage).transpose()?;
    let message: Message = serde_json::from_str(raw.get())
        .map_err(|bad| Malformed::field("message", bad.to_string()))?;
    let ending = wire::ending(whole.finish_reason.as_deref(), false, None);
    Ok(WholeSeen {
        usage: stated.map(WireUsage::into_usage),
        usage_span: whole.usage.and_then(|raw| span_in(body, raw)),
        text_bytes: message.text_bytes(),
        service_tier: None,
        error: match ending {
            Ending::Failed(error) => Some(error),
            Ending::Stopped(_) => None,
        },
    })
}

#[derive(Deserialize)]
struct Whole<'a> {
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    finish_reason: Option<String>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Message {
    tool_plan: Option<String>,
    content: Option<Vec<Block>>,
    tool_calls: Option<Vec<Call>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Block {
    text: Option<String>,
    thinking: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Call {
    function: Option<Function>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Function {
    arguments: Option<String>,
}

impl Message {
    fn text_bytes(&self) -> u64 {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let blocks = self.content.iter().flatten();
        let calls = self.tool_calls.iter().flatten();
        let content: usize = blocks
            .map(|block| length(&block.text) + length(&block.thinking))
            .sum();
        let arguments: usize = calls
            .filter_map(|call| call.function.as_ref())
            .map(|function| length(&function.arguments))
            .sum();
        (length(&self.tool_plan) + content + arguments) as u64
    }
}
