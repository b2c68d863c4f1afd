//! `tollgate usage`.

use super::backend::{Backend, with_query};
use super::table::{Align, table};
use super::{DataFolder, out};
use crate::admin_api::keys::KeyView;
use crate::admin_api::projects::ProjectView;
use crate::admin_api::usage::UsageQuery;
use crate::view::UsageView;
use anyhow::Context;
use clap::{Args, ValueEnum};
use domain::money::Money;
use serde_json::Value;
use std::collections::HashMap;
use std::process::ExitCode;

/// Sum requests, tokens and cost.
#[derive(Debug, Args)]
pub(super) struct Usage {
    /// What to sum by.
    #[arg(long, value_enum, default_value = "model")]
    by: By,
    /// Only what began at or after this moment (RFC 3339) or day in UTC.
    #[arg(long, value_name = "MOMENT")]
    since: Option<String>,
    /// Only what began before this moment (RFC 3339) or day in UTC.
    #[arg(long, value_name = "MOMENT")]
    until: Option<String>,
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
    let backend = Backend::find_data(&usage.data.path).await?;
    let query = UsageQuery {
        by: by.to_owned(),
        since: usage.since.clone(),
        until: usage.until.clone(),
    };
    let path = with_query("/admin/v1/usage", &query)?;
    let rows: Vec<Value> = backend.get(&path).await?;
    let names = names(&backend, usage.by).await?;
    backend.close().await?;
    let rows: Option<Vec<UsageView>> = rows.iter().map(|row| UsageView::read(by, row)).collect();
    let rows = rows.context("the server's answer is not what this version expects")?;
    if usage.json {
        out::json_line(&rows)?;
    } else if rows.is_empty() {
        out::text(if usage.since.is_some() || usage.until.is_some() {
            "No requests in that time.\n"
        } else {
            "No requests yet.\n"
        })?;
    } else {
        out::text(&listing(usage.by, &rows, &names)?)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What people call that of which usage has only ids.
async fn names(backend: &Backend, by: By) -> anyhow::Result<HashMap<String, String>> {
    Ok(match by {
        By::Key => {
            let keys: Vec<KeyView> = backend.get("/admin/v1/keys").await?;
            keys.into_iter().map(|key| (key.id, key.name)).collect()
        }
        By::Project => {
            let projects: Vec<ProjectView> = backend.get("/admin/v1/projects").await?;
            projects.into_iter().map(|one| (one.id, one.name)).collect()
        }
        By::Model | By::Provider | By::Day => HashMap::new(),
    })
}

fn listing(by: By, rows: &[UsageView], names: &HashMap<String, String>) -> anyhow::Result<String> {
    let mut cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let counts = row.usage;
            let mut cells = labels(by, &row.value, names);
            cells.extend(
                [
                    row.requests,
                    counts.input,
                    counts.cache_read,
                    counts.cache_write,
                    counts.output,
                ]
                .map(|count| count.to_string()),
            );
            cells.push(cost(row));
            cells
        })
        .collect();
    if rows.len() > 1 {
        cells.push(total(by, rows)?);
    }
    let some_unpriced = rows.iter().any(|row| row.unpriced > 0);
    let left = |title| (title, Align::Left);
    let right = |title| (title, Align::Right);
    let mut head = match by {
        By::Model => vec![left("Model")],
        By::Key => vec![left("Key"), left("Id")],
        By::Project => vec![left("Project"), left("Id")],
        By::Provider => vec![left("Provider")],
        By::Day => vec![left("Day (UTC)")],
    };
    head.extend([
        right("Requests"),
        right("Input"),
        right("Cache read"),
        right("Cache write"),
        right("Output"),
        ("USD", Align::Point),
    ]);
    if some_unpriced {
        head.push(right("Unpriced"));
        let all = rows.iter().map(|row| row.unpriced);
        let counts = all.clone().chain([all.sum()]);
        for (row, count) in cells.iter_mut().zip(counts) {
            row.push(count.to_string());
        }
    }
    Ok(table(&head, &cells))
}

/// What is unpriced is not free.
fn cost(row: &UsageView) -> String {
    if row.unpriced > 0 && row.unpriced == row.requests {
        return "unpriced".to_owned();
    }
    row.cost_usd.clone()
}

/// The first cells of a row. A request that was refused early has no model or provider.
fn labels(by: By, value: &str, names: &HashMap<String, String>) -> Vec<String> {
    let or_dash = |text: &str| if text.is_empty() { "-" } else { text }.to_owned();
    match by {
        By::Key | By::Project => {
            let name = names.get(value).map_or("", String::as_str);
            vec![or_dash(name), value.to_owned()]
        }
        By::Model | By::Provider | By::Day => vec![or_dash(value)],
    }
}

fn total(by: By, rows: &[UsageView]) -> anyhow::Result<Vec<String>> {
    let sum = |count: fn(&UsageView) -> u64| rows.iter().map(count).sum::<u64>().to_string();
    let costs: Result<Vec<Money>, _> = rows.iter().map(|row| row.cost_usd.parse()).collect();
    let cost: Money = costs
        .context("the server's answer has a cost that is no number")?
        .into_iter()
        .sum();
    let mut cells = match by {
        By::Key | By::Project => vec!["Total".to_owned(), String::new()],
        By::Model | By::Provider | By::Day => vec!["Total".to_owned()],
    };
    cells.extend([
        sum(|row| row.requests),
        sum(|row| row.usage.input),
        sum(|row| row.usage.cache_read),
        sum(|row| row.usage.cache_write),
        sum(|row| row.usage.output),
        cost.to_string(),
    ]);
    Ok(cells)
}
