//! `tollgate usage`.

use super::backend::Backend;
use super::table::{Align, table};
use super::{DataFolder, out};
use crate::view::UsageCounts;
use clap::{Args, ValueEnum};
use serde_json::{Map, Value};
use std::process::ExitCode;

/// Sum requests, tokens and cost.
#[derive(Debug, Args)]
pub(super) struct Usage {
    /// What to sum by.
    #[arg(long, value_enum)]
    by: By,
    /// A JSON array.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    data: DataFolder,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum By {
    Model,
    Key,
    Project,
    Provider,
    Day,
}

impl By {
    fn word(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Key => "key",
            Self::Project => "project",
            Self::Provider => "provider",
            Self::Day => "day",
        }
    }
}

pub(super) async fn run(usage: Usage) -> anyhow::Result<ExitCode> {
    let by = usage.by.word();
    let backend = Backend::find(&usage.data.path).await?;
    let rows: Vec<Map<String, Value>> = backend.get(&format!("/admin/v1/usage?by={by}")).await?;
    backend.close().await?;
    if usage.json {
        out::json_line(&rows)?;
    } else if rows.is_empty() {
        out::text("No requests yet.\n")?;
    } else {
        out::text(&listing(by, &rows))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn listing(by: &str, rows: &[Map<String, Value>]) -> String {
    let text = |row: &Map<String, Value>, name: &str| {
        row.get(name)
            .map(|value| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            })
            .unwrap_or_default()
    };
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let usage: UsageCounts = row
                .get("usage")
                .cloned()
                .and_then(|usage| serde_json::from_value(usage).ok())
                .unwrap_or_default();
            vec![
                text(row, by),
                text(row, "requests"),
                usage.input.to_string(),
                usage.cache_read.to_string(),
                usage.cache_write.to_string(),
                usage.output.to_string(),
                text(row, "cost_usd"),
            ]
        })
        .collect();
    let title = match by {
        "model" => "Model",
        "key" => "Key",
        "project" => "Project",
        "provider" => "Provider",
        _ => "Day",
    };
    let right = |title| (title, Align::Right);
    let head = [
        (title, Align::Left),
        right("Requests"),
        right("Input"),
        right("Cache read"),
        right("Cache write"),
        right("Output"),
        right("USD"),
    ];
    table(&head, &rows)
}
