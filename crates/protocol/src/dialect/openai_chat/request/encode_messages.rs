//! Encodes messages; their parts are written next door. A user's message with tool results becomes one `tool` message for each result,
//! and a `user` message with what remains.

use super::super::{ID, reasoning};
use super::encode::{marker, marker_lost};
use super::encode_parts::{content, sayable, words};
use crate::dialect::turns::NOTHING_ASKED;
use crate::dialect::write::{self, List};
use crate::ir::{
    CallKind, Json, Loss, Malformed, Message, Part, PartKind, Role, ToolCall, ToolResult,
};

/// What a tool's message says when the tool answered with an image or file only.
const MOVED: &str = "The answer of the tool follows in the next message.";

/// Writes the list of messages.
pub(super) fn write_all(
    messages: &[Message],
    losses: &mut Vec<Loss>,
) -> Result<Vec<u8>, Malformed> {
    let mut out = Vec::with_capacity(1024);
    let mut failure = None;
    write::list(&mut out, |list| {
        for (n, message) in messages.iter().enumerate() {
            let path = format!("messages[{n}]");
            losses.extend(message.extra.lost_to(ID, &path));
            let written = match message.role {
                Role::System => said(list, "system", message, &path, losses),
                Role::Developer => said(list, "developer", message, &path, losses),
                Role::User => user(list, message, &path, losses).and_then(|said| {
                    let asks = said || n + 1 < messages.len();
                    asks.then_some(())
                        .ok_or_else(|| Malformed::field(path, NOTHING_ASKED))
                }),
                Role::Assistant => assistant(list, message, &path, losses),
            };
            if let Err(bad) = written {
                failure.get_or_insert(bad);
            }
        }
    });
    failure.map_or(Ok(out), Err)
}

fn said(
    list: &mut List<'_>,
    role: &str,
    message: &Message,
    path: &str,
    losses: &mut Vec<Loss>,
) -> Result<(), Malformed> {
    let parts = words(&message.parts, path, losses)?;
    list.object(|o| {
        o.value("role", role);
        content(o, &parts);
        o.some("name", message.name.as_ref());
        o.extra(&message.extra, ID);
    });
    Ok(())
}

/// Whether anything is left to write.
fn user(
    list: &mut List<'_>,
    message: &Message,
    path: &str,
    losses: &mut Vec<Loss>,
) -> Result<bool, Malformed> {
    let mut moved = Vec::new();
    let mut results = 0_usize;
    for (n, part) in message.parts.iter().enumerate() {
        if let PartKind::ToolResult(result) = &part.kind {
            results += 1;
            let path = format!("{path}.content[{n}]");
            marker_lost(part.cache.as_ref(), &format!("{path}."), losses);
            losses.extend(part.extra.lost_to(ID, &path));
            moved.extend(tool_message(list, message, (part, result), &path, losses)?);
        }
    }
    let mut rest = moved;
    let (thoughts, said): (Vec<&Part>, Vec<&Part>) = sayable(&message.parts, path, losses)?
        .into_iter()
        .partition(|part| matches!(part.kind, PartKind::Reasoning(_)));
    if !thoughts.is_empty() {
        // Only the model's own turns hold any.
        losses.push(Loss::dropped(format!("{path}.content")));
    }
    rest.extend(said);
    // What was all of another dialect's own leaves no message.
    if rest.is_empty() && !message.parts.is_empty() {
        return Ok(results > 0);
    }
    list.object(|o| {
        o.value("role", "user");
        content(o, &rest);
        o.some("name", message.name.as_ref());
        if results == 0 {
            o.extra(&message.extra, ID);
        }
    });
    Ok(true)
}

