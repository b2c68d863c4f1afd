//! Whole answers. Fields: <https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse> (2026-11).

use super::grounding::{self, Found, Grounding};
use super::parts::Calls;
use super::pieces::{self, PieceKind, Pieces};
use super::{ID, error, logprobs, parts, usage, wire};
use crate::dialect::codec::{Encoded, Reply};
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::stop_words::Said;
use crate::dialect::write::{self, List, Object};
use crate::ir::{
    CallKind, Choice, Extra, Loss, Losses, Malformed, Part, PartKind, Response, StopReason, Usage,
};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Where an answer stands whose prompt was refused.
pub(super) const FEEDBACK: &str = "promptFeedback";

/// Members of an answer that say how it came to be: when.
pub(super) const LABELS: &[&str] = &["createTime"];

/// Those of a candidate: its length, which the usage object says too.
pub(super) const CANDIDATE_LABELS: &[&str] = &["tokenCount"];

/// Reads a whole answer.
///
/// # Errors
/// When it is none.
pub(super) fn decode(body: &[u8]) -> Result<Response, Malformed> {
    let mut fields = Fields::body(body)?;
    if fields.has("error") {
        return Err(Malformed::body(error::decode(200, body).message));
    }
    let id = fields.string("responseId")?.unwrap_or_default();
    let model = fields.string("modelVersion")?.unwrap_or_default();
    let mut extra = Extra::default();
    let mut calls = Calls::of_answer(&id);
    let mut choices = Vec::new();
    let at = Path::ROOT.key("candidates");
    let candidates = fields.list("candidates")?.unwrap_or_default();
    for (index, raw) in candidates.into_iter().enumerate() {
        choices.push(candidate(raw, at.index(index), &mut calls)?);
    }
    if choices.is_empty() && !fields.has(FEEDBACK) {
        return Err(at.wrong("must hold an answer, where the prompt was not refused"));
    }
    choices.sort_by_key(|(index, _)| *index);
    let mut choices: Vec<Choice> = choices.into_iter().map(|(_, choice)| choice).collect();
    if choices.is_empty() && fields.has(FEEDBACK) {
        choices.push(Choice {
            stop: Some(StopReason::ContentFilter),
            ..Choice::default()
        });
    }
    let mut counts = None;
    if let Some(raw) = fields.take("usageMetadata") {
        counts = Some(usage::read(raw)?);
        usage::rest(raw, &mut extra)?;
    }
    fields.labels_into(LABELS, ID, "", &mut extra);
    fields.rest_into(ID, "", &mut extra);
    Ok(Response {
        id,
        model,
        created: None,
        choices,
        usage: counts,
        service_tier: None,
        extra,
    })
}

fn candidate(raw: &RawValue, at: Path<'_>, calls: &mut Calls) -> Result<(u64, Choice), Malformed> {
    let mut fields = Fields::of(raw, at)?;
    let index = fields.unsigned("index")?.unwrap_or(0);
    let mut choice = Choice::default();
    // Where each of its parts came to stand.
    let mut places = Vec::new();
    if let Some(raw) = fields.take("content") {
        let at = at.key("content");
        let mut content = Fields::of(raw, at)?;
        content.take("role");
        let list = content.list("parts")?.unwrap_or_default();
        let at = at.key("parts");
        for (index, raw) in list.into_iter().enumerate() {
            parts::read(raw, at.index(index), calls, &mut choice.parts)?;
            places.push(choice.parts.len().saturating_sub(1));
        }
        content.rest_into(ID, "content.", &mut choice.extra);
    }
    let said = Said {
        tool_call: choice.parts.iter().any(is_call),
        refusal: false,
    };
    let word = fields.string("finishReason")?;
    choice.stop = word.map(|word| wire::read_finish(&word, said));
    if let Some(raw) = fields.take("logprobsResult") {
        choice.logprobs = Some(logprobs::read(raw, &at.key("logprobsResult"))?);
    }
    for metadata in METADATA {
        if let Some(raw) = fields.take(metadata.key) {
            let cited = cite(&mut choice.parts, &places, (metadata.read)(raw));
            metadata.keep(raw, cited, &mut choice.extra)?;
        }
    }
    fields.labels_into(CANDIDATE_LABELS, ID, "", &mut choice.extra);
    fields.rest_into(ID, "", &mut choice.extra);
    Ok((index, choice))
}

