//! Reads and checks a chat request as strictly as the vendor does.

use super::super::asked::{
    Asked, Dialect, Image, Thought, Tool, ToolChoice, ToolResult, VendorError, plain_word,
    strict_schema, unknown,
};
use super::super::calls::OpenCalls;
use super::super::image::at_url;
use super::super::vendor::Target;
use serde_json::Value;

/// Every documented member of the request.
const KNOWN: &[&str] = &[
    "audio",
    "frequency_penalty",
    "function_call",
    "functions",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "messages",
    "metadata",
    "modalities",
    "model",
    "moderation",
    "n",
    "parallel_tool_calls",
    "prediction",
    "presence_penalty",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning_effort",
    "response_format",
    "safety_identifier",
    "seed",
    "service_tier",
    "stop",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "user",
    "verbosity",
    "web_search_options",
];

/// Reads a chat request.
///
/// # Errors
/// The vendor's error, naming the field.
pub(in super::super) fn read(_: Target, body: &Value) -> Result<Asked, VendorError> {
    let model = body.get("model").and_then(Value::as_str);
    let model =
        model.ok_or_else(|| VendorError::bad("model", "you must provide a model parameter"))?;
    let messages = body.get("messages").and_then(Value::as_array);
    let messages = messages
        .filter(|messages| !messages.is_empty())
        .ok_or_else(|| VendorError::bad("messages", "'messages' must be a non-empty list"))?;
    let stream = body.get("stream").and_then(Value::as_bool).unwrap_or(false);
    if body.get("stream_options").is_some_and(|v| !v.is_null()) && !stream {
        let message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
        return Err(VendorError::bad("stream_options", message));
    }
    check_calls(messages)?;
    let tools = tools(body)?;
    let mut asked = Asked {
        stream,
        include_usage: body.pointer("/stream_options/include_usage") == Some(&Value::Bool(true)),
        max_tokens: bound(body)?,
        tool_choice: tool_choice(body, &tools)?,
        tools,
        parallel_tools: body.get("parallel_tool_calls") != Some(&Value::Bool(false)),
        schema: schema(body)?,
        thinks: body.get("reasoning_effort").and_then(Value::as_str) != Some("none"),
        user: text_at(body, "user").or_else(|| text_at(body, "safety_identifier")),
        unknown_fields: unknown(body, KNOWN),
        ..Asked::of(Dialect::OpenAi, model)
    };
    for (index, message) in messages.iter().enumerate() {
        read_message(message, index, &mut asked)?;
    }
    Ok(asked)
}

