//! From JSON Schema to Gemini's schema, where that says all of it.

use super::{DEPTH, TYPES};
use crate::dialect::fields::{Fields, Path};
use crate::dialect::write::{self, Object};
use crate::ir::Json;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The longest schema that is written, in bytes: references that are followed can multiply.
const LONGEST: usize = 256 * 1024;

/// Keywords that both sides know by the same name and value.
const SHARED: &[&str] = &[
    "title",
    "description",
    "default",
    "format",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "minLength",
    "maxLength",
    "minProperties",
    "maxProperties",
    "pattern",
    "required",
];

/// Keywords that say nothing of what is valid.
const SILENT: &[&str] = &["$schema", "$id", "$comment", "$defs", "definitions"];

type Members<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

/// The schema in Gemini's words; `None` where they cannot say it.
pub(in super::super) fn narrowed(schema: &Json) -> Option<String> {
    let root: &RawValue = schema.read().ok()?;
    let mut out = Vec::with_capacity(schema.get().len());
    let narrower = Narrower { root };
    narrower.schema(root, DEPTH, &mut out)?;
    String::from_utf8(out).ok()
}

struct Narrower<'a> {
    root: &'a RawValue,
}

impl<'a> Narrower<'a> {
    fn schema(&self, raw: &'a RawValue, depth: u8, out: &mut Vec<u8>) -> Option<()> {
        let below = depth.checked_sub(1)?;
        if out.len() > LONGEST {
            return None;
        }
        let members = self.resolved(raw, depth)?;
        let plain = Plain::of(&members)?;
        let mut failed = false;
        write::object(out, |o| {
            failed = self.members(o, &members, &plain, below).is_none()
        });
        (!failed && out.len() <= LONGEST).then_some(())
    }

    /// The members of a schema, those of what it refers to among them, and those of its one alternative besides null.
    fn resolved(&self, raw: &'a RawValue, depth: u8) -> Option<Members<'a>> {
        let mut members = Fields::of(raw, Path::ROOT).ok()?.into_members();
        for _ in 0..depth {
            let Some(at) = members.iter().position(|(key, _)| key == "$ref") else {
                return Some(members);
            };
            let (_, reference) = members.remove(at);
            let target = self.target(reference)?;
            let inner = Fields::of(target, Path::ROOT).ok()?.into_members();
            let own = members;
            members = inner;
            // What stands beside a reference is said of this place.
            members.retain(|(key, _)| !own.iter().any(|(known, _)| known == key));
            members.extend(own);
        }
        None
    }

    fn target(&self, reference: &RawValue) -> Option<&'a RawValue> {
        let pointer: String = serde_json::from_str(reference.get()).ok()?;
        let mut at = self.root;
        for step in pointer.strip_prefix("#/")?.split('/') {
            let step = step.replace("~1", "/").replace("~0", "~");
            let members = Fields::of(at, Path::ROOT).ok()?.into_members();
            at = members.into_iter().find(|(key, _)| *key == step)?.1;
        }
        Some(at)
    }

    fn members(
        &self,
        o: &mut Object<'_>,
        members: &Members<'a>,
        plain: &Plain<'a>,
        depth: u8,
    ) -> Option<()> {
        match &plain.kind {
            Kind::Typed(own) => o.value("type", *own),
            Kind::Alternatives(options) => self.alternatives(o, options, members, depth)?,
        }
        if plain.nullable {
            o.value("nullable", &true);
        }
        for (key, value) in members {
            match &**key {
                "type" | "anyOf" | "nullable" => {}
                "enum" => o.value("enum", &words(value)?),
                "const" => o.value("enum", &[serde_json::from_str::<String>(value.get()).ok()?]),
                "examples" => {
                    let examples: Vec<&RawValue> = serde_json::from_str(value.get()).ok()?;
                    o.value("example", examples.first()?);
                }
                "properties" => self.properties(o, value, depth)?,
                "items" => {
                    let mut out = Vec::new();
                    self.schema(value, depth, &mut out)?;
                    o.written("items", &out);
                }
                // Gemini writes no properties but those that are declared.
                "additionalProperties" if value.get() == "false" => {}
                key if SILENT.contains(&key) => {}
                key if SHARED.contains(&key) => o.value(key, value),
                _ => return None,
            }
        }
        let has = |wanted: &str| members.iter().any(|(key, _)| key == wanted);
        match plain.kind {
            // Either is refused without.
            Kind::Typed("OBJECT") if !has("properties") => None,
            Kind::Typed("ARRAY") if !has("items") => None,
            Kind::Typed(_) | Kind::Alternatives(_) => Some(()),
        }
    }

