//! Reads and checks a Converse request as strictly as the vendor does.

use super::super::asked::{
    Asked, Dialect, Thought, Tool, ToolChoice, ToolResult, VendorError, plain_word, unknown,
};
use super::super::calls::OpenCalls;
use super::super::image::inline;
use super::super::vendor::Target;
use serde_json::{Value, json};

/// Every documented member of the request.
const KNOWN: &[&str] = &[
    "additionalModelRequestFields",
    "additionalModelResponseFieldPaths",
    "guardrailConfig",
    "inferenceConfig",
    "messages",
    "outputConfig",
    "performanceConfig",
    "promptVariables",
    "requestMetadata",
    "serviceTier",
    "system",
    "toolConfig",
];
const KNOWN_INFERENCE: &[&str] = &["maxTokens", "stopSequences", "temperature", "topP"];

/// Blocks that go unread here.
const OTHERS: [&str; 7] = [
    "document",
    "video",
    "audio",
    "guardContent",
    "cachePoint",
    "citationsContent",
    "searchResult",
];

/// Reads a request; its path has said model and streaming.
///
/// # Errors
/// The vendor's error, naming the field.
pub(in super::super) fn read(target: Target, body: &Value) -> Result<Asked, VendorError> {
    let messages = body.get("messages").and_then(Value::as_array);
    let messages = messages.filter(|list| !list.is_empty());
    let messages = messages
        .ok_or_else(|| VendorError::bad("messages", "A conversation must not be empty."))?;
    let inference = body.get("inferenceConfig").unwrap_or(&Value::Null);
    let tools = tools(body)?;
    let thinking = body.pointer("/additionalModelRequestFields/thinking/type");
    let max_tokens = inference.get("maxTokens").and_then(Value::as_u64);
    let mut asked = Asked {
        stream: target.stream,
        max_tokens: max_tokens.and_then(|bound| usize::try_from(bound).ok()),
        tool_choice: tool_choice(body, &tools)?,
        tools,
        parallel_tools: body
            .pointer("/additionalModelRequestFields/tool_choice/disable_parallel_tool_use")
            != Some(&Value::Bool(true)),
        schema: schema(body)?,
        thinks: thinking.is_some_and(|kind| kind == "enabled" || kind == "adaptive"),
        unknown_fields: [unknown(body, KNOWN), unknown(inference, KNOWN_INFERENCE)].concat(),
        ..Asked::of(Dialect::Bedrock, &target.model)
    };
    let mut calls = OpenCalls::default();
    for (index, message) in messages.iter().enumerate() {
        read_message(message, index, &mut calls, &mut asked)?;
    }
    if let Some(id) = calls.first() {
        return Err(unanswered(id));
    }
    let speaks_of_tools = messages.iter().any(|message| {
        let blocks = message.get("content").and_then(Value::as_array);
        blocks.is_some_and(|all| {
            all.iter()
                .any(|one| matches!(kind(one), "toolUse" | "toolResult"))
        })
    });
    if speaks_of_tools && body.get("toolConfig").is_none() {
        let message = "The toolConfig field must be defined when using toolUse and toolResult content blocks.";
        return Err(VendorError::new(400, message));
    }
    Ok(asked)
}

/// The one member of a union.
fn kind(block: &Value) -> &str {
    match block.as_object() {
        Some(members) if members.len() == 1 => members.keys().next().map_or("", String::as_str),
        _ => "",
    }
}

