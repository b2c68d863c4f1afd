//! Names: what a client may call a model, and what it probably meant where it called it wrongly.

use super::{Catalog, Model, ModelIdx, OfferingIdx, Provider, ProviderIdx};
use listing::squash;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

/// What a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The model.
    pub model: ModelIdx,
    /// The only provider that may serve it, where the name began with one.
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
    /// By provider: its own names of models.
    wire_ids: Vec<HashMap<Box<str>, OfferingIdx>>,
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
        Ok(names)
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

    pub(super) fn provider(&self, id: &str) -> Option<ProviderIdx> {
        self.providers.get(id).copied()
    }

    /// The model of that name, whoever serves it.
    pub(super) fn model(&self, name: &str) -> Option<ModelIdx> {
        match self.models.get(name)? {
            Named::One(model) => Some(*model),
            Named::Many => None,
        }
    }

    pub(super) fn resolve(&self, catalog: &Catalog, name: &str) -> Result<Resolved, Unknown> {
        if let Some(found) = self.find(catalog, name) {
            return Ok(Resolved {
                suffix: free_by_its_own_name(catalog.model(found.model), name),
                ..found
            });
        }
        let suffixed = name.rsplit_once(':').and_then(|(bare, word)| {
            let found = self.find(catalog, bare)?;
            Some(Resolved {
                suffix: Some(Suffix::parse(word)?),
                ..found
            })
        });
        let spoken = || {
            // No name is longer, and more is not looked at.
            let named = (name.len() <= LONGEST_NAME).then(|| self.spoken.get(&*squash(name)))?;
            match named? {
                Named::One(model) => Some(Resolved {
                    model: *model,
                    provider: None,
                    suffix: free_by_its_own_name(catalog.model(*model), name),
                }),
                Named::Many => None,
            }
        };
        suffixed.or_else(spoken).ok_or_else(|| {
            // No name is longer, and comparing one of megabytes with all others takes its time.
            let name = &name[..name.floor_char_boundary(LONGEST_NAME)];
            Unknown {
                name: name.to_owned(),
                close: close(catalog, name),
            }
        })
    }

    fn find(&self, catalog: &Catalog, name: &str) -> Option<Resolved> {
        if let Some(model) = self.model(name) {
            return Some(Resolved {
                model,
                provider: None,
                suffix: None,
            });
        }
        let (prefix, rest) = name.split_once('/')?;
        let provider = self.provider(prefix)?;
        let model = self.at_provider(catalog, provider, rest)?;
        Some(Resolved {
            model,
            provider: Some(provider),
            suffix: None,
        })
    }

    /// The offering that a provider itself calls so.
    pub(super) fn own(&self, at: ProviderIdx, name: &str) -> Option<OfferingIdx> {
        self.wire_ids[at.as_usize()].get(name).copied()
    }

    fn at_provider(&self, catalog: &Catalog, at: ProviderIdx, name: &str) -> Option<ModelIdx> {
        if let Some(offering) = self.own(at, name) {
            return Some(catalog.offering(offering).model);
        }
        let model = self.model(name)?;
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

/// Longer names are not compared: the comparison's cost grows with the square of the length.
const LONGEST_COMPARED: usize = 100;
/// How alike names must be to be mentioned, of 1.
const ALIKE: f64 = 0.7;
const MENTIONED: usize = 3;

/// Ids of the models whose id, bare name or alias looks most like `name`.
fn close(catalog: &Catalog, name: &str) -> Vec<String> {
    if name.len() > LONGEST_COMPARED {
        return Vec::new();
    }
    let name = name.to_lowercase();
    let mut scored: Vec<(f64, &str)> = catalog
        .models
        .iter()
        .map(|model| (likeness(model, &name), model.id.as_str()))
        .filter(|(score, _)| *score >= ALIKE)
        .collect();
    scored.sort_by(|(a, left), (b, right)| b.total_cmp(a).then_with(|| left.cmp(right)));
    scored.truncate(MENTIONED);
    scored.into_iter().map(|(_, id)| id.to_owned()).collect()
}

/// The author of a model whose name looks most like `name`.
pub(super) fn author_like<'c>(catalog: &'c Catalog, name: &str) -> Option<&'c str> {
    if name.len() > LONGEST_COMPARED {
        return None;
    }
    let name = name.to_lowercase();
    let ids = catalog.models.iter().map(|model| model.id.as_str());
    let scored = ids.filter_map(|id| {
        let (author, _) = id.split_once('/')?;
        Some((alike(author, &name), author)).filter(|(score, _)| *score >= ALIKE)
    });
    let best = scored.max_by(|(a, left), (b, right)| a.total_cmp(b).then(right.cmp(left)));
    best.map(|(_, author)| author)
}

/// How much a model's likeliest name looks like `name`, from 0 to 1.
fn likeness(model: &Model, name: &str) -> f64 {
    let bare = name.rsplit_once('/').map_or(name, |(_, bare)| bare);
    let aliases = model
        .aliases
        .iter()
        .flat_map(|alias| [alike(alias, name), alike(alias, bare)]);
    [alike(&model.id, name), alike(model.slug(), bare)]
        .into_iter()
        .chain(aliases)
        .fold(0.0, f64::max)
}

