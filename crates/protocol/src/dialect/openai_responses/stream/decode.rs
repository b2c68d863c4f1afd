//! Frames into events. A part is opened with its first piece, so that an item which turns out to say nothing leaves no
//! trace; servers that tell only the whole of something are understood too.

use super::super::item::{self, BETWEEN};
use super::super::namespaces::Names;
use super::super::{annotations, response, usage};
use super::sequence::{Sequence, Step};
use crate::dialect::StreamDecoder;
use crate::dialect::fields::{Fields, Path};
use crate::ir::{
    Delta, Error, Event, Logprobs, Loss, Losses, Malformed, Opening, Part, PartKind, Reasoning,
    Start, TokenLogprob,
};
use crate::sse::Frame;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The most items that one stream may hold.
const ITEMS_MAX: usize = 1024;

/// Reads a streamed answer.
#[derive(Debug, Default)]
pub(in super::super) struct Decoder {
    started: bool,
    ended: bool,
    called: bool,
    tier: Option<String>,
    items: Vec<Item>,
    sequence: Sequence,
    unsaid: u64,
    losses: Losses,
}

/// Where one item stands.
#[derive(Debug)]
struct Item {
    output_index: u64,
    /// What its open part is.
    open: Option<Open>,
    /// Whether anything of it was told.
    told: bool,
    /// Whether its open part got a piece.
    filled: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    /// A text or refusal, at its place in the message.
    Said(u64),
    Summary,
    Words,
    Call,
}

/// A frame, as far as any has it.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Wire<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    output_index: u64,
    content_index: u64,
    summary_index: u64,
    #[serde(borrow)]
    delta: Option<&'a RawValue>,
    #[serde(borrow)]
    text: Option<&'a RawValue>,
    #[serde(borrow)]
    refusal: Option<&'a RawValue>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    #[serde(borrow)]
    logprobs: Option<&'a RawValue>,
    #[serde(borrow)]
    annotation: Option<&'a RawValue>,
    #[serde(borrow)]
    item: Option<&'a RawValue>,
    #[serde(borrow)]
    response: Option<&'a RawValue>,
}

impl StreamDecoder for Decoder {
    fn decode(&mut self, frame: &Frame<'_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        let data = frame.data.trim_ascii();
        if self.ended {
            return Ok(());
        }
        // No event of this dialect, but some servers end with it all the same.
        if data.is_empty() || data == b"[DONE]" {
            out.push(Event::Ping);
            return Ok(());
        }
        let wire: Wire<'_> = serde_json::from_slice(data).map_err(|bad| {
            Malformed::body(format!("an event of the stream is not valid: {bad}"))
        })?;
        let kind = match (wire.kind.is_empty(), frame.event) {
            (true, Some(name)) => Cow::Owned(name.to_owned()),
            _ => wire.kind.clone(),
        };
        self.event(&kind, &wire, data, out)?;
        if !self.ended {
            self.sequence.advance(out);
        }
        Ok(())
    }

    fn finish(&mut self, _out: &mut Vec<Event>) {}

    fn losses(&self) -> &[Loss] {
        self.losses.as_slice()
    }

    fn unsaid_bytes(&self) -> u64 {
        self.unsaid
    }

    fn service_tier(&self) -> Option<&str> {
        self.tier.as_deref()
    }
}

