//! What `catalog/models/<author>.toml` means.

use super::{Shared, prices, words};
use crate::catalog::{
    Capabilities, Capability, Catalog, DataTerms, Granted, Modality, Model, ModelFacts, ModelIdx,
    Offering, OfferingFacts, OfferingIdx, Parameter, Provider, Score,
};
use crate::pricing::Price;
use jiff::civil::Date;
use listing::{DataFile, ModelFile, OfferingFile};
use protocol::dialect::{DialectId, Operation};
use std::sync::Arc;

/// What is wrong with one value: the word at fault, and what is allowed.
pub(super) type Fault = (String, String);

/// Adds a model and its offerings.
///
/// # Errors
/// With the position of the offering that is wrong, where it is one.
pub(super) fn read(
    author: &str,
    model: &ModelFile,
    catalog: &mut Catalog,
    shared: &mut Shared,
) -> Result<(), (Option<usize>, Fault)> {
    let idx = ModelIdx(index(catalog.models.len()));
    let mut read = model_of(author, model).map_err(|fault| (None, fault))?;
    for (nth, said) in model.offering.iter().enumerate() {
        let offering = offering_of(catalog, shared, idx, model, said);
        let offering = offering.map_err(|fault| (Some(nth), fault))?;
        read.offerings
            .push(OfferingIdx(index(catalog.offerings.len())));
        catalog.offerings.push(offering);
    }
    catalog.models.push(read);
    Ok(())
}

