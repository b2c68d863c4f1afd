//! Decodes `instructions` and `input`. What the model made in one turn (thinking, text, calls) is one message of the
//! canonical form, and so are results that follow each other: other dialects demand that all results of a turn come right
//! behind its calls.

use super::super::namespaces::Names;
use super::super::{ID, item, parts, places};
use crate::dialect::fields::{self, Fields, Path};
use crate::ir::{Extra, Json, Malformed, Message, Part, PartKind, Role, ToolResult};
use serde_json::value::RawValue;

/// The note on a message that came as `instructions`.
pub(super) const INSTRUCTIONS: &str = "instructions";
/// The note on a message that was the whole of `input`, as a text.
pub(super) const BARE: &str = "bare";
/// The note on a message whose content was a text.
pub(super) const PLAIN: &str = "plain";
/// The kinds of items by which a client answers a provider's own tools.
const ANSWERS: &[&str] = &[
    "computer_call_output",
    "local_shell_call_output",
    "shell_call_output",
    "apply_patch_call_output",
    "mcp_approval_response",
    "tool_search_output",
    "program_output",
];
/// The kinds of items that say something to the provider outside any turn.
const ASIDES: &[&str] = &[
    "compaction_trigger",
    "additional_tools",
    "configuration_update",
];

/// Takes the conversation out of a request.
pub(super) fn read(request: &mut Fields<'_, '_>, names: &Names) -> Result<Vec<Message>, Malformed> {
    let mut turns = Turns {
        messages: Vec::new(),
        names,
    };
    if let Some(text) = request.string("instructions")? {
        let mut message = message(
            Role::System,
            vec![text_at(text, &Path::ROOT.key("instructions"))],
        );
        message.extra.note(ID, INSTRUCTIONS, Json::null());
        turns.messages.push(message);
    }
    let at = request.at();
    let at = at.key("input");
    let raw = request.need("input")?;
    if !fields::json(raw).says_something() {
        return Err(at.wrong("must not be empty"));
    }
    if raw.get().starts_with('"') {
        let text = text_at(fields::string(raw, &at)?, &at);
        let mut message = message(Role::User, vec![text]);
        message.extra.note(ID, BARE, Json::null());
        turns.messages.push(message);
        return Ok(turns.messages);
    }
    let items: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|_| {
        let shape = fields::shape(raw);
        at.wrong(format!(
            "must be a string or a list of items, but is {shape}"
        ))
    })?;
    for (n, raw) in items.into_iter().enumerate() {
        turns.item(raw, at.index(n))?;
    }
    Ok(turns.messages)
}

fn text_at(text: String, at: &Path<'_>) -> Part {
    let mut part = Part::text(text);
    places::note(&mut part.extra, at);
    part
}

fn message(role: Role, parts: Vec<Part>) -> Message {
    Message {
        role,
        parts,
        name: None,
        extra: Extra::default(),
    }
}

struct Turns<'n> {
    messages: Vec<Message>,
    names: &'n Names,
}

impl Turns<'_> {
    fn item(&mut self, raw: &RawValue, at: Path<'_>) -> Result<(), Malformed> {
        let mut fields = Fields::of(raw, at)?;
        let kind = fields.string("type")?;
        match kind.as_deref() {
            None | Some("message") if fields.has("role") => self.message(raw, fields),
            None | Some("item_reference") => Err(at.wrong(
                "refers to an item that a provider keeps, which this model's provider does not have: send the item itself",
            )),
            Some("function_call_output" | "custom_tool_call_output") => {
                let part = result(&mut fields)?;
                self.answer(labelled(part, fields));
                Ok(())
            }
            Some(kind) if ANSWERS.contains(&kind) || kind.ends_with("_call_output") => {
                self.answer(item::alone(raw, &at));
                Ok(())
            }
            Some("message") => self.message(raw, fields),
            Some(kind) if item::is_made(kind) => {
                let parts = item::read(raw, at, self.names)?;
                self.say(parts);
                Ok(())
            }
            Some(kind) => {
                let aside = match ASIDES.contains(&kind) {
                    true => item::alone(raw, &at),
                    false => item::unknown(raw, kind, &at),
                };
                self.messages.push(message(Role::Developer, vec![aside]));
                Ok(())
            }
        }
    }

    fn message(&mut self, raw: &RawValue, mut fields: Fields<'_, '_>) -> Result<(), Malformed> {
        let at = fields.at();
        let role = match fields.need_string("role")?.as_str() {
            "system" => Role::System,
            "developer" => Role::Developer,
            "user" => Role::User,
            "assistant" => {
                let parts = item::read(raw, at, self.names)?;
                self.say(parts);
                return Ok(());
            }
            other => {
                return Err(at.key("role").wrong(format!(
                    "must be one of system, developer, user, assistant, but is `{other}`"
                )));
            }
        };
        let content = fields.need("content")?;
        let mut message = message(role, parts::content(content, &at.key("content"))?);
        places::note(&mut message.extra, &at);
        if content.get().starts_with('"') {
            message.extra.note(ID, PLAIN, Json::null());
        }
        for label in ["id", "status"] {
            if let Some(raw) = fields.take(label) {
                message.extra.note(ID, label, fields::json(raw));
            }
        }
        fields.rest_into(ID, "", &mut message.extra);
        self.messages.push(message);
        Ok(())
    }

    /// The model goes on with its turn.
    fn say(&mut self, parts: Vec<Part>) {
        match self.messages.last_mut() {
            Some(last) if last.role == Role::Assistant => last.parts.extend(parts),
            _ if parts.is_empty() => {}
            _ => self.messages.push(message(Role::Assistant, parts)),
        }
    }

    /// A tool of the client answers.
    fn answer(&mut self, part: Part) {
        let is_answer =
            |part: &Part| matches!(part.kind, PartKind::ToolResult(_)) || item::is_alone(part);
        match self.messages.last_mut() {
            Some(last) if last.role == Role::User && last.parts.iter().all(is_answer) => {
                last.parts.push(part);
            }
            _ => self.messages.push(message(Role::User, vec![part])),
        }
    }
}

fn result(fields: &mut Fields<'_, '_>) -> Result<Part, Malformed> {
    let at = fields.at();
    let call_id = fields.need_string("call_id")?;
    let parts = parts::content(fields.need("output")?, &at.key("output"))?;
    Ok(Part::new(PartKind::ToolResult(ToolResult {
        call_id,
        parts,
        is_error: None,
    })))
}

fn labelled(mut part: Part, mut fields: Fields<'_, '_>) -> Part {
    places::note(&mut part.extra, &fields.at());
    // The call has said the names.
    for label in ["id", "status", "name", "namespace"] {
        if let Some(raw) = fields.take(label) {
            part.extra.note(ID, label, fields::json(raw));
        }
    }
    fields.rest_into(ID, "", &mut part.extra);
    part
}
