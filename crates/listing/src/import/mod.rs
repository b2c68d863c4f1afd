//! From public price lists to a listing: what each list says, which model each line is about, and what is taken where
//! they differ.

mod found;
mod genai_prices;
mod identity;
mod litellm;
mod model;
mod models_dev;
mod number;
mod offering;
mod people;
mod report;
mod rules;

#[cfg(test)]
mod tests;

pub use report::{Disagreement, Report};
pub use rules::Rules;

use crate::{AuthorFile, Listing, ModelFile};
use found::Found;
use identity::{key, said};
use std::collections::{BTreeMap, BTreeSet};

/// A public list that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// The JSON of models.dev.
    ModelsDev,
    /// LiteLLM's price file.
    LiteLlm,
    /// The prices of the package genai-prices, as JSON.
    GenaiPrices,
}

impl List {
    /// All.
    pub const ALL: [Self; 3] = [Self::ModelsDev, Self::LiteLlm, Self::GenaiPrices];

    /// The word on the command line and in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ModelsDev => models_dev::LIST,
            Self::LiteLlm => litellm::LIST,
            Self::GenaiPrices => genai_prices::LIST,
        }
    }

    /// The key in `known_as` of a provider's file.
    fn ecosystem(self) -> &'static str {
        match self {
            Self::ModelsDev => "models_dev",
            Self::LiteLlm => "litellm",
            Self::GenaiPrices => "genai_prices",
        }
    }

    /// The list of that word.
    pub fn parse(word: &str) -> Option<Self> {
        let word = word.replace('-', ".");
        Self::ALL
            .into_iter()
            .find(|known| known.as_str().replace('-', ".") == word)
    }

    /// What a JSON text looks like.
    pub fn guess(json: &str) -> Option<Self> {
        if json.trim_start().starts_with('[') {
            return Some(Self::GenaiPrices);
        }
        if json.contains("\"litellm_provider\"") {
            return Some(Self::LiteLlm);
        }
        json.contains("\"modalities\"").then_some(Self::ModelsDev)
    }
}

/// What wins where a list differs from what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prior {
    /// What is there: it was made by hand.
    Stays,
    /// The list: what is there is older.
    Yields,
}

/// What is to be made into a listing.
pub struct Sources<'a> {
    /// Providers, and the models that are known before.
    pub base: &'a Listing,
    /// Whether those win.
    pub prior: Prior,
    /// How names are read.
    pub rules: &'a Rules,
    /// The lists.
    pub lists: Vec<(List, &'a str)>,
    /// The day on which they are read.
    pub date: &'a str,
}

/// A list that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("this is no list of {list}: {error}")]
pub struct NotThatList {
    list: &'static str,
    error: serde_json::Error,
}

/// A model to be: what was there before of it, and the lines about it.
#[derive(Default)]
struct Gathered {
    base: Option<ModelFile>,
    lines: Vec<usize>,
    date: Option<String>,
    /// Where the model without that date is to be.
    undated: Option<Place>,
}

/// Where a model is to be: its author, and a key that its spellings share.
type Place = (String, String);

/// Makes a listing from lists.
///
/// # Errors
/// When one of them is none.
pub fn build(sources: &Sources<'_>) -> Result<(Listing, Report), NotThatList> {
    let mut report = Report::default();
    let found = read(sources, &mut report)?;
    let gathered = gather(sources, &found);
    let mut models: Vec<(String, ModelFile)> = Vec::new();
    let making = model::Making {
        sources,
        found: &found,
    };
    // Those without a date first: the others are named after them.
    let mut slugs: BTreeMap<Place, String> = BTreeMap::new();
    let (plain, dated): (Vec<_>, Vec<_>) = gathered
        .into_iter()
        .partition(|(_, one)| one.date.is_none());
    for (place, one) in plain.into_iter().chain(dated) {
        let undated = one.undated.as_ref().and_then(|place| slugs.get(place));
        let model = making.model(&place.0, &one, undated.cloned(), &mut report);
        slugs.insert(place.clone(), model.slug.clone());
        models.push((place.0, model));
    }
    models.sort_by(|(a, one), (b, other)| (a, &one.slug).cmp(&(b, &other.slug)));
    people::tell_apart(sources.rules, &mut models, &mut report);
    let mut authors: BTreeMap<String, AuthorFile> = BTreeMap::new();
    for (author, model) in models {
        if !model.offering.is_empty() {
            authors.entry(author).or_default().model.push(model);
        }
    }
    for author in authors.values_mut() {
        author.model.sort_by(|a, b| a.slug.cmp(&b.slug));
    }
    Ok((
        Listing {
            providers: sources.base.providers.clone(),
            authors,
        },
        report,
    ))
}

