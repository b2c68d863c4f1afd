//! Writes an answer as a message, whole or as a stream of events: <https://docs.cohere.com/docs/streaming>.

use super::super::answer::{Answer, Piece, Stop, TokenCounts};
use super::super::asked::{Asked, VendorError};
use super::super::playback::Frame;
use serde_json::{Map, Value, json};

/// Tokens of hidden instructions, which are counted and not billed.
const PREAMBLE: usize = 66;

/// The answer as one JSON object.
pub(in super::super) fn whole(_: &Asked, answer: &Answer, seq: u64) -> Value {
    let mut message = Map::new();
    message.insert("role".into(), json!("assistant"));
    let (mut content, mut calls, mut plan) = (Vec::new(), Vec::new(), String::new());
    let plans = plans(answer);
    for piece in &answer.pieces {
        match piece {
            Piece::Reasoning(_) => {
                content.push(json!({"type": "thinking", "thinking": piece.whole()}));
            }
            Piece::Text(_) if plans => plan.push_str(&piece.whole()),
            Piece::Text(_) | Piece::Refusal(_) => {
                content.push(json!({"type": "text", "text": piece.whole()}));
            }
            Piece::ToolCall { name, .. } => calls.push(json!({
                "id": call_id(name, seq, calls.len()), "type": "function",
                "function": {"name": name, "arguments": piece.whole()},
            })),
        }
    }
    if !plan.is_empty() {
        message.insert("tool_plan".into(), json!(plan));
    }
    if !calls.is_empty() {
        message.insert("tool_calls".into(), Value::Array(calls));
    }
    if !content.is_empty() {
        message.insert("content".into(), Value::Array(content));
    }
    let mut body = json!({
        "id": id(seq), "finish_reason": finish_reason(answer.stop), "message": message,
    });
    if let (Some(usage), Some(body)) = (&answer.usage, body.as_object_mut()) {
        body.insert("usage".into(), usage_object(usage));
    }
    body
}

/// The answer as a stream.
pub(in super::super) fn stream(_: &Asked, answer: &Answer, seq: u64) -> Vec<Frame> {
    let empty = json!({"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []});
    let mut frames = vec![event(
        &json!({"type": "message-start", "id": id(seq), "delta": {"message": empty}}),
        0,
    )];
    let (mut blocks, mut calls) = (0, 0);
    let plans = plans(answer);
    for piece in &answer.pieces {
        match piece {
            Piece::Text(chunks) if plans => frames.extend(chunks.iter().map(|text| {
                let delta = json!({"message": {"tool_plan": text}});
                event(&json!({"type": "tool-plan-delta", "delta": delta}), 1)
            })),
            Piece::Text(_) | Piece::Refusal(_) => {
                frames.extend(block(piece, blocks, "text"));
                blocks += 1;
            }
            Piece::Reasoning(_) => {
                frames.extend(block(piece, blocks, "thinking"));
                blocks += 1;
            }
            Piece::ToolCall { name, arguments } => {
                frames.extend(call(name, arguments, seq, calls));
                calls += 1;
            }
        }
    }
    let mut delta = json!({"finish_reason": finish_reason(answer.stop)});
    if let (Some(usage), Some(delta)) = (&answer.usage, delta.as_object_mut()) {
        delta.insert("usage".into(), usage_object(usage));
    }
    let mut end = event(&json!({"type": "message-end", "delta": delta}), 0);
    end.reports_usage = answer.usage.is_some();
    frames.push(end);
    frames
}

/// A stream that fails ends with the usual event, which names the error.
pub(in super::super) fn error_frame(error: &VendorError, _: &str) -> Frame {
    let delta = json!({"finish_reason": "ERROR", "error": error.message});
    event(&json!({"type": "message-end", "delta": delta}), 0)
}

/// What a model says before it calls tools is its plan.
fn plans(answer: &Answer) -> bool {
    let calls = |piece: &Piece| matches!(piece, Piece::ToolCall { .. });
    answer.pieces.iter().any(calls)
}

fn block(piece: &Piece, index: usize, kind: &str) -> Vec<Frame> {
    let content = |content: Value| json!({"message": {"content": content}});
    let start = content(json!({"type": kind, kind: ""}));
    let mut frames = vec![event(
        &json!({"type": "content-start", "index": index, "delta": start}),
        0,
    )];
    frames.extend(piece.chunks().iter().map(|text| {
        let delta = content(json!({ kind: text }));
        event(
            &json!({"type": "content-delta", "index": index, "delta": delta}),
            1,
        )
    }));
    frames.push(event(&json!({"type": "content-end", "index": index}), 0));
    frames
}

fn call(name: &str, arguments: &[String], seq: u64, index: usize) -> Vec<Frame> {
    let calls = |call: Value| json!({"message": {"tool_calls": call}});
    let start = calls(json!({
        "id": call_id(name, seq, index), "type": "function",
        "function": {"name": name, "arguments": ""},
    }));
    let mut frames = vec![event(
        &json!({"type": "tool-call-start", "index": index, "delta": start}),
        0,
    )];
    frames.extend(arguments.iter().map(|text| {
        let delta = calls(json!({"function": {"arguments": text}}));
        event(
            &json!({"type": "tool-call-delta", "index": index, "delta": delta}),
            1,
        )
    }));
    frames.push(event(&json!({"type": "tool-call-end", "index": index}), 0));
    frames
}

fn event(data: &Value, tokens: usize) -> Frame {
    let name = data.get("type").and_then(Value::as_str).unwrap_or_default();
    Frame::content(format!("event: {name}\ndata: {data}\n\n"), tokens)
}

fn id(seq: u64) -> String {
    format!("c0ffee00-0000-4000-8000-{seq:012}")
}

/// The vendor's ids begin with the tool's name.
fn call_id(name: &str, seq: u64, index: usize) -> String {
    format!("{name}_fake{seq}_{index}")
}

fn finish_reason(stop: Stop) -> &'static str {
    match stop {
        Stop::End | Stop::Refusal => "COMPLETE",
        Stop::ToolUse => "TOOL_CALL",
        Stop::Length => "MAX_TOKENS",
    }
}

/// What is read from a cache is part of what is billed; nothing is said of what is written to it.
fn usage_object(usage: &TokenCounts) -> Value {
    let input = usage.input + usage.cache_read + usage.cache_write;
    let mut object = json!({
        "billed_units": {"input_tokens": input, "output_tokens": usage.output},
        "tokens": {"input_tokens": input + PREAMBLE, "output_tokens": usage.output + 2},
    });
    if let (true, Some(object)) = (usage.cache_read > 0, object.as_object_mut()) {
        object.insert("cached_tokens".into(), json!(usage.cache_read));
    }
    object
}