/// A position in a table; no catalogue comes near 2³² rows.
fn index(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

fn model_of(author: &str, said: &ModelFile) -> Result<Model, Fault> {
    if said.slug.is_empty() || said.name.is_empty() {
        return Err(fault("slug", "a model needs a slug and a name"));
    }
    let scores = said.scores.iter().map(|score| {
        Ok(Score {
            of: score.of.clone(),
            percent: score.percent.clone(),
            by: score.by.clone(),
            source: score.source.clone(),
            date: date(&score.date)?,
        })
    });
    Ok(Model {
        id: format!("{author}/{}", said.slug),
        name: said.name.clone(),
        author: author.to_owned(),
        aliases: said.aliases.clone(),
        released: said.released.as_deref().map(date).transpose()?,
        offerings: Vec::new(),
        facts: Arc::new(ModelFacts {
            description: said.description.clone(),
            knowledge: said.knowledge.clone(),
            tokenizer: said.tokenizer.clone(),
            open_weights: said.open_weights,
            replaced_by: said.replaced_by.clone(),
            scores: scores.collect::<Result<_, Fault>>()?,
        }),
    })
}

fn offering_of(
    catalog: &Catalog,
    shared: &mut Shared,
    model_idx: ModelIdx,
    model: &ModelFile,
    own: &OfferingFile,
) -> Result<Offering, Fault> {
    let provider_idx = catalog
        .find_provider(&own.provider)
        .filter(|idx| catalog.provider(*idx).id == own.provider)
        .ok_or_else(|| {
            fault(
                &own.provider,
                format!("no file in providers/ is called '{}'", own.provider),
            )
        })?;
    let provider = catalog.provider(provider_idx);
    if own.wire_id.is_empty() {
        return Err(fault(
            "wire_id",
            "an offering needs the provider's own name",
        ));
    }
    let input = modalities(own.input.as_ref().or(model.input.as_ref()))?;
    let output = modalities(own.output.as_ref().or(model.output.as_ref()))?;
    let capabilities = own.capabilities.as_ref().unwrap_or(&model.capabilities);
    let (operations, elsewhere) =
        operations(own.operations.as_ref().or(model.operations.as_ref()))?;
    let price = price(own)?;
    if price.is_some() && own.unpriced.is_some() {
        return Err(fault(
            "unpriced",
            "an offering has a price or a reason for none, not both",
        ));
    }
    Ok(Offering {
        model: model_idx,
        provider: provider_idx,
        wire_id: own.wire_id.clone(),
        price: price.map(|price| shared.price(price)),
        context: own.context,
        max_output: own.max_output,
        capabilities: Some(all_capabilities(
            list(capabilities, capability)?,
            &input,
            &output,
        )),
        input,
        output,
        operations,
        dialects: dialects(provider, own)?,
        facts: shared.facts(facts(provider, own, elsewhere)?),
    })
}

fn dialects(provider: &Provider, own: &OfferingFile) -> Result<Vec<DialectId>, Fault> {
    let spoken = || provider.endpoints.iter().map(|endpoint| endpoint.dialect);
    let Some(words) = &own.dialects else {
        return Ok(spoken().collect());
    };
    if words.is_empty() {
        return Err(fault("dialects", "dialects: at least one is needed"));
    }
    list(words, |word| {
        spoken()
            .find(|dialect| dialect.as_str() == word)
            .ok_or_else(|| format!("the provider does not speak '{word}'"))
    })
}

fn facts(
    provider: &Provider,
    own: &OfferingFile,
    elsewhere: Vec<&'static str>,
) -> Result<OfferingFacts, Fault> {
    if let Some(name) = own
        .defaults
        .keys()
        .find(|name| !own.parameters.contains(name))
    {
        return Err(fault(
            name,
            format!("defaults: '{name}' is none of the parameters"),
        ));
    }
    let parameter = |name: &String| Parameter {
        name: name.clone(),
        default: own.defaults.get(name).cloned(),
    };
    Ok(OfferingFacts {
        also: own.also.clone(),
        elsewhere,
        parameters: own.parameters.iter().map(parameter).collect(),
        deprecated: own.deprecated.as_deref().map(date).transpose()?,
        quantization: own.quantization.clone(),
        regions: if own.regions.is_empty() {
            provider.facts.regions.clone()
        } else {
            own.regions.clone()
        },
        moderated: own.moderated,
        data: match &own.data {
            Some(said) => data_terms(said)?,
            None => provider.facts.data.clone(),
        },
        unpriced: own.unpriced.clone().unwrap_or_default(),
        source: own.source.clone(),
        via: own.via.clone().unwrap_or_default(),
        date: Some(date(&own.date)?),
    })
}

/// What is said of data, which needs a page that says so.
pub(super) fn data_terms(said: &DataFile) -> Result<DataTerms, Fault> {
    let granted = |word: &Option<String>| {
        let parse = |word: &String| {
            Granted::parse(word).ok_or_else(|| {
                let all = [Granted::Default, Granted::ByAgreement, Granted::None];
                let message = words::unknown("data term", word, &all.map(Granted::as_str));
                fault(word, message)
            })
        };
        word.as_ref().map(parse).transpose()
    };
    if !said.source.starts_with("https://") {
        return Err(fault(
            "data",
            "data terms need the page that says so as source",
        ));
    }
    Ok(DataTerms {
        zero_retention: granted(&said.zero_retention)?,
        no_training: granted(&said.no_training)?,
        source: said.source.clone(),
        date: Some(date(&said.date)?),
    })
}

fn price(own: &OfferingFile) -> Result<Option<Price>, Fault> {
    let mut read: Vec<crate::pricing::Period> = Vec::with_capacity(own.price.len());
    for said in &own.price {
        let period = prices::period(said)?;
        if read.iter().any(|known| known.from_ms == period.from_ms) {
            let word = said.from.as_deref().unwrap_or("rates");
            return Err(fault(word, "two prices hold from the same day on"));
        }
        read.push(period);
    }
    Ok(Price::new(read))
}

/// What is said, and what follows from the modalities.
fn all_capabilities(
    said: Vec<Capability>,
    input: &[Modality],
    output: &[Modality],
) -> Capabilities {
    let hears = input.iter().filter_map(|modality| match modality {
        Modality::Image => Some(Capability::Vision),
        Modality::File => Some(Capability::Files),
        Modality::Audio => Some(Capability::Audio),
        Modality::Video => Some(Capability::Video),
        Modality::Text | Modality::Embedding => None,
    });
    let makes = output.iter().filter_map(|modality| match modality {
        Modality::Image => Some(Capability::ImageOutput),
        Modality::Audio => Some(Capability::AudioOutput),
        Modality::Text | Modality::Video | Modality::File | Modality::Embedding => None,
    });
    said.into_iter().chain(hears).chain(makes).collect()
}

fn list<T>(from: &[String], parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, Fault> {
    let each = |word: &String| parse(word).map_err(|message| (word.clone(), message));
    from.iter().map(each).collect()
}

fn modalities(said: Option<&Vec<String>>) -> Result<Vec<Modality>, Fault> {
    let Some(words) = said else {
        return Ok(vec![Modality::Text]);
    };
    list(words, |word| {
        Modality::parse(word)
            .ok_or_else(|| words::unknown("modality", word, &Modality::ALL.map(Modality::as_str)))
    })
}

/// Those that this gateway carries out, and the others.
fn operations(said: Option<&Vec<String>>) -> Result<(Vec<Operation>, Vec<&'static str>), Fault> {
    let Some(words) = said else {
        return Ok((vec![Operation::Chat], Vec::new()));
    };
    let (mut ours, mut elsewhere) = (Vec::new(), Vec::new());
    for word in words {
        match words::elsewhere(word) {
            Some(other) => elsewhere.push(other),
            None => ours.push(words::operation(word).map_err(|message| (word.clone(), message))?),
        }
    }
    Ok((ours, elsewhere))
}

/// What follows from the modalities is not said here, so that the two cannot disagree.
fn capability(word: &str) -> Result<Capability, String> {
    let allowed = [
        Capability::Tools,
        Capability::ParallelTools,
        Capability::StructuredOutput,
        Capability::Reasoning,
        Capability::PromptCaching,
        Capability::Streaming,
        Capability::WebSearch,
        Capability::ComputerUse,
    ];
    Capability::parse(word)
        .filter(|known| allowed.contains(known))
        .ok_or_else(|| words::unknown("capability", word, &allowed.map(Capability::as_str)))
}

fn date(text: &str) -> Result<Date, Fault> {
    text.parse()
        .map_err(|_| fault(text, format!("'{text}' is no date; expected 2026-11-21")))
}

fn fault(word: &str, message: impl Into<String>) -> Fault {
    (word.to_owned(), message.into())
}
