//! Token counts and stop reasons as this dialect writes them, in whole answers and in streams.

use super::ID;
use crate::dialect::fields::{Fields, Path};
use crate::dialect::stop_words::{self, Said, StopWords};
use crate::dialect::write::Object;
use crate::ir::{Extra, Loss, Malformed, StopReason, Usage};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A `usage` object. Counts are cumulative; one that is absent leaves what an earlier object said.
/// `input_tokens` excludes cache reads and writes, as the canonical form does.
/// <https://platform.claude.com/docs/en/build-with-claude/prompt-caching#tracking-cache-performance>
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireUsage {
    input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation: Option<CacheCreation>,
    output_tokens: Option<u64>,
    output_tokens_details: Option<OutputDetails>,
    server_tool_use: Option<ServerToolUse>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct CacheCreation {
    ephemeral_5m_input_tokens: Option<u64>,
    ephemeral_1h_input_tokens: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct OutputDetails {
    thinking_tokens: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct ServerToolUse {
    web_search_requests: Option<u64>,
}

/// The members of a usage object that [`WireUsage`] reads, the tier, and our own cost.
const USAGE_MEMBERS: &[&str] = &[
    "input_tokens",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "output_tokens",
    "service_tier",
    "cost",
];

/// Where it ran, and how fast.
/// <https://platform.claude.com/docs/en/api/messages/create> (2026-11)
const USAGE_LABELS: &[&str] = &["inference_geo", "speed"];

/// The objects in a usage object, the members of each that [`WireUsage`] reads, and what the names of all others begin with.
const INNER: &[(&str, &[&str], &str)] = &[
    (
        "cache_creation",
        &["ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"],
        LIFETIMES,
    ),
    ("output_tokens_details", &["thinking_tokens"], DETAILS),
    ("server_tool_use", &["web_search_requests"], TOOLS),
];

/// What the names of extras begin with that stand in the usage object.
pub(super) const USAGE: &str = "usage.";
const LIFETIMES: &str = "usage.cache_creation.";
const DETAILS: &str = "usage.output_tokens_details.";
const TOOLS: &str = "usage.server_tool_use.";

/// Keeps of a usage object what [`WireUsage`] does not read.
///
/// # Errors
/// When it is no object of objects.
pub(super) fn keep_uncounted(raw: &RawValue, extra: &mut Extra) -> Result<(), Malformed> {
    let at = Path::ROOT.key("usage");
    let mut usage = Fields::of(raw, at)?;
    for known in USAGE_MEMBERS {
        usage.take(known);
    }
    for (member, known, prefix) in INNER {
        if let Some(raw) = usage.take(member) {
            let mut inner = Fields::of(raw, at.key(member))?;
            for known in *known {
                inner.take(known);
            }
            inner.rest_into(ID, prefix, extra);
        }
    }
    usage.labels_into(USAGE_LABELS, ID, USAGE, extra);
    usage.rest_into(ID, USAGE, extra);
    Ok(())
}

impl WireUsage {
    /// Brings counts up to date.
    pub(super) fn merge_into(self, usage: &mut Usage) {
        let set = |field: &mut u64, said: Option<u64>| *field = said.unwrap_or(*field);
        set(&mut usage.input, self.input_tokens);
        set(&mut usage.cache_read, self.cache_read_input_tokens);
        set(&mut usage.output, self.output_tokens);
        let by_lifetime = self.cache_creation.unwrap_or_default();
        let hour = by_lifetime.ephemeral_1h_input_tokens;
        let summed = by_lifetime
            .ephemeral_5m_input_tokens
            .map(|five| five.saturating_add(hour.unwrap_or(0)));
        set(
            &mut usage.cache_write,
            self.cache_creation_input_tokens.or(summed),
        );
        set(&mut usage.cache_write_1h, hour);
        usage.cache_write_1h = usage.cache_write_1h.min(usage.cache_write);
        let details = self.output_tokens_details.unwrap_or_default();
        set(&mut usage.reasoning, details.thinking_tokens);
        usage.reasoning = usage.reasoning.min(usage.output);
        let tools = self.server_tool_use.unwrap_or_default();
        set(&mut usage.web_searches, tools.web_search_requests);
    }

    /// The counts of a whole answer.
    pub(super) fn into_usage(self) -> Usage {
        let mut usage = Usage::default();
        self.merge_into(&mut usage);
        usage
    }
}

/// The service tier that a usage object names.
pub(super) fn read_tier(usage: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct Tier {
        service_tier: Option<String>,
    }
    serde_json::from_str::<Tier>(usage.get()).ok()?.service_tier
}

/// Whether a usage object says how cache writes divide by lifetime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lifetimes {
    /// It does, as that of a message, whole or beginning.
    Said,
    /// It does not, as that at a stream's end.
    Unsaid,
}

/// Writes the members of a usage object that count tokens.
pub(super) fn write_usage(o: &mut Object<'_>, usage: &Usage, lifetimes: Lifetimes, extra: &Extra) {
    o.value("input_tokens", &usage.input);
    o.value("cache_creation_input_tokens", &usage.cache_write);
    o.value("cache_read_input_tokens", &usage.cache_read);
    if lifetimes == Lifetimes::Said {
        let five_minutes = usage.cache_write.saturating_sub(usage.cache_write_1h);
        o.object("cache_creation", |o| {
            o.value("ephemeral_5m_input_tokens", &five_minutes);
            o.value("ephemeral_1h_input_tokens", &usage.cache_write_1h);
            o.extra_under(extra, ID, LIFETIMES);
        });
    }
    o.value("output_tokens", &usage.output);
    if usage.reasoning > 0 || extra.under(ID, DETAILS).next().is_some() {
        o.object("output_tokens_details", |o| {
            o.value("thinking_tokens", &usage.reasoning);
            o.extra_under(extra, ID, DETAILS);
        });
    }
}

/// Writes what server tools did.
pub(super) fn write_server_tool_use(o: &mut Object<'_>, usage: &Usage, extra: &Extra) {
    const FETCHES: &str = "web_fetch_requests";
    let mut others = extra.under(ID, TOOLS).peekable();
    if usage.web_searches == 0 && others.peek().is_none() {
        return;
    }
    o.object("server_tool_use", |o| {
        o.value("web_search_requests", &usage.web_searches);
        // Clients expect both counts; other providers' tools fetch nothing that they count.
        if !others.any(|(key, _)| key == FETCHES) {
            o.value(FETCHES, &0);
        }
        o.extra_under(extra, ID, TOOLS);
    });
}

/// The counts that have a place here.
pub(super) fn said(usage: &Usage) -> Usage {
    Usage {
        audio_input: 0,
        audio_output: 0,
        image_input: 0,
        image_output: 0,
        ..*usage
    }
}

/// How `stop_reason` and the canonical reasons correspond. Several canonical reasons share a word; the first line
/// with a word is the one that reading takes.
/// <https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons>
const STOP_REASONS: &StopWords = &[
    ("end_turn", StopReason::Stop),
    ("max_tokens", StopReason::Length),
    ("stop_sequence", StopReason::StopSequence),
    ("tool_use", StopReason::ToolCalls),
    ("pause_turn", StopReason::Pause),
    ("refusal", StopReason::Refusal),
    ("refusal", StopReason::ContentFilter),
    ("refusal", StopReason::MalformedCall),
    ("refusal", StopReason::MalformedOutput),
    ("model_context_window_exceeded", StopReason::ContextWindow),
];

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
    let nearly = matches!(
        reason,
        StopReason::MalformedCall | StopReason::MalformedOutput
    );
    let approximated = nearly.then(|| Loss::approximated("stop_reason"));
    approximated.into_iter().chain(reason.lost_to(ID))
}

/// The tier of an answer's usage object, for a tier named by any dialect; `None` where this one has no word.
pub(super) fn answer_tier(tier: &str) -> Option<&str> {
    match tier {
        "standard" | "default" => Some("standard"),
        "priority" | "batch" => Some(tier),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_reasons_go_both_ways() {
        for (word, reason) in STOP_REASONS {
            assert_eq!(write_stop(Some(reason), Said::default()), *word);
            assert_eq!(write_stop(Some(&read_stop(word)), Said::default()), *word);
        }
        assert_eq!(
            read_stop("new_word"),
            StopReason::Other(ID, "new_word".into())
        );
        let calls = Said {
            tool_call: true,
            refusal: false,
        };
        assert_eq!(write_stop(Some(&StopReason::Stop), calls), "tool_use");
        assert_eq!(write_stop(Some(&StopReason::Length), calls), "max_tokens");
        assert_eq!(write_stop(None, Said::default()), "end_turn");
    }

    #[test]
    fn usage_is_cumulative_and_absent_counts_stand() {
        let mut usage = Usage::default();
        let mut check = |json: &str, expect: Usage| {
            serde_json::from_str::<WireUsage>(json)
                .unwrap()
                .merge_into(&mut usage);
            assert_eq!(usage, expect, "{json}");
        };
        let start = Usage {
            input: 10,
            cache_read: 200,
            cache_write: 70,
            cache_write_1h: 30,
            output: 1,
            ..Usage::default()
        };
        check(
            r#"{"input_tokens":10,"cache_read_input_tokens":200,"cache_creation_input_tokens":70,
               "cache_creation":{"ephemeral_5m_input_tokens":40,"ephemeral_1h_input_tokens":30},
               "output_tokens":1,"server_tool_use":null,"inference_geo":"eu"}"#,
            start,
        );
        check(
            r#"{"output_tokens":90,"output_tokens_details":{"thinking_tokens":50}}"#,
            Usage {
                output: 90,
                reasoning: 50,
                ..start
            },
        );
        check(
            r#"{"input_tokens":12,"cache_creation_input_tokens":20,"output_tokens":91,"server_tool_use":{"web_search_requests":2}}"#,
            Usage {
                input: 12,
                cache_read: 200,
                cache_write: 20,
                cache_write_1h: 20,
                output: 91,
                reasoning: 50,
                web_searches: 2,
                ..Usage::default()
            },
        );
    }

    #[test]
    fn lifetimes_alone_make_the_sum() {
        let json =
            r#"{"cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":3}}"#;
        let usage = serde_json::from_str::<WireUsage>(json)
            .unwrap()
            .into_usage();
        assert_eq!((usage.cache_write, usage.cache_write_1h), (7, 3));
    }
}
