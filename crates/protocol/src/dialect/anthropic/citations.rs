//! What a text block rests on. Fields: <https://platform.claude.com/docs/en/build-with-claude/citations> and, for pages,
//! <https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool> (2026-08).
//!
//! Their indices count in the document, not in the answer's text: which stretch of the text rests on them is not said,
//! because each stretch is a block of its own.

use super::ID;
use crate::dialect::fields::{self, Fields, Path};
use crate::ir::{Citation, Cited, Extra, Json, Malformed};
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
        quote: citation.string("cited_text")?,
        own: Some((ID, fields::json(raw))),
    })
}

/// Whether Anthropic wrote it, so that it may go back there.
pub(super) fn is_own(citation: &Citation) -> bool {
    matches!(citation.own, Some((ID, _)))
}

/// A citation as a client gets it: one of our own as it was, a page as if it had been searched for. `None` for a place in a
/// document of another provider: it would need indices that only Anthropic gives.
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
        (_, Cited::Document { .. }) => None,
    }
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
