//! What a client says about routing: OpenRouter's `provider` object and `models` list, parsed into one preference.

use protocol::ir::Malformed;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// What a client said about routing.
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
    /// Do not use such an offering, nor one whose capabilities nobody knows.
    Required,
}

impl Preference {
    /// Reads the controls that a dialect found in a body: member names and raw JSON. Members that are not about
    /// routing are passed over.
    ///
    /// # Errors
    /// Names the field that has a wrong type or asks for what is not supported, or both of two that contradict each
    /// other.
    pub fn parse(controls: &[(&'static str, String)]) -> Result<Self, Malformed> {
        let mut preference = Self::default();
        for (name, json) in controls {
            match *name {
                "models" => preference.models = names("models", json)?,
                "provider" => preference.read_provider(json)?,
                _ => {}
            }
        }
        preference.check()?;
        Ok(preference)
    }

    fn read_provider(&mut self, json: &str) -> Result<(), Malformed> {
        if json.trim() == "null" {
            return Ok(());
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
                "require_parameters" => {
                    self.parameters = match boolean(&field, value)? {
                        Some(true) => Parameters::Required,
                        Some(false) | None => Parameters::BestEffort,
                    }
                }
                _ => self.read_unsupported(&name, &field, value)?,
            }
        }
        Ok(())
    }

    /// Fields that are known but not acted on: the value that asks for nothing is fine; what would be silently broken
    /// is refused.
    fn read_unsupported(&self, name: &str, field: &str, value: &str) -> Result<(), Malformed> {
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
