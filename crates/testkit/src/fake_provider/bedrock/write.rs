//! Writes an answer as Converse and ConverseStream do:
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html>.

use super::super::answer::{Answer, Piece, Stop, TokenCounts, signature_of};
use super::super::asked::{Asked, VendorError};
use super::super::playback::Frame;
use super::message::message;
use serde_json::{Value, json};

/// The answer as one JSON object.
pub(in super::super) fn whole(_: &Asked, answer: &Answer, seq: u64) -> Value {
    let block = |(index, piece): (usize, &Piece)| match piece {
        Piece::Text(_) | Piece::Refusal(_) => json!({"text": piece.whole()}),
        Piece::Reasoning(_) => {
            let text = piece.whole();
            let signature = signature_of(&text);
            json!({"reasoningContent": {"reasoningText": {"text": text, "signature": signature}}})
        }
        Piece::ToolCall { name, .. } => {
            let input: Value = serde_json::from_str(&piece.whole()).unwrap_or_default();
            let mut call = call(name, seq, index);
            call["input"] = input;
            json!({ "toolUse": call })
        }
    };
    let content: Vec<Value> = answer.pieces.iter().enumerate().map(block).collect();
    let mut body = json!({
        "metrics": {"latencyMs": 12},
        "output": {"message": {"content": content, "role": "assistant"}},
        "stopReason": stop_reason(answer.stop),
    });
    if let Some(usage) = &answer.usage {
        body["usage"] = usage_object(usage);
    }
    body
}

/// The answer as a stream. `p` is padding, which hides how long pieces are.
pub(in super::super) fn stream(_: &Asked, answer: &Answer, seq: u64) -> Vec<Frame> {
    let mut frames = vec![event("messageStart", &json!({"role": "assistant"}), 0)];
    for (index, piece) in answer.pieces.iter().enumerate() {
        let delta = |delta: Value, tokens: usize| {
            let data = json!({"contentBlockIndex": index, "delta": delta, "p": "abcdefgh"});
            event("contentBlockDelta", &data, tokens)
        };
        if let Piece::ToolCall { name, .. } = piece {
            let start = json!({"toolUse": call(name, seq, index)});
            let data = json!({"contentBlockIndex": index, "start": start});
            frames.push(event("contentBlockStart", &data, 0));
        }
        frames.extend(piece.chunks().iter().map(|text| match piece {
            Piece::Text(_) | Piece::Refusal(_) => delta(json!({"text": text}), 1),
            Piece::Reasoning(_) => delta(json!({"reasoningContent": {"text": text}}), 1),
            Piece::ToolCall { .. } => delta(json!({"toolUse": {"input": text}}), 1),
        }));
        if let Piece::Reasoning(_) = piece {
            let signature = signature_of(&piece.whole());
            frames.push(delta(
                json!({"reasoningContent": {"signature": signature}}),
                0,
            ));
        }
        let data = json!({"contentBlockIndex": index});
        frames.push(event("contentBlockStop", &data, 0));
    }
    let stop = json!({"stopReason": stop_reason(answer.stop)});
    frames.push(event("messageStop", &stop, 0));
    let mut metadata = json!({"metrics": {"latencyMs": 12}});
    if let Some(usage) = &answer.usage {
        metadata["usage"] = usage_object(usage);
    }
    let mut last = event("metadata", &metadata, 0);
    last.reports_usage = answer.usage.is_some();
    frames.push(last);
    frames
}

/// The vendor's error inside a stream.
pub(in super::super) fn error_frame(error: &VendorError, id: &str) -> Frame {
    let headers = [
        (":exception-type", "internalServerException"),
        (":content-type", "application/json"),
        (":message-type", "exception"),
    ];
    let payload = super::error(error, id).to_string();
    Frame::plain(message(&headers, payload.as_bytes()))
}

/// A message that is one, with a payload that is not JSON.
pub(in super::super) fn malformed() -> Frame {
    Frame::plain(of_event("contentBlockDelta", b"{\"this is\": not JSON"))
}

fn event(name: &str, data: &Value, tokens: usize) -> Frame {
    Frame::content(of_event(name, data.to_string().as_bytes()), tokens)
}

fn of_event(name: &str, payload: &[u8]) -> Vec<u8> {
    let headers = [
        (":event-type", name),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    message(&headers, payload)
}

fn call(name: &str, seq: u64, index: usize) -> Value {
    json!({"toolUseId": format!("tooluse_fake{seq}_{index}"), "name": name})
}

fn stop_reason(stop: Stop) -> &'static str {
    match stop {
        Stop::End => "end_turn",
        Stop::ToolUse => "tool_use",
        Stop::Length => "max_tokens",
        Stop::Refusal => "content_filtered",
    }
}

/// What was read from and written to a cache is not among the input tokens.
fn usage_object(usage: &TokenCounts) -> Value {
    json!({
        "inputTokens": usage.input, "outputTokens": usage.output,
        "totalTokens": usage.input + usage.cache_read + usage.cache_write + usage.output,
        "cacheReadInputTokens": usage.cache_read, "cacheWriteInputTokens": usage.cache_write,
    })
}
