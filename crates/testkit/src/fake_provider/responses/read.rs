//! Reads and checks a Responses request as strictly as the vendor does.

use super::super::asked::{
    Asked, Dialect, Image, Thought, Tool, ToolChoice, ToolResult, VendorError, plain_word,
    strict_schema, unknown,
};
use super::super::image::at_url;
use super::super::vendor::Target;
use serde_json::{Value, json};

/// Every documented member of the request.
const KNOWN: &[&str] = &[
    "background",
    "context_management",
    "conversation",
    "include",
    "input",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "model",
    "moderation",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
];

/// Reads a Responses request.
///
/// # Errors
/// The vendor's error, naming the field.
pub(in super::super) fn read(_: Target, body: &Value) -> Result<Asked, VendorError> {
    let model = text_at(body, "model");
    let model = model.ok_or_else(|| missing("model"))?;
    if let Some(id) = text_at(body, "previous_response_id") {
        let message = format!("Previous response with id '{id}' not found.");
        return Err(VendorError::bad("previous_response_id", message));
    }
    let tools = tools(body)?;
    let mut asked = Asked {
        stream: body.get("stream") == Some(&Value::Bool(true)),
        max_tokens: bound(body)?,
        tool_choice: tool_choice(body, &tools)?,
        tools,
        parallel_tools: body.get("parallel_tool_calls") != Some(&Value::Bool(false)),
        schema: schema(body)?,
        thinks: thinks(body)?,
        user: text_at(body, "safety_identifier").or_else(|| text_at(body, "user")),
        unknown_fields: unknown(body, KNOWN),
        echo: body.clone(),
        ..Asked::of(Dialect::Responses, &model)
    };
    match body.get("input") {
        Some(Value::String(text)) => asked.last_user_text.clone_from(text),
        Some(Value::Array(items)) if !items.is_empty() => read_items(items, &mut asked)?,
        _ => return Err(missing("input")),
    }
    Ok(asked)
}

fn missing(param: &str) -> VendorError {
    VendorError::bad(param, format!("Missing required parameter: '{param}'."))
}

fn text_at(body: &Value, key: &str) -> Option<String> {
    body.get(key).and_then(Value::as_str).map(str::to_owned)
}

/// The API refuses less than 16.
fn bound(body: &Value) -> Result<Option<usize>, VendorError> {
    let at = "max_output_tokens";
    match body.get(at).filter(|value| !value.is_null()) {
        None => Ok(None),
        Some(value) => match value.as_u64().and_then(|n| usize::try_from(n).ok()) {
            Some(bound) if bound >= 16 => Ok(Some(bound)),
            _ => Err(VendorError::bad(
                at,
                format!("Invalid '{at}': integer below minimum value. Expected a value >= 16."),
            )),
        },
    }
}

/// What is thought is told as a summary, to those who ask for one.
fn thinks(body: &Value) -> Result<bool, VendorError> {
    let word = |key: &str| body.pointer(&format!("/reasoning/{key}"));
    let known = |value: Option<&Value>, words: &[&str]| {
        value.is_none_or(|value| {
            value.is_null() || value.as_str().is_some_and(|word| words.contains(&word))
        })
    };
    let efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
    if !known(word("effort"), &efforts) {
        return Err(VendorError::bad("reasoning.effort", "Unsupported value."));
    }
    if !known(word("summary"), &["auto", "concise", "detailed"]) {
        return Err(VendorError::bad("reasoning.summary", "Unsupported value."));
    }
    let is_off = word("effort").and_then(Value::as_str) == Some("none");
    Ok(word("summary").is_some_and(Value::is_string) && !is_off)
}

fn tools(body: &Value) -> Result<Vec<Tool>, VendorError> {
    let listed = body.get("tools").and_then(Value::as_array);
    let mut tools = Vec::new();
    for (index, tool) in listed.into_iter().flatten().enumerate() {
        let at = format!("tools[{index}]");
        match tool.get("type").and_then(Value::as_str) {
            Some("function") => {}
            // What the vendor runs itself, and free text: not called here.
            Some(_) => continue,
            None => return Err(missing(&format!("{at}.type"))),
        }
        let name = text_at(tool, "name").unwrap_or_default();
        if !plain_word(&name) {
            let message = "Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.";
            return Err(VendorError::bad(format!("{at}.name"), message));
        }
        let empty = json!({"type": "object", "properties": {}});
        let schema = tool.get("parameters").filter(|it| !it.is_null());
        let schema = schema.unwrap_or(&empty).clone();
        if tool.get("strict") == Some(&Value::Bool(true)) {
            strict_schema(&schema, Dialect::Responses, &format!("{at}.parameters"))?;
        }
        tools.push(Tool { name, schema });
    }
    Ok(tools)
}

fn tool_choice(body: &Value, tools: &[Tool]) -> Result<ToolChoice, VendorError> {
    let Some(choice) = body.get("tool_choice").filter(|it| !it.is_null()) else {
        return Ok(ToolChoice::Auto);
    };
    let name = choice.get("name").and_then(Value::as_str);
    match (choice.as_str(), name) {
        (Some("auto"), _) => Ok(ToolChoice::Auto),
        (Some("none"), _) => Ok(ToolChoice::None),
        (Some("required"), _) if !tools.is_empty() => Ok(ToolChoice::Required),
        (None, Some(name)) if tools.iter().any(|tool| tool.name == name) => {
            Ok(ToolChoice::Named(name.to_owned()))
        }
        _ => Err(VendorError::bad(
            "tool_choice",
            "Tool choice must be none, auto, required or name a function of 'tools'.",
        )),
    }
}

