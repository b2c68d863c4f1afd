//! Log probabilities. <https://docs.cohere.com/reference/chat#response.body.logprobs> (2026-11)

use crate::ir::{Logprobs, TokenLogprob};
use serde::Deserialize;
use serde_json::Number;

/// A piece of text and the log probability of each of its tokens, whose own texts are not said.
#[derive(Debug, Deserialize)]
pub(super) struct Item {
    text: Option<String>,
    logprobs: Option<Vec<f64>>,
}

/// The items of an answer. A piece of several tokens becomes one, with the log probability of it all: their sum.
pub(super) fn read(items: Vec<Item>) -> Option<Logprobs> {
    let one = |item: Item| {
        let sum: f64 = item.logprobs?.iter().sum();
        Some(TokenLogprob {
            token: item.text.unwrap_or_default(),
            logprob: Number::from_f64(sum)?,
            bytes: None,
            top_logprobs: Vec::new(),
        })
    };
    let content: Vec<TokenLogprob> = items.into_iter().filter_map(one).collect();
    (!content.is_empty()).then_some(Logprobs {
        content: Some(content),
        refusal: None,
    })
}
