//! Names: what a client may call a model, and what it probably meant where it called it wrongly.

pub(super) mod close;

use super::{Catalog, Model, ModelIdx, OfferingIdx, Provider, ProviderIdx};
use listing::squash;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// What a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The model.
    pub model: ModelIdx,
    /// The only provider that may serve it, where the name began with one and not with the model's author.
    pub provider: Option<ProviderIdx>,
    /// What stood behind the name.
    pub suffix: Option<Suffix>,
}

/// A word behind a model's name that is a wish and no part of the name. Every other `:word` belongs to the name
/// (`llama3.2:1b`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suffix {
    /// `:floor`: the cheapest first.
    Floor,
    /// `:free`: nothing that costs.
    Free,
}

impl Suffix {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "floor" => Some(Self::Floor),
            "free" => Some(Self::Free),
            _ => None,
        }
    }
}

/// How much of a name that means nothing is looked at, in bytes.
const LONGEST_NAME: usize = 200;

/// A name that means no model, or more than one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no model is called '{name}'{}", meant(close))]
pub struct Unknown {
    /// The name as given, shortened to 200 bytes.
    pub name: String,
    /// Ids of models that may have been meant, at most three, the likeliest first.
    pub close: Vec<String>,
}

fn meant(close: &[String]) -> String {
    if close.is_empty() {
        return String::new();
    }
    format!("; close names: {}", close.join(", "))
}

/// Two models that want the same name.
#[derive(Debug)]
pub(super) struct Clash {
    /// The second one.
    pub(super) model: ModelIdx,
    pub(super) message: String,
}

/// Names to indices.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    providers: HashMap<Box<str>, ProviderIdx>,
    models: HashMap<Box<str>, Named>,
    /// As people write them: without case and separators.
    spoken: HashMap<Box<str>, Named>,
    /// Authors by the words that stand for them in front of a name, without case and separators.
    authors: HashMap<String, Vec<Box<str>>>,
    /// By provider: its own names of models.
    wire_ids: Vec<HashMap<Box<str>, OfferingIdx>>,
}

/// How a name must be written to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelling {
    Exact,
    /// As people write: case and separators do not matter.
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    One(ModelIdx),
    /// More than one model has this name, and none has it as id or alias.
    Many,
}

impl Named {
    /// One more model wants a name of a kind.
    fn claim<N: Eq + Hash>(names: &mut HashMap<N, Self>, model: ModelIdx, name: N) {
        names
            .entry(name)
            .and_modify(|known| {
                if *known != Self::One(model) {
                    *known = Self::Many;
                }
            })
            .or_insert(Self::One(model));
    }
}

impl Names {
    /// Indexes only providers, for what is read after them.
    pub(super) fn index_providers(catalog: &Catalog) -> Self {
        let mut names = Self::default();
        for (idx, provider) in catalog.providers() {
            names.add_provider(idx, provider);
        }
        names
    }

    /// Indexes a catalogue. Ids and aliases must be unique; bare names and providers' own names yield to them, and
    /// mean nothing where two models share one.
    pub(super) fn index(catalog: &Catalog) -> Result<Self, Clash> {
        let mut names = Self {
            wire_ids: vec![HashMap::new(); catalog.providers.len()],
            ..Self::default()
        };
        for (idx, provider) in catalog.providers() {
            names.add_provider(idx, provider);
        }
        for (idx, model) in catalog.models() {
            names.add_exact(idx, &model.id)?;
            for alias in &model.aliases {
                names.add_exact(idx, alias)?;
            }
        }
        names.add_loose(catalog.models().map(|(idx, model)| (idx, model.slug())));
        names.add_loose(
            catalog
                .offerings()
                .map(|(_, offering)| (offering.model, offering.wire_id.as_str())),
        );
        for (idx, offering) in catalog.offerings() {
            let table = &mut names.wire_ids[offering.provider.as_usize()];
            let own = [&offering.wire_id].into_iter().chain(&offering.facts.also);
            for name in own {
                table.entry(name.as_str().into()).or_insert(idx);
            }
        }
        names.index_spoken(catalog);
        names.index_authors(catalog);
        Ok(names)
    }

