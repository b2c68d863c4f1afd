//! What an answer rests on: `groundingMetadata` and `citationMetadata`, whose ranges count UTF-8 bytes of a part.
//! <https://ai.google.dev/api/generate-content#GroundingMetadata> (2026-11)

use super::ID;
use crate::dialect::DialectId;
use crate::dialect::write::Object;
use crate::ir::{Citation, Cited, Json, Loss};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metadata<'a> {
    grounding_chunks: Vec<Chunk>,
    #[serde(borrow)]
    grounding_supports: Vec<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Chunk {
    web: Option<Source>,
    maps: Option<Source>,
    image: Option<Source>,
    retrieved_context: Option<Source>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Source {
    uri: Option<String>,
    source_uri: Option<String>,
    title: Option<String>,
    document_name: Option<String>,
    /// What was found in a document.
    text: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Support {
    segment: Segment,
    grounding_chunk_indices: Vec<usize>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Segment {
    part_index: usize,
    start_index: u64,
    end_index: u64,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Citations<'a> {
    // AI Studio's name, and Vertex'.
    #[serde(borrow)]
    citation_sources: Vec<&'a RawValue>,
    #[serde(borrow)]
    citations: Vec<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Recited {
    start_index: u64,
    end_index: u64,
    uri: Option<String>,
    title: Option<String>,
}

/// A citation, and which of the answer's parts it is of, by the place that the provider gave it.
pub(super) struct Found {
    pub(super) part: usize,
    /// Bytes of its text; empty where not said.
    pub(super) bytes: Range<u64>,
    pub(super) citation: Citation,
}

/// Reads `groundingMetadata`. What is not as documented is passed over: the whole of it rides along.
pub(super) fn read_grounding(raw: &RawValue) -> Vec<Found> {
    let metadata: Metadata<'_> = serde_json::from_str(raw.get()).unwrap_or_default();
    let mut found = Vec::new();
    for raw in metadata.grounding_supports {
        let support: Support = serde_json::from_str(raw.get()).unwrap_or_default();
        for index in support.grounding_chunk_indices {
            let chunk = metadata.grounding_chunks.get(index);
            let Some((source, quote)) = chunk.and_then(Chunk::cited) else {
                continue;
            };
            found.push(Found {
                part: support.segment.part_index,
                bytes: support.segment.start_index..support.segment.end_index,
                citation: Citation {
                    source,
                    range: None,
                    place: None,
                    quote,
                    own: own(),
                },
            });
        }
    }
    found
}

/// Reads `citationMetadata`: what the model recited. Ranges are of the whole text.
pub(super) fn read_citations(raw: &RawValue) -> Vec<Found> {
    let read: Citations<'_> = serde_json::from_str(raw.get()).unwrap_or_default();
    let all = read.citation_sources.into_iter().chain(read.citations);
    all.filter_map(|raw| {
        let one: Recited = serde_json::from_str(raw.get()).ok()?;
        Some(Found {
            part: 0,
            bytes: one.start_index..one.end_index,
            citation: Citation {
                source: Cited::Url {
                    url: one.uri?,
                    title: one.title,
                },
                range: None,
                place: None,
                quote: None,
                own: own(),
            },
        })
    })
    .collect()
}

impl Chunk {
    /// What it names, and its words.
    fn cited(&self) -> Option<(Cited, Option<String>)> {
        let pages = [&self.web, &self.maps, &self.image];
        let page = pages.into_iter().flatten().next();
        if let Some(page) = page {
            let url = page.uri.as_ref().or(page.source_uri.as_ref());
            let page = Cited::Url {
                url: url?.clone(),
                title: page.title.clone(),
            };
            return Some((page, None));
        }
        let document = self.retrieved_context.as_ref()?;
        let id = document.uri.as_ref().or(document.document_name.as_ref());
        let cited = Cited::Document {
            index: None,
            id: id.cloned(),
            title: document.title.clone(),
        };
        Some((cited, document.text.clone()))
    }
}

/// That a citation is of this dialect. What the provider wrote is in the metadata, which ride along whole: many citations can
/// be of one entry there.
fn own() -> Option<(DialectId, Json)> {
    Some((ID, Json::null()))
}

/// Whether a citation is of this dialect, whose own metadata say all of it.
pub(super) fn is_own(citation: &Citation) -> bool {
    matches!(citation.own, Some((ID, _)))
}

/// What is lost of another's citation: the words of a page, for which there is no place.
pub(super) fn loss(citation: &Citation) -> Option<Loss> {
    let of_a_page = matches!(citation.source, Cited::Url { .. });
    let lost = !is_own(citation) && of_a_page && citation.quote.is_some();
    lost.then(|| Loss::approximated("content.citations"))
}

/// Bytes of a text as Unicode scalar values; `None` where they are not of this text.
pub(super) fn in_chars(text: &str, bytes: &Range<u64>) -> Option<Range<u64>> {
    let count = |end: u64| {
        let end = usize::try_from(end).ok()?;
        Some(text.get(..end)?.chars().count() as u64)
    };
    let range = count(bytes.start)?..count(bytes.end)?;
    (range.start < range.end).then_some(range)
}

/// Unicode scalar values of a text as bytes.
fn in_bytes(text: &str, chars: &Range<u64>) -> Range<usize> {
    let place = |nth: u64| {
        let nth = usize::try_from(nth).unwrap_or(usize::MAX);
        text.char_indices()
            .nth(nth)
            .map_or(text.len(), |(at, _)| at)
    };
    let start = place(chars.start);
    start..place(chars.end).max(start)
}

/// Citations of other dialects, to be written as `groundingMetadata`.
#[derive(Debug, Default)]
pub(super) struct Grounding {
    /// What is cited, and of a document the words that are.
    chunks: Vec<(Cited, Option<String>)>,
    places: HashMap<(Cited, Option<String>), usize>,
    supports: Vec<Supported>,
}

#[derive(Debug)]
struct Supported {
    part: usize,
    bytes: Range<usize>,
    text: String,
    chunk: usize,
}

impl Grounding {
    /// Adds a citation of the part at that place, whose text is this.
    pub(super) fn add(&mut self, part: usize, text: &str, citation: &Citation) {
        let words = match &citation.source {
            Cited::Url { .. } => None,
            Cited::Document { .. } => citation.quote.clone(),
        };
        let cited = (citation.source.clone(), words);
        let chunk = match self.places.entry(cited) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                self.chunks.push(new.key().clone());
                *new.insert(self.chunks.len() - 1)
            }
        };
        let whole = 0..text.len();
        let bytes = citation
            .range
            .as_ref()
            .map_or(whole, |range| in_bytes(text, range));
        self.supports.push(Supported {
            part,
            text: text.get(bytes.clone()).unwrap_or_default().to_owned(),
            bytes,
            chunk,
        });
    }

    /// Writes it, if there is any.
    pub(super) fn write(&self, o: &mut Object<'_>) {
        if self.chunks.is_empty() {
            return;
        }
        o.object("groundingMetadata", |o| {
            o.list("groundingChunks", |list| {
                for (cited, words) in &self.chunks {
                    list.object(|o| write_chunk(o, cited, words.as_deref()));
                }
            });
            o.list("groundingSupports", |list| {
                for support in &self.supports {
                    list.object(|o| {
                        o.object("segment", |o| {
                            if support.part > 0 {
                                o.value("partIndex", &support.part);
                            }
                            o.value("startIndex", &support.bytes.start);
                            o.value("endIndex", &support.bytes.end);
                            o.value("text", &support.text);
                        });
                        o.value("groundingChunkIndices", &[support.chunk]);
                    });
                }
            });
        });
    }
}

fn write_chunk(o: &mut Object<'_>, cited: &Cited, words: Option<&str>) {
    match cited {
        Cited::Url { url, title } => o.object("web", |o| {
            o.value("uri", url);
            o.some("title", title.as_ref());
        }),
        Cited::Document { index, id, title } => o.object("retrievedContext", |o| {
            let place = index.map(|index| index.to_string());
            o.some("uri", id.as_ref().or(place.as_ref()));
            o.some("title", title.as_ref());
            o.some("text", words);
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::write;

    #[test]
    fn ranges_go_from_bytes_to_characters_and_back() {
        let text = "Grüße – 🌍!";
        for (bytes, chars) in [(0..7, 0..5), (8..11, 6..7), (12..16, 8..9)] {
            let start = bytes.start as usize;
            assert_eq!(in_chars(text, &bytes), Some(chars.clone()));
            assert_eq!(in_bytes(text, &chars), start..bytes.end as usize);
        }
        // In the middle of a character, behind the end, and empty.
        for bytes in [0..3, 0..99, 4..4] {
            assert_eq!(in_chars(text, &bytes), None);
        }
        assert_eq!(in_bytes(text, &(3..99)), 4..text.len());
        let backwards = Range { start: 99, end: 3 };
        assert_eq!(in_bytes(text, &backwards), text.len()..text.len());
    }

    #[test]
    fn citations_of_others_share_their_sources() {
        let citation = |range| Citation {
            source: Cited::Url {
                url: "https://example.com/a".into(),
                title: Some("A".into()),
            },
            range,
            place: None,
            quote: None,
            own: None,
        };
        let mut grounding = Grounding::default();
        grounding.add(0, "Grüße.", &citation(Some(2..4)));
        grounding.add(1, "Ja.", &citation(None));
        let mut out = Vec::new();
        write::object(&mut out, |o| grounding.write(o));
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"{"groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://example.com/a","title":"A"}}],"groundingSupports":[{"segment":{"startIndex":2,"endIndex":6,"text":"üß"},"groundingChunkIndices":[0]},{"segment":{"partIndex":1,"startIndex":0,"endIndex":3,"text":"Ja."},"groundingChunkIndices":[0]}]}}"#
        );
    }

    /// The words of a source were left out, and nothing said so.
    #[test]
    fn quoted_words_stand_with_their_document_and_are_a_loss_with_a_page() {
        let mut citation = Citation {
            source: Cited::Document {
                index: Some(1),
                id: None,
                title: Some("facts.txt".into()),
            },
            range: None,
            place: None,
            quote: Some("The grass is green.".into()),
            own: None,
        };
        assert_eq!(loss(&citation), None);
        let mut grounding = Grounding::default();
        grounding.add(0, "green", &citation);
        let mut out = Vec::new();
        write::object(&mut out, |o| grounding.write(o));
        let written: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let metadata = serde_json::to_string(&written["groundingMetadata"]).unwrap();
        let raw: &RawValue = serde_json::from_str(&metadata).unwrap();
        let [found] = <[Found; 1]>::try_from(read_grounding(raw)).ok().unwrap();
        assert_eq!(found.citation.quote, citation.quote);
        citation.source = Cited::Url {
            url: "https://example.com/a".into(),
            title: None,
        };
        let expect = Some(Loss::approximated("content.citations"));
        assert_eq!(loss(&citation), expect);
    }
}
