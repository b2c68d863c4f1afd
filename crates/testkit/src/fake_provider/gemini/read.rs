//! Reads and checks a generateContent request as strictly as the vendor does.

use super::super::asked::{
    Asked, Dialect, Image, Thought, Tool, ToolChoice, ToolResult, VendorError, unknown,
};
use super::super::image::inline;
use super::super::vendor::Target;
use serde_json::{Value, json};

/// Every documented member of the request.
const KNOWN: &[&str] = &[
    "cachedContent",
    "contents",
    "generationConfig",
    "labels",
    "safetySettings",
    "serviceTier",
    "store",
    "systemInstruction",
    "toolConfig",
    "tools",
];

/// Every documented member of its configuration.
const KNOWN_CONFIG: &[&str] = &[
    "_responseJsonSchema",
    "audioTimestamp",
    "candidateCount",
    "enableEnhancedCivicAnswers",
    "frequencyPenalty",
    "imageConfig",
    "logprobs",
    "maxOutputTokens",
    "mediaResolution",
    "presencePenalty",
    "responseFormat",
    "responseJsonSchema",
    "responseLogprobs",
    "responseMimeType",
    "responseModalities",
    "responseSchema",
    "seed",
    "speechConfig",
    "stopSequences",
    "temperature",
    "thinkingConfig",
    "topK",
    "topP",
];

/// What the vendor's own kind of schema has: <https://ai.google.dev/api/caching#Schema>.
const SCHEMA: &[&str] = &[
    "anyOf",
    "default",
    "description",
    "enum",
    "example",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "nullable",
    "pattern",
    "properties",
    "propertyOrdering",
    "required",
    "title",
    "type",
];

/// Signatures that stand for a proof where another model made the call: they are taken and prove nothing.
/// <https://ai.google.dev/gemini-api/docs/thought-signatures>
const STAND_INS: [&str; 2] = [
    "skip_thought_signature_validator",
    "context_engineering_is_the_way_to_go",
];

/// Reads a request; its path has said model and streaming.
///
/// # Errors
/// The vendor's error, naming the field.
pub(in super::super) fn read(target: Target, body: &Value) -> Result<Asked, VendorError> {
    let body = &in_camel_case(body);
    let contents = body.get("contents").and_then(Value::as_array);
    let contents = contents.filter(|list| !list.is_empty());
    let contents =
        contents.ok_or_else(|| VendorError::bad("contents", "contents is not specified"))?;
    let config = body.get("generationConfig").unwrap_or(&Value::Null);
    let tools = tools(body)?;
    let of_config = unknown(config, KNOWN_CONFIG);
    let mut asked = Asked {
        stream: target.stream,
        max_tokens: bound(config)?,
        tool_choice: tool_choice(body, &tools)?,
        tools,
        schema: schema(config)?,
        thinks: config.pointer("/thinkingConfig/includeThoughts") == Some(&Value::Bool(true)),
        unknown_fields: [unknown(body, KNOWN), of_config].concat(),
        ..Asked::of(Dialect::Gemini, &target.model)
    };
    if let Some(instruction) = body.get("systemInstruction") {
        parts(instruction, "system_instruction")?;
    }
    if target.model.contains("gemini-3") {
        check_signed(contents)?;
    }
    let mut calls = Vec::new();
    for (index, content) in contents.iter().enumerate() {
        read_content(content, index, &mut calls, &mut asked)?;
    }
    Ok(asked)
}

/// Names are taken in both spellings, `inline_data` as `inlineData`. What is not the vendor's to name stays as it is.
fn in_camel_case(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| {
                let name = camel(key);
                let value = match (&*name, value) {
                    ("args" | "response" | "labels", value) => value.clone(),
                    (name, value) if name.ends_with("JsonSchema") => value.clone(),
                    ("properties", Value::Object(all)) => all
                        .iter()
                        .map(|(name, inner)| (name.clone(), in_camel_case(inner)))
                        .collect::<serde_json::Map<_, _>>()
                        .into(),
                    (_, value) => in_camel_case(value),
                };
                (name, value)
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(list) => list.iter().map(in_camel_case).collect(),
        other => other.clone(),
    }
}

fn camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        match letters.peek() {
            Some(next) if letter == '_' && !out.is_empty() => {
                out.push(next.to_ascii_uppercase());
                letters.next();
            }
            _ => out.push(letter),
        }
    }
    out
}

fn bound(config: &Value) -> Result<Option<usize>, VendorError> {
    let Some(value) = config.get("maxOutputTokens") else {
        return Ok(None);
    };
    let bound = value.as_u64().filter(|bound| *bound > 0);
    let wrong = || VendorError::bad("generation_config.max_output_tokens", "must be positive");
    let bound = bound.ok_or_else(wrong)?;
    Ok(usize::try_from(bound).ok())
}

