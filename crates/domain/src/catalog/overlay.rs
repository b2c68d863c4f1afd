//! An operator's own providers and models over the catalogue: other addresses, negotiated prices, a vLLM next door.

use super::lookup::Names;
use super::parse::{self, CatalogError};
use super::{
    Auth, Capabilities, Catalog, Endpoint, Links, Model, ModelIdx, Offering, OfferingFacts,
    OfferingIdx, Provider, ProviderFacts, ProviderIdx, Transport,
};
use crate::pricing::{Multiplier, Price, Rates};
use protocol::dialect::{DialectId, Operation};
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// What an operator says of providers and models. Secrets stand elsewhere.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overlay {
    /// Providers, known to the catalogue or new.
    pub providers: Vec<ProviderOverlay>,
}

/// What an operator says of one provider; what is `None` stays as the catalogue has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProviderOverlay {
    /// Its id; an id or alias of the catalogue changes that provider, another makes a new one.
    pub id: String,
    /// For people.
    pub name: Option<String>,
    /// Where it is, for every dialect; a new provider needs one.
    pub base_url: Option<String>,
    /// The dialects it speaks (`openai_chat`), the preferred one first; a new provider speaks `openai_chat` where
    /// nothing is said.
    pub speaks: Option<Vec<String>>,
    /// Where it wants its secret; a new provider gets it as a bearer token where nothing is said.
    pub auth: Option<Auth>,
    /// Headers that every request to it carries, besides the catalogue's.
    pub headers: Vec<(String, String)>,
    /// Models that it serves, besides the catalogue's.
    pub models: Vec<ModelOverlay>,
}

/// What an operator says of one model at one provider.
///
/// Its name is the provider's own. Where that names a model of the catalogue, it is another offering of it (or other
/// prices of the one that stands there already); where it is `author/slug`, it is the id of a new model, shared by all
/// providers that list it; else the new model's id is `<provider>/<name>`. [`EVERY_MODEL`] as name means all models that
/// the catalogue lists at this provider, for `price_multiplier` alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelOverlay {
    /// The provider's own name.
    pub id: String,
    /// Prices that always hold; `None` where unknown.
    pub rates: Option<Rates>,
    /// What the catalogue's prices are multiplied by.
    pub price_multiplier: Option<Multiplier>,
    /// Tokens of input and output together.
    pub context: Option<u64>,
    /// Tokens of output.
    pub max_output: Option<u64>,
    /// What it can do; `None` where nobody knows, and then all is tried.
    pub capabilities: Option<Capabilities>,
    /// What it may be asked to do (`chat`, `embed`); everything where nothing is said.
    pub operations: Option<Vec<String>>,
}

/// The name that stands for all models of the catalogue at a provider.
pub const EVERY_MODEL: &str = "*";

/// A catalogue with the overlay over it.
pub(super) fn apply(catalog: &Catalog, overlay: &Overlay) -> Result<Catalog, CatalogError> {
    let mut merged = catalog.clone();
    for said in &overlay.providers {
        let place = format!("providers.{}", said.id);
        let error = |message: String| CatalogError {
            place: place.clone(),
            line: None,
            message,
        };
        let provider = match catalog.find_provider(&said.id) {
            Some(known) => {
                change_provider(&mut merged, known, said).map_err(error)?;
                known
            }
            None => add_provider(&mut merged, said).map_err(error)?,
        };
        // What is said of one model wins over what is said of all.
        let (every, named): (Vec<_>, Vec<_>) =
            (said.models.iter()).partition(|model| model.id == EVERY_MODEL);
        for model in every {
            multiply_all(&mut merged, provider, model).map_err(|message| CatalogError {
                place: format!("{place}.models, '*'"),
                line: None,
                message,
            })?;
        }
        for model in named {
            add_model(catalog, &mut merged, provider, model).map_err(|message| CatalogError {
                place: format!("{place}.models, '{}'", model.id),
                line: None,
                message,
            })?;
        }
    }
    merged.names = Names::index(&merged).map_err(|clash| CatalogError {
        place: merged.model(clash.model).id.clone(),
        line: None,
        message: clash.message,
    })?;
    Ok(merged)
}

