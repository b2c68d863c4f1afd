//! Brings a JSON schema into the form that structured outputs take: bounds of numbers, texts and lists are unknown. What
//! is taken out the answer may break, so a changed schema is a loss.
//! <https://docs.cohere.com/docs/structured-outputs#unsupported-schema-features> (2026-11)

use crate::dialect::fields::{Fields, Path};
use crate::dialect::write;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// How deep a schema is looked into; what is nested deeper stays as it is.
const DEPTH: u8 = 32;

/// Keywords that are refused.
const UNKNOWN: &[&str] = &[
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// Formats of texts that are known.
const FORMATS: &[&str] = &["date-time", "time", "date", "uuid"];

/// The schema as it is taken; borrowed where it is already.
pub(super) fn narrowed(schema: &str) -> Cow<'_, str> {
    let Ok(raw) = serde_json::from_str::<&RawValue>(schema) else {
        return Cow::Borrowed(schema);
    };
    let mut changed = false;
    let written = String::from_utf8(one(raw, DEPTH, &mut changed));
    match written {
        Ok(text) if changed => Cow::Owned(text),
        _ => Cow::Borrowed(schema),
    }
}

/// A schema, without what is refused in it.
fn one(raw: &RawValue, depth: u8, changed: &mut bool) -> Vec<u8> {
    let below = depth.checked_sub(1);
    let (Some(below), Ok(fields)) = (below, Fields::of(raw, Path::ROOT)) else {
        return raw.get().as_bytes().to_vec();
    };
    let mut out = Vec::with_capacity(raw.get().len());
    write::object(&mut out, |o| {
        for (key, value) in fields.into_members() {
            let text = value.get();
            let refused = match &*key {
                "format" => !FORMATS.contains(&text.trim_matches('"')),
                key => UNKNOWN.contains(&key),
            };
            if refused {
                *changed = true;
                continue;
            }
            match &*key {
                "items" | "not" | "additionalProperties" => {
                    o.written(&key, &one(value, below, changed));
                }
                "anyOf" | "oneOf" | "allOf" | "prefixItems" => {
                    o.written(&key, &each(value, below, changed));
                }
                "properties" | "$defs" | "definitions" => {
                    o.written(&key, &named(value, below, changed));
                }
                _ => o.value(&key, value),
            }
        }
    });
    out
}

/// A list of schemas.
fn each(raw: &RawValue, depth: u8, changed: &mut bool) -> Vec<u8> {
    let Ok(list) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else {
        return raw.get().as_bytes().to_vec();
    };
    let list: Vec<Vec<u8>> = list.into_iter().map(|it| one(it, depth, changed)).collect();
    [b"[", list.join(&b","[..]).as_slice(), b"]"].concat()
}

/// Schemas by name, none of which is a keyword.
fn named(raw: &RawValue, depth: u8, changed: &mut bool) -> Vec<u8> {
    let Ok(fields) = Fields::of(raw, Path::ROOT) else {
        return raw.get().as_bytes().to_vec();
    };
    let mut out = Vec::with_capacity(raw.get().len());
    write::object(&mut out, |o| {
        for (name, value) in fields.into_members() {
            o.written(&name, &one(value, depth, changed));
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use super::narrowed;

    #[test]
    fn bounds_are_taken_out_and_names_are_not() {
        let check = |schema: &str, expect: &str| assert_eq!(narrowed(schema), expect);
        for kept in [
            r#"{"type": "object","properties":{"minimum":{"type":"integer"}},"additionalProperties":false}"#,
            r#"{"enum":[{"maximum":1}],"format":"date"}"#,
            "true",
            "{",
        ] {
            check(kept, kept);
        }
        check(
            r#"{"properties":{"a":{"type":"integer","minimum":1},"b":{"anyOf":[{"format":"email"},{"items":{"maxLength":2}}]}},"$defs":{"c":{"minItems":1}}}"#,
            r#"{"properties":{"a":{"type":"integer"},"b":{"anyOf":[{},{"items":{}}]}},"$defs":{"c":{}}}"#,
        );
        let deep = "{\"items\":".repeat(100_000) + "{}" + &"}".repeat(100_000);
        check(&deep, &deep);
    }
}
