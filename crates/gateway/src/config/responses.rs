//! The section `[responses]`: whether responses are kept for clients to go on from, how large, and for how long.

use super::ConfigError;
use super::file::{positive, size};
use super::text::Source;
use serde::Deserialize;
use std::time::Duration;
use toml::Spanned;

/// As written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ResponsesSection {
    store: Option<bool>,
    retention_days: Option<Spanned<u64>>,
    max_bytes: Option<Spanned<u64>>,
}

/// How responses are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ResponsesSettings {
    /// Whether any is kept; those that are kept already stay until they are too old.
    pub(crate) store: bool,
    /// What is older is deleted.
    pub(crate) retention: Duration,
    /// Bytes of one response with the input of its request.
    pub(crate) max_bytes: usize,
}

const DAY_SECONDS: u64 = 24 * 60 * 60;
/// A hundred years: more would be a mistake.
const LONGEST_DAYS: u64 = 36_500;

pub(super) fn read(
    source: Source<'_>,
    section: &ResponsesSection,
) -> Result<ResponsesSettings, ConfigError> {
    let days = positive(source, &section.retention_days, 30)?;
    if let Some(field) = &section.retention_days
        && days > LONGEST_DAYS
    {
        return Err(source.wrong(field.span(), format!("must be {LONGEST_DAYS} or less")));
    }
    Ok(ResponsesSettings {
        store: section.store.unwrap_or(true),
        retention: Duration::from_secs(days * DAY_SECONDS),
        max_bytes: size(positive(source, &section.max_bytes, 4 * 1024 * 1024)?),
    })
}
