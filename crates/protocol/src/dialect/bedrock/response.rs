//! Whole answers. Fields:
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html> (2026-11).

use super::blocks::{self, Block, BlockKind, Medium, Source};
use super::formats;
use super::request::input_json;
use super::wire::{self, WireTier, WireUsage};
use super::{ID, citations, parts};
use crate::dialect::codec::{Encoded, Reply};
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::stop_words::Said;
use crate::dialect::write::{self, Object};
use crate::dialect::{freeform, origin};
use crate::ir::{
    CallKind, Choice, Extra, Json, Loss, Losses, Malformed, Media, MediaSource, Part, PartKind,
    Reasoning, Response, Usage,
};
use std::borrow::Cow;

/// Reads a whole answer.
///
/// # Errors
/// When it is not what Converse answers.
pub(super) fn decode(body: &[u8]) -> Result<Response, Malformed> {
    let mut fields = Fields::body(body)?;
    let mut extra = Extra::default();
    let outer = Path::ROOT.key("output");
    let mut output = Fields::of(fields.need("output")?, outer)?;
    let at = outer.key("message");
    let mut message = Fields::of(output.need("message")?, at)?;
    message.take("role");
    let parts = parts::blocks(message.need("content")?, at.key("content"))?;
    let mut choice = Choice {
        parts,
        ..Choice::default()
    };
    message.rest_into(ID, "output.message.", &mut choice.extra);
    if let Some(word) = fields.string("stopReason")? {
        choice.stop = Some(wire::read_stop(&word));
        if word == wire::GUARDRAIL {
            choice.extra.note(ID, STOP_REASON, Json::of(&word));
        }
    }
    choice.stop_sequence = stop_sequence(&mut fields, &mut extra)?;
    let usage = usage(&mut fields, &mut extra)?;
    let service_tier = tier(&mut fields)?;
    // How long it took is measured anew.
    fields.take("metrics");
    fields.labels_into(wire::LABELS, ID, "", &mut extra);
    fields.rest_into(ID, "", &mut extra);
    Ok(Response {
        id: String::new(),
        model: String::new(),
        created: None,
        choices: vec![choice],
        usage,
        service_tier,
        extra,
    })
}

/// Before the names of extras from `additionalModelResponseFields`.
const MORE: &str = "additionalModelResponseFields.";

/// The stop text, which stands among what was asked for of the model's own answer.
pub(super) fn stop_sequence(
    fields: &mut Fields<'_, '_>,
    extra: &mut Extra,
) -> Result<Option<String>, Malformed> {
    let Some(raw) = fields.take("additionalModelResponseFields") else {
        return Ok(None);
    };
    let at = Path::ROOT.key("additionalModelResponseFields");
    let Ok(mut more) = Fields::of(raw, at) else {
        extra.push(ID, "additionalModelResponseFields", fields::json(raw));
        return Ok(None);
    };
    let sequence = more.string("stop_sequence")?;
    more.rest_into(ID, MORE, extra);
    Ok(sequence)
}

fn usage(fields: &mut Fields<'_, '_>, extra: &mut Extra) -> Result<Option<Usage>, Malformed> {
    let Some(raw) = fields.take("usage") else {
        return Ok(None);
    };
    let at = Path::ROOT.key("usage");
    let usage: WireUsage =
        serde_json::from_str(raw.get()).map_err(|bad| at.wrong(bad.to_string()))?;
    let mut members = Fields::of(raw, at)?;
    for known in wire::USAGE_MEMBERS {
        members.take(known);
    }
    members.rest_into(ID, "usage.", extra);
    Ok(Some(usage.into_usage()))
}

fn tier(fields: &mut Fields<'_, '_>) -> Result<Option<String>, Malformed> {
    let Some(raw) = fields.take("serviceTier") else {
        return Ok(None);
    };
    let at = Path::ROOT.key("serviceTier");
    let tier: WireTier =
        serde_json::from_str(raw.get()).map_err(|bad| at.wrong(bad.to_string()))?;
    Ok(Some(tier.kind))
}

/// Writes a whole answer.
pub(super) fn encode(response: &Response, reply: &Reply, cost: Option<&str>) -> Encoded {
    let nothing = Choice::default();
    let choice = response.choices.first().unwrap_or(&nothing);
    let blocks: Vec<Block<'_>> = choice.parts.iter().flat_map(answer_blocks).collect();
    let mut body = Vec::with_capacity(1024);
    write::object(&mut body, |o| {
        o.object("output", |o| {
            o.object("message", |o| {
                o.value("role", "assistant");
                blocks::write_blocks(o, "content", &blocks);
                o.extra_under(&choice.extra, ID, "output.message.");
            });
        });
        o.value("stopReason", &stop(choice));
        let estimate = Usage {
            input: reply.input_estimate,
            ..Usage::default()
        };
        o.object("usage", |o| {
            wire::write_usage(o, response.usage.as_ref().unwrap_or(&estimate));
            o.extra_under(&response.extra, ID, "usage.");
            if let Some(cost) = cost {
                o.written("cost", cost.as_bytes());
            }
        });
        o.object("metrics", |o| o.value("latencyMs", &reply.elapsed_ms));
        more_fields(o, response, choice);
        let tier = response.service_tier.as_deref().and_then(wire::tier);
        if let Some(tier) = tier {
            o.object("serviceTier", |o| o.value("type", tier));
        }
        o.extra(&response.extra, ID);
    });
    Encoded {
        body,
        losses: losses(response, choice),
    }
}