fn text_at(body: &Value, key: &str) -> Option<String> {
    body.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn bound(body: &Value) -> Result<Option<usize>, VendorError> {
    let read = |key: &str| body.get(key).filter(|v| !v.is_null());
    let (old, new) = (read("max_tokens"), read("max_completion_tokens"));
    if old.is_some() && new.is_some() {
        let message =
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.";
        return Err(VendorError::bad("max_tokens", message));
    }
    match old.or(new) {
        None => Ok(None),
        Some(value) => match value.as_u64().and_then(|n| usize::try_from(n).ok()) {
            Some(bound) if bound > 0 => Ok(Some(bound)),
            Some(_) | None => Err(VendorError::bad(
                "max_tokens",
                "expected an integer above 0",
            )),
        },
    }
}

/// Every call is answered right after the turn that made it, and nothing else is.
fn check_calls(messages: &[Value]) -> Result<(), VendorError> {
    let mut calls = OpenCalls::default();
    for (index, message) in messages.iter().enumerate() {
        let at = format!("messages.[{index}].role");
        if message.get("role").and_then(Value::as_str) == Some("tool") {
            let id = message
                .get("tool_call_id")
                .and_then(Value::as_str)
                .unwrap_or_default();
            if !calls.answer(id) {
                let why = "messages with role 'tool' must be a response to a preceding message with 'tool_calls'";
                return Err(VendorError::bad(at, format!("{why}: '{id}'")));
            }
            continue;
        }
        if let Some(id) = calls.first() {
            return Err(VendorError::bad(at, unanswered(id)));
        }
        let made = message.get("tool_calls").and_then(Value::as_array);
        for call in made.into_iter().flatten() {
            calls.add(call_id(call, index)?);
        }
    }
    match calls.first() {
        Some(id) => Err(VendorError::bad("messages", unanswered(id))),
        None => Ok(()),
    }
}

fn unanswered(id: &str) -> String {
    format!(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each \
         'tool_call_id'. The following did not have response messages: {id}"
    )
}

fn call_id(call: &Value, index: usize) -> Result<&str, VendorError> {
    let at = format!("messages.[{index}].tool_calls");
    let arguments = call.pointer("/function/arguments");
    let name = call.pointer("/function/name").and_then(Value::as_str);
    let whole = call.get("type").and_then(Value::as_str) == Some("function")
        && arguments.is_some_and(Value::is_string)
        && name.is_some_and(plain_word);
    match call.get("id").and_then(Value::as_str) {
        Some(id) if whole && !id.is_empty() && id.len() <= 64 => Ok(id),
        Some(_) | None => Err(VendorError::bad(
            at,
            "a tool call needs 'id' (at most 64 letters), 'type': 'function', and 'function' with 'name' and \
             'arguments' as a string",
        )),
    }
}

fn tools(body: &Value) -> Result<Vec<Tool>, VendorError> {
    let listed = body.get("tools").and_then(Value::as_array);
    let mut tools = Vec::new();
    for (index, tool) in listed.into_iter().flatten().enumerate() {
        let name = tool
            .pointer("/function/name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let typed = tool.get("type").and_then(Value::as_str) == Some("function");
        if !typed || !plain_word(name) || name.len() > 64 {
            let at = format!("tools[{index}].function.name");
            return Err(VendorError::bad(
                at,
                "a tool needs 'type': 'function' and a name of ^[a-zA-Z0-9_-]{1,64}$",
            ));
        }
        let empty = serde_json::json!({"type": "object", "properties": {}});
        let schema = tool
            .pointer("/function/parameters")
            .unwrap_or(&empty)
            .clone();
        if tool.pointer("/function/strict") == Some(&Value::Bool(true)) {
            strict_schema(
                &schema,
                Dialect::OpenAi,
                &format!("tools[{index}].function.parameters"),
            )?;
        }
        tools.push(Tool {
            name: name.to_owned(),
            schema,
        });
    }
    Ok(tools)
}

fn tool_choice(body: &Value, tools: &[Tool]) -> Result<ToolChoice, VendorError> {
    let wrong = || {
        VendorError::bad(
            "tool_choice",
            "must be none, auto, required or name a function of 'tools'",
        )
    };
    let choice = match body.get("tool_choice") {
        None | Some(Value::Null) => return Ok(ToolChoice::Auto),
        Some(choice) => choice,
    };
    if tools.is_empty() {
        let message = "'tool_choice' is only allowed when 'tools' are specified.";
        return Err(VendorError::bad("tool_choice", message));
    }
    match (
        choice.as_str(),
        choice.pointer("/function/name").and_then(Value::as_str),
    ) {
        (Some("auto"), _) => Ok(ToolChoice::Auto),
        (Some("none"), _) => Ok(ToolChoice::None),
        (Some("required"), _) => Ok(ToolChoice::Required),
        (None, Some(name)) if tools.iter().any(|tool| tool.name == name) => {
            Ok(ToolChoice::Named(name.to_owned()))
        }
        _ => Err(wrong()),
    }
}

fn schema(body: &Value) -> Result<Option<Value>, VendorError> {
    let at = "response_format";
    match body
        .pointer("/response_format/type")
        .and_then(Value::as_str)
    {
        None if body.get(at).is_some_and(|v| !v.is_null()) => Err(VendorError::bad(
            "response_format.type",
            "Missing required parameter",
        )),
        None | Some("text") => Ok(None),
        Some("json_object") => Ok(Some(serde_json::json!({
            "type": "object", "properties": {"ok": {"type": "boolean"}},
        }))),
        Some("json_schema") => {
            let name = body
                .pointer("/response_format/json_schema/name")
                .and_then(Value::as_str);
            if !name.is_some_and(plain_word) {
                let message = "Missing required parameter: 'response_format.json_schema.name'";
                return Err(VendorError::bad(
                    "response_format.json_schema.name",
                    message,
                ));
            }
            let schema = body.pointer("/response_format/json_schema/schema");
            let schema = schema.cloned().unwrap_or_default();
            if body.pointer("/response_format/json_schema/strict") == Some(&Value::Bool(true)) {
                strict_schema(
                    &schema,
                    Dialect::OpenAi,
                    "response_format.json_schema.schema",
                )?;
            }
            Ok(Some(schema))
        }
        Some(other) => Err(VendorError::bad(
            "response_format.type",
            format!("Invalid value: '{other}'"),
        )),
    }
}

fn read_message(message: &Value, index: usize, asked: &mut Asked) -> Result<(), VendorError> {
    let at = format!("messages[{index}]");
    match message.get("role").and_then(Value::as_str) {
        Some("system" | "developer") => text_of(message, &at).map(drop),
        Some("user") => {
            asked.tool_results.clear();
            asked.last_user_text = user_text(message, &at, &mut asked.images)?;
            Ok(())
        }
        Some("assistant") => {
            asked.tool_results.clear();
            if let Some(text) = message.get("reasoning_content").and_then(Value::as_str) {
                asked.thoughts.push(Thought {
                    text: text.to_owned(),
                    signature: String::new(),
                });
            }
            if message.get("content").is_none_or(Value::is_null) {
                return match message.get("tool_calls").or_else(|| message.get("refusal")) {
                    Some(_) => Ok(()),
                    None => Err(VendorError::bad(
                        format!("{at}.content"),
                        "expected a string, got null",
                    )),
                };
            }
            text_of(message, &at).map(drop)
        }
        Some("tool") => {
            let text = text_of(message, &at)?;
            let call_id = text_at(message, "tool_call_id").unwrap_or_default();
            asked.tool_results.push(ToolResult { call_id, text });
            Ok(())
        }
        Some(_) | None => Err(VendorError::bad(
            format!("{at}.role"),
            "Supported values are: 'system', 'developer', 'assistant', 'user' and 'tool'.",
        )),
    }
}

/// Content of text alone: a string, or text (and refusal) parts.
fn text_of(message: &Value, at: &str) -> Result<String, VendorError> {
    let wrong = || {
        VendorError::bad(
            format!("{at}.content"),
            "expected a string or a list of text parts",
        )
    };
    match message.get("content") {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Array(parts)) if !parts.is_empty() => {
            let mut text = String::new();
            for part in parts {
                let kind = part.get("type").and_then(Value::as_str).unwrap_or_default();
                let piece = match kind {
                    "text" | "refusal" => part.get(kind).and_then(Value::as_str),
                    _ => None,
                };
                text.push_str(piece.ok_or_else(wrong)?);
            }
            Ok(text)
        }
        _ => Err(wrong()),
    }
}

fn user_text(message: &Value, at: &str, images: &mut Vec<Image>) -> Result<String, VendorError> {
    let Some(parts) = message.get("content").and_then(Value::as_array) else {
        return text_of(message, at);
    };
    let mut text = String::new();
    for (index, part) in parts.iter().enumerate() {
        let at = format!("{at}.content[{index}]");
        match part.get("type").and_then(Value::as_str) {
            Some("text") => {
                let piece = part.get("text").and_then(Value::as_str);
                text.push_str(
                    piece.ok_or_else(|| {
                        VendorError::bad(format!("{at}.text"), "expected a string")
                    })?,
                );
            }
            Some("image_url") => {
                let url = part
                    .pointer("/image_url/url")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                let wrong =
                    || VendorError::bad(format!("{at}.image_url.url"), "Invalid image URL.");
                images.push(at_url(url).ok_or_else(wrong)?);
            }
            Some("input_audio" | "file") => {}
            Some(_) | None => {
                let message =
                    "Supported values are: 'text', 'image_url', 'input_audio' and 'file'.";
                return Err(VendorError::bad(format!("{at}.type"), message));
            }
        }
    }
    Ok(text)
}
