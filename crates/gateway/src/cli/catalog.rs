//! `tollgate catalog`: what the catalogue holds; renewing it, for maintainers (`build`) and operators (`update`,
//! `rollback`).

mod build;
mod sources;
mod standing;
mod summary;
mod update;

use super::DataFolder;
use clap::{Args, Subcommand};
use std::process::ExitCode;

/// Show what the catalogue holds, or renew it.
#[derive(Debug, Args)]
pub(super) struct Catalog {
    /// One JSON object; one a line with --unpriced.
    #[arg(long)]
    json: bool,
    /// Name the chat offerings without a price, and why each has none.
    #[arg(long)]
    unpriced: bool,
    #[command(flatten)]
    data: DataFolder,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Take a newer public price list: shows what would change, and changes it with --apply.
    Update(update::Update),
    /// Go back to the catalogue before the last update, or to the one that ships.
    Rollback(update::Rollback),
    /// Make the files that ship from public lists (for maintainers).
    Build(build::Build),
}

pub(super) async fn run(catalog: Catalog) -> anyhow::Result<ExitCode> {
    match catalog.command {
        None if catalog.unpriced => summary::unpriced(&catalog.data.path, catalog.json),
        None => summary::run(&catalog.data.path, catalog.json),
        Some(Command::Update(update)) => update::run(update).await,
        Some(Command::Rollback(rollback)) => update::back(&rollback),
        Some(Command::Build(build)) => build::run(&build),
    }
}
