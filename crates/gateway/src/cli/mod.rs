//! The command line: what can be asked, and which file answers. Commands other than `serve` talk to the running server,
//! or open the data folder themselves where none runs ([`backend`]).

mod backend;
mod catalog;
mod doctor;
mod keys;
mod logs;
mod names;
mod openapi;
mod out;
mod owner;
mod price;
mod serve;
mod table;
mod usage;

pub(crate) use out::paints;

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// One endpoint for every model: a self-hosted LLM gateway.
#[derive(Debug, Parser)]
#[command(
    name = "tollgate",
    version,
    max_term_width = 100,
    propagate_version = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the gateway.
    Serve(serve::Serve),
    /// Make, list and revoke the keys that applications authenticate with.
    Keys(keys::Keys),
    /// Let the owner into the console.
    Owner(owner::Owner),
    /// Show requests, newest last.
    Logs(logs::Logs),
    /// Sum requests, tokens and cost.
    Usage(usage::Usage),
    /// Show what the catalogue holds, or renew it.
    Catalog(catalog::Catalog),
    /// Price some usage, as a record would have it.
    Price(price::Price),
    /// Check the installation and say what to mend.
    Doctor(doctor::Doctor),
    /// Print the description of the admin API (OpenAPI 3.1).
    Openapi,
}

/// Where the data is; every command takes it.
#[derive(Clone, Debug, Args)]
struct DataFolder {
    /// The data folder.
    #[arg(
        long = "data",
        value_name = "DIR",
        default_value = "./data",
        env = "TOLLGATE_DATA"
    )]
    path: PathBuf,
}

/// Reads the command line, does what it says, and prints what went wrong.
pub(crate) fn run() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Serve(serve) => serve::run(serve),
        Command::Keys(keys) => on_a_runtime(keys::run(keys)),
        Command::Owner(owner) => on_a_runtime(owner::run(owner)),
        Command::Logs(logs) => on_a_runtime(logs::run(logs)),
        Command::Usage(usage) => on_a_runtime(usage::run(usage)),
        Command::Catalog(catalog) => on_a_runtime(catalog::run(catalog)),
        Command::Price(price) => on_a_runtime(price::run(price)),
        Command::Doctor(doctor) => on_a_runtime(doctor::run(doctor)),
        Command::Openapi => openapi::run(),
    };
    match done {
        Ok(code) => code,
        Err(error) if out::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            out::error(&error);
            ExitCode::FAILURE
        }
    }
}

fn on_a_runtime(
    command: impl Future<Output = anyhow::Result<ExitCode>>,
) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(command)
}
