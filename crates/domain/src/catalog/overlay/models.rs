//! What an operator says of models, laid over those of a provider.

use super::named::{About, about};
use super::{EVERY_MODEL, ModelOverlay, ProviderOverlay, model_place};
use crate::catalog::parse::{self, CatalogError};
use crate::catalog::{Catalog, Model, ModelIdx, Offering, OfferingFacts, OfferingIdx, ProviderIdx};
use listing::squash;
use protocol::dialect::Operation;
use std::sync::Arc;

/// What the catalogue lists of the models, and what they are laid over.
struct Laying<'a> {
    catalog: &'a Catalog,
    merged: &'a mut Catalog,
    provider: ProviderIdx,
}

/// What one entry of a provider's list changes or adds.
enum Target<'a> {
    /// The prices of all that the catalogue lists at the provider.
    Every,
    /// What it lists.
    Known(OfferingIdx),
    /// What it does not, of that model, if it knows it.
    Added(&'a ModelOverlay, Option<ModelIdx>),
}

/// Adds and changes what is said of a provider's models.
pub(super) fn add(
    catalog: &Catalog,
    merged: &mut Catalog,
    provider: ProviderIdx,
    said: &ProviderOverlay,
) -> Result<(), CatalogError> {
    let mut laying = Laying {
        catalog,
        merged,
        provider,
    };
    let mut numbered: Vec<(usize, &ModelOverlay)> = said.models.iter().enumerate().collect();
    // What is said of one model wins over what is said of all.
    numbered.sort_by_key(|(_, model)| model.id != EVERY_MODEL);
    let mut before: Vec<(Target<'_>, usize)> = Vec::new();
    for (number, model) in numbered {
        let wrong = |message: String| {
            let message = format!("'{}': {message}", model.id);
            CatalogError::at(model_place(&said.id, number), message)
        };
        let target = laying.target(model).map_err(wrong)?;
        if let Some((_, first)) = before.iter().find(|(other, _)| target.is(other)) {
            let id = &said.models[*first].id;
            let message =
                format!("models[{first}] ('{id}') is about the same: say all in one entry");
            return Err(wrong(message).again(model_place(&said.id, *first)));
        }
        laying.lay(&target, model).map_err(wrong)?;
        before.push((target, number));
    }
    Ok(())
}

impl Target<'_> {
    /// Whether another entry is about the same.
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Every, Self::Every) => true,
            (Self::Known(one), Self::Known(other)) => one == other,
            (Self::Added(one, _), Self::Added(other, _)) => {
                let apart = one.is_new || other.is_new;
                one.id == other.id || (!apart && squash(&one.id) == squash(&other.id))
            }
            (Self::Every | Self::Known(_) | Self::Added(..), _) => false,
        }
    }
}

