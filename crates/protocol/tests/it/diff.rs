//! Where two JSON values differ, as paths (`messages[].content`), indices left out.

use serde_json::Value;
use std::collections::BTreeSet;

/// The paths at which the values differ. A list of another length differs as a whole.
pub(crate) fn paths(left: &Value, right: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    walk(left, right, String::new(), &mut found);
    found
}

fn walk(left: &Value, right: &Value, path: String, found: &mut BTreeSet<String>) {
    match (left, right) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let dot = if path.is_empty() { "" } else { "." };
                let inner = format!("{path}{dot}{key}");
                match (a.get(key), b.get(key)) {
                    (Some(a), Some(b)) => walk(a, b, inner, found),
                    _ => drop(found.insert(inner)),
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (a, b) in a.iter().zip(b) {
                walk(a, b, format!("{path}[]"), found);
            }
        }
        // 1 and 1.0 are one number in JSON.
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => {}
        _ if left == right => {}
        _ => drop(found.insert(path)),
    }
}

#[test]
fn differences_are_named() {
    let left = serde_json::json!({"a": [{"b": 1}, {"b": 2.0}], "c": 1, "l": [1]});
    let right = serde_json::json!({"a": [{"b": 1}, {"b": 2, "d": 0}], "c": 2, "l": []});
    let found: Vec<String> = paths(&left, &right).into_iter().collect();
    assert_eq!(found, ["a[].d", "c", "l"]);
}
