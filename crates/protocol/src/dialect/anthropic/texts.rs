//! Blocks that are texts with a frame around them: search results, and documents that were cut into blocks. Other providers
//! get the text; the frame, which says how to cite it, is a loss. Its own provider gets the block as it was.
//! <https://platform.claude.com/docs/en/build-with-claude/search-results>,
//! <https://platform.claude.com/docs/en/build-with-claude/citations> (2026-11)

use super::{ID, parts};
use crate::dialect::fields::{self, Fields};
use crate::ir::{Json, Malformed, Media, MediaSource, Part, PartKind};
use serde_json::value::RawValue;

/// The members whose loss stands for that of the frame, each of which holds the whole block as it was.
const FRAMES: [&str; 2] = ["search_result", "source"];

/// The note on a part that stands in the block of one before it.
const INSIDE: &str = "inside";

/// The block that a part came in, as it was.
pub(super) fn framed(part: &Part) -> Option<&Json> {
    let mut members = part.extra.of(ID);
    members.find_map(|(key, json)| FRAMES.contains(&key).then_some(json))
}

/// Whether a part stands in the block of one before it.
pub(super) fn is_inside(part: &Part) -> bool {
    part.extra.noted(ID, INSIDE).is_some()
}

/// Reads a search result: a text below its title and source.
pub(super) fn search_result(
    raw: &RawValue,
    mut block: Fields<'_, '_>,
    out: &mut Vec<Part>,
) -> Result<(), Malformed> {
    let at = block.at();
    let source = block.need_string("source")?;
    let title = block.need_string("title")?;
    let content = parts::blocks(block.need("content")?, at.key("content"))?;
    let (text, others) = apart(content);
    let mut part = Part::text(format!("{title}\n{source}\n\n{text}"));
    part.cache = parts::cache_control(&mut block, &mut part.extra)?;
    push(part, "search_result", raw, others, out);
    Ok(())
}

/// Whether a document consists of blocks.
pub(super) fn is_of_blocks(block: &Fields<'_, '_>) -> Result<bool, Malformed> {
    let at = block.at();
    let Some(raw) = block.peek("source") else {
        return Ok(false);
    };
    let kind = Fields::of(raw, at.key("source"))?.string("type")?;
    Ok(kind.as_deref() == Some("content"))
}

/// Reads a document of blocks: a text, and the images in it behind it.
pub(super) fn document(
    raw: &RawValue,
    mut block: Fields<'_, '_>,
    out: &mut Vec<Part>,
) -> Result<(), Malformed> {
    let at = block.at();
    let at = at.key("source");
    let mut source = Fields::of(block.need("source")?, at)?;
    let content = parts::content(source.need("content")?, at.key("content"))?;
    let (text, others) = apart(content);
    let mut part = Part::new(PartKind::File(Media {
        source: MediaSource::Text(text),
        media_type: None,
        name: block.string("title")?,
        detail: None,
    }));
    part.cache = parts::cache_control(&mut block, &mut part.extra)?;
    push(part, "source", raw, others, out);
    Ok(())
}

/// The texts in one, and what is none.
fn apart(content: Vec<Part>) -> (String, Vec<Part>) {
    let mut texts: Vec<String> = Vec::new();
    let mut others = Vec::new();
    for part in content {
        match part.kind {
            PartKind::Text(text) => texts.push(text),
            _ => others.push(part),
        }
    }
    (texts.join("\n\n"), others)
}

fn push(mut part: Part, frame: &str, raw: &RawValue, others: Vec<Part>, out: &mut Vec<Part>) {
    part.extra.push(ID, frame, fields::json(raw));
    out.push(part);
    out.extend(others.into_iter().map(|mut part| {
        part.extra.note(ID, INSIDE, Json::null());
        part
    }));
}
