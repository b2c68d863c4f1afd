//! Whole answers, and how the parts of an answer are said, which is the same in streams.
//! the package `@ai-sdk/provider` 4.0.38, <https://ai-sdk.dev/docs/foundations/providers-and-models> (2026-11), `LanguageModelV4GenerateResult`.

use super::citations::{self, Offsets, Sources};
use super::metadata::{OfAnswer, OfPart};
use super::{ID, seal, usage, warnings};
use crate::dialect::fields;
use crate::dialect::write::{self, List, Object};
use crate::dialect::{Encoded, Reply, freeform};
use crate::ir::{
    CallKind, Choice, Json, Loss, Losses, Media, MediaSource, Part, PartKind, Reasoning, Response,
    StopReason, ToolCall,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;

/// Writes a whole answer.
pub(super) fn encode(response: &Response, reply: &Reply, cost: Option<&str>) -> Encoded {
    let empty = Choice::default();
    let choice = response.choices.first().unwrap_or(&empty);
    let losses = losses(response, choice);
    let mut body = Vec::with_capacity(1024);
    write::object(&mut body, |o| {
        o.list("content", |list| content(list, choice, reply));
        let called = choice
            .parts
            .iter()
            .any(|it| matches!(it.kind, PartKind::ToolCall(_)));
        finish_reason(o, choice.stop.as_ref(), called);
        usage::write(o, response.usage.as_ref());
        warnings::write(o, &reply.lost);
        OfAnswer {
            reply,
            cost,
            service_tier: response.service_tier.as_deref(),
            stop_sequence: choice.stop_sequence.as_deref(),
            logprobs: choice.logprobs.as_ref(),
        }
        .write(o);
        o.object("response", |o| {
            o.value("id", or(&response.id, &reply.request_id));
            o.some("timestamp", timestamp(response.created));
            o.value("modelId", or(&response.model, &reply.model));
        });
    });
    Encoded { body, losses }
}

/// The first text, or the second where it is empty.
pub(super) fn or<'a>(first: &'a str, second: &'a str) -> &'a str {
    if first.is_empty() { second } else { first }
}

/// When an answer was made, as the SDK reads it.
pub(super) fn timestamp(created: Option<i64>) -> Option<String> {
    let time = jiff::Timestamp::from_second(created?).ok()?;
    Some(time.to_string())
}

/// Writes why an answer ended: in the protocol's words, and in more exact ones.
pub(super) fn finish_reason(o: &mut Object<'_>, stop: Option<&StopReason>, called: bool) {
    let (unified, raw) = match stop {
        None if called => ("tool-calls", None),
        None => ("stop", None),
        Some(StopReason::Stop) => ("stop", Some("stop")),
        Some(StopReason::StopSequence) => ("stop", Some("stop_sequence")),
        Some(StopReason::Length) => ("length", Some("length")),
        Some(StopReason::ContextWindow) => ("length", Some("context_window")),
        Some(StopReason::ToolCalls) => ("tool-calls", Some("tool_calls")),
        Some(StopReason::ContentFilter) => ("content-filter", Some("content_filter")),
        Some(StopReason::Refusal) => ("content-filter", Some("refusal")),
        Some(StopReason::Pause) => ("stop", Some("pause")),
        Some(StopReason::MalformedCall) => ("error", Some("malformed_tool_call")),
        Some(StopReason::MalformedOutput) => ("error", Some("malformed_output")),
        Some(StopReason::Other(_, word)) => ("other", Some(word.as_str())),
    };
    o.object("finishReason", |o| {
        o.value("unified", unified);
        o.some("raw", raw);
    });
}

/// Writes the parts. A signature without reasoning stands beside the part that it was given with, the next one.
fn content(list: &mut List<'_>, choice: &Choice, reply: &Reply) {
    let mut sources = Sources::default();
    let mut waiting: Option<&Reasoning> = None;
    for part in &choice.parts {
        if let PartKind::Reasoning(it) = &part.kind
            && it.text.is_empty()
            && it.encrypted.is_none()
        {
            if seal::is_sealed(it)
                && let Some(earlier) = waiting.replace(it)
            {
                reasoning(list, earlier);
            }
            continue;
        }
        let carries = matches!(part.kind, PartKind::Text(_) | PartKind::ToolCall(_));
        let sealed = waiting.take();
        if let Some(earlier) = sealed.filter(|_| !carries) {
            reasoning(list, earlier);
        }
        write_part(list, part, sealed.filter(|_| carries), &mut sources, reply);
    }
    if let Some(last) = waiting {
        reasoning(list, last);
    }
}

fn write_part(
    list: &mut List<'_>,
    part: &Part,
    sealed: Option<&Reasoning>,
    sources: &mut Sources,
    reply: &Reply,
) {
    let cited = part.citations.iter().map(|it| &it.source);
    let new: Vec<_> = cited
        .filter_map(|source| Some((sources.add(source)?, source)))
        .collect();
    match &part.kind {
        PartKind::Text(text) | PartKind::Refusal(text) => {
            list.object(|o| {
                o.value("type", "text");
                o.value("text", text);
                sources.write(o, &part.citations, &Offsets::of(text));
                let refusal = matches!(part.kind, PartKind::Refusal(_));
                let of = OfPart {
                    sealed,
                    refusal,
                    ..OfPart::default()
                };
                of.write(o);
            });
        }
        PartKind::Reasoning(it) => reasoning(list, it),
        PartKind::ToolCall(call) => list.object(|o| tool_call(o, call, sealed, reply)),
        PartKind::Image(media)
        | PartKind::Audio(media)
        | PartKind::Video(media)
        | PartKind::File(media) => {
            if FileData::of(media).is_some() {
                list.object(|o| file(o, &part.kind, media));
            }
        }
        PartKind::ToolResult(_) | PartKind::Opaque(..) => {}
    }
    for (number, source) in new {
        list.object(|o| citations::source(o, source, number));
    }
}

fn reasoning(list: &mut List<'_>, reasoning: &Reasoning) {
    list.object(|o| {
        o.value("type", "reasoning");
        o.value("text", &reasoning.text);
        let of = OfPart {
            sealed: Some(reasoning),
            ..OfPart::default()
        };
        of.write(o);
    });
}

/// Writes the members of a complete call. Its input is JSON in a text, also where the tool takes any text.
pub(super) fn tool_call(
    o: &mut Object<'_>,
    call: &ToolCall,
    sealed: Option<&Reasoning>,
    reply: &Reply,
) {
    o.value("type", "tool-call");
    o.value("toolCallId", &call.id);
    o.value("toolName", &call.name);
    o.value("input", &*input(call, reply));
    let of = OfPart {
        sealed,
        ..OfPart::default()
    };
    of.write(o);
}

fn input<'c>(call: &'c ToolCall, reply: &Reply) -> Cow<'c, str> {
    let quoted = |text: &str| Cow::Owned(Json::of(&text).get().to_owned());
    match call.kind {
        CallKind::Freeform => quoted(&call.arguments),
        CallKind::Function if reply.freeform_tools.contains(&call.name) => {
            quoted(&freeform::unwrap(&call.arguments))
        }
        CallKind::Function if call.arguments.trim().is_empty() => Cow::Borrowed("{}"),
        CallKind::Function => Cow::Borrowed(&call.arguments),
    }
}

