//! The prices of the package genai-prices, as `scripts/genai_prices_json.py` writes them:
//! `[{provider, source, id, names: [...], periods: [{from, rates, above}]}]`, in USD per million units.

use super::entry::Passed;
use super::found::Found;
use super::number::{is_zero, scaled};
use crate::price::{AboveFile, PeriodFile, RatesFile};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The name of the list.
pub(super) const LIST: &str = "genai-prices";

#[derive(Deserialize)]
struct Line {
    provider: String,
    source: Option<String>,
    id: String,
    names: Vec<String>,
    periods: Vec<Period>,
}

#[derive(Deserialize)]
struct Period {
    from: Option<String>,
    rates: Rates,
    #[serde(default)]
    above: Vec<Above>,
}

#[derive(Deserialize)]
struct Above {
    tokens: u64,
    rates: Rates,
}

type Rates = BTreeMap<String, Box<RawValue>>;

/// Reads the list. `known` gives our provider for the list's.
///
/// # Errors
/// When it is not that list.
pub(super) fn read(
    json: &str,
    known: &dyn Fn(&str) -> Option<String>,
    passed: &mut Passed,
) -> serde_json::Result<Vec<Found>> {
    let lines: Vec<Line> = serde_json::from_str(json)?;
    let mut found = Vec::new();
    for line in lines {
        let Some(provider) = known(&line.provider) else {
            *passed.unknown.entry(line.provider).or_default() += line.names.len();
            continue;
        };
        let price: Vec<PeriodFile> = line.periods.iter().filter_map(period).collect();
        let page = line.source.filter(|page| page.starts_with("https://"));
        found.extend(line.names.into_iter().map(|wire_id| {
            Found {
                list: LIST,
                provider: provider.clone(),
                price: price.clone(),
                // A name that the provider lists, not a pattern's; the list also keeps variants that are gone.
                offered: wire_id == line.id && wire_id.contains('/') && !wire_id.contains(':'),
                cites: page.is_some(),
                source: page
                    .clone()
                    .unwrap_or_else(|| "https://github.com/pydantic/genai-prices".to_owned()),
                wire_id,
                ..Found::default()
            }
        }));
    }
    Ok(found)
}

fn period(said: &Period) -> Option<PeriodFile> {
    let base = rates(&said.rates);
    base.input.as_ref()?;
    let above = said.above.iter().map(|tier| AboveFile {
        tokens: tier.tokens,
        rates: rates(&tier.rates),
    });
    Some(PeriodFile {
        from: said.from.clone(),
        above: above.collect(),
        rates: base,
        ..PeriodFile::default()
    })
}

fn rates(said: &Rates) -> RatesFile {
    let rate = |name: &str| scaled(said.get(name)?.get(), 0, 6);
    let some = |name: &str| rate(name).filter(|price| !is_zero(price));
    let input = rate("input_mtok");
    RatesFile {
        output: rate("output_mtok").or_else(|| input.as_ref().map(|_| "0".to_owned())),
        input,
        cache_read: some("cache_read_mtok"),
        cache_write: some("cache_write_mtok"),
        cache_write_1h: some("cache_write_1h_mtok"),
        audio_input: some("input_audio_mtok"),
        audio_output: some("output_audio_mtok"),
        per_web_search: said
            .get("web_searches_kcount")
            .and_then(|raw| scaled(raw.get(), -3, 12))
            .filter(|amount| !is_zero(amount)),
        ..RatesFile::default()
    }
}
