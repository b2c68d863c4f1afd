//! Token counts. `promptTokenCount` contains cached tokens, `candidatesTokenCount` leaves out thoughts, and what a
//! provider's own tools put into the prompt stands apart.
//! <https://ai.google.dev/api/generate-content#UsageMetadata> (2026-11)

use super::ID;
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::write::Object;
use crate::ir::{Extra, Malformed, Usage};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A `usageMetadata` object, as far as it is counted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct WireUsage {
    prompt_token_count: Option<u64>,
    cached_content_token_count: Option<u64>,
    candidates_token_count: Option<u64>,
    thoughts_token_count: Option<u64>,
    tool_use_prompt_token_count: Option<u64>,
    /// Ours: what other dialects' providers wrote to a prompt cache, contained in the prompt's count.
    cache_write_token_count: Option<u64>,
    prompt_tokens_details: Option<Vec<Modality>>,
    cache_tokens_details: Option<Vec<Modality>>,
    candidates_tokens_details: Option<Vec<Modality>>,
    tool_use_prompt_tokens_details: Option<Vec<Modality>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Modality {
    modality: String,
    token_count: u64,
}

/// Members of which nothing is left to ride along.
const COUNTED: &[&str] = &[
    "promptTokenCount",
    "cachedContentTokenCount",
    "candidatesTokenCount",
    "thoughtsTokenCount",
    "totalTokenCount",
    "cacheWriteTokenCount",
    // The gateway writes its own cost there.
    "cost",
];

/// How its use is paid for, and which share of the input its own tools read.
/// <https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference> (2026-11)
const LABELS: &[&str] = &[
    "trafficType",
    "toolUsePromptTokenCount",
    "toolUsePromptTokensDetails",
];

/// Lists by modality. Of text and audio nothing is left to ride along. Lists with anything else do: where there are pictures
/// Google leaves out the text around them, and video and documents have no canonical count, so that others lose it.
const BY_MODALITY: &[&str] = &[
    "promptTokensDetails",
    "cacheTokensDetails",
    "candidatesTokensDetails",
];

/// Reads counts.
///
/// # Errors
/// When they are no object of counts.
pub(super) fn read(raw: &RawValue) -> Result<Usage, Malformed> {
    let wire: WireUsage = serde_json::from_str(raw.get())
        .map_err(|bad| Malformed::field("usageMetadata", bad.to_string()))?;
    Ok(wire.into_usage())
}

/// Keeps what [`read`] does not count.
pub(super) fn rest(raw: &RawValue, extra: &mut Extra) -> Result<(), Malformed> {
    let mut members = Fields::of(raw, Path::ROOT.key("usageMetadata"))?;
    for known in COUNTED {
        members.take(known);
    }
    members.labels_into(LABELS, ID, PREFIX, extra);
    for key in BY_MODALITY {
        let Some(list) = members.take(key) else {
            continue;
        };
        let key = format!("{PREFIX}{key}");
        if !is_of(list, &["TEXT", "AUDIO", "IMAGE"]) {
            extra.push(ID, key, fields::json(list));
        } else if !is_of(list, &["TEXT", "AUDIO"]) {
            extra.label(ID, &key, fields::json(list));
        }
    }
    members.rest_into(ID, PREFIX, extra);
    Ok(())
}

/// What the names of extras begin with that stand in the usage object.
const PREFIX: &str = "usageMetadata.";

fn is_of(list: &RawValue, modalities: &[&str]) -> bool {
    serde_json::from_str::<Vec<Modality>>(list.get()).is_ok_and(|list| {
        let known = |one: &Modality| modalities.contains(&one.modality.as_str());
        list.iter().all(known)
    })
}

impl WireUsage {
    fn into_usage(self) -> Usage {
        let count = |said: Option<u64>| said.unwrap_or(0);
        let cache_read = count(self.cached_content_token_count);
        let cache_write = count(self.cache_write_token_count);
        let input = count(self.prompt_token_count)
            .saturating_add(count(self.tool_use_prompt_token_count))
            .saturating_sub(cache_read)
            .saturating_sub(cache_write);
        let reasoning = count(self.thoughts_token_count);
        let output = count(self.candidates_token_count).saturating_add(reasoning);
        let of = |modality, details: &Option<Vec<Modality>>| count_of(modality, details.as_ref());
        // Prompt and tools' share of it, but for what was read from the cache.
        let fresh = |modality| {
            of(modality, &self.prompt_tokens_details)
                .saturating_add(of(modality, &self.tool_use_prompt_tokens_details))
                .saturating_sub(of(modality, &self.cache_tokens_details))
                .min(input)
        };
        Usage {
            input,
            cache_read,
            cache_write,
            cache_write_1h: 0,
            output,
            reasoning,
            audio_input: fresh("AUDIO"),
            audio_output: of("AUDIO", &self.candidates_tokens_details).min(output),
            image_input: fresh("IMAGE"),
            image_output: of("IMAGE", &self.candidates_tokens_details).min(output),
            web_searches: 0,
        }
    }
}

fn count_of(modality: &str, details: Option<&Vec<Modality>>) -> u64 {
    let all = details.into_iter().flatten();
    all.filter(|one| one.modality == modality)
        .map(|one| one.token_count)
        .fold(0, u64::saturating_add)
}

/// Writes a usage object, and our cost in it.
pub(super) fn write(o: &mut Object<'_>, usage: &Usage, extra: Option<&Extra>, cost: Option<&str>) {
    let rides = |key: &str| {
        let mut own = extra.into_iter().flat_map(|extra| extra.under(ID, PREFIX));
        own.find(|(name, _)| *name == key).map(|(_, value)| value)
    };
    let by_tools = rides("toolUsePromptTokenCount")
        .and_then(|count| count.read::<u64>().ok())
        .unwrap_or(0);
    let prompt = usage.total_input().saturating_sub(by_tools);
    let candidates = usage.output.saturating_sub(usage.reasoning);
    o.object("usageMetadata", |o| {
        o.value("promptTokenCount", &prompt);
        if usage.cache_read > 0 {
            o.value("cachedContentTokenCount", &usage.cache_read);
        }
        if usage.cache_write > 0 {
            o.value("cacheWriteTokenCount", &usage.cache_write);
        }
        o.value("candidatesTokenCount", &candidates);
        if usage.reasoning > 0 {
            o.value("thoughtsTokenCount", &usage.reasoning);
        }
        o.value("totalTokenCount", &usage.total());
        if rides("promptTokensDetails").is_none() && prompt > 0 {
            let parts = [("AUDIO", usage.audio_input), ("IMAGE", usage.image_input)];
            details(o, "promptTokensDetails", prompt, parts);
        }
        let parts = [("AUDIO", usage.audio_output), ("IMAGE", usage.image_output)];
        if rides("candidatesTokensDetails").is_none() && parts.iter().any(|(_, count)| *count > 0) {
            details(o, "candidatesTokensDetails", candidates, parts);
        }
        if let Some(extra) = extra {
            o.extra_under(extra, ID, PREFIX);
        }
        if let Some(cost) = cost {
            o.written("cost", cost.as_bytes());
        }
    });
}

/// The counts that have a place here.
pub(super) fn said(usage: &Usage) -> Usage {
    Usage {
        cache_write_1h: 0,
        web_searches: 0,
        ..*usage
    }
}

/// A list by modality; what is left of all is text.
fn details(o: &mut Object<'_>, key: &str, all: u64, parts: [(&str, u64); 2]) {
    let text = parts
        .iter()
        .fold(all, |text, (_, count)| text.saturating_sub(*count));
    o.list(key, |list| {
        for (modality, count) in [("TEXT", text)].into_iter().chain(parts) {
            if count > 0 {
                list.object(|o| {
                    o.value("modality", modality);
                    o.value("tokenCount", &count);
                });
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::write;

    fn check(wire: &str, expect: Usage) {
        let raw: &RawValue = serde_json::from_str(wire).unwrap();
        let usage = read(raw).unwrap();
        assert_eq!(usage, expect, "{wire}");
        let mut extra = Extra::default();
        rest(raw, &mut extra).unwrap();
        let mut out = Vec::new();
        write::object(&mut out, |o| super::write(o, &usage, Some(&extra), None));
        let written: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let was: serde_json::Value = serde_json::from_str(wire).unwrap();
        assert_eq!(written["usageMetadata"], was);
    }

    #[test]
    fn counts_go_both_ways() {
        check(
            r#"{"promptTokenCount":1200,"cachedContentTokenCount":1000,"candidatesTokenCount":30,
                "thoughtsTokenCount":70,"totalTokenCount":1300,
                "promptTokensDetails":[{"modality":"TEXT","tokenCount":1200}]}"#,
            Usage {
                input: 200,
                cache_read: 1000,
                output: 100,
                reasoning: 70,
                ..Usage::default()
            },
        );
        check(
            r#"{"promptTokenCount":10,"candidatesTokenCount":8,"totalTokenCount":58,"toolUsePromptTokenCount":40,
                "promptTokensDetails":[{"modality":"TEXT","tokenCount":4},{"modality":"AUDIO","tokenCount":6}],
                "candidatesTokensDetails":[{"modality":"TEXT","tokenCount":3},{"modality":"AUDIO","tokenCount":5}]}"#,
            Usage {
                input: 50,
                output: 8,
                audio_input: 6,
                audio_output: 5,
                ..Usage::default()
            },
        );
        check(
            r#"{"promptTokenCount":300,"candidatesTokenCount":0,"totalTokenCount":300,
                "promptTokensDetails":[{"modality":"TEXT","tokenCount":42},{"modality":"IMAGE","tokenCount":258}],"trafficType":"ON_DEMAND"}"#,
            Usage {
                input: 300,
                image_input: 258,
                ..Usage::default()
            },
        );
    }

    /// A drawn picture costs twelve times its tokens' price as text, at Gemini 2.5 Flash Image.
    #[test]
    fn pictures_are_counted_and_told_to_others() {
        let raw: &RawValue = serde_json::from_str(
            r#"{"promptTokenCount":600,"cachedContentTokenCount":300,"candidatesTokenCount":1292,"totalTokenCount":1892,
                "promptTokensDetails":[{"modality":"IMAGE","tokenCount":516}],
                "cacheTokensDetails":[{"modality":"IMAGE","tokenCount":258}],
                "candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":1290}]}"#,
        )
        .unwrap();
        let usage = read(raw).unwrap();
        assert_eq!((usage.image_input, usage.image_output), (258, 1290));
        let mut out = Vec::new();
        write::object(&mut out, |o| super::write(o, &usage, None, None));
        let written: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let candidates = &written["usageMetadata"]["candidatesTokensDetails"];
        assert_eq!(candidates[0]["tokenCount"], 2);
        assert_eq!(candidates[1]["modality"], "IMAGE");
        assert_eq!(candidates[1]["tokenCount"], 1290);
    }

    #[test]
    fn cached_audio_is_not_counted_twice() {
        let raw: &RawValue = serde_json::from_str(
            r#"{"promptTokenCount":100,"cachedContentTokenCount":60,
                "promptTokensDetails":[{"modality":"AUDIO","tokenCount":80}],
                "cacheTokensDetails":[{"modality":"AUDIO","tokenCount":50}]}"#,
        )
        .unwrap();
        assert_eq!(read(raw).unwrap().audio_input, 30);
        let absurd: &RawValue =
            serde_json::from_str(r#"{"cachedContentTokenCount":60,"thoughtsTokenCount":18446744073709551615,"candidatesTokenCount":9}"#).unwrap();
        assert_eq!(read(absurd).unwrap().output, u64::MAX);
    }
}
