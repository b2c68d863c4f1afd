//! From Gemini's schema to JSON Schema. Nothing is lost: the order of properties becomes their order.

use super::{DEPTH, TYPES};
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::write::{self, Object};
use crate::ir::{Json, Malformed};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;

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
    let widening = Widening {
        nullable: members.boolean("nullable")? == Some(true),
        order: order_in(members.take("propertyOrdering")),
        depth: below,
    };
    let typeless = !members.has("type") && !members.has("anyOf");
    let mut failed = Ok(());
    write::object(out, |o| {
        for (key, value) in members.into_members() {
            let written = widening.member(o, &key, value);
            if failed.is_ok() {
                failed = written;
            }
        }
        if widening.nullable && typeless {
            o.value("type", "null");
        }
    });
    failed
}

/// The place of each property in an order; the first where it is named twice.
fn order_in(raw: Option<&RawValue>) -> HashMap<String, usize> {
    let names = raw.and_then(|raw| serde_json::from_str::<Vec<String>>(raw.get()).ok());
    let mut order = HashMap::new();
    for (place, name) in names.unwrap_or_default().into_iter().enumerate() {
        order.entry(name).or_insert(place);
    }
    order
}

/// What of one schema tells how its members are widened.
struct Widening {
    nullable: bool,
    /// The place of each property, where they have an order.
    order: HashMap<String, usize>,
    /// How deep schemas may nest below it.
    depth: u8,
}

impl Widening {
    fn member(&self, o: &mut Object<'_>, key: &str, value: &RawValue) -> Result<(), Malformed> {
        match key {
            "type" => self.kind(o, value),
            "enum" if self.nullable => {
                let words = serde_json::from_str::<Vec<&RawValue>>(value.get());
                let mut words = words.unwrap_or_default();
                words.push(RawValue::NULL);
                o.value(key, &words);
            }
            "example" => o.value("examples", &[value]),
            "properties" if value.get().starts_with('{') => self.properties(o, value)?,
            "anyOf" if value.get().starts_with('[') => self.any_of(o, value)?,
            "items" => o.written(key, &self.inner(value)?),
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

    fn inner(&self, raw: &RawValue) -> Result<Vec<u8>, Malformed> {
        let mut out = Vec::new();
        schema(raw, self.depth, &mut out)?;
        Ok(out)
    }

    fn kind(&self, o: &mut Object<'_>, value: &RawValue) {
        let word: Cow<'_, str> = serde_json::from_str(value.get()).unwrap_or_default();
        let mut known = TYPES.iter();
        match known.find(|(own, wide)| *own == word || *wide == word) {
            Some((_, wide)) if self.nullable => o.value("type", &[*wide, "null"]),
            Some((_, wide)) => o.value("type", *wide),
            None if word == "TYPE_UNSPECIFIED" => {}
            None => o.value("type", value),
        }
    }

    fn properties(&self, o: &mut Object<'_>, value: &RawValue) -> Result<(), Malformed> {
        let mut named = Fields::of(value, Path::ROOT)?.into_members();
        let place = |name: &str| self.order.get(name).copied();
        named.sort_by_key(|(name, _)| place(name).unwrap_or(usize::MAX));
        let mut inner = Vec::with_capacity(named.len());
        for (name, one) in named {
            inner.push((name, self.inner(one)?));
        }
        o.object("properties", |o| {
            for (name, one) in &inner {
                o.written(name, one);
            }
        });
        Ok(())
    }

    fn any_of(&self, o: &mut Object<'_>, value: &RawValue) -> Result<(), Malformed> {
        let each: Vec<&RawValue> =
            serde_json::from_str(value.get()).map_err(|bad| Malformed::body(bad.to_string()))?;
        let each = each.into_iter().map(|one| self.inner(one));
        let mut list = each.collect::<Result<Vec<_>, _>>()?;
        if self.nullable {
            list.push(br#"{"type":"null"}"#.to_vec());
        }
        o.written(
            "anyOf",
            &[b"[", list.join(&b","[..]).as_slice(), b"]"].concat(),
        );
        Ok(())
    }
}
