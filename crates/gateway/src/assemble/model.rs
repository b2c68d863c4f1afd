//! A model of a stored provider: the JSON shape that the admin API takes and the store keeps.

use domain::catalog::{Capability, ModelOverlay};
use domain::pricing::{Multiplier, Rates};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is said of one model at a provider.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelSaid {
    /// The provider's own name.
    pub(crate) id: String,
    /// USD per million tokens, as decimal text.
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

/// The models of a stored provider, from the JSON that the admin API stored.
///
/// # Errors
/// Names the model and the field.
pub(crate) fn models_of(json: &str) -> anyhow::Result<Vec<ModelOverlay>> {
    let said: Vec<ModelSaid> = serde_json::from_str(json)?;
    said.into_iter().map(overlay).collect()
}

fn overlay(said: ModelSaid) -> anyhow::Result<ModelOverlay> {
    let price = |field: &str, text: &Option<String>| {
        text.as_deref()
            .map(|text| {
                text.parse()
                    .map_err(|error| anyhow::anyhow!("models, '{}': {field}: {error}", said.id))
            })
            .transpose()
    };
    let rates = match (&said.input, &said.output) {
        (None, None) => None,
        (input, output) => Some(Rates {
            input: price("input", input)?.unwrap_or_default(),
            output: price("output", output)?.unwrap_or_default(),
            cache_read: price("cache_read", &said.cache_read)?,
            cache_write: price("cache_write", &said.cache_write)?,
            ..Rates::default()
        }),
    };
    let capability = |word: &String| {
        Capability::parse(word).ok_or_else(|| {
            anyhow::anyhow!("models, '{}': there is no capability '{word}'", said.id)
        })
    };
    let capabilities = said
        .capabilities
        .as_ref()
        .map(|words| words.iter().map(capability).collect())
        .transpose()?;
    let multiplier = |text: &String| {
        let read = text.parse::<Multiplier>();
        read.map_err(|error| anyhow::anyhow!("models, '{}': price_multiplier: {error}", said.id))
    };
    Ok(ModelOverlay {
        rates,
        price_multiplier: said.price_multiplier.as_ref().map(multiplier).transpose()?,
        capabilities,
        context: said.context,
        max_output: said.max_output,
        operations: said.operations.clone(),
        id: said.id,
    })
}
