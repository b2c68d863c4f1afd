//! `tollgate catalog`: counts, by provider and by capability, and what has no price; `--unpriced` names it.

use super::standing::{Which, told};
use crate::assemble::shelf;
use crate::cli::out;
use crate::cli::table::{Align, table};
use crate::clock;
use domain::catalog::{Capability, Catalog, Lifecycle, Offering};
use protocol::dialect::Operation;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

/// What the catalogue holds.
#[derive(Debug, Serialize)]
struct Summary {
    in_force: Which,
    /// What `tollgate catalog rollback` would bring; null where no update is in force.
    rollback: Option<Which>,
    providers: usize,
    models: usize,
    offerings: usize,
    chat: Counts,
    by_provider: BTreeMap<String, Counts>,
    by_capability: BTreeMap<&'static str, usize>,
    /// By whether they are served, by the day on which they end: `active`, `deprecated`, `retired`.
    by_status: BTreeMap<&'static str, usize>,
    /// Of chat offerings without a price: why.
    unpriced: BTreeMap<String, usize>,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Counts {
    offerings: usize,
    unpriced: usize,
}

impl Counts {
    fn add(&mut self, offering: &Offering) {
        self.offerings += 1;
        self.unpriced += usize::from(offering.price.is_none());
    }
}

/// A chat offering without a price.
#[derive(Debug, Serialize)]
struct Unpriced {
    provider: String,
    /// The provider's own name of the model.
    name: String,
    model: String,
    why: String,
}

/// Names every chat offering that has no price, and says why.
pub(super) fn unpriced(data_dir: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let catalog = shelf::catalog(data_dir)?;
    let unpriced = without_price(&catalog);
    if json {
        for one in &unpriced {
            out::json_line(one)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let head = ["Provider", "Name", "Model", "Why"].map(|title| (title, Align::Left));
    let rows: Vec<Vec<String>> = unpriced
        .into_iter()
        .map(|one| vec![one.provider, one.name, one.model, one.why])
        .collect();
    out::text(&table(&head, &rows))?;
    Ok(ExitCode::SUCCESS)
}

fn without_price(catalog: &Catalog) -> Vec<Unpriced> {
    let mut found: Vec<Unpriced> = catalog
        .offerings()
        .filter(|(_, one)| one.price.is_none() && one.operations.contains(&Operation::Chat))
        .map(|(_, one)| Unpriced {
            provider: catalog.provider(one.provider).id.clone(),
            name: one.wire_id.clone(),
            model: catalog.model(one.model).id.clone(),
            why: one.facts.unpriced.clone(),
        })
        .collect();
    found.sort_by(|a, b| (&a.provider, &a.name).cmp(&(&b.provider, &b.name)));
    found
}

pub(super) fn run(data_dir: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let catalog = shelf::catalog(data_dir)?;
    let standing = shelf::standing(data_dir)?;
    let summary = summed(&catalog, &standing, clock::now_ms());
    if json {
        out::json_line(&summary)?;
    } else {
        out::text(&format!("{}{}", told(&standing), shown(&summary)))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn summed(catalog: &Catalog, standing: &shelf::Standing, now_ms: i64) -> Summary {
    let mut chat = Counts::default();
    let mut by_provider: BTreeMap<String, Counts> = BTreeMap::new();
    let mut by_capability = BTreeMap::new();
    let mut by_status = BTreeMap::from(Lifecycle::ALL.map(|one| (one.as_str(), 0)));
    let mut unpriced: BTreeMap<String, usize> = BTreeMap::new();
    for (_, provider) in catalog.providers() {
        by_provider.entry(provider.id.clone()).or_default();
    }
    for (_, offering) in catalog.offerings() {
        let provider = catalog.provider(offering.provider);
        by_provider
            .entry(provider.id.clone())
            .or_default()
            .add(offering);
        if offering.operations.contains(&Operation::Chat) {
            chat.add(offering);
            if offering.price.is_none() {
                *unpriced.entry(offering.facts.unpriced.clone()).or_default() += 1;
            }
        }
        *by_status
            .entry(offering.lifecycle(now_ms).as_str())
            .or_default() += 1;
        for can in offering.capabilities.iter().flat_map(|all| all.iter()) {
            *by_capability.entry(Capability::as_str(can)).or_default() += 1;
        }
    }
    Summary {
        in_force: Which::from(&standing.in_force),
        rollback: standing.before.as_ref().map(Which::from),
        providers: by_provider.len(),
        models: catalog.models().count(),
        offerings: catalog.offerings().count(),
        chat,
        by_provider,
        by_capability,
        by_status,
        unpriced,
    }
}

fn shown(summary: &Summary) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{} offerings of {} models at {} providers; {} for chat, {} of them unpriced\n",
        summary.offerings,
        summary.models,
        summary.providers,
        summary.chat.offerings,
        summary.chat.unpriced
    );
    let number = |count: usize| count.to_string();
    let rows: Vec<Vec<String>> = summary
        .by_provider
        .iter()
        .map(|(id, counts)| {
            vec![
                id.clone(),
                number(counts.offerings),
                number(counts.unpriced),
            ]
        })
        .collect();
    let head = [
        ("Provider", Align::Left),
        ("Offerings", Align::Right),
        ("Unpriced", Align::Right),
    ];
    text.push_str(&table(&head, &rows));
    let rows = |counts: &mut dyn Iterator<Item = (String, usize)>| {
        counts
            .map(|(word, count)| vec![word, number(count)])
            .collect::<Vec<_>>()
    };
    let can = rows(
        &mut summary
            .by_capability
            .iter()
            .map(|(word, count)| ((*word).to_owned(), *count)),
    );
    text.push('\n');
    text.push_str(&table(
        &[("Capability", Align::Left), ("Offerings", Align::Right)],
        &can,
    ));
    let status = rows(
        &mut summary
            .by_status
            .iter()
            .map(|(word, count)| ((*word).to_owned(), *count)),
    );
    text.push('\n');
    text.push_str(&table(
        &[("Status", Align::Left), ("Offerings", Align::Right)],
        &status,
    ));
    let why = rows(
        &mut summary
            .unpriced
            .iter()
            .map(|(word, count)| (word.clone(), *count)),
    );
    text.push('\n');
    text.push_str(&table(
        &[
            ("Chat without a price", Align::Left),
            ("Offerings", Align::Right),
        ],
        &why,
    ));
    text
}
