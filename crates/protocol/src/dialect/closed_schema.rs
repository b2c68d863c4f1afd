//! Brings a JSON schema into the form that Anthropic's structured outputs take, and Amazon Bedrock's, which are the same:
//! objects are closed, and bounds of numbers, texts and lists are unknown. What is taken out the answer may break, so a
//! changed schema is a loss.
//! <https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations>

use crate::dialect::fields::{Fields, Path};
use crate::dialect::write::{self, Object};
use crate::ir::{Json, Malformed};
use serde::Deserialize;
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
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// Formats of texts that are known.
const FORMATS: &[&str] = &[
    "date-time",
    "time",
    "date",
    "duration",
    "email",
    "hostname",
    "uri",
    "ipv4",
    "ipv6",
    "uuid",
];

/// The schema as it is taken; borrowed where it is already.
pub(in crate::dialect) fn closed(schema: &str) -> Cow<'_, str> {
    let mut writer = Writer { changed: false };
    let mut out = Vec::with_capacity(schema.len() + 64);
    let written = serde_json::from_str::<&RawValue>(schema)
        .is_ok_and(|raw| writer.schema(raw, DEPTH, &mut out).is_ok());
    match String::from_utf8(out) {
        Ok(text) if written && writer.changed => Cow::Owned(text),
        _ => Cow::Borrowed(schema),
    }
}

/// The schema of a tool's arguments, which must be of an object and say so; OpenAI's may be `{}` or absent.
pub(in crate::dialect) fn of_object(schema: Option<&Json>) -> Cow<'_, str> {
    const NO_ARGUMENTS: &str = r#"{"type":"object","properties":{}}"#;
    #[derive(Deserialize)]
    struct Typed<'a> {
        #[serde(borrow, rename = "type")]
        kind: Option<&'a RawValue>,
    }
    let text = schema.map_or("{}", |schema| schema.get().trim());
    let members = text.strip_prefix('{').map(str::trim_start);
    match (serde_json::from_str(text), members) {
        (_, Some("}")) => Cow::Borrowed(NO_ARGUMENTS),
        (Ok(Typed { kind: None }), Some(members)) => {
            Cow::Owned(format!("{{\"type\":\"object\",{members}"))
        }
        (Ok(Typed { kind: Some(_) }) | Err(_), _) | (Ok(_), None) => Cow::Borrowed(text),
    }
}

struct Writer {
    changed: bool,
}

impl Writer {
    fn schema(&mut self, raw: &RawValue, depth: u8, out: &mut Vec<u8>) -> Result<(), Malformed> {
        let Some(below) = depth.checked_sub(1).filter(|_| raw.get().starts_with('{')) else {
            write::put(out, raw);
            return Ok(());
        };
        let members = Fields::of(raw, Path::ROOT)?.into_members();
        let has = |key: &str| members.iter().any(|(name, _)| name == key);
        let typed = members
            .iter()
            .any(|(name, value)| name == "type" && value.get().contains("\"object\""));
        let is_object = typed || has("properties");
        let mut failed = None;
        write::object(out, |o| {
            for (key, value) in &members {
                if let Err(bad) = self.member(o, key, value, is_object, below) {
                    failed.get_or_insert(bad);
                }
            }
            if is_object && !has("additionalProperties") {
                self.changed = true;
                o.value("additionalProperties", &false);
            }
        });
        failed.map_or(Ok(()), Err)
    }

    fn member(
        &mut self,
        o: &mut Object<'_>,
        key: &str,
        value: &RawValue,
        of_object: bool,
        depth: u8,
    ) -> Result<(), Malformed> {
        let text = value.get();
        let refused = match key {
            "minItems" => !matches!(text, "0" | "1"),
            "format" => !FORMATS.contains(&text.trim_matches('"')),
            key => UNKNOWN.contains(&key),
        };
        if refused {
            self.changed = true;
            return Ok(());
        }
        match key {
            "additionalProperties" if of_object => {
                self.changed |= text != "false";
                o.value(key, &false);
            }
            "items" | "not" => o.written(key, &self.inner(value, depth)?),
            "anyOf" | "oneOf" | "allOf" | "prefixItems" if text.starts_with('[') => {
                // Of several that fit, the first is as good as the only one.
                let name = if key == "oneOf" { "anyOf" } else { key };
                self.changed |= name != key;
                let each: Vec<&RawValue> =
                    serde_json::from_str(text).map_err(|bad| Malformed::body(bad.to_string()))?;
                let each = each.into_iter().map(|one| self.inner(one, depth));
                let each = each.collect::<Result<Vec<_>, _>>()?;
                o.written(
                    name,
                    &[b"[", each.join(&b","[..]).as_slice(), b"]"].concat(),
                );
            }
            "properties" | "$defs" | "definitions" if text.starts_with('{') => {
                let named = Fields::of(value, Path::ROOT)?.into_members();
                let mut failed = None;
                o.object(key, |o| {
                    for (name, one) in named {
                        match self.inner(one, depth) {
                            Ok(inner) => o.written(&name, &inner),
                            Err(bad) => failed = Some(bad),
                        }
                    }
                });
                return failed.map_or(Ok(()), Err);
            }
            _ => o.value(key, value),
        }
        Ok(())
    }

    fn inner(&mut self, raw: &RawValue, depth: u8) -> Result<Vec<u8>, Malformed> {
        let mut out = Vec::with_capacity(raw.get().len() + 32);
        self.schema(raw, depth, &mut out)?;
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(schema: &str, expect: &str) {
        assert_eq!(closed(schema), expect);
    }

    #[test]
    fn what_is_taken_as_it_is_stays_as_it_is() {
        for schema in [
            r#"{"type": "object","properties":{"minimum":{"type":"integer"}},"additionalProperties":false}"#,
            r#"{"type":"array","items":{"type":"string","format":"date"},"minItems":1}"#,
            r#"{"enum":[{"maximum":1}]}"#,
            "true",
            "{",
        ] {
            check(schema, schema);
        }
        let deep = "{\"items\":".repeat(100_000) + "{}" + &"}".repeat(100_000);
        check(&deep, &deep);
    }

    #[test]
    fn objects_are_closed_and_bounds_are_taken_out() {
        check(
            r#"{"type":"object","properties":{"b":{"type":"integer","minimum":1},"a":{"oneOf":[{"properties":{}}]}}}"#,
            r#"{"type":"object","properties":{"b":{"type":"integer"},"a":{"anyOf":[{"properties":{},"additionalProperties":false}]}},"additionalProperties":false}"#,
        );
        check(
            r#"{"type":["object","null"],"additionalProperties":{"type":"string"}}"#,
            r#"{"type":["object","null"],"additionalProperties":false}"#,
        );
        check(
            r#"{"$defs":{"s":{"type":"string","format":"regex","minLength":2}},"items":{"$ref":"x"},"minItems":3}"#,
            r#"{"$defs":{"s":{"type":"string"}},"items":{"$ref":"x"}}"#,
        );
    }
}
