//! Reads and checks a chat request as strictly as the vendor does.

use super::super::asked::{
    Asked, Dialect, Thought, Tool, ToolChoice, ToolResult, VendorError, unknown,
};
use super::super::image::at_url;
use super::super::vendor::Target;
use serde_json::{Value, json};

/// Every documented member of the request.
const KNOWN: &[&str] = &[
    "citation_options",
    "documents",
    "frequency_penalty",
    "k",
    "logprobs",
    "max_tokens",
    "messages",
    "model",
    "p",
    "presence_penalty",
    "priority",
    "response_format",
    "safety_mode",
    "seed",
    "stop_sequences",
    "stream",
    "strict_tools",
    "temperature",
    "thinking",
    "tool_choice",
    "tools",
];

/// The numbers that have bounds.
const BOUNDS: &[(&str, f64, f64)] = &[
    ("temperature", 0.0, f64::MAX),
    ("p", 0.01, 0.99),
    ("k", 0.0, 500.0),
    ("frequency_penalty", 0.0, 1.0),
    ("presence_penalty", 0.0, 1.0),
    ("seed", 0.0, f64::MAX),
    ("max_tokens", 0.0, f64::MAX),
];

/// Reads a chat request.
///
/// # Errors
/// The vendor's error, naming the field.
pub(in super::super) fn read(_: Target, body: &Value) -> Result<Asked, VendorError> {
    let model = body.get("model").and_then(Value::as_str);
    let model = model.ok_or_else(|| VendorError::bad("model", "is required"))?;
    let messages = body.get("messages").and_then(Value::as_array);
    let messages = messages
        .filter(|messages| !messages.is_empty())
        .ok_or_else(|| VendorError::bad("messages", "must be at least 1 message long"))?;
    check_numbers(body)?;
    let tools = tools(body)?;
    let mut asked = Asked {
        stream: body.get("stream") == Some(&Value::Bool(true)),
        max_tokens: body
            .get("max_tokens")
            .and_then(Value::as_u64)
            .and_then(|n| usize::try_from(n).ok()),
        tool_choice: tool_choice(body, &tools)?,
        schema: schema(body, &tools)?,
        tools,
        thinks: body.pointer("/thinking/type") != Some(&json!("disabled")),
        unknown_fields: unknown(body, KNOWN),
        ..Asked::of(Dialect::Cohere, model)
    };
    let mut calls: Vec<String> = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        read_message(message, index, &mut calls, &mut asked)?;
    }
    check_thinking(body)?;
    Ok(asked)
}

fn check_numbers(body: &Value) -> Result<(), VendorError> {
    for (name, least, most) in BOUNDS {
        let Some(value) = body.get(name).filter(|value| !value.is_null()) else {
            continue;
        };
        let within = value
            .as_f64()
            .is_some_and(|n| (*least..=*most).contains(&n));
        if !within {
            let message = format!("must be a number between {least} and {most}");
            return Err(VendorError::bad(*name, message));
        }
    }
    let stops = body.get("stop_sequences").and_then(Value::as_array);
    if stops.is_some_and(|stops| stops.len() > 5) {
        return Err(VendorError::bad("stop_sequences", "at most 5 are allowed"));
    }
    Ok(())
}

fn check_thinking(body: &Value) -> Result<(), VendorError> {
    let Some(thinking) = body.get("thinking") else {
        return Ok(());
    };
    let typed = matches!(
        thinking.get("type").and_then(Value::as_str),
        Some("enabled" | "disabled")
    );
    let budget = thinking.get("token_budget");
    if !typed || budget.is_some_and(|budget| budget.as_u64().is_none_or(|n| n == 0)) {
        let message = "needs a type of enabled or disabled, and a token_budget above 0 or none";
        return Err(VendorError::bad("thinking", message));
    }
    Ok(())
}

fn tools(body: &Value) -> Result<Vec<Tool>, VendorError> {
    let strict = body.get("strict_tools") == Some(&Value::Bool(true));
    let listed = body.get("tools").and_then(Value::as_array);
    let mut tools = Vec::new();
    for (index, tool) in listed.into_iter().flatten().enumerate() {
        let at = format!("tools[{index}]");
        let name = tool.pointer("/function/name").and_then(Value::as_str);
        let schema = tool.pointer("/function/parameters");
        let typed = tool.get("type").and_then(Value::as_str) == Some("function");
        let (true, Some(name), Some(schema)) = (typed, name, schema.filter(|s| s.is_object()))
        else {
            let message = "needs a type of function, a name and parameters";
            return Err(VendorError::bad(at, message));
        };
        let required = schema.get("required").and_then(Value::as_array);
        if strict && required.is_none_or(Vec::is_empty) {
            let message = "strict_tools needs at least one required parameter";
            return Err(VendorError::bad(at, message));
        }
        tools.push(Tool {
            name: name.to_owned(),
            schema: schema.clone(),
        });
    }
    Ok(tools)
}