/// Writes a tool's message and gives back what it cannot hold: OpenAI takes text only.
fn tool_message<'r>(
    list: &mut List<'_>,
    message: &Message,
    (part, result): (&Part, &'r ToolResult),
    path: &str,
    losses: &mut Vec<Loss>,
) -> Result<Vec<&'r Part>, Malformed> {
    let (texts, moved): (Vec<&Part>, Vec<&Part>) = sayable(&result.parts, path, losses)?
        .into_iter()
        .partition(|part| matches!(part.kind, PartKind::Text(_) | PartKind::Opaque(..)));
    if !moved.is_empty() {
        losses.push(Loss::approximated(format!("{path}.content")));
    }
    if result.is_error == Some(true) {
        losses.push(Loss::dropped(format!("{path}.is_error")));
    }
    list.object(|o| {
        o.value("role", "tool");
        o.value("tool_call_id", &result.call_id);
        match (texts.is_empty(), moved.is_empty()) {
            (true, false) => o.value("content", MOVED),
            (true, true) => o.value("content", ""),
            (false, _) => content(o, &texts),
        }
        o.some("name", message.name.as_ref());
        marker(o, part.cache.as_ref());
        o.extra(&message.extra, ID);
    });
    Ok(moved)
}

fn assistant(
    list: &mut List<'_>,
    message: &Message,
    path: &str,
    losses: &mut Vec<Loss>,
) -> Result<(), Malformed> {
    let parts = words(&message.parts, path, losses)?;
    if parts.is_empty() && !message.parts.is_empty() {
        return Ok(());
    }
    let (calls, other): (Vec<&Part>, Vec<&Part>) =
        parts.into_iter().partition(|part| is_call(part));
    let (refusals, other): (Vec<&Part>, Vec<&Part>) = other
        .into_iter()
        .partition(|part| matches!(part.kind, PartKind::Refusal(_)));
    let (thoughts, spoken): (Vec<&Part>, Vec<&Part>) = other
        .into_iter()
        .partition(|part| matches!(part.kind, PartKind::Reasoning(_)));
    list.object(|o| {
        o.value("role", "assistant");
        match (spoken.is_empty(), calls.is_empty() && refusals.is_empty()) {
            (true, true) => o.value("content", ""),
            (true, false) => o.value("content", &Json::null()),
            (false, _) => content(o, &spoken),
        }
        reasoning::write(o, &thoughts);
        if !refusals.is_empty() {
            let text: String = refusals.iter().filter_map(|part| refusal(part)).collect();
            o.value("refusal", &text);
        }
        if !calls.is_empty() {
            o.list("tool_calls", |list| {
                for part in calls {
                    write_call(list, part);
                }
            });
        }
        o.some("name", message.name.as_ref());
        o.extra(&message.extra, ID);
    });
    Ok(())
}

fn refusal(part: &Part) -> Option<&str> {
    match &part.kind {
        PartKind::Refusal(text) => Some(text),
        _ => None,
    }
}

/// Whether a part stands in `tool_calls`. A call of a kind that only this dialect knows has an id, unlike a content part.
pub(in super::super) fn is_call(part: &Part) -> bool {
    match &part.kind {
        PartKind::ToolCall(_) => true,
        PartKind::Opaque(ID, raw) => crate::dialect::fields::Fields::body(raw.get().as_bytes())
            .is_ok_and(|fields| fields.has("id")),
        _ => false,
    }
}

/// Writes an element of `tool_calls`, in requests and in whole answers.
pub(in super::super) fn write_call(list: &mut List<'_>, part: &Part) {
    match &part.kind {
        PartKind::ToolCall(ToolCall {
            id,
            name,
            arguments,
            kind: CallKind::Freeform,
        }) => list.object(|o| {
            o.value("id", id);
            o.value("type", "custom");
            o.object("custom", |o| {
                o.value("name", name);
                o.value("input", arguments);
                o.extra_under(&part.extra, ID, "custom.");
            });
            o.extra(&part.extra, ID);
        }),
        PartKind::ToolCall(ToolCall {
            id,
            name,
            arguments,
            kind: CallKind::Function,
        }) => list.object(|o| {
            o.value("id", id);
            o.value("type", "function");
            o.object("function", |o| {
                o.value("name", name);
                let arguments = if arguments.is_empty() {
                    "{}"
                } else {
                    arguments
                };
                o.value("arguments", arguments);
                o.extra_under(&part.extra, ID, "function.");
            });
            o.extra(&part.extra, ID);
        }),
        PartKind::Opaque(_, raw) => list.value(raw),
        _ => {}
    }
}