impl Decoder {
    fn event(
        &mut self,
        kind: &str,
        wire: &Wire<'_>,
        data: &[u8],
        out: &mut Vec<Event>,
    ) -> Result<(), Malformed> {
        let (at, place) = (wire.output_index, Open::Said(wire.content_index));
        match kind {
            "response.created" | "response.in_progress" | "response.queued" => {
                self.start(wire.response, out)?;
            }
            "response.output_item.added" => self.begin(wire, out)?,
            "response.output_text.delta" => {
                self.text(at, place, Opening::Text, wire.delta)?;
                self.logprobs(wire.logprobs, out);
            }
            "response.output_text.done" => self.text_done(at, place, Opening::Text, wire.text)?,
            "response.refusal.delta" => self.text(at, place, Opening::Refusal, wire.delta)?,
            "response.refusal.done" => {
                self.text_done(at, place, Opening::Refusal, wire.refusal)?;
            }
            "response.output_text.annotation.added" => self.cite(wire, place)?,
            "response.reasoning_summary_part.added" if wire.summary_index > 0 => {
                self.piece(at, Open::Summary, Opening::Reasoning, BETWEEN.to_owned())?;
            }
            "response.reasoning_summary_text.delta" => {
                self.text(at, Open::Summary, Opening::Reasoning, wire.delta)?;
            }
            "response.reasoning_text.delta" => {
                self.text(at, Open::Words, Opening::Reasoning, wire.delta)?;
            }
            "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => {
                self.arguments(at, wire.delta)?;
            }
            "response.function_call_arguments.done" => self.arguments_done(at, wire.arguments)?,
            "response.custom_tool_call_input.done" => self.arguments_done(at, wire.input)?,
            "response.output_item.done" => self.item_done(wire, out)?,
            "response.completed" | "response.incomplete" | "response.cancelled" => {
                self.end(wire.response, out)?;
            }
            "response.failed" | "error" => {
                self.ended = true;
                out.push(Event::Error(failure(wire, data)));
            }
            "keepalive" | "ping" => out.push(Event::Ping),
            other => self.other(other, wire),
        }
        Ok(())
    }

    fn start(&mut self, raw: Option<&RawValue>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        let Some(raw) = raw else { return Ok(()) };
        let mut fields = Fields::of(raw, Path::ROOT.key("response"))?;
        self.tier = fields.string("service_tier")?.or(self.tier.take());
        if std::mem::replace(&mut self.started, true) {
            return Ok(());
        }
        out.push(Event::Start(Start {
            id: fields.string("id")?.unwrap_or_default(),
            model: fields.string("model")?.unwrap_or_default(),
            created: response::created(&mut fields),
            service_tier: self.tier.clone(),
        }));
        Ok(())
    }

    /// Servers that leave out `response.created` still tell an answer.
    fn ensure_started(&mut self, out: &mut Vec<Event>) {
        if !std::mem::replace(&mut self.started, true) {
            out.push(Event::Start(Start::default()));
        }
    }

    fn begin(&mut self, wire: &Wire<'_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        self.ensure_started(out);
        let index = wire.output_index;
        self.item(index)?;
        let Some(raw) = wire.item else { return Ok(()) };
        let kind = Fields::of(raw, Path::ROOT.key("item"))?.string("type")?;
        if !matches!(kind.as_deref(), Some("function_call" | "custom_tool_call")) {
            return Ok(());
        }
        let parts = item::read(raw, Path::ROOT.key("item"), &Names::default())?;
        if let Some(PartKind::ToolCall(call)) = parts.first().map(|part| &part.kind) {
            self.called = true;
            let (id, name, kind) = (call.id.clone(), call.name.clone(), call.kind);
            let opening = Opening::ToolCall { id, name, kind };
            self.open(index, Open::Call, opening)?;
        }
        Ok(())
    }

    /// The item at an index, which begins if it did not.
    fn item(&mut self, output_index: u64) -> Result<&mut Item, Malformed> {
        let known = |item: &Item| item.output_index == output_index;
        let place = match self.items.iter().rposition(known) {
            Some(place) => place,
            None if self.items.len() >= ITEMS_MAX => {
                let message = format!("must be of at most {ITEMS_MAX} items");
                return Err(Malformed::field("output", message));
            }
            None => {
                self.sequence.begin(output_index);
                self.items.push(Item {
                    output_index,
                    open: None,
                    told: false,
                    filled: false,
                });
                self.items.len() - 1
            }
        };
        self.items
            .get_mut(place)
            .ok_or_else(|| Malformed::field("output_index", "is not known"))
    }

    /// Opens a part, unless it is the one that is open.
    fn open(&mut self, index: u64, part: Open, opening: Opening) -> Result<(), Malformed> {
        let item = self.item(index)?;
        if item.open == Some(part) {
            return Ok(());
        }
        let was_open = item.open.replace(part).is_some();
        item.told = true;
        item.filled = false;
        if was_open {
            self.sequence.add(index, Step::Close)?;
        }
        self.sequence.add(index, Step::Open(opening))
    }

    fn close(&mut self, index: u64) -> Result<(), Malformed> {
        match self.item(index)?.open.take() {
            Some(_) => self.sequence.add(index, Step::Close),
            None => Ok(()),
        }
    }

    fn text(
        &mut self,
        index: u64,
        part: Open,
        opening: Opening,
        raw: Option<&RawValue>,
    ) -> Result<(), Malformed> {
        match raw.and_then(word).filter(|text| !text.is_empty()) {
            Some(text) => self.piece(index, part, opening, text),
            None => Ok(()),
        }
    }

    fn piece(
        &mut self,
        index: u64,
        part: Open,
        opening: Opening,
        text: String,
    ) -> Result<(), Malformed> {
        let reasoning = matches!(part, Open::Summary | Open::Words);
        // A summary beside the words themselves says them again.
        let open = self.item(index)?.open;
        if reasoning && open.is_some_and(|open| open != part) {
            return Ok(());
        }
        self.open(index, part, opening)?;
        self.item(index)?.filled = true;
        let delta = match reasoning {
            true => Delta::Reasoning(text),
            false => Delta::Text(text),
        };
        self.sequence.add(index, Step::Delta(delta))
    }

    /// A text is whole: told now, if it was not in pieces.
    fn text_done(
        &mut self,
        index: u64,
        part: Open,
        opening: Opening,
        raw: Option<&RawValue>,
    ) -> Result<(), Malformed> {
        let item = self.item(index)?;
        if item.open != Some(part) || !item.filled {
            self.text(index, part, opening, raw)?;
        }
        Ok(())
    }

    fn cite(&mut self, wire: &Wire<'_>, place: Open) -> Result<(), Malformed> {
        let Some(raw) = wire.annotation else {
            return Ok(());
        };
        self.open(wire.output_index, place, Opening::Text)?;
        let citation = Delta::Citation(Box::new(annotations::read(raw)));
        self.sequence.add(wire.output_index, Step::Delta(citation))
    }

    fn logprobs(&mut self, raw: Option<&RawValue>, out: &mut Vec<Event>) {
        let tokens = raw.and_then(|raw| serde_json::from_str::<Vec<TokenLogprob>>(raw.get()).ok());
        if let Some(tokens) = tokens.filter(|tokens| !tokens.is_empty()) {
            self.sequence.advance(out);
            out.push(Event::Logprobs {
                choice: 0,
                value: Logprobs {
                    content: Some(tokens),
                    refusal: None,
                },
            });
        }
    }

    fn arguments(&mut self, index: u64, raw: Option<&RawValue>) -> Result<(), Malformed> {
        let Some(text) = raw.and_then(word).filter(|text| !text.is_empty()) else {
            return Ok(());
        };
        let item = self.item(index)?;
        if item.open != Some(Open::Call) {
            return Ok(());
        }
        item.filled = true;
        self.sequence
            .add(index, Step::Delta(Delta::Arguments(text)))
    }

    fn arguments_done(&mut self, index: u64, raw: Option<&RawValue>) -> Result<(), Malformed> {
        match self.item(index)?.filled {
            true => Ok(()),
            false => self.arguments(index, raw),
        }
    }

    /// An item is whole. What proves its reasoning is known only now.
    fn item_done(&mut self, wire: &Wire<'_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        self.ensure_started(out);
        let index = wire.output_index;
        let Some(raw) = wire.item else { return Ok(()) };
        let parts = item::read(raw, Path::ROOT.key("item"), &Names::default())?;
        let item = self.item(index)?;
        match (item.told, item.open) {
            (false, _) => self.tell(index, parts)?,
            (true, Some(Open::Summary | Open::Words)) => {
                if let Some(PartKind::Reasoning(whole)) = parts.first().map(|part| &part.kind)
                    && let Some(proof) = whole.signature.clone().or(whole.encrypted.clone())
                {
                    let signature = Delta::Signature(proof);
                    self.sequence.add(index, Step::Delta(signature))?;
                }
            }
            (true, Some(Open::Call)) => {
                if let Some(PartKind::ToolCall(call)) = parts.first().map(|part| &part.kind)
                    && !self.item(index)?.filled
                    && !call.arguments.is_empty()
                {
                    let arguments = Delta::Arguments(call.arguments.clone());
                    self.sequence.add(index, Step::Delta(arguments))?;
                }
            }
            (true, Some(Open::Said(_)) | None) => {}
        }
        self.close(index)?;
        self.sequence.complete(index);
        Ok(())
    }

    /// Tells parts that were not told in pieces.
    fn tell(&mut self, index: u64, parts: Vec<Part>) -> Result<(), Malformed> {
        for part in parts {
            self.called |= matches!(part.kind, PartKind::ToolCall(_));
            for step in steps(part) {
                self.sequence.add(index, step)?;
            }
        }
        self.item(index)?.told = true;
        Ok(())
    }

    fn end(&mut self, raw: Option<&RawValue>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        let raw = raw.ok_or_else(|| Malformed::field("response", "is required"))?;
        self.start(Some(raw), out)?;
        let at = Path::ROOT.key("response");
        let mut fields = Fields::of(raw, at)?;
        let output = fields.list("output")?.unwrap_or_default();
        if self.items.is_empty() {
            let at = at.key("output");
            for (index, (n, raw)) in (0..).zip(output.into_iter().enumerate()) {
                self.item(index)?;
                let parts = item::read(raw, at.index(n), &Names::default())?;
                self.tell(index, parts)?;
            }
        }
        for index in self
            .items
            .iter()
            .map(|it| it.output_index)
            .collect::<Vec<_>>()
        {
            self.close(index)?;
        }
        self.sequence.complete_all();
        self.sequence.advance(out);
        let status = fields.string("status")?;
        let reason = response::incomplete_reason(&mut fields)?;
        out.push(Event::Stop {
            choice: 0,
            reason: response::stop(status.as_deref(), reason.as_deref(), self.called),
            sequence: None,
        });
        let counted = usage::read(fields.take("usage"), fields.peek("tool_usage"));
        out.extend(counted.map(Event::Usage));
        out.push(Event::End);
        self.ended = true;
        Ok(())
    }

    /// An event of a provider's own tools, or a new kind. What it generated is counted; its item follows whole.
    fn other(&mut self, kind: &str, wire: &Wire<'_>) {
        if kind.starts_with("response.audio") {
            self.losses.dropped("content.audio");
            return;
        }
        let text = wire.delta.and_then(word);
        self.unsaid += text.map_or(0, |text| text.len() as u64);
    }
}