fn tools(body: &Value) -> Result<Vec<Tool>, VendorError> {
    let listed = body.get("tools").and_then(Value::as_array);
    let declared = listed
        .into_iter()
        .flatten()
        .filter_map(|tool| tool.get("functionDeclarations")?.as_array())
        .flatten();
    let mut tools = Vec::new();
    for (index, function) in declared.enumerate() {
        let at = format!("tools.function_declarations[{index}]");
        let name = function.get("name").and_then(Value::as_str);
        let name = name.filter(|name| is_name(name)).ok_or_else(|| {
            VendorError::bad(
                format!("{at}.name"),
                "Invalid function name. Must start with a letter or an underscore.",
            )
        })?;
        let own = function.get("parameters");
        let schema = own.or_else(|| function.get("parametersJsonSchema"));
        if own.is_some() && function.get("parametersJsonSchema").is_some() {
            return Err(VendorError::bad(
                at,
                "parameters and parameters_json_schema exclude each other",
            ));
        }
        if let Some(own) = own {
            check_schema(own, &format!("{at}.parameters"))?;
        }
        tools.push(Tool {
            name: name.to_owned(),
            schema: in_lower_case(schema.unwrap_or(&json!({"type": "OBJECT"}))),
        });
    }
    Ok(tools)
}

fn is_name(name: &str) -> bool {
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte);
    begins && name.len() <= 128 && name.bytes().all(plain)
}

/// Unknown members of its own kind of schema are refused.
fn check_schema(schema: &Value, at: &str) -> Result<(), VendorError> {
    if let Some(stranger) = unknown(schema, SCHEMA).first() {
        let message = format!("Invalid JSON payload received. Unknown name \"{stranger}\"");
        return Err(VendorError::bad(at, message));
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    let inner = properties.into_iter().flat_map(|all| all.values());
    let listed = schema.get("anyOf").and_then(Value::as_array);
    for inner in inner
        .chain(schema.get("items"))
        .chain(listed.into_iter().flatten())
    {
        check_schema(inner, at)?;
    }
    Ok(())
}

/// Its types are in capitals, or not.
fn in_lower_case(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| match value {
                Value::String(word) if key == "type" => (key.clone(), word.to_lowercase().into()),
                value => (key.clone(), in_lower_case(value)),
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(list) => list.iter().map(in_lower_case).collect(),
        other => other.clone(),
    }
}

fn tool_choice(body: &Value, tools: &[Tool]) -> Result<ToolChoice, VendorError> {
    let config = body.pointer("/toolConfig/functionCallingConfig");
    let Some(config) = config else {
        return Ok(ToolChoice::Auto);
    };
    let names = config
        .get("allowedFunctionNames")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect::<Vec<_>>())
        .unwrap_or_default();
    let known = |name: &&str| tools.iter().any(|tool| tool.name == **name);
    let mode = config.get("mode").and_then(Value::as_str);
    match (mode, &*names) {
        (None | Some("AUTO" | "VALIDATED"), []) => Ok(ToolChoice::Auto),
        (Some("NONE"), []) => Ok(ToolChoice::None),
        (Some("ANY"), []) => Ok(ToolChoice::Required),
        (Some("ANY" | "VALIDATED"), [name]) if known(name) => {
            Ok(ToolChoice::Named((*name).to_owned()))
        }
        (Some("ANY" | "VALIDATED"), names) if names.iter().all(known) => Ok(ToolChoice::Required),
        _ => Err(VendorError::bad(
            "tool_config.function_calling_config",
            "Function calling config is set without a function it names, or with an unknown mode.",
        )),
    }
}

fn schema(config: &Value) -> Result<Option<Value>, VendorError> {
    let own = config.get("responseSchema");
    let json = config.get("responseJsonSchema");
    let json = json.or_else(|| config.get("_responseJsonSchema"));
    let kind = config.get("responseMimeType").and_then(Value::as_str);
    match (own, json) {
        (Some(_), Some(_)) => Err(VendorError::bad(
            "generation_config",
            "response_schema and response_json_schema exclude each other",
        )),
        (None, None) if kind == Some("application/json") => Ok(Some(
            json!({"type": "object", "properties": {"ok": {"type": "boolean"}}}),
        )),
        (None, None) => Ok(None),
        (Some(_), _) | (_, Some(_)) if kind != Some("application/json") => Err(VendorError::bad(
            "generation_config.response_mime_type",
            "a schema needs application/json",
        )),
        (Some(own), None) => {
            check_schema(own, "generation_config.response_schema")?;
            Ok(Some(in_lower_case(own)))
        }
        (None, Some(json)) => Ok(Some(json.clone())),
    }
}

fn parts<'a>(content: &'a Value, at: &str) -> Result<&'a [Value], VendorError> {
    match content.get("parts").and_then(Value::as_array) {
        Some(parts) if !parts.is_empty() => Ok(parts),
        _ => Err(VendorError::bad(
            format!("{at}.parts"),
            "must not be empty.",
        )),
    }
}

