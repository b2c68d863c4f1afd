//! Every made-up value is judged by an independent validator.

use super::instance;
use crate::simulator::tokens::Chance;
use serde_json::{Value, json};

/// Makes values from several seeds, which must all fit.
fn fits(schema: &Value) -> Value {
    let validator = jsonschema::validator_for(schema).unwrap();
    let mut last = Value::Null;
    for seed in 0..20_u8 {
        last = instance(schema, &mut Chance::from_bytes(&[seed]));
        let errors: Vec<String> = validator
            .iter_errors(&last)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{schema}\n{last}\n{errors:?}");
    }
    last
}

#[test]
fn scalars_keep_to_their_bounds() {
    for schema in [
        json!({"type": "string"}),
        json!({"type": "string", "maxLength": 3}),
        json!({"type": "string", "minLength": 80, "maxLength": 90}),
        json!({"type": "string", "enum": ["celsius", "fahrenheit"]}),
        json!({"const": {"fixed": [1, 2]}}),
        json!({"type": "integer"}),
        json!({"type": "integer", "minimum": 5, "maximum": 5}),
        json!({"type": "integer", "minimum": -10, "maximum": -5}),
        json!({"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 2}),
        json!({"type": "integer", "maximum": -100}),
        json!({"type": "integer", "multipleOf": 7, "minimum": 30}),
        json!({"type": "number", "minimum": 0, "maximum": 1}),
        json!({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.5}),
        json!({"type": "number", "multipleOf": 0.25, "minimum": 2.1}),
        json!({"type": "number", "maximum": -0.5}),
        json!({"minimum": 3}),
        json!({"type": "boolean"}),
        json!({"type": "null"}),
        json!({"type": ["null", "integer"]}),
        json!({}),
        json!(true),
    ] {
        fits(&schema);
    }
}

#[test]
fn formats_are_plausible() {
    let check = |format: &str, expect: &str| {
        let schema = json!({"type": "string", "format": format});
        assert_eq!(fits(&schema), expect);
    };
    check("date", "2025-01-01");
    check("date-time", "2025-01-01T12:00:00Z");
    check("email", "simulated1@example.com");
    check("uuid", "00000000-0000-4000-8000-000000000001");
}

#[test]
fn objects_have_what_is_required_and_nothing_forbidden() {
    let weather = json!({
        "type": "object",
        "properties": {
            "location": {"type": "string"},
            "unit": {"type": "string", "enum": ["c"]},
            "days": {"type": "integer", "minimum": 1, "maximum": 14},
        },
        "required": ["location", "days"],
        "additionalProperties": false,
    });
    assert_eq!(
        fits(&weather),
        json!({"location": "simulated location", "unit": "c", "days": 1})
    );
    for schema in [
        json!({"type": "object"}),
        json!({"type": "object", "additionalProperties": false}),
        json!({"type": "object", "required": ["undeclared"]}),
        json!({"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 3}),
        json!({"properties": {"a": {"type": "null"}, "never": false}}),
    ] {
        fits(&schema);
    }
}

#[test]
fn lists_keep_to_their_sizes_and_items() {
    for schema in [
        json!({"type": "array"}),
        json!({"type": "array", "items": {"type": "string"}, "minItems": 4}),
        json!({"type": "array", "items": {"type": "string"}, "maxItems": 1}),
        json!({"type": "array", "items": {"type": "integer"}, "minItems": 5, "uniqueItems": true}),
        json!({"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": true}),
        json!({"type": "array", "items": {"type": "boolean"}, "uniqueItems": true}),
        json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false}),
        json!({"type": "array", "items": {"type": "object", "properties": {"n": {"type": "number", "minimum": 0, "maximum": 1}}, "required": ["n"]}}),
    ] {
        fits(&schema);
    }
}

#[test]
fn references_and_alternatives_are_followed() {
    for schema in [
        json!({
            "type": "object",
            "properties": {"home": {"$ref": "#/$defs/Address"}, "work": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/Address"}]}},
            "required": ["home", "work"],
            "$defs": {"Address": {"type": "object", "properties": {"zip": {"type": "string", "minLength": 5}}, "required": ["zip"], "additionalProperties": false}},
        }),
        json!({"allOf": [
            {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
            {"properties": {"b": {"type": "string"}}, "required": ["b"]},
        ]}),
        json!({"oneOf": [{"type": "object", "properties": {"kind": {"const": "cat"}}, "required": ["kind"]}, {"type": "string"}]}),
        json!({"type": "object", "properties": {"x": {"type": "number"}}, "anyOf": [{"required": ["x"]}, {"required": ["y"]}]}),
    ] {
        fits(&schema);
    }
}

#[test]
fn recursion_ends() {
    let tree = json!({
        "$ref": "#/$defs/Node",
        "$defs": {"Node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
                "next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]},
            },
            "required": ["name", "children", "next"],
        }},
    });
    let made = fits(&tree);
    assert!(made["children"][0]["children"].is_array(), "{made}");
    assert!(
        made.to_string().len() < 20_000,
        "{}",
        made.to_string().len()
    );
    // A schema that no finite value fits must still end.
    let endless =
        json!({"type": "object", "properties": {"again": {"$ref": "#"}}, "required": ["again"]});
    instance(&endless, &mut Chance::from_bytes(b""));
    let circle = json!({"$ref": "#"});
    instance(&circle, &mut Chance::from_bytes(b""));
    let missing = json!({"$ref": "#/$defs/Nowhere"});
    instance(&missing, &mut Chance::from_bytes(b""));
}

#[test]
fn patterns_are_ignored() {
    let schema = json!({"type": "string", "pattern": "^[A-Z]{3}$"});
    assert_eq!(
        instance(&schema, &mut Chance::from_bytes(b"")),
        "simulated value"
    );
}