fn schema(body: &Value) -> Result<Option<Value>, VendorError> {
    let at = "text.format";
    let format = body.pointer("/text/format");
    match format
        .and_then(|format| format.get("type"))
        .and_then(Value::as_str)
    {
        None if format.is_some_and(|it| !it.is_null()) => Err(missing("text.format.type")),
        None | Some("text") => Ok(None),
        Some("json_object") => Ok(Some(
            json!({"type": "object", "properties": {"ok": {"type": "boolean"}}}),
        )),
        Some("json_schema") => {
            let format = format.unwrap_or(&Value::Null);
            let schema = format.get("schema").filter(|schema| schema.is_object());
            let schema = schema.ok_or_else(|| missing("text.format.schema"))?;
            if !text_at(format, "name").is_some_and(|name| plain_word(&name)) {
                return Err(missing("text.format.name"));
            }
            if format.get("strict") == Some(&Value::Bool(true)) {
                strict_schema(schema, Dialect::Responses, "text.format.schema")?;
            }
            Ok(Some(schema.clone()))
        }
        Some(other) => Err(VendorError::bad(
            format!("{at}.type"),
            format!("Invalid value: '{other}'."),
        )),
    }
}

/// Every output answers a call before it, and every call is answered.
fn read_items(items: &[Value], asked: &mut Asked) -> Result<(), VendorError> {
    let mut calls: Vec<String> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let at = format!("input[{index}]");
        let kind = item.get("type").and_then(Value::as_str);
        let is_output = kind.is_some_and(|kind| kind.ends_with("_call_output"));
        if !is_output {
            asked.tool_results.clear();
        }
        let id = || text_at(item, "call_id").unwrap_or_default();
        match kind {
            None | Some("message") => read_message(item, &at, asked)?,
            Some("function_call" | "custom_tool_call") => {
                if id().is_empty() || text_at(item, "name").is_none() {
                    return Err(missing(&format!("{at}.call_id")));
                }
                calls.push(id());
            }
            Some("function_call_output" | "custom_tool_call_output") => {
                let Some(place) = calls.iter().position(|call| *call == id()) else {
                    let why = "No tool call found for function call output with call_id";
                    return Err(VendorError::bad("input", format!("{why} {}.", id())));
                };
                calls.remove(place);
                let text = output(item, &at, asked)?;
                asked.tool_results.push(ToolResult {
                    call_id: id(),
                    text,
                });
            }
            Some("reasoning") => read_reasoning(item, asked)?,
            Some("item_reference") => return Err(unkept(item)),
            Some(_) => {}
        }
    }
    match calls.first() {
        Some(id) => {
            let message = format!("No tool output found for function call {id}.");
            Err(VendorError::bad("input", message))
        }
        None => Ok(()),
    }
}

/// Items are not kept where `store` is off, and here never.
fn unkept(item: &Value) -> VendorError {
    let id = text_at(item, "id").unwrap_or_default();
    let message = format!(
        "Item with id '{id}' not found. Items are not persisted when `store` is set to false."
    );
    VendorError {
        param: Some("input".to_owned()),
        ..VendorError::new(404, message)
    }
}

fn read_reasoning(item: &Value, asked: &mut Asked) -> Result<(), VendorError> {
    let Some(signature) = text_at(item, "encrypted_content") else {
        return Err(unkept(item));
    };
    let Some(summary) = item.get("summary").and_then(Value::as_array) else {
        return Err(missing("input.summary"));
    };
    let text = summary.iter().filter_map(|part| text_at(part, "text"));
    asked.thoughts.push(Thought {
        text: text.collect(),
        signature,
    });
    Ok(())
}

fn read_message(item: &Value, at: &str, asked: &mut Asked) -> Result<(), VendorError> {
    let role = item.get("role").and_then(Value::as_str).unwrap_or_default();
    let text = content(item.get("content"), role, &format!("{at}.content"), asked)?;
    match role {
        "user" => asked.last_user_text = text,
        "system" | "developer" | "assistant" => {}
        other => {
            let message = format!(
                "Invalid value: '{other}'. Supported values are: 'assistant', 'system', 'developer', and 'user'."
            );
            return Err(VendorError::bad(at, message));
        }
    }
    Ok(())
}

fn output(item: &Value, at: &str, asked: &mut Asked) -> Result<String, VendorError> {
    content(item.get("output"), "user", &format!("{at}.output"), asked)
}

/// The text of content; what else is in it is noted. What the model said has other types than what it is told.
fn content(
    content: Option<&Value>,
    role: &str,
    at: &str,
    asked: &mut Asked,
) -> Result<String, VendorError> {
    let parts = match content {
        Some(Value::String(text)) => return Ok(text.clone()),
        Some(Value::Array(parts)) => parts,
        _ => return Err(missing(at)),
    };
    let mut text = String::new();
    for (index, part) in parts.iter().enumerate() {
        let kind = part.get("type").and_then(Value::as_str).unwrap_or_default();
        let said = match (role, kind) {
            ("assistant", "output_text") => text_at(part, "text"),
            ("assistant", "refusal") => text_at(part, "refusal"),
            ("assistant", _) => None,
            (_, "input_text") => text_at(part, "text"),
            (_, "input_image") => {
                asked.images.push(image(part, at)?);
                Some(String::new())
            }
            (_, "input_file" | "input_audio") => Some(String::new()),
            _ => None,
        };
        let message = format!("Invalid value: '{kind}'.");
        text += &said.ok_or_else(|| VendorError::bad(format!("{at}[{index}]"), message))?;
    }
    Ok(text)
}

fn image(part: &Value, at: &str) -> Result<Image, VendorError> {
    let url = text_at(part, "image_url").unwrap_or_default();
    at_url(&url).ok_or_else(|| VendorError::bad(format!("{at}.image_url"), "Invalid image URL."))
}