    /// How authors are spelled: as in their models' ids, and as ecosystems spell them, which aliases begin with.
    fn index_authors(&mut self, catalog: &Catalog) {
        let mut spelled: HashMap<(&str, &str), usize> = HashMap::new();
        for model in &catalog.models {
            let words = model
                .aliases
                .iter()
                .filter_map(|alias| alias.split_once('/'));
            let words: HashSet<&str> = words.map(|(word, _)| word).collect();
            for word in words {
                *spelled.entry((word, &model.author)).or_default() += 1;
            }
            spelled.insert((&model.author, &model.author), usize::MAX / 2);
        }
        // One model alone can have got its alias from a list that has it at a single provider.
        let spelled = spelled.into_iter().filter(|(_, models)| *models > 1);
        for ((word, author), _) in spelled {
            let authors = self.authors.entry(squash(word)).or_default();
            if !authors.iter().any(|known| **known == *author) {
                authors.push(author.into());
                authors.sort_unstable();
            }
        }
    }

    /// Names with an author win over a model's name, that over bare and providers' own names.
    fn index_spoken(&mut self, catalog: &Catalog) {
        self.add_spoken(catalog.models().flat_map(|(idx, model)| {
            let names = [&model.id].into_iter().chain(&model.aliases);
            names.map(move |name| (idx, name.as_str()))
        }));
        self.add_spoken(catalog.models().map(|(idx, model)| (idx, &*model.name)));
        self.add_spoken(catalog.models().map(|(idx, model)| (idx, model.slug())));
        self.add_spoken(catalog.offerings().flat_map(|(_, offering)| {
            let names = [&offering.wire_id].into_iter().chain(&offering.facts.also);
            names.map(|name| (offering.model, name.as_str()))
        }));
        self.spoken.shrink_to_fit();
    }

