//! The shape of `catalog/models/<author>.toml`.

use crate::price::PeriodFile;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The models of one author.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuthorFile {
    /// Each once.
    pub model: Vec<ModelFile>,
}

/// One model. What is said of input, output, capabilities and operations holds where an offering says nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelFile {
    /// The id without its author.
    pub slug: String,
    /// For people.
    pub name: String,
    /// Other names that mean this model and no other.
    pub aliases: Vec<String>,
    /// One line of facts.
    pub description: String,
    /// The day it came out.
    pub released: Option<String>,
    /// The month (or day) that its knowledge ends with.
    pub knowledge: Option<String>,
    /// The family of its tokenizer.
    pub tokenizer: Option<String>,
    /// Whether its weights can be had.
    pub open_weights: Option<bool>,
    /// The id of the model that its author names as successor.
    pub replaced_by: Option<String>,
    /// Modalities; text where nothing is said.
    pub input: Option<Vec<String>>,
    /// Modalities; text where nothing is said.
    pub output: Option<Vec<String>>,
    /// What it can do besides what follows from the modalities.
    pub capabilities: Vec<String>,
    /// What it may be asked to do; chat where nothing is said.
    pub operations: Option<Vec<String>>,
    /// Public measures of quality.
    pub scores: Vec<ScoreFile>,
    /// Who serves it.
    pub offering: Vec<OfferingFile>,
}

/// A public measure of a model's quality.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreFile {
    /// `intelligence`, `coding`.
    pub of: String,
    /// Percent, as decimal text.
    pub percent: String,
    /// Who measured.
    pub by: String,
    /// The page that shows it.
    pub source: String,
    /// When it was read.
    pub date: String,
}

/// What one provider serves; what is not said is as the model says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OfferingFile {
    /// The provider's id.
    pub provider: String,
    /// The provider's own name of the model.
    pub wire_id: String,
    /// Other names that the provider takes for the same, at the same price.
    pub also: Vec<String>,
    /// Tokens of input and output together.
    pub context: Option<u64>,
    /// Tokens of output.
    pub max_output: Option<u64>,
    /// Modalities.
    pub input: Option<Vec<String>>,
    /// Modalities.
    pub output: Option<Vec<String>>,
    /// What it can do here.
    pub capabilities: Option<Vec<String>>,
    /// What it may be asked to do here.
    pub operations: Option<Vec<String>>,
    /// Which of the provider's dialects it can be asked in; all where nothing is said.
    pub dialects: Option<Vec<String>>,
    /// Request parameters that are documented to work.
    pub parameters: Vec<String>,
    /// What some of them are where a request says nothing.
    pub defaults: BTreeMap<String, String>,
    /// The day on which it ends, or since which it should not be used.
    pub deprecated: Option<String>,
    /// The numbers that its weights are kept in (`fp8`).
    pub quantization: Option<String>,
    /// Where it runs.
    pub regions: Vec<String>,
    /// Whether the provider checks content before the model sees it.
    pub moderated: Option<bool>,
    /// What becomes of the data, where that differs from the provider's terms.
    pub data: Option<DataFile>,
    /// Why there is no price.
    pub unpriced: Option<String>,
    /// Where price and limits were read.
    pub source: String,
    /// The public list that they came through, where not from the page itself.
    pub via: Option<String>,
    /// When.
    pub date: String,
    /// Prices, each from a day on.
    pub price: Vec<PeriodFile>,
}

impl OfferingFile {
    /// The provider's id and its own name of the model: what tells offerings apart.
    pub(crate) fn place(&self) -> (&str, &str) {
        (&self.provider, &self.wire_id)
    }
}

/// What becomes of requests' data: `default` (for everybody), `by_agreement`, `none` (not to be had).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DataFile {
    /// Nothing is kept after the answer.
    pub zero_retention: Option<String>,
    /// Nothing is used to train models.
    pub no_training: Option<String>,
    /// The page that says so.
    pub source: String,
    /// When it was read.
    pub date: String,
}
