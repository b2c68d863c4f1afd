//! Embeddings: a small vector that follows from the text alone.

use super::super::answer::TokenCounts;
use super::super::asked::VendorError;
use base64::Engine;
use serde_json::{Value, json};

/// Answers an embeddings request; returns what it reports too.
///
/// # Errors
/// The vendor's error where a field is missing or wrong.
pub(in super::super) fn embed(body: &Value) -> Result<(Value, TokenCounts), VendorError> {
    let model = body.get("model").and_then(Value::as_str);
    let model =
        model.ok_or_else(|| VendorError::bad("model", "you must provide a model parameter"))?;
    let inputs = inputs(body)?;
    let dimensions = body.get("dimensions").and_then(Value::as_u64).unwrap_or(8);
    let base64 = match body.get("encoding_format").and_then(Value::as_str) {
        None | Some("float") => false,
        Some("base64") => true,
        Some(other) => {
            let message = format!("'{other}' is not one of ['float', 'base64']");
            return Err(VendorError::bad("encoding_format", message));
        }
    };
    let data: Vec<Value> = inputs
        .iter()
        .enumerate()
        .map(|(index, (text, _))| {
            let vector = vector(text, dimensions);
            let embedding = if base64 {
                packed(&vector)
            } else {
                json!(vector)
            };
            json!({"object": "embedding", "index": index, "embedding": embedding})
        })
        .collect();
    let tokens = inputs.iter().map(|(_, tokens)| tokens).sum();
    let usage = TokenCounts {
        input: tokens,
        ..TokenCounts::default()
    };
    let answer = json!({
        "object": "list", "data": data, "model": model,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    });
    Ok((answer, usage))
}

/// The inputs as text, each with its number of tokens: words of a text, or the token ids given.
fn inputs(body: &Value) -> Result<Vec<(String, usize)>, VendorError> {
    let wrong = || {
        VendorError::bad(
            "input",
            "'input' must be a string, a list of strings or token ids",
        )
    };
    let one = |value: &Value| match value {
        Value::String(text) if !text.is_empty() => {
            Ok((text.clone(), text.split_whitespace().count()))
        }
        Value::Array(ids) if !ids.is_empty() && ids.iter().all(Value::is_u64) => {
            Ok((value.to_string(), ids.len()))
        }
        _ => Err(wrong()),
    };
    match body.get("input") {
        Some(Value::Array(list)) if list.first().is_some_and(|first| !first.is_u64()) => {
            list.iter().map(one).collect()
        }
        Some(value) => Ok(vec![one(value)?]),
        None => Err(wrong()),
    }
}

/// Eighths, so that every number is exact as decimal and as a 32-bit float.
fn vector(text: &str, dimensions: u64) -> Vec<f32> {
    let sum: u64 = text.bytes().map(u64::from).sum();
    (0..dimensions)
        .map(|index| {
            let eighths = u8::try_from((sum + index * 31) % 16).unwrap_or(0);
            (f32::from(eighths) - 8.0) / 8.0
        })
        .collect()
}

fn packed(vector: &[f32]) -> Value {
    let bytes: Vec<u8> = vector
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    json!(base64::engine::general_purpose::STANDARD.encode(bytes))
}
