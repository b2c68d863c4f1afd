//! Requests of other dialects, made by hand, and what becomes of them.

use crate::dialect::anthropic::DIALECT;
use crate::dialect::{DialectId, Encoded};
use crate::ir::{
    CallKind, Extra, Json, LossKind, Media, MediaSource, Message, Part, PartKind, Request, Role,
    Tool, ToolCall, ToolResult,
};
use serde_json::Value;

/// Some other dialect.
pub(super) const OTHER: DialectId = DialectId::new("other");

pub(super) fn message(role: Role, parts: Vec<Part>) -> Message {
    Message {
        role,
        parts,
        name: None,
        extra: Extra::default(),
    }
}

pub(super) fn text(role: Role, words: &str) -> Message {
    message(role, vec![Part::text(words)])
}

pub(super) fn call(id: &str, arguments: &str) -> Part {
    Part::new(PartKind::ToolCall(ToolCall {
        id: id.into(),
        name: "f".into(),
        arguments: arguments.into(),
        kind: CallKind::Function,
    }))
}

pub(super) fn result(id: &str, words: &str) -> Message {
    let parts = vec![Part::text(words)];
    let result = ToolResult {
        call_id: id.into(),
        parts,
        is_error: None,
    };
    message(Role::User, vec![Part::new(PartKind::ToolResult(result))])
}

pub(super) fn file(media_type: &str, data: &str) -> Part {
    Part::new(PartKind::File(Media {
        media_type: None,
        source: MediaSource::Base64 {
            media_type: media_type.into(),
            data: data.into(),
        },
        name: Some("a.txt".into()),
        detail: None,
    }))
}

pub(super) fn function(schema: Option<&str>) -> Tool {
    Tool::Function {
        name: "f".into(),
        description: None,
        schema: schema.map(|text| Json::parse(text).unwrap()),
        strict: Some(false),
        cache: None,
        extra: Extra::default(),
    }
}

pub(super) fn request(messages: Vec<Message>) -> Request {
    Request {
        model: "m".into(),
        messages,
        max_output_tokens: Some(10_000),
        ..Request::default()
    }
}

pub(super) fn ask() -> Request {
    request(vec![text(Role::User, "Hi.")])
}

pub(super) fn encode(request: &Request) -> (Value, Vec<String>) {
    let Encoded { body, losses } = DIALECT
        .chat
        .provider
        .unwrap()
        .encode_request(request)
        .unwrap();
    let losses = losses.into_iter().map(|loss| match loss.kind {
        LossKind::Dropped => loss.field,
        LossKind::Approximated => format!("~{}", loss.field),
    });
    (serde_json::from_slice(&body).unwrap(), losses.collect())
}

/// Checks some members of what is written (`null` for one that must be absent), and all that is lost.
pub(super) fn check(request: &Request, expect: Value, lost: &[&str]) {
    let (body, losses) = encode(request);
    for (key, value) in expect.as_object().unwrap() {
        assert_eq!(&body[key], value, "{key} in {body}");
    }
    assert_eq!(losses, lost, "{body}");
}