fn add_provider(merged: &mut Catalog, said: &ProviderOverlay) -> Result<ProviderIdx, String> {
    if said.id.is_empty() || said.id.contains(['/', ':']) {
        return Err("a provider's id is not empty and has no '/' or ':'".to_owned());
    }
    let base_url = said
        .base_url
        .as_deref()
        .ok_or("a provider that the catalogue does not know needs a base_url")?;
    let words = match &said.speaks {
        Some(words) => words.clone(),
        None => vec![protocol::dialect::openai_chat::ID.as_str().to_owned()],
    };
    let idx = ProviderIdx(position(merged.providers.len()));
    merged.providers.push(Provider {
        id: said.id.clone(),
        name: said.name.clone().unwrap_or_else(|| said.id.clone()),
        aliases: Vec::new(),
        env: Vec::new(),
        base_url_env: None,
        endpoints: endpoints(&words, &parse::base_url(base_url)?, &said.auth, &[])?,
        transport: Transport::Http,
        headers: lower(&said.headers).collect(),
        facts: ProviderFacts::default(),
        links: Links::default(),
        evidence: String::new(),
    });
    Ok(idx)
}

fn change_provider(
    merged: &mut Catalog,
    idx: ProviderIdx,
    said: &ProviderOverlay,
) -> Result<(), String> {
    let provider = &mut merged.providers[idx.as_usize()];
    if let Some(name) = &said.name {
        provider.name.clone_from(name);
    }
    provider.headers.retain(|(name, _)| {
        let mut given = said.headers.iter();
        !given.any(|(own, _)| own.eq_ignore_ascii_case(name))
    });
    provider.headers.extend(lower(&said.headers));
    if let Some(words) = &said.speaks {
        let base_url = provider.endpoints[0].base_url.clone();
        provider.endpoints = endpoints(words, &base_url, &said.auth, &provider.endpoints)?;
    }
    for endpoint in &mut provider.endpoints {
        if let Some(base_url) = &said.base_url {
            endpoint.base_url = parse::base_url(base_url)?;
        }
        if let Some(auth) = &said.auth {
            endpoint.auth = auth.clone();
        }
    }
    if said.speaks.is_some() {
        let spoken: Vec<DialectId> = provider.endpoints.iter().map(|e| e.dialect).collect();
        for offering in &mut merged.offerings {
            if offering.provider == idx {
                offering.dialects.clone_from(&spoken);
            }
        }
    }
    Ok(())
}

/// One endpoint for each dialect: as it was where it was spoken before, else as the rest.
fn endpoints(
    words: &[String],
    base_url: &str,
    auth: &Option<Auth>,
    before: &[Endpoint],
) -> Result<Vec<Endpoint>, String> {
    let spoken = parse::speakable(words.iter().map(String::as_str))?;
    if spoken.is_empty() {
        return Err("speaks: at least one dialect is needed".to_owned());
    }
    let endpoint = |dialect| {
        let known = before.iter().find(|known| known.dialect == dialect);
        known.cloned().unwrap_or_else(|| Endpoint {
            dialect,
            base_url: base_url.to_owned(),
            auth: auth
                .clone()
                .or_else(|| before.first().map(|first| first.auth.clone()))
                .unwrap_or_else(|| Auth::usual(dialect)),
            quirks: Vec::new(),
        })
    };
    Ok(spoken.into_iter().map(endpoint).collect())
}

/// Multiplies the prices of all that the provider serves.
fn multiply_all(
    merged: &mut Catalog,
    provider: ProviderIdx,
    said: &ModelOverlay,
) -> Result<(), String> {
    let only = ModelOverlay {
        id: said.id.clone(),
        price_multiplier: said.price_multiplier,
        ..ModelOverlay::default()
    };
    let (Some(by), true) = (said.price_multiplier, only == *said) else {
        return Err("stands for all models and takes a price_multiplier, nothing else".to_owned());
    };
    if !(merged.offerings.iter()).any(|offering| offering.provider == provider) {
        return Err(
            "price_multiplier: the catalogue lists nothing at this provider that it could multiply: \
             say input and output of each model"
                .to_owned(),
        );
    }
    for offering in &mut merged.offerings {
        if offering.provider == provider {
            offering.price = offering
                .price
                .as_ref()
                .map(|price| Arc::new(price.times(by)));
        }
    }
    Ok(())
}

