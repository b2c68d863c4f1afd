//! `tollgate openapi`.

use super::out;
use crate::admin_api;
use std::process::ExitCode;

/// Prints the admin API's description.
pub(super) fn run() -> anyhow::Result<ExitCode> {
    let mut text = serde_json::to_string_pretty(&admin_api::described())?;
    text.push('\n');
    out::text(&text)?;
    Ok(ExitCode::SUCCESS)
}
