//! Reads a client's request. What only Merge's own service can do (`fusion`, `session_id`, `provider_options` …) rides
//! along and is a loss at every provider; what says who pays or how to route is taken out, since it is for the gateway.

use super::super::ID;
use super::{OPTIONS, blocks, model};
use crate::dialect::controls;
use crate::dialect::fields::{self, Fields, Path};
use crate::ir::{
    Effort, Extra, Malformed, Message, OutputFormat, Part, PartKind, ReasoningRequest, Request,
    Role, Sampling, Tool, ToolChoice, ToolResult,
};
use serde_json::value::RawValue;

/// Reads a whole request.
pub(in crate::dialect::merge) fn decode(body: &[u8]) -> Result<Request, Malformed> {
    let mut fields = Fields::body(body)?;
    let mut extra = Extra::default();
    let named = fields.string("model")?;
    let order = fields.take("priority_order").map(RawValue::get);
    refuse_stored(&mut fields)?;
    let mut request = Request {
        model: model(named.map(Into::into), order)?,
        messages: input(&mut fields)?,
        tools: tools(&mut fields)?,
        tool_choice: tool_choice(&mut fields, &mut extra)?,
        parallel_tool_calls: fields.boolean("parallel_tool_calls")?,
        output: response_format(&mut fields, &mut extra)?,
        max_output_tokens: fields.unsigned("max_tokens")?,
        sampling: sampling(&mut fields)?,
        reasoning: reasoning(&mut fields, &mut extra)?,
        stream: fields.boolean("stream")?.unwrap_or(false),
        include_usage: true,
        service_tier: service_tier(&mut fields)?,
        user: fields.string("user")?,
        cache: blocks::cache_control(&mut fields, &mut extra)?,
        prompt_cache_key: fields.string("prompt_cache_key")?,
        store: fields.boolean("store")?,
        ..Request::default()
    };
    fields.boolean("include_routing_metadata")?;
    modalities(&mut fields, &mut extra)?;
    options(&mut fields, &mut extra)?;
    fields.rest_into(ID, "", &mut extra);
    extra.0.retain(|(_, key, _)| !controls::is_control(key));
    request.extra = extra;
    Ok(request)
}

/// What vendors are told, each a loss of its own; the gateway's controls are no vendor's.
fn options(fields: &mut Fields<'_, '_>, extra: &mut Extra) -> Result<(), Malformed> {
    if let Some(raw) = fields.take(OPTIONS) {
        let mut options = Fields::of(raw, Path::ROOT.key(OPTIONS))?;
        options.take(controls::INSIDE);
        options.rest_into(ID, "provider_options.", extra);
    }
    Ok(())
}

/// An answer that builds on one that is not there would be about nothing.
fn refuse_stored(fields: &mut Fields<'_, '_>) -> Result<(), Malformed> {
    match fields.take("previous_response_id") {
        Some(_) => Err(Malformed::field(
            "previous_response_id",
            "is not supported here: send the whole conversation in input",
        )),
        None => Ok(()),
    }
}

/// Reads `input`: a text, or a list of items.
fn input(fields: &mut Fields<'_, '_>) -> Result<Vec<Message>, Malformed> {
    let at = Path::ROOT.key("input");
    let raw = fields.need("input")?;
    if !fields::json(raw).says_something() {
        return Err(at.wrong("must not be empty"));
    }
    match raw.get().as_bytes().first() {
        Some(b'"') => Ok(vec![message(
            Role::User,
            vec![Part::text(fields::string(raw, &at)?)],
        )]),
        Some(b'[') => {
            let items: Vec<&RawValue> =
                serde_json::from_str(raw.get()).map_err(|bad| at.wrong(bad.to_string()))?;
            let read = |(index, item)| self::item(item, at.index(index));
            items.into_iter().enumerate().map(read).collect()
        }
        _ => Err(at.wrong(format!(
            "must be a string or a list of items, but is {}",
            fields::shape(raw)
        ))),
    }
}

fn message(role: Role, parts: Vec<Part>) -> Message {
    Message {
        role,
        parts,
        name: None,
        extra: Extra::default(),
    }
}