fn tool_choice(body: &Value, tools: &[Tool]) -> Result<ToolChoice, VendorError> {
    match body.get("tool_choice") {
        None | Some(Value::Null) => Ok(ToolChoice::Auto),
        Some(_) if tools.is_empty() => Err(VendorError::bad(
            "tool_choice",
            "is only allowed with tools",
        )),
        Some(word) if *word == "REQUIRED" => Ok(ToolChoice::Required),
        Some(word) if *word == "NONE" => Ok(ToolChoice::None),
        Some(_) => Err(VendorError::bad("tool_choice", "must be REQUIRED or NONE")),
    }
}

/// The format goes with neither tools nor documents.
fn schema(body: &Value, tools: &[Tool]) -> Result<Option<Value>, VendorError> {
    let at = "response_format";
    let kind = body
        .pointer("/response_format/type")
        .and_then(Value::as_str);
    match kind {
        None if body.get(at).is_none_or(Value::is_null) => Ok(None),
        Some("text") => Ok(None),
        Some("json_object") => {
            if !tools.is_empty() || body.get("documents").is_some() {
                let message = "is not supported with tools or documents";
                return Err(VendorError::bad(at, message));
            }
            let schema = body.pointer("/response_format/json_schema").cloned();
            let any = json!({"type": "object", "properties": {"ok": {"type": "boolean"}}});
            Ok(Some(schema.unwrap_or(any)))
        }
        None | Some(_) => Err(VendorError::bad(at, "type must be text or json_object")),
    }
}

fn read_message(
    message: &Value,
    index: usize,
    calls: &mut Vec<String>,
    asked: &mut Asked,
) -> Result<(), VendorError> {
    let at = format!("messages[{index}]");
    let role = message.get("role").and_then(Value::as_str);
    if role != Some("tool") {
        asked.tool_results.clear();
    }
    match role {
        Some("system") => blocks(message, &at, asked).map(drop),
        Some("user") => {
            asked.last_user_text = blocks(message, &at, asked)?;
            Ok(())
        }
        Some("assistant") => {
            let called = message.get("tool_calls").and_then(Value::as_array);
            for call in called.into_iter().flatten() {
                calls.push(call_id(call, &at)?);
            }
            if message.get("content").is_some_and(|it| !it.is_null()) {
                blocks(message, &at, asked)?;
            } else if called.is_none() && message.get("tool_plan").is_none() {
                return Err(VendorError::bad(at, "must have content or tool calls"));
            }
            Ok(())
        }
        Some("tool") => {
            let id = message.get("tool_call_id").and_then(Value::as_str);
            let id = id.unwrap_or_default().to_owned();
            if !calls.contains(&id) {
                let message = format!("tool_call_id {id:?} is that of no call");
                return Err(VendorError::bad(at, message));
            }
            let text = blocks(message, &at, asked)?;
            asked.tool_results.push(ToolResult { call_id: id, text });
            Ok(())
        }
        Some(_) | None => Err(VendorError::bad(
            format!("{at}.role"),
            "must be system, user, assistant or tool",
        )),
    }
}

fn call_id(call: &Value, at: &str) -> Result<String, VendorError> {
    let function = call.get("function");
    let text = |key: &str| function.and_then(|it| it.get(key)).and_then(Value::as_str);
    let arguments = text("arguments").map(serde_json::from_str::<Value>);
    let id = call.get("id").and_then(Value::as_str);
    match (id, text("name"), arguments) {
        (Some(id), Some(_), Some(Ok(_))) => Ok(id.to_owned()),
        _ => Err(VendorError::bad(
            format!("{at}.tool_calls"),
            "a call needs an id, a name, and arguments that are JSON",
        )),
    }
}

/// The text of a message's content; what else is in it is noted.
fn blocks(message: &Value, at: &str, asked: &mut Asked) -> Result<String, VendorError> {
    let wrong = |why: &str| VendorError::bad(format!("{at}.content"), why);
    let list = match message.get("content") {
        Some(Value::String(text)) => return Ok(text.clone()),
        Some(Value::Array(list)) if !list.is_empty() => list,
        _ => return Err(wrong("must be a string or a list of blocks")),
    };
    let role = message.get("role").and_then(Value::as_str).unwrap_or("");
    let mut text = String::new();
    for block in list {
        let string = |key: &str| block.get(key).and_then(Value::as_str);
        match (role, string("type")) {
            (_, Some("text")) => {
                text.push_str(string("text").ok_or_else(|| wrong("text must be a string"))?);
            }
            ("assistant", Some("thinking")) => asked.thoughts.push(Thought {
                text: string("thinking").unwrap_or_default().to_owned(),
                signature: String::new(),
            }),
            ("user", Some("image_url")) => {
                let url = block.pointer("/image_url/url").and_then(Value::as_str);
                let url = url.unwrap_or_default();
                let image = at_url(url).ok_or_else(|| wrong("the image's URL is invalid"))?;
                asked.images.push(image);
            }
            ("tool", Some("document")) => {}
            _ => return Err(wrong("a block of this type is not allowed here")),
        }
    }
    Ok(text)
}