fn tools(body: &Value) -> Result<Vec<Tool>, VendorError> {
    let Some(config) = body.get("toolConfig") else {
        return Ok(Vec::new());
    };
    let listed = config.get("tools").and_then(Value::as_array);
    let wrong = |message: &str| VendorError::bad("toolConfig.tools", message);
    let listed = listed.filter(|tools| !tools.is_empty());
    let listed = listed.ok_or_else(|| wrong("must have length greater than or equal to 1"))?;
    let mut tools = Vec::new();
    for tool in listed {
        match kind(tool) {
            "toolSpec" => {}
            "cachePoint" | "systemTool" => continue,
            _ => return Err(wrong("must be a toolSpec, a systemTool or a cachePoint")),
        }
        let name = tool.pointer("/toolSpec/name").and_then(Value::as_str);
        let name = name.filter(|name| plain_word(name) && name.len() <= 64);
        let schema = tool.pointer("/toolSpec/inputSchema/json");
        let (Some(name), Some(schema)) = (name, schema.filter(|it| it.is_object())) else {
            return Err(wrong(
                "needs a name of [a-zA-Z0-9_-]{1,64} and a JSON schema",
            ));
        };
        let description = tool.pointer("/toolSpec/description");
        if description.is_some_and(|it| it.as_str().is_none_or(str::is_empty)) {
            return Err(wrong("description must have a length of at least 1"));
        }
        tools.push(Tool {
            name: name.to_owned(),
            schema: schema.clone(),
        });
    }
    Ok(tools)
}

fn tool_choice(body: &Value, tools: &[Tool]) -> Result<ToolChoice, VendorError> {
    let Some(choice) = body.pointer("/toolConfig/toolChoice") else {
        return Ok(ToolChoice::Auto);
    };
    let name = choice.pointer("/tool/name").and_then(Value::as_str);
    match (kind(choice), name) {
        ("auto", _) => Ok(ToolChoice::Auto),
        ("any", _) => Ok(ToolChoice::Required),
        ("tool", Some(name)) if tools.iter().any(|tool| tool.name == name) => {
            Ok(ToolChoice::Named(name.to_owned()))
        }
        _ => Err(VendorError::bad(
            "toolConfig.toolChoice",
            "must be auto, any or a tool of tools",
        )),
    }
}

/// The schema is JSON as text.
fn schema(body: &Value) -> Result<Option<Value>, VendorError> {
    let at = "outputConfig.textFormat";
    let Some(format) = body.pointer("/outputConfig/textFormat") else {
        return Ok(None);
    };
    let text = format.pointer("/structure/jsonSchema/schema");
    let schema = text.and_then(|text| serde_json::from_str::<Value>(text.as_str()?).ok());
    match (format.get("type").and_then(Value::as_str), schema) {
        (Some("json_schema"), Some(schema)) => Ok(Some(schema)),
        _ => Err(VendorError::bad(
            at,
            "needs the type json_schema and structure.jsonSchema.schema as JSON text",
        )),
    }
}

fn unanswered(id: &str) -> VendorError {
    let message =
        format!("Expected toolResult blocks at messages.content for the following Ids: {id}");
    VendorError::new(400, message)
}

/// Users and the model take turns, and every call is answered in the turn after it.
fn read_message(
    message: &Value,
    index: usize,
    calls: &mut OpenCalls,
    asked: &mut Asked,
) -> Result<(), VendorError> {
    let at = format!("messages.{index}");
    let expected = if index.is_multiple_of(2) {
        "user"
    } else {
        "assistant"
    };
    let role = message.get("role").and_then(Value::as_str);
    if role != Some(expected) {
        let message =
            "Roles must alternate between \"user\" and \"assistant\", beginning with \"user\".";
        return Err(VendorError::bad(format!("{at}.role"), message));
    }
    let blocks = message.get("content").and_then(Value::as_array);
    let blocks = blocks.filter(|blocks| !blocks.is_empty());
    let blocks =
        blocks.ok_or_else(|| VendorError::bad(format!("{at}.content"), "must not be empty"))?;
    asked.tool_results.clear();
    let own = message.get("role").is_some_and(|role| role == "assistant");
    if !own {
        asked.last_user_text.clear();
    }
    for (place, block) in blocks.iter().enumerate() {
        let at = format!("{at}.content.{place}");
        match own {
            true => read_said(block, &at, calls, asked)?,
            false => read_told(block, &at, calls, asked)?,
        }
    }
    match calls.first() {
        Some(id) if !own => Err(unanswered(id)),
        _ => Ok(()),
    }
}