/// The note on the word for the end, of several that mean the same.
const STOP_REASON: &str = "stopReason";

/// The word for the end, as it was if it came from here.
fn stop(choice: &Choice) -> Cow<'_, str> {
    let own = choice.extra.noted(ID, STOP_REASON);
    if let Some(word) = own.and_then(|json| json.read::<String>().ok()) {
        return Cow::Owned(word);
    }
    Cow::Borrowed(wire::write_stop(choice.stop.as_ref(), Said::by(choice)))
}

fn more_fields(o: &mut Object<'_>, response: &Response, choice: &Choice) {
    let rides = |(key, _): (&str, &Json)| key.starts_with(MORE);
    if choice.stop_sequence.is_some() || response.extra.of(ID).any(rides) {
        o.object("additionalModelResponseFields", |o| {
            o.some("stop_sequence", choice.stop_sequence.as_ref());
            o.extra_under(&response.extra, ID, MORE);
        });
    }
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
    let stop = choice.stop.iter();
    losses.extend(stop.flat_map(wire::stop_losses));
    let tier = response.service_tier.as_deref();
    if tier.is_some_and(|tier| wire::tier(tier).is_none()) {
        losses.dropped("service_tier");
    }
    if let Some(counts) = &response.usage {
        losses.extend(counts.lost(&wire::said(counts)));
    }
    for part in &choice.parts {
        match &part.kind {
            PartKind::Text(text) => {
                let narrower = |citation| citations::is_narrower(citation, text);
                if part.citations.iter().any(narrower) {
                    losses.approximated("content.citations");
                }
            }
            PartKind::Refusal(_) | PartKind::Reasoning(_) => {}
            PartKind::ToolCall(call) => match call.kind {
                CallKind::Freeform => losses.approximated("content.toolUse.input"),
                CallKind::Function if input_json(&call.arguments).is_none() => {
                    losses.dropped("content.toolUse.input");
                }
                CallKind::Function => {}
            },
            PartKind::Opaque(from, json) if *from != ID => {
                losses.dropped(format!("content.{}", fields::name_of(json)));
            }
            PartKind::Opaque(..) => {}
            PartKind::Image(_) | PartKind::Audio(_) | PartKind::Video(_) | PartKind::File(_) => {
                if medium(part).is_none() {
                    losses.dropped(format!("content.{}", part.kind.as_str()));
                }
            }
            PartKind::ToolResult(_) => losses.dropped("content.tool_result"),
        }
        losses.extend(part.lost_to(ID, "content"));
    }
    losses.extend(response.lost_beside(choice, ID));
    losses.into_vec()
}

/// The blocks of one part of an answer: none for what this dialect has no block for.
fn answer_blocks(part: &Part) -> impl Iterator<Item = Block<'_>> {
    let kinds = match &part.kind {
        PartKind::Text(text) if text.is_empty() => [None, None],
        PartKind::Text(text) if !part.citations.is_empty() => {
            [Some(BlockKind::Cited(text, &part.citations)), None]
        }
        PartKind::Text(text) | PartKind::Refusal(text) => {
            let shown = !text.is_empty();
            [shown.then_some(BlockKind::Text(Cow::Borrowed(text))), None]
        }
        PartKind::Reasoning(reasoning) => reasoning_blocks(reasoning),
        PartKind::ToolCall(call) => {
            let input = match call.kind {
                // A call that was cut off at the output limit is no JSON; the stop reason says so.
                CallKind::Function => Cow::Borrowed(input_json(&call.arguments).unwrap_or("{}")),
                CallKind::Freeform => Cow::Owned(freeform::wrap(&call.arguments)),
            };
            let id = Cow::Borrowed(call.id.as_str());
            let name = &call.name;
            [Some(BlockKind::ToolUse { id, name, input }), None]
        }
        PartKind::Opaque(from, json) if *from == ID => [Some(BlockKind::Raw(json)), None],
        PartKind::Image(_) | PartKind::Audio(_) | PartKind::Video(_) | PartKind::File(_) => {
            [medium(part).map(BlockKind::Medium), None]
        }
        PartKind::Opaque(..) | PartKind::ToolResult(_) => [None, None],
    };
    kinds.into_iter().flatten().map(|kind| Block {
        kind,
        cache: None,
        extra: Some(&part.extra),
    })
}

/// A medium that an answer may hold: an image or sound with its bytes.
pub(super) fn medium(part: &Part) -> Option<Medium<'_>> {
    let (member, formats, media) = match &part.kind {
        PartKind::Image(media) => ("image", &formats::IMAGE, media),
        PartKind::Audio(media) => ("audio", &formats::AUDIO, media),
        _ => return None,
    };
    let Media {
        source: MediaSource::Base64 { media_type, data },
        ..
    } = media
    else {
        return None;
    };
    Some(Medium {
        member,
        format: Some(formats.word(media_type)?),
        name: None,
        source: Source::Bytes(data),
    })
}

fn reasoning_blocks(reasoning: &Reasoning) -> [Option<BlockKind<'_>>; 2] {
    let shown = !reasoning.text.is_empty() || reasoning.signature.is_some();
    [
        shown.then(|| BlockKind::Reasoning {
            text: &reasoning.text,
            signature: reasoning
                .signature
                .as_ref()
                .map(|signature| origin::write(signature, ID)),
        }),
        reasoning
            .encrypted
            .as_ref()
            .map(|data| BlockKind::Redacted(parts::write_redacted(data))),
    ]
}
