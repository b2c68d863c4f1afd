//! Whole answers. <https://platform.openai.com/docs/api-reference/responses/object> (2026-11)

use super::echo::{self, Asked};
use super::item::{self, Item, Labels};
use super::{ID, error, parts, usage};
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::openai_words as words;
use crate::dialect::write::{self, Object};
use crate::dialect::{Encoded, Reply};
use crate::ir::{
    CallKind, Choice, Error, ErrorKind, Extra, Loss, Losses, Malformed, Part, PartKind, Response,
    StopReason, Usage,
};
use std::borrow::Cow;

/// How the ids of reasoning items begin that this gateway wrote, because the provider has none.
pub(super) const OWN_REASONING: &str = "rs_tg_";

/// Reads a whole answer.
pub(super) fn decode(body: &[u8]) -> Result<Response, Malformed> {
    let mut fields = Fields::body(body)?;
    let status = fields.string("status")?;
    if status.as_deref() == Some("failed") || (fields.has("error") && !fields.has("output")) {
        return Err(Malformed::field("error", failure(&fields, body).message));
    }
    let at = Path::ROOT.key("output");
    let list = fields
        .list("output")?
        .ok_or_else(|| at.wrong("is required"))?;
    let names = super::namespaces::Names::default();
    let mut parts = Vec::new();
    for (n, raw) in list.into_iter().enumerate() {
        parts.extend(item::read(raw, at.index(n), &names)?);
    }
    let reason = incomplete_reason(&mut fields)?;
    let counted = usage::read(fields.take("usage"), fields.peek("tool_usage"));
    let mut extra = Extra::default();
    echo::note(&mut fields, &mut extra);
    for known in ["object", "error", "output_text"] {
        fields.take(known);
        fields.take_null(known);
    }
    fields.take_null("incomplete_details");
    let choice = Choice {
        stop: Some(stop(status.as_deref(), reason.as_deref(), calls(&parts))),
        logprobs: parts::logprobs(&parts),
        parts,
        ..Choice::default()
    };
    let response = Response {
        id: fields.string("id")?.unwrap_or_default(),
        model: fields.string("model")?.unwrap_or_default(),
        created: created(&mut fields),
        choices: vec![choice],
        usage: counted,
        service_tier: fields.string("service_tier")?,
        extra: Extra::default(),
    };
    fields.rest_into(ID, "", &mut extra);
    Ok(Response { extra, ..response })
}

/// The members of an answer beside those that are repeated and asides.
const OWN: &[&str] = &[
    "created_at",
    "error",
    "id",
    "incomplete_details",
    "model",
    "object",
    "output",
    "output_text",
    "service_tier",
    "status",
    "usage",
];

/// The members of an answer that nobody here knows, as losses: of a stream's events nothing else can be told on.
pub(super) fn unknown_members(mut fields: Fields<'_, '_>) -> impl Iterator<Item = Loss> {
    for name in OWN.iter().copied().chain(echo::names()) {
        fields.take(name);
    }
    fields.lost("")
}

/// The time, which some write as a float.
pub(super) fn created(fields: &mut Fields<'_, '_>) -> Option<i64> {
    let seconds = fields.take("created_at")?.get().split('.').next()?;
    seconds.parse().ok()
}

/// Why an answer is not complete.
pub(super) fn incomplete_reason(fields: &mut Fields<'_, '_>) -> Result<Option<String>, Malformed> {
    let at = fields.at();
    let Some(raw) = fields.take("incomplete_details") else {
        return Ok(None);
    };
    Fields::of(raw, at.key("incomplete_details"))?.string("reason")
}

/// The error that an answer with the status `failed` holds, or the whole of `body` is.
pub(super) fn failure(fields: &Fields<'_, '_>, body: &[u8]) -> Error {
    match fields.peek("error") {
        Some(raw) if raw.get().starts_with('{') => read_failure(raw.get().as_bytes()),
        _ => error::decode(200, body),
    }
}

/// Codes of failed answers that no error body has.
const CODES: &[(&str, ErrorKind)] = &[
    ("server_error", ErrorKind::Server),
    ("invalid_prompt", ErrorKind::InvalidRequest),
    ("invalid_request_error", ErrorKind::InvalidRequest),
    ("failed_to_download_image", ErrorKind::InvalidRequest),
    ("image_content_policy_violation", ErrorKind::ContentPolicy),
    ("bio_policy", ErrorKind::ContentPolicy),
    ("misalignment_policy_violation", ErrorKind::ContentPolicy),
];