/// What happens to a part that is told at once.
fn steps(mut part: Part) -> Vec<Step> {
    let citations = std::mem::take(&mut part.citations);
    let (opening, deltas) = match &mut part.kind {
        PartKind::Text(text) => (Opening::Text, vec![Delta::Text(std::mem::take(text))]),
        PartKind::Refusal(text) => (Opening::Refusal, vec![Delta::Text(std::mem::take(text))]),
        PartKind::Reasoning(reasoning) => match thought(std::mem::take(reasoning)) {
            Some(told) => told,
            None => return Vec::new(),
        },
        PartKind::ToolCall(call) => {
            let (id, name, kind) = (call.id.clone(), call.name.clone(), call.kind);
            let arguments = Delta::Arguments(std::mem::take(&mut call.arguments));
            (Opening::ToolCall { id, name, kind }, vec![arguments])
        }
        PartKind::Image(_)
        | PartKind::Audio(_)
        | PartKind::Video(_)
        | PartKind::File(_)
        | PartKind::ToolResult(_)
        | PartKind::Opaque(..) => (Opening::Whole(Box::new(part)), Vec::new()),
    };
    let cited = citations
        .into_iter()
        .map(|citation| Delta::Citation(Box::new(citation)));
    let mut steps = vec![Step::Open(opening)];
    steps.extend(deltas.into_iter().chain(cited).map(Step::Delta));
    steps.push(Step::Close);
    steps
}

/// Reasoning that is told at once; `None` where it says nothing.
fn thought(reasoning: Reasoning) -> Option<(Opening, Vec<Delta>)> {
    let proof = reasoning.signature.map(Delta::Signature);
    if reasoning.text.is_empty() && proof.is_none() {
        let sealed = reasoning.encrypted?;
        return Some((Opening::EncryptedReasoning(sealed), Vec::new()));
    }
    let text = Delta::Reasoning(reasoning.text);
    Some((
        Opening::Reasoning,
        std::iter::once(text).chain(proof).collect(),
    ))
}

/// The error that a frame reports.
fn failure(wire: &Wire<'_>, data: &[u8]) -> Error {
    let of_answer = |raw: &RawValue| {
        let fields = Fields::of(raw, Path::ROOT).ok()?;
        Some(response::failure(&fields, raw.get().as_bytes()))
    };
    wire.response
        .and_then(of_answer)
        .unwrap_or_else(|| response::read_failure(data))
}

/// A text, if it is one.
fn word(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}
