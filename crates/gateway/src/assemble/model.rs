//! A model of a stored provider: the JSON shape that the admin API takes and the store keeps.

use domain::catalog::{Capability, CatalogError, ModelOverlay};
use domain::pricing::{Extent, Multiplier, OwnPrice};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is said of one model at a provider.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelSaid {
    /// The provider's own name, or any other of the model's. One that no model has makes a new model.
    pub(crate) id: String,
    /// Whether it is a new model although its name is nearly that of another.
    #[serde(default, skip_serializing_if = "is_not_said")]
    pub(crate) new: bool,
    /// USD per million tokens, as decimal text. What is left out of the prices stays as the catalogue has it; a model that
    /// it has no price of needs input and output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) input: Option<String>,
    /// USD per million tokens, as decimal text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) output: Option<String>,
    /// USD per million tokens, as decimal text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cache_read: Option<String>,
    /// USD per million tokens, as decimal text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cache_write: Option<String>,
    /// Whether these prices hold for every request, whatever its size, hour and service tier, and nothing of the
    /// catalogue's stays.
    #[serde(default, skip_serializing_if = "is_not_said")]
    pub(crate) flat: bool,
    /// What the catalogue's prices are multiplied by, as decimal text; with the id `*`, those of all its models at this
    /// provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) price_multiplier: Option<String>,
    /// Tokens of input and output together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) context: Option<u64>,
    /// Tokens of output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_output: Option<u64>,
    /// What it can do; left out, all is tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) capabilities: Option<Vec<String>>,
    /// `chat`, `embed`; both where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) operations: Option<Vec<String>>,
}

fn is_not_said(word: &bool) -> bool {
    !word
}

/// The models of a stored provider, from the JSON that the admin API stored.
///
/// # Errors
/// Names the model and the field.
pub(crate) fn models_of(provider: &str, json: &str) -> Result<Vec<ModelOverlay>, CatalogError> {
    let wrong = |place: String, message: String| CatalogError {
        place: format!("providers.{provider}.{place}"),
        line: None,
        message,
        again: None,
    };
    let said: Vec<ModelSaid> = serde_json::from_str(json)
        .map_err(|error| wrong("models".to_owned(), error.to_string()))?;
    let each = said.into_iter().enumerate().map(|(number, said)| {
        let id = said.id.clone();
        let place = format!("models[{number}]");
        overlay(said).map_err(|message| wrong(place, format!("'{id}': {message}")))
    });
    each.collect()
}

fn overlay(said: ModelSaid) -> Result<ModelOverlay, String> {
    let price = |field: &str, text: &Option<String>| {
        let read = text.as_deref().map(str::parse).transpose();
        read.map_err(|error| format!("{field}: {error}"))
    };
    let capability = |word: &String| {
        Capability::parse(word).ok_or_else(|| format!("there is no capability '{word}'"))
    };
    let capabilities = said.capabilities.as_ref();
    let capabilities = capabilities.map(|words| words.iter().map(capability).collect());
    let multiplier = |text: &String| {
        let read = text.parse::<Multiplier>();
        read.map_err(|error| format!("price_multiplier: {error}"))
    };
    Ok(ModelOverlay {
        is_new: said.new,
        price: OwnPrice {
            input: price("input", &said.input)?,
            output: price("output", &said.output)?,
            cache_read: price("cache_read", &said.cache_read)?,
            cache_write: price("cache_write", &said.cache_write)?,
            extent: Extent::of(said.flat),
        },
        price_multiplier: said.price_multiplier.as_ref().map(multiplier).transpose()?,
        capabilities: capabilities.transpose()?,
        context: said.context,
        max_output: said.max_output,
        operations: said.operations.clone(),
        id: said.id,
    })
}
