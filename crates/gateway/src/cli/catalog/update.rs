//! `tollgate catalog update` and `rollback`: an operator's newer catalogue in the data folder.

use super::sources;
use crate::assemble::shelf;
use crate::cli::{DataFolder, out};
use anyhow::bail;
use clap::{Args, ValueEnum};
use listing::Diff;
use listing::import::{self, Expected, Missing, Prices, Prior, Renewal, Report, Rules, Sources};
use std::collections::BTreeMap;
use std::fmt::Write;
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
    /// What becomes of offerings that came from such a list and are no longer on it, though it names their provider.
    #[arg(long, value_name = "HOW", default_value = "few")]
    removals: Removals,
    /// Take prices also for offerings whose price came from elsewhere: from another list, or from the provider's page.
    #[arg(long)]
    overrule: bool,
    #[command(flatten)]
    data: DataFolder,
}

/// How much an update may remove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Removals {
    /// They stay.
    None,
    /// They go, unless they are more than a tenth of all that should be on the lists, or more than half of a provider's.
    Few,
    /// They go.
    All,
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
    // Prices begin with a day in UTC.
    let date = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    let date = date.date().to_string();
    let (after, report) = import::build(&Sources {
        base: &before,
        prior: Prior::Yields(update.renewal()),
        rules: &rules,
        lists: lists
            .iter()
            .map(|(list, text)| (*list, text.as_str()))
            .collect(),
        date: &date,
    })?;
    domain::catalog::Catalog::of(&after)?;
    let diff = Diff::between(&before, &after);
    let refusal = match update.removals {
        Removals::Few => too_many(&report.expected),
        Removals::None | Removals::All => None,
    };
    if let (true, Some(refusal)) = (update.apply, &refusal) {
        bail!("nothing was changed: {refusal}");
    }
    // First: whoever reads what is printed may go away, and what was asked for is done all the same.
    if update.apply && !diff.is_empty() {
        shelf::replace(&update.data.path, &after)?;
    }
    let end = match (update.apply, refusal) {
        (false, Some(refusal)) => {
            format!("Nothing was changed, and --apply would be refused: {refusal}\n")
        }
        (false, None) => "Nothing was changed; --apply changes it.\n".to_owned(),
        (true, _) if diff.is_empty() => "The catalogue is up to date.\n".to_owned(),
        (true, _) => "Changed. A running server takes it at its next start; `tollgate catalog rollback` goes back.\n".to_owned(),
    };
    out::text(&format!("{}{}{end}", read(&report), diff.told(&report)))?;
    Ok(ExitCode::SUCCESS)
}

impl Update {
    fn renewal(&self) -> Renewal {
        Renewal {
            missing: match self.removals {
                Removals::None => Missing::Stays,
                Removals::Few | Removals::All => Missing::Goes,
            },
            prices: match self.overrule {
                true => Prices::All,
                false => Prices::OwnOnly,
            },
        }
    }
}

/// What was read, in a line for each list, and what of it nobody believes.
fn read(report: &Report) -> String {
    let mut text = String::new();
    for (list, lines) in &report.lines {
        let of_list = report.not_imported.iter().filter(|(of, ..)| of == list);
        let not_imported: usize = of_list.map(|(_, _, lines)| lines).sum();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{list}: {lines} lines, and {not_imported} of providers that are not known here"
        );
    }
    let _ = writeln!(
        text,
        "not taken, as more than ten times off what others ask: {}",
        report.far.len()
    );
    for one in &report.far {
        let _ = writeln!(text, "  {one}");
    }
    text
}

/// Of all that should be on the lists, more is a list that holds a part, or is broken: one of this many.
const TENTH: usize = 10;
/// Providers with fewer offerings may lose more than half of them: they do.
const FEW_OFFERINGS: usize = 10;

/// Why so many are not removed without being asked for, if they are too many.
fn too_many(expected: &BTreeMap<String, Expected>) -> Option<String> {
    let known: usize = expected.values().map(|one| one.known).sum();
    let missing: usize = expected.values().map(|one| one.missing).sum();
    let halved = |one: &Expected| one.known >= FEW_OFFERINGS && one.missing * 2 > one.known;
    let halved: Vec<String> = expected
        .iter()
        .filter(|(_, one)| halved(one))
        .map(|(id, one)| format!("{} of {} at {id}", one.missing, one.known))
        .collect();
    if missing * TENTH <= known && halved.is_empty() {
        return None;
    }
    let mut all = format!("{missing} of the {known} offerings that should be on the list are not");
    if !halved.is_empty() {
        let _ = write!(all, " ({})", halved.join(", "));
    }
    Some(format!(
        "{all}, and would be removed; --removals none keeps them, --removals all removes them"
    ))
}

pub(super) fn back(rollback: &Rollback) -> anyhow::Result<ExitCode> {
    let now = shelf::roll_back(&rollback.data.path)?;
    out::text(&format!(
        "Now holds {now}. A running server takes it at its next start.\n"
    ))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_may_go_without_being_asked_for() {
        let check = |providers: &[(&str, usize, usize)], expect: Option<&str>| {
            let expected = providers
                .iter()
                .map(|(id, known, missing)| {
                    let (known, missing) = (*known, *missing);
                    ((*id).to_owned(), Expected { known, missing })
                })
                .collect();
            match (too_many(&expected), expect) {
                (None, None) => {}
                (Some(heard), Some(expect)) => assert!(heard.starts_with(expect), "{heard}"),
                (heard, _) => panic!("{providers:?}: {heard:?}"),
            }
        };
        check(&[], None);
        check(&[("a", 100, 10)], None);
        check(
            &[("a", 100, 11)],
            Some(
                "11 of the 100 offerings that should be on the list are not, and would be removed; --removals none",
            ),
        );
        check(&[("a", 1000, 0), ("b", 9, 9)], None);
        check(
            &[("a", 1000, 0), ("b", 10, 6)],
            Some("6 of the 1010 offerings that should be on the list are not (6 of 10 at b), and"),
        );
    }
}
