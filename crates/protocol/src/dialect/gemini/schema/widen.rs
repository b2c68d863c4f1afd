//! From Gemini's schema to JSON Schema. Nothing is lost: the order of properties becomes their order.

use super::{DEPTH, TYPES};
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::write::{self, Object};
use crate::ir::{Json, Malformed};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Counts, which Google's JSON writes as text.
const COUNTS: &[&str] = &[
    "minItems",
    "maxItems",
    "minLength",
    "maxLength",
    "minProperties",
    "maxProperties",
];

/// The schema as JSON Schema; what is no schema stays as it is.
pub(in super::super) fn widened(raw: &RawValue) -> Json {
    let mut out = Vec::with_capacity(raw.get().len());
    let written = schema(raw, DEPTH, &mut out).is_ok();
    let text = String::from_utf8(out).unwrap_or_default();
    match Json::parse(text) {
        Ok(json) if written => json,
        _ => fields::json(raw),
    }
}

fn schema(raw: &RawValue, depth: u8, out: &mut Vec<u8>) -> Result<(), Malformed> {
    let Some(below) = depth.checked_sub(1).filter(|_| raw.get().starts_with('{')) else {
        write::put(out, raw);
        return Ok(());
    };
    let mut members = Fields::of(raw, Path::ROOT)?.camel_case();
    let nullable = members.boolean("nullable")? == Some(true);
    let order: Vec<String> = match members.take("propertyOrdering") {
        Some(raw) => serde_json::from_str(raw.get()).unwrap_or_default(),
        None => Vec::new(),
    };
    let (typed, alternatives) = (members.has("type"), members.has("anyOf"));
    let mut failed = Ok(());
    write::object(out, |o| {
        for (key, value) in members.into_members() {
            let written = member(o, &key, value, nullable, &order, below);
            if failed.is_ok() {
                failed = written;
            }
        }
        if nullable && !typed && !alternatives {
            o.value("type", "null");
        }
    });
    failed
}

fn member(
    o: &mut Object<'_>,
    key: &str,
    value: &RawValue,
    nullable: bool,
    order: &[String],
    depth: u8,
) -> Result<(), Malformed> {
    match key {
        "type" => {
            let word: Cow<'_, str> = serde_json::from_str(value.get()).unwrap_or_default();
            let known = TYPES
                .iter()
                .find(|(own, wide)| *own == word || *wide == word);
            match known {
                Some((_, wide)) if nullable => o.value(key, &[*wide, "null"]),
                Some((_, wide)) => o.value(key, *wide),
                None if word == "TYPE_UNSPECIFIED" => {}
                None => o.value(key, value),
            }
        }
        "enum" if nullable => {
            let mut words: Vec<&RawValue> = serde_json::from_str(value.get()).unwrap_or_default();
            words.push(RawValue::NULL);
            o.value(key, &words);
        }
        "example" => o.value("examples", &[value]),
        "properties" if value.get().starts_with('{') => {
            let mut named = Fields::of(value, Path::ROOT)?.into_members();
            let place = |name: &str| order.iter().position(|one| one == name);
            named.sort_by_key(|(name, _)| place(name).unwrap_or(usize::MAX));
            let mut inner = Vec::new();
            for (name, one) in named {
                let mut out = Vec::new();
                schema(one, depth, &mut out)?;
                inner.push((name, out));
            }
            o.object(key, |o| {
                for (name, one) in &inner {
                    o.written(name, one);
                }
            });
        }
        "anyOf" if value.get().starts_with('[') => {
            let each: Vec<&RawValue> = serde_json::from_str(value.get())
                .map_err(|bad| Malformed::body(bad.to_string()))?;
            let mut list = Vec::new();
            for one in each {
                let mut out = Vec::new();
                schema(one, depth, &mut out)?;
                list.push(out);
            }
            if nullable {
                list.push(br#"{"type":"null"}"#.to_vec());
            }
            o.written(key, &[b"[", list.join(&b","[..]).as_slice(), b"]"].concat());
        }
        "items" => {
            let mut out = Vec::new();
            schema(value, depth, &mut out)?;
            o.written(key, &out);
        }
        key if COUNTS.contains(&key) => {
            let text: Option<Cow<'_, str>> = serde_json::from_str(value.get()).ok();
            match text.and_then(|text| text.parse::<u64>().ok()) {
                Some(count) => o.value(key, &count),
                None => o.value(key, value),
            }
        }
        key => o.value(key, value),
    }
    Ok(())
}
