//! A conversation may have been answered by providers of other dialects before: their reasoning, which this gateway wrote
//! as reasoning blocks, came back with the client's request, and the models refuse a proof that is not their own. So such
//! blocks are taken out of a request that otherwise passes byte for byte.

use super::super::family::Family;
use super::super::{ID, parts};
use crate::dialect::fields::{Fields, Path};
use crate::dialect::{origin, write};
use crate::ir::{Loss, Malformed, PartKind, Reasoning, Sealed};
use crate::splice::Document;
use memchr::memmem;
use serde_json::value::RawValue;

/// Takes them out, and names them. A request without any is not touched.
pub(super) fn remove(doc: &mut Document<'_>, model: &str) -> Vec<Loss> {
    let family = Family::of(model);
    let mut lost = Vec::new();
    let left = doc
        .get("messages")
        .filter(|messages| memmem::find(messages.as_bytes(), b"\"reasoningContent\"").is_some())
        .filter(|messages| mentions_foreign(messages, family))
        .and_then(|messages| without(messages, family, &mut lost).ok().flatten());
    match left {
        None => return Vec::new(),
        Some(messages) => doc.set("messages", &messages),
    }
    lost
}

/// Whether there may be any: a marked value, or for Claude one without signature.
fn mentions_foreign(messages: &str, family: Family) -> bool {
    // `tollgate:` in base64, as it begins.
    const MARK_IN_BASE64: &[u8] = b"dG9sbGdhdGU6";
    family == Family::Claude
        || memmem::find(messages.as_bytes(), origin::MARK.as_bytes()).is_some()
        || memmem::find(messages.as_bytes(), MARK_IN_BASE64).is_some()
}

/// The messages without foreign reasoning; `None` if there is none.
fn without(
    messages: &str,
    family: Family,
    lost: &mut Vec<Loss>,
) -> Result<Option<String>, Malformed> {
    let list: Vec<&RawValue> = read(messages)?;
    let mut changed = false;
    let mut kept: Vec<String> = Vec::with_capacity(list.len());
    for (n, raw) in list.into_iter().enumerate() {
        match message(raw, family, n, lost)? {
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
    family: Family,
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
    let mut own = Vec::with_capacity(blocks.len());
    for (place, block) in blocks.iter().enumerate() {
        match is_foreign(block, family) {
            true => lost.push(Loss::dropped(format!("messages[{n}].content[{place}]"))),
            false => own.push(block),
        }
    }
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
fn is_foreign(block: &RawValue, family: Family) -> bool {
    let of_others = |sealed: &Sealed| sealed.open(ID).is_none();
    let list = format!("[{}]", block.get());
    let Ok(raw) = serde_json::from_str::<&RawValue>(&list) else {
        return false;
    };
    let Ok(parts) = parts::blocks(raw, Path::ROOT) else {
        return false;
    };
    parts.iter().any(|part| match &part.kind {
        PartKind::Reasoning(Reasoning {
            signature: None,
            encrypted: None,
            ..
        }) => family == Family::Claude,
        PartKind::Reasoning(reasoning) => [&reasoning.signature, &reasoning.encrypted]
            .into_iter()
            .flatten()
            .any(of_others),
        _ => false,
    })
}

fn read(list: &str) -> Result<Vec<&RawValue>, Malformed> {
    serde_json::from_str(list).map_err(|bad| Malformed::body(bad.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(model: &str, messages: &str, expect: &str, lost: &[&str]) {
        let body = format!(r#"{{"messages":{messages}}}"#);
        let mut doc = Document::parse(body.as_bytes()).unwrap();
        let named: Vec<String> = remove(&mut doc, model)
            .into_iter()
            .map(|loss| loss.field)
            .collect();
        assert_eq!(named, lost);
        assert_eq!(doc.get("messages"), Some(expect));
        assert_eq!(doc.edits().is_empty(), messages == expect, "{messages}");
    }

    #[test]
    fn foreign_reasoning_is_taken_out_and_nothing_else() {
        const CLAUDE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
        const OWN: &str = r#"[{"role":"assistant","content":[ {"reasoningContent":{"reasoningText":{"text":"t","signature":"c2ln"}}},
            {"reasoningContent":{"redactedContent":"AAEC"}}, {"text":"tollgate:anthropic:x"}]}]"#;
        check(CLAUDE, OWN, OWN, &[]);
        check(CLAUDE, "7", "7", &[]);
        check(
            "",
            r#"[{"reasoningContent":1}]"#,
            r#"[{"reasoningContent":1}]"#,
            &[],
        );
        let unsigned = r#"[{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"t"}}},{"text":"a"}]}]"#;
        check("deepseek.r1-v1:0", unsigned, unsigned, &[]);
        check(
            CLAUDE,
            unsigned,
            r#"[{"role":"assistant","content":[{"text":"a"}]}]"#,
            &["messages[0].content[0]"],
        );
        check(
            "",
            r#"[{"role":"user","content":[{"text":"Hi."}]},{"content":[{"reasoningContent":{"reasoningText":{"text":"t","signature":"tollgate:anthropic:s"}}},{"text": "a"}],"role":"assistant"},{"role":"assistant","content":[{"reasoningContent":{"redactedContent":"dG9sbGdhdGU6YW50aHJvcGljOng="}}]}]"#,
            r#"[{"role":"user","content":[{"text":"Hi."}]},{"content":[{"text": "a"}],"role":"assistant"}]"#,
            &["messages[1].content[0]", "messages[2].content[0]"],
        );
    }
}
