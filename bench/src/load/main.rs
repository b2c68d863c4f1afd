//! `bench-load`: sends bounded load over keep-alive connections, checks every answer, and prints one JSON report.
//!
//! Here: arguments, the order of things (connect, warm up, settle, measure, settle, report). How requests are spaced
//! is in `drive`, what counts as a right answer in `check`, what the watched processes spend in `watch`.

mod answer;
mod check;
mod connection;
mod drive;
mod request;
mod tally;
mod watch;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use serde::Serialize;

use crate::check::Expect;
use crate::drive::{Fleet, Limit};
use crate::request::{Requests, Shape};
use crate::tally::Summary;
use crate::watch::{Spent, Watched};

/// Bounded load against one server on loopback.
#[derive(Parser)]
struct Arguments {
    /// The server's address.
    #[arg(long)]
    address: SocketAddr,
    /// Path of the requests.
    #[arg(long, default_value = "/v1/chat/completions")]
    path: String,
    /// The model asked for.
    #[arg(long)]
    model: String,
    /// File with one key per line; requests take them in turn. They must be of one length.
    #[arg(long)]
    keys: PathBuf,
    /// Length of a request's body.
    #[arg(long, default_value_t = 650)]
    body_bytes: usize,
    /// Keep-alive connections, each with one request at a time.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Measure this long (after that, requests under way still finish) …
    #[arg(long, required_unless_present = "requests")]
    seconds: Option<f64>,
    /// … or this many requests.
    #[arg(long, conflicts_with = "seconds")]
    requests: Option<u64>,
    /// Unmeasured load before, in the same manner.
    #[arg(long, default_value_t = 0.5)]
    warm_up_seconds: f64,
    /// Requests per second, sent at fixed times whether or not answers came; without it each connection sends its
    /// next request when the last was answered.
    #[arg(long, requires = "seconds")]
    rate: Option<u32>,
    /// Expect a stream with this many content chunks, not a whole answer.
    #[arg(long)]
    chunks: Option<u64>,
    /// The connections' first requests are spread over this many milliseconds.
    #[arg(long, default_value_t = 0)]
    spread_ms: u64,
    /// A process to account for: `name=pid` or `name=pid,pid`.
    #[arg(long)]
    watch: Vec<Watched>,
}

/// What is printed.
#[derive(Serialize)]
struct Report {
    #[serde(rename = "load")]
    summary: Summary,
    /// Of the measured part with its settling, by watched name, plus `load`: this process.
    spent: Vec<Spent>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<ExitCode> {
    let report = tokio::task::LocalSet::new()
        .run_until(run(Arguments::parse()))
        .await?;
    let failed = report.summary.errors > 0;
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, &report)?;
    writeln!(out)?;
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

async fn run(arguments: Arguments) -> anyhow::Result<Report> {
    let keys = std::fs::read_to_string(&arguments.keys)
        .with_context(|| format!("cannot read {}", arguments.keys.display()))?;
    let shape = match arguments.chunks {
        None => Shape::Whole,
        Some(_) => Shape::Stream,
    };
    let expect = match arguments.chunks {
        None => Expect::Whole,
        Some(chunks) => Expect::Stream { chunks },
    };
    let requests = Requests::new(
        &arguments.path,
        &arguments.model,
        shape,
        arguments.body_bytes,
        &keys,
    )?;
    let spread = Duration::from_millis(arguments.spread_ms);
    let mut fleet = Fleet::connect(
        arguments.address,
        arguments.connections,
        requests,
        expect,
        spread,
    )
    .await?;

    let warm_up = Limit::Time(Duration::from_secs_f64(arguments.warm_up_seconds));
    let measured = match (arguments.seconds, arguments.requests) {
        (Some(seconds), _) => Limit::Time(Duration::from_secs_f64(seconds)),
        (None, Some(count)) => Limit::Count(count),
        (None, None) => anyhow::bail!("give --seconds or --requests"),
    };
    if arguments.warm_up_seconds > 0.0 {
        drive(&mut fleet, warm_up, arguments.rate).await?;
    }

    let mut watched = arguments.watch;
    watched.push(Watched::own());
    watch::settle(&watched).await?;
    let before = watch::sample(&watched)?;
    let summary = drive(&mut fleet, measured, arguments.rate).await?;
    watch::settle(&watched).await?;
    let after = watch::sample(&watched)?;
    Ok(Report {
        summary,
        spent: watch::spent(&before, after),
    })
}

async fn drive(fleet: &mut Fleet, limit: Limit, rate: Option<u32>) -> anyhow::Result<Summary> {
    match (rate, limit) {
        (Some(rate), Limit::Time(time)) => drive::at_rate(fleet, rate, time).await,
        (_, limit) => drive::in_turn(fleet, limit).await,
    }
}
