//! Whole answers. Fields: <https://platform.claude.com/docs/en/api/messages/create> (2026-08).

use super::blocks::{self, Block, BlockKind, input_object};
use super::wire::{self, Lifetimes, WireUsage};
use super::{ID, citations, error, parts};
use crate::dialect::codec::{Encoded, Reply};
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::stop_words::Said;
use crate::dialect::write::{self, Object};
use crate::dialect::{freeform, origin};
use crate::ir::{
    CallKind, Choice, Extra, Loss, Losses, Malformed, Part, PartKind, Reasoning, Response, Usage,
};
use std::borrow::Cow;

/// Reads a whole answer.
///
/// # Errors
/// When it is not a message.
pub(super) fn decode(body: &[u8]) -> Result<Response, Malformed> {
    let mut fields = Fields::body(body)?;
    match fields.need_string("type")?.as_str() {
        "message" => {}
        "error" => return Err(Malformed::body(error::decode(200, body).message)),
        other => {
            return Err(Malformed::field(
                "type",
                format!("must be `message`, but is `{other}`"),
            ));
        }
    }
    fields.take("role");
    let mut extra = Extra::default();
    let (usage, service_tier) = usage(&mut fields, &mut extra)?;
    let content = fields.need("content")?;
    let response = Response {
        id: fields.need_string("id")?,
        model: fields.need_string("model")?,
        created: None,
        choices: vec![Choice {
            parts: parts::blocks(content, Path::ROOT.key("content"))?,
            stop: fields
                .string("stop_reason")?
                .map(|word| wire::read_stop(&word)),
            stop_sequence: fields.string("stop_sequence")?,
            logprobs: None,
            extra: Extra::default(),
        }],
        usage,
        service_tier,
        extra: Extra::default(),
    };
    fields.rest_into(ID, "", &mut extra);
    Ok(Response { extra, ..response })
}

/// Reads `usage`, and the service tier that stands in it.
fn usage(
    fields: &mut Fields<'_, '_>,
    extra: &mut Extra,
) -> Result<(Option<Usage>, Option<String>), Malformed> {
    let Some(raw) = fields.take("usage") else {
        return Ok((None, None));
    };
    let at = Path::ROOT.key("usage");
    let usage: WireUsage =
        serde_json::from_str(raw.get()).map_err(|bad| at.wrong(bad.to_string()))?;
    wire::keep_uncounted(raw, extra)?;
    Ok((Some(usage.into_usage()), wire::read_tier(raw)))
}

/// Writes a whole answer. Of several choices the first is written: this dialect has one.
pub(super) fn encode(response: &Response, reply: &Reply, cost: Option<&str>) -> Encoded {
    let empty = Choice::default();
    let choice = response.choices.first().unwrap_or(&empty);
    let mut body = Vec::with_capacity(1024);
    write::object(&mut body, |o| {
        o.value("id", &*message_id(&response.id, reply));
        o.value("type", "message");
        o.value("role", "assistant");
        o.value("model", model(&response.model, reply));
        let parts = ending_in_words(&choice.parts).into_iter();
        let content: Vec<Block<'_>> = parts.flat_map(answer_blocks).collect();
        blocks::write_blocks(o, "content", &content);
        o.value(
            "stop_reason",
            wire::write_stop(choice.stop.as_ref(), Said::by(choice)),
        );
        o.value("stop_sequence", &choice.stop_sequence);
        write_usage(o, response, reply, cost);
        o.extra(&response.extra, ID);
    });
    Encoded {
        body,
        losses: losses(response, choice),
    }
}

/// The parts with a proof that comes last (Gemini's of its text) before the text that it belongs to: programs take the last
/// block for the answer, since no answer of Anthropic's that says something ends in a thought.
fn ending_in_words(parts: &[Part]) -> Vec<&Part> {
    let is_proof =
        |part: &&Part| matches!(&part.kind, PartKind::Reasoning(it) if it.text.is_empty());
    let is_text = |part: &&Part| matches!(part.kind, PartKind::Text(_) | PartKind::Refusal(_));
    let proofs = parts.iter().rev().take_while(is_proof).count();
    let (before, proofs) = parts.split_at(parts.len() - proofs);
    let texts = before.iter().rev().take_while(is_text).count();
    let (before, texts) = before.split_at(before.len() - texts);
    before.iter().chain(proofs).chain(texts).collect()
}