impl Laying<'_> {
    fn target<'m>(&self, said: &'m ModelOverlay) -> Result<Target<'m>, String> {
        if said.id.is_empty() {
            return Err("a model needs a name".to_owned());
        }
        if said.id == EVERY_MODEL {
            return Ok(Target::Every);
        }
        let known = self.provider.as_usize() < self.catalog.providers.len();
        let provider = Some(self.provider).filter(|_| known);
        match about(self.catalog, provider, said)? {
            About::Offering(idx) => Ok(Target::Known(idx)),
            About::Model(model) => Ok(Target::Added(said, Some(model))),
            About::Unknown => Ok(Target::Added(said, None)),
        }
    }

    fn lay(&mut self, target: &Target<'_>, said: &ModelOverlay) -> Result<(), String> {
        match target {
            Target::Every => self.multiply_all(said),
            Target::Known(idx) => self.change(*idx, said),
            Target::Added(_, model) => self.add_offering(*model, said),
        }
    }

    /// Multiplies the prices of all that the provider serves.
    fn multiply_all(&mut self, said: &ModelOverlay) -> Result<(), String> {
        let only = ModelOverlay {
            id: said.id.clone(),
            price_multiplier: said.price_multiplier,
            ..ModelOverlay::default()
        };
        let (Some(by), true) = (said.price_multiplier, only == *said) else {
            return Err(
                "stands for all models and takes a price_multiplier, nothing else".to_owned(),
            );
        };
        let mut listed = self.merged.offerings.iter_mut();
        let listed = listed
            .by_ref()
            .filter(|offering| offering.provider == self.provider);
        let mut any = false;
        for offering in listed {
            any = true;
            let price = offering.price.as_ref();
            offering.price = price.map(|price| Arc::new(price.times(by)));
        }
        match any {
            true => Ok(()),
            false => Err(
                "price_multiplier: the catalogue lists nothing at this provider that it could multiply: \
                 say input and output of each model"
                    .to_owned(),
            ),
        }
    }

    /// Changes what the catalogue lists.
    fn change(&mut self, idx: OfferingIdx, said: &ModelOverlay) -> Result<(), String> {
        check_price(said)?;
        let known = &mut self.merged.offerings[idx.as_usize()];
        if let Some(by) = said.price_multiplier {
            // Of the catalogue's own price, not of one that was multiplied for all.
            let listed = self.catalog.offering(idx).price.as_deref();
            let listed = listed.ok_or(NOTHING_TO_MULTIPLY)?;
            known.price = Some(Arc::new(listed.times(by)));
        }
        if !said.price.is_empty() {
            known.price = Some(Arc::new(said.price.over(known.price.as_deref())?));
            known.facts = Arc::new(OfferingFacts {
                source: String::new(),
                via: String::new(),
                date: None,
                unpriced: String::new(),
                ..OfferingFacts::clone(&known.facts)
            });
        }
        known.context = said.context.or(known.context);
        known.max_output = said.max_output.or(known.max_output);
        known.capabilities = said.capabilities.or(known.capabilities);
        if let Some(words) = &said.operations {
            known.operations = operations(words)?;
        }
        Ok(())
    }

    /// Adds one of a model that the catalogue knows, or of a new one.
    fn add_offering(&mut self, model: Option<ModelIdx>, said: &ModelOverlay) -> Result<(), String> {
        check_price(said)?;
        if said.price_multiplier.is_some() {
            return Err(NOTHING_TO_MULTIPLY.to_owned());
        }
        let price = match said.price.is_empty() {
            true => None,
            false => Some(Arc::new(said.price.over(None)?)),
        };
        let operations = match &said.operations {
            None => vec![Operation::Chat, Operation::Embed],
            Some(words) => operations(words)?,
        };
        let model = match model {
            Some(known) => known,
            None => self.new_model(said),
        };
        let provider = &self.merged.providers[self.provider.as_usize()];
        let dialects = provider.endpoints.iter().map(|endpoint| endpoint.dialect);
        let offering = Offering {
            model,
            provider: self.provider,
            wire_id: said.id.clone(),
            price,
            context: said.context,
            max_output: said.max_output,
            input: Vec::new(),
            output: Vec::new(),
            capabilities: said.capabilities,
            operations,
            dialects: dialects.collect(),
            facts: Arc::new(OfferingFacts {
                data: provider.facts.data.clone(),
                ..OfferingFacts::default()
            }),
        };
        let idx = OfferingIdx(position(self.merged.offerings.len()));
        self.merged.models[model.as_usize()].offerings.push(idx);
        self.merged.offerings.push(offering);
        Ok(())
    }

    /// A model that the catalogue does not know; another provider may have said it before.
    fn new_model(&mut self, said: &ModelOverlay) -> ModelIdx {
        let provider = &self.merged.providers[self.provider.as_usize()].id;
        let name = &said.id;
        let (author, id) = id_of_new(provider, name);
        // Also where it says that it is new: a catalogue of later may have it.
        if let Some(known) = self.catalog.names.model(&id) {
            return known;
        }
        let wanted = squash(&id);
        let same = |model: &Model| model.id == id || (!said.is_new && squash(&model.id) == wanted);
        let catalogues = self.catalog.models.len();
        let known = {
            let mut added = self.merged.models().skip(catalogues);
            added.find(|(_, model)| same(model)).map(|(idx, _)| idx)
        };
        if let Some(known) = known {
            return known;
        }
        let idx = ModelIdx(position(self.merged.models.len()));
        self.merged.models.push(Model {
            name: name.to_owned(),
            author,
            id,
            aliases: Vec::new(),
            released: None,
            offerings: Vec::new(),
            facts: Arc::default(),
        });
        idx
    }
}

/// The author and the id of a new model that a provider calls so.
pub(super) fn id_of_new(provider: &str, name: &str) -> (String, String) {
    match name.split_once('/') {
        // A path (`/models/llama.gguf`) has a slash, but no author.
        Some((author, slug)) if !author.is_empty() && !slug.is_empty() => {
            (author.to_owned(), name.to_owned())
        }
        Some(_) | None => (provider.to_owned(), format!("{provider}/{name}")),
    }
}

const NOTHING_TO_MULTIPLY: &str =
    "price_multiplier: the catalogue has no price of it at this provider: say input and output";

fn check_price(said: &ModelOverlay) -> Result<(), String> {
    match !said.price.is_empty() && said.price_multiplier.is_some() {
        true => Err("has prices of its own or a price_multiplier, not both".to_owned()),
        false => Ok(()),
    }
}

fn operations(words: &[String]) -> Result<Vec<Operation>, String> {
    words.iter().map(|word| parse::operation(word)).collect()
}

/// A position in a table; no catalogue comes near 2³² rows.
fn position(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
