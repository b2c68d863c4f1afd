//! What an answer's text rests on. Fields: <https://platform.openai.com/docs/api-reference/chat/object> (2026-08);
//! OpenRouter adds `content`, the words of the page: <https://openrouter.ai/docs/features/web-search> (2026-08).

use super::ID;
use crate::dialect::fields::{self, Fields, Path};
use crate::ir::{Citation, Cited, Json, Malformed, Part, PartKind};
use serde::Serialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::ops::Range;

/// Reads one annotation; `None` for one of another kind or shape, which is no reason to refuse an answer.
pub(super) fn read(raw: &RawValue) -> Option<Citation> {
    let mut annotation = Fields::of(raw, Path::ROOT).ok()?;
    let is_known = annotation.need_string("type").ok()? == "url_citation";
    is_known.then(|| url_citation(&mut annotation, raw).ok())?
}

fn url_citation(annotation: &mut Fields<'_, '_>, raw: &RawValue) -> Result<Citation, Malformed> {
    let at = annotation.at();
    let mut cited = Fields::of(annotation.need("url_citation")?, at.key("url_citation"))?;
    let start = cited.unsigned("start_index")?;
    let end = cited.unsigned("end_index")?;
    Ok(Citation {
        source: Cited::Url {
            url: cited.need_string("url")?,
            title: cited.string("title")?,
        },
        range: start.zip(end).map(|(start, end)| start..end),
        place: None,
        quote: cited.string("content")?,
        own: Some((ID, fields::json(raw))),
    })
}

/// The annotations of an answer whose text is that of all its parts together, and whether any could not be said.
pub(super) fn of_parts(parts: &[Part]) -> (Vec<Cow<'_, Json>>, bool) {
    let (mut written, mut lost) = (Vec::new(), false);
    let mut before = 0;
    for part in parts {
        let PartKind::Text(text) = &part.kind else {
            continue;
        };
        let end = before + text.chars().count() as u64;
        for citation in &part.citations {
            match write(citation, before..end) {
                Some(annotation) => written.push(annotation),
                None => lost = true,
            }
        }
        before = end;
    }
    (written, lost)
}

/// A citation as an annotation of the answer's text, in which its part's text stands at `place`: one of this dialect as it
/// was, another's page with the stretch it is for, which is the whole part where none was said. `None` for documents, which
/// Chat Completions does not cite.
pub(super) fn write(citation: &Citation, place: Range<u64>) -> Option<Cow<'_, Json>> {
    match (&citation.own, &citation.source) {
        (Some((ID, own)), _) => Some(Cow::Borrowed(own)),
        (_, Cited::Url { url, title }) => {
            let Range { start, end } = match &citation.range {
                Some(range) => place.start + range.start..place.start + range.end,
                None => place,
            };
            Some(Cow::Owned(Json::of(&Annotation {
                kind: "url_citation",
                url_citation: UrlCitation {
                    url,
                    title: title.as_deref().unwrap_or_default(),
                    content: citation.quote.as_deref(),
                    start_index: start,
                    end_index: end,
                },
            })))
        }
        (_, Cited::Document { .. }) => None,
    }
}

#[derive(Serialize)]
struct Annotation<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    url_citation: UrlCitation<'a>,
}

#[derive(Serialize)]
struct UrlCitation<'a> {
    url: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    start_index: u64,
    end_index: u64,
}
