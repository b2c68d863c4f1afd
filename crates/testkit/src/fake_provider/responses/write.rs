//! Writes an answer as a response, whole or as a stream of events:
//! <https://platform.openai.com/docs/api-reference/responses-streaming>.

use super::super::answer::{Answer, Piece, Stop, TokenCounts, signature_of};
use super::super::asked::{Asked, VendorError};
use super::super::playback::Frame;
use serde_json::{Value, json};

const CREATED: u64 = 1_700_000_000;
const ENCRYPTED: &str = "reasoning.encrypted_content";

/// What an answer repeats of its request, and what it says where nothing was asked.
const ECHOED: &[(&str, &str)] = &[
    ("instructions", "null"),
    ("max_output_tokens", "null"),
    ("metadata", "{}"),
    ("parallel_tool_calls", "true"),
    ("previous_response_id", "null"),
    ("prompt_cache_key", "null"),
    ("reasoning", r#"{"effort":null,"summary":null}"#),
    ("safety_identifier", "null"),
    ("store", "true"),
    ("temperature", "1.0"),
    ("text", r#"{"format":{"type":"text"}}"#),
    ("tool_choice", "\"auto\""),
    ("tools", "[]"),
    ("top_p", "1.0"),
    ("truncation", "\"disabled\""),
    ("user", "null"),
];

/// The answer as one JSON object.
pub(in super::super) fn whole(asked: &Asked, answer: &Answer, seq: u64) -> Value {
    let output = Events::new(asked, seq).items(answer);
    ended(asked, answer, seq, output)
}

/// The answer as a stream.
pub(in super::super) fn stream(asked: &Asked, answer: &Answer, seq: u64) -> Vec<Frame> {
    let mut events = Events::new(asked, seq);
    let begun = response(asked, seq, "in_progress", Vec::new());
    for kind in ["response.created", "response.in_progress"] {
        events.push(json!({"type": kind, "response": begun}), 0);
    }
    let items = events.items(answer);
    for (index, (item, piece)) in items.iter().zip(&answer.pieces).enumerate() {
        events.item(index, item, piece);
    }
    let ended = ended(asked, answer, seq, items);
    let kind = match answer.stop {
        Stop::Length => "response.incomplete",
        Stop::End | Stop::ToolUse | Stop::Refusal => "response.completed",
    };
    events.push(json!({"type": kind, "response": ended}), 0);
    if let Some(last) = events.frames.last_mut() {
        last.reports_usage = answer.usage.is_some();
    }
    events.frames
}

/// The vendor's error inside a stream.
pub(in super::super) fn error_frame(error: &VendorError, id: &str) -> Frame {
    let inside = super::super::openai::error(error, id);
    let event = json!({"type": "error", "error": inside.get("error"), "sequence_number": 9});
    Frame::plain(format!("event: error\ndata: {event}\n\n"))
}

fn response(asked: &Asked, seq: u64, status: &str, output: Vec<Value>) -> Value {
    let mut body = json!({
        "id": format!("resp_fake{seq}"), "object": "response", "created_at": CREATED, "status": status,
        "background": false, "error": null, "incomplete_details": null, "model": asked.model,
        "output": output, "service_tier": "default", "usage": null,
    });
    if let Some(body) = body.as_object_mut() {
        for (name, usual) in ECHOED {
            let said = asked.echo.get(name).filter(|it| !it.is_null()).cloned();
            let usual = || serde_json::from_str(usual).unwrap_or_default();
            body.insert((*name).to_owned(), said.unwrap_or_else(usual));
        }
    }
    body
}

fn ended(asked: &Asked, answer: &Answer, seq: u64, output: Vec<Value>) -> Value {
    let status = match answer.stop {
        Stop::Length => "incomplete",
        Stop::End | Stop::ToolUse | Stop::Refusal => "completed",
    };
    let mut body = response(asked, seq, status, output);
    if answer.stop == Stop::Length {
        body["incomplete_details"] = json!({"reason": "max_output_tokens"});
    }
    body["usage"] = answer.usage.as_ref().map_or(Value::Null, usage_object);
    body
}

struct Events<'a> {
    asked: &'a Asked,
    seq: u64,
    frames: Vec<Frame>,
}

impl<'a> Events<'a> {
    fn new(asked: &'a Asked, seq: u64) -> Self {
        Self {
            asked,
            seq,
            frames: Vec::new(),
        }
    }

    /// The answer's items, one for each piece.
    fn items(&self, answer: &Answer) -> Vec<Value> {
        let item = |(index, piece): (usize, &Piece)| {
            let id = |prefix: &str| format!("{prefix}_fake{}_{index}", self.seq);
            let text = piece.whole();
            match piece {
                Piece::Reasoning(_) => {
                    let mut item = json!({
                        "id": id("rs"), "type": "reasoning",
                        "summary": [{"type": "summary_text", "text": text}],
                    });
                    if self.wants_encrypted() {
                        item["encrypted_content"] = json!(signature_of(&text));
                    }
                    item
                }
                Piece::Text(_) | Piece::Refusal(_) => json!({
                    "id": id("msg"), "type": "message", "status": "completed", "role": "assistant",
                    "content": [part(piece, &text)],
                }),
                Piece::ToolCall { name, .. } => json!({
                    "id": id("fc"), "type": "function_call", "status": "completed", "arguments": text,
                    "call_id": format!("call_fake{}_{index}", self.seq), "name": name,
                }),
            }
        };
        answer.pieces.iter().enumerate().map(item).collect()
    }

    fn wants_encrypted(&self) -> bool {
        let include = self.asked.echo.get("include").and_then(Value::as_array);
        include.is_some_and(|list| list.iter().any(|one| one == ENCRYPTED))
    }

    fn push(&mut self, mut event: Value, tokens: usize) {
        event["sequence_number"] = json!(self.frames.len());
        let kind = event
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let frame = format!("event: {kind}\ndata: {event}\n\n");
        self.frames.push(Frame::content(frame, tokens));
    }

    fn item(&mut self, index: usize, item: &Value, piece: &Piece) {
        let mut open = item.clone();
        let (list, of, inside) = match piece {
            Piece::Reasoning(_) => ("summary", "reasoning_summary", "summary_index"),
            Piece::Text(_) | Piece::Refusal(_) => ("content", "content", "content_index"),
            Piece::ToolCall { .. } => ("arguments", "", ""),
        };
        open[list] = match piece {
            Piece::ToolCall { .. } => json!(""),
            Piece::Reasoning(_) | Piece::Text(_) | Piece::Refusal(_) => json!([]),
        };
        if open.get("status").is_some() {
            open["status"] = json!("in_progress");
        }
        self.push(
            json!({"type": "response.output_item.added", "output_index": index, "item": open}),
            0,
        );
        let at = |kind: String| {
            let mut event = json!({"type": kind, "item_id": item.get("id"), "output_index": index});
            if !inside.is_empty() {
                event[inside] = json!(0);
            }
            event
        };
        let with = |kind: String, name: &str, value: Value| {
            let mut event = at(kind);
            event[name] = value;
            event
        };
        let (delta, text) = match piece {
            Piece::Reasoning(_) => ("reasoning_summary_text", "text"),
            Piece::Text(_) => ("output_text", "text"),
            Piece::Refusal(_) => ("refusal", "refusal"),
            Piece::ToolCall { .. } => ("function_call_arguments", "arguments"),
        };
        if !of.is_empty() {
            self.push(
                with(format!("response.{of}_part.added"), "part", part(piece, "")),
                0,
            );
        }
        for chunk in piece.chunks() {
            self.push(
                with(format!("response.{delta}.delta"), "delta", json!(chunk)),
                1,
            );
        }
        let all = piece.whole();
        self.push(with(format!("response.{delta}.done"), text, json!(all)), 0);
        if !of.is_empty() {
            self.push(
                with(
                    format!("response.{of}_part.done"),
                    "part",
                    part(piece, &all),
                ),
                0,
            );
        }
        self.push(
            json!({"type": "response.output_item.done", "output_index": index, "item": item}),
            0,
        );
    }
}

fn part(piece: &Piece, text: &str) -> Value {
    match piece {
        Piece::Reasoning(_) => json!({"type": "summary_text", "text": text}),
        Piece::Refusal(_) => json!({"type": "refusal", "refusal": text}),
        Piece::Text(_) | Piece::ToolCall { .. } => {
            json!({"type": "output_text", "annotations": [], "logprobs": [], "text": text})
        }
    }
}

/// Input tokens contain what was read from and written to a cache.
fn usage_object(usage: &TokenCounts) -> Value {
    let input = usage.input + usage.cache_read + usage.cache_write;
    json!({
        "input_tokens": input,
        "input_tokens_details": {"cached_tokens": usage.cache_read, "cache_write_tokens": usage.cache_write},
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": input + usage.output,
    })
}
