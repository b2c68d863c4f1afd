//! Reads and checks a Messages request as strictly as the vendor does.

use super::super::asked::{
    Asked, Dialect, Image, Thought, Tool, ToolChoice, ToolResult, VendorError, plain_word,
    strict_schema, unknown,
};
use super::super::calls::OpenCalls;
use super::super::image::inline;
use super::super::vendor::Target;
use serde_json::Value;

/// Every documented member of the request.
const KNOWN: &[&str] = &[
    "cache_control",
    "container",
    "context_management",
    "diagnostics",
    "inference_geo",
    "max_tokens",
    "mcp_servers",
    "messages",
    "metadata",
    "model",
    "output_config",
    "service_tier",
    "speed",
    "stop_sequences",
    "stream",
    "system",
    "temperature",
    "thinking",
    "tool_choice",
    "tools",
    "top_k",
    "top_p",
];

/// Reads a Messages request.
///
/// # Errors
/// The vendor's error, naming the field.
pub(in super::super) fn read(_: Target, body: &Value) -> Result<Asked, VendorError> {
    let model = body.get("model").and_then(Value::as_str);
    let model = model.ok_or_else(|| VendorError::bad("model", "Field required"))?;
    let max_tokens = body
        .get("max_tokens")
        .and_then(Value::as_u64)
        .filter(|n| *n > 0);
    let max_tokens = max_tokens.ok_or_else(|| VendorError::bad("max_tokens", "Field required"))?;
    let messages = body.get("messages").and_then(Value::as_array);
    let messages = messages
        .filter(|messages| !messages.is_empty())
        .ok_or_else(|| VendorError::bad("messages", "at least one message is required"))?;
    check_system(body)?;
    check_thinking_kept(body, messages)?;
    let tools = tools(body)?;
    let thinks = thinking(body, max_tokens)?;
    let mut asked = Asked {
        stream: body.get("stream").and_then(Value::as_bool).unwrap_or(false),
        max_tokens: usize::try_from(max_tokens).ok(),
        tool_choice: tool_choice(body, &tools, thinks)?,
        tools,
        parallel_tools: body.pointer("/tool_choice/disable_parallel_tool_use")
            != Some(&Value::Bool(true)),
        schema: schema(body)?,
        thinks,
        user: body
            .pointer("/metadata/user_id")
            .and_then(Value::as_str)
            .map(str::to_owned),
        unknown_fields: unknown(body, KNOWN),
        ..Asked::of(Dialect::Anthropic, model)
    };
    let mut calls = OpenCalls::default();
    for (index, message) in messages.iter().enumerate() {
        read_message(message, index, &mut calls, &mut asked)?;
    }
    match calls.first() {
        Some(id) => Err(unanswered(messages.len() - 1, id)),
        None => Ok(asked),
    }
}

fn check_system(body: &Value) -> Result<(), VendorError> {
    let valid = match body.get("system") {
        None | Some(Value::String(_)) => true,
        Some(Value::Array(blocks)) => blocks.iter().all(|block| {
            block.get("type").and_then(Value::as_str) == Some("text")
                && block
                    .get("text")
                    .is_some_and(|text| text.as_str().is_some_and(|t| !t.is_empty()))
        }),
        Some(_) => false,
    };
    match valid {
        true => Ok(()),
        false => Err(VendorError::bad(
            "system",
            "Input should be a string or a list of non-empty text blocks",
        )),
    }
}

/// With a budget of thinking, the turn that has the last set of calls and results must begin with its thinking; turns before
/// it need not: <https://platform.claude.com/docs/en/build-with-claude/extended-thinking#preserving-thinking-blocks>.
fn check_thinking_kept(body: &Value, messages: &[Value]) -> Result<(), VendorError> {
    if body.pointer("/thinking/type").and_then(Value::as_str) != Some("enabled") {
        return Ok(());
    }
    let first_kind = |message: &Value| message.pointer("/content/0").map(|it| kind(it).to_owned());
    let mut place = messages.len();
    let mut begin = None;
    while let Some([model, results]) = place.checked_sub(2).and_then(|at| messages.get(at..place)) {
        let blocks = results.get("content").and_then(Value::as_array);
        let answers =
            blocks.is_some_and(|blocks| blocks.iter().any(|it| kind(it) == "tool_result"));
        if !answers || results.get("role") != Some(&"user".into()) {
            break;
        }
        place -= 2;
        begin = Some((place, first_kind(model).unwrap_or_default()));
    }
    match begin {
        Some((place, found)) if !found.ends_with("thinking") => Err(VendorError::bad(
            format!("messages.{place}.content.0.type"),
            format!(
                "Expected `thinking` or `redacted_thinking`, but found `{found}`. When `thinking` is enabled, a final \
                 `assistant` message must start with a thinking block (preceeding the lastmost set of `tool_use` and \
                 `tool_result` blocks)."
            ),
        )),
        Some(_) | None => Ok(()),
    }
}

