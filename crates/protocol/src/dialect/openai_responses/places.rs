//! Where parts of a conversation stand in a request of this dialect: among its items. What the model made in one turn is
//! one message of the canonical form and several items here, so that each part remembers its own place, and what is lost
//! of it is named by that.

use super::ID;
use crate::dialect::fields::Path;
use crate::ir::{CallKind, Extra, Json, Message, Part, PartKind};
use std::borrow::Cow;

/// The note on a message or part that says where it stands.
const AT: &str = "at";
/// What the members of a message follow that stand with the first of its parts.
const OF_MESSAGE: &str = ".message.";

/// Notes where something stands.
pub(super) fn note(extra: &mut Extra, at: &Path<'_>) {
    extra.note(ID, AT, Json::of(&at.to_string()));
}

/// What a field is called: `rest` follows the canonical path of the part, or of the message where none is named.
pub(super) fn of(message: &Message, part: Option<&Part>, rest: &str) -> Option<String> {
    let Some(part) = part else {
        return Some(format!("{}{rest}", noted(&message.extra)?));
    };
    let at = noted(&part.extra)?;
    if let Some(member) = rest.strip_prefix(OF_MESSAGE) {
        let item = at.split_once(".content").map_or(&*at, |(item, _)| item);
        return Some(format!("{item}.{member}"));
    }
    Some(format!("{at}{}", own_word(&part.kind, rest)))
}

fn noted(extra: &Extra) -> Option<String> {
    extra.noted(ID, AT)?.read().ok()
}

/// The member in this dialect's words. Reasoning that is left out is named by what would have proved it.
fn own_word<'r>(kind: &PartKind, rest: &'r str) -> Cow<'r, str> {
    let renamed = |from: &str, to: &str| {
        let inside = rest.strip_prefix(from)?;
        Some(Cow::Owned(format!("{to}{inside}")))
    };
    let own = match kind {
        PartKind::Reasoning(reasoning) => {
            let is_sealed = reasoning.signature.is_some() || reasoning.encrypted.is_some();
            let member = match is_sealed {
                true => ".encrypted_content",
                false => ".summary",
            };
            rest.is_empty().then_some(Cow::Borrowed(member))
        }
        PartKind::ToolCall(call) if call.kind == CallKind::Function => {
            renamed(".input", ".arguments")
        }
        PartKind::ToolResult(_) => renamed(".content", ".output"),
        PartKind::File(_) => renamed(".name", ".filename"),
        PartKind::Text(_)
        | PartKind::Image(_)
        | PartKind::Audio(_)
        | PartKind::Video(_)
        | PartKind::ToolCall(_)
        | PartKind::Refusal(_)
        | PartKind::Opaque(..) => None,
    };
    own.unwrap_or(Cow::Borrowed(rest))
}
