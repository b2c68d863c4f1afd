//! What a provider could not be told, as the SDK's warnings; it prints them, and gives them to the application. What the
//! provider said and the SDK cannot be told is no warning: nobody asked for it.

use crate::dialect::write::Object;
use crate::ir::{Loss, LossKind};

/// Writes `warnings`. Losses come in the words of this protocol.
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
                o.value("feature", &loss.field);
                o.value("details", details);
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::super::OWN_WORDS;
    use super::*;
    use crate::dialect::own_words::Naming;
    use crate::dialect::write;

    /// The record and `x-tollgate-lost` called it as OpenAI does.
    #[test]
    fn a_warning_names_what_the_client_wrote() {
        let naming = Naming::by(OWN_WORDS);
        let cases = [
            (Loss::dropped("top_k"), "unsupported", "topK"),
            (
                Loss::approximated("messages[2].content[0]"),
                "compatibility",
                "prompt[2].content[0]",
            ),
            (
                Loss::dropped("messages[0].content[1].cache_control"),
                "unsupported",
                "prompt[0].content[1].cacheControl",
            ),
            (
                Loss::approximated("response_format.json_schema.strict"),
                "compatibility",
                "strictJsonSchema",
            ),
            (
                Loss::approximated("tools[0].function.parameters"),
                "compatibility",
                "tools[0].inputSchema",
            ),
            (
                Loss::dropped("providerOptions.xai.searchParameters"),
                "unsupported",
                "providerOptions.xai.searchParameters",
            ),
        ];
        for (loss, kind, feature) in cases {
            let mut out = Vec::new();
            write::object(&mut out, |o| write(o, &[naming.loss(loss)]));
            let read: serde_json::Value = serde_json::from_slice(&out).unwrap();
            let warning = &read["warnings"][0];
            assert_eq!(
                (warning["type"].as_str(), warning["feature"].as_str()),
                (Some(kind), Some(feature))
            );
        }
    }
}
