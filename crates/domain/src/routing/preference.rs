//! What a client says about routing, parsed into one preference: OpenRouter's `provider` object and `models` list, the AI
//! SDK's options for the gateway, and Merge's words. The same thing said in several ecosystems' words must be the same.

mod ai_sdk;
mod merge;

use crate::catalog::Capability;
use protocol::ir::Malformed;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// What a client said about routing. Names of providers may be ids or aliases; one that the catalogue does not know
/// matches nothing, since clients bring names from elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preference {
    /// Models to fall back to, in this order.
    pub models: Vec<String>,
    /// Providers to try first, in this order.
    pub order: Vec<String>,
    /// The only providers to try; empty means all.
    pub only: Vec<String>,
    /// Providers not to try.
    pub ignore: Vec<String>,
    /// What an offering must be known to be able to do, besides what the request itself needs.
    pub has: Vec<Capability>,
    /// Whether anything but the first choice may be tried.
    pub fallbacks: Fallbacks,
    /// What to do where an offering cannot do all that the request asks for.
    pub parameters: Parameters,
}

/// Whether anything but the first choice may be tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fallbacks {
    /// All that may serve it, one after another.
    #[default]
    Allowed,
    /// The first only.
    Off,
}

/// What to do where an offering cannot carry all that a request says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Parameters {
    /// Serve it, and say what was lost.
    #[default]
    BestEffort,
    /// Do not use such an offering. One whose capabilities nobody knows comes after those that are known to do it all.
    Required,
}

/// The control that demands an offering which loses nothing.
const REQUIRE: &str = "require_parameters";

/// The AI SDK's options by vendor, one of which is the gateway.
const OPTIONS: &str = "providerOptions";

