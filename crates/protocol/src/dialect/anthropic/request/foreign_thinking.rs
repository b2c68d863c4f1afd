//! A conversation may have been answered by providers of other dialects before: their reasoning, which this gateway wrote
//! as thinking blocks, came back with the client's request, and the Messages API refuses a signature that is not its own.
//! So such blocks are taken out of a request that otherwise passes byte for byte.

use super::super::ID;
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::origin;
use crate::dialect::write;
use crate::ir::{Json, Malformed};
use crate::splice::Document;
use memchr::memmem;
use serde_json::value::RawValue;

/// Takes them out. A request without any is not touched.
pub(super) fn remove(doc: &mut Document<'_>) {
    let left = doc
        .get("messages")
        .filter(|messages| mentions_foreign(messages.as_bytes()))
        .and_then(|messages| without(messages).ok().flatten());
    if let Some(messages) = left {
        doc.set("messages", &messages);
    }
}

/// Whether there may be any: a marked value, or an empty signature, as reasoning without one is written.
fn mentions_foreign(messages: &[u8]) -> bool {
    let is_empty = |at: usize| {
        let rest = messages.get(at + b"\"signature\"".len()..);
        let value = rest.and_then(|rest| rest.trim_ascii_start().strip_prefix(b":"));
        value.is_some_and(|value| value.trim_ascii_start().starts_with(b"\"\""))
    };
    memmem::find(messages, origin::MARK.as_bytes()).is_some()
        || memmem::find_iter(messages, b"\"signature\"").any(is_empty)
}

/// The messages without foreign thinking; `None` if there is none.
fn without(messages: &str) -> Result<Option<String>, Malformed> {
    let list: Vec<&RawValue> = read(messages)?;
    let mut changed = false;
    let mut kept: Vec<String> = Vec::with_capacity(list.len());
    for raw in list {
        match message(raw)? {
            None => kept.push(raw.get().to_owned()),
            Some(left) => {
                changed = true;
                kept.extend(left);
            }
        }
    }
    Ok(changed.then(|| format!("[{}]", kept.join(","))))
}

/// What is left of a message, which may be nothing; `None` where nothing is taken out.
fn message(raw: &RawValue) -> Result<Option<Option<String>>, Malformed> {
    let members = Fields::of(raw, Path::ROOT)?.into_members();
    let Some((_, content)) = members
        .iter()
        .rfind(|(key, value)| key == "content" && value.get().starts_with('['))
    else {
        return Ok(None);
    };
    let blocks: Vec<&RawValue> = read(content.get())?;
    let own: Vec<&&RawValue> = blocks.iter().filter(|block| !is_foreign(block)).collect();
    if own.len() == blocks.len() {
        return Ok(None);
    }
    if own.is_empty() {
        return Ok(Some(None));
    }
    let mut out = Vec::with_capacity(raw.get().len());
    write::object(&mut out, |o| {
        for (key, value) in &members {
            match &**key {
                "content" => o.value(key, &own),
                _ => o.value(key, value),
            }
        }
    });
    Ok(Some(String::from_utf8(out).ok()))
}

/// Whether a block is reasoning of another origin.
fn is_foreign(block: &RawValue) -> bool {
    let proof = match fields::type_of(&Json::from(block.to_owned())).as_str() {
        "thinking" => "signature",
        "redacted_thinking" => "data",
        _ => return false,
    };
    Fields::of(block, Path::ROOT)
        .and_then(|mut fields| fields.string(proof))
        .ok()
        .flatten()
        .is_some_and(|value| value.is_empty() || origin::read(value, ID).open(ID).is_none())
}

fn read(list: &str) -> Result<Vec<&RawValue>, Malformed> {
    serde_json::from_str(list).map_err(|bad| Malformed::body(bad.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(messages: &str, expect: &str) {
        let body = format!(r#"{{"model":"m","messages":{messages}}}"#);
        let mut doc = Document::parse(body.as_bytes()).unwrap();
        remove(&mut doc);
        assert_eq!(doc.get("messages"), Some(expect));
        assert_eq!(doc.edits().is_empty(), messages == expect, "{messages}");
    }

    #[test]
    fn foreign_thinking_is_taken_out_and_nothing_else() {
        const OWN: &str = r#"[{"role":"assistant","content":[ {"type":"thinking","thinking":"t","signature":"c2ln"},
            {"type":"text","text":"\"signature\": \"\" tollgate:openai_chat:x"}]}]"#;
        check(OWN, OWN);
        check("7", "7");
        check(
            r#"[{"role":"user","content":"Hi."}, {"content":[{"type":"thinking","thinking":"t","signature" : ""},{"type":"text", "text":"a"}],"x":1.0,"role":"assistant"}]"#,
            r#"[{"role":"user","content":"Hi."},{"content":[{"type":"text", "text":"a"}],"x":1.0,"role":"assistant"}]"#,
        );
        check(
            r#"[{"role":"user","content":"Hi."},{"role":"assistant","content":[{"type":"redacted_thinking","data":"tollgate:openai_chat:x"}]},{"role":"user","content":"Well?"}]"#,
            r#"[{"role":"user","content":"Hi."},{"role":"user","content":"Well?"}]"#,
        );
    }
}
