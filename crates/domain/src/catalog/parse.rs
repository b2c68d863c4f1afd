//! From what catalogue files say to a catalogue: words and numbers get their meaning, in the modules below, one for each
//! kind of file. The files' shapes stand in the crate `listing`.

mod models;
mod prices;
mod providers;
mod words;

#[cfg(test)]
mod tests;

pub use words::base_url;
pub(super) use words::{operation, speakable};

use super::lookup::Names;
use super::{Catalog, OfferingFacts};
use crate::pricing::Price;
use listing::{Listing, ModelFile, NotAListing, NotPacked, ProviderFile, Unpacking};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// What is wrong with the catalogue, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}{}: {message}", line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct CatalogError {
    /// The file's path, or the table of the operator's configuration (`providers.acme`).
    pub place: String,
    /// The line in that file, from 1.
    pub line: Option<usize>,
    /// What is wrong and what is allowed.
    pub message: String,
    /// The other place, where two contradict each other.
    pub again: Option<String>,
}

impl CatalogError {
    /// Something wrong at a place that has no lines.
    pub(super) fn at(place: String, message: String) -> Self {
        Self {
            place,
            line: None,
            message,
            again: None,
        }
    }

    /// With the place that this contradicts.
    pub(super) fn again(self, first: String) -> Self {
        Self {
            again: Some(first),
            ..self
        }
    }
}

/// Something wrong in a listing: which has no lines, but entries and words in them.
#[derive(Debug)]
pub(super) struct Wrong {
    /// `providers/groq.toml`
    file: String,
    /// Which model of the file, and which offering of the model, where it is about one.
    entry: Option<(usize, Option<usize>)>,
    /// The word at fault.
    word: Option<String>,
    message: String,
}

impl Wrong {
    fn provider(id: &str, word: impl Into<String>, message: String) -> Self {
        Self {
            file: format!("providers/{id}.toml"),
            entry: None,
            word: Some(word.into()),
            message,
        }
    }

    /// Where only the listing is at hand.
    pub(super) fn into_error(self) -> CatalogError {
        CatalogError::at(self.file, self.message)
    }

    /// Where the files are at hand: with the line of the word, or of its entry.
    fn located(self, files: &[(&str, &str)]) -> CatalogError {
        let Some((path, text)) = files.iter().find(|(path, _)| path.ends_with(&self.file)) else {
            return self.into_error();
        };
        CatalogError {
            line: Some(self.line(text)),
            ..CatalogError::at((*path).to_owned(), self.message)
        }
    }

    /// The first line of the entry that holds the word: of the offering, else of its model, which it inherits from.
    fn line(&self, text: &str) -> usize {
        let lines: Vec<&str> = text.lines().collect();
        let nth = |head: &str, from: usize, count: usize| {
            let found = lines.iter().enumerate().skip(from);
            let mut found = found.filter(|(_, line)| line.trim() == head);
            found.nth(count).map(|(at, _)| at)
        };
        let places: Vec<usize> = match self.entry {
            None => (0..lines.len()).collect(),
            Some((model, offering)) => {
                let begin = nth("[[model]]", 0, model).unwrap_or(0);
                let end = nth("[[model]]", begin + 1, 0).unwrap_or(lines.len());
                let own = offering.and_then(|offering| nth("[[model.offering]]", begin, offering));
                let of_offering = own.map(|own| {
                    own..nth("[[model.offering]]", own + 1, 0).map_or(end, |next| next.min(end))
                });
                of_offering
                    .into_iter()
                    .flatten()
                    .chain(begin..end)
                    .collect()
            }
        };
        let has_word = |line: &str| {
            let word = self.word.as_deref();
            word.is_some_and(|word| line.contains(word))
        };
        let begin = places.first().copied().unwrap_or(0);
        let mut places = places.into_iter();
        1 + places.find(|at| has_word(lines[*at])).unwrap_or(begin)
    }
}

impl From<NotAListing> for CatalogError {
    fn from(error: NotAListing) -> Self {
        Self {
            line: Some(error.line),
            ..Self::at(error.path, error.message)
        }
    }
}

/// Reads all files, in whatever order.
pub(super) fn files<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Catalog, CatalogError> {
    let files: Vec<(&str, &str)> = files.into_iter().collect();
    let read = Listing::read(files.iter().copied())?;
    listing(&read).map_err(|wrong| wrong.located(&files))
}

/// A whole listing.
pub(super) fn listing(said: &Listing) -> Result<Catalog, Wrong> {
    let mut reading = Reading::begin(&said.providers)?;
    for (author, file) in &said.authors {
        for (position, model) in file.model.iter().enumerate() {
            reading.model(author, position, model)?;
        }
    }
    reading.end()
}

/// A packed listing, model by model; `providers` are those that it has, or others.
pub(super) fn packed(mut from: Unpacking) -> Result<Catalog, CatalogError> {
    let mut reading = Reading::begin(&from.providers).map_err(Wrong::into_error)?;
    let broken =
        |error: NotPacked| CatalogError::at("the packed catalogue".to_owned(), error.to_string());
    while let Some((author, model)) = from.model().map_err(broken)? {
        reading
            .model(&author, 0, &model)
            .map_err(Wrong::into_error)?;
    }
    drop(from);
    reading.end().map_err(Wrong::into_error)
}

/// A catalogue while it is read: providers first, since models name them.
struct Reading {
    catalog: Catalog,
    /// Where each model stands, for errors that show only when all are known.
    origins: Vec<(String, usize)>,
    shared: Shared,
}

/// What many offerings have in common, kept once.
#[derive(Default)]
struct Shared {
    prices: HashSet<Arc<Price>>,
    facts: HashSet<Arc<OfferingFacts>>,
}

impl Shared {
    fn price(&mut self, price: Price) -> Arc<Price> {
        if let Some(known) = self.prices.get(&price) {
            return Arc::clone(known);
        }
        let price = Arc::new(price);
        self.prices.insert(Arc::clone(&price));
        price
    }

    fn facts(&mut self, facts: OfferingFacts) -> Arc<OfferingFacts> {
        if let Some(known) = self.facts.get(&facts) {
            return Arc::clone(known);
        }
        let facts = Arc::new(facts);
        self.facts.insert(Arc::clone(&facts));
        facts
    }
}

impl Reading {
    fn begin(said: &BTreeMap<String, ProviderFile>) -> Result<Self, Wrong> {
        let mut catalog = Catalog::default();
        for (id, file) in said {
            catalog.providers.push(providers::read(id, file)?);
        }
        catalog.names = Names::index_providers(&catalog);
        Ok(Self {
            catalog,
            origins: Vec::new(),
            shared: Shared::default(),
        })
    }

    /// The model that stands at a position of its author's file.
    fn model(&mut self, author: &str, position: usize, said: &ModelFile) -> Result<(), Wrong> {
        self.origins.push((author.to_owned(), position));
        models::read(author, said, &mut self.catalog, &mut self.shared).map_err(
            |(offering, (word, message))| Wrong {
                file: format!("models/{author}.toml"),
                entry: Some((position, offering)),
                word: Some(word),
                message,
            },
        )
    }

    fn end(mut self) -> Result<Catalog, Wrong> {
        self.catalog.names = Names::index(&self.catalog).map_err(|clash| {
            let (author, position) = &self.origins[clash.model.as_usize()];
            Wrong {
                file: format!("models/{author}.toml"),
                entry: Some((*position, None)),
                word: None,
                message: clash.message,
            }
        })?;
        self.catalog.models.shrink_to_fit();
        self.catalog.offerings.shrink_to_fit();
        Ok(self.catalog)
    }
}
