//! What a client of the AI SDK says about routing, in `providerOptions.gateway`:
//! the package `@ai-sdk/gateway` 4.0.146, <https://ai-sdk.dev/providers/ai-sdk-providers/ai-gateway> (2026-11), `GatewayProviderOptions`. The type is
//! open, and the gateway is to check it. Our own words for what it has none for (`ignore`, `allow_fallbacks`,
//! `require_parameters`) may stand there too, since this client has no other place for them.

use super::{Fallbacks, Preference, REQUIRE, boolean, names};
use crate::catalog::Capability;
use protocol::ir::Malformed;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Reads `providerOptions`, and returns what it says of `require_parameters`. What it says to vendors is theirs.
pub(super) fn read(preference: &mut Preference, json: &str) -> Result<Option<bool>, Malformed> {
    let options = members("providerOptions", json)?;
    let Some(gateway) = options.get("gateway") else {
        return Ok(None);
    };
    let mut required = None;
    for (name, value) in members("providerOptions.gateway", gateway.get())? {
        let (field, value) = (format!("providerOptions.gateway.{name}"), value.get());
        match name.as_str() {
            "order" => once(&mut preference.order, &field, value, "provider.order")?,
            "only" => once(&mut preference.only, &field, value, "provider.only")?,
            "ignore" => once(&mut preference.ignore, &field, value, "provider.ignore")?,
            "models" => once(&mut preference.models, &field, value, "models")?,
            "has" => preference.has = capabilities(&field, value)?,
            "allow_fallbacks" if boolean(&field, value)? == Some(false) => {
                preference.fallbacks = Fallbacks::Off;
            }
            "allow_fallbacks" => {}
            REQUIRE => required = boolean(&field, value)?,
            _ => refuse_unsupported(&name, &field, value)?,
        }
    }
    Ok(required)
}

fn members<'j>(field: &str, json: &'j str) -> Result<BTreeMap<String, &'j RawValue>, Malformed> {
    let read: Option<BTreeMap<String, &RawValue>> =
        serde_json::from_str(json).map_err(|_| Malformed::field(field, "expected an object"))?;
    Ok(read.unwrap_or_default())
}

/// Takes a list, unless the other place for it holds a different one.
fn once(list: &mut Vec<String>, field: &str, json: &str, other: &str) -> Result<(), Malformed> {
    let said = names(field, json)?;
    if !list.is_empty() && !said.is_empty() && *list != said {
        let message = format!("{field} and {other} contradict each other");
        return Err(Malformed::field(field, message));
    }
    if !said.is_empty() {
        *list = said;
    }
    Ok(())
}

/// The words for what an offering must have.
const HAS: [(&str, Capability); 5] = [
    ("implicit-caching", Capability::PromptCaching),
    ("reasoning", Capability::Reasoning),
    ("structured-output", Capability::StructuredOutput),
    ("tool-use", Capability::Tools),
    ("vision", Capability::Vision),
];

fn capabilities(field: &str, json: &str) -> Result<Vec<Capability>, Malformed> {
    let known = |word: &String| HAS.iter().find(|(known, _)| known == word);
    let mut found = Vec::new();
    for (at, word) in names(field, json)?.iter().enumerate() {
        let Some((_, capability)) = known(word) else {
            let words: Vec<&str> = HAS.iter().map(|(word, _)| *word).collect();
            let words = words.join(", ");
            return Err(Malformed::field(
                format!("{field}[{at}]"),
                format!("'{word}' is not supported; allowed are {words}"),
            ));
        };
        found.push(*capability);
    }
    Ok(found)
}

/// What is known but not acted on: the value that asks for nothing is fine; what would be silently broken is refused.
fn refuse_unsupported(name: &str, field: &str, value: &str) -> Result<(), Malformed> {
    let harmless: &[&str] = match name {
        // The request's own; the dialect reads them. Speed falls back to the usual one unless that is forbidden.
        "caching" | "serviceTier" | "speed" => return Ok(()),
        "allowFallbackFromFast" => &["null", "true"],
        // Labels for reports, and what only batches, images and credentials of a request have.
        "user" | "tags" | "idempotencyKey" | "providerTimeouts" => return Ok(()),
        "experimental_streamingImageDecoding" => return Ok(()),
        // The cheapest first is what is done anyway.
        "sort" => &["null", "\"cost\""],
        "zeroDataRetention" | "disallowPromptTraining" | "hipaaCompliant" => &["null", "false"],
        "headquarters" => &["null", "[]"],
        "byok" => &["null", "{}"],
        _ => &["null"],
    };
    if harmless.contains(&value) {
        return Ok(());
    }
    Err(Malformed::field(
        field,
        "not supported; allowed in 'providerOptions.gateway' are order, only, ignore, models, has, allow_fallbacks, \
         require_parameters, caching and serviceTier",
    ))
}
