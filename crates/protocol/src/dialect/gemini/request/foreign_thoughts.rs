//! A conversation may have been answered by providers of other dialects before: the proofs of their reasoning, which this
//! gateway wrote as signatures, came back with the client's request, and Google refuses a signature that is not its own.
//! So they are taken out of a request that otherwise passes byte for byte; a call that lost its proof gets the stand-in.

use super::super::signature;
use crate::dialect::fields::{Fields, Path};
use crate::dialect::write;
use crate::ir::{Loss, Malformed};
use crate::splice::Document;
use memchr::memmem;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Takes them out, and names them. A request without any is not touched.
pub(super) fn remove(doc: &mut Document<'_>) -> Vec<Loss> {
    let mut lost = Vec::new();
    let left = doc
        .get("contents")
        .filter(|contents| mentions_signatures(contents.as_bytes()))
        .and_then(|contents| without(contents, &mut lost).ok().flatten());
    match left {
        None => return Vec::new(),
        Some(contents) => doc.set("contents", &contents),
    }
    lost
}

fn mentions_signatures(contents: &[u8]) -> bool {
    let names: [&[u8]; 2] = [b"thoughtSignature", b"thought_signature"];
    names
        .iter()
        .any(|name| memmem::find(contents, name).is_some())
}

/// The contents without foreign proofs; `None` if there is none.
fn without(contents: &str, lost: &mut Vec<Loss>) -> Result<Option<String>, Malformed> {
    let list: Vec<&RawValue> = read(contents)?;
    let mut changed = false;
    let mut kept = Vec::with_capacity(list.len());
    for (n, raw) in list.into_iter().enumerate() {
        match content(raw, n, lost)? {
            None => kept.push(raw.get().to_owned()),
            Some(left) => {
                changed = true;
                kept.extend(left);
            }
        }
    }
    Ok(changed.then(|| format!("[{}]", kept.join(","))))
}

/// What is left of a turn, which may be nothing; `None` where nothing is taken out.
fn content(
    raw: &RawValue,
    n: usize,
    lost: &mut Vec<Loss>,
) -> Result<Option<Option<String>>, Malformed> {
    let members = Fields::of(raw, Path::ROOT)?.into_members();
    let is_parts = |key: &str, value: &RawValue| key == "parts" && value.get().starts_with('[');
    let Some((_, parts)) = members.iter().rfind(|(key, value)| is_parts(key, value)) else {
        return Ok(None);
    };
    let parts: Vec<&RawValue> = read(parts.get())?;
    let left: Vec<Option<Cow<'_, str>>> = parts
        .iter()
        .map(|raw| part(raw))
        .collect::<Result<_, _>>()?;
    if left.iter().all(|one| matches!(one, Some(Cow::Borrowed(_)))) {
        return Ok(None);
    }
    let changed = |one: &Option<Cow<'_, str>>| !matches!(one, Some(Cow::Borrowed(_)));
    let places = left.iter().enumerate().filter(|(_, one)| changed(one));
    lost.extend(places.map(|(place, _)| Loss::dropped(format!("contents[{n}].parts[{place}]"))));
    let left: Vec<&str> = left.iter().flatten().map(|one| &**one).collect();
    if left.is_empty() {
        return Ok(Some(None));
    }
    let mut out = Vec::with_capacity(raw.get().len());
    write::object(&mut out, |o| {
        for (key, value) in &members {
            match &**key {
                "parts" => o.written(key, format!("[{}]", left.join(",")).as_bytes()),
                _ => o.value(key, value),
            }
        }
    });
    Ok(Some(String::from_utf8(out).ok()))
}

/// What is left of a part: nothing of a thought, all but the proof of anything else.
fn part(raw: &RawValue) -> Result<Option<Cow<'_, str>>, Malformed> {
    let mut fields = Fields::of(raw, Path::ROOT)?.camel_case();
    let proof = fields.string("thoughtSignature")?;
    if !proof.is_some_and(|proof| signature::is_foreign(&proof)) {
        return Ok(Some(Cow::Borrowed(raw.get())));
    }
    if fields.has("thought") {
        return Ok(None);
    }
    let mut out = Vec::with_capacity(raw.get().len());
    write::object(&mut out, |o| {
        for (key, value) in fields.into_members() {
            o.value(&key, value);
        }
    });
    Ok(String::from_utf8(out).ok().map(Cow::Owned))
}

fn read<'a, T: serde::Deserialize<'a>>(text: &'a str) -> Result<T, Malformed> {
    serde_json::from_str(text).map_err(|bad| Malformed::body(bad.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::{anthropic, gemini::ID};
    use crate::ir::Sealed;

    #[test]
    fn only_foreign_proofs_are_taken_out() {
        let foreign = signature::write(&Sealed::new(anthropic::ID, "c2ln")).into_owned();
        let own = signature::write(&Sealed::new(ID, "b3du")).into_owned();
        let check = |contents: &str, expect: &str, lost: &[&str]| {
            let body = format!(r#"{{"contents": {contents}}}"#);
            let mut doc = Document::parse(body.as_bytes()).unwrap();
            let named: Vec<String> = remove(&mut doc)
                .into_iter()
                .map(|loss| loss.field)
                .collect();
            assert_eq!(named, lost);
            assert_eq!(
                String::from_utf8_lossy(&doc.apply()),
                format!(r#"{{"contents": {expect}}}"#)
            );
        };
        let kept = format!(
            r#"[{{"parts":[ {{"text":"a", "thoughtSignature":"{own}"}}]}}, {{"parts":[{{"text":"thoughtSignature"}}]}}]"#
        );
        check(&kept, &kept, &[]);
        check(
            &format!(
                r#"[{{"role":"user","parts":[{{"text":"a"}}]}},{{"parts":[{{"text":"T","thought":true,"thoughtSignature":"{foreign}"}},{{"functionCall":{{"name":"f"}},"thought_signature":"{foreign}"}}],"role":"model"}}]"#
            ),
            r#"[{"role":"user","parts":[{"text":"a"}]},{"parts":[{"functionCall":{"name":"f"}}],"role":"model"}]"#,
            &["contents[1].parts[0]", "contents[1].parts[1]"],
        );
        check(
            &format!(
                r#"[{{"role":"user","parts":[{{"text":"a"}}]}},{{"role":"model","parts":[{{"text":"","thought":true,"thoughtSignature":"{foreign}"}}]}}]"#
            ),
            r#"[{"role":"user","parts":[{"text":"a"}]}]"#,
            &["contents[1].parts[0]"],
        );
    }
}
