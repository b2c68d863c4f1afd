//! Writes an answer as a GenerateContentResponse, whole or as a stream of them:
//! <https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse>. Calls of functions come whole, and the
//! proof of a thought stands on the part after it: <https://ai.google.dev/gemini-api/docs/thought-signatures>.

use super::super::answer::{Answer, Piece, Stop, TokenCounts, signature_of};
use super::super::asked::{Asked, VendorError};
use super::super::playback::Frame;
use serde_json::{Value, json};

/// The answer as one JSON object.
pub(in super::super) fn whole(asked: &Asked, answer: &Answer, seq: u64) -> Value {
    let mut parts: Vec<Value> = Vec::new();
    let mut proof = None;
    for (index, piece) in answer.pieces.iter().enumerate() {
        let mut part = match piece {
            Piece::ToolCall { .. } => call(piece, seq, index),
            Piece::Reasoning(_) => json!({"text": piece.whole(), "thought": true}),
            Piece::Text(_) | Piece::Refusal(_) => json!({"text": piece.whole()}),
        };
        sign(&mut part, &mut proof, piece);
        parts.push(part);
    }
    let usage = answer.usage.map(|usage| usage_object(&usage));
    chunk(asked, seq, parts, Some(answer.stop), usage)
}

/// The answer as a stream, whose every chunk tells the usage so far.
pub(in super::super) fn stream(asked: &Asked, answer: &Answer, seq: u64) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut so_far = TokenCounts {
        output: 0,
        reasoning: 0,
        ..answer.usage.unwrap_or_default()
    };
    let mut push = |part: Value, tokens: usize, thought: bool, stop: Option<Stop>| {
        so_far.output += tokens;
        so_far.reasoning += if thought { tokens } else { 0 };
        let usage = answer.usage.is_some().then(|| usage_object(&so_far));
        let chunk = chunk(asked, seq, vec![part], stop, usage);
        frames.push(Frame::content(format!("data: {chunk}\n\n"), tokens));
    };
    let mut proof = None;
    for (index, piece) in answer.pieces.iter().enumerate() {
        match piece {
            Piece::Reasoning(chunks) => {
                for text in chunks {
                    push(json!({"text": text, "thought": true}), 1, true, None);
                }
                proof = Some(signature_of(&piece.whole()));
            }
            Piece::Text(chunks) | Piece::Refusal(chunks) => {
                for text in chunks {
                    push(json!({"text": text}), 1, false, None);
                }
            }
            Piece::ToolCall { arguments, .. } => {
                let mut part = call(piece, seq, index);
                sign(&mut part, &mut proof, piece);
                push(part, arguments.len(), false, None);
            }
        }
    }
    let mut last = json!({"text": ""});
    if let Some(proof) = proof {
        last["thoughtSignature"] = json!(proof);
    }
    push(last, 0, false, Some(answer.stop));
    if let Some(last) = frames.last_mut() {
        last.reports_usage = answer.usage.is_some();
    }
    frames
}

/// The vendor's error inside a stream.
pub(in super::super) fn error_frame(error: &VendorError, id: &str) -> Frame {
    Frame::plain(format!("data: {}\n\n", super::error(error, id)))
}

/// Puts the proof of the thought before it on a part.
fn sign(part: &mut Value, proof: &mut Option<String>, piece: &Piece) {
    if let Piece::Reasoning(_) = piece {
        *proof = Some(signature_of(&piece.whole()));
    } else if let Some(proof) = proof.take() {
        part["thoughtSignature"] = json!(proof);
    }
}

fn call(piece: &Piece, seq: u64, index: usize) -> Value {
    let name = match piece {
        Piece::ToolCall { name, .. } => name.as_str(),
        Piece::Reasoning(_) | Piece::Text(_) | Piece::Refusal(_) => "",
    };
    let args: Value = serde_json::from_str(&piece.whole()).unwrap_or_default();
    json!({"functionCall": {"id": format!("fc-fake{seq}-{index}"), "name": name, "args": args}})
}

fn chunk(
    asked: &Asked,
    seq: u64,
    parts: Vec<Value>,
    stop: Option<Stop>,
    usage: Option<Value>,
) -> Value {
    let mut candidate = json!({"content": {"parts": parts, "role": "model"}, "index": 0});
    if let Some(stop) = stop {
        candidate["finishReason"] = json!(finish_reason(stop));
    }
    let mut chunk = json!({
        "candidates": [candidate], "modelVersion": asked.model, "responseId": format!("fake{seq}"),
    });
    if let Some(usage) = usage {
        chunk["usageMetadata"] = usage;
    }
    chunk
}

fn finish_reason(stop: Stop) -> &'static str {
    match stop {
        Stop::End | Stop::ToolUse => "STOP",
        Stop::Length => "MAX_TOKENS",
        Stop::Refusal => "SAFETY",
    }
}

/// The prompt's count contains what was read from a cache; nothing is said of writing to it. Thoughts are counted apart
/// from candidates.
fn usage_object(usage: &TokenCounts) -> Value {
    let prompt = usage.input + usage.cache_read + usage.cache_write;
    let mut object = json!({
        "promptTokenCount": prompt,
        "candidatesTokenCount": usage.output - usage.reasoning,
        "totalTokenCount": prompt + usage.output,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": prompt}],
    });
    if usage.cache_read > 0 {
        object["cachedContentTokenCount"] = json!(usage.cache_read);
    }
    if usage.reasoning > 0 {
        object["thoughtsTokenCount"] = json!(usage.reasoning);
    }
    object
}