impl Preference {
    /// Reads the controls that a dialect found in a body: member names and raw JSON. Members that are not about
    /// routing are passed over.
    ///
    /// # Errors
    /// Names the field that has a wrong type or asks for what is not supported, or both of two that contradict each
    /// other.
    pub fn parse(controls: &[(&'static str, String)]) -> Result<Self, Malformed> {
        let mut preference = Self::default();
        // The same control stands at several places: at the top, in all dialects, and in two ecosystems' own objects.
        let mut required_at_top = None;
        let mut required_in_provider = None;
        let mut required_in_options = None;
        for (name, json) in controls {
            match *name {
                "models" => preference.models = names(name, json)?,
                "provider" => required_in_provider = preference.read_provider(json)?,
                REQUIRE => required_at_top = boolean(name, json)?,
                _ => {}
            }
        }
        merge::read(&mut preference, controls)?;
        // Last, since it may contradict the others.
        if let Some((_, json)) = controls.iter().find(|(name, _)| *name == OPTIONS) {
            required_in_options = ai_sdk::read(&mut preference, json)?;
        }
        preference.parameters = match (required_at_top, required_in_provider) {
            (Some(top), Some(inner)) if top != inner => {
                return Err(contradiction(REQUIRE, "provider.require_parameters"));
            }
            _ if required_in_options == Some(true) => Parameters::Required,
            (Some(true), _) | (_, Some(true)) => Parameters::Required,
            _ => Parameters::BestEffort,
        };
        preference.check()?;
        Ok(preference)
    }

    /// Returns what it says of `require_parameters`.
    fn read_provider(&mut self, json: &str) -> Result<Option<bool>, Malformed> {
        let mut required = None;
        if json.trim() == "null" {
            return Ok(required);
        }
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(json)
            .map_err(|_| Malformed::field("provider", "expected an object"))?;
        for (name, value) in members {
            let (field, value) = (format!("provider.{name}"), value.get());
            match name.as_str() {
                "order" => self.order = names(&field, value)?,
                "only" => self.only = names(&field, value)?,
                "ignore" => self.ignore = names(&field, value)?,
                "allow_fallbacks" => {
                    self.fallbacks = match boolean(&field, value)? {
                        Some(false) => Fallbacks::Off,
                        Some(true) | None => Fallbacks::Allowed,
                    }
                }
                REQUIRE => required = boolean(&field, value)?,
                _ => refuse_unsupported(&name, &field, value)?,
            }
        }
        Ok(required)
    }

    fn check(&self) -> Result<(), Malformed> {
        for (name, list) in [("only", &self.only), ("order", &self.order)] {
            if let Some(both) = list.iter().find(|wanted| self.ignore.contains(wanted)) {
                return Err(Malformed::field(
                    format!("provider.{name}"),
                    format!("'{both}' stands in provider.{name} and in provider.ignore"),
                ));
            }
        }
        Ok(())
    }
}

fn contradiction(field: &str, other: &str) -> Malformed {
    Malformed::field(field, format!("{field} and {other} contradict each other"))
}

/// Fields that are known but not acted on: the value that asks for nothing is fine; what would be silently broken is
/// refused.
fn refuse_unsupported(name: &str, field: &str, value: &str) -> Result<(), Malformed> {
    let harmless: &[&str] = match name {
        // The cheapest first is what is done anyway.
        "sort" => &["null", "\"price\""],
        "data_collection" => &["null", "\"allow\""],
        "zdr" | "enforce_distillable_text" => &["null", "false"],
        "quantizations" => &["null", "[]"],
        "max_price" => &["null", "{}"],
        _ => &["null"],
    };
    if harmless.contains(&value) {
        return Ok(());
    }
    Err(Malformed::field(
        field,
        "not supported; allowed in 'provider' are order, only, ignore, allow_fallbacks and require_parameters",
    ))
}

/// How many entries a list may have: each may become an attempt.
const LONGEST_LIST: usize = 16;

/// A list of names; `null` is an empty one.
fn names(field: &str, json: &str) -> Result<Vec<String>, Malformed> {
    let read: Option<Vec<String>> = serde_json::from_str(json)
        .map_err(|_| Malformed::field(field, "expected an array of strings"))?;
    let list = read.unwrap_or_default();
    if list.len() > LONGEST_LIST {
        let message = format!("at most {LONGEST_LIST} entries are allowed");
        return Err(Malformed::field(field, message));
    }
    match list.iter().position(String::is_empty) {
        Some(at) => Err(Malformed::field(
            format!("{field}[{at}]"),
            "expected a name, found an empty string",
        )),
        None => Ok(list),
    }
}

fn boolean(field: &str, json: &str) -> Result<Option<bool>, Malformed> {
    serde_json::from_str(json).map_err(|_| Malformed::field(field, "expected true or false"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(controls: &[(&'static str, &str)], expect: Result<Preference, (&str, &str)>) {
        let controls: Vec<_> = controls
            .iter()
            .map(|(name, json)| (*name, (*json).to_owned()))
            .collect();
        match (Preference::parse(&controls), expect) {
            (Ok(read), Ok(expect)) => assert_eq!(read, expect),
            (Err(error), Err((field, message))) => {
                assert_eq!(error.field.as_deref(), Some(field));
                assert!(error.message.contains(message), "{}", error.message);
            }
            (read, expect) => panic!("{controls:?}: {read:?} instead of {expect:?}"),
        }
    }

    fn list(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn what_is_said_is_read() {
        check(&[], Ok(Preference::default()));
        let provider = r#"{"order": ["groq", "together"], "only": ["groq", "together", "xai"], "ignore": ["openai"],
            "allow_fallbacks": false, "require_parameters": true, "sort": "price", "zdr": false}"#;
        check(
            &[
                ("models", r#"["a/b", "c"]"#),
                ("provider", provider),
                ("tags", "[1]"),
            ],
            Ok(Preference {
                models: list(&["a/b", "c"]),
                order: list(&["groq", "together"]),
                only: list(&["groq", "together", "xai"]),
                ignore: list(&["openai"]),
                has: Vec::new(),
                fallbacks: Fallbacks::Off,
                parameters: Parameters::Required,
            }),
        );
        check(
            &[
                ("models", "null"),
                ("provider", "null"),
                ("require_parameters", "null"),
            ],
            Ok(Preference::default()),
        );
        check(
            &[(
                "provider",
                r#"{"order": null, "allow_fallbacks": null, "zdr": null}"#,
            )],
            Ok(Preference::default()),
        );
    }

    #[test]
    fn the_ai_sdks_words_mean_the_same() {
        let options = r#"{"openai": {"user": "u"}, "gateway": {"order": ["groq"], "only": ["groq", "xai"],
            "models": ["a/b"], "has": ["vision", "tool-use"], "sort": "cost", "tags": ["t"], "user": "u",
            "zeroDataRetention": false, "allow_fallbacks": false, "require_parameters": true, "caching": "auto"}}"#;
        check(
            &[("providerOptions", options)],
            Ok(Preference {
                models: list(&["a/b"]),
                order: list(&["groq"]),
                only: list(&["groq", "xai"]),
                has: vec![Capability::Vision, Capability::Tools],
                fallbacks: Fallbacks::Off,
                parameters: Parameters::Required,
                ..Preference::default()
            }),
        );
        for nothing in ["null", "{}", r#"{"gateway": null}"#, r#"{"openai": 7}"#] {
            check(&[("providerOptions", nothing)], Ok(Preference::default()));
        }
        let gateway = |field: &str, value: &str, message: &str| {
            let json = format!(r#"{{"gateway": {{"{field}": {value}}}}}"#);
            let named = format!("providerOptions.gateway.{field}");
            check(&[("providerOptions", &json)], Err((&named, message)));
        };
        for (field, value) in [
            ("sort", "\"ttft\""),
            ("zeroDataRetention", "true"),
            ("disallowPromptTraining", "true"),
            ("headquarters", "[\"US\"]"),
            ("inferenceRegion", r#"{"scope":"zone"}"#),
            ("byok", r#"{"openai":[{}]}"#),
            ("quotaEntityId", "\"e\""),
            ("allowFallbackFromFast", "false"),
            ("odrer", "[]"),
        ] {
            gateway(field, value, "not supported");
        }
        gateway("order", "\"groq\"", "array of strings");
        gateway(
            "models",
            r#"[{"model": "a", "when": {}}]"#,
            "array of strings",
        );
        let has = r#"{"gateway": {"has": ["vision", "quantization:fp8"]}}"#;
        let named = "providerOptions.gateway.has[1]";
        check(&[("providerOptions", has)], Err((named, "not supported")));
    }

    #[test]
    fn merges_words_mean_the_same() {
        let order = r#"[{"model": "c", "priority": 2}, {"model": "a/b", "priority": 1}]"#;
        check(
            &[
                ("vendor", "\"groq\""),
                ("vendors", r#"["xai", "groq"]"#),
                ("priority_order", order),
                ("routing_policy_id", "\"p\""),
            ],
            Ok(Preference {
                models: list(&["a/b", "c"]),
                order: list(&["xai", "groq"]),
                only: list(&["groq"]),
                ..Preference::default()
            }),
        );
        // Both ecosystems' words for the same.
        check(
            &[
                ("vendor", "\"groq\""),
                ("provider", r#"{"only": ["groq"]}"#),
                ("vendors", "null"),
                ("priority_order", order),
                ("models", r#"["a/b", "c"]"#),
            ],
            Ok(Preference {
                models: list(&["a/b", "c"]),
                only: list(&["groq"]),
                ..Preference::default()
            }),
        );
        check(&[("vendor", "[]")], Err(("vendor", "a string")));
        check(&[("vendor", "\"\"")], Err(("vendor", "empty")));
        check(
            &[("vendors", "\"a\"")],
            Err(("vendors", "array of strings")),
        );
        check(
            &[("priority_order", r#"["a"]"#)],
            Err(("priority_order[0]", "must be an object")),
        );
    }

    #[test]
    fn types_are_strict() {
        check(&[("models", "\"a\"")], Err(("models", "array of strings")));
        check(&[("models", "[1]")], Err(("models", "array of strings")));
        check(&[("models", r#"["a", ""]"#)], Err(("models[1]", "empty")));
        check(&[("provider", "[]")], Err(("provider", "an object")));
        check(
            &[("provider", r#"{"order": "groq"}"#)],
            Err(("provider.order", "array of strings")),
        );
        check(
            &[("provider", r#"{"allow_fallbacks": "no"}"#)],
            Err(("provider.allow_fallbacks", "true or false")),
        );
        check(
            &[("require_parameters", "1")],
            Err(("require_parameters", "true or false")),
        );
        let long = format!("[{}]", vec!["\"a\""; 17].join(","));
        check(&[("models", &long)], Err(("models", "at most 16")));
    }

    #[test]
    fn what_would_be_silently_broken_is_refused() {
        for (field, value) in [
            ("zdr", "true"),
            ("data_collection", "\"deny\""),
            ("sort", "\"throughput\""),
            ("max_price", r#"{"prompt": 1}"#),
            ("quantizations", r#"["fp8"]"#),
            ("odrer", r#"["groq"]"#),
        ] {
            let json = format!("{{\"{field}\": {value}}}");
            let named = format!("provider.{field}");
            check(&[("provider", &json)], Err((&named, "not supported")));
        }
    }

    #[test]
    fn contradictions_name_both_fields() {
        check(
            &[("provider", r#"{"only": ["groq"], "ignore": ["groq"]}"#)],
            Err(("provider.only", "provider.ignore")),
        );
        check(
            &[("provider", r#"{"order": ["groq"], "ignore": ["groq"]}"#)],
            Err(("provider.order", "provider.ignore")),
        );
        check(
            &[
                ("require_parameters", "true"),
                ("provider", r#"{"require_parameters": false}"#),
            ],
            Err(("require_parameters", "provider.require_parameters")),
        );
        check(
            &[
                ("provider", r#"{"order": ["groq"]}"#),
                ("providerOptions", r#"{"gateway": {"order": ["xai"]}}"#),
            ],
            Err(("providerOptions.gateway.order", "provider.order")),
        );
        let groq = ("vendor", "\"groq\"");
        check(
            &[groq, ("vendors", r#"["xai"]"#)],
            Err(("vendor", "vendors")),
        );
        check(
            &[groq, ("provider", r#"{"only": ["xai"]}"#)],
            Err(("vendor", "provider.only")),
        );
        check(
            &[
                ("vendors", r#"["xai"]"#),
                ("provider", r#"{"order": ["groq"]}"#),
            ],
            Err(("vendors", "provider.order")),
        );
        check(
            &[
                ("models", r#"["a"]"#),
                ("priority_order", r#"[{"model": "b"}]"#),
            ],
            Err(("priority_order", "models")),
        );
    }
}