/// From its third generation on the first call of each step of the current turn must have a signature, be it a stand-in;
/// the turn began with what the user said last: <https://ai.google.dev/gemini-api/docs/thought-signatures>. Calls that this
/// fake made are let off, as it signs none that it did not think of before.
fn check_signed(contents: &[Value]) -> Result<(), VendorError> {
    let parts = |content: &Value| content.get("parts").and_then(Value::as_array).cloned();
    let parts = |content: &Value| parts(content).unwrap_or_default();
    let by_model = |content: &Value| content.get("role") == Some(&json!("model"));
    let answers = |content: &Value| {
        parts(content)
            .iter()
            .any(|it| it.get("functionResponse").is_some())
    };
    let begin = contents
        .iter()
        .rposition(|it| !by_model(it) && !answers(it));
    let mut is_first = true;
    for (index, content) in contents.iter().enumerate().skip(begin.unwrap_or(0)) {
        is_first |= !by_model(content);
        for part in parts(content) {
            let Some(call) = part.get("functionCall").filter(|_| by_model(content)) else {
                continue;
            };
            let id = call.get("id").and_then(Value::as_str).unwrap_or_default();
            if is_first && !id.starts_with("fc-fake") && part.get("thoughtSignature").is_none() {
                let message = "Function call is missing a thought_signature in functionCall parts.";
                return Err(VendorError::bad(format!("contents[{index}]"), message));
            }
            is_first = false;
        }
    }
    Ok(())
}

/// Every call of a turn is answered in the next one, and nothing else is.
fn read_content(
    content: &Value,
    index: usize,
    calls: &mut Vec<String>,
    asked: &mut Asked,
) -> Result<(), VendorError> {
    let at = format!("contents[{index}]");
    let role = content.get("role").and_then(Value::as_str);
    let parts = parts(content, &at)?;
    asked.tool_results.clear();
    match role {
        // A streamed answer goes back piece by piece, each a turn of its own.
        Some("model") => {
            for part in parts {
                read_said(part, &at, calls, asked)?;
            }
        }
        None | Some("user" | "function") => {
            asked.last_user_text.clear();
            let answers = parts
                .iter()
                .filter(|part| part.get("functionResponse").is_some());
            if answers.count() != calls.len() {
                let message = "Please ensure that the number of function response parts is equal to the number of \
                               function call parts of the function call turn.";
                return Err(VendorError::new(400, message));
            }
            for part in parts {
                read_told(part, &at, calls, asked)?;
            }
            calls.clear();
        }
        Some(_) => {
            let message = "Please use a valid role: user, model.";
            return Err(VendorError::new(400, message));
        }
    }
    Ok(())
}

/// What the model said.
fn read_said(
    part: &Value,
    at: &str,
    calls: &mut Vec<String>,
    asked: &mut Asked,
) -> Result<(), VendorError> {
    if let Some(signature) = part.get("thoughtSignature").and_then(Value::as_str)
        && !STAND_INS.contains(&signature)
    {
        asked.thoughts.push(Thought {
            text: String::new(),
            signature: signature.to_owned(),
        });
    }
    if let Some(call) = part.get("functionCall") {
        let name = call.get("name").and_then(Value::as_str);
        let object = call.get("args").is_none_or(Value::is_object);
        let name = name.filter(|name| is_name(name) && object);
        let wrong = || VendorError::bad(format!("{at}.function_call"), "needs a name and args");
        calls.push(name.ok_or_else(wrong)?.to_owned());
    }
    Ok(())
}

/// What the model is told.
fn read_told(
    part: &Value,
    at: &str,
    calls: &[String],
    asked: &mut Asked,
) -> Result<(), VendorError> {
    if let Some(text) = part.get("text").and_then(Value::as_str) {
        asked.last_user_text.push_str(text);
    } else if let Some(answer) = part.get("functionResponse") {
        let name = answer.get("name").and_then(Value::as_str);
        let known = name.is_some_and(|name| calls.iter().any(|call| call == name));
        let response = answer.get("response").filter(|it| it.is_object());
        let (true, Some(response)) = (known, response) else {
            let message = "needs the name of a call in the turn before, and an object as response";
            return Err(VendorError::bad(format!("{at}.function_response"), message));
        };
        let id = answer.get("id").and_then(Value::as_str);
        let text = ["output", "result", "error"]
            .iter()
            .find_map(|key| response.get(*key)?.as_str());
        asked.tool_results.push(ToolResult {
            call_id: id.or(name).unwrap_or_default().to_owned(),
            text: text.map_or_else(|| response.to_string(), str::to_owned),
        });
    } else if let Some(data) = part.get("inlineData") {
        let text = |key: &str| data.get(key).and_then(Value::as_str).unwrap_or_default();
        let kind = text("mimeType");
        if kind.starts_with("image/") {
            let image = inline(kind, text("data"));
            let wrong = || VendorError::new(400, "Unable to process input image.");
            asked.images.push(image.ok_or_else(wrong)?);
        }
    } else if let Some(uri) = part.pointer("/fileData/fileUri").and_then(Value::as_str) {
        asked.images.push(Image::Url(uri.to_owned()));
    } else {
        let message =
            "must have one initialized field: text, inline_data, file_data, function_response";
        return Err(VendorError::bad(format!("{at}.parts.data"), message));
    }
    Ok(())
}
