//! Reasoning in messages. OpenAI's own chat never shows any; providers of its shape write `reasoning_content`
//! (DeepSeek, vLLM, SGLang, Moonshot) or `reasoning` (OpenRouter, Groq, newer vLLM), and OpenRouter adds
//! `reasoning_details`, the only place where signatures and encrypted reasoning fit:
//! <https://openrouter.ai/docs/use-cases/reasoning-tokens>. We read all three and write `reasoning_content`, and
//! `reasoning_details` where there is a signature or something encrypted.

use super::ID;
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::write::{List, Object};
use crate::ir::{Malformed, Part, PartKind, Reasoning};
use serde_json::value::RawValue;

/// The extra of a part that keeps its entry in `reasoning_details` as it was written.
const DETAILS: &str = "reasoning_details";

/// Takes the reasoning out of a message. The details win over the plain text, which repeats them.
pub(super) fn take(message: &mut Fields<'_, '_>) -> Result<Vec<Part>, Malformed> {
    let mut text = message.string("reasoning_content")?;
    if let Some(other) = message.string("reasoning")? {
        text = text.or(Some(other));
    }
    let at = message.at();
    let mut parts = Vec::new();
    for (n, raw) in message
        .list(DETAILS)?
        .unwrap_or_default()
        .into_iter()
        .enumerate()
    {
        parts.push(detail(raw, at.key(DETAILS).index(n))?);
    }
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

/// Reads one entry of `reasoning_details`: `reasoning.text`, `reasoning.summary` or `reasoning.encrypted`.
pub(super) fn detail(raw: &RawValue, at: Path<'_>) -> Result<Part, Malformed> {
    let mut fields = Fields::of(raw, at)?;
    let text = match fields.string("text")? {
        Some(text) => Some(text),
        None => fields.string("summary")?,
    };
    let mut part = Part::new(PartKind::Reasoning(Reasoning {
        text: text.unwrap_or_default(),
        signature: fields.string("signature")?.filter(|s| !s.is_empty()),
        encrypted: fields.string("data")?.filter(|s| !s.is_empty()),
    }));
    part.extra.push(ID, DETAILS, fields::json(raw));
    Ok(part)
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
            for (n, (part, r)) in reasonings().filter(|(part, r)| proven(part, r)).enumerate() {
                match part.extra.of(ID).find(|(key, _)| *key == DETAILS) {
                    Some((_, raw)) => list.value(raw),
                    None => write_detail(list, n, r),
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
            entry.value("data", data);
        } else {
            entry.value("type", "reasoning.text");
            if !reasoning.text.is_empty() {
                entry.value("text", &reasoning.text);
            }
            entry.some("signature", reasoning.signature.as_ref());
        }
        entry.value("index", &index);
    });
}