/// What of an answer this dialect cannot say, each once.
fn losses(response: &Response, choice: &Choice) -> Vec<Loss> {
    let mut losses = Losses::default();
    if response.choices.len() > 1 {
        losses.dropped("choices");
    }
    if choice.logprobs.is_some() {
        losses.dropped("logprobs");
    }
    losses.extend(choice.stop.iter().flat_map(wire::stop_losses));
    let tier = response.service_tier.as_deref();
    if tier.is_some_and(|tier| wire::answer_tier(tier).is_none()) {
        losses.dropped("service_tier");
    }
    if let Some(counts) = &response.usage {
        losses.extend(counts.lost(&wire::said(counts)));
    }
    for part in &choice.parts {
        match &part.kind {
            PartKind::Text(_) | PartKind::Refusal(_) | PartKind::Reasoning(_) => {}
            PartKind::ToolCall(call) => match call.kind {
                CallKind::Freeform => losses.approximated("content.tool_use.input"),
                CallKind::Function if input_object(&call.arguments).is_none() => {
                    losses.dropped("content.tool_use.input");
                }
                CallKind::Function => {}
            },
            PartKind::Opaque(from, json) if *from != ID => {
                losses.dropped(format!("content.{}", fields::name_of(json)));
            }
            PartKind::Opaque(..) => {}
            PartKind::Image(_)
            | PartKind::Audio(_)
            | PartKind::Video(_)
            | PartKind::File(_)
            | PartKind::ToolResult(_) => {
                losses.dropped(format!("content.{}", part.kind.as_str()));
            }
        }
        if part
            .citations
            .iter()
            .any(|it| citations::written(it).is_none())
        {
            losses.dropped("content.citations");
        }
        losses.extend(part.lost_to(ID, "content"));
    }
    losses.extend(response.lost_beside(choice, ID));
    losses.into_vec()
}

/// The provider's id of the answer, or one made of ours.
pub(super) fn message_id<'a>(id: &'a str, reply: &Reply) -> Cow<'a, str> {
    if id.is_empty() {
        Cow::Owned(format!("msg_{}", reply.request_id))
    } else {
        Cow::Borrowed(id)
    }
}

/// The model as the provider named it, or as the client did.
pub(super) fn model<'a>(model: &'a str, reply: &'a Reply) -> &'a str {
    if model.is_empty() {
        &reply.model
    } else {
        model
    }
}

fn write_usage(o: &mut Object<'_>, response: &Response, reply: &Reply, cost: Option<&str>) {
    let estimate = Usage {
        input: reply.input_estimate,
        ..Usage::default()
    };
    let usage = response.usage.as_ref().unwrap_or(&estimate);
    let extra = &response.extra;
    o.object("usage", |o| {
        wire::write_usage(o, usage, Lifetimes::Said, extra);
        wire::write_server_tool_use(o, usage, extra);
        let tier = response.service_tier.as_deref().and_then(wire::answer_tier);
        o.some("service_tier", tier);
        o.extra_under(extra, ID, wire::USAGE);
        if let Some(cost) = cost {
            o.written("cost", cost.as_bytes());
        }
    });
}

/// The blocks of one part of an answer: none for what this dialect has no block for.
fn answer_blocks(part: &Part) -> impl Iterator<Item = Block<'_>> {
    let kinds = match &part.kind {
        PartKind::Text(text) | PartKind::Refusal(text) => {
            let shown = !text.is_empty();
            [shown.then_some(BlockKind::Text(Cow::Borrowed(text))), None]
        }
        PartKind::Reasoning(reasoning) => reasoning_blocks(reasoning),
        PartKind::ToolCall(call) => {
            let use_ = BlockKind::ToolUse {
                id: Cow::Borrowed(&call.id),
                name: &call.name,
                input: match call.kind {
                    // A call that was cut off at the output limit is no JSON; the stop reason says so.
                    CallKind::Function => {
                        Cow::Borrowed(input_object(&call.arguments).unwrap_or("{}"))
                    }
                    CallKind::Freeform => Cow::Owned(freeform::wrap(&call.arguments)),
                },
            };
            [Some(use_), None]
        }
        PartKind::Opaque(from, json) if *from == ID => [Some(BlockKind::Raw(json)), None],
        PartKind::Opaque(..)
        | PartKind::Image(_)
        | PartKind::Audio(_)
        | PartKind::Video(_)
        | PartKind::File(_)
        | PartKind::ToolResult(_) => [None, None],
    };
    kinds.into_iter().flatten().map(|kind| Block {
        kind,
        cache: None,
        citations: part
            .citations
            .iter()
            .filter_map(citations::written)
            .collect(),
        extra: Some(&part.extra),
    })
}

/// Reasoning of other providers has no signature; clients expect the member nevertheless.
fn reasoning_blocks(reasoning: &Reasoning) -> [Option<BlockKind<'_>>; 2] {
    let shown = !reasoning.text.is_empty() || reasoning.signature.is_some();
    [
        shown.then(|| BlockKind::Thinking {
            text: &reasoning.text,
            signature: reasoning
                .signature
                .as_ref()
                .map(|signature| origin::write(signature, ID))
                .unwrap_or_default(),
        }),
        reasoning
            .encrypted
            .as_ref()
            .map(|data| BlockKind::RedactedThinking(origin::write(data, ID))),
    ]
}
