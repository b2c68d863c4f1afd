//! Which JSON schemas this dialect's strict mode takes. Other dialects are strict with more than these: Anthropic lets
//! properties be optional. <https://platform.openai.com/docs/guides/structured-outputs#supported-schemas>

use crate::ir::Json;
use serde_json::{Map, Value};
use std::collections::HashSet;

/// Keywords that strict mode refuses.
const REFUSED: &[&str] = &[
    "allOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentRequired",
    "dependentSchemas",
    "patternProperties",
    "prefixItems",
];

/// Whether strict mode takes a schema: an object, all whose objects are closed and demand all their properties.
pub(in crate::dialect) fn takes(schema: &Json) -> bool {
    // The parser bounds the depth.
    let root: Result<Value, _> = schema.read();
    root.is_ok_and(|root| root["type"] == "object" && root.get("anyOf").is_none() && fits(&root))
}

fn fits(schema: &Value) -> bool {
    let Value::Object(members) = schema else {
        return true;
    };
    let is_object =
        members.get("type").is_some_and(names_object) || members.contains_key("properties");
    !REFUSED.iter().any(|key| members.contains_key(*key))
        && (!is_object || is_closed(members))
        && ["items"]
            .iter()
            .filter_map(|key| members.get(*key))
            .all(fits)
        && each(members, "anyOf").all(fits)
        && ["properties", "$defs", "definitions"]
            .iter()
            .all(|key| each(members, key).all(fits))
}

fn names_object(kind: &Value) -> bool {
    match kind {
        Value::Array(kinds) => kinds.iter().any(|kind| kind == "object"),
        kind => kind == "object",
    }
}

fn is_closed(members: &Map<String, Value>) -> bool {
    let required = members.get("required").and_then(Value::as_array);
    let required: HashSet<&str> = (required.into_iter().flatten())
        .filter_map(Value::as_str)
        .collect();
    let properties = members.get("properties").and_then(Value::as_object);
    members.get("additionalProperties") == Some(&Value::Bool(false))
        && properties.is_none_or(|properties| {
            properties
                .keys()
                .all(|name| required.contains(name.as_str()))
        })
}

/// The schemas in a list or an object of them.
fn each<'v>(members: &'v Map<String, Value>, key: &str) -> impl Iterator<Item = &'v Value> {
    let inner = members.get(key);
    let listed = inner.and_then(Value::as_array).into_iter().flatten();
    let named = inner.and_then(Value::as_object).into_iter().flatten();
    listed.chain(named.map(|(_, value)| value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strict_mode_takes_closed_objects_that_demand_all() {
        let check = |schema: &str, expect| {
            assert_eq!(takes(&Json::parse(schema).unwrap()), expect, "{schema}");
        };
        let closed = r#"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}"#;
        check(closed, true);
        check(&closed.replace(r#""required":["a"],"#, ""), false);
        check(&closed.replace("false", "true"), false);
        let inside = |inner: &str| closed.replace(r#"{"type":"string"}"#, inner);
        check(&inside(closed), true);
        check(&inside(r#"{"anyOf":[{"type":"null"},{"$ref":"x"}]}"#), true);
        check(
            &inside(r#"{"type":"array","items":{"type":"object"}}"#),
            false,
        );
        check(&inside(r#"{"allOf":[]}"#), false);
        check(&inside(r#"{"type":["object","null"]}"#), false);
        check(r#"{"anyOf":[]}"#, false);
        check("{}", false);
    }
}
