//! What a provider could not be told, as the SDK's warnings; it prints them, and gives them to the application. What the
//! provider said and the SDK cannot be told is no warning: nobody asked for it.

use crate::dialect::write::Object;
use crate::ir::{Loss, LossKind};
use std::borrow::Cow;

/// Where this protocol has another name for what a loss names in a provider's words.
const NAMES: &[(&str, &str)] = &[
    ("cache_control", "cacheControl"),
    ("frequency_penalty", "frequencyPenalty"),
    ("max_tokens", "maxOutputTokens"),
    ("presence_penalty", "presencePenalty"),
    ("reasoning.summary", "reasoning summaries"),
    ("reasoning_effort", "reasoning"),
    ("response_format", "responseFormat"),
    (
        "response_format.json_schema.description",
        "responseFormat.description",
    ),
    (
        "response_format.json_schema.schema",
        "responseFormat.schema",
    ),
    ("response_format.json_schema.strict", "strictJsonSchema"),
    ("service_tier", "serviceTier"),
    ("stop", "stopSequences"),
    ("thinking.budget_tokens", "thinking.budgetTokens"),
    ("tool_choice", "toolChoice"),
    ("top_k", "topK"),
    ("top_p", "topP"),
];

/// Writes `warnings`.
pub(super) fn write(o: &mut Object<'_>, losses: &[Loss]) {
    o.list("warnings", |list| {
        for loss in losses {
            list.object(|o| {
                let (kind, details) = match loss.kind {
                    LossKind::Dropped => ("unsupported", "The provider cannot be told this."),
                    LossKind::Approximated => (
                        "compatibility",
                        "The provider was told this in another form.",
                    ),
                };
                o.value("type", kind);
                o.value("feature", &feature(&loss.field));
                o.value("details", details);
            });
        }
    });
}

/// What is lost, in the words of this protocol.
fn feature(field: &str) -> Cow<'_, str> {
    if let Some(rest) = field.strip_prefix("messages[") {
        return Cow::Owned(format!("prompt[{rest}"));
    }
    let known = NAMES.iter().find(|(theirs, _)| *theirs == field);
    Cow::Borrowed(known.map_or(field, |(_, ours)| ours))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::write;

    #[test]
    fn a_warning_names_what_the_client_wrote() {
        let losses = [
            Loss::dropped("top_k"),
            Loss::approximated("messages[2].content[0]"),
            Loss::dropped("providerOptions.xai.searchParameters"),
        ];
        let mut out = Vec::new();
        write::object(&mut out, |o| write(o, &losses));
        let read: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let seen: Vec<_> = read["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| {
                (
                    it["type"].as_str().unwrap(),
                    it["feature"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("unsupported", "topK"),
                ("compatibility", "prompt[2].content[0]"),
                ("unsupported", "providerOptions.xai.searchParameters"),
            ]
        );
    }
}
