//! The hand-kept rules of identity (`catalog/rules.toml`): how authors and models are spelled, by whom and where.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The rules. All spellings are in lower case.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// A spelling of an author to the author.
    pub(super) authors: BTreeMap<String, String>,
    /// The beginning of a bare name to its author; the longest that fits counts.
    pub(super) prefixes: BTreeMap<String, String>,
    /// A provider to the author whose own provider it is.
    pub(super) first_party: BTreeMap<String, String>,
    /// How a provider names models.
    pub(super) naming: BTreeMap<String, Naming>,
    /// Endings that say how a model is served, not which it is.
    pub(super) suffixes: Vec<String>,
    /// What begins an ending that says how much is thought (`-thinking-1024`).
    pub(super) efforts: Vec<String>,
    /// How many tokens of thought such an ending names; another number there is a version.
    pub(super) budgets: Vec<String>,
    /// The beginning of a slug to endings that only switch thinking on or off.
    pub(super) switches: BTreeMap<String, Vec<String>>,
    /// The beginning of a slug to how it is rightly spelled.
    pub(super) respelled: BTreeMap<String, String>,
    /// Endings that say in which numbers its weights are kept.
    pub(super) quantizations: Vec<String>,
    /// Words that an author's models begin with or not.
    pub(super) optional_first: BTreeMap<String, Vec<String>>,
    /// Words that an author's models end with or not.
    pub(super) optional_last: BTreeMap<String, Vec<String>>,
    /// Words that stand behind or before the version.
    pub(super) families: BTreeMap<String, Vec<String>>,
    /// Words as people write them.
    pub(super) words: BTreeMap<String, String>,
    /// Words that are joined with the next by a hyphen.
    pub(super) hyphenated: Vec<String>,
    /// `author/slug` to the name that people write.
    pub(super) names: BTreeMap<String, String>,
    /// The beginning of an `author/slug` to the family of its tokenizer; the longest that fits counts.
    pub(super) tokenizers: BTreeMap<String, String>,
    /// `author/slug` to other names that mean it.
    pub(super) aliases: BTreeMap<String, Vec<String>>,
    /// `author/slug` to the one that it is the same as.
    pub(super) merge: BTreeMap<String, String>,
    /// `provider/name` to the `author/slug` that the provider means by a name which says no version, or another.
    pub(super) means: BTreeMap<String, String>,
    /// `author/slug` to the dates (`20241022`) of the versions that it means, where there are several.
    pub(super) current: BTreeMap<String, Vec<String>>,
    /// What names begin with and people leave out, by author.
    pub(super) signed: BTreeMap<String, Vec<String>>,
    /// `author/slug` to the day it came out, where lists are wrong or silent.
    pub(super) released: BTreeMap<String, String>,
    /// The beginning of an `author/slug` to whether its weights can be had; the longest that fits counts.
    pub(super) open_weights: BTreeMap<String, bool>,
    /// A part of an `author/slug` to what such a model does; the longest that fits counts.
    pub(super) does: BTreeMap<String, Vec<String>>,
    /// `list provider/name` to how it shows that its price is a misprint.
    pub(super) misprinted: BTreeMap<String, String>,
    /// `provider/name` to why its price may be far from what others ask for the model; may end with `*`.
    pub(super) far: BTreeMap<String, String>,
    /// Authors whose models, where their weights cannot be had, others sell near the author's price or not at all.
    pub(super) set_prices: BTreeSet<String>,
    /// `provider/name` that is no model, or not to be had; may end with `*`.
    pub(super) skip: Vec<String>,
    /// Who makes models: every author of a listing is one of these.
    pub(super) known: BTreeSet<String>,
    /// How an author's models (`*`: anybody's) are billed at a provider.
    pub(super) ways: BTreeMap<String, BTreeMap<String, Ways>>,
    /// The provider whose spelling of authors and slugs is taken first, then the next.
    pub(super) spelled_by: Vec<String>,
}

/// How models are billed where a page says it for all of them at once, and lists leave it out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Ways {
    /// Dearer prices begin at the size that lists name, not above it.
    pub(super) tiers_begin: bool,
    /// Writing to a cache costs as input does: what lists give as its price is storage.
    pub(super) free_writes: bool,
    /// A flexible request costs what one in a batch does, in large requests too, which lists leave out.
    pub(super) flex_is_batch: bool,
    /// The share of the input's price that a cached token costs.
    pub(super) cached_share: Option<String>,
    /// How many times the input's price writing to a cache for an hour costs, where writing has a price.
    pub(super) hour_writes: Option<String>,
}

/// How a provider names models.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Naming {
    /// What stands before.
    pub(super) before: Vec<String>,
    /// What stands behind.
    pub(super) behind: Vec<String>,
    /// `author.model`, `eu.author.model-v1:0`
    pub(super) dotted: bool,
    /// `llama-v3p1`
    pub(super) p_is_point: bool,
    /// Endings that say where it is served, to the region.
    pub(super) regions: BTreeMap<String, String>,
    /// All that it serves is its author's own.
    pub(super) only_own: bool,
    /// What stands before the first slash says nothing of the author.
    pub(super) no_author: bool,
    /// Beginnings of bare names that say which model one was made of, not who made it, unless others know it.
    pub(super) derived: Vec<String>,
    /// It makes no models: who made one that nobody else lists is not known.
    pub(super) resells: bool,
}

