//! A conversation may have been answered by providers of other dialects before: their reasoning, which this gateway
//! wrote as items, came back with the client's request, and OpenAI refuses what it did not encrypt itself. So such items
//! are taken out of a request that otherwise passes byte for byte.

use crate::dialect::fields::{Fields, Path};
use crate::dialect::openai_responses::response::OWN_REASONING;
use crate::dialect::origin;
use crate::ir::Malformed;
use crate::splice::Document;
use memchr::memmem;
use serde_json::value::RawValue;

/// Takes them out. A request without any is not touched.
pub(super) fn remove(doc: &mut Document<'_>) {
    let left = doc
        .get("input")
        .filter(|input| input.starts_with('[') && mentions_foreign(input.as_bytes()))
        .and_then(without);
    if let Some(input) = left {
        doc.set("input", &input);
    }
}

/// Whether there may be any: a marked value, or the id of an item that this gateway wrote.
fn mentions_foreign(input: &[u8]) -> bool {
    [origin::MARK, OWN_REASONING]
        .iter()
        .any(|mark| memmem::find(input, mark.as_bytes()).is_some())
}

fn without(input: &str) -> Option<String> {
    let items: Vec<&RawValue> = serde_json::from_str(input).ok()?;
    let kept: Vec<&str> = items
        .iter()
        .filter(|item| !is_foreign(item).unwrap_or(false))
        .map(|item| item.get())
        .collect();
    (kept.len() < items.len()).then(|| format!("[{}]", kept.join(",")))
}

/// Whether an item is reasoning with another dialect's proof, or with none and made here.
fn is_foreign(item: &RawValue) -> Result<bool, Malformed> {
    let mut fields = Fields::of(item, Path::ROOT)?;
    if fields.string("type")?.as_deref() != Some("reasoning") {
        return Ok(false);
    }
    let id = fields.string("id")?;
    Ok(match fields.string("encrypted_content")? {
        Some(sealed) if !sealed.is_empty() => sealed.starts_with(origin::MARK),
        _ => id.is_some_and(|id| id.starts_with(OWN_REASONING)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_foreign_reasoning_goes() {
        let check = |input: &str, expect: &str| {
            let body = format!(r#"{{"model":"m","input":{input}}}"#);
            let mut doc = Document::parse(body.as_bytes()).unwrap();
            remove(&mut doc);
            assert_eq!(doc.get("input"), Some(expect), "{input}");
        };
        let own = r#"{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"}"#;
        let marked = r#"{"type":"reasoning","id":"rs_2","summary":[],"encrypted_content":"tollgate:anthropic:~c2ln"}"#;
        let bare = r#"{"type":"reasoning","id":"rs_tg_1_0","summary":[]}"#;
        let text = r#"{"role":"user","content":"tollgate:anthropic:x rs_tg_"}"#;
        check(&format!("[{own}, {text}]"), &format!("[{own}, {text}]"));
        check(
            &format!("[{own},{marked},{bare},{text}]"),
            &format!("[{own},{text}]"),
        );
        check(r#""tollgate:x""#, r#""tollgate:x""#);
    }
}
