//! Newer models refuse the first call of a step without its signature, in the turn under way: from what the user said last,
//! each stretch of the model's between two answers of tools is a step. A call that another model made has no signature, and
//! gets the documented stand-in, in requests that otherwise pass byte for byte.
//! <https://ai.google.dev/gemini-api/docs/thought-signatures> (2026-11)

use super::super::signature;
use crate::dialect::fields::{Fields, Path};
use crate::dialect::write;
use crate::ir::Malformed;
use crate::splice::Document;
use memchr::memmem;
use serde_json::value::RawValue;

/// Gives the stand-in to calls that need it. A request without such calls is not touched.
pub(super) fn sign(doc: &mut Document<'_>) {
    let signed = doc
        .get("contents")
        .filter(|contents| {
            let names: [&[u8]; 2] = [b"functionCall", b"function_call"];
            let holds = |name: &&[u8]| memmem::find(contents.as_bytes(), name).is_some();
            names.iter().any(holds)
        })
        .and_then(|contents| signed(contents).ok().flatten());
    if let Some(contents) = signed {
        doc.set("contents", &contents);
    }
}

/// A content, as far as it matters.
struct Content<'a> {
    raw: &'a RawValue,
    by_model: bool,
    parts: Vec<&'a RawValue>,
}

impl<'a> Content<'a> {
    fn read(raw: &'a RawValue) -> Result<Self, Malformed> {
        let mut fields = Fields::of(raw, Path::ROOT)?;
        Ok(Self {
            raw,
            by_model: fields.string("role")?.is_some_and(|role| role == "model"),
            parts: fields.list("parts")?.unwrap_or_default(),
        })
    }

    /// Whether the user says something, rather than tools.
    fn begins_turn(&self) -> bool {
        !self.by_model && !self.parts.iter().any(|part| has(part, "functionResponse"))
    }

    /// The same with the stand-in at that part.
    fn with_stand_in(&self, place: usize) -> Result<String, Malformed> {
        let members = Fields::of(self.raw, Path::ROOT)?.into_members();
        let call = Fields::of(self.parts[place], Path::ROOT)?.into_members();
        let mut out = Vec::with_capacity(self.raw.get().len() + 64);
        write::object(&mut out, |o| {
            for (key, value) in &members {
                if key != "parts" {
                    o.value(key, value);
                    continue;
                }
                o.list(key, |list| {
                    for (at, part) in self.parts.iter().enumerate() {
                        if at != place {
                            list.value(part);
                            continue;
                        }
                        list.object(|o| {
                            for (key, value) in &call {
                                o.value(key, value);
                            }
                            o.value("thoughtSignature", signature::STAND_IN);
                        });
                    }
                });
            }
        });
        Ok(String::from_utf8(out).unwrap_or_default())
    }
}

/// The contents with all stand-ins; `None` if none is needed.
fn signed(contents: &str) -> Result<Option<String>, Malformed> {
    let list: Vec<&RawValue> =
        serde_json::from_str(contents).map_err(|bad| Malformed::body(bad.to_string()))?;
    let list = list.into_iter().map(Content::read);
    let list: Vec<Content<'_>> = list.collect::<Result<_, _>>()?;
    let begin = list.iter().rposition(Content::begins_turn).unwrap_or(0);
    let mut out: Vec<String> = Vec::with_capacity(list.len());
    let mut changed = false;
    let mut is_first = true;
    for (index, content) in list.iter().enumerate() {
        is_first |= !content.by_model;
        let call = content
            .parts
            .iter()
            .position(|part| has(part, "functionCall"));
        let call = call.filter(|_| index > begin && content.by_model && is_first);
        is_first &= call.is_none();
        match call {
            Some(place) if !has(content.parts[place], "thoughtSignature") => {
                changed = true;
                out.push(content.with_stand_in(place)?);
            }
            Some(_) | None => out.push(content.raw.get().to_owned()),
        }
    }
    Ok(changed.then(|| format!("[{}]", out.join(","))))
}

fn has(part: &RawValue, name: &str) -> bool {
    let fields = Fields::of(part, Path::ROOT).map(Fields::camel_case);
    fields.is_ok_and(|fields| fields.has(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_call_of_each_step_of_the_turn_under_way_is_signed() {
        const ASKED: &str = r#"{"role":"user","parts":[{"text":"a"}]}"#;
        const CALLS: &str = r#"{"parts":[{"text":"b"},{"functionCall":{"name":"f"}},{"function_call":{"name":"g"}}],"role":"model"}"#;
        const SIGNED: &str = r#"{"parts":[{"text":"b"},{"functionCall":{"name":"f"},"thoughtSignature":"skip_thought_signature_validator"},{"function_call":{"name":"g"}}],"role":"model"}"#;
        const OWN: &str = r#"{"role":"model","parts":[{"function_call":{"name":"f"}, "thought_signature":"b3du"}]}"#;
        const ANSWER: &str =
            r#"{"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]}"#;
        const SAID: &str = r#"{"role":"model","parts":[{"text":"c"}]}"#;
        let check = |contents: &[&str], expect: &[&str]| {
            let body = format!(r#"{{"contents":[{}]}}"#, contents.join(","));
            let mut doc = Document::parse(body.as_bytes()).unwrap();
            sign(&mut doc);
            let expect = format!("[{}]", expect.join(","));
            assert_eq!(doc.get("contents"), Some(&*expect));
        };
        check(&[ASKED, CALLS, ANSWER], &[ASKED, SIGNED, ANSWER]);
        check(
            &[ASKED, CALLS, ANSWER, SAID, CALLS, CALLS, ANSWER],
            &[ASKED, SIGNED, ANSWER, SAID, SIGNED, CALLS, ANSWER],
        );
        // Signed already; what is signed in one step does not hold for the next.
        check(
            &[ASKED, OWN, CALLS, ANSWER, CALLS, ANSWER],
            &[ASKED, OWN, CALLS, ANSWER, SIGNED, ANSWER],
        );
        // A turn that is over.
        let over = [ASKED, CALLS, ANSWER, SAID, ASKED];
        check(&over, &over);
    }
}
