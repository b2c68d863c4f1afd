//! Results of tools as responses of functions: an object, with the media beside its text.
//! <https://ai.google.dev/api/caching#FunctionResponse>,
//! <https://ai.google.dev/gemini-api/docs/function-calling#multimodal> (2026-11)

use super::super::ID;
use super::super::generation::Generation;
use super::super::parts::AS_RESULT;
use super::super::pieces::{self, Piece, PieceKind};
use crate::dialect::write;
use crate::ir::{Media, Part, PartKind, ToolCall, ToolResult};
use std::borrow::Cow;
use std::collections::HashMap;

/// The calls of a conversation so far: the place and name of the last one with an id. Ids may come again in later turns.
#[derive(Default)]
pub(super) struct Called<'r> {
    calls: usize,
    last: HashMap<&'r str, (usize, &'r str)>,
}

impl<'r> Called<'r> {
    /// The conversation goes on with this call.
    pub(super) fn add(&mut self, call: &'r ToolCall) {
        self.last.insert(&call.id, (self.calls, &call.name));
        self.calls += 1;
    }

    /// Place and name of the call that a result answers.
    pub(super) fn find(&self, id: &str) -> Option<(usize, &'r str)> {
        self.last.get(id).copied()
    }
}

/// A result that can be written.
pub(super) struct Written<'r> {
    pub(super) response: PieceKind<'r>,
    /// Media that older models take only beside it.
    pub(super) beside: Vec<PieceKind<'r>>,
    /// Whether it says all that the result did, where it did.
    pub(super) exact: bool,
}

/// The medium of a part of a result.
pub(super) fn media(part: &Part) -> Option<&Media> {
    match &part.kind {
        PartKind::Image(media)
        | PartKind::Audio(media)
        | PartKind::Video(media)
        | PartKind::File(media) => Some(media),
        PartKind::Text(_)
        | PartKind::Reasoning(_)
        | PartKind::ToolCall(_)
        | PartKind::ToolResult(_)
        | PartKind::Refusal(_)
        | PartKind::Opaque(..) => None,
    }
}

/// Writes a result.
pub(super) fn write<'r>(
    result: &'r ToolResult,
    part: &'r Part,
    place: usize,
    name: &'r str,
    generation: Generation,
) -> Written<'r> {
    let as_result = part.extra.of(ID).any(|(key, _)| key == AS_RESULT);
    let mut exact = true;
    let mut text: Option<String> = None;
    let mut inside = Vec::new();
    let mut beside = Vec::new();
    for inner in &result.parts {
        match (&inner.kind, media(inner)) {
            (PartKind::Text(more) | PartKind::Refusal(more), _) => {
                text.get_or_insert_default().push_str(more);
            }
            (_, Some(media)) if generation.is_older() => {
                exact = false;
                beside.push(pieces::medium(media));
            }
            (_, Some(media)) => inside.push(Piece {
                kind: pieces::medium(media),
                thought: false,
                signature: None,
                extra: Some(&inner.extra),
            }),
            (PartKind::Opaque(from, json), None) if *from == ID => inside.push(Piece {
                kind: PieceKind::Raw(json),
                thought: false,
                signature: None,
                extra: None,
            }),
            (_, None) => exact = false,
        }
    }
    Written {
        response: PieceKind::Response {
            place,
            id: pieces::own_id(&result.call_id),
            name,
            response: response(text, result.is_error, as_result),
            media: inside,
        },
        beside,
        exact,
    }
}

fn response(text: Option<String>, is_error: Option<bool>, as_result: bool) -> Cow<'static, str> {
    let Some(text) = text else {
        return Cow::Borrowed("{}");
    };
    let failed = is_error == Some(true);
    if !failed && !text.trim().is_empty() && pieces::object(&text).is_some() {
        return Cow::Owned(text);
    }
    let key = match (failed, as_result) {
        (true, _) => "error",
        (false, true) => "result",
        (false, false) => "output",
    };
    let mut out = Vec::with_capacity(text.len() + 16);
    write::object(&mut out, |o| o.value(key, &text));
    Cow::Owned(String::from_utf8(out).unwrap_or_default())
}