fn read(sources: &Sources<'_>, report: &mut Report) -> Result<Vec<Found>, NotThatList> {
    let mut found = Vec::new();
    for (list, json) in &sources.lists {
        let known = |listed: &str| {
            let providers = sources.base.providers.iter();
            let mut claims = providers.filter(|(_, file)| {
                let ids = file.known_as.get(list.ecosystem());
                ids.is_some_and(|ids| ids.iter().any(|id| id == listed))
            });
            claims.next().map(|(id, _)| id.clone())
        };
        let mut missed = BTreeMap::new();
        let read = match list {
            List::ModelsDev => models_dev::read(json, &known, &mut missed),
            List::LiteLlm => litellm::read(json, &known, &mut missed),
            List::GenaiPrices => genai_prices::read(json, &known, &mut missed),
        };
        let lines = read.map_err(|error| NotThatList {
            list: list.as_str(),
            error,
        })?;
        report.lines.push((list.as_str(), lines.len()));
        report.not_imported.extend(
            missed
                .into_iter()
                .map(|(provider, lines)| (list.as_str(), provider, lines)),
        );
        found.extend(lines);
    }
    for line in found.iter_mut().filter(|line| line.price.len() > 1) {
        line.history = std::mem::take(&mut line.price);
        let begun = |period: &&crate::PeriodFile| {
            let from = period.from.as_deref();
            from.is_none_or(|from| from <= sources.date)
        };
        line.price.extend(line.history.iter().rfind(begun).cloned());
    }
    found.retain(|line| {
        let skipped = sources.rules.skips(&line.provider, &line.wire_id);
        report.skipped += usize::from(skipped);
        !skipped
    });
    Ok(found)
}

/// Which lines are about which model.
fn gather(sources: &Sources<'_>, found: &[Found]) -> BTreeMap<Place, Gathered> {
    let rules = sources.rules;
    let authors = authors(sources, found);
    let mut by_offering: BTreeMap<(&str, &str), Place> = BTreeMap::new();
    let mut by_name: BTreeMap<Place, Place> = BTreeMap::new();
    let mut gathered: BTreeMap<Place, Gathered> = BTreeMap::new();
    for (author, file) in &sources.base.authors {
        for model in &file.model {
            let place = (author.clone(), key(rules, author, &model.slug));
            for alias in &model.aliases {
                let (of, slug) = alias.split_once('/').unwrap_or((author.as_str(), alias));
                if rules.author(of).unwrap_or(of) == author {
                    by_name.insert(
                        (author.clone(), key(rules, author, &slug.to_lowercase())),
                        place.clone(),
                    );
                }
            }
            by_name.insert(place.clone(), place.clone());
            for offering in &model.offering {
                for name in offering.also.iter().chain([&offering.wire_id]) {
                    by_offering.insert((&offering.provider, name), place.clone());
                }
            }
            gathered.insert(
                place,
                Gathered {
                    base: Some(model.clone()),
                    ..Gathered::default()
                },
            );
        }
    }
    // By author and undated key: the lines by date.
    let mut dated: BTreeMap<Place, BTreeMap<Option<String>, Vec<usize>>> = BTreeMap::new();
    for (line, one) in found.iter().enumerate() {
        if let Some(place) = by_offering.get(&(one.provider.as_str(), one.wire_id.as_str())) {
            gathered.entry(place.clone()).or_default().lines.push(line);
            continue;
        }
        let (author, slug, date) = named(rules, &authors, one);
        let whole = date
            .as_ref()
            .map_or(slug.clone(), |date| format!("{slug}-{date}"));
        let exact = (author.clone(), key(rules, &author, &whole));
        // A spelling with the date's parts apart.
        let apart = date.as_ref().map(|date| {
            let (year, day) = date.split_at(4);
            let (month, day) = day.split_at(2);
            (
                author.clone(),
                key(rules, &author, &format!("{slug}-{year}-{month}-{day}")),
            )
        });
        let known = by_name
            .get(&exact)
            .or_else(|| by_name.get(&apart?))
            .filter(|_| date.is_some());
        if let Some(place) = known {
            gathered.entry(place.clone()).or_default().lines.push(line);
            continue;
        }
        let undated = (author.clone(), key(rules, &author, &slug));
        dated
            .entry(undated)
            .or_default()
            .entry(date)
            .or_default()
            .push(line);
    }
    for (undated, mut by_date) in dated {
        let place = by_name
            .get(&undated)
            .cloned()
            .unwrap_or_else(|| undated.clone());
        let dates = by_date.keys().flatten().count();
        let plain = by_date.remove(&None).unwrap_or_default();
        if dates <= 1 {
            let all = plain.into_iter().chain(by_date.into_values().flatten());
            gathered.entry(place).or_default().lines.extend(all);
            continue;
        }
        if !plain.is_empty() {
            gathered
                .entry(place.clone())
                .or_default()
                .lines
                .extend(plain);
        }
        for (date, lines) in by_date {
            let key = format!("{}.{}", undated.1, date.as_deref().unwrap_or_default());
            let entry = gathered.entry((undated.0.clone(), key)).or_default();
            entry.lines.extend(lines);
            entry.date = date;
            entry.undated = Some(place.clone());
        }
    }
    gathered
}

