//! Writes an answer as a chat completion, whole or as a stream of chunks:
//! <https://platform.openai.com/docs/api-reference/chat-streaming>.

use super::super::answer::{Answer, Piece, Stop, TokenCounts};
use super::super::asked::{Asked, VendorError};
use super::super::playback::Frame;
use serde_json::{Map, Value, json};

const CREATED: u64 = 1_700_000_000;

/// The answer as one JSON object.
pub(in super::super) fn whole(asked: &Asked, answer: &Answer, seq: u64) -> Value {
    let mut message = Map::new();
    message.insert("role".into(), json!("assistant"));
    message.insert("content".into(), Value::Null);
    message.insert("refusal".into(), Value::Null);
    let mut calls = Vec::new();
    for piece in &answer.pieces {
        match piece {
            Piece::Reasoning(_) => {
                message.insert("reasoning_content".into(), json!(piece.whole()));
            }
            Piece::Text(_) => {
                message.insert("content".into(), json!(piece.whole()));
            }
            Piece::Refusal(_) => {
                message.insert("refusal".into(), json!(piece.whole()));
            }
            Piece::ToolCall { name, .. } => {
                let function = json!({"name": name, "arguments": piece.whole()});
                let id = call_id(seq, calls.len());
                calls.push(json!({"id": id, "type": "function", "function": function}));
            }
        }
    }
    if !calls.is_empty() {
        message.insert("tool_calls".into(), Value::Array(calls));
    }
    let mut body = json!({
        "id": completion_id(seq), "object": "chat.completion", "created": CREATED, "model": asked.model,
        "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": finish_reason(answer.stop)}],
        "service_tier": "default", "system_fingerprint": "fp_fake",
    });
    if let (Some(usage), Some(body)) = (&answer.usage, body.as_object_mut()) {
        body.insert("usage".into(), usage_object(usage));
    }
    body
}

/// The answer as a stream.
pub(in super::super) fn stream(asked: &Asked, answer: &Answer, seq: u64) -> Vec<Frame> {
    let chunks = Chunks { asked, seq };
    let mut frames = vec![chunks.delta(
        &json!({"role": "assistant", "content": "", "refusal": null}),
        0,
    )];
    let (talk, calls): (Vec<_>, Vec<_>) = answer
        .pieces
        .iter()
        .partition(|piece| !matches!(piece, Piece::ToolCall { .. }));
    for piece in talk {
        let field = match piece {
            Piece::Reasoning(_) => "reasoning_content",
            Piece::Refusal(_) => "refusal",
            Piece::Text(_) | Piece::ToolCall { .. } => "content",
        };
        frames.extend(
            piece
                .chunks()
                .iter()
                .map(|text| chunks.delta(&json!({ field: text }), 1)),
        );
    }
    frames.extend(chunks.calls(&calls, answer.interleave));
    frames.push(chunks.frame(
        &json!([{"index": 0, "delta": {}, "logprobs": null, "finish_reason": finish_reason(answer.stop)}]),
        None,
        0,
    ));
    if let (Some(usage), true) = (&answer.usage, asked.include_usage) {
        let mut last = chunks.frame(&json!([]), Some(usage_object(usage)), 0);
        last.reports_usage = true;
        frames.push(last);
    }
    frames.push(Frame::plain("data: [DONE]\n\n"));
    frames
}

/// The vendor's error inside a stream.
pub(in super::super) fn error_frame(error: &VendorError, id: &str) -> Frame {
    Frame::plain(format!("data: {}\n\n", super::error(error, id)))
}

struct Chunks<'a> {
    asked: &'a Asked,
    seq: u64,
}

impl Chunks<'_> {
    fn delta(&self, delta: &Value, tokens: usize) -> Frame {
        let choice = json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": null}]);
        self.frame(&choice, None, tokens)
    }

    fn frame(&self, choices: &Value, usage: Option<Value>, tokens: usize) -> Frame {
        let mut chunk = json!({
            "id": completion_id(self.seq), "object": "chat.completion.chunk", "created": CREATED,
            "model": self.asked.model, "service_tier": "default", "system_fingerprint": "fp_fake",
            "choices": choices,
        });
        if let (true, Some(chunk)) = (self.asked.include_usage, chunk.as_object_mut()) {
            chunk.insert("usage".into(), usage.unwrap_or(Value::Null));
        }
        Frame::content(format!("data: {chunk}\n\n"), tokens)
    }

    /// Tool calls: each opens with id and name; the arguments follow, call after call or in turns.
    fn calls(&self, calls: &[&Piece], interleave: bool) -> Vec<Frame> {
        let mut rows: Vec<Vec<Frame>> = Vec::new();
        for (index, piece) in calls.iter().enumerate() {
            let Piece::ToolCall { name, arguments } = piece else {
                continue;
            };
            let open = json!({"tool_calls": [{
                "index": index, "id": call_id(self.seq, index), "type": "function",
                "function": {"name": name, "arguments": ""},
            }]});
            let mut row = vec![self.delta(&open, 0)];
            row.extend(arguments.iter().map(|text| {
                let more =
                    json!({"tool_calls": [{"index": index, "function": {"arguments": text}}]});
                self.delta(&more, 1)
            }));
            rows.push(row);
        }
        if !interleave {
            return rows.into_iter().flatten().collect();
        }
        let mut rows: Vec<_> = rows.into_iter().map(Vec::into_iter).collect();
        let mut frames = Vec::new();
        loop {
            let before = frames.len();
            frames.extend(rows.iter_mut().filter_map(Iterator::next));
            if frames.len() == before {
                return frames;
            }
        }
    }
}

fn completion_id(seq: u64) -> String {
    format!("chatcmpl-fake{seq}")
}

fn call_id(seq: u64, index: usize) -> String {
    format!("call_fake{seq}_{index}")
}

fn finish_reason(stop: Stop) -> &'static str {
    match stop {
        // A refusal in words is an ordinary end.
        Stop::End | Stop::Refusal => "stop",
        Stop::ToolUse => "tool_calls",
        Stop::Length => "length",
    }
}

/// OpenAI's `prompt_tokens` contain what was read from and written to a cache.
fn usage_object(usage: &TokenCounts) -> Value {
    let prompt = usage.input + usage.cache_read + usage.cache_write;
    json!({
        "prompt_tokens": prompt,
        "completion_tokens": usage.output,
        "total_tokens": prompt + usage.output,
        "prompt_tokens_details": {
            "cached_tokens": usage.cache_read, "cache_write_tokens": usage.cache_write, "audio_tokens": 0,
        },
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning, "audio_tokens": 0,
            "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
        },
    })
}
