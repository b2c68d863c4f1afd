//! `tollgate price`: what some usage costs, as a record would have it.

use super::backend::Backend;
use super::table::{Align, table};
use super::{DataFolder, out};
use crate::assemble::Ground;
use crate::quote::{Case, Counts, Quote};
use crate::{clock, config};
use anyhow::{Context, bail};
use clap::Args;
use domain::catalog::Catalog;
use serde_json::json;
use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::ExitCode;

/// Price some usage, as a record would have it.
#[derive(Debug, Args)]
pub(super) struct Price {
    /// The model, by any of its names.
    #[arg(required_unless_present = "batch")]
    model: Option<String>,
    /// Only at this provider; every one that serves the model where none is named.
    #[arg(long)]
    provider: Option<String>,
    /// What was used: a JSON object of counts (input, cache_read, cache_write, cache_write_1h, output, reasoning,
    /// audio_input, audio_output, image_input, image_output, web_searches).
    #[arg(long, value_name = "JSON", required_unless_present = "batch", value_parser = counts)]
    usage: Option<Counts>,
    /// When the request began: a moment (RFC 3339) or a day in UTC; now where it is not said.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The service tier that the provider served: standard, flex, priority, batch.
    #[arg(long)]
    tier: Option<String>,
    /// One JSON object.
    #[arg(long)]
    json: bool,
    /// Many at once: a file, or - for standard input, with a JSON object on each line (model, and where wanted provider,
    /// usage, at, tier). Each is answered by one line of JSON, what cannot be priced by {"error": …, "line": N} and
    /// status 1.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["model", "provider", "usage", "at", "tier", "json"])]
    batch: Option<String>,
    #[command(flatten)]
    data: DataFolder,
}

fn counts(json: &str) -> Result<Counts, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

pub(super) async fn run(price: Price) -> anyhow::Result<ExitCode> {
    let prices = Prices::find(&price.data.path).await?;
    let done = match price.batch.as_deref() {
        Some(from) => batch(&prices, from).await,
        None => one(&prices, &price).await,
    };
    prices.close().await?;
    done
}

/// Where prices are looked up.
enum Prices {
    /// In what a server serves by, or would.
    Served(Backend),
    /// There is no data folder: in the catalogue, with what `tollgate.toml` lays over it.
    Plain(Box<Catalog>),
}

impl Prices {
    async fn find(data_dir: &Path) -> anyhow::Result<Self> {
        if !matches!(data_dir.join("settings.db").try_exists(), Ok(false)) {
            return Ok(Self::Served(Backend::find_data(data_dir).await?));
        }
        let variable = |name: &str| std::env::var(name).ok();
        let settings = config::load(config::file_to_read(None).as_deref(), &variable)?;
        let ground = Ground::lay(&settings, data_dir, &variable)?;
        Ok(Self::Plain(Box::new(ground.catalog().clone())))
    }

    async fn quote(&self, case: &Case) -> anyhow::Result<Quote> {
        match self {
            Self::Served(backend) => backend.post("/admin/v1/price", case).await,
            Self::Plain(catalog) => Ok(case.quote(catalog, clock::now_ms())?),
        }
    }

    async fn close(self) -> anyhow::Result<()> {
        match self {
            Self::Served(backend) => backend.close().await,
            Self::Plain(_) => Ok(()),
        }
    }
}

async fn one(prices: &Prices, price: &Price) -> anyhow::Result<ExitCode> {
    let (Some(model), Some(usage)) = (price.model.clone(), price.usage) else {
        bail!("name a model, and say its usage");
    };
    let case = Case {
        model,
        provider: price.provider.clone(),
        usage,
        at: price.at.clone(),
        tier: price.tier.clone(),
    };
    let quote = prices.quote(&case).await?;
    if price.json {
        out::json_line(&quote)?;
    } else {
        out::text(&shown(&quote))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn batch(prices: &Prices, from: &str) -> anyhow::Result<ExitCode> {
    let lines: Box<dyn BufRead> = if from == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        let file = std::fs::File::open(from).with_context(|| format!("cannot read {from}"))?;
        Box::new(BufReader::new(file))
    };
    let mut code = ExitCode::SUCCESS;
    for (line, number) in lines.lines().zip(1_u64..) {
        let line = line.with_context(|| format!("cannot read {from}"))?;
        if line.trim().is_empty() {
            continue;
        }
        let quote = match serde_json::from_str::<Case>(&line) {
            Ok(case) => (prices.quote(&case).await)
                .map_err(|error| format!("line {number}: {}", out::told(&error))),
            Err(error) => Err(in_line(number, &error)),
        };
        match quote {
            Ok(quote) => out::json_line(&quote)?,
            Err(error) => {
                code = ExitCode::FAILURE;
                out::json_line(&json!({ "error": error, "line": number }))?;
            }
        }
    }
    Ok(code)
}

/// What is wrong in a line of the file: the parser, which sees that line alone, takes it for the first.
fn in_line(number: u64, error: &serde_json::Error) -> String {
    let (told, column) = (error.to_string(), error.column());
    let place = format!(" at line {} column {column}", error.line());
    let told = told.strip_suffix(&place).unwrap_or(&told);
    format!("line {number}, column {column}: {told}")
}

/// The components that anything is paid for, as columns.
fn shown(quote: &Quote) -> String {
    let mut text = String::new();
    let counts = quote.usage.named().filter(|(_, count)| *count > 0);
    let counts: Vec<String> = counts
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    // Writing to a string cannot fail.
    let whom = match &quote.only_provider {
        Some(provider) => format!("at {provider} only"),
        None => "at every provider".to_owned(),
    };
    let _ = writeln!(text, "{} {whom}: {}", quote.model, counts.join(", "));
    let _ = writeln!(text, "at {}, tier {}; USD\n", quote.at, quote.tier);
    let parts: Vec<&'static str> = domain::pricing::Breakdown::default()
        .parts()
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| {
            let mut bills = quote
                .offerings
                .iter()
                .filter_map(|one| one.breakdown.as_ref());
            bills.any(|bill| bill.get(name).is_some())
        })
        .collect();
    let mut head = vec![
        ("Provider", Align::Left),
        ("Model there", Align::Left),
        ("Total", Align::Point),
    ];
    head.extend(parts.iter().map(|name| (*name, Align::Point)));
    let rows: Vec<Vec<String>> = quote
        .offerings
        .iter()
        .map(|one| {
            let total = one
                .cost_usd
                .clone()
                .unwrap_or_else(|| "unpriced".to_owned());
            let mut row = vec![one.provider.clone(), one.wire_id.clone(), total];
            let part = |name: &&str| one.breakdown.as_ref()?.get(name).map(str::to_owned);
            row.extend(parts.iter().map(|name| part(name).unwrap_or_default()));
            row
        })
        .collect();
    text.push_str(&table(&head, &rows));
    for one in &quote.offerings {
        if let Some(why) = &one.unpriced {
            let _ = writeln!(text, "\nunpriced at {}: {why}", one.provider);
        }
        if !one.not_counted.is_empty() {
            let pieces = one.not_counted.join(", ");
            let _ = writeln!(
                text,
                "\n{} also charges by {pieces}: not counted here",
                one.provider
            );
        }
    }
    text
}
