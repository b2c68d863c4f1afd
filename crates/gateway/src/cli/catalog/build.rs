//! `tollgate catalog build`: from public lists, what is kept by hand, and rules, to the files that ship.

use super::sources::Source;
use crate::cli::out;
use anyhow::Context;
use clap::Args;
use listing::Listing;
use listing::import::{self, Prior, Rules, Sources};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Make the files that ship from public lists.
#[derive(Debug, Args)]
pub(super) struct Build {
    /// A list and the file it is in (`litellm=prices.json`); can be given several times.
    #[arg(long = "source", value_name = "LIST=FILE", required = true)]
    sources: Vec<Source>,
    /// The folder with providers/, hand/, models/ and rules.toml.
    #[arg(long, value_name = "DIR", default_value = "catalog")]
    folder: PathBuf,
    /// The day on which the lists were read; today where not said.
    #[arg(long, value_name = "DATE")]
    date: Option<jiff::civil::Date>,
    /// Write models/; without it, only what would change is shown.
    #[arg(long)]
    apply: bool,
}

pub(super) fn run(build: &Build) -> anyhow::Result<ExitCode> {
    let base = read(&build.folder, "hand")?;
    let before = read(&build.folder, "models")?;
    let rules = build.folder.join("rules.toml");
    let text =
        fs::read_to_string(&rules).with_context(|| format!("cannot read {}", rules.display()))?;
    let rules = Rules::read(&text).with_context(|| format!("{}", rules.display()))?;
    let texts = build
        .sources
        .iter()
        .map(|source| {
            let text = fs::read_to_string(&source.path);
            Ok((
                source.list,
                text.with_context(|| format!("cannot read {}", source.path))?,
            ))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let date = build
        .date
        .unwrap_or_else(|| jiff::Zoned::now().date())
        .to_string();
    let (after, report) = import::build(&Sources {
        base: &base,
        prior: Prior::Stays,
        rules: &rules,
        lists: texts
            .iter()
            .map(|(list, text)| (*list, text.as_str()))
            .collect(),
        date: &date,
    })?;
    domain::catalog::Catalog::of(&after).context("what was made is no catalogue")?;
    // First: whoever reads what is printed may go away.
    if build.apply {
        write(&build.folder.join("models"), &after)?;
    }
    let diff = listing::Diff::between(&before, &after);
    out::text(&format!("{report}{}", diff.told(&report)))?;
    Ok(ExitCode::SUCCESS)
}

/// Providers, and the models in one of the folders.
fn read(folder: &Path, models: &str) -> anyhow::Result<Listing> {
    let mut files = Vec::new();
    for (place, shape) in [("providers", "providers"), (models, "models")] {
        let place = folder.join(place);
        let entries =
            fs::read_dir(&place).with_context(|| format!("cannot read {}", place.display()))?;
        for entry in entries {
            let path = entry?.path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            files.push((format!("{shape}/{name}"), fs::read_to_string(&path)?));
        }
    }
    let texts = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()));
    Ok(Listing::read(texts)?)
}

/// Each file is replaced as a whole; those of authors that are no more are removed.
fn write(folder: &Path, listing: &Listing) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let author = path.file_stem().unwrap_or_default().to_string_lossy();
        if !listing.authors.contains_key(author.as_ref()) {
            fs::remove_file(&path)?;
        }
    }
    for (author, file) in &listing.authors {
        let text = format!(
            "# Made by `tollgate catalog build`: change hand/ or rules.toml and build again.\n\n{}",
            file.to_toml()
        );
        fs::write(folder.join(format!("{author}.toml")), text)?;
    }
    Ok(())
}