/// A member that says what an answer rests on.
pub(super) struct Metadata {
    pub(super) key: &'static str,
    pub(super) read: fn(&RawValue) -> Vec<Found>,
    /// Its members that citations are read from.
    said: &'static [&'static str],
}

pub(super) const METADATA: &[Metadata] = &[
    Metadata {
        key: "groundingMetadata",
        read: grounding::read_grounding,
        said: &["groundingChunks", "groundingSupports"],
    },
    Metadata {
        key: "citationMetadata",
        read: grounding::read_citations,
        said: &["citationSources", "citations"],
    },
];

/// Whether there was something that could be cited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cites {
    Something,
    Nothing,
}

impl Metadata {
    /// Keeps all of it for clients of this dialect; others lose what the citations do not say.
    pub(super) fn keep(
        &self,
        raw: &RawValue,
        cites: Cites,
        extra: &mut Extra,
    ) -> Result<(), Malformed> {
        if cites == Cites::Nothing {
            extra.push(ID, self.key, fields::json(raw));
            return Ok(());
        }
        extra.label(ID, self.key, fields::json(raw));
        let mut fields = Fields::of(raw, Path::ROOT.key(self.key))?;
        for said in self.said {
            fields.take(said);
        }
        fields.rest_into(ID, &format!("{}.", self.key), extra);
        Ok(())
    }
}

/// Puts citations where they belong: on the part they name, or on the first text.
fn cite(parts: &mut [Part], places: &[usize], found: Vec<Found>) -> Cites {
    let mut cites = Cites::Nothing;
    for Found {
        part,
        bytes,
        mut citation,
    } in found
    {
        let is_text = |place: &usize| parts.get(*place).is_some_and(is_text);
        let named = places.get(part).copied().filter(is_text);
        let first = || (0..parts.len()).find(is_text);
        let Some(place) = named.or_else(first) else {
            continue;
        };
        if let Some(part) = parts.get_mut(place) {
            if let PartKind::Text(text) = &part.kind {
                citation.range = grounding::in_chars(text, &bytes);
            }
            part.citations.push(citation);
            cites = Cites::Something;
        }
    }
    cites
}

fn is_text(part: &Part) -> bool {
    matches!(part.kind, PartKind::Text(_))
}

fn is_call(part: &Part) -> bool {
    matches!(part.kind, PartKind::ToolCall(_))
}

/// Writes a whole answer.
pub(super) fn encode(response: &Response, reply: &Reply, cost: Option<&str>) -> Encoded {
    let mut body = Vec::with_capacity(1024);
    let refused = response.extra.of(ID).any(|(key, _)| key == FEEDBACK);
    write::object(&mut body, |o| {
        let hollow = response.choices.iter().all(|it| it.parts.is_empty());
        if !(refused && hollow) {
            o.list("candidates", |list| {
                for (index, choice) in response.choices.iter().enumerate() {
                    write_candidate(list, index, choice);
                }
            });
        }
        let estimate = Usage {
            input: reply.input_estimate,
            ..Usage::default()
        };
        let counts = response.usage.as_ref().unwrap_or(&estimate);
        usage::write(o, counts, Some(&response.extra), cost);
        o.value("modelVersion", model(&response.model, reply));
        o.value("responseId", response_id(&response.id, reply));
        o.extra(&response.extra, ID);
    });
    Encoded {
        body,
        losses: losses(response),
    }
}

/// The provider's id of the answer, or ours.
pub(super) fn response_id<'a>(id: &'a str, reply: &'a Reply) -> &'a str {
    if id.is_empty() { &reply.request_id } else { id }
}

/// The model as the provider named it, or as the client did.
pub(super) fn model<'a>(model: &'a str, reply: &'a Reply) -> &'a str {
    if model.is_empty() {
        &reply.model
    } else {
        model
    }
}

fn write_candidate(list: &mut List<'_>, index: usize, choice: &Choice) {
    list.object(|o| {
        let mut cited = Grounding::default();
        content(o, choice, &mut cited);
        let word = wire::write_finish(choice.stop.as_ref(), Said::by(choice));
        o.value("finishReason", word);
        o.value("index", &index);
        if let Some(known) = &choice.logprobs {
            logprobs::write(o, known);
        }
        cited.write(o);
        o.extra(&choice.extra, ID);
    });
}

