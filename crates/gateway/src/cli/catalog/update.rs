//! `tollgate catalog update` and `rollback`: an operator's newer catalogue in the data folder.

use super::sources;
use crate::assemble::shelf;
use crate::cli::{DataFolder, out};
use clap::Args;
use listing::import::{self, Prior, Rules, Sources};
use std::process::ExitCode;

/// Take a newer public price list.
#[derive(Debug, Args)]
pub(super) struct Update {
    /// The JSON of models.dev or LiteLLM's price file: a file, or the address that you want it fetched from.
    #[arg(long, value_name = "URL|FILE", required = true)]
    from: Vec<String>,
    /// Change the catalogue; without it, only what would change is shown.
    #[arg(long)]
    apply: bool,
    #[command(flatten)]
    data: DataFolder,
}

/// Go back to the catalogue before the last update.
#[derive(Debug, Args)]
pub(super) struct Rollback {
    #[command(flatten)]
    data: DataFolder,
}

pub(super) async fn run(update: Update) -> anyhow::Result<ExitCode> {
    let before = shelf::listing(&update.data.path)?;
    let rules = Rules::read(shelf::RULES)?;
    let mut lists = Vec::new();
    for from in &update.from {
        lists.push(sources::fetched(from).await?);
    }
    let date = jiff::Zoned::now().date().to_string();
    let (after, report) = import::build(&Sources {
        base: &before,
        prior: Prior::Yields,
        rules: &rules,
        lists: lists
            .iter()
            .map(|(list, text)| (*list, text.as_str()))
            .collect(),
        date: &date,
    })?;
    domain::catalog::Catalog::of(&after)?;
    let diff = listing::Diff::between(&before, &after);
    out::text(&format!("{diff}{report}"))?;
    if !update.apply {
        out::text("Nothing was changed; --apply changes it.\n")?;
    } else if diff.is_empty() {
        out::text("The catalogue is up to date.\n")?;
    } else {
        shelf::replace(&update.data.path, &after)?;
        out::text(
            "Changed. A running server takes it at its next start; `tollgate catalog rollback` goes back.\n",
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn back(rollback: &Rollback) -> anyhow::Result<ExitCode> {
    let now = shelf::roll_back(&rollback.data.path)?;
    out::text(&format!(
        "Now holds {now}. A running server takes it at its next start.\n"
    ))?;
    Ok(ExitCode::SUCCESS)
}
