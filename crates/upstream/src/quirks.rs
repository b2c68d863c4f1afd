//! What is odd about a provider, applied: the one interpreter of the closed vocabulary in `domain::catalog::Quirk`.

use domain::catalog::Quirk;
use protocol::dialect::Fetches;
use protocol::ir::Usage;
use protocol::splice::Document;

/// Edits a body on its way to a provider, in the order of the quirks.
pub fn edit(quirks: &[Quirk], body: &mut Document<'_>) {
    for quirk in quirks {
        match quirk {
            Quirk::Rename { from, to } => body.rename(from, to),
            Quirk::Drop { field } => body.remove(field),
            Quirk::ReasoningNotInOutput | Quirk::Fetches(_) | Quirk::HoldsThreads => {}
        }
    }
}

/// Which media a provider fetches by URL: what `usual` providers of its dialect do, unless a quirk says otherwise.
pub fn fetches(quirks: &[Quirk], usual: Fetches) -> Fetches {
    quirks
        .iter()
        .rev()
        .find_map(|quirk| match quirk {
            Quirk::Fetches(fetches) => Some(*fetches),
            Quirk::Rename { .. }
            | Quirk::Drop { .. }
            | Quirk::ReasoningNotInOutput
            | Quirk::HoldsThreads => None,
        })
        .unwrap_or(usual)
}

/// Whether a provider holds conversations for its clients.
pub fn holds_threads(quirks: &[Quirk]) -> bool {
    quirks.contains(&Quirk::HoldsThreads)
}

/// Brings a provider's token counts into our convention.
pub fn correct(quirks: &[Quirk], usage: &mut Usage) {
    for quirk in quirks {
        match quirk {
            Quirk::ReasoningNotInOutput => {
                usage.output = usage.output.saturating_add(usage.reasoning);
            }
            Quirk::Rename { .. } | Quirk::Drop { .. } | Quirk::Fetches(_) | Quirk::HoldsThreads => {
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{correct, edit};
    use domain::catalog::Quirk;
    use protocol::ir::Usage;
    use protocol::splice::Document;

    #[test]
    fn edits_touch_only_what_they_name() {
        let check = |quirks: &[Quirk], body: &str, expect: &str| {
            let mut document = Document::parse(body.as_bytes()).unwrap();
            edit(quirks, &mut document);
            assert_eq!(String::from_utf8_lossy(&document.apply()), expect);
        };
        let rename = Quirk::Rename {
            from: "max_completion_tokens".into(),
            to: "max_tokens".into(),
        };
        let drop = Quirk::Drop {
            field: "logit_bias".into(),
        };
        let body =
            r#"{"model":"m",  "max_completion_tokens": 9, "logit_bias":{"1":2},"new":[1.0]}"#;
        check(&[], body, body);
        check(
            &[rename.clone(), drop.clone()],
            body,
            r#"{"model":"m",  "max_tokens": 9,"new":[1.0]}"#,
        );
        check(&[rename, drop], r#"{"model":"m"}"#, r#"{"model":"m"}"#);
    }

    #[test]
    fn reasoning_that_was_left_out_is_counted() {
        let mut usage = Usage {
            output: 10,
            reasoning: 25,
            ..Usage::default()
        };
        correct(&[Quirk::ReasoningNotInOutput], &mut usage);
        assert_eq!((usage.output, usage.reasoning), (35, 25));
        correct(&[], &mut usage);
        assert_eq!(usage.output, 35);
    }
}
