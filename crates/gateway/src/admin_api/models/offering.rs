//! One model at one provider, with everything that is known of it.

use super::price::PriceView;
use super::summary::{capabilities, modalities};
use crate::admin_api::words::{CapabilityWord, GrantedWord, LifecycleWord, ModalityWord};
use crate::state::Live;
use domain::catalog::{DataTerms, Links, Offering, OfferingIdx, Provider};
use serde::Serialize;
use utoipa::ToSchema;

/// One model at one provider.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OfferingView {
    /// Who serves it.
    provider: ServedBy,
    /// The provider's own name of the model.
    wire_id: String,
    /// Other names that the provider takes for the same.
    also: Vec<String>,
    /// Whether it can be called now: the provider is enabled.
    callable: bool,
    /// Tokens of input and output together.
    #[schema(required)]
    context: Option<u64>,
    /// Tokens of output.
    #[schema(required)]
    max_output: Option<u64>,
    /// What may go in; empty where unknown.
    input: Vec<ModalityWord>,
    /// What may come out; empty where unknown.
    output: Vec<ModalityWord>,
    /// What it can do; null where nobody said, and then all is tried.
    #[schema(required)]
    capabilities: Option<Vec<CapabilityWord>>,
    /// What it can be asked to do through this gateway.
    operations: Vec<&'static str>,
    /// What it does besides, that this gateway does not ask it to (`image`, `speech`).
    elsewhere: Vec<&'static str>,
    /// The dialects that the provider is asked in, the preferred one first.
    dialects: Vec<&'static str>,
    /// Request parameters that are documented to work, by OpenAI's names.
    parameters: Vec<ParameterDefault>,
    /// Whether it is served, by that day; what is past its end is asked last.
    status: LifecycleWord,
    /// The day on which it ends, or since which it should not be used.
    #[schema(required)]
    deprecated: Option<String>,
    /// The numbers that its weights are kept in (`fp8`).
    #[schema(required)]
    quantization: Option<String>,
    /// Where it runs.
    regions: Vec<String>,
    /// Whether the provider checks content before the model sees it; null where unknown.
    #[schema(required)]
    moderated: Option<bool>,
    /// What becomes of the data.
    data: DataView,
    /// What it costs; null where unknown.
    #[schema(required)]
    price: Option<PriceView>,
    /// Why there is no price; null where there is one.
    #[schema(required)]
    unpriced: Option<String>,
    /// The page that price and limits were taken from; null where the operator gave them.
    #[schema(required)]
    source: Option<String>,
    /// The public list that they came through.
    #[schema(required)]
    via: Option<String>,
    /// The day on which they were taken.
    #[schema(required)]
    date: Option<String>,
}

/// A provider, as far as it concerns whoever chooses one.
#[derive(Debug, Serialize, ToSchema)]
struct ServedBy {
    /// `groq`
    id: String,
    /// For people.
    name: String,
    /// Where the company sits: an ISO 3166 country code.
    #[schema(required)]
    headquarters: Option<String>,
    /// Where to read more.
    links: LinksView,
}

/// Where to read more about a provider.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinksView {
    /// Reference of its API.
    #[schema(required)]
    docs: Option<String>,
    /// Price list.
    #[schema(required)]
    pricing: Option<String>,
    /// Terms of service.
    #[schema(required)]
    terms: Option<String>,
    /// What it does with personal data.
    #[schema(required)]
    privacy: Option<String>,
    /// Status page.
    #[schema(required)]
    status: Option<String>,
}

/// What becomes of requests' data. These are contracts; null is unknown, and not granted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DataView {
    /// To whom it is promised that nothing is kept after the answer.
    #[schema(required)]
    zero_retention: Option<GrantedWord>,
    /// To whom it is promised that nothing is used to train models.
    #[schema(required)]
    no_training: Option<GrantedWord>,
    /// The page that says so.
    #[schema(required)]
    source: Option<String>,
    /// The day on which it was read.
    #[schema(required)]
    date: Option<String>,
}

/// A request parameter that an offering takes.
#[derive(Debug, Serialize, ToSchema)]
struct ParameterDefault {
    /// OpenAI's name for it.
    name: String,
    /// What it is where a request says nothing; null where unknown.
    #[schema(required)]
    default: Option<String>,
}

/// An offering as it is now.
pub(super) fn offering(live: &Live, idx: OfferingIdx, now_ms: i64) -> OfferingView {
    let catalog = &live.snapshot.catalog;
    let offering: &Offering = catalog.offering(idx);
    let facts = &offering.facts;
    OfferingView {
        provider: served_by(catalog.provider(offering.provider)),
        wire_id: offering.wire_id.clone(),
        also: facts.also.clone(),
        callable: live.usable(offering.provider),
        context: offering.context,
        max_output: offering.max_output,
        input: modalities(offering.input.iter()),
        output: modalities(offering.output.iter()),
        capabilities: offering
            .capabilities
            .map(|all| capabilities(std::iter::once(all))),
        operations: offering.operations.iter().map(|one| one.as_str()).collect(),
        elsewhere: facts.elsewhere.clone(),
        dialects: offering.dialects.iter().map(|one| one.as_str()).collect(),
        parameters: facts
            .parameters
            .iter()
            .map(|one| ParameterDefault {
                name: one.name.clone(),
                default: one.default.clone(),
            })
            .collect(),
        status: offering.lifecycle(now_ms).into(),
        deprecated: facts.deprecated.map(|date| date.to_string()),
        quantization: facts.quantization.clone(),
        regions: facts.regions.clone(),
        moderated: facts.moderated,
        data: data(&facts.data),
        price: offering
            .price
            .as_ref()
            .map(|price| PriceView::at(price, now_ms)),
        unpriced: known(&facts.unpriced),
        source: known(&facts.source),
        via: known(&facts.via),
        date: facts.date.map(|date| date.to_string()),
    }
}

fn served_by(provider: &Provider) -> ServedBy {
    ServedBy {
        id: provider.id.clone(),
        name: provider.name.clone(),
        headquarters: known(&provider.facts.headquarters),
        links: links(&provider.links),
    }
}

/// Where to read more.
pub(crate) fn links(links: &Links) -> LinksView {
    LinksView {
        docs: known(&links.docs),
        pricing: known(&links.pricing),
        terms: known(&links.terms),
        privacy: known(&links.privacy),
        status: known(&links.status),
    }
}

/// What becomes of the data.
pub(crate) fn data(terms: &DataTerms) -> DataView {
    DataView {
        zero_retention: terms.zero_retention.map(GrantedWord::from),
        no_training: terms.no_training.map(GrantedWord::from),
        source: known(&terms.source),
        date: terms.date.map(|date| date.to_string()),
    }
}

/// What the catalogue leaves empty is unknown.
pub(crate) fn known(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
