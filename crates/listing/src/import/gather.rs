//! Which lines are about which model: by the author and a key that spellings share, and by the dates in names.

use super::found::Found;
use super::identity::{self, key, said, undated};
use super::rules::Rules;
use super::{Sources, slug_of};
use crate::ModelFile;
use std::collections::{BTreeMap, BTreeSet};

/// The author of what somebody made whom no list names.
const COMMUNITY: &str = "community";

/// A model to be: what was there before of it, and the lines about it.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) base: Option<ModelFile>,
    pub(super) lines: Vec<usize>,
    pub(super) date: Option<String>,
    /// Where the model without that date is to be.
    pub(super) undated: Option<Place>,
}

/// Where a model is to be: its author, and a key that its spellings share.
pub(super) type Place = (String, String);

/// Which lines are about which model.
pub(super) fn gather(sources: &Sources<'_>, found: &[Found]) -> BTreeMap<Place, Gathered> {
    let rules = sources.rules;
    let authors = authors(sources, found);
    let merges = Merges::of(rules);
    let mut by_offering: BTreeMap<(&str, &str), Place> = BTreeMap::new();
    let mut by_name: BTreeMap<Place, Place> = BTreeMap::new();
    let mut gathered: BTreeMap<Place, Gathered> = BTreeMap::new();
    // Of which models there are dated versions before.
    let mut versioned: BTreeSet<Place> = BTreeSet::new();
    for (author, file) in &sources.base.authors {
        for model in &file.model {
            let place = (author.clone(), key(rules, author, &model.slug));
            if let (slug, Some(_)) = undated(&model.slug) {
                versioned.insert((author.clone(), key(rules, author, &slug)));
            }
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
        let (author, slug, date) = named(rules, &authors, &merges, one);
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
        let newest = said(rules, &one.provider, &one.wire_id).newest;
        let latest = (
            author.clone(),
            key(rules, &author, &format!("{slug}-latest")),
        );
        let by_author = rules.first_party.get(&one.provider) == Some(&author);
        if let Some(place) = by_name.get(&latest).filter(|_| newest && by_author) {
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
    let current = current(rules);
    for (undated, mut by_date) in dated {
        let place = by_name
            .get(&undated)
            .cloned()
            .unwrap_or_else(|| undated.clone());
        let mut plain = by_date.remove(&None).unwrap_or_default();
        // A date of a list of prices alone is no version, and some versions are what the name means.
        let meant = current.get(&undated);
        by_date.retain(|date, lines| {
            let offered = lines.iter().any(|line| found[*line].offered);
            let is_meant =
                meant.is_some_and(|dates| dates.iter().any(|known| Some(known) == date.as_ref()));
            let is_version = offered && !is_meant;
            if !is_version {
                plain.append(lines);
            }
            is_version
        });
        let alone = by_date.len() == 1 && !versioned.contains(&undated) && meant.is_none();
        if alone
            && !by_date
                .values()
                .any(|lines| is_dearer(found, lines, &plain))
        {
            plain.extend(by_date.into_values().flatten());
            by_date = BTreeMap::new();
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

/// Whether the lines of a dated version give another price than those of the name without its date, at one provider.
fn is_dearer(found: &[Found], dated: &[usize], plain: &[usize]) -> bool {
    let asks = |line: &Found| {
        let now = line.price.last()?;
        Some((now.rates.input.clone()?, now.rates.output.clone()?))
    };
    let mut others: BTreeMap<(&str, &str), Vec<(String, String)>> = BTreeMap::new();
    for line in plain.iter().map(|line| &found[*line]) {
        let place = (line.list, line.provider.as_str());
        others.entry(place).or_default().extend(asks(line));
    }
    dated.iter().map(|line| &found[*line]).any(|line| {
        let others = others.get(&(line.list, line.provider.as_str()));
        others.is_some_and(|others| asks(line).is_some_and(|own| !others.contains(&own)))
    })
}

/// The dates that a name without one means.
fn current(rules: &Rules) -> BTreeMap<Place, &Vec<String>> {
    let places = rules.current.iter().filter_map(|(id, dates)| {
        let (author, slug) = id.split_once('/')?;
        Some(((author.to_owned(), key(rules, author, slug)), dates))
    });
    places.collect()
}

/// Which model is which other, by the key of its name.
struct Merges<'r> {
    by_key: BTreeMap<Place, (&'r str, &'r str)>,
}

impl<'r> Merges<'r> {
    fn of(rules: &'r Rules) -> Self {
        let by_key = rules.merge.iter().filter_map(|(from, to)| {
            let (author, slug) = from.split_once('/')?;
            let from = (author.to_owned(), key(rules, author, slug));
            let to = to.split_once('/')?;
            let is_itself = from.0 == to.0 && from.1 == key(rules, to.0, to.1);
            (!is_itself).then_some((from, to))
        });
        Self {
            by_key: by_key.collect(),
        }
    }

    /// What a model is, if another.
    fn to(&self, rules: &Rules, author: &str, slug: &str) -> Option<(&'r str, &'r str)> {
        let place = (author.to_owned(), key(rules, author, slug));
        self.by_key.get(&place).copied()
    }
}

/// The author, slug and date that a line's name says.
fn named(
    rules: &Rules,
    authors: &Authors,
    merges: &Merges<'_>,
    line: &Found,
) -> (String, String, Option<String>) {
    let said = said(rules, &line.provider, &line.wire_id);
    let author = authors.of(rules, &line.provider, &said);
    let whole = said
        .date
        .as_ref()
        .map(|date| format!("{}-{date}", said.slug));
    let whole = whole.and_then(|whole| merges.to(rules, &author, &whole));
    let merged = whole.map(|to| (to, None)).or_else(|| {
        let to = merges.to(rules, &author, &said.slug)?;
        Some((to, said.date.clone()))
    });
    match merged {
        Some(((author, slug), date)) => {
            let (slug, of_other) = undated(slug);
            (author.to_owned(), slug, date.or(of_other))
        }
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
        let naming = rules.naming.get(provider);
        if let (Some(own), true) = (own, naming.is_some_and(|naming| naming.only_own)) {
            return own.clone();
        }
        let by_name = || {
            let key = key(rules, "", &said.slug);
            self.by_key.get(&key).map(String::as_str)
        };
        let derived = naming.is_some_and(|naming| {
            let mut begins = naming.derived.iter();
            begins.any(|begin| said.slug.starts_with(begin.as_str()))
        });
        let nobody = match naming {
            Some(naming) if naming.resells => COMMUNITY,
            Some(_) | None => provider,
        };
        let by_prefix = rules.by_prefix(&said.slug).filter(|author| {
            let known = self.by_key.get(&key(rules, author, &said.slug));
            !derived || known.is_some_and(|known| known == author)
        });
        let author = by_prefix
            .or_else(by_name)
            .or(own.map(String::as_str))
            .or(said.author.as_deref())
            .unwrap_or(nobody);
        slug_of(author)
    }
}
