//! `tollgate catalog update` and `rollback`: an operator's newer catalogue in the data folder.

use super::sources;
use super::standing::named;
use crate::assemble::{Ground, shelf};
use crate::cli::{DataFolder, out};
use crate::clock;
use crate::config;
use crate::view::timestamp;
use anyhow::bail;
use clap::{Args, ValueEnum};
use domain::catalog::Catalog;
use listing::Diff;
use listing::import::{self, Expected, Missing, Prices, Prior, Renewal, Report, Rules, Sources};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
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
    /// The configuration file to hold against the new catalogue; ./tollgate.toml where none is named and it exists.
    #[arg(long, value_name = "FILE", env = "TOLLGATE_CONFIG")]
    config: Option<PathBuf>,
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

/// Where to go back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Target {
    /// The catalogue before the last update: an earlier update's, or else the one that ships.
    Previous,
    /// The one that ships with the program.
    Shipped,
}

/// Go back to the catalogue before the last update, or to the one that ships.
#[derive(Debug, Args)]
pub(super) struct Rollback {
    /// Which catalogue to go back to.
    #[arg(long, value_name = "WHICH", default_value = "previous")]
    to: Target,
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
    let doubts = doubts(Catalog::of(&after)?, update.config.as_deref());
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
        let made = shelf::Update {
            updated_at: Some(timestamp(clock::now_ms())),
            from: update
                .from
                .iter()
                .map(|from| without_secrets(from))
                .collect(),
        };
        shelf::replace(&update.data.path, &after, &made)?;
    }
    let end = match (update.apply, refusal) {
        (false, Some(refusal)) => {
            format!("Nothing was changed, and --apply would be refused: {refusal}\n")
        }
        (false, None) => "Nothing was changed; --apply changes it.\n".to_owned(),
        (true, _) if diff.is_empty() => "The catalogue is up to date.\n".to_owned(),
        (true, _) => "Changed. A running server takes it at its next start; `tollgate catalog rollback` goes back.\n".to_owned(),
    };
    let told = diff.told(&report);
    out::text(&format!("{}{told}{doubts}{end}", read(&report)))?;
    Ok(ExitCode::SUCCESS)
}

/// What of the configuration is probably not meant beside a catalogue, a line for each.
fn doubts(catalog: Catalog, config: Option<&Path>) -> String {
    let variable = |name: &str| std::env::var(name).ok();
    let file = config::file_to_read(config);
    let laid = config::load(file.as_deref(), &variable)
        .map_err(anyhow::Error::from)
        .and_then(|settings| Ground::lay_over(catalog, &settings, &variable));
    match laid {
        Ok(ground) => {
            let lines = ground.doubts.iter();
            lines
                .map(|doubt| format!("probably not meant: {doubt}\n"))
                .collect()
        }
        Err(error) => format!("The configuration cannot be laid over it: {error:#}\n"),
    }
}

/// A source as it is kept beside what was made of it: an address may name a user and carry a token.
fn without_secrets(from: &str) -> String {
    let Some((scheme, rest)) = from.split_once("://") else {
        return from.to_owned();
    };
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.rsplit('@').next().unwrap_or(host);
    format!("{scheme}://{host}{path}")
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
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{list}: {lines} lines{}", unknown(report, list));
    }
    if !report.unread.is_empty() {
        let _ = writeln!(
            text,
            "cannot be read, so that no price of its entry is taken: {}",
            report.unread.len()
        );
        for one in &report.unread {
            let _ = writeln!(text, "  {one}");
        }
    }
    let _ = writeln!(
        text,
        "prices not taken, as too far from what others ask: {}",
        report.far.len()
    );
    for one in &report.far {
        let _ = writeln!(text, "  {one}");
    }
    for one in &report.large {
        let _ = writeln!(text, "context not believed: {one}");
    }
    text
}

/// So many providers are named that nobody here knows.
const FEW_UNKNOWN: usize = 5;

/// What a list has of providers that are not known here: how many, and those with most.
fn unknown(report: &Report, list: &str) -> String {
    let of_list = report.not_imported.iter().filter(|(of, ..)| *of == list);
    let mut unknown: Vec<(&str, usize)> = of_list
        .map(|(_, id, lines)| (id.as_str(), *lines))
        .collect();
    if unknown.is_empty() {
        return String::new();
    }
    unknown.sort_by_key(|(id, lines)| (std::cmp::Reverse(*lines), *id));
    let lines: usize = unknown.iter().map(|(_, lines)| lines).sum();
    let few = unknown.iter().take(FEW_UNKNOWN);
    let few: Vec<String> = few.map(|(id, lines)| format!("{id} {lines}")).collect();
    let more = match unknown.len().saturating_sub(FEW_UNKNOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        ", and {lines} of {} providers that are not known here: {}{more}",
        unknown.len(),
        few.join(", ")
    )
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
    let data_dir = &rollback.data.path;
    match rollback.to {
        Target::Previous => shelf::roll_back(data_dir)?,
        Target::Shipped => shelf::reset(data_dir)?,
    }
    let (now, offerings) = (
        named(&shelf::standing(data_dir)?.in_force),
        shelf::listing(data_dir)?.offerings(),
    );
    out::text(&format!(
        "In force: {now}, with {offerings} offerings. A running server takes it at its next start.\n"
    ))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_providers_are_counted_and_the_largest_named() {
        let mut report = Report::default();
        let check = |report: &Report, expect: &str| assert_eq!(unknown(report, "litellm"), expect);
        check(&report, "");
        report.not_imported = ["a", "b", "c", "d", "e", "f", "g"]
            .into_iter()
            .zip([3, 9, 1, 1, 1, 1, 1])
            .map(|(id, lines)| ("litellm", id.to_owned(), lines))
            .collect();
        report.not_imported.push(("models.dev", "z".to_owned(), 99));
        check(
            &report,
            ", and 17 of 7 providers that are not known here: b 9, a 3, c 1, d 1, e 1 and 2 more",
        );
    }

    #[test]
    fn secrets_of_an_address_are_not_kept() {
        for (from, expect) in [
            ("lists/prices.json", "lists/prices.json"),
            (
                "https://me:secret@lists.example:8443/a@b/prices.json?token=secret#x",
                "https://lists.example:8443/a@b/prices.json",
            ),
            ("http://lists.example", "http://lists.example"),
        ] {
            assert_eq!(without_secrets(from), expect);
        }
    }

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

    /// An own price that the new list contradicts was told by the next start alone, which it stopped.
    #[test]
    fn an_update_tells_what_it_makes_doubtful_of_the_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tollgate.toml");
        let text = "[providers.openai]\nmodels = [{id = \"gpt-4o-mini\", input = \"0.01\"}]\n";
        std::fs::write(&file, text).unwrap();
        let told = doubts(shelf::catalog(folder.path()).unwrap(), Some(&file));
        let place = format!(
            "probably not meant: {}:2:11: providers.openai.models[0]",
            file.display()
        );
        assert!(told.starts_with(&place), "{told}");
        std::fs::write(&file, "[providers.openai]\nmodels = []\n").unwrap();
        let told = doubts(shelf::catalog(folder.path()).unwrap(), Some(&file));
        assert_eq!(told, "");
    }
}
