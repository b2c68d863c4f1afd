//! Token counts: OpenAI's prompt tokens contain the cached ones, ours do not.
//! <https://platform.openai.com/docs/api-reference/chat/object#chat/object-usage>

use super::ID;
use super::wire::{self, Details};
use crate::dialect::members::Unread;
use crate::dialect::write::Object;
use crate::ir::{Extra, Losses, Usage};

/// Reads counts. Never fails: what cannot be is clamped.
pub(super) fn read(wire: &wire::Usage<'_>) -> Usage {
    let count = |details: &Option<Details<'_>>, of: fn(&Details<'_>) -> wire::Count| {
        details.as_ref().map_or(0, |details| of(details).0)
    };
    let prompt = |of| count(&wire.prompt, of);
    let completion = |of| count(&wire.completion, of);
    let cache_read = [
        prompt(|it| it.cached_tokens),
        wire.prompt_cache_hit_tokens.0,
        wire.cached_tokens.0,
    ]
    .into_iter()
    .find(|count| *count > 0)
    .unwrap_or(0);
    let cache_write = prompt(|it| it.cache_write_tokens);
    let input = wire
        .prompt_tokens
        .0
        .saturating_sub(cache_read)
        .saturating_sub(cache_write);
    let reasoning = completion(|it| it.reasoning_tokens);
    let output = output(wire, reasoning);
    Usage {
        input,
        cache_read,
        cache_write,
        cache_write_1h: 0,
        output,
        reasoning: reasoning.min(output),
        audio_input: prompt(|it| it.audio_tokens).min(input),
        audio_output: completion(|it| it.audio_tokens).min(output),
        image_input: prompt(|it| it.image_tokens).min(input),
        image_output: completion(|it| it.image_tokens).min(output),
        web_searches: 0,
    }
}

