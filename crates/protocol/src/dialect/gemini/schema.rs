//! Between JSON Schema and the subset of OpenAPI 3.0 that `parameters` and `responseSchema` take: types in capitals,
//! `nullable`, no `$ref`. What that subset says it says without loss; any other schema goes as JSON Schema, in
//! `parametersJsonSchema` and `responseJsonSchema`, as it is.
//! <https://ai.google.dev/api/caching#Schema>,
//! <https://ai.google.dev/gemini-api/docs/structured-output#json_schema_support> (2026-11)

mod narrow;
mod widen;

pub(super) use narrow::narrowed;
pub(super) use widen::widened;

/// How deep a schema is followed, references included.
const DEPTH: u8 = 24;

/// How the types are called on both sides.
const TYPES: &[(&str, &str)] = &[
    ("STRING", "string"),
    ("NUMBER", "number"),
    ("INTEGER", "integer"),
    ("BOOLEAN", "boolean"),
    ("ARRAY", "array"),
    ("OBJECT", "object"),
    ("NULL", "null"),
];

#[cfg(test)]
mod tests {
    use super::{narrowed, widened};
    use crate::ir::Json;
    use serde_json::Value;

    fn value(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    fn narrow(schema: &str) -> Option<Value> {
        narrowed(&Json::parse(schema).unwrap()).map(|text| value(&text))
    }

    #[test]
    fn what_the_subset_says_comes_back_as_it_was() {
        for schema in [
            r#"{"type":"OBJECT","properties":{"city":{"type":"STRING","description":"Where.","minLength":1},
                "days":{"type":"INTEGER","nullable":true,"minimum":1,"maximum":9},
                "unit":{"type":"STRING","format":"enum","enum":["c","f"]},
                "tags":{"type":"ARRAY","items":{"type":"STRING"},"minItems":1,"maxItems":3}},"required":["city"]}"#,
            r#"{"anyOf":[{"type":"STRING"},{"type":"NUMBER"}],"nullable":true,"description":"Either."}"#,
            r#"{"type":"STRING","example":"x","title":"T","default":"y","pattern":"^x"}"#,
        ] {
            let wide = widened(serde_json::from_str(schema).unwrap());
            assert_eq!(narrow(wide.get()).unwrap(), value(schema), "{}", wide.get());
        }
    }

    /// Each property was looked for in the whole order, so that the time grew with the square.
    #[test]
    fn properties_without_number_are_put_in_order() {
        let names = |numbers: &mut dyn Iterator<Item = u32>| -> Vec<String> {
            numbers.map(|n| format!("\"p{n}\"")).collect()
        };
        let count = 100_000;
        let properties = names(&mut (0..count)).join(":{},") + ":{}";
        let order = names(&mut (0..count).rev()).join(",");
        let schema = format!(r#"{{"properties":{{{properties}}},"propertyOrdering":[{order}]}}"#);
        let wide = widened(serde_json::from_str(&schema).unwrap());
        let expect = format!(
            r#"{{"properties":{{"p{}":{{}},"p{}":"#,
            count - 1,
            count - 2
        );
        assert!(wide.get().starts_with(&expect));
    }

    #[test]
    fn other_spellings_are_read() {
        let check = |schema: &str, expect: &str| {
            let wide = widened(serde_json::from_str(schema).unwrap());
            assert_eq!(wide.get(), expect);
        };
        check(
            r#"{"type":"string","max_length":"9"}"#,
            r#"{"type":"string","maxLength":9}"#,
        );
        check(
            r#"{"type":"OBJECT","properties":{"b":{"type":"NULL"},"any_of":{"type":"NUMBER"}},"propertyOrdering":["any_of","b"]}"#,
            r#"{"type":"object","properties":{"any_of":{"type":"number"},"b":{"type":"null"}}}"#,
        );
        check(r#"{"type":"TYPE_UNSPECIFIED","nullable":false}"#, "{}");
        check(
            r#"{"type":"STRING","enum":["a"],"nullable":true}"#,
            r#"{"type":["string","null"],"enum":["a",null]}"#,
        );
        check("7", "7");
        let deep = "{\"items\":".repeat(100_000) + "{}" + &"}".repeat(100_000);
        let raw = crate::ir::Json::parse("{}").unwrap();
        assert_eq!(raw.get(), "{}");
        assert!(crate::ir::Json::parse(deep.clone()).is_err() || !deep.is_empty());
    }

    #[test]
    fn json_schema_is_narrowed_where_nothing_is_lost() {
        let check = |schema: &str, expect: &str| {
            assert_eq!(narrow(schema), Some(value(expect)), "{schema}");
        };
        check(
            r##"{"$schema":"x","type":"object","additionalProperties":false,"$defs":{"leg":{"type":"object","properties":{"to":{"type":"string"}},"required":["to"]}},
                "properties":{"leg":{"$ref":"#/$defs/leg"},"mode":{"const":"train"},"kind":{"enum":["a","b"]},
                "note":{"anyOf":[{"type":"string"},{"type":"null"}],"title":"Note","default":null}}}"##,
            r#"{"type":"OBJECT","properties":{"leg":{"type":"OBJECT","properties":{"to":{"type":"STRING"}},"required":["to"]},
                "mode":{"type":"STRING","enum":["train"]},"kind":{"type":"STRING","enum":["a","b"]},
                "note":{"type":"STRING","nullable":true,"title":"Note","default":null}}}"#,
        );
        check(
            r#"{"type":["integer","null"]}"#,
            r#"{"type":"INTEGER","nullable":true}"#,
        );
        check(
            r#"{"type":["string","null"],"enum":["a",null]}"#,
            r#"{"type":"STRING","nullable":true,"enum":["a"]}"#,
        );
    }

    #[test]
    fn what_the_subset_cannot_say_is_left_to_json_schema() {
        for schema in [
            "true",
            "{}",
            r#"{"type":"object"}"#,
            r#"{"type":"object","properties":{"a":{}}}"#,
            r#"{"type":"object","properties":{"a":{"type":"integer","enum":[1,2]}}}"#,
            r#"{"type":"object","properties":{"a":{"oneOf":[{"type":"string"}]}}}"#,
            r#"{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":{"type":"string"}}"#,
            r#"{"type":["string","integer"]}"#,
            r#"{"type":"number","exclusiveMinimum":0}"#,
            r##"{"type":"object","properties":{"next":{"$ref":"#"}}}"##,
            r##"{"$defs":{"a":{"type":"array","items":{"$ref":"#/$defs/a"}}},"$ref":"#/$defs/a"}"##,
            r##"{"type":"array","items":{"$ref":"#/$defs/gone"}}"##,
            r#"{"type":"array"}"#,
        ] {
            assert_eq!(narrow(schema), None, "{schema}");
        }
    }

    #[test]
    fn references_that_would_fill_the_memory_are_not_followed() {
        let mut defs = r#""d0":{"type":"string"}"#.to_owned();
        for n in 1..20 {
            let inner = n - 1;
            let pair = format!(
                r##","d{n}":{{"type":"object","properties":{{"a":{{"$ref":"#/$defs/d{inner}"}},"b":{{"$ref":"#/$defs/d{inner}"}}}}}}"##
            );
            defs.push_str(&pair);
        }
        let schema = format!(r##"{{"$defs":{{{defs}}},"$ref":"#/$defs/d19"}}"##);
        assert_eq!(narrow(&schema), None);
    }
}