impl Rules {
    /// Reads them.
    ///
    /// # Errors
    /// Says where they are malformed.
    pub fn read(toml: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(toml)
    }

    pub(super) fn ways(&self, author: &str, provider: &str) -> Ways {
        let mut of_author = [author, "*"]
            .into_iter()
            .filter_map(|author| self.ways.get(author));
        let ways = of_author.find_map(|providers| providers.get(provider));
        ways.cloned().unwrap_or_default()
    }

    pub(super) fn skips(&self, provider: &str, wire_id: &str) -> bool {
        let name = format!("{provider}/{wire_id}");
        self.skip.iter().any(|rule| fits(rule, &name))
    }

    /// The author and slug that a provider means by a name, where a rule says it.
    pub(super) fn meant(&self, provider: &str, wire_id: &str) -> Option<(&str, &str)> {
        let meant = self
            .means
            .get(&format!("{provider}/{}", wire_id.to_lowercase()))?;
        meant.split_once('/')
    }

    /// Whether a provider is an author's own.
    pub(super) fn is_authors(&self, provider: &str, author: &str) -> bool {
        let own = self.first_party.get(provider);
        own.is_some_and(|own| own == author)
    }

    /// Whether whoever resells a model pays its author for it.
    pub(super) fn has_set_price(&self, id: &str) -> bool {
        let author = id.split('/').next().unwrap_or(id);
        self.set_prices.contains(author) && self.is_open(id) == Some(false)
    }

    /// Whether its price is meant, however far it is from others'.
    pub(super) fn may_be_far(&self, provider: &str, wire_id: &str) -> bool {
        let name = format!("{provider}/{wire_id}");
        self.far.keys().any(|rule| fits(rule, &name))
    }

    /// Whether a list's price is a misprint.
    pub(super) fn is_misprinted(&self, list: &str, provider: &str, wire_id: &str) -> bool {
        let name = format!("{list} {provider}/{wire_id}");
        self.misprinted.contains_key(&name)
    }

    /// A name in its right spelling.
    pub(super) fn respelled(&self, name: &str) -> String {
        match longest(&self.respelled, |begin| name.starts_with(begin)) {
            Some((begin, right)) => format!("{right}{}", &name[begin.len()..]),
            None => name.to_owned(),
        }
    }

    /// Endings of that name that only switch thinking on or off.
    pub(super) fn switches_of(&self, slug: &str) -> &[String] {
        longest(&self.switches, |begin| slug.starts_with(begin)).map_or(&[], |(_, endings)| endings)
    }

    /// Whether a model's weights can be had, where a rule says it.
    pub(super) fn is_open(&self, id: &str) -> Option<bool> {
        longest(&self.open_weights, |begin| id.starts_with(begin)).map(|(_, open)| *open)
    }

    /// What a model does, where a rule says it.
    pub(super) fn does(&self, id: &str) -> Option<&Vec<String>> {
        longest(&self.does, |part| id.contains(part)).map(|(_, does)| does)
    }

    /// The author of that spelling.
    pub(super) fn author(&self, spelling: &str) -> Option<&str> {
        let known = self.authors.get(&spelling.to_lowercase())?;
        Some(known.as_str())
    }

    /// Whether that is somebody who makes models.
    pub fn knows_author(&self, author: &str) -> bool {
        self.known.contains(author)
    }

    /// All of them.
    pub fn authors_known(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(String::as_str)
    }

    /// All authors that the rules name.
    pub(super) fn known_authors(&self) -> BTreeSet<&str> {
        let named = self.authors.values().chain(self.prefixes.values());
        let named = named.chain(&self.known);
        named.map(String::as_str).collect()
    }

    /// The family of a model's tokenizer.
    pub(super) fn tokenizer(&self, id: &str) -> Option<&String> {
        longest(&self.tokenizers, |begin| id.starts_with(begin)).map(|(_, family)| family)
    }

    /// The author of a bare name.
    pub(super) fn by_prefix(&self, slug: &str) -> Option<&str> {
        let fits = |begin: &str| match begin.strip_prefix('*') {
            Some(part) => slug.contains(part),
            None => slug.starts_with(begin),
        };
        longest(&self.prefixes, fits).map(|(_, author)| author.as_str())
    }
}

/// The entry with the longest key that fits.
fn longest<T>(map: &BTreeMap<String, T>, fits: impl Fn(&str) -> bool) -> Option<(&String, &T)> {
    map.iter()
        .filter(|(key, _)| fits(key))
        .max_by_key(|(key, _)| key.len())
}

/// Whether a rule, which may end with `*`, is about a name.
fn fits(rule: &str, name: &str) -> bool {
    match rule.strip_suffix('*') {
        Some(begin) => name.starts_with(begin),
        None => rule == name,
    }
}
