//! Token counts, stop reasons and service tiers as this dialect writes them, in whole answers and in streams.

use super::ID;
use crate::dialect::stop_words::{self, Said, StopWords};
use crate::dialect::write::Object;
use crate::ir::{Loss, StopReason, Usage};
use serde::Deserialize;

/// A `usage` object. `inputTokens` excludes cache reads and writes, as the canonical form does.
/// <https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html> (2026-11)
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct WireUsage {
    input_tokens: u64,
    output_tokens: u64,
    cache_read_input_tokens: Option<u64>,
    cache_write_input_tokens: Option<u64>,
    cache_details: Option<Vec<CacheDetail>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct CacheDetail {
    ttl: String,
    input_tokens: u64,
}

/// The members of a usage object that [`WireUsage`] reads, and the sum of them; all others ride along in whole answers.
pub(super) const USAGE_MEMBERS: &[&str] = &[
    "inputTokens",
    "outputTokens",
    "totalTokens",
    "cacheReadInputTokens",
    "cacheWriteInputTokens",
    "cacheDetails",
    // The gateway writes its own cost there.
    "cost",
];

/// Members of an answer that say how it was served.
/// <https://docs.aws.amazon.com/bedrock/latest/userguide/latency-optimized-inference.html> (2026-11)
pub(super) const LABELS: &[&str] = &["performanceConfig"];

impl WireUsage {
    /// The counts in the canonical convention.
    pub(super) fn into_usage(self) -> Usage {
        let details = self.cache_details.unwrap_or_default();
        let sum = |ttl: Option<&str>| {
            let fit = details
                .iter()
                .filter(|one| ttl.is_none_or(|ttl| one.ttl == ttl));
            fit.fold(0_u64, |sum, one| sum.saturating_add(one.input_tokens))
        };
        let cache_write = self.cache_write_input_tokens.unwrap_or_else(|| sum(None));
        Usage {
            input: self.input_tokens,
            cache_read: self.cache_read_input_tokens.unwrap_or(0),
            cache_write,
            cache_write_1h: sum(Some(HOUR)).min(cache_write),
            output: self.output_tokens,
            ..Usage::default()
        }
    }
}

/// The longer lifetime of a cache.
const HOUR: &str = "1h";

/// Lifetimes that caches may have.
pub(super) const LIFETIMES: &[&str] = &["5m", HOUR];

/// Writes the members of a usage object.
pub(super) fn write_usage(o: &mut Object<'_>, usage: &Usage) {
    o.value("inputTokens", &usage.input);
    o.value("outputTokens", &usage.output);
    o.value("totalTokens", &usage.total());
    o.value("cacheReadInputTokens", &usage.cache_read);
    o.value("cacheWriteInputTokens", &usage.cache_write);
    if usage.cache_write > 0 {
        let five_minutes = usage.cache_write.saturating_sub(usage.cache_write_1h);
        o.list("cacheDetails", |list| {
            for (ttl, tokens) in [(HOUR, usage.cache_write_1h), ("5m", five_minutes)] {
                if tokens > 0 {
                    list.object(|o| {
                        o.value("ttl", ttl);
                        o.value("inputTokens", &tokens);
                    });
                }
            }
        });
    }
}

/// The counts that have a place here.
pub(super) fn said(usage: &Usage) -> Usage {
    Usage {
        reasoning: 0,
        audio_input: 0,
        audio_output: 0,
        image_input: 0,
        image_output: 0,
        web_searches: 0,
        ..*usage
    }
}

/// How `stopReason` and the canonical reasons correspond. Several canonical reasons share a word; the first line with a
/// word is the one that reading takes, and the first with a reason the one that writing takes.
/// <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html> (2026-11)
const STOP_REASONS: &StopWords = &[
    ("end_turn", StopReason::Stop),
    ("tool_use", StopReason::ToolCalls),
    ("max_tokens", StopReason::Length),
    ("stop_sequence", StopReason::StopSequence),
    ("content_filtered", StopReason::ContentFilter),
    (GUARDRAIL, StopReason::ContentFilter),
    ("content_filtered", StopReason::Refusal),
    ("malformed_tool_use", StopReason::MalformedCall),
    ("malformed_model_output", StopReason::MalformedOutput),
    ("model_context_window_exceeded", StopReason::ContextWindow),
    ("end_turn", StopReason::Pause),
];

/// The word for an end by the account's own guardrail: a content filter, of another owner.
pub(super) const GUARDRAIL: &str = "guardrail_intervened";

/// Reads a stop reason.
pub(super) fn read_stop(word: &str) -> StopReason {
    stop_words::read(STOP_REASONS, ID, word)
}

/// Writes a stop reason.
pub(super) fn write_stop(reason: Option<&StopReason>, said: Said) -> &str {
    stop_words::write(STOP_REASONS, ID, reason, said)
}

/// What a stop reason cannot say of why an answer ended.
pub(super) fn stop_losses(reason: &StopReason) -> impl Iterator<Item = Loss> + use<> {
    let nearly = *reason == StopReason::Pause;
    let approximated = nearly.then(|| Loss::approximated("stop_reason"));
    approximated.into_iter().chain(reason.lost_to(ID))
}

/// The service tier for one named by any dialect; `None` where this one has no word.
/// <https://docs.aws.amazon.com/bedrock/latest/userguide/service-tiers-inference.html> (2026-11)
pub(super) fn tier(word: &str) -> Option<&str> {
    match word {
        "default" | "standard" | "standard_only" => Some("default"),
        "priority" | "flex" | "reserved" => Some(word),
        _ => None,
    }
}

/// A `serviceTier` object.
#[derive(Debug, Deserialize)]
pub(super) struct WireTier {
    #[serde(rename = "type")]
    pub(super) kind: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_reasons_go_both_ways() {
        for (word, reason) in STOP_REASONS {
            let written = write_stop(Some(reason), Said::default());
            assert_eq!(write_stop(Some(&read_stop(word)), Said::default()), {
                if *word == GUARDRAIL { written } else { *word }
            });
        }
        let odd = read_stop("new_word");
        assert_eq!(write_stop(Some(&odd), Said::default()), "new_word");
        let calls = Said {
            tool_call: true,
            refusal: false,
        };
        assert_eq!(write_stop(Some(&StopReason::Stop), calls), "tool_use");
        assert_eq!(write_stop(Some(&StopReason::Length), calls), "max_tokens");
        assert_eq!(write_stop(None, Said::default()), "end_turn");
    }

    #[test]
    fn usage_leaves_cached_input_apart() {
        let check = |json: &str, expect: [u64; 5]| {
            let usage = serde_json::from_str::<WireUsage>(json)
                .unwrap()
                .into_usage();
            let counts = [
                usage.input,
                usage.cache_read,
                usage.cache_write,
                usage.cache_write_1h,
                usage.output,
            ];
            assert_eq!(counts, expect, "{json}");
        };
        check(
            r#"{"inputTokens":3,"outputTokens":5,"totalTokens":8}"#,
            [3, 0, 0, 0, 5],
        );
        check(
            r#"{"inputTokens":3,"outputTokens":5,"totalTokens":1308,"cacheReadInputTokens":1000,
               "cacheWriteInputTokens":300,"cacheDetails":[{"ttl":"1h","inputTokens":100},{"ttl":"5m","inputTokens":200}]}"#,
            [3, 1000, 300, 100, 5],
        );
        check(
            r#"{"inputTokens":3,"outputTokens":5,"cacheDetails":[{"ttl":"5m","inputTokens":200}]}"#,
            [3, 0, 200, 0, 5],
        );
    }
}