/// Whether to think; <https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking> lists the limits.
fn thinking(body: &Value, max_tokens: u64) -> Result<bool, VendorError> {
    let thinks = match body.pointer("/thinking/type").and_then(Value::as_str) {
        None if body.get("thinking").is_none() => return Ok(false),
        Some("disabled") => return Ok(false),
        Some("adaptive" | "between_tools") => true,
        Some("enabled") => {
            let budget = body
                .pointer("/thinking/budget_tokens")
                .and_then(Value::as_u64)
                .unwrap_or(0);
            if budget < 1024 {
                let message = "Input should be greater than or equal to 1024";
                return Err(VendorError::bad("thinking.enabled.budget_tokens", message));
            }
            if budget >= max_tokens {
                let message = "`max_tokens` must be greater than `thinking.budget_tokens`.";
                return Err(VendorError::bad("max_tokens", message));
            }
            true
        }
        Some(_) | None => return Err(VendorError::bad("thinking.type", "unknown")),
    };
    let temperature = body.get("temperature").and_then(Value::as_f64);
    if temperature.is_some_and(|t| (t - 1.0).abs() > f64::EPSILON) || body.get("top_k").is_some() {
        let message =
            "`temperature` may only be set to 1, and `top_k` not at all, when thinking is enabled.";
        return Err(VendorError::bad("temperature", message));
    }
    Ok(thinks)
}

fn tools(body: &Value) -> Result<Vec<Tool>, VendorError> {
    let listed = body.get("tools").and_then(Value::as_array);
    let mut tools = Vec::new();
    for (index, tool) in listed.into_iter().flatten().enumerate() {
        let name = tool.get("name").and_then(Value::as_str).unwrap_or_default();
        if !plain_word(name) {
            let at = format!("tools.{index}.custom.name");
            return Err(VendorError::bad(
                at,
                "String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
            ));
        }
        let schema = tool.get("input_schema").cloned().unwrap_or_default();
        if schema.get("type").and_then(Value::as_str) != Some("object") {
            let at = format!("tools.{index}.custom.input_schema.type");
            return Err(VendorError::bad(at, "Input should be 'object'"));
        }
        if tool.get("strict") == Some(&Value::Bool(true)) {
            strict_schema(
                &schema,
                Dialect::Anthropic,
                &format!("tools.{index}.custom.input_schema"),
            )?;
        }
        tools.push(Tool {
            name: name.to_owned(),
            schema,
        });
    }
    Ok(tools)
}

fn tool_choice(body: &Value, tools: &[Tool], thinks: bool) -> Result<ToolChoice, VendorError> {
    let Some(choice) = body.get("tool_choice") else {
        return Ok(ToolChoice::Auto);
    };
    if tools.is_empty() {
        return Err(VendorError::bad(
            "tool_choice",
            "may only be specified while providing `tools`",
        ));
    }
    let name = choice.get("name").and_then(Value::as_str);
    let choice = match (choice.get("type").and_then(Value::as_str), name) {
        (Some("auto"), _) => ToolChoice::Auto,
        (Some("none"), _) => ToolChoice::None,
        (Some("any"), _) => ToolChoice::Required,
        (Some("tool"), Some(name)) if tools.iter().any(|tool| tool.name == name) => {
            ToolChoice::Named(name.to_owned())
        }
        _ => {
            return Err(VendorError::bad(
                "tool_choice",
                "must be auto, any, none or name a tool of `tools`",
            ));
        }
    };
    match (&choice, thinks) {
        (ToolChoice::Required | ToolChoice::Named(_), true) => Err(VendorError::new(
            400,
            "Thinking may not be enabled when tool_choice forces tool use.",
        )),
        _ => Ok(choice),
    }
}

fn schema(body: &Value) -> Result<Option<Value>, VendorError> {
    let Some(format) = body
        .pointer("/output_config/format")
        .filter(|v| !v.is_null())
    else {
        return Ok(None);
    };
    let schema = format.get("schema").filter(|schema| schema.is_object());
    match (format.get("type").and_then(Value::as_str), schema) {
        (Some("json_schema"), Some(schema)) if unknown(format, &["type", "schema"]).is_empty() => {
            strict_schema(schema, Dialect::Anthropic, "output_config.format.schema")?;
            Ok(Some(schema.clone()))
        }
        _ => Err(VendorError::bad(
            "output_config.format",
            "needs 'type': 'json_schema' and 'schema', and nothing else",
        )),
    }
}

fn unanswered(index: usize, id: &str) -> VendorError {
    VendorError::bad(
        format!("messages.{index}"),
        format!("`tool_use` ids were found without `tool_result` blocks immediately after: {id}"),
    )
}