fn text_of<'a>(block: &'a Value, at: &str) -> Result<&'a str, VendorError> {
    let text = block.get("text").and_then(Value::as_str);
    let text = text.filter(|text| !text.trim().is_empty());
    text.ok_or_else(|| {
        let message = "The text field in the ContentBlock object is blank.";
        VendorError::bad(at, message)
    })
}

/// What the model said.
fn read_said(
    block: &Value,
    at: &str,
    calls: &mut OpenCalls,
    asked: &mut Asked,
) -> Result<(), VendorError> {
    let text = |pointer: &str| block.pointer(pointer).and_then(Value::as_str);
    match kind(block) {
        "text" => text_of(block, at).map(drop),
        "toolUse" => {
            let object = block
                .pointer("/toolUse/input")
                .is_some_and(Value::is_object);
            match (text("/toolUse/toolUseId"), text("/toolUse/name"), object) {
                (Some(id), Some(name), true) if plain_word(id) && plain_word(name) => {
                    calls.add(id);
                    Ok(())
                }
                _ => Err(VendorError::bad(
                    format!("{at}.toolUse"),
                    "needs an id and a name of [a-zA-Z0-9_-]+ and an object as input",
                )),
            }
        }
        "reasoningContent" => {
            let thought = "/reasoningContent/reasoningText";
            if let Some(said) = text(&format!("{thought}/text")) {
                let signature = text(&format!("{thought}/signature"));
                asked.thoughts.push(Thought {
                    text: said.to_owned(),
                    signature: signature.unwrap_or_default().to_owned(),
                });
            }
            Ok(())
        }
        other if OTHERS.contains(&other) => Ok(()),
        _ => Err(VendorError::bad(at, "must be one known kind of block")),
    }
}

/// What the model is told.
fn read_told(
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
        "image" => read_image(block, at, asked),
        "toolResult" => {
            let id = block
                .pointer("/toolResult/toolUseId")
                .and_then(Value::as_str);
            let id = id.unwrap_or_default();
            if !calls.answer(id) {
                let message =
                    format!("unexpected toolResult of {id:?}: no toolUse in the turn before");
                return Err(VendorError::bad(at, message));
            }
            let text = result_text(block, at, asked)?;
            asked.tool_results.push(ToolResult {
                call_id: id.to_owned(),
                text,
            });
            Ok(())
        }
        other if OTHERS.contains(&other) => Ok(()),
        _ => Err(VendorError::bad(at, "must be one known kind of block")),
    }
}

fn result_text(block: &Value, at: &str, asked: &mut Asked) -> Result<String, VendorError> {
    let parts = block
        .pointer("/toolResult/content")
        .and_then(Value::as_array);
    let wrong = || VendorError::bad(format!("{at}.toolResult.content"), "must be a list");
    let mut text = String::new();
    for part in parts.ok_or_else(wrong)? {
        match kind(part) {
            "text" => text += text_of(part, at)?,
            "json" => text += &part.get("json").unwrap_or(&json!({})).to_string(),
            "image" => read_image(part, at, asked)?,
            "document" | "video" | "searchResult" => {}
            _ => return Err(wrong()),
        }
    }
    Ok(text)
}

fn read_image(block: &Value, at: &str, asked: &mut Asked) -> Result<(), VendorError> {
    let text = |pointer: &str| block.pointer(pointer).and_then(Value::as_str);
    let format = text("/image/format").unwrap_or_default();
    let data = text("/image/source/bytes").unwrap_or_default();
    let image = inline(&format!("image/{format}"), data);
    let wrong = || VendorError::bad(format!("{at}.image"), "Could not process image");
    asked.images.push(image.ok_or_else(wrong)?);
    Ok(())
}
