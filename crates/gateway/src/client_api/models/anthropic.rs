//! A model as Anthropic's clients read it: <https://docs.anthropic.com/en/api/models-list> and the package `anthropic`
//! 2.11.0, `ModelInfo` (2026-11).

use super::shown::{Shown, start_of};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Entry<'a> {
    r#type: &'static str,
    id: &'a str,
    display_name: &'a str,
    /// The epoch, where the day is not known, as the reference has it.
    created_at: String,
    max_input_tokens: Option<u64>,
    max_tokens: Option<u64>,
    lifecycle: &'static str,
    retires_at: Option<String>,
}

/// The words of `lifecycle`. Theirs are ours.
pub(super) const LIFECYCLES: [&str; 3] = ["active", "deprecated", "retired"];

/// The model.
pub(super) fn entry<'a>(shown: &Shown<'a>) -> Entry<'a> {
    Entry {
        r#type: "model",
        id: &shown.model.id,
        display_name: &shown.model.name,
        created_at: moment(shown.released_s()),
        max_input_tokens: shown.context(),
        max_tokens: shown.max_output(),
        lifecycle: shown.lifecycle().as_str(),
        retires_at: shown.ends().map(|date| moment(start_of(date))),
    }
}

/// RFC 3339.
pub(super) fn moment(seconds: i64) -> String {
    let at = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_string()
}
