//! Answers: whole ones, and the snapshots that streams are made of, which have the same shape.
//! Fields: `merge_gateway.types.response` of `merge-gateway-python` 0.4.0 (2026-08).

use super::{ENCRYPTED, ID};
use crate::dialect::codec::{Encoded, Reply};
use crate::dialect::fields;
use crate::dialect::openai_words as words;
use crate::dialect::write::{self, List, Object};
use crate::dialect::{freeform, origin};
use crate::ir::{
    CallKind, Choice, Citation, Cited, Loss, Losses, Media, MediaSource, Part, PartKind, Reasoning,
    Response, StopReason, ToolCall, Usage,
};
use crate::splice::Document;
use serde_json::value::RawValue;

/// What is written: a whole answer, or how far a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form<'a> {
    /// The answer.
    Whole { cost: Option<&'a str> },
    /// All of it so far: neither usage nor reason to end are known.
    Snapshot,
    /// A stream's last frame.
    Last { cost: Option<&'a str> },
}

/// Writes a whole answer. Of several choices the first is written: this dialect has one.
pub(super) fn encode(response: &Response, reply: &Reply, cost: Option<&str>) -> Encoded {
    let empty = Choice::default();
    let choice = response.choices.first().unwrap_or(&empty);
    let mut losses = losses(response, choice);
    if response.choices.len() > 1 {
        losses.push(Loss::dropped("choices"));
    }
    let mut body = Vec::with_capacity(1024);
    let form = Form::Whole { cost };
    write(&mut body, response, choice, &Frame::of(reply), form);
    Encoded { body, losses }
}

/// What every frame of one answer repeats.
#[derive(Debug)]
pub(super) struct Frame {
    id: String,
    message_id: String,
    /// Written when the provider named no time.
    now: i64,
    model: String,
    vendor: String,
    /// What the client called the model, if it asked how its request was routed.
    routed_from: Option<String>,
    attempts: u32,
}

impl Frame {
    pub(super) fn of(reply: &Reply) -> Self {
        let asks_routing = Document::parse(&reply.asked)
            .and_then(|asked| asked.boolean("include_routing_metadata"))
            .is_ok_and(|asked| asked == Some(true));
        let named = [&reply.served_model, &reply.model];
        let model = named.into_iter().find(|name| !name.is_empty());
        Self {
            id: format!("resp_{}", reply.request_id),
            message_id: format!("msg_{}", reply.request_id),
            now: reply.now,
            model: model.cloned().unwrap_or_default(),
            vendor: reply.provider.clone(),
            routed_from: asks_routing.then(|| reply.model.clone()),
            attempts: reply.attempts,
        }
    }
}

/// Writes an answer, or as much of it as there is.
pub(super) fn write(
    out: &mut Vec<u8>,
    response: &Response,
    choice: &Choice,
    frame: &Frame,
    form: Form<'_>,
) {
    let (object, cost) = match form {
        Form::Whole { cost } => ("response", cost),
        Form::Snapshot => ("response.stream", None),
        Form::Last { cost } => ("response.done", cost),
    };
    write::object(out, |o| {
        o.value("id", &frame.id);
        o.value("object", object);
        o.value("created_at", &created_at(response.created, frame.now));
        o.value("model", &frame.model);
        if !frame.vendor.is_empty() {
            o.value("vendor", &frame.vendor);
        }
        if !response.id.is_empty() {
            o.value("provider_request_id", &response.id);
        }
        o.list("output", |list| {
            list.object(|o| message(o, choice, frame, form));
        });
        if form == Form::Snapshot {
            return;
        }
        // A provider that did not say how many tokens there were did not say that there were none.
        if let Some(stated) = &response.usage {
            usage(o, stated, cost);
        }
        if let Some(asked) = &frame.routed_from {
            o.object("routing", |o| routing(o, asked, frame, cost));
        }
        o.some("service_tier", response.service_tier.as_deref().map(tier));
    });
}

/// ISO 8601 in UTC.
fn created_at(said: Option<i64>, now: i64) -> String {
    let time = jiff::Timestamp::from_second(said.unwrap_or(now));
    time.unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
}

fn message(o: &mut Object<'_>, choice: &Choice, frame: &Frame, form: Form<'_>) {
    o.value("type", "message");
    o.value("id", &frame.message_id);
    o.value("role", "assistant");
    let reason = (form != Form::Snapshot).then(|| finish_reason(choice));
    o.value("finish_reason", &reason);
    o.list("content", |list| {
        for part in &choice.parts {
            block(list, part);
        }
    });
}

/// The four words that clients know.
fn finish_reason(choice: &Choice) -> &'static str {
    let calls = |part: &Part| matches!(part.kind, PartKind::ToolCall(_));
    let declines = |part: &Part| matches!(part.kind, PartKind::Refusal(_));
    match &choice.stop {
        Some(StopReason::Length | StopReason::ContextWindow) => "max_tokens",
        Some(
            StopReason::ContentFilter
            | StopReason::Refusal
            | StopReason::MalformedCall
            | StopReason::MalformedOutput,
        ) => "content_filter",
        Some(StopReason::ToolCalls) => "tool_use",
        None | Some(StopReason::Stop) if choice.parts.iter().any(calls) => "tool_use",
        // There is no block for a refusal, so that nothing else tells it from an answer.
        None | Some(StopReason::Stop) if choice.parts.iter().any(declines) => "content_filter",
        None
        | Some(
            StopReason::Stop | StopReason::StopSequence | StopReason::Pause | StopReason::Other(..),
        ) => "stop",
    }
}

