//! From public price lists to a listing: what each list says, which model each line is about, and what is taken where
//! they differ.

mod entry;
mod far;
mod found;
mod gather;
mod genai_prices;
mod identity;
mod large;
mod litellm;
mod model;
mod models_dev;
mod number;
mod offering;
mod people;
mod prices;
mod renew;
mod report;
mod rules;

#[cfg(test)]
mod tests;

pub use report::{Disagreement, Expected, Far, Report, Unread};
pub use rules::Rules;

use crate::{AuthorFile, Listing, ModelFile};
use entry::Passed;
use found::Found;
use gather::{Place, gather};
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
    Yields(Renewal),
}

/// How far a list changes what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// What becomes of offerings that came from a list which has them no more.
    pub missing: Missing,
    /// Whose prices it changes.
    pub prices: Prices,
}

/// What becomes of an offering that came from a list which names its provider, and has the offering no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// It is let go of.
    Goes,
    /// It stays as it was.
    Stays,
}

/// Whose prices a list changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prices {
    /// Those that came from it. What somebody read on the provider's page, and what came from another list, stays; that
    /// they differ is told.
    OwnOnly,
    /// All that it has another price for.
    All,
}

/// What is to be made into a listing.
pub struct Sources<'a> {
    /// Providers, and the models that are known before.
    pub base: &'a Listing,
    /// What becomes of those.
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
#[error("this is no list of {list}: {why}")]
pub struct NotThatList {
    list: &'static str,
    why: String,
}

/// Makes a listing from lists.
///
/// # Errors
/// When one of them is none.
pub fn build(sources: &Sources<'_>) -> Result<(Listing, Report), NotThatList> {
    let mut report = Report::default();
    let (found, named) = read(sources, &mut report)?;
    let gathered = gather(sources, &found);
    let mut models: Vec<(String, ModelFile)> = Vec::new();
    let making = model::Making {
        sources,
        found: &found,
        named: &named,
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
    // What nobody has offered claims no name.
    models.retain(|(_, model)| !model.offering.is_empty());
    models.sort_by(|(a, one), (b, other)| (a, &one.slug).cmp(&(b, &other.slug)));
    people::tell_apart(sources.rules, &mut models, &mut report);
    let mut authors: BTreeMap<String, AuthorFile> = BTreeMap::new();
    for (author, model) in models {
        authors.entry(author).or_default().model.push(model);
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

/// Which lists name which providers.
type Named = BTreeSet<(&'static str, String)>;

fn read(sources: &Sources<'_>, report: &mut Report) -> Result<(Vec<Found>, Named), NotThatList> {
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
        let mut passed = Passed::default();
        let read = match list {
            List::ModelsDev => models_dev::read(json, &known, &mut passed),
            List::LiteLlm => litellm::read(json, &known, &mut passed),
            List::GenaiPrices => genai_prices::read(json, &known, &mut passed),
        };
        let not_that_list = |why| NotThatList {
            list: list.as_str(),
            why,
        };
        let lines = read.map_err(|error| not_that_list(error.to_string()))?;
        if let Some(why) = mostly_broken(lines.len(), &passed) {
            return Err(not_that_list(why));
        }
        report.lines.push((list.as_str(), lines.len()));
        let unknown = passed.unknown.into_iter();
        (report.not_imported).extend(unknown.map(|(id, lines)| (list.as_str(), id, lines)));
        report.unread.append(&mut passed.unread);
        found.extend(lines);
    }
    spell_alike(sources.base, &mut found);
    for line in &mut found {
        let rules = sources.rules;
        if rules.is_misprinted(line.list, &line.provider, &line.wire_id) {
            line.price.clear();
        }
    }
    for line in found.iter_mut().filter(|line| line.price.len() > 1) {
        line.history = std::mem::take(&mut line.price);
        let begun = |period: &&crate::PeriodFile| {
            let from = period.from.as_deref();
            from.is_none_or(|from| from <= sources.date)
        };
        line.price.extend(line.history.iter().rfind(begun).cloned());
    }
    let named = found.iter().map(|line| (line.list, line.provider.clone()));
    let named = named.collect();
    found.retain(|line| {
        let skipped = sources.rules.skips(&line.provider, &line.wire_id);
        report.skipped += usize::from(skipped);
        !skipped
    });
    Ok((found, named))
}

/// Why a list is another one, or has changed its format: one of which more than half of the entries cannot be read.
fn mostly_broken(lines: usize, passed: &Passed) -> Option<String> {
    let entries: BTreeSet<&str> = passed.unread.iter().map(|one| one.entry.as_str()).collect();
    let first = passed.unread.first()?;
    let broken = entries.len();
    (broken * 2 > lines)
        .then(|| format!("{broken} of its entries cannot be read, the first: {first}"))
}

/// Gives a provider's names that differ in case alone one spelling: that which was there before, else LiteLLM's, which is what
/// is sent, else the first list's. The others are kept beside it.
fn spell_alike(base: &Listing, found: &mut [Found]) {
    let mut spelled: BTreeMap<(String, String), (usize, String)> = BTreeMap::new();
    let mut claim = |provider: &str, name: &str, rank: usize| {
        let place = (provider.to_owned(), name.to_lowercase());
        let entry = spelled
            .entry(place)
            .or_insert_with(|| (rank, name.to_owned()));
        if rank < entry.0 {
            *entry = (rank, name.to_owned());
        }
    };
    let models = base.authors.values().flat_map(|file| &file.model);
    for known in models.flat_map(|model| &model.offering) {
        claim(&known.provider, &known.wire_id, 0);
    }
    for line in found.iter().filter(|line| line.offered) {
        let rank = if line.list == litellm::LIST { 1 } else { 2 };
        claim(&line.provider, &line.wire_id, rank);
    }
    for line in found {
        let place = (line.provider.clone(), line.wire_id.to_lowercase());
        let spelling = spelled.get(&place).map(|(_, name)| name);
        if let Some(name) = spelling.filter(|name| **name != line.wire_id) {
            let said = std::mem::replace(&mut line.wire_id, name.clone());
            line.also = line.offered.then_some(said);
        }
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