/// The author, slug and date that a line's name says.
fn named(rules: &Rules, authors: &Authors, line: &Found) -> (String, String, Option<String>) {
    let said = said(rules, &line.provider, &line.wire_id);
    let author = authors.of(rules, &line.provider, &said);
    let whole = said
        .date
        .as_ref()
        .map_or(said.slug.clone(), |date| format!("{}-{date}", said.slug));
    let merged = [(&said.slug, said.date.clone()), (&whole, None)]
        .into_iter()
        .find_map(|(slug, date)| Some((rules.merge.get(&format!("{author}/{slug}"))?, date)));
    match merged.and_then(|(to, date)| Some((to.split_once('/')?, date))) {
        Some(((author, slug), date)) => (author.to_owned(), slug.to_owned(), date),
        None => (author, said.slug, said.date),
    }
}

/// Who made what, by what the lines with an author in their names say.
struct Authors {
    known: BTreeSet<String>,
    by_key: BTreeMap<String, String>,
}

fn authors(sources: &Sources<'_>, found: &[Found]) -> Authors {
    let rules = sources.rules;
    let mut known: BTreeSet<String> = rules
        .known_authors()
        .into_iter()
        .map(str::to_owned)
        .collect();
    known.extend(sources.base.authors.keys().cloned());
    let mut votes: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for line in found {
        let said = said(rules, &line.provider, &line.wire_id);
        let Some(author) = said.author else { continue };
        let spelled = rules.spelled_by.contains(&line.provider);
        let author = rules.author(&author).map_or(author.clone(), str::to_owned);
        if spelled {
            known.insert(author.clone());
        }
        if known.contains(&author) {
            let key = key(rules, &author, &said.slug);
            *votes.entry(key).or_default().entry(author).or_default() += 1;
        }
    }
    let by_key = votes.into_iter().filter_map(|(key, authors)| {
        let most = authors.into_iter().max_by_key(|(_, votes)| *votes)?;
        Some((key, most.0))
    });
    Authors {
        by_key: by_key.collect(),
        known,
    }
}

impl Authors {
    fn of(&self, rules: &Rules, provider: &str, said: &identity::Said) -> String {
        if let Some(spelled) = &said.author {
            let author = rules.author(spelled).unwrap_or(spelled);
            if self.known.contains(author) {
                return author.to_owned();
            }
        }
        let own = rules.first_party.get(provider);
        let by_name = || {
            let key = key(rules, "", &said.slug);
            self.by_key.get(&key).map(String::as_str)
        };
        let derived = rules
            .naming
            .get(provider)
            .is_some_and(|naming| naming.derived);
        let by_prefix = rules.by_prefix(&said.slug).filter(|author| {
            let known = self.by_key.get(&key(rules, author, &said.slug));
            !derived || known.is_some_and(|known| known == author)
        });
        let author = by_prefix
            .or_else(by_name)
            .or(own.map(String::as_str))
            .or(said.author.as_deref())
            .unwrap_or(provider);
        slug_of(author)
    }
}

/// A name as an id has it.
fn slug_of(name: &str) -> String {
    let letters = name.to_lowercase();
    let kept = letters.chars().map(|letter| match letter {
        'a'..='z' | '0'..='9' | '.' | '-' | '+' => letter,
        _ => '-',
    });
    kept.collect::<String>().trim_matches('-').to_owned()
}