fn add_model(
    catalog: &Catalog,
    merged: &mut Catalog,
    provider: ProviderIdx,
    said: &ModelOverlay,
) -> Result<(), String> {
    if said.id.is_empty() {
        return Err("a model needs a name".to_owned());
    }
    if said.rates.is_some() && said.price_multiplier.is_some() {
        return Err("has prices of its own or a price_multiplier, not both".to_owned());
    }
    let operations = match &said.operations {
        None => vec![Operation::Chat, Operation::Embed],
        Some(words) => words
            .iter()
            .map(|word| parse::operation(word))
            .collect::<Result<_, _>>()?,
    };
    if let Some((position, known)) = (merged.offerings.iter_mut().enumerate())
        .find(|(_, known)| known.provider == provider && known.wire_id == said.id)
    {
        // Of the catalogue's own price, not of one that was multiplied for all.
        let listed = catalog.offerings.get(position);
        let listed = listed.and_then(|offering| offering.price.as_deref());
        return change_offering(known, said, operations, listed);
    }
    if said.price_multiplier.is_some() {
        return Err(NOTHING_TO_MULTIPLY.to_owned());
    }
    let model = match known_model(catalog, merged, &said.id) {
        Some(model) => model,
        None => new_model(catalog, merged, provider, &said.id),
    };
    let idx = OfferingIdx(position(merged.offerings.len()));
    merged.models[model.as_usize()].offerings.push(idx);
    merged.offerings.push(Offering {
        model,
        provider,
        wire_id: said.id.clone(),
        price: said.rates.map(|rates| Arc::new(Price::flat(rates))),
        context: said.context,
        max_output: said.max_output,
        input: Vec::new(),
        output: Vec::new(),
        capabilities: said.capabilities,
        operations,
        dialects: merged.providers[provider.as_usize()]
            .endpoints
            .iter()
            .map(|endpoint| endpoint.dialect)
            .collect(),
        facts: Arc::new(OfferingFacts {
            data: merged.providers[provider.as_usize()].facts.data.clone(),
            ..OfferingFacts::default()
        }),
    });
    Ok(())
}

fn known_model(catalog: &Catalog, merged: &Catalog, name: &str) -> Option<ModelIdx> {
    let added = || merged.models().find(|(_, model)| model.id == name);
    catalog
        .names
        .model(name)
        .or_else(|| added().map(|(idx, _)| idx))
}

fn new_model(
    catalog: &Catalog,
    merged: &mut Catalog,
    provider: ProviderIdx,
    name: &str,
) -> ModelIdx {
    let provider = &merged.providers[provider.as_usize()].id;
    // A path (`/models/llama.gguf`) has a slash, but no author.
    let (author, id) = match name.split_once('/') {
        Some((author, slug)) if !author.is_empty() && !slug.is_empty() => {
            (author.to_owned(), name.to_owned())
        }
        Some(_) | None => (provider.clone(), format!("{provider}/{name}")),
    };
    // Another provider may have said the whole id before.
    if let Some(known) = known_model(catalog, merged, &id) {
        return known;
    }
    let idx = ModelIdx(position(merged.models.len()));
    merged.models.push(Model {
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

const NOTHING_TO_MULTIPLY: &str =
    "price_multiplier: the catalogue has no price of it at this provider: say input and output";

fn change_offering(
    known: &mut Offering,
    said: &ModelOverlay,
    operations: Vec<Operation>,
    listed: Option<&Price>,
) -> Result<(), String> {
    if let Some(by) = said.price_multiplier {
        let listed = listed.ok_or(NOTHING_TO_MULTIPLY)?;
        known.price = Some(Arc::new(listed.times(by)));
    }
    if let Some(rates) = said.rates {
        known.price = Some(Arc::new(Price::flat(rates)));
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
    if said.operations.is_some() {
        known.operations = operations;
    }
    Ok(())
}

fn lower(headers: &[(String, String)]) -> impl Iterator<Item = (String, String)> {
    headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
}

/// A position in a table; no catalogue comes near 2³² rows.
fn position(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
