//! Whole answers. What a message holds besides the members read here (`annotations`, `audio`) stays among the choice's
//! extras, behind `message.`.
//! <https://platform.openai.com/docs/api-reference/chat/object>

use super::request::{content, is_call, tool_call, write_call};
use super::{ID, annotations, reasoning, usage, wire};
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::members;
use crate::dialect::openai_error as error;
use crate::dialect::openai_words as words;
use crate::dialect::write::{self, List, Object};
use crate::dialect::{Encoded, Reply, freeform, made_ids};
use crate::ir::{
    CallKind, Choice, Citation, Extra, Logprobs, Loss, Losses, Malformed, Part, PartKind, Response,
    StopReason, ToolCall,
};
use serde_json::value::RawValue;

/// Extras of a choice that belong into its message.
const MESSAGE: &str = "message.";

/// Reads a whole answer.
pub(super) fn decode(body: &[u8]) -> Result<Response, Malformed> {
    let mut fields = Fields::body(body)?;
    if fields.has("error") && !fields.has("choices") {
        let said = error::decode(200, body);
        return Err(Malformed::field("error", said.message));
    }
    let at = Path::ROOT.key("choices");
    let list = fields
        .list("choices")?
        .ok_or_else(|| at.wrong("is required"))?;
    let id = fields.string("id")?.unwrap_or_default();
    let choices = list
        .into_iter()
        .enumerate()
        .map(|(n, raw)| choice(raw, &id, at.index(n)))
        .collect::<Result<Vec<_>, _>>()?;
    fields.take("object");
    fields.take("error");
    let mut extra = Extra::default();
    let usage = take_usage(&mut fields, &mut extra)?;
    let (model, created) = (fields.string("model")?, created(&mut fields));
    let service_tier = fields.string("service_tier")?;
    fields.labels_into(wire::LABELS, ID, "", &mut extra);
    groq(&mut fields, &mut extra);
    fields.rest_into(ID, "", &mut extra);
    Ok(Response {
        id,
        model: model.unwrap_or_default(),
        created,
        choices,
        usage,
        service_tier,
        extra,
    })
}

/// Groq's own corner, which usually holds its id of the request and nothing else.
fn groq(fields: &mut Fields<'_, '_>, extra: &mut Extra) {
    const CORNER: &str = "x_groq";
    let Some(raw) = fields.take(CORNER) else {
        return;
    };
    let more = Fields::of(raw, fields.at().key(CORNER)).map_or(true, |mut corner| {
        corner.take("id");
        corner.lost("").next().is_some()
    });
    match more {
        true => extra.push(ID, CORNER, fields::json(raw)),
        false => extra.label(ID, CORNER, fields::json(raw)),
    }
}

/// Some providers write the time as a float; it is not worth failing an answer for.
fn created(fields: &mut Fields<'_, '_>) -> Option<i64> {
    let raw = fields.take("created")?;
    let count: wire::Count = serde_json::from_str(raw.get()).ok()?;
    i64::try_from(count.0).ok()
}

/// Takes the usage out of an answer; what of it is not counted rides along.
pub(super) fn take_usage(
    fields: &mut Fields<'_, '_>,
    extra: &mut Extra,
) -> Result<Option<crate::ir::Usage>, Malformed> {
    let Some(raw) = fields.take("usage") else {
        return Ok(None);
    };
    let stated: wire::Usage<'_> = members::read(raw.get().as_bytes()).map_err(|_| {
        let shape = fields::shape(raw);
        Malformed::field("usage", format!("must be a usage object, but is {shape}"))
    })?;
    usage::keep_uncounted(&stated, extra);
    Ok(Some(usage::read(&stated)))
}

/// Reads a choice of the answer with that id.
fn choice(raw: &RawValue, answer: &str, at: Path<'_>) -> Result<Choice, Malformed> {
    let mut fields = Fields::of(raw, at)?;
    let mut message = Fields::of(fields.need("message")?, at.key("message"))?;
    let message_at = message.at();
    let mut parts = reasoning::take(&mut message)?;
    let spoken = content(&mut message)?.unwrap_or_default();
    parts.extend(spoken.into_iter().filter(|part| !is_empty_text(part)));
    if let Some(refusal) = message.string("refusal")?.filter(|text| !text.is_empty()) {
        parts.push(Part::new(PartKind::Refusal(refusal)));
    }
    let calls = message.list("tool_calls")?.unwrap_or_default();
    for (n, raw) in calls.into_iter().enumerate() {
        let mut part = tool_call(raw, message_at.key("tool_calls").index(n))?;
        if let PartKind::ToolCall(call) = &mut part.kind
            && call.id.is_empty()
        {
            call.id = made_ids::of(answer, n);
        }
        parts.push(part);
    }
    cite(&mut message, &mut parts)?;
    message.take("role");
    let called = parts.iter().any(is_call);
    let stop = fields.string("finish_reason")?;
    fields.take("index");
    let logprobs = logprobs(&mut fields)?;
    let mut extra = Extra::default();
    message.rest_into(ID, MESSAGE, &mut extra);
    fields.labels_into(wire::CHOICE_LABELS, ID, "", &mut extra);
    fields.rest_into(ID, "", &mut extra);
    Ok(Choice {
        parts,
        stop: stop
            .filter(|word| !word.is_empty())
            .map(|word| stop_reason(&word, called)),
        stop_sequence: None,
        logprobs,
        extra,
    })
}