/// How alike two names are, from 0 to 1; 0 for those whose lengths alone rule it out.
fn alike(known: &str, name: &str) -> f64 {
    let (shorter, longer) = (known.len().min(name.len()), known.len().max(name.len()));
    // Each byte more or less is an edit: seven of ten bytes must be there at least.
    if shorter * 10 < longer * 7 {
        return 0.0;
    }
    strsim::normalized_damerau_levenshtein(known, name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    fn provider(name: &str, more: &str) -> String {
        format!(
            "name = \"{name}\"\nbase_url = \"https://p.example/v1\"\nspeaks = [\"openai_chat\"]\n{more}\n"
        )
    }

    /// A model by slug, with its offerings by provider and the provider's own name.
    fn model(slug: &str, more: &str, offerings: &[(&str, &str)]) -> String {
        let mut text = format!("[[model]]\nslug = \"{slug}\"\nname = \"{slug}\"\n{more}\n");
        for (provider, wire_id) in offerings {
            text += &format!(
                "[[model.offering]]\nprovider = \"{provider}\"\nwire_id = \"{wire_id}\"\ndate = \"2026-11-21\"\n"
            );
        }
        text
    }

    fn catalog() -> Catalog {
        let meta = [
            model(
                "llama-3.3-70b-instruct",
                "aliases = [\"llama-3.3-70b\"]",
                &[("groq", "llama-3.3-70b-versatile")],
            ),
            model("twin", "", &[("groq", "meta-twin")]),
        ];
        let other = [
            model(
                "twin",
                "",
                &[("local", "llama3.2:1b"), ("local", "vendor/twin:free")],
            ),
            model("mini:free", "", &[("local", "Lab/Mini:free")]),
        ];
        let files = [
            (
                "providers/groq.toml",
                provider("Groq", "aliases = [\"groqcloud\"]"),
            ),
            ("providers/local.toml", provider("Local", "")),
            ("models/meta.toml", meta.concat()),
            ("models/other.toml", other.concat()),
        ];
        Catalog::parse(files.iter().map(|(path, text)| (*path, &**text))).unwrap()
    }

    /// What a name means: `model`, `model @ provider`, with `: suffix` where there is one.
    fn meaning(name: &str) -> Result<String, Unknown> {
        let catalog = catalog();
        let found = catalog.resolve(name)?;
        let mut text = catalog.model(found.model).id.clone();
        if let Some(provider) = found.provider {
            text = format!("{text} @ {}", catalog.provider(provider).id);
        }
        if let Some(suffix) = found.suffix {
            text = format!("{text} : {suffix:?}");
        }
        Ok(text)
    }

    #[test]
    fn a_model_has_many_names() {
        for (name, expect) in [
            ("meta/llama-3.3-70b-instruct", "meta/llama-3.3-70b-instruct"),
            ("llama-3.3-70b", "meta/llama-3.3-70b-instruct"),
            ("Llama 3.3 70B", "meta/llama-3.3-70b-instruct"),
            ("META/Llama-3-3-70B-Instruct", "meta/llama-3.3-70b-instruct"),
            ("llama-3.3-70b-instruct", "meta/llama-3.3-70b-instruct"),
            ("llama-3.3-70b-versatile", "meta/llama-3.3-70b-instruct"),
            ("groq/llama-3.3-70b", "meta/llama-3.3-70b-instruct @ groq"),
            (
                "groq/llama-3.3-70b-versatile",
                "meta/llama-3.3-70b-instruct @ groq",
            ),
            (
                "groq/meta/llama-3.3-70b-instruct",
                "meta/llama-3.3-70b-instruct @ groq",
            ),
            (
                "groqcloud/llama-3.3-70b",
                "meta/llama-3.3-70b-instruct @ groq",
            ),
            ("meta/twin", "meta/twin"),
            ("local/llama3.2:1b", "other/twin @ local"),
        ] {
            assert_eq!(meaning(name).as_deref(), Ok(expect), "{name}");
        }
    }

    #[test]
    fn only_known_suffixes_are_taken_off() {
        for (name, expect) in [
            ("meta/twin:floor", "meta/twin : Floor"),
            (
                "groq/llama-3.3-70b:free",
                "meta/llama-3.3-70b-instruct @ groq : Free",
            ),
            ("llama3.2:1b", "other/twin"),
            // One provider's name for its free offering: no other provider's may be billed for it.
            ("vendor/twin:free", "other/twin : Free"),
            ("local/vendor/twin:free", "other/twin @ local : Free"),
            ("Vendor/Twin:Free", "other/twin : Free"),
            ("llama3.2:1b:free", "other/twin : Free"),
            // A model that is called so, whatever it costs, by each of its names.
            ("other/mini:free", "other/mini:free"),
            ("Other/Mini:Free", "other/mini:free"),
            ("mini:free", "other/mini:free"),
            ("local/Lab/Mini:free", "other/mini:free @ local"),
        ] {
            assert_eq!(meaning(name).as_deref(), Ok(expect), "{name}");
        }
        assert!(meaning("meta/twin:quick").is_err());
    }

    #[test]
    fn what_means_nothing_names_what_is_close() {
        for (name, close) in [
            ("lama-3.3-70b", vec!["meta/llama-3.3-70b-instruct"]),
            (
                "meta/LLAMA-3.3-70B-Instrct",
                vec!["meta/llama-3.3-70b-instruct"],
            ),
            (
                "vendor/llama-3.3-70b-instrct",
                vec!["meta/llama-3.3-70b-instruct"],
            ),
            ("twin", vec!["meta/twin", "other/twin"]),
            ("local/llama-3.3-70b", vec!["meta/llama-3.3-70b-instruct"]),
            ("gpt-4o", vec![]),
            ("", vec![]),
            (&"llama-3.3-70b".repeat(100), vec![]),
        ] {
            let unknown = meaning(name).unwrap_err();
            assert_eq!(unknown.close, close, "{name}");
        }
        assert_eq!(
            meaning("twin").unwrap_err().to_string(),
            "no model is called 'twin'; close names: meta/twin, other/twin"
        );
    }
}