    fn properties(&self, o: &mut Object<'_>, value: &'a RawValue, depth: u8) -> Option<()> {
        let named = Fields::of(value, Path::ROOT).ok()?.into_members();
        if named.is_empty() {
            return None;
        }
        let mut inner = Vec::with_capacity(named.len());
        let mut length = 0;
        for (name, one) in named {
            let mut out = Vec::new();
            self.schema(one, depth, &mut out)?;
            length += out.len();
            if length > LONGEST {
                return None;
            }
            inner.push((name, out));
        }
        o.object("properties", |o| {
            for (name, one) in &inner {
                o.written(name, one);
            }
        });
        Some(())
    }

    fn alternatives(
        &self,
        o: &mut Object<'_>,
        options: &[&'a RawValue],
        members: &Members<'a>,
        depth: u8,
    ) -> Option<()> {
        if let [only] = options {
            let mut inner = self.resolved(only, depth)?;
            inner.retain(|(key, _)| !members.iter().any(|(known, _)| known == key));
            let plain = Plain::of(&inner)?;
            return self.members(o, &inner, &plain, depth);
        }
        let mut list = Vec::with_capacity(options.len());
        for one in options {
            let mut out = Vec::new();
            self.schema(one, depth, &mut out)?;
            list.push(out);
        }
        o.written(
            "anyOf",
            &[b"[", list.join(&b","[..]).as_slice(), b"]"].concat(),
        );
        Some(())
    }
}

/// What a schema says of its type.
struct Plain<'a> {
    kind: Kind<'a>,
    nullable: bool,
}

enum Kind<'a> {
    /// One type, by Gemini's name.
    Typed(&'static str),
    /// Any of these.
    Alternatives(Vec<&'a RawValue>),
}

impl<'a> Plain<'a> {
    fn of(members: &Members<'a>) -> Option<Self> {
        let get = |wanted: &str| {
            let found = members.iter().rfind(|(key, _)| key == wanted);
            found.map(|(_, value)| *value)
        };
        if let Some(raw) = get("type") {
            if get("anyOf").is_some() {
                return None;
            }
            let mut types: Vec<String> = match raw.get().starts_with('[') {
                true => serde_json::from_str(raw.get()).ok()?,
                false => vec![serde_json::from_str(raw.get()).ok()?],
            };
            let several = types.len() > 1;
            types.retain(|word| !several || word != "null");
            let [word] = types.as_slice() else {
                return None;
            };
            return Some(Self {
                kind: Kind::Typed(TYPES.iter().find(|(_, wide)| wide == word)?.0),
                nullable: several,
            });
        }
        if let Some(raw) = get("anyOf") {
            let all: Vec<&'a RawValue> = serde_json::from_str(raw.get()).ok()?;
            let is_null = |raw: &&RawValue| {
                let members = Fields::of(raw, Path::ROOT).map(Fields::into_members);
                members.is_ok_and(|members| {
                    matches!(members.as_slice(), [(key, value)] if key == "type" && value.get() == "\"null\"")
                })
            };
            let count = all.len();
            let options: Vec<&RawValue> = all.into_iter().filter(|one| !is_null(one)).collect();
            if options.is_empty() {
                return None;
            }
            return Some(Self {
                nullable: options.len() < count,
                kind: Kind::Alternatives(options),
            });
        }
        // Words alone are texts.
        let of_words = get("enum").and_then(words).is_some()
            || get("const").is_some_and(|value| value.get().starts_with('"'));
        of_words.then_some(Self {
            kind: Kind::Typed("STRING"),
            nullable: false,
        })
    }
}

/// The words of an `enum`, which must be texts; a `null` among them is said by the type.
fn words(raw: &RawValue) -> Option<Vec<String>> {
    let words: Vec<Option<String>> = serde_json::from_str(raw.get()).ok()?;
    Some(words.into_iter().flatten().collect())
}