fn content(o: &mut Object<'_>, choice: &Choice, cited: &mut Grounding) {
    let mut pieces = Pieces::default();
    for part in &choice.parts {
        let place = pieces.next_place();
        for citation in &part.citations {
            if let PartKind::Text(text) = &part.kind
                && !grounding::is_own(citation)
            {
                cited.add(place, text, citation);
            }
        }
        piece(&mut pieces, part);
    }
    let pieces = pieces.finish();
    if pieces.is_empty() && choice.stop == Some(StopReason::ContentFilter) {
        return;
    }
    o.object("content", |o| {
        o.list("parts", |list| {
            pieces.iter().for_each(|piece| piece.write(list))
        });
        o.value("role", "model");
        o.extra_under(&choice.extra, ID, "content.");
    });
}

fn piece<'r>(pieces: &mut Pieces<'r>, part: &'r Part) {
    let extra = Some(&part.extra);
    match &part.kind {
        PartKind::Text(text) | PartKind::Refusal(text) => {
            pieces.push(PieceKind::Text(Cow::Borrowed(text)), extra);
        }
        PartKind::Reasoning(reasoning) => pieces.push_reasoning(reasoning, &part.extra),
        PartKind::ToolCall(call) => pieces.push(pieces::call(call).0, extra),
        PartKind::Image(media)
        | PartKind::Audio(media)
        | PartKind::Video(media)
        | PartKind::File(media) => pieces.push(pieces::medium(media), extra),
        PartKind::Opaque(from, json) if *from == ID => pieces.push(PieceKind::Raw(json), None),
        PartKind::Opaque(..) | PartKind::ToolResult(_) => {}
    }
}

/// What of an answer this dialect cannot say, each once.
fn losses(response: &Response) -> Vec<Loss> {
    let mut losses = Losses::default();
    if let Some(counts) = &response.usage {
        losses.extend(counts.lost(&usage::said(counts)));
    }
    for choice in &response.choices {
        let by_text = choice.stop_sequence.is_some();
        losses.extend(stop_losses(choice.stop.as_ref(), by_text));
        for part in &choice.parts {
            losses.extend(part_loss(&part.kind));
            losses.extend(part.citations.iter().filter_map(grounding::loss));
            losses.extend(part.lost_to(ID, "content"));
        }
        losses.extend(choice.extra.lost_to(ID, ""));
    }
    losses.extend(response.extra.lost_to(ID, ""));
    losses.into_vec()
}

/// What is lost of one part.
pub(super) fn part_loss(kind: &PartKind) -> Option<Loss> {
    match kind {
        PartKind::ToolCall(call) => match call.kind {
            CallKind::Freeform => Some(Loss::approximated("functionCall.args")),
            CallKind::Function => {
                let cut = pieces::object(&call.arguments).is_none();
                cut.then(|| Loss::dropped("functionCall.args"))
            }
        },
        PartKind::Opaque(from, json) if *from != ID => {
            Some(Loss::dropped(format!("content.{}", fields::name_of(json))))
        }
        PartKind::ToolResult(_) => Some(Loss::dropped("content.tool_result")),
        PartKind::Text(_)
        | PartKind::Refusal(_)
        | PartKind::Reasoning(_)
        | PartKind::Opaque(..)
        | PartKind::Image(_)
        | PartKind::Audio(_)
        | PartKind::Video(_)
        | PartKind::File(_) => None,
    }
}

/// What a finish reason cannot say of why an answer ended.
pub(super) fn stop_losses(
    reason: Option<&StopReason>,
    by_text: bool,
) -> impl Iterator<Item = Loss> + use<> {
    let nearly = reason.is_some_and(wire::is_approximated);
    let approximated = nearly.then(|| Loss::approximated("stop_reason"));
    let dropped = by_text.then(|| Loss::dropped("stop_sequence"));
    let unsaid = reason.and_then(|reason| reason.lost_to(ID));
    approximated.into_iter().chain(dropped).chain(unsaid)
}