/// Reads the error of a failed answer, or of a stream.
pub(super) fn read_failure(body: &[u8]) -> Error {
    let mut read = error::decode(200, body);
    let code = read.code.as_deref();
    let known = CODES.iter().find(|(word, _)| code == Some(word));
    if let Some((_, kind)) = known {
        read.kind = *kind;
    } else if code.is_some_and(|code| code.contains("image")) {
        read.kind = ErrorKind::InvalidRequest;
    }
    read
}

/// The code by which an error is known in an answer or a stream.
pub(super) fn code(error: &Error) -> &str {
    error::own_code(error).unwrap_or_else(|| code_of(error.kind))
}

/// The codes of failed answers, a closed list.
/// <https://platform.openai.com/docs/api-reference/responses/object#responses/object-error> (2026-11)
const FAILED: &[&str] = &[
    "server_error",
    "rate_limit_exceeded",
    "invalid_prompt",
    "data_residency_mismatch",
    "bio_policy",
    "misalignment_policy_violation",
    "vector_store_timeout",
    "invalid_image",
    "invalid_image_format",
    "invalid_base64_image",
    "invalid_image_url",
    "image_too_large",
    "image_too_small",
    "image_parse_error",
    "image_content_policy_violation",
    "invalid_image_mode",
    "image_file_too_large",
    "unsupported_image_media_type",
    "empty_image_file",
    "failed_to_download_image",
    "image_file_not_found",
];

/// The code of an error in a failed answer: its own if it is one of these, else the nearest. OpenAI's server says that the
/// conversation is too long or the quota used up, too, though the list has no word for it.
fn failed_code(error: &Error) -> &str {
    let own = error.code.as_deref();
    let listed = own.and_then(|own| FAILED.iter().find(|code| **code == own));
    listed.copied().unwrap_or(match error.kind {
        ErrorKind::Server | ErrorKind::Overloaded | ErrorKind::Timeout | ErrorKind::Conflict => {
            "server_error"
        }
        ErrorKind::TooLarge => "invalid_prompt",
        kind => code_of(kind),
    })
}

fn code_of(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidRequest => "invalid_prompt",
        ErrorKind::Authentication => "invalid_api_key",
        ErrorKind::Billing => "insufficient_quota",
        ErrorKind::Permission => "permission_denied",
        ErrorKind::NotFound => "not_found_error",
        ErrorKind::Timeout => "timeout",
        ErrorKind::Conflict => "conflict",
        ErrorKind::TooLarge => "request_too_large",
        ErrorKind::ContextLength => "context_length_exceeded",
        ErrorKind::ContentPolicy => "content_policy_violation",
        ErrorKind::RateLimited => "rate_limit_exceeded",
        ErrorKind::Server => "server_error",
        ErrorKind::Overloaded => "overloaded",
    }
}

/// Whether a tool of the client is called.
pub(super) fn calls(parts: &[Part]) -> bool {
    let mut kinds = parts.iter().map(|part| &part.kind);
    kinds.any(|kind| matches!(kind, PartKind::ToolCall(_)))
}

/// Why an answer ended.
pub(super) fn stop(status: Option<&str>, reason: Option<&str>, called: bool) -> StopReason {
    match (status, reason) {
        (Some("incomplete"), Some("max_output_tokens")) => StopReason::Length,
        (Some("incomplete"), Some("content_filter")) => StopReason::ContentFilter,
        (Some("incomplete"), Some(other)) => StopReason::Other(ID, other.to_owned()),
        (Some("incomplete"), None) => StopReason::Length,
        (Some("cancelled"), _) => StopReason::Other(ID, "cancelled".to_owned()),
        (_, _) if called => StopReason::ToolCalls,
        (_, _) => StopReason::Stop,
    }
}

