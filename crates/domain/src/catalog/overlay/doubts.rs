//! What of an operator's entries is probably not meant, by what the catalogue holds today. What is wrong by itself is not
//! told here: it does not get laid over anything.

use super::models::id_of_new;
use super::named::{About, Nearly, about};
use super::{EVERY_MODEL, ModelOverlay, Overlay, model_place};
use crate::catalog::{Catalog, CatalogError, ProviderIdx};
use crate::pricing::Multiplier;

/// All doubts, in the order of the entries.
pub(in crate::catalog) fn doubts(
    catalog: &Catalog,
    overlay: &Overlay,
    now_ms: i64,
) -> Vec<CatalogError> {
    if overlay.providers.iter().all(|said| said.models.is_empty()) {
        return Vec::new();
    }
    let nearly = Nearly::of(catalog);
    let mut doubts = Vec::new();
    for said in &overlay.providers {
        let mut of_all = said.models.iter().filter(|model| model.id == EVERY_MODEL);
        let entries = Entries {
            catalog,
            id: &said.id,
            provider: catalog.find_provider(&said.id),
            multiplier: of_all.find_map(|model| model.price_multiplier),
            now_ms,
        };
        for (number, model) in said.models.iter().enumerate() {
            let name = nearly.check(entries.provider, model).err();
            let doubt = name.or_else(|| entries.doubt(model));
            doubts.extend(
                doubt.map(|message| CatalogError::at(model_place(&said.id, number), message)),
            );
        }
    }
    doubts
}

/// What the entries of one provider are read by.
struct Entries<'a> {
    catalog: &'a Catalog,
    id: &'a str,
    /// `None` where the catalogue does not know it.
    provider: Option<ProviderIdx>,
    /// What all prices of the catalogue there are multiplied by first.
    multiplier: Option<Multiplier>,
    now_ms: i64,
}

impl Entries<'_> {
    fn doubt(&self, said: &ModelOverlay) -> Option<String> {
        // Where its name means several, it is not laid over anything.
        match about(self.catalog, self.provider, said).ok()? {
            About::Offering(_) if said.is_new => Some(format!(
                "'{}': new: the catalogue has it at this provider: leave new out",
                said.id
            )),
            About::Offering(idx) => {
                let listed = self.catalog.offering(idx).price.as_deref();
                let multiplied = self
                    .multiplier
                    .zip(listed)
                    .map(|(by, listed)| listed.times(by));
                let doubt = said
                    .price
                    .doubt(multiplied.as_ref().or(listed), self.now_ms)?;
                Some(format!("'{}': {doubt}", said.id))
            }
            About::Unknown if said.is_new => {
                let provider = self.provider.map(|idx| &*self.catalog.provider(idx).id);
                let (_, id) = id_of_new(provider.unwrap_or(self.id), &said.id);
                self.catalog.names.model(&id)?;
                Some(format!(
                    "'{}': new: there is a model {id}: leave new out",
                    said.id
                ))
            }
            About::Model(_) | About::Unknown => None,
        }
    }
}
