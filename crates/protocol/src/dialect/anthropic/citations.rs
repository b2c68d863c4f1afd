//! What a text block rests on. Fields: <https://platform.claude.com/docs/en/build-with-claude/citations> and, for pages,
//! <https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool> (2026-08).
//!
//! Their indices count in the document, not in the answer's text: which stretch of the text rests on them is not said,
//! because each stretch is a block of its own.

use super::ID;
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::write::object;
use crate::ir::{Citation, Cited, Extra, Json, Malformed, Place, PlaceUnit};
use serde::Serialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Takes the citations out of a text block. An empty list stays among the extras, since it says that they are on.
pub(super) fn take(
    block: &mut Fields<'_, '_>,
    extra: &mut Extra,
) -> Result<Vec<Citation>, Malformed> {
    let at = block.at();
    let at = at.key("citations");
    let Some(raw) = block.take("citations") else {
        return Ok(Vec::new());
    };
    let list: Vec<&RawValue> = serde_json::from_str(raw.get())
        .map_err(|_| at.wrong(format!("must be a list, but is {}", fields::shape(raw))))?;
    if list.is_empty() {
        extra.push(ID, "citations", fields::json(raw));
    }
    let each = list.into_iter().enumerate();
    each.map(|(index, raw)| read(raw, at.index(index)))
        .collect()
}

/// Reads one.
pub(super) fn read(raw: &RawValue, at: Path<'_>) -> Result<Citation, Malformed> {
    let mut citation = Fields::of(raw, at)?;
    let source = match citation.string("url")?.or(citation.string("source")?) {
        Some(url) => Cited::Url {
            url,
            title: citation.string("title")?,
        },
        None => Cited::Document {
            index: citation.unsigned("document_index")?,
            id: citation.string("file_id")?,
            title: citation.string("document_title")?,
        },
    };
    Ok(Citation {
        source,
        range: None,
        place: place(&mut citation)?,
        quote: citation.string("cited_text")?,
        own: (!is_made(raw)).then(|| (ID, fields::json(raw))),
    })
}

/// Whether a citation was made here of what another provider's search found: Anthropic's own proof of it is empty.
pub(super) fn is_made(raw: &RawValue) -> bool {
    let proof = Fields::of(raw, Path::ROOT).and_then(|mut all| all.string("encrypted_index"));
    proof.ok().flatten().is_some_and(|proof| proof.is_empty())
}

/// How the places in a document are said: the citation's type, and the members of begin and end.
const PLACES: [(PlaceUnit, &str, &str, &str); 3] = [
    (
        PlaceUnit::Character,
        "char_location",
        "start_char_index",
        "end_char_index",
    ),
    (
        PlaceUnit::Page,
        "page_location",
        "start_page_number",
        "end_page_number",
    ),
    (
        PlaceUnit::Chunk,
        "content_block_location",
        "start_block_index",
        "end_block_index",
    ),
];

fn place(citation: &mut Fields<'_, '_>) -> Result<Option<Place>, Malformed> {
    for (unit, _, begin, end) in PLACES {
        if let (Some(begin), Some(end)) = (citation.unsigned(begin)?, citation.unsigned(end)?) {
            return Ok(Some(Place { unit, begin, end }));
        }
    }
    Ok(None)
}

/// Whether Anthropic wrote it, so that it may go back there.
pub(super) fn is_own(citation: &Citation) -> bool {
    matches!(citation.own, Some((ID, _)))
}

/// A citation as a client gets it: one of our own as it was, a page as if it had been searched for, a document where both
/// its number and the place in it are known. `None` for other documents: nothing here can say them.
pub(super) fn written(citation: &Citation) -> Option<Cow<'_, Json>> {
    match (&citation.own, &citation.source) {
        (Some((ID, own)), _) => Some(Cow::Borrowed(own)),
        (_, Cited::Url { url, title }) => Some(Cow::Owned(Json::of(&SearchResult {
            kind: "web_search_result_location",
            cited_text: citation.quote.as_deref().unwrap_or_default(),
            url,
            title: title.as_deref(),
            encrypted_index: "",
        }))),
        (_, Cited::Document { index, title, .. }) => {
            let (index, place) = (index.as_ref()?, citation.place?);
            Some(Cow::Owned(in_document(citation, *index, title, place)))
        }
    }
}

fn in_document(citation: &Citation, index: u64, title: &Option<String>, place: Place) -> Json {
    let mut out = Vec::with_capacity(128);
    object(&mut out, |o| {
        let words = PLACES.iter().find(|(unit, ..)| *unit == place.unit);
        if let Some((_, kind, begin, end)) = words {
            o.value("type", kind);
            o.value("cited_text", citation.quote.as_deref().unwrap_or_default());
            o.value("document_index", &index);
            o.value("document_title", title);
            o.value(begin, &place.begin);
            o.value(end, &place.end);
            o.value("file_id", &None::<String>);
        }
    });
    let text = String::from_utf8(out).unwrap_or_default();
    Json::parse(text).unwrap_or_else(|_| Json::null())
}

/// A page that a web search found.
#[derive(Serialize)]
struct SearchResult<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    cited_text: &'a str,
    url: &'a str,
    title: Option<&'a str>,
    /// Anthropic's own proof of its search; there was none.
    encrypted_index: &'a str,
}
