//! What one public list says of one offering, in our words.

use crate::price::PeriodFile;
use std::collections::BTreeMap;

/// A line of a public list. What it does not say is empty.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// The list (`litellm`).
    pub(super) list: &'static str,
    /// Our id of the provider.
    pub(super) provider: String,
    /// The provider's name of the model.
    pub(super) wire_id: String,
    /// The list's spelling of that, where it differs in case alone.
    pub(super) also: Option<String>,
    /// The list's own name for it, where that differs.
    pub(super) listed_as: Option<String>,
    /// For people.
    pub(super) name: Option<String>,
    /// `2024-07-18`
    pub(super) released: Option<String>,
    /// `2023-10`
    pub(super) knowledge: Option<String>,
    pub(super) open_weights: Option<bool>,
    pub(super) input: Option<Vec<String>>,
    pub(super) output: Option<Vec<String>>,
    pub(super) capabilities: Vec<String>,
    /// In our words; empty where not said.
    pub(super) operations: Vec<String>,
    /// The dialects that it can be asked in, if not all of the provider's.
    pub(super) dialects: Option<Vec<String>>,
    pub(super) context: Option<u64>,
    pub(super) max_output: Option<u64>,
    pub(super) parameters: Vec<String>,
    pub(super) defaults: BTreeMap<String, String>,
    pub(super) deprecated: Option<String>,
    /// What holds on the day on which the list is read; empty where it gives no price.
    pub(super) price: Vec<PeriodFile>,
    /// What held before and will hold later, with it; empty where the list knows no changes.
    pub(super) history: Vec<PeriodFile>,
    /// The provider's page that the list cites, or the list's own.
    pub(super) source: String,
    /// Whether that is the provider's.
    pub(super) cites: bool,
    /// Whether being listed says that it is to be had.
    pub(super) offered: bool,
}

impl Found {
    /// The provider's id and its own name of the model, as of an [`crate::OfferingFile`].
    pub(super) fn place(&self) -> (&str, &str) {
        (&self.provider, &self.wire_id)
    }
}
