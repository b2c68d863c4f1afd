//! The catalogue: which providers there are, which models, and which of them serves which at what price. Loaded once
//! from text, immutable, looked up by index or by name. Which providers are enabled stands in the snapshot, not here.

mod lookup;
mod offering;
mod overlay;
mod parse;
mod provider;
mod similar;

pub use lookup::{Resolved, Suffix, Unknown};
pub(crate) use offering::has_words_for;
pub use offering::{
    Capabilities, Capability, DataTerms, Granted, Lifecycle, Modality, Model, ModelFacts, Offering,
    OfferingFacts, Parameter, Score,
};
pub use overlay::{EVERY_MODEL, ModelOverlay, Overlay, ProviderOverlay};
pub use parse::{CatalogError, base_url};
pub use provider::{Auth, Endpoint, Links, Provider, ProviderFacts, Quirk, Transport};
pub use similar::Similar;

use listing::{Listing, Unpacking};
use lookup::Names;
use std::sync::Arc;

#[cfg(test)]
mod seed_tests;

/// All providers, models and offerings. Indices are valid in the catalogue that gave them and in no other.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    providers: Vec<Provider>,
    models: Vec<Model>,
    offerings: Vec<Offering>,
    names: Names,
}

/// A provider of one catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProviderIdx(u32);

/// A model of one catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModelIdx(u32);

/// An offering of one catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OfferingIdx(u32);

impl ProviderIdx {
    /// As a position in a table with one row per provider.
    pub fn as_usize(self) -> usize {
        self.0 as usize
    }
}

impl ModelIdx {
    /// As a position in a table with one row per model.
    pub fn as_usize(self) -> usize {
        self.0 as usize
    }
}

impl OfferingIdx {
    /// As a position in a table with one row per offering.
    pub fn as_usize(self) -> usize {
        self.0 as usize
    }
}

impl Catalog {
    /// Reads catalogue files: `(path, text)` as they stand in `catalog/`. What is not a TOML file is skipped.
    ///
    /// # Errors
    /// Names the file and the line.
    pub fn parse<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, CatalogError> {
        parse::files(files)
    }

    /// Gives what a listing says its meaning.
    ///
    /// # Errors
    /// Names the provider or model, and what is wrong with it.
    pub fn of(listing: &Listing) -> Result<Self, CatalogError> {
        parse::listing(listing).map_err(parse::Wrong::into_error)
    }

    /// Gives what a packed listing says its meaning, without ever holding all of it.
    ///
    /// # Errors
    /// As [`Self::of`]; and where it is damaged.
    pub fn of_packed(from: Unpacking) -> Result<Self, CatalogError> {
        parse::packed(from)
    }

    /// Puts environment variables where addresses name them; the others stay incomplete.
    pub fn fill_addresses(&mut self, variable: &dyn Fn(&str) -> Option<String>) {
        for provider in &mut self.providers {
            for endpoint in &mut provider.endpoints {
                endpoint.fill(variable);
            }
        }
    }

    /// This catalogue with an operator's own providers and models over it.
    ///
    /// # Errors
    /// Names the provider or model, and what is wrong with it.
    pub fn overlay(&self, overlay: &Overlay) -> Result<Self, CatalogError> {
        overlay::apply(self, overlay)
    }

    /// What of an overlay is probably not meant, by what this catalogue holds at `now_ms` (milliseconds since 1970): a new
    /// model that is called nearly as a known one and does not say that it is new, one that does though the catalogue has
    /// it, and an own price that contradicts the catalogue's. [`Self::overlay`] takes all of it as it is written: the next
    /// catalogue may doubt what this one does not.
    pub fn doubts(&self, overlay: &Overlay, now_ms: i64) -> Vec<CatalogError> {
        overlay::doubts(self, overlay, now_ms)
    }

    /// As [`Self::overlay`]; the same one where nothing lies over it.
    ///
    /// # Errors
    /// As [`Self::overlay`].
    pub fn overlaid(self: &Arc<Self>, overlay: &Overlay) -> Result<Arc<Self>, CatalogError> {
        if overlay.providers.is_empty() {
            return Ok(Arc::clone(self));
        }
        Ok(Arc::new(self.overlay(overlay)?))
    }

    /// What a client's name for a model means: its id, an alias, a bare name where only one model has it, a provider's
    /// own name for it. In front of any of these may stand who made the model, in any spelling of the catalogue's
    /// (`xai/grok-4`, `mistral/…`), which changes nothing; or another provider's id or alias (`groq/llama-3.3-70b`), which
    /// then alone may serve it. What is written otherwise (`GPT-4o Mini`) means a model where only one is called so but
    /// for case and separators.
    ///
    /// # Errors
    /// Lists up to three names that look like it.
    pub fn resolve(&self, name: &str) -> Result<Resolved, Unknown> {
        self.names.resolve(self, name)
    }

    /// The author that is spelled so, else the one whose name looks most like this, if one's does.
    pub fn author_like(&self, name: &str) -> Option<&str> {
        let spelled = self.names.authors(name).first();
        spelled.map_or_else(
            || lookup::close::author(self, name),
            |author| Some(&**author),
        )
    }

    /// The id of the provider whose id or an alias looks most like this one, if one's does.
    pub fn provider_like(&self, name: &str) -> Option<&str> {
        lookup::close::provider(self, name)
    }

    /// The offering that a provider itself calls so.
    pub fn own_offering(&self, provider: ProviderIdx, wire_id: &str) -> Option<OfferingIdx> {
        self.names.own(provider, wire_id)
    }

    /// All providers.
    pub fn providers(&self) -> impl Iterator<Item = (ProviderIdx, &Provider)> {
        (0..).map(ProviderIdx).zip(&self.providers)
    }

    /// All models.
    pub fn models(&self) -> impl Iterator<Item = (ModelIdx, &Model)> {
        (0..).map(ModelIdx).zip(&self.models)
    }

    /// All offerings.
    pub fn offerings(&self) -> impl Iterator<Item = (OfferingIdx, &Offering)> {
        (0..).map(OfferingIdx).zip(&self.offerings)
    }

    /// One provider.
    pub fn provider(&self, idx: ProviderIdx) -> &Provider {
        &self.providers[idx.as_usize()]
    }

    /// One model.
    pub fn model(&self, idx: ModelIdx) -> &Model {
        &self.models[idx.as_usize()]
    }

    /// One offering.
    pub fn offering(&self, idx: OfferingIdx) -> &Offering {
        &self.offerings[idx.as_usize()]
    }

    /// The provider of that id or alias, in any case.
    pub fn find_provider(&self, id: &str) -> Option<ProviderIdx> {
        self.names.provider(id)
    }
}
