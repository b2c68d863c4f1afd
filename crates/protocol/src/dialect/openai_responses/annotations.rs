//! What an answer's text rests on.
//! <https://platform.openai.com/docs/api-reference/responses/object> (2026-11), `output_text.annotations`.

use super::ID;
use crate::dialect::fields::{self, Fields, Path};
use crate::ir::{Citation, Cited, Json, Malformed};
use serde::Serialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::ops::Range;

/// Reads one annotation. One of a kind that is not known cites a document without a name, and goes back as it was.
pub(super) fn read(raw: &RawValue) -> Citation {
    let known = of_known_kind(raw).ok().flatten();
    let (source, range) = known.unwrap_or((document(None, None), None));
    Citation {
        source,
        range,
        place: None,
        quote: None,
        own: Some((ID, fields::json(raw))),
    }
}

type Read = (Cited, Option<Range<u64>>);

fn of_known_kind(raw: &RawValue) -> Result<Option<Read>, Malformed> {
    let mut annotation = Fields::of(raw, Path::ROOT)?;
    let start = annotation.unsigned("start_index")?;
    let end = annotation.unsigned("end_index")?;
    let range = start.zip(end).map(|(start, end)| start..end);
    Ok(match annotation.need_string("type")?.as_str() {
        "url_citation" => {
            let url = annotation.need_string("url")?;
            let title = annotation.string("title")?;
            Some((Cited::Url { url, title }, range))
        }
        "file_citation" | "container_file_citation" | "file_path" => {
            let id = annotation.string("file_id")?;
            let title = annotation.string("filename")?;
            Some((document(id, title), range))
        }
        _ => None,
    })
}

fn document(id: Option<String>, title: Option<String>) -> Cited {
    let index = None;
    Cited::Document { index, id, title }
}

/// A citation as an annotation of a text of so many characters: one of this dialect as it was, another's page with the
/// stretch it is for (the whole text where none was said), another's document at the end of that stretch.
pub(super) fn write(citation: &Citation, characters: u64) -> Cow<'_, Json> {
    let range = citation.range.clone().unwrap_or(0..characters);
    match (&citation.own, &citation.source) {
        (Some((ID, own)), _) => Cow::Borrowed(own),
        (_, Cited::Url { url, title }) => Cow::Owned(Json::of(&UrlCitation {
            kind: "url_citation",
            start_index: range.start,
            end_index: range.end,
            url,
            title: title.as_deref().unwrap_or_default(),
        })),
        (_, Cited::Document { index, id, title }) => {
            let place = || Cow::Owned(format!("document_{}", index.unwrap_or(0)));
            Cow::Owned(Json::of(&FileCitation {
                kind: "file_citation",
                file_id: &id.as_deref().map_or_else(place, Cow::Borrowed),
                filename: title.as_deref().unwrap_or_default(),
                index: range.end,
            }))
        }
    }
}

/// Whether an annotation can be written only when its text is whole, because it is for all of it.
pub(super) fn is_for_all(citation: &Citation) -> bool {
    let is_own = citation.own.as_ref().is_some_and(|(from, _)| *from == ID);
    !is_own && citation.range.is_none()
}

/// Whether an annotation says less than another dialect's citation does: no words of the source.
pub(super) fn is_bent(citation: &Citation) -> bool {
    let is_own = citation.own.as_ref().is_some_and(|(from, _)| *from == ID);
    !is_own && (citation.quote.is_some() || matches!(citation.source, Cited::Document { .. }))
}

#[derive(Serialize)]
struct UrlCitation<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    start_index: u64,
    end_index: u64,
    url: &'a str,
    title: &'a str,
}

#[derive(Serialize)]
struct FileCitation<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    file_id: &'a str,
    filename: &'a str,
    index: u64,
}
