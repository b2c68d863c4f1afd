//! A conversation may have been answered by providers of other dialects before: their reasoning, which this gateway wrote
//! as thinking blocks, came back with the client's request, and the Messages API refuses a signature that is not its own.
//! So such blocks are taken out of a request that otherwise passes byte for byte, and so are citations of what another
//! provider's search found, which have no proof either.

use super::super::{ID, citations};
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::origin;
use crate::dialect::write;
use crate::ir::{Json, Loss, Malformed};
use crate::splice::Document;
use memchr::memmem;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Takes them out, and names them. A request without any is not touched.
pub(super) fn remove(doc: &mut Document<'_>) -> Vec<Loss> {
    let mut lost = Vec::new();
    let left = doc
        .get("messages")
        .filter(|messages| mentions_foreign(messages.as_bytes()))
        .and_then(|messages| without(messages, &mut lost).ok().flatten());
    match left {
        None => return Vec::new(),
        Some(messages) => doc.set("messages", &messages),
    }
    lost
}

/// What is empty in reasoning without a signature, and in a citation that was made here.
const PROOFS: [&[u8]; 2] = [b"\"signature\"", b"\"encrypted_index\""];

/// Whether there may be any: a marked value, or an empty proof.
fn mentions_foreign(messages: &[u8]) -> bool {
    let is_empty = |end: usize| {
        let rest = messages.get(end..);
        let value = rest.and_then(|rest| rest.trim_ascii_start().strip_prefix(b":"));
        value.is_some_and(|value| value.trim_ascii_start().starts_with(b"\"\""))
    };
    let empty =
        |name: &&[u8]| memmem::find_iter(messages, name).any(|at| is_empty(at + name.len()));
    memmem::find(messages, origin::MARK.as_bytes()).is_some() || PROOFS.iter().any(empty)
}

/// The messages without foreign thinking; `None` if there is none.
fn without(messages: &str, lost: &mut Vec<Loss>) -> Result<Option<String>, Malformed> {
    let list: Vec<&RawValue> = read(messages)?;
    let mut changed = false;
    let mut kept: Vec<String> = Vec::with_capacity(list.len());
    for (n, raw) in list.into_iter().enumerate() {
        match message(raw, n, lost)? {
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
fn message(
    raw: &RawValue,
    n: usize,
    lost: &mut Vec<Loss>,
) -> Result<Option<Option<String>>, Malformed> {
    let members = Fields::of(raw, Path::ROOT)?.into_members();
    let Some((_, content)) = members
        .iter()
        .rfind(|(key, value)| key == "content" && value.get().starts_with('['))
    else {
        return Ok(None);
    };
    let blocks: Vec<&RawValue> = read(content.get())?;
    let before = lost.len();
    let mut own = Vec::with_capacity(blocks.len());
    for (place, block) in blocks.into_iter().enumerate() {
        let at = format!("messages[{n}].content[{place}]");
        if is_foreign(block) {
            lost.push(Loss::dropped(at));
        } else if let Some(left) = without_citations(block)? {
            lost.push(Loss::dropped(format!("{at}.citations")));
            own.push(Cow::Owned(left));
        } else {
            own.push(Cow::Borrowed(block));
        }
    }
    if lost.len() == before {
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

/// A block without the citations that were made here; `None` if it has none.
fn without_citations(block: &RawValue) -> Result<Option<Box<RawValue>>, Malformed> {
    let members = Fields::of(block, Path::ROOT)?.into_members();
    let Some((_, cited)) = members
        .iter()
        .rfind(|(key, value)| key == "citations" && value.get().starts_with('['))
    else {
        return Ok(None);
    };
    let all: Vec<&RawValue> = read(cited.get())?;
    let own: Vec<&&RawValue> = all.iter().filter(|it| !citations::is_made(it)).collect();
    if own.len() == all.len() {
        return Ok(None);
    }
    let mut out = Vec::with_capacity(block.get().len());
    write::object(&mut out, |o| {
        for (key, value) in &members {
            match &**key {
                "citations" if own.is_empty() => {}
                "citations" => o.value(key, &own),
                _ => o.value(key, value),
            }
        }
    });
    let text = String::from_utf8(out).unwrap_or_default();
    Ok(RawValue::from_string(text).ok())
}

fn read(list: &str) -> Result<Vec<&RawValue>, Malformed> {
    serde_json::from_str(list).map_err(|bad| Malformed::body(bad.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(messages: &str, expect: &str, lost: &[&str]) {
        let body = format!(r#"{{"model":"m","messages":{messages}}}"#);
        let mut doc = Document::parse(body.as_bytes()).unwrap();
        let named: Vec<String> = remove(&mut doc)
            .into_iter()
            .map(|loss| loss.field)
            .collect();
        assert_eq!(named, lost);
        assert_eq!(doc.get("messages"), Some(expect));
        assert_eq!(doc.edits().is_empty(), messages == expect, "{messages}");
    }

    #[test]
    fn foreign_thinking_is_taken_out_and_nothing_else() {
        const OWN: &str = r#"[{"role":"assistant","content":[ {"type":"thinking","thinking":"t","signature":"c2ln"},
            {"type":"text","text":"\"signature\": \"\" tollgate:openai_chat:x"}]}]"#;
        check(OWN, OWN, &[]);
        check("7", "7", &[]);
        check(
            r#"[{"role":"user","content":"Hi."}, {"content":[{"type":"thinking","thinking":"t","signature" : ""},{"type":"text", "text":"a"}],"x":1.0,"role":"assistant"}]"#,
            r#"[{"role":"user","content":"Hi."},{"content":[{"type":"text", "text":"a"}],"x":1.0,"role":"assistant"}]"#,
            &["messages[1].content[0]"],
        );
        check(
            r#"[{"role":"user","content":"Hi."},{"role":"assistant","content":[{"type":"redacted_thinking","data":"tollgate:openai_chat:x"}]},{"role":"user","content":"Well?"}]"#,
            r#"[{"role":"user","content":"Hi."},{"role":"user","content":"Well?"}]"#,
            &["messages[1].content[0]"],
        );
    }

    #[test]
    fn citations_that_geminis_search_made_are_taken_out() {
        const MADE: &str = r#"{"type":"web_search_result_location","cited_text":"","url":"https://a.example","title":null,"encrypted_index":""}"#;
        const OWN: &str = r#"{"type":"web_search_result_location","cited_text":"a","url":"https://a.example","title":null,"encrypted_index":"RXE="}"#;
        let said = |citations: &str| {
            format!(
                r#"[{{"role":"assistant","content":[{{"type":"text", "text":"a",{citations}"x":1}}]}}]"#
            )
        };
        let both = said(&format!(r#""citations":[{MADE},{OWN}],"#));
        let own = r#"[{"role":"assistant","content":[{"type":"text","text":"a","citations":[OWN],"x":1}]}]"#;
        let none = r#"[{"role":"assistant","content":[{"type":"text","text":"a","x":1}]}]"#;
        let lost = ["messages[0].content[0].citations"];
        check(&both, &own.replace("OWN", OWN), &lost);
        check(&said(&format!(r#""citations":[{MADE}],"#)), none, &lost);
        let kept = said(&format!(r#""citations":[{OWN}],"#));
        check(&kept, &kept, &[]);
    }
}
