//! What an answer repeats of the request: instructions, tools, sampling and the rest. An answer of a provider of this
//! dialect says it itself; for any other it is read from the client's own body.
//! <https://platform.openai.com/docs/api-reference/responses/object> (2026-11)

use super::ID;
use super::namespaces::Names;
use crate::dialect::fields::{self, Fields};
use crate::dialect::write::Object;
use crate::ir::{Extra, Json};
use bytes::Bytes;

/// The members that are repeated, with their value where nothing was asked; those without one are then left out.
const ECHOED: &[(&str, Option<&str>)] = &[
    ("background", Some("false")),
    ("conversation", None),
    ("instructions", Some("null")),
    ("max_output_tokens", Some("null")),
    ("max_tool_calls", Some("null")),
    ("metadata", Some("{}")),
    ("parallel_tool_calls", Some("true")),
    ("previous_response_id", Some("null")),
    ("prompt", None),
    ("prompt_cache_key", Some("null")),
    ("prompt_cache_options", None),
    ("prompt_cache_retention", None),
    ("reasoning", Some(r#"{"effort":null,"summary":null}"#)),
    ("safety_identifier", Some("null")),
    ("store", Some("true")),
    ("temperature", Some("1.0")),
    ("text", Some(r#"{"format":{"type":"text"}}"#)),
    ("tool_choice", Some("\"auto\"")),
    ("tools", Some("[]")),
    ("top_logprobs", Some("0")),
    ("top_p", Some("1.0")),
    ("truncation", Some("\"disabled\"")),
    ("user", Some("null")),
];

/// What a provider says of its own work beside the answer, and means nothing elsewhere.
const ASIDES: &[&str] = &[
    "access_programs",
    "billing",
    "completed_at",
    "frequency_penalty",
    "image",
    "input_transformations",
    "presence_penalty",
    "prompt_cache_diagnostics",
    "tool_usage",
];

/// Notes, of an answer, what it repeats and what it says aside.
pub(super) fn note(fields: &mut Fields<'_, '_>, extra: &mut Extra) {
    for name in names() {
        if fields.has(name) {
            if let Some(raw) = fields.take(name) {
                extra.note(ID, name, fields::json(raw));
            }
        } else if fields.take_null(name) {
            extra.note(ID, name, Json::null());
        }
    }
}

/// The members of an answer that are known here.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let echoed = ECHOED.iter().map(|(name, _)| *name);
    echoed.chain(ASIDES.iter().copied())
}

/// What one client asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    members: Vec<(&'static str, Json)>,
    /// How its tools are called.
    pub(super) names: Names,
}

impl Asked {
    /// Reads a client's body. One that cannot be read asked nothing, as far as is to be repeated.
    pub(super) fn read(body: &Bytes) -> Self {
        let Ok(mut fields) = Fields::body(body) else {
            return Self::default();
        };
        let names = Names::of_tools(fields.peek("tools"));
        let members = ECHOED.iter().filter_map(|(name, _)| {
            let asked = fields.take(name)?;
            Some((*name, whole(name, fields::json(asked))))
        });
        Self {
            members: members.collect(),
            names,
        }
    }

    /// Writes what is repeated, and what the provider said aside.
    pub(super) fn write(&self, o: &mut Object<'_>, noted: &Extra) {
        for (name, usual) in ECHOED {
            let asked = self.members.iter().find(|(key, _)| key == name);
            let asked = asked.map(|(_, value)| value);
            match (noted.noted(ID, name).or(asked), usual) {
                (Some(value), _) => o.value(name, value),
                (None, Some(usual)) => o.written(name, usual.as_bytes()),
                (None, None) => {}
            }
        }
        for name in ASIDES {
            o.some(name, noted.noted(ID, name));
        }
    }
}

/// A member as answers repeat it: `text` always has a format.
fn whole(name: &str, asked: Json) -> Json {
    if name != "text" {
        return asked;
    }
    let Ok(text) = Fields::body(asked.get().as_bytes()) else {
        return asked;
    };
    if text.has("format") {
        return asked;
    }
    let rest = asked.get().trim_start_matches('{').trim();
    let comma = if rest == "}" { "" } else { "," };
    Json::parse(format!(r#"{{"format":{{"type":"text"}}{comma}{rest}"#)).unwrap_or(asked)
}