fn item(raw: &RawValue, at: Path<'_>) -> Result<Message, Malformed> {
    let mut item = Fields::of(raw, at)?;
    match item.string("type")?.as_deref() {
        // The answer's own message, sent back as it came, has these too.
        None | Some("message") => {
            item.take("id");
            item.take("finish_reason");
        }
        Some("tool_result") => {
            let mut part = Part::new(PartKind::ToolResult(ToolResult {
                call_id: item.need_string("tool_use_id")?,
                parts: contents(&mut item, at)?,
                is_error: item.boolean("is_error")?,
            }));
            part.cache = blocks::cache_control(&mut item, &mut part.extra)?;
            item.rest_into(ID, "", &mut part.extra);
            return Ok(message(Role::User, vec![part]));
        }
        Some(other) => {
            return Err(at.key("type").wrong(format!(
                "must be `message` or `tool_result`, but is `{other}`"
            )));
        }
    }
    let role = match item.need_string("role")?.as_str() {
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "system" => Role::System,
        "developer" => Role::Developer,
        other => {
            return Err(at.key("role").wrong(format!(
                "must be `user`, `assistant` or `system`, but is `{other}`"
            )));
        }
    };
    let parts = contents(&mut item, at)?;
    Ok(Message {
        extra: item.rest(ID),
        ..message(role, parts)
    })
}

fn contents(item: &mut Fields<'_, '_>, at: Path<'_>) -> Result<Vec<Part>, Malformed> {
    let raw = item.take("content");
    raw.map_or(Ok(Vec::new()), |raw| {
        blocks::content(raw, at.key("content"))
    })
}

fn tools(fields: &mut Fields<'_, '_>) -> Result<Vec<Tool>, Malformed> {
    let at = Path::ROOT.key("tools");
    let list = fields.list("tools")?.unwrap_or_default();
    let read = |(index, raw)| tool(raw, at.index(index));
    list.into_iter().enumerate().map(read).collect()
}

/// Reads a tool. One with a type of its own runs at the gateway or the provider (web search).
fn tool(raw: &RawValue, at: Path<'_>) -> Result<Tool, Malformed> {
    let mut fields = Fields::of(raw, at)?;
    if fields
        .string("type")?
        .is_some_and(|kind| kind != "function")
    {
        return Ok(Tool::Opaque(ID, fields::json(raw)));
    }
    let mut extra = Extra::default();
    let name = fields.need_string("name")?;
    let description = fields.string("description")?;
    let schema = fields.json_object("parameters")?;
    let strict = fields.boolean("strict")?;
    let cache = blocks::cache_control(&mut fields, &mut extra)?;
    fields.rest_into(ID, "", &mut extra);
    Ok(Tool::Function {
        name,
        description,
        schema,
        strict,
        cache,
        extra,
    })
}

/// A word, or an object that names a function: the docs leave its shape open, so all that are common are read.
fn tool_choice(
    fields: &mut Fields<'_, '_>,
    extra: &mut Extra,
) -> Result<Option<ToolChoice>, Malformed> {
    let at = Path::ROOT.key("tool_choice");
    let Some(raw) = fields.take("tool_choice") else {
        return Ok(None);
    };
    if raw.get().starts_with('"') {
        let word = fields::string(raw, &at)?;
        return match word.as_str() {
            "auto" => Ok(Some(ToolChoice::Auto)),
            "none" => Ok(Some(ToolChoice::None)),
            "required" | "any" => Ok(Some(ToolChoice::Required)),
            _ => Err(at.wrong(format!(
                "must be `auto`, `none`, `required` or an object that names a function, but is `{word}`"
            ))),
        };
    }
    let mut choice = Fields::of(raw, at)?;
    Ok(match choice.string("type")?.as_deref() {
        Some("auto") => Some(ToolChoice::Auto),
        Some("none") => Some(ToolChoice::None),
        Some("any" | "required") => Some(ToolChoice::Required),
        None | Some("function" | "tool") => {
            let inner = choice.take("function");
            let inner = inner.map(|raw| Fields::of(raw, at.key("function")));
            let mut named = inner.transpose()?.unwrap_or(choice);
            Some(ToolChoice::Named(named.need_string("name")?))
        }
        Some(_) => {
            extra.push(ID, "tool_choice", fields::json(raw));
            None
        }
    })
}

