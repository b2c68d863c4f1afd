//! `tollgate usage`.

use super::backend::Backend;
use super::table::{Align, table};
use super::{DataFolder, out};
use crate::view::UsageView;
use anyhow::Context;
use clap::{Args, ValueEnum};
use serde_json::Value;
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
    let rows: Vec<Value> = backend.get(&format!("/admin/v1/usage?by={by}")).await?;
    backend.close().await?;
    let rows: Option<Vec<UsageView>> = rows.iter().map(|row| UsageView::read(by, row)).collect();
    let rows = rows.context("the server's answer is not what this version expects")?;
    if usage.json {
        out::json_line(&rows)?;
    } else if rows.is_empty() {
        out::text("No requests yet.\n")?;
    } else {
        out::text(&listing(by, &rows))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn listing(by: &str, rows: &[UsageView]) -> String {
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            vec![
                row.value.clone(),
                row.requests.to_string(),
                row.usage.input.to_string(),
                row.usage.cache_read.to_string(),
                row.usage.cache_write.to_string(),
                row.usage.output.to_string(),
                row.cost_usd.clone(),
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