    /// Adds names of one kind as people write them, weaker than all added before.
    fn add_spoken<'a>(&mut self, named: impl Iterator<Item = (ModelIdx, &'a str)>) {
        let mut found: HashMap<String, Named> = HashMap::new();
        for (model, name) in named {
            let name = squash(name);
            // Most are known already; what is stronger stays.
            if !self.spoken.contains_key(&*name) {
                Named::claim(&mut found, model, name);
            }
        }
        let found = found.into_iter();
        self.spoken
            .extend(found.map(|(name, named)| (name.into_boxed_str(), named)));
    }

    /// An id wins over another provider's alias.
    fn add_provider(&mut self, idx: ProviderIdx, provider: &Provider) {
        self.providers.insert(provider.id.as_str().into(), idx);
        for alias in &provider.aliases {
            self.providers.entry(alias.as_str().into()).or_insert(idx);
        }
    }

    fn add_exact(&mut self, model: ModelIdx, name: &str) -> Result<(), Clash> {
        match self.models.entry(name.into()) {
            Entry::Vacant(free) => {
                free.insert(Named::One(model));
                Ok(())
            }
            Entry::Occupied(_) => Err(Clash {
                model,
                message: format!("another model is called '{name}' already"),
            }),
        }
    }

    /// Adds names of one kind, weaker than all added before.
    fn add_loose<'a>(&mut self, named: impl Iterator<Item = (ModelIdx, &'a str)>) {
        let mut found: HashMap<&str, Named> = HashMap::new();
        for (model, name) in named {
            Named::claim(&mut found, model, name);
        }
        for (name, named) in found {
            self.models.entry(name.into()).or_insert(named);
        }
    }

    /// By id or alias; however it is written, where none is written so.
    pub(super) fn provider(&self, id: &str) -> Option<ProviderIdx> {
        let found = self.providers.get(id);
        found
            .or_else(|| self.providers.get(&*id.to_lowercase()))
            .copied()
    }

    /// The authors that a word in front of a name stands for.
    pub(super) fn authors(&self, word: &str) -> &[Box<str>] {
        self.authors.get(&squash(word)).map_or(&[], Vec::as_slice)
    }

    /// The model of that name, whoever serves it.
    pub(super) fn model(&self, name: &str) -> Option<ModelIdx> {
        match self.models.get(name)? {
            Named::One(model) => Some(*model),
            Named::Many => None,
        }
    }

    pub(super) fn resolve(&self, catalog: &Catalog, name: &str) -> Result<Resolved, Unknown> {
        self.meaning(catalog, name).ok_or_else(|| {
            // No name is longer, and comparing one of megabytes with all others takes its time.
            let name = &name[..name.floor_char_boundary(LONGEST_NAME)];
            let authors = name.split_once('/').map(|(word, _)| self.authors(word));
            Unknown {
                name: name.to_owned(),
                close: close::models(catalog, name, authors.unwrap_or_default()),
            }
        })
    }

    /// As [`Self::resolve`], without a look at what was meant instead.
    pub(super) fn meaning(&self, catalog: &Catalog, name: &str) -> Option<Resolved> {
        if let Some(found) = self.find(catalog, name, Spelling::Exact) {
            return Some(Resolved {
                suffix: free_by_its_own_name(catalog.model(found.model), name),
                ..found
            });
        }
        let suffixed = name.rsplit_once(':').and_then(|(bare, word)| {
            let found = self.find(catalog, bare, Spelling::Exact)?;
            Some(Resolved {
                suffix: Some(Suffix::parse(word)?),
                ..found
            })
        });
        let spoken = || {
            // No name is longer, and more is not looked at.
            let name = Some(name).filter(|name| name.len() <= LONGEST_NAME)?;
            let found = self.find(catalog, name, Spelling::Any)?;
            Some(Resolved {
                suffix: free_by_its_own_name(catalog.model(found.model), name),
                ..found
            })
        };
        suffixed.or_else(spoken)
    }

    fn find(&self, catalog: &Catalog, name: &str, spelling: Spelling) -> Option<Resolved> {
        let everywhere = |model| Resolved {
            model,
            provider: None,
            suffix: None,
        };
        if let Some(model) = self.named(name, spelling) {
            return Some(everywhere(model));
        }
        let (word, rest) = name.split_once('/')?;
        let authors = self.authors(word);
        // Who made it may be spelled in front of any of its names, as gateways do.
        let mut whole = authors.iter().map(|author| format!("{author}/{rest}"));
        if let Some(model) = whole.find_map(|name| self.named(&name, spelling)) {
            return Some(everywhere(model));
        }
        let made =
            |model: &ModelIdx| authors.contains(&catalog.model(*model).author.as_str().into());
        if let Some(model) = self.named(rest, spelling).filter(made) {
            return Some(everywhere(model));
        }
        let provider = self.provider(word)?;
        let model = self.at_provider(catalog, provider, rest, spelling)?;
        Some(Resolved {
            provider: (!made(&model)).then_some(provider),
            ..everywhere(model)
        })
    }

    fn named(&self, name: &str, spelling: Spelling) -> Option<ModelIdx> {
        match spelling {
            Spelling::Exact => self.model(name),
            Spelling::Any => match self.spoken.get(&*squash(name))? {
                Named::One(model) => Some(*model),
                Named::Many => None,
            },
        }
    }

    /// The offering that a provider itself calls so.
    pub(super) fn own(&self, at: ProviderIdx, name: &str) -> Option<OfferingIdx> {
        self.wire_ids[at.as_usize()].get(name).copied()
    }

    fn at_provider(
        &self,
        catalog: &Catalog,
        at: ProviderIdx,
        name: &str,
        spelling: Spelling,
    ) -> Option<ModelIdx> {
        if let Some(offering) = self.own(at, name) {
            return Some(catalog.offering(offering).model);
        }
        let model = self.named(name, spelling)?;
        let offered = catalog.model(model).offerings.iter();
        offered
            .into_iter()
            .any(|offering| catalog.offering(*offering).provider == at)
            .then_some(model)
    }
}

/// A provider's own name can end with `:free` (OpenRouter has an offering of its own for each free variant): whoever says
/// it wants what costs nothing, and no other offering of the same model. Where the model's own id or an alias ends so, the
/// word is a part of its name.
fn free_by_its_own_name(model: &Model, name: &str) -> Option<Suffix> {
    let says_free = |name: &str| {
        let word = name.rsplit_once(':').map(|(_, word)| word);
        word.is_some_and(|word| word.eq_ignore_ascii_case("free"))
    };
    let is_named_so = says_free(&model.id) || model.aliases.iter().any(|alias| says_free(alias));
    (!is_named_so && says_free(name)).then_some(Suffix::Free)
}

#[cfg(test)]
mod tests;
