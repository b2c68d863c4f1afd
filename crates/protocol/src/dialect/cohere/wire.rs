//! Token counts and reasons to end as this dialect writes them, in whole answers and in streams.

use super::ID;
use crate::ir::{Error, ErrorKind, StopReason, Usage};
use serde::Deserialize;

/// A `usage` object. Counts are floats in the published types.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireUsage {
    billed_units: Option<Counts>,
    tokens: Option<Counts>,
    cached_tokens: Option<f64>,
}

/// The members of a `usage` object. What the model's own tokens were is not said where something else is billed.
pub(super) const USAGE_MEMBERS: &[&str] = &["billed_units", "tokens", "cached_tokens"];

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct Counts {
    input_tokens: Option<f64>,
    output_tokens: Option<f64>,
    search_units: Option<f64>,
}

impl WireUsage {
    /// The counts that are billed; those of the model's own where nothing is said of bills.
    /// <https://docs.cohere.com/docs/how-does-cohere-pricing-work>
    pub(super) fn into_usage(self) -> Usage {
        let billed = self.billed_units.unwrap_or_default();
        let all = self.tokens.unwrap_or_default();
        let input = whole(billed.input_tokens.or(all.input_tokens));
        let cache_read = whole(self.cached_tokens).min(input);
        Usage {
            input: input - cache_read,
            cache_read,
            output: whole(billed.output_tokens.or(all.output_tokens)),
            web_searches: whole(billed.search_units),
            ..Usage::default()
        }
    }
}

/// A count; what is no count is none.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float ends at the bounds"
)]
fn whole(count: Option<f64>) -> u64 {
    count.map_or(0, |count| count.round() as u64)
}

/// Why an answer ended: by itself, or because something failed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Stopped(StopReason),
    Failed(Error),
}

/// Reads a `finish_reason`; `said` are the words of an error beside it.
/// <https://docs.cohere.com/reference/chat#response.body.finish_reason>
pub(super) fn ending(word: Option<&str>, called: bool, said: Option<String>) -> Ending {
    let failed = |kind, text: &str| {
        let message = said.clone().unwrap_or_else(|| text.to_owned());
        Ending::Failed(Error::new(kind, message))
    };
    Ending::Stopped(match word {
        Some("ERROR") => return failed(ErrorKind::Server, "the generation failed"),
        Some("TIMEOUT") => return failed(ErrorKind::Timeout, "the generation took too long"),
        None if said.is_some() => return failed(ErrorKind::Server, ""),
        None | Some("COMPLETE") if called => StopReason::ToolCalls,
        None | Some("COMPLETE") => StopReason::Stop,
        Some("STOP_SEQUENCE") => StopReason::StopSequence,
        Some("MAX_TOKENS") => StopReason::Length,
        Some("TOOL_CALL") => StopReason::ToolCalls,
        // Of the API's first version, which some deployments still say.
        Some("ERROR_TOXIC") => StopReason::ContentFilter,
        Some("ERROR_LIMIT") => StopReason::ContextWindow,
        Some(other) => StopReason::Other(ID, other.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bills_count_before_tokens() {
        let check = |json: &str, expect: Usage| {
            let usage: WireUsage = serde_json::from_str(json).unwrap();
            assert_eq!(usage.into_usage(), expect, "{json}");
        };
        let counts = |input, cache_read, output| Usage {
            input,
            cache_read,
            output,
            ..Usage::default()
        };
        check(
            r#"{"billed_units":{"input_tokens":17.0,"output_tokens":12},"tokens":{"input_tokens":215,"output_tokens":14}}"#,
            counts(17, 0, 12),
        );
        check(
            r#"{"tokens":{"input_tokens":215,"output_tokens":14},"cached_tokens":200}"#,
            counts(15, 200, 14),
        );
        // More was cached than is billed.
        check(
            r#"{"billed_units":{"input_tokens":17,"output_tokens":1},"cached_tokens":200.0}"#,
            counts(0, 17, 1),
        );
        check("{}", counts(0, 0, 0));
        check(r#"{"tokens":{"input_tokens":-4}}"#, counts(0, 0, 0));
        check(
            r#"{"billed_units":{"search_units":2}}"#,
            Usage {
                web_searches: 2,
                ..Usage::default()
            },
        );
    }

    #[test]
    fn every_reason_is_told_apart() {
        let stopped = |word| match ending(Some(word), false, None) {
            Ending::Stopped(reason) => reason,
            Ending::Failed(error) => panic!("{error:?}"),
        };
        assert_eq!(stopped("COMPLETE"), StopReason::Stop);
        assert_eq!(stopped("STOP_SEQUENCE"), StopReason::StopSequence);
        assert_eq!(stopped("MAX_TOKENS"), StopReason::Length);
        assert_eq!(stopped("TOOL_CALL"), StopReason::ToolCalls);
        assert_eq!(stopped("ERROR_TOXIC"), StopReason::ContentFilter);
        assert_eq!(stopped("ERROR_LIMIT"), StopReason::ContextWindow);
        assert_eq!(stopped("NEW"), StopReason::Other(ID, "NEW".into()));
        let called = ending(Some("COMPLETE"), true, None);
        assert_eq!(called, Ending::Stopped(StopReason::ToolCalls));
        let error = Error::new(ErrorKind::Server, "boom");
        let failed = ending(Some("ERROR"), false, Some("boom".into()));
        assert_eq!(failed, Ending::Failed(error));
        let late = ending(Some("TIMEOUT"), false, None);
        assert!(matches!(
            late,
            Ending::Failed(Error {
                kind: ErrorKind::Timeout,
                ..
            })
        ));
    }
}
