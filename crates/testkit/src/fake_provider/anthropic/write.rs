//! Writes an answer as a message, whole or as a stream of events:
//! <https://docs.anthropic.com/en/docs/build-with-claude/streaming>.

use super::super::answer::{Answer, Piece, Stop, TokenCounts, signature_of};
use super::super::asked::{Asked, VendorError};
use super::super::playback::Frame;
use serde_json::{Value, json};

/// The answer as one JSON object.
pub(in super::super) fn whole(asked: &Asked, answer: &Answer, seq: u64) -> Value {
    let content: Vec<Value> = answer
        .pieces
        .iter()
        .enumerate()
        .map(|(index, piece)| match piece {
            Piece::ToolCall { name, .. } => {
                let input: Value = serde_json::from_str(&piece.whole()).unwrap_or_default();
                json!({"type": "tool_use", "id": call_id(seq, index), "name": name, "input": input})
            }
            Piece::Reasoning(_) => {
                let text = piece.whole();
                json!({"type": "thinking", "signature": signature_of(&text), "thinking": text})
            }
            Piece::Text(_) | Piece::Refusal(_) => json!({"type": "text", "text": piece.whole()}),
        })
        .collect();
    let mut message = message(asked, seq);
    if let Some(message) = message.as_object_mut() {
        message.insert("content".into(), Value::Array(content));
        message.insert("stop_reason".into(), json!(stop_reason(answer.stop)));
        if let Some(usage) = &answer.usage {
            message.insert("usage".into(), whole_usage(usage));
        }
    }
    message
}

/// The answer as a stream.
pub(in super::super) fn stream(asked: &Asked, answer: &Answer, seq: u64) -> Vec<Frame> {
    let mut start = message(asked, seq);
    if let (Some(usage), Some(start)) = (&answer.usage, start.as_object_mut()) {
        // The input is known at once; of the output the vendor reports only a first token here.
        let known = TokenCounts {
            output: 1,
            reasoning: 0,
            ..*usage
        };
        start.insert("usage".into(), whole_usage(&known));
    }
    let mut frames = vec![
        event(
            "message_start",
            &json!({"type": "message_start", "message": start}),
            0,
        ),
        event("ping", &json!({"type": "ping"}), 0),
    ];
    for (index, piece) in answer.pieces.iter().enumerate() {
        frames.extend(block(piece, index, seq));
    }
    let mut delta = json!({
        "type": "message_delta", "delta": {"stop_reason": stop_reason(answer.stop), "stop_sequence": null},
    });
    if let (Some(usage), Some(delta)) = (&answer.usage, delta.as_object_mut()) {
        delta.insert("usage".into(), final_usage(usage));
    }
    let mut delta = event("message_delta", &delta, 0);
    delta.reports_usage = answer.usage.is_some();
    frames.push(delta);
    frames.push(event("message_stop", &json!({"type": "message_stop"}), 0));
    frames
}

/// The vendor's error inside a stream.
pub(in super::super) fn error_frame(error: &VendorError, request_id: &str) -> Frame {
    event("error", &super::error(error, request_id), 0)
}

fn block(piece: &Piece, index: usize, seq: u64) -> Vec<Frame> {
    let (opening, kind, field) = match piece {
        Piece::Text(_) | Piece::Refusal(_) => {
            (json!({"type": "text", "text": ""}), "text_delta", "text")
        }
        Piece::Reasoning(_) => (
            json!({"type": "thinking", "thinking": "", "signature": ""}),
            "thinking_delta",
            "thinking",
        ),
        Piece::ToolCall { name, .. } => (
            json!({"type": "tool_use", "id": call_id(seq, index), "name": name, "input": {}}),
            "input_json_delta",
            "partial_json",
        ),
    };
    let delta = |delta: Value, tokens| {
        let data = json!({"type": "content_block_delta", "index": index, "delta": delta});
        event("content_block_delta", &data, tokens)
    };
    let start = json!({"type": "content_block_start", "index": index, "content_block": opening});
    let mut frames = vec![event("content_block_start", &start, 0)];
    frames.extend(
        piece
            .chunks()
            .iter()
            .map(|text| delta(json!({"type": kind, field: text}), 1)),
    );
    if let Piece::Reasoning(_) = piece {
        let signature = signature_of(&piece.whole());
        frames.push(delta(
            json!({"type": "signature_delta", "signature": signature}),
            0,
        ));
    }
    let stop = json!({"type": "content_block_stop", "index": index});
    frames.push(event("content_block_stop", &stop, 0));
    frames
}

fn event(name: &str, data: &Value, tokens: usize) -> Frame {
    Frame::content(format!("event: {name}\ndata: {data}\n\n"), tokens)
}

fn message(asked: &Asked, seq: u64) -> Value {
    json!({
        "id": format!("msg_fake{seq}"), "type": "message", "role": "assistant", "model": asked.model,
        "content": [], "stop_reason": null, "stop_sequence": null,
        "usage": {"input_tokens": 0, "output_tokens": 0},
    })
}

fn call_id(seq: u64, index: usize) -> String {
    format!("toolu_fake{seq}_{index}")
}

fn stop_reason(stop: Stop) -> &'static str {
    match stop {
        Stop::End => "end_turn",
        Stop::ToolUse => "tool_use",
        Stop::Length => "max_tokens",
        Stop::Refusal => "refusal",
    }
}

/// Anthropic's `input_tokens` leave out what was read from or written to a cache.
fn whole_usage(usage: &TokenCounts) -> Value {
    let mut object = final_usage(usage);
    if let Some(object) = object.as_object_mut() {
        object.insert("input_tokens".into(), json!(usage.input));
        object.insert("cache_read_input_tokens".into(), json!(usage.cache_read));
        object.insert(
            "cache_creation_input_tokens".into(),
            json!(usage.cache_write),
        );
        object.insert(
            "cache_creation".into(),
            json!({"ephemeral_5m_input_tokens": usage.cache_write, "ephemeral_1h_input_tokens": 0}),
        );
        object.insert("service_tier".into(), json!("standard"));
    }
    object
}

/// What `message_delta` reports: the output alone, so that the input must be remembered from `message_start`.
fn final_usage(usage: &TokenCounts) -> Value {
    match usage.reasoning {
        0 => json!({"output_tokens": usage.output}),
        reasoning => json!({
            "output_tokens": usage.output,
            "output_tokens_details": {"thinking_tokens": reasoning},
        }),
    }
}
