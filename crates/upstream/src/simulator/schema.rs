//! Makes up a JSON value that fits a JSON schema: arguments of tools and structured answers. Follows `$ref` inside the
//! document, `const`, `enum`, `anyOf`, `oneOf`, `allOf`, types, bounds and formats; ignores `pattern`, `not` and
//! conditionals.

mod scalar;

use super::tokens::Chance;
use serde_json::{Map, Value};

/// From this depth on only what is required is made, so that recursive schemas end.
const SHALLOW: usize = 6;

/// From this depth on nothing more is made at all.
const DEEPEST: usize = 24;

/// A value that fits `schema`.
pub(super) fn instance(schema: &Value, chance: &mut Chance) -> Value {
    let mut maker = Maker {
        root: schema,
        chance,
    };
    maker.value(schema, Place::top())
}

struct Maker<'a> {
    root: &'a Value,
    chance: &'a mut Chance,
}

/// Where in the instance a value stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    depth: usize,
    /// The property's name, which a made-up text repeats.
    name: &'a str,
    /// Which item of a list, if in one: items are told apart by it, so that `uniqueItems` holds.
    item: Option<usize>,
}

impl<'a> Place<'a> {
    fn top() -> Self {
        Self {
            depth: 0,
            name: "value",
            item: None,
        }
    }

    fn property(self, name: &'a str) -> Self {
        Self {
            depth: self.depth + 1,
            name,
            item: self.item,
        }
    }

    fn item(self, item: usize) -> Self {
        Self {
            depth: self.depth + 1,
            item: Some(item),
            ..self
        }
    }
}

impl Maker<'_> {
    fn value(&mut self, schema: &Value, place: Place<'_>) -> Value {
        let Some(schema) = schema.as_object() else {
            return scalar::text(&Map::new(), place.name, place.item.unwrap_or(0));
        };
        if place.depth > DEEPEST {
            return Value::Null;
        }
        let schema = self.settled(schema, place.depth, 0);
        if let Some(constant) = schema.get("const") {
            return constant.clone();
        }
        if let Some(Value::Array(options)) = schema.get("enum") {
            return self.option(options, place);
        }
        match type_of(&schema) {
            Type::Object => Value::Object(self.object(&schema, place)),
            Type::Array => Value::Array(self.array(&schema, place)),
            Type::Text => scalar::text(&schema, place.name, place.item.unwrap_or(0)),
            Type::Integer => scalar::integer(&schema, place.item.unwrap_or(0)),
            Type::Number => scalar::number(&schema, place.item.unwrap_or(0)),
            Type::Boolean => Value::Bool(self.chance.below(2) == 0),
            Type::Null => Value::Null,
        }
    }

    /// One of an enumeration: any for a single value, one after the other in a list.
    fn option(&mut self, options: &[Value], place: Place<'_>) -> Value {
        let chosen = match place.item {
            Some(item) => item.checked_rem(options.len()).unwrap_or(0),
            None => self.chance.below(options.len()),
        };
        options.get(chosen).cloned().unwrap_or(Value::Null)
    }

    /// The schema with its references followed and one of its alternatives chosen, as one flat set of keywords.
    fn settled(
        &self,
        schema: &Map<String, Value>,
        depth: usize,
        hops: usize,
    ) -> Map<String, Value> {
        let mut flat = schema.clone();
        if hops > DEEPEST {
            return flat;
        }
        let mut parts: Vec<&Value> = Vec::new();
        if let Some(Value::String(reference)) = schema.get("$ref") {
            parts.extend(self.referred(reference));
        }
        if let Some(Value::Array(all)) = schema.get("allOf") {
            parts.extend(all);
        }
        for choice in ["anyOf", "oneOf"] {
            if let Some(Value::Array(options)) = schema.get(choice) {
                parts.extend(self.alternative(options, depth));
            }
        }
        for keyword in ["$ref", "allOf", "anyOf", "oneOf"] {
            flat.remove(keyword);
        }
        for part in parts.into_iter().filter_map(Value::as_object) {
            merge(&mut flat, self.settled(part, depth, hops + 1));
        }
        flat
    }

    /// The first alternative that is not null; deep down the first that ends the recursion.
    fn alternative<'o>(&self, options: &'o [Value], depth: usize) -> Option<&'o Value> {
        let ends = |option: &&Value| match self.type_behind(option) {
            Type::Object | Type::Array => false,
            Type::Text | Type::Integer | Type::Number | Type::Boolean | Type::Null => true,
        };
        let deep = (depth >= SHALLOW)
            .then(|| options.iter().find(ends))
            .flatten();
        deep.or_else(|| {
            options
                .iter()
                .find(|option| self.type_behind(option) != Type::Null)
        })
        .or(options.first())
    }

    fn type_behind(&self, schema: &Value) -> Type {
        let mut seen = schema;
        for _ in 0..DEEPEST {
            match seen.get("$ref").and_then(Value::as_str) {
                Some(reference) => match self.referred(reference) {
                    Some(behind) => seen = behind,
                    None => break,
                },
                None => break,
            }
        }
        seen.as_object().map_or(Type::Text, type_of)
    }

    /// What a reference inside the document points to: `#`, `#/$defs/Person`.
    fn referred(&self, reference: &str) -> Option<&Value> {
        self.root.pointer(reference.strip_prefix('#')?)
    }

    fn object(&mut self, schema: &Map<String, Value>, place: Place<'_>) -> Map<String, Value> {
        let required: Vec<&str> = match schema.get("required") {
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            Some(_) | None => Vec::new(),
        };
        let mut made = Map::new();
        if let Some(Value::Object(properties)) = schema.get("properties") {
            for (name, inner) in properties {
                let never = inner == &Value::Bool(false);
                if !never && (place.depth < SHALLOW || required.contains(&name.as_str())) {
                    made.insert(name.clone(), self.value(inner, place.property(name)));
                }
            }
        }
        let others = match schema.get("additionalProperties") {
            Some(schema) if schema.is_object() => schema,
            Some(_) | None => &Value::Bool(true),
        };
        for name in required {
            if !made.contains_key(name) {
                let value = self.value(others, place.property(name));
                made.insert(name.to_owned(), value);
            }
        }
        let owed = scalar::size(schema, "minProperties").unwrap_or(0).min(64);
        let wished = if made.is_empty() && others.is_object() {
            owed.max(1)
        } else {
            owed
        };
        for number in 1..=wished.saturating_sub(made.len()) {
            let name = format!("key_{number}");
            let value = self.value(others, place.property(&name));
            made.insert(name, value);
        }
        made
    }

    fn array(&mut self, schema: &Map<String, Value>, place: Place<'_>) -> Vec<Value> {
        let prefix = match schema.get("prefixItems") {
            Some(Value::Array(prefix)) => prefix.as_slice(),
            Some(_) | None => &[],
        };
        let items = schema.get("items");
        let least = scalar::size(schema, "minItems").unwrap_or(0).min(64);
        let most = scalar::size(schema, "maxItems").unwrap_or(usize::MAX);
        let usual = if place.depth < SHALLOW { 2 } else { 0 };
        let wished = match items {
            Some(Value::Bool(false)) => prefix.len(),
            Some(_) => prefix.len().max(usual),
            None => prefix.len(),
        };
        let mut made: Vec<Value> = Vec::new();
        for index in 0..wished.max(least).min(most) {
            let inner = prefix.get(index).or(items).unwrap_or(&Value::Bool(true));
            let value = self.value(inner, place.item(index));
            let repeated = made.contains(&value) && made.len() >= least;
            if !(repeated && schema.get("uniqueItems") == Some(&Value::Bool(true))) {
                made.push(value);
            }
        }
        made
    }
}

