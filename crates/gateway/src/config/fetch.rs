//! The section `[fetch]`: whether files that requests name by URL are fetched, from where, and how much of them.

use super::ConfigError;
use super::file::{positive, size};
use super::text::Source;
use serde::Deserialize;
use std::time::Duration;
use toml::Spanned;
use upstream::{FetchLimits, Guard};

/// As written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct FetchSection {
    enabled: Option<bool>,
    allow: Vec<Spanned<String>>,
    ports: Vec<Spanned<u16>>,
    max_bytes: Option<Spanned<u64>>,
    max_request_bytes: Option<Spanned<u64>>,
    timeout_seconds: Option<Spanned<u64>>,
}

/// How files that requests name by URL are fetched.
#[derive(Debug)]
pub(crate) struct FetchSettings {
    /// Limits and network rules; `None`: nothing is fetched.
    pub(crate) rules: Option<(FetchLimits, Guard)>,
    /// Bytes of all files of one request together.
    pub(crate) max_request_bytes: usize,
}

/// A request waits for its files, and no client waits longer than this.
const LONGEST_TIMEOUT_SECONDS: u64 = 600;

pub(super) fn read(
    source: Source<'_>,
    section: &FetchSection,
) -> Result<FetchSettings, ConfigError> {
    let mut guard = Guard::default();
    for entry in &section.allow {
        guard = guard
            .and_allow(entry.get_ref())
            .map_err(|error| source.wrong(entry.span(), format!("allow: {error}")))?;
    }
    for port in &section.ports {
        if *port.get_ref() == 0 {
            return Err(source.wrong(port.span(), "ports: must be from 1 to 65535"));
        }
        guard = guard.and_ports(&[*port.get_ref()]);
    }
    let limits = FetchLimits {
        max_bytes: size(positive(source, &section.max_bytes, 20 * 1024 * 1024)?),
        total: timeout(source, &section.timeout_seconds)?,
        ..FetchLimits::default()
    };
    let max_request_bytes = positive(source, &section.max_request_bytes, 50 * 1024 * 1024)?;
    Ok(FetchSettings {
        rules: section.enabled.unwrap_or(true).then_some((limits, guard)),
        max_request_bytes: size(max_request_bytes),
    })
}

fn timeout(source: Source<'_>, field: &Option<Spanned<u64>>) -> Result<Duration, ConfigError> {
    let seconds = positive(source, field, 30)?;
    match field {
        Some(value) if seconds > LONGEST_TIMEOUT_SECONDS => Err(source.wrong(
            value.span(),
            format!("must be {LONGEST_TIMEOUT_SECONDS} or less"),
        )),
        Some(_) | None => Ok(Duration::from_secs(seconds)),
    }
}
