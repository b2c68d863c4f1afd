//! Token counts: input tokens contain the cached ones here, ours do not.
//! <https://platform.openai.com/docs/api-reference/responses/object#responses/object-usage>

use crate::dialect::fields::{Fields, Path};
use crate::dialect::write::Object;
use crate::ir::Usage;
use serde_json::value::RawValue;

/// Reads an answer's `usage`, and how often the web was searched from its `tool_usage`. Never fails: what cannot be is
/// clamped. `None` where nothing is stated.
pub(super) fn read(usage: Option<&RawValue>, tool_usage: Option<&RawValue>) -> Option<Usage> {
    let mut counts = Fields::of(usage?, Path::ROOT).ok()?;
    let read_details = |raw| Fields::of(raw, Path::ROOT).ok();
    let mut input_details = counts.take("input_tokens_details").and_then(read_details);
    let mut output_details = counts.take("output_tokens_details").and_then(read_details);
    let mut detail = |key| input_details.as_mut().map_or(0, |it| count(it, key));
    let (cache_read, cache_write) = (detail("cached_tokens"), detail("cache_write_tokens"));
    let reasoning = output_details
        .as_mut()
        .map_or(0, |it| count(it, "reasoning_tokens"));
    let output = count(&mut counts, "output_tokens");
    Some(Usage {
        input: count(&mut counts, "input_tokens")
            .saturating_sub(cache_read)
            .saturating_sub(cache_write),
        cache_read,
        cache_write,
        output,
        reasoning: reasoning.min(output),
        web_searches: searches(tool_usage).unwrap_or(0),
        ..Usage::default()
    })
}

fn searches(tool_usage: Option<&RawValue>) -> Option<u64> {
    let mut families = Fields::of(tool_usage?, Path::ROOT).ok()?;
    let mut search = Fields::of(families.take("web_search")?, Path::ROOT).ok()?;
    Some(count(&mut search, "num_requests"))
}

/// A count, which careless servers write as a float; 0 for what is none.
fn count(fields: &mut Fields<'_, '_>, key: &str) -> u64 {
    let text = fields.take(key).map_or("", RawValue::get);
    let rounded = || {
        let number: f64 = text.parse().ok()?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the cast clamps, which is what is wanted"
        )]
        Some(number as u64)
    };
    text.parse().ok().or_else(rounded).unwrap_or(0)
}

/// Writes a usage object's members, and `cost` (a JSON number) behind them.
pub(super) fn write(o: &mut Object<'_>, usage: &Usage, cost: Option<&str>) {
    o.value("input_tokens", &usage.total_input());
    o.object("input_tokens_details", |o| {
        o.value("cached_tokens", &usage.cache_read);
        o.value("cache_write_tokens", &usage.cache_write);
    });
    o.value("output_tokens", &usage.output);
    o.object("output_tokens_details", |o| {
        o.value("reasoning_tokens", &usage.reasoning);
    });
    o.value("total_tokens", &usage.total());
    if let Some(cost) = cost.filter(|cost| !cost.is_empty()) {
        o.written("cost", cost.as_bytes());
    }
}

/// The counts that have a place here.
pub(super) fn said(usage: &Usage) -> Usage {
    Usage {
        cache_write_1h: 0,
        audio_input: 0,
        audio_output: 0,
        image_input: 0,
        image_output: 0,
        ..*usage
    }
}

/// Writes the members of a `tool_usage`. Where there is one, a family of tools that was not used has zeros.
pub(super) fn write_tools(o: &mut Object<'_>, searches: u64) {
    o.object("image_gen", |o| {
        for key in ["input_tokens", "output_tokens", "total_tokens"] {
            o.value(key, &0);
        }
        for key in ["input_tokens_details", "output_tokens_details"] {
            o.object(key, |o| {
                o.value("image_tokens", &0);
                o.value("text_tokens", &0);
            });
        }
    });
    o.object("web_search", |o| o.value("num_requests", &searches));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_tokens_are_taken_out_and_nonsense_is_clamped() {
        let check = |json: &str, expect: Usage| {
            assert_eq!(
                read(serde_json::from_str(json).ok(), None),
                Some(expect),
                "{json}"
            );
        };
        check(
            r#"{"input_tokens":90,"input_tokens_details":{"cached_tokens":70,"cache_write_tokens":5},"output_tokens":9,"output_tokens_details":{"reasoning_tokens":4},"total_tokens":99}"#,
            Usage {
                input: 15,
                cache_read: 70,
                cache_write: 5,
                output: 9,
                reasoning: 4,
                ..Usage::default()
            },
        );
        check(
            r#"{"input_tokens":3.0,"input_tokens_details":null,"output_tokens":-2,"output_tokens_details":{"reasoning_tokens":8}}"#,
            Usage {
                input: 3,
                ..Usage::default()
            },
        );
        check("{}", Usage::default());
    }

    #[test]
    fn searches_are_counted_where_they_are_stated() {
        let usage = serde_json::from_str("{}").ok();
        let tools = serde_json::from_str(r#"{"web_search":{"num_requests":2}}"#).ok();
        assert_eq!(read(usage, tools).unwrap().web_searches, 2);
        assert_eq!(read(None, tools), None);
    }
}