/// Adds the keywords of one part of a schema: properties and required names add up, of other keywords the first
/// stands.
fn merge(flat: &mut Map<String, Value>, part: Map<String, Value>) {
    for (keyword, value) in part {
        match (flat.get_mut(&keyword), value) {
            (Some(Value::Object(have)), Value::Object(more)) => {
                for (name, inner) in more {
                    have.entry(name).or_insert(inner);
                }
            }
            (Some(Value::Array(have)), Value::Array(more)) if keyword == "required" => {
                have.extend(more);
            }
            (Some(_), _) => {}
            (None, value) => {
                flat.insert(keyword, value);
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Object,
    Array,
    Text,
    Integer,
    Number,
    Boolean,
    Null,
}

/// The type a schema names (of several the first that is not null), or the one its keywords are about.
fn type_of(schema: &Map<String, Value>) -> Type {
    let named = match schema.get("type") {
        Some(Value::String(name)) => Type::named(name),
        Some(Value::Array(names)) => {
            let mut types = names.iter().filter_map(|name| Type::named(name.as_str()?));
            types
                .clone()
                .find(|kind| *kind != Type::Null)
                .or_else(|| types.next())
        }
        Some(_) | None => None,
    };
    let has = |keywords: &[&str]| keywords.iter().any(|keyword| schema.contains_key(*keyword));
    named.unwrap_or_else(|| {
        if has(&["properties", "required", "additionalProperties"]) {
            Type::Object
        } else if has(&["items", "prefixItems", "minItems"]) {
            Type::Array
        } else if has(&["minimum", "maximum", "multipleOf"]) {
            Type::Number
        } else {
            Type::Text
        }
    })
}

impl Type {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "object" => Self::Object,
            "array" => Self::Array,
            "string" => Self::Text,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "null" => Self::Null,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests;
