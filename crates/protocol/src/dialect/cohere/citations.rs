//! What an answer rests on. <https://docs.cohere.com/docs/citations> (2026-11)

use super::ID;
use crate::ir::{Citation, Cited, Json};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// What is before the number in the ids that Cohere gives to documents without one.
const NUMBERED: &str = "doc:";

#[derive(Debug, Deserialize)]
struct Wire<'a> {
    start: Option<u64>,
    end: Option<u64>,
    #[serde(borrow, default)]
    sources: Option<Vec<Source<'a>>>,
    content_index: Option<u64>,
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
}

#[derive(Debug, Deserialize)]
struct Source<'a> {
    id: Option<String>,
    #[serde(borrow)]
    document: Option<&'a RawValue>,
}

/// Where a citation belongs, and what it says: one citation for each of its sources.
#[derive(Debug, PartialEq)]
pub(super) struct Found {
    /// The block of content; `None` where it is not said.
    pub(super) block: Option<u64>,
    /// One for each source.
    pub(super) each: Vec<Citation>,
}

/// Reads a citation; `None` for one of another text than the answer's own (plan, thinking), or of another shape.
pub(super) fn read(raw: &RawValue) -> Option<Found> {
    let wire: Wire<'_> = serde_json::from_str(raw.get()).ok()?;
    if wire.kind.is_some_and(|kind| kind != "TEXT_CONTENT") {
        return None;
    }
    let range = wire.start.zip(wire.end).map(|(start, end)| start..end);
    let citation = |source| Citation {
        source,
        range: range.clone(),
        place: None,
        quote: None,
        own: Some((ID, Json::from(raw.to_owned()))),
    };
    let sources = wire.sources.unwrap_or_default();
    let each = if sources.is_empty() {
        vec![citation(Cited::Document {
            index: None,
            id: None,
            title: None,
        })]
    } else {
        sources
            .iter()
            .map(|source| citation(cited(source)))
            .collect()
    };
    Some(Found {
        block: wire.content_index,
        each,
    })
}

/// Documents were given their number as id, or got one from Cohere that ends in it; results of tools have others.
fn cited(source: &Source<'_>) -> Cited {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Data {
        title: Option<String>,
    }
    let number = |id: &str| id.strip_prefix(NUMBERED).unwrap_or(id).parse().ok();
    let data: Data = source
        .document
        .and_then(|raw| serde_json::from_str(raw.get()).ok())
        .unwrap_or_default();
    let index = source
        .id
        .as_deref()
        .filter(|_| source.document.is_some())
        .and_then(number);
    Cited::Document {
        index,
        id: source.id.clone(),
        title: data.title,
    }
}