/// The status of an answer that ended so, and why it is not complete.
pub(super) fn status(stop: Option<&StopReason>) -> (&'static str, Option<&str>) {
    match stop {
        None
        | Some(
            StopReason::Stop | StopReason::StopSequence | StopReason::ToolCalls | StopReason::Pause,
        ) => ("completed", None),
        Some(StopReason::Length | StopReason::ContextWindow) => {
            ("incomplete", Some("max_output_tokens"))
        }
        Some(
            StopReason::ContentFilter
            | StopReason::Refusal
            | StopReason::MalformedCall
            | StopReason::MalformedOutput,
        ) => ("incomplete", Some("content_filter")),
        Some(StopReason::Other(ID, word)) if word == "cancelled" => ("cancelled", None),
        Some(StopReason::Other(ID, word)) => ("incomplete", Some(word)),
        Some(StopReason::Other(..)) => ("completed", None),
    }
}

/// The status of an item that is over; `stop` is why the answer ended, where it is the last one. A message or a call at
/// which an answer broke off is not complete.
pub(super) fn item_status(item: &Item<'_>, stop: Option<&StopReason>) -> &'static str {
    let breaks_off = status(stop).0 == "incomplete";
    match item {
        Item::Message(_) | Item::Call(..) if breaks_off => "incomplete",
        Item::Message(_)
        | Item::Call(..)
        | Item::Reasoning(..)
        | Item::Image(..)
        | Item::Alone(_)
        | Item::Unsayable(_) => "completed",
    }
}

/// The outer members of an answer, whole or in a stream.
pub(super) struct Head<'a> {
    pub(super) id: Cow<'a, str>,
    pub(super) created: i64,
    pub(super) model: &'a str,
    pub(super) status: &'a str,
    pub(super) incomplete: Option<&'a str>,
    pub(super) error: Option<&'a Error>,
    pub(super) service_tier: Option<&'a str>,
    pub(super) usage: Option<&'a Usage>,
    /// Of the usage, in USD.
    pub(super) cost: Option<&'a str>,
}

impl Head<'_> {
    /// Writes an answer whose items were written before.
    pub(super) fn write(&self, o: &mut Object<'_>, output: &[u8], asked: &Asked, noted: &Extra) {
        o.value("id", &self.id);
        o.value("object", "response");
        o.value("created_at", &self.created);
        o.value("status", self.status);
        match self.error {
            None => o.value("error", &()),
            Some(error) => o.object("error", |o| {
                o.value("code", failed_code(error));
                o.value("message", &error.message);
            }),
        }
        match self.incomplete {
            None => o.value("incomplete_details", &()),
            Some(reason) => o.object("incomplete_details", |o| o.value("reason", reason)),
        }
        o.value("model", self.model);
        o.written("output", output);
        asked.write(o, noted);
        let searches = self.usage.map_or(0, |usage| usage.web_searches);
        if searches > 0 && noted.noted(ID, "tool_usage").is_none() {
            o.object("tool_usage", |o| usage::write_tools(o, searches));
        }
        o.some("service_tier", self.service_tier.map(tier));
        match self.usage {
            None => o.value("usage", &()),
            Some(counts) => o.object("usage", |o| usage::write(o, counts, self.cost)),
        }
    }
}

/// The service tier in OpenAI's words; Anthropic's usual one has another name.
fn tier(tier: &str) -> &str {
    if tier == "standard" { "default" } else { tier }
}

/// The id of an answer: one of this dialect's, or one made of ours.
pub(super) fn response_id<'a>(id: &'a str, reply: &Reply) -> Cow<'a, str> {
    if id.starts_with("resp") {
        return Cow::Borrowed(id);
    }
    Cow::Owned(format!("resp_{}", bare(&reply.request_id)))
}

/// The id of an item that has none of its own.
pub(super) fn item_id(item: &Item<'_>, n: usize, reply: &Reply) -> String {
    let kind = match item {
        Item::Message(_) => "msg_tg_",
        Item::Reasoning(..) => OWN_REASONING,
        Item::Call(_, call) => match call.kind {
            CallKind::Function => "fc_tg_",
            CallKind::Freeform => "ctc_tg_",
        },
        Item::Image(..) => "ig_tg_",
        Item::Alone(_) | Item::Unsayable(_) => "item_tg_",
    };
    format!("{kind}{}_{n}", bare(&reply.request_id))
}