/// Where the bytes of a generated file are, as the protocol says it.
enum FileData<'m> {
    Base64(Cow<'m, str>),
    Url(&'m str),
}

impl<'m> FileData<'m> {
    /// `None` for a file that the provider keeps, which the protocol cannot name.
    fn of(media: &'m Media) -> Option<Self> {
        match &media.source {
            MediaSource::Base64 { data, .. } => Some(Self::Base64(Cow::Borrowed(data))),
            MediaSource::Url(url) => Some(Self::Url(url)),
            MediaSource::Text(text) => Some(Self::Base64(Cow::Owned(STANDARD.encode(text)))),
            MediaSource::FileId(_) => None,
        }
    }
}

/// Writes the members of a generated file, one that [`unsayable`] does not name.
pub(super) fn file(o: &mut Object<'_>, kind: &PartKind, media: &Media) {
    o.value("type", "file");
    o.value("mediaType", media_type(kind, media));
    o.object("data", |o| match FileData::of(media) {
        Some(FileData::Base64(data)) => {
            o.value("type", "data");
            o.value("data", &data);
        }
        Some(FileData::Url(url)) => {
            o.value("type", "url");
            o.value("url", url);
        }
        None => {}
    });
}

fn media_type<'m>(kind: &PartKind, media: &'m Media) -> &'m str {
    if let MediaSource::Base64 { media_type, .. } = &media.source {
        return media_type;
    }
    let usual = match (kind, &media.source) {
        (PartKind::Image(_), _) => "image/*",
        (PartKind::Audio(_), _) => "audio/*",
        (PartKind::Video(_), _) => "video/*",
        (_, MediaSource::Text(_)) => "text/plain",
        _ => "application/octet-stream",
    };
    media.media_type.as_deref().unwrap_or(usual)
}

/// What of an answer this dialect cannot say, each once.
fn losses(response: &Response, choice: &Choice) -> Vec<Loss> {
    let mut losses = Losses::default();
    if response.choices.len() > 1 {
        losses.dropped("choices");
    }
    for part in &choice.parts {
        if let Some(field) = unsayable(&part.kind) {
            losses.dropped(field);
        }
        losses.extend(part.lost_to(ID, "content"));
    }
    if let Some(counts) = &response.usage {
        losses.extend(counts.lost(&usage::said(counts)));
    }
    let refused = choice.logprobs.as_ref().and_then(|it| it.refusal.as_ref());
    if refused.is_some_and(|tokens| !tokens.is_empty()) {
        losses.dropped("logprobs.refusal");
    }
    losses.extend(response.lost_beside(choice, ID));
    losses.into_vec()
}

/// The name of a part that the protocol cannot say.
pub(super) fn unsayable(kind: &PartKind) -> Option<String> {
    match kind {
        PartKind::Text(_)
        | PartKind::Refusal(_)
        | PartKind::Reasoning(_)
        | PartKind::ToolCall(_) => None,
        PartKind::Image(media)
        | PartKind::Audio(media)
        | PartKind::Video(media)
        | PartKind::File(media) => {
            let lost = FileData::of(media).is_none();
            lost.then(|| format!("content.{}", kind.as_str()))
        }
        PartKind::ToolResult(_) => Some("content.tool_result".to_owned()),
        PartKind::Opaque(_, json) => Some(format!("content.{}", fields::name_of(json))),
    }
}