fn read_message(
    message: &Value,
    index: usize,
    calls: &mut OpenCalls,
    asked: &mut Asked,
) -> Result<(), VendorError> {
    let at = format!("messages.{index}");
    let text_only = [message.get("content").cloned().unwrap_or_default()];
    let blocks = match message.get("content") {
        Some(Value::Array(blocks)) if !blocks.is_empty() => blocks.as_slice(),
        Some(Value::String(text)) if !text.is_empty() => &text_only,
        _ => {
            return Err(VendorError::bad(
                at,
                "all messages must have non-empty content",
            ));
        }
    };
    asked.tool_results.clear();
    match message.get("role").and_then(Value::as_str) {
        Some("user") => {
            asked.last_user_text.clear();
            for (place, block) in blocks.iter().enumerate() {
                user_block(block, &format!("{at}.content.{place}"), calls, asked)?;
            }
            match calls.first() {
                Some(id) => Err(unanswered(index, id)),
                None => Ok(()),
            }
        }
        Some("assistant") => {
            if let Some(id) = calls.first() {
                return Err(unanswered(index, id));
            }
            for (place, block) in blocks.iter().enumerate() {
                assistant_block(block, &format!("{at}.content.{place}"), calls, asked)?;
            }
            Ok(())
        }
        Some(_) | None => Err(VendorError::bad(
            format!("{at}.role"),
            "Input should be 'user' or 'assistant'",
        )),
    }
}

fn kind(block: &Value) -> &str {
    match block {
        Value::String(_) => "text",
        _ => block
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default(),
    }
}

fn text_of<'a>(block: &'a Value, at: &str) -> Result<&'a str, VendorError> {
    let text = block
        .as_str()
        .or_else(|| block.get("text").and_then(Value::as_str));
    text.filter(|text| !text.is_empty()).ok_or_else(|| {
        VendorError::bad(
            format!("{at}.text"),
            "text content blocks must be non-empty",
        )
    })
}

fn user_block(
    block: &Value,
    at: &str,
    calls: &mut OpenCalls,
    asked: &mut Asked,
) -> Result<(), VendorError> {
    match kind(block) {
        "text" => {
            asked.last_user_text.push_str(text_of(block, at)?);
            Ok(())
        }
        "image" => {
            asked.images.push(image(block, at)?);
            Ok(())
        }
        "document" => Ok(()),
        "tool_result" => {
            let id = block
                .get("tool_use_id")
                .and_then(Value::as_str)
                .unwrap_or_default();
            if !calls.answer(id) {
                let message = "unexpected `tool_use_id`: each `tool_result` block must have a corresponding \
                               `tool_use` block in the previous message";
                return Err(VendorError::bad(at, format!("{message}: {id}")));
            }
            let text = result_text(block, at, asked)?;
            let call_id = id.to_owned();
            asked.tool_results.push(ToolResult { call_id, text });
            Ok(())
        }
        other => Err(VendorError::bad(
            format!("{at}.type"),
            format!("Input tag '{other}' found, not allowed here"),
        )),
    }
}

fn result_text(block: &Value, at: &str, asked: &mut Asked) -> Result<String, VendorError> {
    match block.get("content") {
        None => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Array(parts)) => {
            let mut text = String::new();
            for part in parts {
                match kind(part) {
                    "text" => text.push_str(text_of(part, at)?),
                    "image" => asked.images.push(image(part, at)?),
                    "document" => {}
                    other => {
                        return Err(VendorError::bad(
                            at,
                            format!("Input tag '{other}' not allowed here"),
                        ));
                    }
                }
            }
            Ok(text)
        }
        Some(_) => Err(VendorError::bad(
            format!("{at}.content"),
            "Input should be a string or a list",
        )),
    }
}

fn image(block: &Value, at: &str) -> Result<Image, VendorError> {
    let text = |pointer: &str| {
        block
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let image = match text("/source/type") {
        "base64" => inline(text("/source/media_type"), text("/source/data")),
        "url" => Some(Image::Url(text("/source/url").to_owned())),
        _ => None,
    };
    image.ok_or_else(|| VendorError::bad(format!("{at}.image.source"), "Could not process image"))
}

fn assistant_block(
    block: &Value,
    at: &str,
    calls: &mut OpenCalls,
    asked: &mut Asked,
) -> Result<(), VendorError> {
    let text = |key: &str| block.get(key).and_then(Value::as_str);
    match kind(block) {
        "text" => text_of(block, at).map(drop),
        "thinking" => match (text("thinking"), text("signature")) {
            (Some(thought), Some(signature)) => {
                asked.thoughts.push(Thought {
                    text: thought.to_owned(),
                    signature: signature.to_owned(),
                });
                Ok(())
            }
            _ => Err(VendorError::bad(
                format!("{at}.thinking.signature"),
                "Field required",
            )),
        },
        "redacted_thinking" => Ok(()),
        "tool_use" => match (text("id"), text("name"), block.get("input")) {
            (Some(id), Some(name), Some(Value::Object(_)))
                if plain_word(id) && plain_word(name) =>
            {
                calls.add(id);
                Ok(())
            }
            _ => Err(VendorError::bad(
                format!("{at}.tool_use"),
                "needs 'id' (^[a-zA-Z0-9_-]+$), 'name' and 'input' as an object",
            )),
        },
        other => Err(VendorError::bad(
            format!("{at}.type"),
            format!("Input tag '{other}' not allowed here"),
        )),
    }
}