/// Counts never are `null`: clients would refuse the answer. Input counts all that was read, cached or not, so that the
/// oldest package, which knows no cache, sees it all.
fn usage(o: &mut Object<'_>, usage: &Usage, cost: Option<&str>) {
    o.object("usage", |o| {
        o.value("input_tokens", &usage.total_input());
        o.value("output_tokens", &usage.output);
        o.value("total_tokens", &usage.total());
        o.value("cache_creation_input_tokens", &usage.cache_write);
        o.value("cache_read_input_tokens", &usage.cache_read);
        if usage.web_searches > 0 {
            o.object("server_tool_use", |o| {
                o.value("web_search_requests", &usage.web_searches);
            });
        }
        if let Some(cost) = cost {
            o.written("cost", cost.as_bytes());
        }
    });
}

/// The counts that have a place here.
fn said(usage: &Usage) -> Usage {
    Usage {
        cache_write_1h: 0,
        reasoning: 0,
        audio_input: 0,
        audio_output: 0,
        image_input: 0,
        image_output: 0,
        ..*usage
    }
}

fn routing(o: &mut Object<'_>, asked: &str, frame: &Frame, cost: Option<&str>) {
    o.value("intelligent_routing_used", &false);
    let reason = match frame.attempts {
        0 | 1 => "served by the first choice".to_owned(),
        tries => format!("served at attempt {tries}"),
    };
    o.value("routing_reason", &reason);
    o.value("model_requested", asked);
    o.value("model_used", &frame.model);
    o.value("vendor_used", &frame.vendor);
    if let Some(cost) = cost {
        o.written("cost_usd", cost.as_bytes());
    }
}

/// The tier in Merge's word.
fn tier(word: &str) -> &str {
    match word {
        "default" => "standard",
        word => word,
    }
}

/// Writes the block of one part; nothing for what clients know no block for.
fn block(list: &mut List<'_>, part: &Part) {
    match &part.kind {
        PartKind::Text(text) | PartKind::Refusal(text) => list.object(|o| {
            o.value("type", "text");
            o.value("text", text);
            o.list("annotations", |list| {
                for citation in &part.citations {
                    list.object(|o| annotation(o, citation));
                }
            });
        }),
        PartKind::Reasoning(reasoning) => thinking(list, reasoning),
        PartKind::ToolCall(call) => list.object(|o| {
            o.value("type", "tool_use");
            o.value("id", &call.id);
            o.value("name", &call.name);
            match call.kind {
                // Until it is complete, and where it was cut off, it is no JSON.
                CallKind::Function => {
                    o.written("input", input_of(call).unwrap_or("{}").as_bytes());
                }
                CallKind::Freeform => {
                    o.written("input", freeform::wrap(&call.arguments).as_bytes())
                }
            }
        }),
        PartKind::Image(media) => match &media.source {
            MediaSource::Url(url) => list.object(|o| {
                o.value("type", "image_url");
                // One client package reads the one, one the other.
                o.value("image_url", url);
                o.value("url", url);
            }),
            _ => medium(list, "image", media),
        },
        PartKind::File(media) => medium(list, "document", media),
        PartKind::Audio(_)
        | PartKind::Video(_)
        | PartKind::ToolResult(_)
        | PartKind::Opaque(..) => {}
    }
}

