//! The shape of `catalog/models/<author>.toml`.

use super::price_file::PeriodFile;
use super::{CatalogError, File, words};
use crate::catalog::{
    Capabilities, Capability, Catalog, Modality, Model, ModelIdx, Offering, OfferingIdx,
};
use crate::pricing::Price;
use jiff::civil::Date;
use protocol::dialect::Operation;
use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthorFile {
    model: Vec<Spanned<ModelFile>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelFile {
    slug: String,
    name: String,
    #[serde(default)]
    aliases: Vec<String>,
    released: Option<Date>,
    #[serde(default = "text")]
    input: Vec<Spanned<String>>,
    #[serde(default = "text")]
    output: Vec<Spanned<String>>,
    #[serde(default)]
    capabilities: Vec<Spanned<String>>,
    operations: Option<Vec<Spanned<String>>>,
    offering: Vec<Spanned<OfferingFile>>,
}

/// What one provider serves; what is not said is as the model says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfferingFile {
    provider: Spanned<String>,
    wire_id: String,
    context: Option<u64>,
    max_output: Option<u64>,
    input: Option<Vec<Spanned<String>>>,
    output: Option<Vec<Spanned<String>>>,
    capabilities: Option<Vec<Spanned<String>>>,
    operations: Option<Vec<Spanned<String>>>,
    dialects: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    price: Vec<Spanned<PeriodFile>>,
    source: String,
    date: Date,
}

fn text() -> Vec<Spanned<String>> {
    vec![Spanned::new(0..0, "text".to_owned())]
}

/// Adds a file's models and offerings; remembers of each model where it stands.
pub(super) fn read<'a>(
    file: &'a File<'a>,
    catalog: &mut Catalog,
    origins: &mut Vec<(&'a File<'a>, usize)>,
) -> Result<(), CatalogError> {
    let author = file.stem();
    for model in file.read::<AuthorFile>()?.model {
        let at = model.span().start;
        let model = model.into_inner();
        origins.push((file, at));
        let idx = ModelIdx(index(catalog.models.len()));
        catalog.models.push(Model {
            id: format!("{author}/{}", model.slug),
            name: model.name.clone(),
            author: author.to_owned(),
            aliases: model.aliases.clone(),
            released: model.released,
            offerings: Vec::new(),
        });
        for offering in &model.offering {
            let offering = offering_of(file, catalog, idx, &model, offering)?;
            let position = OfferingIdx(index(catalog.offerings.len()));
            catalog.models[idx.as_usize()].offerings.push(position);
            catalog.offerings.push(offering);
        }
    }
    Ok(())
}

/// A position in a table; no catalogue comes near 2³² rows.
fn index(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

fn offering_of(
    file: &File<'_>,
    catalog: &Catalog,
    model_idx: ModelIdx,
    model: &ModelFile,
    offering: &Spanned<OfferingFile>,
) -> Result<Offering, CatalogError> {
    let at = offering.span().start;
    let own = offering.as_ref();
    let provider_idx = catalog
        .find_provider(own.provider.as_ref())
        .filter(|idx| catalog.provider(*idx).id == *own.provider.as_ref())
        .ok_or_else(|| {
            let message = format!(
                "no file in providers/ is called '{}'",
                own.provider.as_ref()
            );
            file.error(own.provider.span().start, message)
        })?;
    let spoken: Vec<_> = catalog
        .provider(provider_idx)
        .endpoints
        .iter()
        .map(|endpoint| endpoint.dialect)
        .collect();
    let dialects = match &own.dialects {
        None => spoken,
        Some(words) => list(file, words, |word| {
            spoken
                .iter()
                .find(|dialect| dialect.as_str() == word)
                .copied()
                .ok_or_else(|| format!("the provider does not speak '{word}'"))
        })?,
    };
    if dialects.is_empty() {
        return Err(file.error(at, "dialects: at least one is needed"));
    }
    let input = list(file, own.input.as_ref().unwrap_or(&model.input), modality)?;
    let output = list(file, own.output.as_ref().unwrap_or(&model.output), modality)?;
    let capabilities = own.capabilities.as_ref().unwrap_or(&model.capabilities);
    Ok(Offering {
        model: model_idx,
        provider: provider_idx,
        wire_id: own.wire_id.clone(),
        price: price(file, &own.price)?,
        context: own.context,
        max_output: own.max_output,
        capabilities: Some(all_capabilities(
            list(file, capabilities, capability)?,
            &input,
        )),
        input,
        output,
        operations: match own.operations.as_ref().or(model.operations.as_ref()) {
            None => vec![Operation::Chat],
            Some(words) => list(file, words, words::operation)?,
        },
        dialects,
        source: own.source.clone(),
        date: Some(own.date),
    })
}

fn price(file: &File<'_>, periods: &[Spanned<PeriodFile>]) -> Result<Option<Price>, CatalogError> {
    let mut read = Vec::new();
    for period in periods {
        let at = period.span().start;
        let period = period
            .as_ref()
            .period()
            .map_err(|message| file.error(at, message))?;
        if read
            .iter()
            .any(|known: &crate::pricing::Period| known.from_ms == period.from_ms)
        {
            return Err(file.error(at, "two prices hold from the same day on"));
        }
        read.push(period);
    }
    Ok(Price::new(read))
}

/// What is said, and what follows from the modalities.
fn all_capabilities(said: Vec<Capability>, input: &[Modality]) -> Capabilities {
    let follows = input.iter().filter_map(|modality| match modality {
        Modality::Image => Some(Capability::Vision),
        Modality::File => Some(Capability::Files),
        Modality::Audio => Some(Capability::Audio),
        Modality::Text | Modality::Video | Modality::Embedding => None,
    });
    said.into_iter().chain(follows).collect()
}

fn list<T>(
    file: &File<'_>,
    from: &[Spanned<String>],
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, CatalogError> {
    from.iter()
        .map(|word| parse(word.as_ref()).map_err(|message| file.error(word.span().start, message)))
        .collect()
}

fn modality(word: &str) -> Result<Modality, String> {
    Modality::parse(word)
        .ok_or_else(|| words::unknown("modality", word, &Modality::ALL.map(Modality::as_str)))
}

/// Vision, files and audio are not said here: they follow from the modalities, so that the two cannot disagree.
fn capability(word: &str) -> Result<Capability, String> {
    let allowed = [
        Capability::Tools,
        Capability::ParallelTools,
        Capability::StructuredOutput,
        Capability::Reasoning,
        Capability::PromptCaching,
        Capability::Streaming,
    ];
    Capability::parse(word)
        .filter(|known| allowed.contains(known))
        .ok_or_else(|| words::unknown("capability", word, &allowed.map(Capability::as_str)))
}
