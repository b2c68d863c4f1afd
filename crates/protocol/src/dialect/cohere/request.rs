//! Writes requests. Fields: <https://docs.cohere.com/reference/chat#request> (2026-11).

mod messages;
mod parameters;
mod schema;
mod tools;

use super::ID;
use crate::dialect::codec::Encoded;
use crate::dialect::write;
use crate::ir::{Json, Loss, Malformed, OutputFormat, Request};

/// What stands for JSON mode where tools or documents rule it out.
const JSON_INSTRUCTION: &str =
    "Answer with one JSON object and nothing else: no text around it, no Markdown fence.";

/// Writes a whole request.
///
/// # Errors
/// When something in it cannot be said at all (sound, a PDF).
pub(super) fn encode(request: &Request) -> Result<Encoded, Malformed> {
    let mut losses = Vec::new();
    let wants_json = matches!(
        request.output,
        Some(OutputFormat::JsonObject | OutputFormat::JsonSchema { .. })
    );
    let tools = tools::chosen(request, &mut losses);
    let documents = if wants_json {
        messages::Documents::InText
    } else {
        messages::Documents::Apart(Vec::new())
    };
    let conversation = messages::write(&request.messages, documents, &mut losses)?;
    // Said as an instruction where the API takes no format.
    let instruction = (wants_json && !tools.is_empty())
        .then(|| json_instruction(request.output.as_ref(), &mut losses))
        .flatten();
    parameters::note_unsayable(request, &mut losses);
    let mut body = Vec::with_capacity(1024);
    write::object(&mut body, |o| {
        o.value("model", &request.model);
        o.value("stream", &request.stream);
        o.list("messages", |list| {
            if let Some(text) = &instruction {
                list.object(|o| {
                    o.value("role", "system");
                    o.value("content", text);
                });
            }
            for message in &conversation.messages {
                list.value(message);
            }
        });
        tools::write(o, request, &tools, &mut losses);
        if !conversation.documents.is_empty() {
            o.value("documents", &conversation.documents);
        }
        if instruction.is_none() {
            format(o, request.output.as_ref(), &mut losses);
        }
        parameters::write(o, request, &mut losses);
        o.extra(&request.extra, ID);
    });
    Ok(Encoded { body, losses })
}

/// <https://docs.cohere.com/docs/structured-outputs>
fn format(o: &mut write::Object<'_>, output: Option<&OutputFormat>, losses: &mut Vec<Loss>) {
    match output {
        None | Some(OutputFormat::Text) => {}
        Some(OutputFormat::JsonObject) => {
            o.object("response_format", |o| o.value("type", "json_object"));
        }
        Some(OutputFormat::JsonSchema {
            name: _, // Only a label.
            description,
            schema,
            strict,
        }) => {
            if description.is_some() {
                losses.push(Loss::dropped("response_format.json_schema.description"));
            }
            if *strict == Some(false) {
                losses.push(Loss::approximated("response_format.json_schema.strict"));
            }
            let narrowed = schema::narrowed(schema.get());
            if matches!(narrowed, std::borrow::Cow::Owned(_)) {
                losses.push(Loss::approximated("response_format.json_schema.schema"));
            }
            o.object("response_format", |o| {
                o.value("type", "json_object");
                o.written("json_schema", narrowed.as_bytes());
            });
        }
    }
}

fn json_instruction(output: Option<&OutputFormat>, losses: &mut Vec<Loss>) -> Option<String> {
    losses.push(Loss::approximated("response_format"));
    Some(match output? {
        OutputFormat::Text => return None,
        OutputFormat::JsonObject => JSON_INSTRUCTION.to_owned(),
        OutputFormat::JsonSchema { schema, .. } => {
            format!(
                "{JSON_INSTRUCTION} It must follow this JSON schema: {}",
                schema.get()
            )
        }
    })
}

/// A value written before.
fn written(fill: impl FnOnce(&mut write::Object<'_>)) -> Json {
    let mut out = Vec::with_capacity(256);
    write::object(&mut out, fill);
    let text = String::from_utf8(out).unwrap_or_default();
    Json::parse(text).unwrap_or_else(|_| Json::null())
}