/// A signature says which provider it is of, since none is of this dialect.
fn thinking(list: &mut List<'_>, reasoning: &Reasoning) {
    let mut write = |text: &str, signature: Option<String>| {
        list.object(|o| {
            o.value("type", "thinking");
            o.value("thinking", text);
            o.some("signature", signature);
        });
    };
    let signature = reasoning.signature.as_ref();
    if !reasoning.text.is_empty() || signature.is_some() {
        let signature = signature.map(|it| origin::write(it, ID).into_owned());
        write(&reasoning.text, signature);
    }
    if let Some(encrypted) = &reasoning.encrypted {
        let written = format!("{ENCRYPTED}{}", origin::write(encrypted, ID));
        write("", Some(written));
    }
}

fn medium(list: &mut List<'_>, kind: &str, media: &Media) {
    if let Some((source, media_type, data)) = inline(media) {
        list.object(|o| {
            o.value("type", kind);
            o.value("source_type", source);
            o.value("media_type", media_type);
            o.value("data", data);
        });
    }
}

/// How a medium is written, if it can be: clients demand its type.
fn inline(media: &Media) -> Option<(&'static str, &str, &str)> {
    match &media.source {
        MediaSource::Base64 { media_type, data } => Some(("base64", media_type, data)),
        MediaSource::Url(url) => {
            let unknown = "application/octet-stream";
            let media_type = media.media_type.as_deref().unwrap_or(unknown);
            Some(("url", media_type, url))
        }
        MediaSource::FileId(_) | MediaSource::Text(_) => None,
    }
}

/// What a text rests on. Merge leaves the shape open; this is that of OpenAI's Responses API.
/// <https://platform.openai.com/docs/api-reference/responses/object> (2026-08)
fn annotation(o: &mut Object<'_>, citation: &Citation) {
    match &citation.source {
        Cited::Url { url, title } => {
            o.value("type", "url_citation");
            o.value("url", url);
            o.some("title", title.as_ref());
        }
        Cited::Document { index, id, title } => {
            o.value("type", "file_citation");
            o.some("index", index.as_ref());
            o.some("file_id", id.as_ref());
            o.some("filename", title.as_ref());
        }
    }
    if let Some(range) = &citation.range {
        o.value("start_index", &range.start);
        o.value("end_index", &range.end);
    }
    o.some("quote", citation.quote.as_ref());
}

/// A call's arguments as JSON of any type; `None` where they are none.
fn input_of(call: &ToolCall) -> Option<&str> {
    let text = call.arguments.trim();
    if text.is_empty() {
        return Some("{}");
    }
    let valid = serde_json::from_str::<&RawValue>(text).is_ok();
    valid.then_some(text)
}

/// What of an answer this dialect cannot say, each once.
pub(super) fn losses(response: &Response, choice: &Choice) -> Vec<Loss> {
    let mut losses = Losses::default();
    if choice.logprobs.is_some() {
        losses.dropped("logprobs");
    }
    if let Some(counts) = &response.usage {
        losses.extend(counts.lost(&said(counts)));
    }
    let by_text = choice.stop_sequence.is_some();
    let stop = choice.stop.iter();
    losses.extend(stop.flat_map(|reason| words::stop_losses(reason, by_text, ID)));
    losses.extend(choice.parts.iter().flat_map(losses_of_part));
    losses.extend(response.lost_beside(choice, ID));
    losses.into_vec()
}

/// What of one part this dialect cannot say.
pub(super) fn losses_of_part(part: &Part) -> impl Iterator<Item = Loss> {
    let whole = part_loss(part).into_iter();
    whole.chain(part.lost_to(ID, "content"))
}

fn part_loss(part: &Part) -> Option<Loss> {
    match &part.kind {
        PartKind::Text(_) | PartKind::Reasoning(_) => None,
        PartKind::Refusal(_) => Some(Loss::approximated("content.refusal")),
        PartKind::ToolCall(call) => match call.kind {
            CallKind::Freeform => Some(Loss::approximated("content.tool_use.input")),
            CallKind::Function => {
                let cut = input_of(call).is_none();
                cut.then(|| Loss::dropped("content.tool_use.input"))
            }
        },
        PartKind::Image(media) | PartKind::File(media) => inline(media)
            .is_none()
            .then(|| Loss::dropped(format!("content.{}", part.kind.as_str()))),
        PartKind::Audio(_) | PartKind::Video(_) | PartKind::ToolResult(_) => {
            Some(Loss::dropped(format!("content.{}", part.kind.as_str())))
        }
        PartKind::Opaque(_, json) => {
            Some(Loss::dropped(format!("content.{}", fields::name_of(json))))
        }
    }
}
