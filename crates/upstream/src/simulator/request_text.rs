//! What stands in a request: what its last turn tells the simulated model, and how many tokens it is to read.

use super::tokens;
use protocol::ir::{Media, MediaSource, Message, Part, PartKind, Request, Role, Tool};

/// What a request tells the model.
pub(super) struct Told<'a> {
    /// The text of the last user message that has any.
    pub(super) last_user_text: String,
    /// The results that the conversation ends with, as text; empty where it ends with a question.
    pub(super) tool_results: Vec<String>,
    /// Images in the whole conversation.
    pub(super) images: usize,
    /// Files in the whole conversation.
    pub(super) files: usize,
    /// Sounds in the whole conversation.
    pub(super) sounds: usize,
    /// The system's words, for what wants to see that they arrived.
    pub(super) instructions: Vec<&'a str>,
}

impl<'a> Told<'a> {
    pub(super) fn by(request: &'a Request) -> Self {
        let all_parts = || request.messages.iter().flat_map(|message| &message.parts);
        let count =
            |wanted: fn(&PartKind) -> bool| all_parts().filter(|part| wanted(&part.kind)).count();
        Self {
            last_user_text: last_user_text(&request.messages),
            tool_results: closing_results(&request.messages),
            images: count(|kind| matches!(kind, PartKind::Image(_))),
            files: count(|kind| matches!(kind, PartKind::File(_))),
            sounds: count(|kind| matches!(kind, PartKind::Audio(_))),
            instructions: request
                .messages
                .iter()
                .filter(|message| matches!(message.role, Role::System | Role::Developer))
                .flat_map(|message| &message.parts)
                .filter_map(text_of)
                .collect(),
        }
    }
}

fn text_of(part: &Part) -> Option<&str> {
    match &part.kind {
        PartKind::Text(text) => Some(text),
        PartKind::Image(_)
        | PartKind::Audio(_)
        | PartKind::Video(_)
        | PartKind::File(_)
        | PartKind::Reasoning(_)
        | PartKind::ToolCall(_)
        | PartKind::ToolResult(_)
        | PartKind::Refusal(_)
        | PartKind::Opaque(_, _) => None,
    }
}

fn joined_text(parts: &[Part]) -> String {
    let texts: Vec<&str> = parts.iter().filter_map(text_of).collect();
    texts.join("\n")
}

fn last_user_text(messages: &[Message]) -> String {
    let of_user = messages
        .iter()
        .rev()
        .filter(|message| message.role == Role::User);
    of_user
        .map(|message| joined_text(&message.parts))
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// The tool results behind the model's last turn.
fn closing_results(messages: &[Message]) -> Vec<String> {
    let mut results: Vec<String> = messages
        .iter()
        .rev()
        .take_while(|message| message.role != Role::Assistant)
        .flat_map(|message| message.parts.iter().rev())
        .filter_map(|part| match &part.kind {
            PartKind::ToolResult(result) => Some(joined_text(&result.parts)),
            PartKind::Text(_)
            | PartKind::Image(_)
            | PartKind::Audio(_)
            | PartKind::Video(_)
            | PartKind::File(_)
            | PartKind::Reasoning(_)
            | PartKind::ToolCall(_)
            | PartKind::Refusal(_)
            | PartKind::Opaque(_, _) => None,
        })
        .collect();
    results.reverse();
    results
}

/// What a message costs beside its text, as chat templates do.
const PER_MESSAGE: u64 = 3;

/// What an image costs, of any size.
const PER_IMAGE: u64 = 85;

/// Tokens the model reads: all text of all messages and three per message; the definitions of tools as JSON; 85 per
/// image; a file or sound by its bytes, six a token.
pub(super) fn tokens_in(request: &Request) -> u64 {
    let messages = request.messages.iter().map(|message| {
        let name = message.name.as_deref().map_or(0, tokens::count);
        PER_MESSAGE + name + tokens_of(&message.parts)
    });
    let tools = request.tools.iter().map(|tool| match tool {
        Tool::Function {
            name,
            description,
            schema,
            ..
        } => {
            tokens::count(name)
                + description.as_deref().map_or(0, tokens::count)
                + schema
                    .as_ref()
                    .map_or(0, |schema| tokens::count(schema.get()))
        }
        Tool::Freeform {
            name,
            description,
            format,
            ..
        } => {
            tokens::count(name)
                + description.as_deref().map_or(0, tokens::count)
                + format
                    .as_ref()
                    .map_or(0, |format| tokens::count(format.get()))
        }
        Tool::Opaque(_, json) => tokens::count(json.get()),
    });
    messages.sum::<u64>() + tools.sum::<u64>()
}

fn tokens_of(parts: &[Part]) -> u64 {
    let counted = parts.iter().map(|part| match &part.kind {
        PartKind::Text(text) | PartKind::Refusal(text) => tokens::count(text),
        PartKind::Image(_) => PER_IMAGE,
        PartKind::Audio(media) | PartKind::Video(media) | PartKind::File(media) => {
            tokens_of_media(media)
        }
        PartKind::Reasoning(reasoning) => tokens::count(&reasoning.text),
        PartKind::ToolCall(call) => tokens::count(&call.name) + tokens::count(&call.arguments),
        PartKind::ToolResult(result) => tokens_of(&result.parts),
        PartKind::Opaque(_, json) => tokens::count(json.get()),
    });
    counted.sum()
}

fn tokens_of_media(media: &Media) -> u64 {
    match &media.source {
        MediaSource::Base64 { data, .. } => {
            // Four base64 characters are three bytes; six bytes are a token.
            u64::try_from(data.len() / 8).unwrap_or(u64::MAX)
        }
        MediaSource::Text(text) => tokens::count(text),
        MediaSource::Url(_) | MediaSource::FileId(_) => PER_IMAGE,
    }
}