/// Gives the text its citations. A list that says more than the canonical form can, or cites what is no text here, stays
/// among the extras as it is.
fn cite(message: &mut Fields<'_, '_>, parts: &mut [Part]) -> Result<(), Malformed> {
    let Some(list) = message.peek_list("annotations")? else {
        return Ok(());
    };
    let citations: Option<Vec<Citation>> = list.into_iter().map(annotations::read).collect();
    let mut texts = parts
        .iter_mut()
        .filter(|part| matches!(part.kind, PartKind::Text(_)));
    if let (Some(citations), Some(text), None) = (citations, texts.next(), texts.next())
        && !citations.is_empty()
    {
        message.take("annotations");
        text.citations = citations;
    }
    Ok(())
}

fn logprobs(fields: &mut Fields<'_, '_>) -> Result<Option<Logprobs>, Malformed> {
    let Some(raw) = fields.take("logprobs") else {
        return Ok(None);
    };
    serde_json::from_str(raw.get())
        .map_err(|bad| fields.at().key("logprobs").wrong(bad.to_string()))
}

fn is_empty_text(part: &Part) -> bool {
    matches!(&part.kind, PartKind::Text(text) if text.is_empty())
}

/// Why an answer ended. `stop` beside tool calls means that they wait for results: OpenAI says so when the request
/// named the tool, and several providers always.
pub(super) fn stop_reason(word: &str, called: bool) -> StopReason {
    match word {
        "stop" if called => StopReason::ToolCalls,
        "stop" | "eos" | "end_turn" => StopReason::Stop,
        "length" | "max_tokens" => StopReason::Length,
        // Mistral's: <https://docs.mistral.ai/api>
        "model_length" => StopReason::ContextWindow,
        "tool_calls" | "function_call" => StopReason::ToolCalls,
        "content_filter" => StopReason::ContentFilter,
        other => StopReason::Other(ID, other.to_owned()),
    }
}

/// The word for why an answer ended. What broke off has OpenAI's word for that, because "stop" would hide it.
pub(super) fn finish_reason(stop: &StopReason) -> &str {
    match stop {
        StopReason::Stop | StopReason::StopSequence | StopReason::Pause => "stop",
        StopReason::Length | StopReason::ContextWindow => "length",
        StopReason::ToolCalls => "tool_calls",
        StopReason::ContentFilter
        | StopReason::Refusal
        | StopReason::MalformedCall
        | StopReason::MalformedOutput => "content_filter",
        StopReason::Other(ID, word) => word,
        StopReason::Other(..) => "stop",
    }
}

/// Writes a whole answer.
pub(super) fn encode(response: &Response, reply: &Reply, cost: Option<&str>) -> Encoded {
    let mut body = Vec::with_capacity(1024);
    write::object(&mut body, |o| {
        o.value("id", or(&response.id, &reply.request_id));
        o.value("object", "chat.completion");
        o.value("created", &response.created.unwrap_or(reply.now));
        o.value("model", or(&response.model, &reply.model));
        o.list("choices", |list| {
            for (index, choice) in response.choices.iter().enumerate() {
                write_choice(list, index, choice, &reply.freeform_tools);
            }
        });
        if let Some(counts) = &response.usage {
            o.object("usage", |o| usage::write(o, counts, &response.extra, cost));
        }
        o.some("service_tier", response.service_tier.as_deref().map(tier));
        o.extra(&response.extra, ID);
    });
    Encoded {
        body,
        losses: losses(response),
    }
}

/// What of an answer this dialect cannot say, each once.
fn losses(response: &Response) -> Vec<Loss> {
    let mut losses = Losses::default();
    for choice in &response.choices {
        let by_text = choice.stop_sequence.is_some();
        let stop = choice.stop.iter();
        losses.extend(stop.flat_map(|reason| words::stop_losses(reason, by_text, ID)));
        if annotations::of_parts(&choice.parts).1 {
            losses.dropped("message.annotations");
        }
        losses.extend(choice.parts.iter().flat_map(losses_of_part));
        losses.extend(choice.extra.lost_to(ID, ""));
    }
    if let Some(counts) = &response.usage {
        losses.extend(counts.lost(&usage::said(counts)));
    }
    losses.extend(response.extra.lost_to(ID, ""));
    losses.into_vec()
}