/// What of stated counts [`read`] does not count, with what the names of it begin with.
fn uncounted<'w, 'de>(wire: &'w wire::Usage<'de>) -> [(&'static str, Option<&'w Unread<'de>>); 3] {
    let of = |details: &'w Option<Details<'de>>| details.as_ref().map(|it| &it.unread);
    [
        (USAGE, Some(&wire.unread)),
        (PROMPT, of(&wire.prompt)),
        (COMPLETION, of(&wire.completion)),
    ]
}

/// Keeps what is not counted, for clients of this dialect.
pub(super) fn keep_uncounted(wire: &wire::Usage<'_>, extra: &mut Extra) {
    for (prefix, unread) in uncounted(wire) {
        unread.into_iter().for_each(|it| it.keep(ID, prefix, extra));
    }
    wire.labels.keep_as_labels(ID, USAGE, extra);
}

/// Names what is not counted, where nothing carries it.
pub(super) fn note_uncounted(wire: &wire::Usage<'_>, losses: &mut Losses) {
    for (prefix, unread) in uncounted(wire) {
        unread.into_iter().for_each(|it| it.note(prefix, losses));
    }
}

/// What the names of extras begin with that stand in the usage object.
const USAGE: &str = "usage.";
const PROMPT: &str = "usage.prompt_tokens_details.";
const COMPLETION: &str = "usage.completion_tokens_details.";

/// The counts that have a place here.
pub(super) fn said(usage: &Usage) -> Usage {
    Usage {
        cache_write_1h: 0,
        web_searches: 0,
        ..*usage
    }
}

/// Output tokens with reasoning. At OpenAI `completion_tokens` contain it; at xAI they do not, which shows in that the
/// total is larger by just that much: <https://docs.x.ai/docs/guides/reasoning>.
fn output(wire: &wire::Usage, reasoning: u64) -> u64 {
    let stated = wire.completion_tokens.0;
    let apart = stated.saturating_add(reasoning);
    let total_if_apart = wire.prompt_tokens.0.saturating_add(apart);
    if reasoning > 0 && wire.total_tokens.0 == total_if_apart {
        return apart;
    }
    stated
}

/// Writes a usage object's members, what of it rides along, and `cost` (JSON members) behind them.
pub(super) fn write(o: &mut Object<'_>, usage: &Usage, extra: &Extra, cost: Option<&str>) {
    o.value("prompt_tokens", &usage.total_input());
    o.value("completion_tokens", &usage.output);
    o.value("total_tokens", &usage.total());
    o.object("prompt_tokens_details", |o| {
        o.value("cached_tokens", &usage.cache_read);
        if usage.cache_write > 0 {
            o.value("cache_write_tokens", &usage.cache_write);
        }
        o.value("audio_tokens", &usage.audio_input);
        // Not OpenAI's, whose chat counts none.
        if usage.image_input > 0 {
            o.value("image_tokens", &usage.image_input);
        }
        o.extra_under(extra, ID, PROMPT);
    });
    o.object("completion_tokens_details", |o| {
        o.value("reasoning_tokens", &usage.reasoning);
        o.value("audio_tokens", &usage.audio_output);
        if usage.image_output > 0 {
            o.value("image_tokens", &usage.image_output);
        }
        o.extra_under(extra, ID, COMPLETION);
    });
    let own_cost = cost.filter(|cost| !cost.is_empty());
    for (key, value) in extra.under(ID, USAGE) {
        // Ours stands for what the provider charges.
        if key != "cost" || own_cost.is_none() {
            o.value(key, value);
        }
    }
    if let Some(cost) = own_cost {
        o.written("cost", cost.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::members;

    fn check(json: &str, expect: Usage) {
        let wire = members::read::<wire::Usage<'_>>(json.as_bytes()).unwrap();
        assert_eq!(read(&wire), expect, "{json}");
    }

    #[test]
    fn cached_tokens_are_taken_out_of_the_prompt() {
        let expect = Usage {
            input: 20,
            cache_read: 70,
            output: 5,
            ..Usage::default()
        };
        for json in [
            r#"{"prompt_tokens":90,"completion_tokens":5,"total_tokens":95,"prompt_tokens_details":{"cached_tokens":70}}"#,
            r#"{"prompt_tokens":90,"completion_tokens":5,"prompt_cache_hit_tokens":70,"prompt_cache_miss_tokens":20}"#,
            r#"{"prompt_tokens":90,"completion_tokens":5,"cached_tokens":70}"#,
        ] {
            check(json, expect);
        }
        check(
            r#"{"prompt_tokens":90,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":10}}"#,
            Usage {
                cache_read: 60,
                cache_write: 10,
                ..expect
            },
        );
    }

    #[test]
    fn pictures_are_counted_where_a_provider_says_so() {
        check(
            r#"{"prompt_tokens":300,"completion_tokens":1300,"prompt_tokens_details":{"image_tokens":258},
                "completion_tokens_details":{"image_tokens":1290}}"#,
            Usage {
                input: 300,
                output: 1300,
                image_input: 258,
                image_output: 1290,
                ..Usage::default()
            },
        );
    }

    #[test]
    fn reasoning_counts_once_wherever_it_is_stated() {
        let expect = Usage {
            input: 10,
            output: 50,
            reasoning: 40,
            ..Usage::default()
        };
        for json in [
            r#"{"prompt_tokens":10,"completion_tokens":50,"total_tokens":60,"completion_tokens_details":{"reasoning_tokens":40}}"#,
            r#"{"prompt_tokens":10,"completion_tokens":10,"total_tokens":60,"completion_tokens_details":{"reasoning_tokens":40}}"#,
        ] {
            check(json, expect);
        }
    }

    #[test]
    fn nonsense_is_clamped() {
        check("{}", Usage::default());
        check(
            r#"{"prompt_tokens":-3,"completion_tokens":null,"total_tokens":"x","cached_tokens":[1]}"#,
            Usage::default(),
        );
        check(
            r#"{"prompt_tokens":12.0,"completion_tokens":1e300,"prompt_tokens_details":{"cached_tokens":900,"audio_tokens":7}}"#,
            Usage {
                cache_read: 900,
                output: u64::MAX,
                ..Usage::default()
            },
        );
    }
}
