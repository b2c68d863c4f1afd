//! Log probabilities: two lists side by side, of what was chosen and of what was likely at each step.
//! <https://ai.google.dev/api/generate-content#LogprobsResult> (2026-11)

use crate::dialect::fields::{Path, shape};
use crate::dialect::write::Object;
use crate::ir::{Logprobs, Malformed, TokenLogprob, TopLogprob};
use serde::Deserialize;
use serde_json::Number;
use serde_json::value::RawValue;

#[derive(Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[derive(Default)]
struct Wire {
    chosen_candidates: Vec<Token>,
    top_candidates: Vec<Top>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Top {
    candidates: Vec<Token>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Token {
    #[serde(default)]
    token: String,
    log_probability: Option<Number>,
}

/// Reads `logprobsResult`.
pub(super) fn read(raw: &RawValue, at: &Path<'_>) -> Result<Logprobs, Malformed> {
    let read: Wire = serde_json::from_str(raw.get()).map_err(|bad| {
        at.wrong(format!(
            "must hold log probabilities, but is {}: {bad}",
            shape(raw)
        ))
    })?;
    let zero = || Number::from(0);
    let mut likely = read.top_candidates.into_iter();
    let chosen = read
        .chosen_candidates
        .into_iter()
        .map(|token| TokenLogprob {
            token: token.token,
            logprob: token.log_probability.unwrap_or_else(zero),
            bytes: None,
            top_logprobs: likely
                .next()
                .unwrap_or_default()
                .candidates
                .into_iter()
                .map(|token| TopLogprob {
                    token: token.token,
                    logprob: token.log_probability.unwrap_or_else(zero),
                    bytes: None,
                })
                .collect(),
        });
    Ok(Logprobs {
        content: Some(chosen.collect()),
        refusal: None,
    })
}

/// Writes `logprobsResult`.
pub(super) fn write(o: &mut Object<'_>, logprobs: &Logprobs) {
    let tokens = || logprobs.content.iter().chain(&logprobs.refusal).flatten();
    o.object("logprobsResult", |o| {
        if tokens().any(|token| !token.top_logprobs.is_empty()) {
            o.list("topCandidates", |list| {
                for token in tokens() {
                    list.object(|o| {
                        o.list("candidates", |list| {
                            for one in &token.top_logprobs {
                                list.object(|o| {
                                    o.value("token", &one.token);
                                    o.value("logProbability", &one.logprob);
                                });
                            }
                        });
                    });
                }
            });
        }
        o.list("chosenCandidates", |list| {
            for token in tokens() {
                list.object(|o| {
                    o.value("token", &token.token);
                    o.value("logProbability", &token.logprob);
                });
            }
        });
    });
}
