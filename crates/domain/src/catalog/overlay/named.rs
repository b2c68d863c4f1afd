//! Which model an operator's entry is about: names mean here what they mean in a client's request.

use super::super::lookup::close::bare;
use super::super::{Catalog, Model, ModelIdx, OfferingIdx, ProviderIdx};
use super::{EVERY_MODEL, ModelOverlay};
use listing::squash;
use std::collections::{BTreeSet, HashMap};

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// What the provider serves by the catalogue.
    Offering(OfferingIdx),
    /// A model of the catalogue, which the provider does not serve by it.
    Model(ModelIdx),
    /// None that the catalogue knows.
    Unknown,
}

/// What an entry's name means at a provider, which is `None` where the catalogue does not know it.
///
/// # Errors
/// Where the provider serves that model under several names of its own, and none of them is this.
pub(super) fn about(
    catalog: &Catalog,
    provider: Option<ProviderIdx>,
    said: &ModelOverlay,
) -> Result<About, String> {
    if let Some(own) = provider.and_then(|at| catalog.own_offering(at, &said.id)) {
        return Ok(About::Offering(own));
    }
    if said.is_new {
        return Ok(About::Unknown);
    }
    let Some(found) = catalog.names.meaning(catalog, &said.id) else {
        return Ok(About::Unknown);
    };
    // A name that is a wish besides (`:free`) is that of an offering of its own.
    if found.suffix.is_some() {
        return Ok(About::Model(found.model));
    }
    let offerings = catalog.model(found.model).offerings.iter().copied();
    let here: Vec<OfferingIdx> = offerings
        .filter(|idx| Some(catalog.offering(*idx).provider) == provider)
        .collect();
    let wanted = [squash(&said.id), squash(bare(&said.id))];
    let called_so = |idx: &&OfferingIdx| wanted.contains(&squash(&catalog.offering(**idx).wire_id));
    let mut called: Vec<OfferingIdx> = here.iter().filter(called_so).copied().collect();
    if called.is_empty() {
        called.clone_from(&here);
    }
    match called.as_slice() {
        [] => Ok(About::Model(found.model)),
        [one] => Ok(About::Offering(*one)),
        several => {
            let names = several
                .iter()
                .map(|idx| catalog.offering(*idx).wire_id.as_str());
            let names: Vec<&str> = names.collect();
            Err(format!(
                "id: the provider has several names for {}: write the one that is meant ({})",
                catalog.model(found.model).id,
                names.join(", ")
            ))
        }
    }
}

/// The names of all models, to look for those that are written nearly as one that was said. Made once for many.
pub(super) struct Nearly<'c> {
    catalog: &'c Catalog,
    /// By the numbers in them, which tell versions and sizes apart: no slip of the pen changes one.
    by_numbers: HashMap<String, Vec<Known<'c>>>,
}

/// A model's name without case and separators.
struct Known<'c> {
    name: String,
    /// Letters and digits of its last word.
    last: usize,
    /// Whether an author or a provider was cut off its front.
    is_bare: bool,
    /// The provider that alone calls the model so.
    at: Option<ProviderIdx>,
    model: &'c Model,
}

impl<'c> Nearly<'c> {
    pub(super) fn of(catalog: &'c Catalog) -> Self {
        let mut by_numbers: HashMap<String, Vec<Known<'c>>> = HashMap::new();
        for (_, model) in catalog.models() {
            let names = || [&model.id].into_iter().chain(&model.aliases);
            let whole = names().map(|name| (name.as_str(), false, None));
            let bare = names().map(|name| (bare(name), true, None));
            let offerings = model.offerings.iter().map(|idx| catalog.offering(*idx));
            let own = offerings.map(|one| (one.wire_id.as_str(), false, Some(one.provider)));
            for (written, is_bare, at) in whole.chain(bare).chain(own) {
                let name = squash(written);
                by_numbers.entry(numbers(&name)).or_default().push(Known {
                    name,
                    last: last_word(written),
                    is_bare,
                    at,
                    model,
                });
            }
        }
        Self {
            catalog,
            by_numbers,
        }
    }

    /// Whether an entry that would make a new model is meant to.
    ///
    /// # Errors
    /// Names the models that are called nearly so, where the entry does not say that it is new.
    pub(super) fn check(
        &self,
        provider: Option<ProviderIdx>,
        said: &ModelOverlay,
    ) -> Result<(), String> {
        let meant_so = said.is_new || said.id == EVERY_MODEL;
        if meant_so || about(self.catalog, provider, said)? != About::Unknown {
            return Ok(());
        }
        let meant = self.meant(provider, &said.id);
        if meant.is_empty() {
            return Ok(());
        }
        Err(format!(
            "id: no model is called '{}' (did you mean {}?): where it is another model, say new = true",
            said.id,
            meant.join(", ")
        ))
    }

    /// Ids of the models, three at most, that are called nearly so: by a whole name, or by a bare one where no author is
    /// said, or by the provider.
    fn meant(&self, provider: Option<ProviderIdx>, said: &str) -> Vec<&str> {
        let name = squash(said);
        let known = self.by_numbers.get(&numbers(&name));
        let known = known.into_iter().flatten().filter(|known| {
            !(known.is_bare && said.contains('/'))
                && (known.at.is_none() || known.at == provider)
                && is_slip((&known.name, known.last), (&name, last_word(said)))
        });
        let ids: BTreeSet<&str> = known.map(|known| known.model.id.as_str()).collect();
        ids.into_iter().take(3).collect()
    }
}

fn numbers(name: &str) -> String {
    name.chars().filter(char::is_ascii_digit).collect()
}

/// Letters and digits of a name's last word.
fn last_word(written: &str) -> usize {
    let last = written.rsplit(|letter: char| !letter.is_alphanumeric());
    last.map(|word| squash(word).len()).next().unwrap_or(0)
}

/// Whether one name, with the length of its last word, can be the other with a slip of the pen: one letter wrong, missing
/// or too many. The same name is none: own providers may each have a model of it. Nor is another last word of a letter or
/// two: those tell variants apart (`-it` and `-pt`, `-v2` and `-vl2`).
fn is_slip((known, known_last): (&str, usize), (said, said_last): (&str, usize)) -> bool {
    let known_front = known.get(..known.len().saturating_sub(known_last));
    let varies = known_front == said.get(..said.len().saturating_sub(said_last));
    (5..=200).contains(&said.len())
        && known != said
        && !(varies && known_last.min(said_last) <= 2)
        && known.len().abs_diff(said.len()) <= 1
        && strsim::damerau_levenshtein(known, said) <= 1
}
