//! Reasoning in messages. OpenAI's own chat never shows any; providers of its shape write `reasoning_content`
//! (DeepSeek, vLLM, SGLang, Moonshot) or `reasoning` (OpenRouter, Groq, newer vLLM), and OpenRouter adds
//! `reasoning_details`, the only place where signatures and encrypted reasoning fit:
//! <https://openrouter.ai/docs/use-cases/reasoning-tokens>. We read all three and write `reasoning_content`, and
//! `reasoning_details` where there is a signature or something encrypted. Whose it is stands in `format`, so that it
//! can go back to its origin by way of any client.

use super::ID;
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::write::{List, Object};
use crate::dialect::{self, DialectId};
use crate::ir::{Malformed, Part, PartKind, Reasoning, Sealed};
use serde_json::value::RawValue;

/// The extra of a part that keeps its entry in `reasoning_details` as it was written.
const DETAILS: &str = "reasoning_details";

/// OpenRouter's names of formats, and the dialects that they are of. A dialect without a name here goes by its own.
const FORMATS: &[(&str, &str)] = &[
    ("anthropic-claude-v1", "anthropic"),
    ("openai-responses-v1", "openai_responses"),
    ("google-gemini-v1", "gemini"),
];

/// The dialect that a `format` stands for: this one, where it names no other that is known.
pub(super) fn origin(format: Option<&str>) -> DialectId {
    let known = |format| FORMATS.iter().find(|(word, _)| *word == format);
    let named = format.map(|format| known(format).map_or(format, |(_, name)| name));
    named
        .and_then(dialect::find)
        .map_or(ID, |dialect| dialect.id)
}

/// The `format` that stands for a dialect; none for this one.
fn format(origin: DialectId) -> Option<&'static str> {
    let known = FORMATS.iter().find(|(_, name)| *name == origin.as_str());
    (origin != ID).then(|| known.map_or(origin.as_str(), |(word, _)| word))
}

/// Takes the reasoning out of a message. The details win over the plain text, which repeats them.
pub(super) fn take(message: &mut Fields<'_, '_>) -> Result<Vec<Part>, Malformed> {
    let mut text = message.string("reasoning_content")?;
    if let Some(other) = message.string("reasoning")? {
        text = text.or(Some(other));
    }
    let mut parts = details(message)?;
    if parts.is_empty()
        && let Some(text) = text.filter(|text| !text.is_empty())
    {
        parts.push(Part::new(PartKind::Reasoning(Reasoning {
            text,
            ..Reasoning::default()
        })));
    }
    Ok(parts)
}

/// Reads `reasoning_details`. Clients that stream send back the pieces as they came; those with the same `index` are
/// one part.
fn details(message: &mut Fields<'_, '_>) -> Result<Vec<Part>, Malformed> {
    let at = message.at();
    let at = at.key(DETAILS);
    let mut parts: Vec<Part> = Vec::new();
    let mut open = None;
    let list = message.list(DETAILS)?.unwrap_or_default();
    for (n, raw) in list.into_iter().enumerate() {
        let (piece, index) = detail(raw, at.index(n))?;
        let goes_on = index.is_some() && index == open && piece.encrypted.is_none();
        open = index.filter(|_| piece.encrypted.is_none());
        match parts.last_mut().filter(|_| goes_on) {
            Some(part) => {
                part.extra.push(ID, DETAILS, fields::json(raw));
                if let PartKind::Reasoning(whole) = &mut part.kind {
                    whole.text.push_str(&piece.text);
                    whole.signature = piece.signature.or(whole.signature.take());
                }
            }
            None => {
                let mut part = Part::new(PartKind::Reasoning(piece));
                part.extra.push(ID, DETAILS, fields::json(raw));
                parts.push(part);
            }
        }
    }
    Ok(parts)
}

/// Reads one entry of `reasoning_details` (`reasoning.text`, `reasoning.summary` or `reasoning.encrypted`) and its
/// index.
fn detail(raw: &RawValue, at: Path<'_>) -> Result<(Reasoning, Option<u64>), Malformed> {
    let mut fields = Fields::of(raw, at)?;
    let text = match fields.string("text")? {
        Some(text) => Some(text),
        None => fields.string("summary")?,
    };
    let origin = origin(fields.string("format")?.as_deref());
    let sealed = |value: Option<String>| {
        let value = value.filter(|value| !value.is_empty());
        value.map(|value| Sealed::new(origin, value))
    };
    let piece = Reasoning {
        text: text.unwrap_or_default(),
        signature: sealed(fields.string("signature")?),
        encrypted: sealed(fields.string("data")?),
    };
    Ok((piece, fields.unsigned("index")?))
}

/// Whether a part was an entry of `reasoning_details`.
pub(super) fn is_detail(part: &Part) -> bool {
    part.extra.of(ID).any(|(key, _)| key == DETAILS)
}

/// Writes `reasoning_content` and `reasoning_details`, each where there is something to write.
pub(super) fn write(message: &mut Object<'_>, parts: &[&Part]) {
    let reasonings = || {
        parts.iter().filter_map(|part| match &part.kind {
            PartKind::Reasoning(reasoning) => Some((*part, reasoning)),
            _ => None,
        })
    };
    let text: String = reasonings().map(|(_, r)| r.text.as_str()).collect();
    if !text.is_empty() {
        message.value("reasoning_content", &text);
    }
    let proven = |part: &Part, r: &Reasoning| {
        is_detail(part) || r.signature.is_some() || r.encrypted.is_some()
    };
    if reasonings().any(|(part, r)| proven(part, r)) {
        message.list(DETAILS, |list| {
            // All of them, proven or not: whoever reads the details passes over the plain text.
            for (n, (part, r)) in reasonings().enumerate() {
                if !is_detail(part) {
                    write_detail(list, n, r);
                }
                for (_, raw) in part.extra.of(ID).filter(|(key, _)| *key == DETAILS) {
                    list.value(raw);
                }
            }
        });
    }
}

/// Writes one entry of `reasoning_details`.
pub(super) fn write_detail(list: &mut List<'_>, index: usize, reasoning: &Reasoning) {
    list.object(|entry| {
        if let Some(data) = &reasoning.encrypted {
            entry.value("type", "reasoning.encrypted");
            entry.value("data", &data.value);
        } else {
            entry.value("type", "reasoning.text");
            if !reasoning.text.is_empty() {
                entry.value("text", &reasoning.text);
            }
            entry.some(
                "signature",
                reasoning.signature.as_ref().map(|it| &it.value),
            );
        }
        let sealed = reasoning
            .encrypted
            .as_ref()
            .or(reasoning.signature.as_ref());
        entry.some("format", sealed.and_then(|sealed| format(sealed.origin)));
        entry.value("index", &index);
    });
}
