//! The gateway's own controls: top-level members that clients put into a request body for the gateway, in the words of
//! several ecosystems. The one list of them, shared by all dialects. What they mean is decided elsewhere (`domain`).

use super::fields::{Fields, Path};
use crate::ir::Malformed;
use crate::splice::Document;
use serde_json::value::RawValue;

/// Every control. None is a parameter of a model, so none is ever sent to a provider.
pub const CONTROLS: &[&str] = &[
    // Fallback models and provider preferences, and what its plugins do: OpenRouter.
    "models",
    "provider",
    "route",
    "transforms",
    "plugins",
    "preset",
    // The AI SDK's options per provider (`gateway` among them).
    "providerOptions",
    // Merge's routing, and attribution.
    "vendor",
    "vendors",
    "priority_order",
    "routing_policy_id",
    "tags",
    "customer",
    "project_id",
    "include_routing_metadata",
    // Only offerings that lose nothing.
    "require_parameters",
];

/// Whether a top-level member is a control.
pub fn is_control(name: &str) -> bool {
    CONTROLS.contains(&name)
}

/// The controls present in a request, name and raw JSON.
pub(in crate::dialect) fn read(doc: &Document<'_>) -> Vec<(&'static str, String)> {
    CONTROLS
        .iter()
        .filter_map(|name| Some((*name, doc.get(name)?.to_owned())))
        .collect()
}

/// The member that holds controls where a dialect's own clients refuse to write any at the top level.
pub(in crate::dialect) const INSIDE: &str = "tollgate";

/// The controls in an object of their own, besides those `found` at the top level.
///
/// # Errors
/// Names what is no control, or is said at the top level too.
pub(in crate::dialect) fn read_inside(
    object: Fields<'_, '_>,
    found: &mut Vec<(&'static str, String)>,
) -> Result<(), Malformed> {
    let at = object.at();
    for (name, raw) in object.into_members() {
        let Some(control) = CONTROLS.iter().find(|control| **control == name) else {
            let known = CONTROLS.join(", ");
            let message = format!("is no control of the gateway; allowed are {known}");
            return Err(at.key(&name).wrong(message));
        };
        if found.iter().any(|(other, _)| other == control) {
            return Err(at.key(&name).wrong("is given twice: give one of them"));
        }
        found.push((control, raw.get().to_owned()));
    }
    Ok(())
}

/// Takes every control found by [`read`] out of a request that goes to a provider.
pub(in crate::dialect) fn remove(doc: &mut Document<'_>, found: &[(&'static str, String)]) {
    for (name, _) in found {
        doc.remove(name);
    }
}

/// How many models `priority_order` may name: each may become an attempt.
const LONGEST_ORDER: usize = 16;

/// The models of `priority_order` (Merge: `[{"model": …, "priority": …}]`), the smallest priority first; among equals,
/// and where none has one, in the order written.
///
/// # Errors
/// Names the member that is wrong.
pub fn priority_order(json: &str) -> Result<Vec<String>, Malformed> {
    let at = Path::ROOT.key("priority_order");
    let entries: Option<Vec<&RawValue>> =
        serde_json::from_str(json).map_err(|_| at.wrong("must be a list of objects"))?;
    let entries = entries.unwrap_or_default();
    if entries.len() > LONGEST_ORDER {
        return Err(at.wrong(format!("may have at most {LONGEST_ORDER} entries")));
    }
    let mut models = Vec::with_capacity(entries.len());
    for (index, raw) in entries.into_iter().enumerate() {
        let mut entry = Fields::of(raw, at.index(index))?;
        let model = entry.need_string("model")?;
        if model.is_empty() {
            return Err(entry.at().key("model").wrong("must not be empty"));
        }
        models.push((entry.integer("priority")?.unwrap_or(0), model));
    }
    models.sort_by_key(|(priority, _)| *priority);
    Ok(models.into_iter().map(|(_, model)| model).collect())
}

#[cfg(test)]
mod tests {
    use super::priority_order;

    #[test]
    fn models_stand_by_priority() {
        let check = |json: &str, expect: &str| {
            let got = match priority_order(json) {
                Ok(models) => models.join(","),
                Err(bad) => bad.to_string(),
            };
            assert_eq!(got, expect, "{json}");
        };
        check("null", "");
        check("[]", "");
        check(
            r#"[{"model":"b","priority":2},{"model":"a","priority":1}]"#,
            "a,b",
        );
        check(r#"[{"model":"b"},{"model":"a"}]"#, "b,a");
        check("{}", "priority_order: must be a list of objects");
        check(
            r#"["a"]"#,
            "priority_order[0]: must be an object, but is a string",
        );
        check(
            r#"[{"priority":1}]"#,
            "priority_order[0].model: is required",
        );
        check(
            r#"[{"model":"a","priority":"high"}]"#,
            "priority_order[0].priority: must be a whole number, but is a string",
        );
        let long = format!("[{}]", vec![r#"{"model":"a"}"#; 17].join(","));
        check(&long, "priority_order: may have at most 16 entries");
    }
}
