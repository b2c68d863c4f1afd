//! Citations, both ways: of a whole text in answers, in pieces in streams. Here they belong to a text as a whole, and what
//! their positions count stands in the source.
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Citation.html> (2026-11)

use super::ID;
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::write::Object;
use crate::ir::{Citation, Cited, Json, Malformed, Place, PlaceUnit};
use serde_json::value::RawValue;

/// Reads one.
///
/// # Errors
/// Names the member that has a wrong type.
pub(super) fn read(raw: &RawValue, at: Path<'_>) -> Result<Citation, Malformed> {
    let mut citation = Fields::of(raw, at)?;
    let title = citation.string("title")?;
    let source = citation.string("source")?;
    let quote = quote(&mut citation)?;
    let (mut index, mut url, mut stretch) = (None, None, None);
    if let Some(raw) = citation.take("location") {
        for (kind, raw) in Fields::of(raw, at.key("location"))?.into_members() {
            let mut place = Fields::of(raw, at.key("location"))?;
            if &*kind == "web" {
                url = place.string("url")?;
                continue;
            }
            index = index.or(place.unsigned("documentIndex")?);
            let unit = PLACES.iter().find(|(_, name)| *name == &*kind);
            let ends = (place.unsigned("start")?, place.unsigned("end")?);
            if let (Some((unit, _)), (Some(begin), Some(end))) = (unit, ends) {
                let unit = *unit;
                stretch = Some(Place { unit, begin, end });
            }
        }
    }
    let cited = match url {
        Some(url) => Cited::Url { url, title },
        None => Cited::Document {
            index,
            id: source,
            title,
        },
    };
    Ok(Citation {
        source: cited,
        range: None,
        place: stretch,
        quote,
        own: Some((ID, fields::json(raw))),
    })
}

/// How the places in a document are said. They count as Claude does, whose citations they are.
const PLACES: [(PlaceUnit, &str); 3] = [
    (PlaceUnit::Character, "documentChar"),
    (PlaceUnit::Page, "documentPage"),
    (PlaceUnit::Chunk, "documentChunk"),
];

/// The words of the source, which may come in pieces.
fn quote(citation: &mut Fields<'_, '_>) -> Result<Option<String>, Malformed> {
    let outer = citation.at();
    let at = outer.key("sourceContent");
    let mut quote = None;
    for (index, raw) in citation
        .list("sourceContent")?
        .into_iter()
        .flatten()
        .enumerate()
    {
        if let Some(text) = Fields::of(raw, at.index(index))?.string("text")? {
            quote.get_or_insert_with(String::new).push_str(&text);
        }
    }
    Ok(quote)
}

/// Writes one: as it was, if it came from here.
pub(super) fn to_json(citation: &Citation) -> Json {
    match &citation.own {
        Some((from, json)) if *from == ID => json.clone(),
        _ => {
            let mut out = Vec::with_capacity(128);
            crate::dialect::write::object(&mut out, |o| members(o, citation));
            let text = String::from_utf8(out).unwrap_or_default();
            Json::parse(text).unwrap_or_else(|_| Json::null())
        }
    }
}

fn members(o: &mut Object<'_>, citation: &Citation) {
    match &citation.source {
        Cited::Url { url, title } => {
            o.some("title", title.as_ref());
            quoted(o, citation);
            o.object("location", |o| o.object("web", |o| o.value("url", url)));
        }
        Cited::Document { index, id, title } => {
            o.some("title", title.as_ref());
            o.some("source", id.as_ref());
            quoted(o, citation);
            if let Some(index) = index {
                let unit = citation.place.map_or(PlaceUnit::Chunk, |place| place.unit);
                let kind = PLACES.iter().find(|(known, _)| *known == unit);
                o.object("location", |o| {
                    o.object(kind.map_or("documentChunk", |(_, name)| name), |o| {
                        o.value("documentIndex", index);
                        if let Some(place) = citation.place {
                            o.value("start", &place.begin);
                            o.value("end", &place.end);
                        }
                    });
                });
            }
        }
    }
}

fn quoted(o: &mut Object<'_>, citation: &Citation) {
    if let Some(quote) = &citation.quote {
        o.list("sourceContent", |list| {
            list.object(|o| o.value("text", quote))
        });
    }
}

/// Whether a citation is of a part of the text only, which cannot be said here.
pub(super) fn is_narrower(citation: &Citation, text: &str) -> bool {
    let all = text.chars().count() as u64;
    citation
        .range
        .as_ref()
        .is_some_and(|range| *range != (0..all))
}
