//! An operator's own providers and models over the catalogue: other addresses, negotiated prices, a vLLM next door.

mod doubts;
mod models;
mod named;

use super::lookup::Names;
use super::parse::{self, CatalogError};
use super::{
    Auth, Capabilities, Catalog, Endpoint, Links, Provider, ProviderFacts, ProviderIdx, Transport,
};
use crate::pricing::{Multiplier, OwnPrice};
use protocol::dialect::DialectId;

pub(super) use doubts::doubts;

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
/// Its name is read as a client's is. Where the provider serves a model of that name by the catalogue, this is said of that
/// offering; where the catalogue has the model elsewhere, the provider gets an offering of it, with the name as its own
/// there. Else it is a new model: `author/slug` is its id, shared by all providers that list it, and any other name
/// becomes `<provider>/<name>`. [`EVERY_MODEL`] as name means all models that the catalogue lists at this provider, for
/// `price_multiplier` alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelOverlay {
    /// The provider's own name, or any other of the model's.
    pub id: String,
    /// Whether it is a model of its own, whatever is called alike.
    pub is_new: bool,
    /// What it costs; nothing where nothing is said.
    pub price: OwnPrice,
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
    let mut said_of: Vec<(ProviderIdx, &str)> = Vec::new();
    for said in &overlay.providers {
        let place = format!("providers.{}", said.id);
        let error =
            |misfit: Misfit| CatalogError::at(format!("{place}.{}", misfit.member), misfit.message);
        let provider = match catalog.find_provider(&said.id) {
            Some(known) => {
                if let Some((_, first)) = said_of.iter().find(|(idx, _)| *idx == known) {
                    let first = format!("providers.{first}");
                    let message = format!("is the same provider as {first}: say all of it there");
                    return Err(CatalogError::at(place, message).again(first));
                }
                change_provider(&mut merged, known, said).map_err(error)?;
                known
            }
            None => add_provider(&mut merged, said).map_err(error)?,
        };
        said_of.push((provider, &said.id));
        models::add(catalog, &mut merged, provider, said)?;
    }
    merged.names = Names::index(&merged)
        .map_err(|clash| CatalogError::at(merged.model(clash.model).id.clone(), clash.message))?;
    Ok(merged)
}

/// Where something is said of a model: what a [`CatalogError`] names.
fn model_place(provider: &str, number: usize) -> String {
    format!("providers.{provider}.models[{number}]")
}

/// What does not fit, and which member of the provider says it.
struct Misfit {
    member: &'static str,
    message: String,
}

fn in_member(member: &'static str) -> impl Fn(String) -> Misfit {
    move |message| Misfit { member, message }
}

/// An id is part of addresses and of models' names, whoever writes them.
const MAX_ID: usize = 64;

fn new_id(id: &str) -> Result<(), String> {
    let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
    let dots = id.bytes().all(|byte| byte == b'.');
    match id.bytes().all(allowed) && !dots && id.len() <= MAX_ID {
        true => Ok(()),
        false => Err(format!(
            "a provider's id has 1 to {MAX_ID} of a-z, 0-9, '.', '_' and '-', and not dots alone"
        )),
    }
}

fn add_provider(merged: &mut Catalog, said: &ProviderOverlay) -> Result<ProviderIdx, Misfit> {
    new_id(&said.id).map_err(in_member("id"))?;
    let base_url = said.base_url.as_deref().ok_or_else(|| {
        let meant = merged.provider_like(&said.id);
        let meant = meant.map_or_else(String::new, |id| format!(" (did you mean {id}?)"));
        format!("a provider that the catalogue does not know needs a base_url{meant}")
    });
    let base_url = base_url
        .and_then(parse::base_url)
        .map_err(in_member("base_url"))?;
    let words = match &said.speaks {
        Some(words) => words.clone(),
        None => vec![protocol::dialect::openai_chat::ID.as_str().to_owned()],
    };
    let idx = ProviderIdx(u32::try_from(merged.providers.len()).unwrap_or(u32::MAX));
    merged.providers.push(Provider {
        id: said.id.clone(),
        name: said.name.clone().unwrap_or_else(|| said.id.clone()),
        aliases: Vec::new(),
        env: Vec::new(),
        base_url_env: None,
        endpoints: endpoints(&words, &base_url, &said.auth, &[]).map_err(in_member("speaks"))?,
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
) -> Result<(), Misfit> {
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
        provider.endpoints = endpoints(words, &base_url, &said.auth, &provider.endpoints)
            .map_err(in_member("speaks"))?;
    }
    for endpoint in &mut provider.endpoints {
        if let Some(base_url) = &said.base_url {
            endpoint.base_url = parse::base_url(base_url).map_err(in_member("base_url"))?;
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
        return Err("at least one dialect is needed".to_owned());
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

fn lower(headers: &[(String, String)]) -> impl Iterator<Item = (String, String)> {
    headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
}