fn response_format(
    fields: &mut Fields<'_, '_>,
    extra: &mut Extra,
) -> Result<Option<OutputFormat>, Malformed> {
    let Some(raw) = fields.take("response_format") else {
        return Ok(None);
    };
    let at = Path::ROOT.key("response_format");
    let mut format = Fields::of(raw, at)?;
    match format.need_string("type")?.as_str() {
        "text" => Ok(Some(OutputFormat::Text)),
        "json_object" => Ok(Some(OutputFormat::JsonObject)),
        "json_schema" => {
            let at = at.key("json_schema");
            let mut schema = Fields::of(format.need("json_schema")?, at)?;
            let output = OutputFormat::JsonSchema {
                name: schema.string("name")?,
                description: schema.string("description")?,
                schema: schema
                    .json_object("schema")?
                    .ok_or_else(|| at.key("schema").wrong("is required"))?,
                strict: schema.boolean("strict")?,
            };
            schema.rest_into(ID, "response_format.json_schema.", extra);
            Ok(Some(output))
        }
        other => Err(at.key("type").wrong(format!(
            "must be `text`, `json_object` or `json_schema`, but is `{other}`"
        ))),
    }
}

fn sampling(fields: &mut Fields<'_, '_>) -> Result<Sampling, Malformed> {
    Ok(Sampling {
        temperature: fields.number("temperature")?,
        top_p: fields.number("top_p")?,
        stop: stop(fields)?,
        ..Sampling::default()
    })
}

fn stop(fields: &mut Fields<'_, '_>) -> Result<Vec<String>, Malformed> {
    let at = Path::ROOT.key("stop");
    let Some(raw) = fields.take("stop") else {
        return Ok(Vec::new());
    };
    match serde_json::from_str(raw.get()) {
        Ok(list) => Ok(list),
        Err(_) if raw.get().starts_with('"') => Ok(vec![fields::string(raw, &at)?]),
        Err(_) => Err(at.wrong(format!(
            "must be a list of strings, but is {}",
            fields::shape(raw)
        ))),
    }
}

/// Reads `thinking` and `reasoning_effort`.
fn reasoning(
    fields: &mut Fields<'_, '_>,
    extra: &mut Extra,
) -> Result<Option<ReasoningRequest>, Malformed> {
    let mut asked = ReasoningRequest::default();
    if let Some(word) = fields.string("reasoning_effort")? {
        let effort = Effort::parse(&word).ok_or_else(|| {
            Malformed::field(
                "reasoning_effort",
                format!(
                    "must be one of none, minimal, low, medium, high, xhigh, max, but is `{word}`"
                ),
            )
        })?;
        asked.effort = Some(effort);
        asked.enabled = (effort != Effort::None).then_some(true);
    }
    if let Some(raw) = fields.take("thinking") {
        let at = Path::ROOT.key("thinking");
        let mut thinking = Fields::of(raw, at)?;
        asked.enabled = match thinking.string("type")?.as_deref() {
            None | Some("enabled") => Some(true),
            Some("adaptive") => {
                asked.adaptive = true;
                Some(true)
            }
            Some("disabled") => Some(false),
            Some(other) => {
                return Err(at
                    .key("type")
                    .wrong(format!("must be `enabled` or `disabled`, but is `{other}`")));
            }
        };
        // The published type demands a budget even where thinking is off.
        let budget = thinking.unsigned("budget_tokens")?;
        asked.budget_tokens = budget.filter(|_| asked.enabled == Some(true));
        asked.shown_unasked = asked.enabled == Some(true) && !asked.adaptive;
        thinking.rest_into(ID, "thinking.", extra);
    }
    Ok((asked != ReasoningRequest::default()).then_some(asked))
}

fn service_tier(fields: &mut Fields<'_, '_>) -> Result<Option<String>, Malformed> {
    let Some(tier) = fields.string("service_tier")? else {
        return Ok(None);
    };
    match tier.as_str() {
        // What every provider does by default.
        "standard" => Ok(Some("default".to_owned())),
        "flex" | "priority" => Ok(Some(tier)),
        _ => Err(Malformed::field(
            "service_tier",
            format!("must be `standard`, `flex` or `priority`, but is `{tier}`"),
        )),
    }
}

/// That the answer is text needs no saying.
fn modalities(fields: &mut Fields<'_, '_>, extra: &mut Extra) -> Result<(), Malformed> {
    let Some(raw) = fields.take("modalities") else {
        return Ok(());
    };
    let wanted: Vec<String> = serde_json::from_str(raw.get())
        .map_err(|_| Malformed::field("modalities", "must be a list of strings"))?;
    if wanted.iter().any(|wanted| wanted != "text") {
        extra.push(ID, "modalities", fields::json(raw));
    }
    Ok(())
}
