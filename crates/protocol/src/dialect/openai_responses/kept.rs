//! What a gateway needs that keeps responses for its clients: what a request asks of it, a request that stands by itself
//! although the client's leaned on what is kept, and the answer as the client is to see it. Pure: where things are kept
//! is not for this module to say.
//!
//! <https://platform.openai.com/docs/guides/conversation-state> (2026-11)

mod items;
mod origins;
mod snapshots;

pub use items::{Items, Unjoined, find, output, references};
pub use origins::Origins;
pub use snapshots::{begun, ended};

use super::request;
use crate::dialect::fields::{Fields, Path};
use crate::ir::Malformed;
use crate::splice::Document;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What a request asks of whoever keeps responses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asks {
    /// Whether its own response is to be kept; it is unless the client says otherwise.
    pub store: bool,
    /// The id of the response that it goes on from.
    pub previous: Option<String>,
    /// The id that its own response gets where that of its provider cannot be it, since another one has it.
    pub stand_in: String,
}

/// One earlier turn of a conversation, as it is kept.
#[derive(Clone, Copy, Debug)]
pub struct Turn<'a> {
    /// The items that its request added: a JSON array.
    pub input: &'a str,
    /// Its response: a JSON object.
    pub answer: &'a str,
}

/// Items that a request names instead of repeating them, by their ids: JSON objects.
pub type Referred = BTreeMap<String, String>;

/// Reads what a request asks. `request_id` is ours.
///
/// # Errors
/// When a member has the wrong type, or names a conversation: those are a provider's, and no client owns one here.
pub fn asks(doc: &Document<'_>, request_id: &str) -> Result<Asks, Malformed> {
    if doc.get("conversation").is_some_and(|raw| raw != "null") {
        return Err(Malformed::field(
            "conversation",
            "is not supported: name the last response in `previous_response_id`, or send the conversation in `input`",
        ));
    }
    let previous = doc.string("previous_response_id")?;
    Ok(Asks {
        store: doc.boolean("store")?.unwrap_or(true),
        previous: previous.map(Cow::into_owned),
        stand_in: format!("resp_tg_{}", items::seed(request_id)),
    })
}

/// Puts earlier turns (the oldest first) and items referred to into a request, so that it leans on nothing kept.
///
/// Reasoning that only its provider could go on from (without `encrypted_content`) is left out, as a loss, and so are the
/// ids of messages and calls, which a provider that keeps nothing does not know. Says where each item came from.
///
/// # Errors
/// When what is kept or the request's input is no list of items, an item is referred to that is not given, or the input
/// would have more than `max_bytes`.
pub fn stand_alone(
    doc: &mut Document<'_>,
    turns: &[Turn<'_>],
    referred: &Referred,
    max_bytes: usize,
) -> Result<Origins, Unjoined> {
    let mut all = items::Joined::of(max_bytes);
    for turn in turns {
        items::replay(turn.input, &mut all)?;
        items::replay(&output(turn.answer)?, &mut all)?;
    }
    items::resolve(doc.get("input").unwrap_or("null"), referred, &mut all)?;
    doc.set("input", &all.list());
    doc.remove("previous_response_id");
    Ok(all.into_origins())
}

/// Edits a request for a provider of this dialect, which is to keep nothing. Where the client's own gateway keeps the
/// answer, reasoning is asked for in a form that can be sent back with the next turn; models that do not reason refuse
/// that, so it is asked for only where the client asks for reasoning.
pub fn for_provider(doc: &mut Document<'_>, is_kept: bool) {
    doc.set("store", "false");
    doc.remove("previous_response_id");
    if is_kept
        && reasons(doc)
        && let Some(include) = with_encrypted(doc.get("include"))
    {
        doc.set("include", &include);
    }
}

fn reasons(doc: &Document<'_>) -> bool {
    let effort = || {
        let raw: &RawValue = serde_json::from_str(doc.get("reasoning")?).ok()?;
        let mut fields = Fields::of(raw, Path::ROOT.key("reasoning")).ok()?;
        fields.string("effort").ok()?
    };
    effort().is_some_and(|effort| effort != "none")
}

/// The member `include` with encrypted reasoning in it; `None` where it has it already, or is no list.
fn with_encrypted(include: Option<&str>) -> Option<String> {
    let mut asked: Vec<String> = match include {
        None | Some("null") => Vec::new(),
        Some(raw) => serde_json::from_str(raw).ok()?,
    };
    if asked.iter().any(|one| one == request::ENCRYPTED) {
        return None;
    }
    asked.push(request::ENCRYPTED.to_owned());
    serde_json::to_string(&asked).ok()
}

/// The request as the client is told that it asked: with `store` as it is done.
pub fn asked_with_store(body: &[u8], store: bool) -> Cow<'_, [u8]> {
    with(body, &[("store", store.into())])
}

/// A response as the client is to see it: what it asked to be kept and to go on from, whatever the provider was asked. One
/// that has the id of the response that it goes on from gets another, for else it would go on from itself.
/// Bytes that are no object stay as they are.
pub fn shown<'a>(answer: &'a [u8], asks: &Asks) -> Cow<'a, [u8]> {
    let mut members = vec![("store", asks.store.into())];
    if let Some(previous) = &asks.previous {
        members.push(("previous_response_id", previous.as_str().into()));
        if id(answer).as_ref() == Some(previous) {
            members.push(("id", asks.stand_in.as_str().into()));
        }
    }
    with(answer, &members)
}

/// A response with another id.
pub fn renamed<'a>(answer: &'a [u8], id: &str) -> Cow<'a, [u8]> {
    with(answer, &[("id", id.into())])
}

fn with<'a>(object: &'a [u8], members: &[(&str, serde_json::Value)]) -> Cow<'a, [u8]> {
    let Ok(mut doc) = Document::parse(object) else {
        return Cow::Borrowed(object);
    };
    for (key, value) in members {
        let json = value.to_string();
        if doc.get(key) != Some(&json) {
            doc.set(key, &json);
        }
    }
    doc.apply()
}

/// The id of a response.
pub fn id(answer: &[u8]) -> Option<String> {
    let doc = Document::parse(answer).ok()?;
    let id = doc.string("id").ok()??;
    Some(id.into_owned()).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests;
