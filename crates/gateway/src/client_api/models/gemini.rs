//! A model as Gemini's clients read it: <https://ai.google.dev/api/models#Model> (2026-11).

use super::shown::Shown;
use domain::catalog::Capability;
use protocol::dialect::Operation;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry<'a> {
    name: String,
    base_model_id: &'a str,
    version: &'static str,
    display_name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_token_limit: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_token_limit: Option<u64>,
    supported_generation_methods: &'static [&'static str],
    thinking: bool,
}

/// The model.
pub(super) fn entry<'a>(shown: &Shown<'a>) -> Entry<'a> {
    let mut offerings = shown.offerings.iter();
    let chats = offerings.any(|offering| offering.operations.contains(&Operation::Chat));
    let methods: &[&str] = &["generateContent", "streamGenerateContent"];
    Entry {
        name: format!("models/{}", shown.model.id),
        base_model_id: &shown.model.id,
        version: "",
        display_name: &shown.model.name,
        description: &shown.model.facts.description,
        input_token_limit: shown.context(),
        output_token_limit: shown.max_output(),
        supported_generation_methods: if chats { methods } else { &[] },
        thinking: shown.can(Capability::Reasoning),
    }
}