/// What of one part this dialect cannot say.
pub(super) fn losses_of_part(part: &Part) -> impl Iterator<Item = Loss> {
    let unsaid = match &part.kind {
        PartKind::Text(_)
        | PartKind::Refusal(_)
        | PartKind::Reasoning(_)
        | PartKind::ToolCall(_) => None,
        PartKind::Opaque(..) if is_call(part) => None,
        PartKind::Opaque(_, json) => Some(fields::name_of(json)),
        PartKind::Image(_)
        | PartKind::Audio(_)
        | PartKind::Video(_)
        | PartKind::File(_)
        | PartKind::ToolResult(_) => Some(part.kind.as_str().to_owned()),
    };
    let unsaid = unsaid.map(|name| Loss::dropped(format!("content.{name}")));
    unsaid.into_iter().chain(part.extra.lost_to(ID, "content"))
}

/// The service tier in OpenAI's words; Anthropic's usual one has another name.
pub(super) fn tier(tier: &str) -> &str {
    if tier == "standard" { "default" } else { tier }
}

/// The first text, or the second where it is empty.
pub(super) fn or<'a>(first: &'a str, second: &'a str) -> &'a str {
    if first.is_empty() { second } else { first }
}

fn write_choice(list: &mut List<'_>, index: usize, choice: &Choice, freeform: &[String]) {
    list.object(|o| {
        o.value("index", &index);
        o.object("message", |o| write_message(o, choice, freeform));
        match &choice.logprobs {
            Some(logprobs) => o.value("logprobs", logprobs),
            None => o.value("logprobs", &()),
        }
        let called = choice.parts.iter().any(is_call);
        let stop = choice.stop.as_ref();
        let default = if called { "tool_calls" } else { "stop" };
        o.value("finish_reason", stop.map_or(default, finish_reason));
        o.extra(&choice.extra, ID);
    });
}

fn write_message(o: &mut Object<'_>, choice: &Choice, freeform: &[String]) {
    o.value("role", "assistant");
    let texts = || {
        choice.parts.iter().filter_map(|part| match &part.kind {
            PartKind::Text(text) => Some(text.as_str()),
            _ => None,
        })
    };
    let refusal: String = choice
        .parts
        .iter()
        .filter_map(|part| match &part.kind {
            PartKind::Refusal(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    let elsewhere = !refusal.is_empty() || choice.parts.iter().any(is_call);
    match texts().next() {
        None if elsewhere => o.value("content", &()),
        _ => o.value("content", &texts().collect::<String>()),
    }
    let thoughts: Vec<&Part> = choice.parts.iter().collect();
    reasoning::write(o, &thoughts);
    match refusal.is_empty() {
        true => o.value("refusal", &()),
        false => o.value("refusal", &refusal),
    }
    if choice.parts.iter().any(is_call) {
        o.list("tool_calls", |list| {
            for part in choice.parts.iter().filter(|part| is_call(part)) {
                match as_declared(part, freeform) {
                    Some(part) => write_call(list, &part),
                    None => write_call(list, part),
                }
            }
        });
    }
    let (annotations, _) = annotations::of_parts(&choice.parts);
    if !annotations.is_empty() {
        o.value("annotations", &annotations);
    }
    o.extra_under(&choice.extra, ID, MESSAGE);
}

/// A call of a tool that the client declared as a freeform one, and its provider got as a function.
fn as_declared(part: &Part, freeform_tools: &[String]) -> Option<Part> {
    match &part.kind {
        PartKind::ToolCall(call)
            if call.kind == CallKind::Function && freeform_tools.contains(&call.name) =>
        {
            Some(Part::new(PartKind::ToolCall(ToolCall {
                arguments: freeform::unwrap(&call.arguments),
                kind: CallKind::Freeform,
                ..call.clone()
            })))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_without_an_id_get_one() {
        let ids = |id: &str, calls: &str| -> Vec<String> {
            let body = format!(
                r#"{{"id":"{id}","choices":[{{"message":{{"tool_calls":[{calls}]}},"finish_reason":"tool_calls"}}]}}"#
            );
            let response = decode(body.as_bytes()).unwrap();
            let parts = response.choices.into_iter().flat_map(|it| it.parts);
            let calls = parts.filter_map(|part| match part.kind {
                PartKind::ToolCall(call) => Some(call.id),
                _ => None,
            });
            calls.collect()
        };
        let (empty, none) = (
            r#"{"id":"","type":"function","function":{"name":"f","arguments":"{}"}}"#,
            r#"{"type":"function","function":{"name":"f","arguments":"{}"}}"#,
        );
        let both = format!("{empty},{none}");
        assert_eq!(
            ids("chatcmpl-1", &both),
            ["call_tollgate_chatcmpl-1_0", "call_tollgate_chatcmpl-1_1"]
        );
        assert_eq!(ids("", none), ["call_tollgate_0"]);
    }
}
