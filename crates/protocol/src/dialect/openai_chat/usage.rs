//! Token counts: OpenAI's prompt tokens contain the cached ones, ours do not.
//! <https://platform.openai.com/docs/api-reference/chat/object#chat/object-usage>

use super::wire;
use crate::dialect::write::Object;
use crate::ir::Usage;

/// Reads counts. Never fails: what cannot be is clamped.
pub(super) fn read(wire: &wire::Usage) -> Usage {
    let prompt = wire.prompt_tokens_details.unwrap_or_default();
    let completion = wire.completion_tokens_details.unwrap_or_default();
    let cache_read = [
        prompt.cached_tokens.0,
        wire.prompt_cache_hit_tokens.0,
        wire.cached_tokens.0,
    ]
    .into_iter()
    .find(|count| *count > 0)
    .unwrap_or(0);
    let cache_write = prompt.cache_write_tokens.0;
    let input = wire
        .prompt_tokens
        .0
        .saturating_sub(cache_read)
        .saturating_sub(cache_write);
    let output = output(wire, completion.reasoning_tokens.0);
    Usage {
        input,
        cache_read,
        cache_write,
        cache_write_1h: 0,
        output,
        reasoning: completion.reasoning_tokens.0.min(output),
        audio_input: prompt.audio_tokens.0.min(input),
        audio_output: completion.audio_tokens.0.min(output),
        image_input: prompt.image_tokens.0.min(input),
        image_output: completion.image_tokens.0.min(output),
        web_searches: 0,
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

/// Writes a usage object's members, and `cost` (JSON members) behind them.
pub(super) fn write(o: &mut Object<'_>, usage: &Usage, cost: Option<&str>) {
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
    });
    o.object("completion_tokens_details", |o| {
        o.value("reasoning_tokens", &usage.reasoning);
        o.value("audio_tokens", &usage.audio_output);
        if usage.image_output > 0 {
            o.value("image_tokens", &usage.image_output);
        }
    });
    if let Some(cost) = cost.filter(|cost| !cost.is_empty()) {
        o.written("cost", cost.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, expect: Usage) {
        let wire: wire::Usage = serde_json::from_str(json).unwrap();
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