/// An id in the letters that ids have here.
fn bare(id: &str) -> String {
    id.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Writes a whole answer. Of several choices the first is written: this dialect has one.
pub(super) fn encode(response: &Response, reply: &Reply, cost: Option<&str>) -> Encoded {
    let empty = Choice::default();
    let choice = response.choices.first().unwrap_or(&empty);
    let parts = as_declared(&choice.parts, reply);
    let asked = Asked::read(&reply.asked);
    let (status, incomplete) = status(choice.stop.as_ref());
    let output = write_output(&parts, choice, reply, &asked);
    let head = Head {
        id: response_id(&response.id, reply),
        created: response.created.unwrap_or(reply.now),
        model: or(&response.model, &reply.model),
        status,
        incomplete,
        error: None,
        service_tier: response.service_tier.as_deref(),
        usage: response.usage.as_ref(),
        cost,
    };
    let mut body = Vec::with_capacity(output.len() + reply.asked.len() + 1024);
    write::object(&mut body, |o| {
        head.write(o, &output, &asked, &response.extra);
        o.extra(&response.extra, ID);
    });
    Encoded {
        body,
        losses: losses(response, choice, &parts),
    }
}

/// The first text, or the second where it is empty.
pub(super) fn or<'a>(first: &'a str, second: &'a str) -> &'a str {
    if first.is_empty() { second } else { first }
}

/// The parts, with the calls of free-text tools as the client declared them.
fn as_declared<'p>(parts: &'p [Part], reply: &Reply) -> Cow<'p, [Part]> {
    let declared = |part: &Part| match &part.kind {
        PartKind::ToolCall(call) => item::as_declared(call, &reply.freeform_tools),
        _ => None,
    };
    if reply.freeform_tools.is_empty() || !parts.iter().any(|part| declared(part).is_some()) {
        return Cow::Borrowed(parts);
    }
    let each = parts.iter().map(|part| match declared(part) {
        Some(call) => Part::new(PartKind::ToolCall(call)),
        None => part.clone(),
    });
    Cow::Owned(each.collect())
}

fn write_output(parts: &[Part], choice: &Choice, reply: &Reply, asked: &Asked) -> Vec<u8> {
    let tokens = choice.logprobs.as_ref().and_then(|it| it.content.as_ref());
    let logprobs = tokens.map(|tokens| parts::tokens(tokens));
    let of_its_own = parts
        .iter()
        .any(|part| part.extra.noted(ID, parts::LOGPROBS).is_some());
    let mut logprobs = logprobs.as_ref().filter(|_| !of_its_own);
    let mut output = Vec::with_capacity(1024);
    write::list(&mut output, |list| {
        let items = item::of_parts(parts);
        let sayable = items.iter().filter(|it| !matches!(it, Item::Unsayable(_)));
        let mut sayable = sayable.enumerate().peekable();
        while let Some((n, one)) = sayable.next() {
            let stop = choice.stop.as_ref().filter(|_| sayable.peek().is_none());
            let labels = Labels {
                id: Some(&item_id(one, n, reply)),
                status: Some(item_status(one, stop)),
                names: &asked.names,
                logprobs,
            };
            item::write(list, *one, &labels);
            if matches!(one, Item::Message(_)) {
                logprobs = None;
            }
        }
    });
    output
}

/// What of an answer this dialect cannot say, each once.
fn losses(response: &Response, choice: &Choice, parts: &[Part]) -> Vec<Loss> {
    let mut losses = Losses::default();
    if response.choices.len() > 1 {
        losses.dropped("choices");
    }
    let by_text = choice.stop_sequence.is_some();
    if choice.logprobs.iter().any(parts::are_of_refusal) {
        losses.dropped("logprobs.refusal");
    }
    let stop = choice.stop.iter();
    losses.extend(stop.flat_map(|reason| words::stop_losses(reason, by_text, ID)));
    for one in item::of_parts(parts) {
        if let Item::Unsayable(part) = one {
            losses.note(unsayable(part));
        }
    }
    for part in parts {
        losses.extend(part.lost_to(ID, "content"));
        if part.citations.iter().any(super::annotations::is_bent) {
            losses.approximated("content.citations");
        }
    }
    if let Some(counts) = &response.usage {
        losses.extend(counts.lost(&usage::said(counts)));
    }
    losses.extend(response.lost_beside(choice, ID));
    losses.into_vec()
}

/// The loss of a part that no item says.
pub(super) fn unsayable(part: &Part) -> Loss {
    Loss::dropped(format!("content.{}", fields::name_of_part(&part.kind)))
}
