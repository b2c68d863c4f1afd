//! A conversation may have been answered by providers of other dialects before: their reasoning, which this gateway
//! wrote as items, came back with the client's request, and OpenAI refuses what it did not encrypt itself. So such items
//! are taken out of a request that otherwise passes byte for byte.

use crate::dialect::fields::{Fields, Path};
use crate::dialect::openai_responses::response::OWN_REASONING;
use crate::dialect::origin;
use crate::ir::{Loss, Malformed};
use crate::splice::Document;
use memchr::memmem;
use serde_json::value::RawValue;

/// Takes them out, and names them. A request without any is not touched.
pub(super) fn remove(doc: &mut Document<'_>) -> Vec<Loss> {
    let left = doc
        .get("input")
        .filter(|input| input.starts_with('[') && mentions_foreign(input.as_bytes()))
        .and_then(without);
    let Some((input, lost)) = left else {
        return Vec::new();
    };
    doc.set("input", &input);
    lost
}

/// Whether there may be any: a marked value, or the id of an item that this gateway wrote.
fn mentions_foreign(input: &[u8]) -> bool {
    [origin::MARK, OWN_REASONING]
        .iter()
        .any(|mark| memmem::find(input, mark.as_bytes()).is_some())
}

fn without(input: &str) -> Option<(String, Vec<Loss>)> {
    let items: Vec<&RawValue> = serde_json::from_str(input).ok()?;
    let mut kept = Vec::with_capacity(items.len());
    let mut lost = Vec::new();
    for (n, item) in items.into_iter().enumerate() {
        match foreign(item).unwrap_or(None) {
            None => kept.push(item.get()),
            Some(member) => lost.push(Loss::dropped(format!("input[{n}].{member}"))),
        }
    }
    (!lost.is_empty()).then(|| (format!("[{}]", kept.join(",")), lost))
}

/// The member by which reasoning is foreign: another dialect's proof, or a text without one that was made here.
fn foreign(item: &RawValue) -> Result<Option<&'static str>, Malformed> {
    let mut fields = Fields::of(item, Path::ROOT)?;
    if fields.string("type")?.as_deref() != Some("reasoning") {
        return Ok(None);
    }
    let id = fields.string("id")?;
    Ok(match fields.string("encrypted_content")? {
        Some(sealed) if !sealed.is_empty() => {
            let marked = sealed.starts_with(origin::MARK);
            marked.then_some("encrypted_content")
        }
        _ => {
            let ours = id.is_some_and(|id| id.starts_with(OWN_REASONING));
            ours.then_some("summary")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_foreign_reasoning_goes() {
        let check = |input: &str, expect: &str, lost: &[&str]| {
            let body = format!(r#"{{"model":"m","input":{input}}}"#);
            let mut doc = Document::parse(body.as_bytes()).unwrap();
            let named: Vec<String> = remove(&mut doc)
                .into_iter()
                .map(|loss| loss.field)
                .collect();
            assert_eq!(named, lost);
            assert_eq!(doc.get("input"), Some(expect), "{input}");
        };
        let own = r#"{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"}"#;
        let marked = r#"{"type":"reasoning","id":"rs_2","summary":[],"encrypted_content":"tollgate:anthropic:~c2ln"}"#;
        let bare = r#"{"type":"reasoning","id":"rs_tg_1_0","summary":[]}"#;
        let text = r#"{"role":"user","content":"tollgate:anthropic:x rs_tg_"}"#;
        check(
            &format!("[{own}, {text}]"),
            &format!("[{own}, {text}]"),
            &[],
        );
        check(
            &format!("[{own},{marked},{bare},{text}]"),
            &format!("[{own},{text}]"),
            &["input[1].encrypted_content", "input[2].summary"],
        );
        check(r#""tollgate:x""#, r#""tollgate:x""#, &[]);
    }
}
