//! Frames into events. A part is opened with its first piece, so that an item which turns out to say nothing leaves no
//! trace; servers that tell only the whole of something are understood too.

mod items;
mod pieces;
mod wire;

use super::super::item::{self, BETWEEN};
use super::super::namespaces::Names;
use super::super::{response, usage};
use super::sequence::Sequence;
use crate::dialect::StreamDecoder;
use crate::dialect::fields::{Fields, Path};
use crate::ir::{Error, Event, Loss, Losses, Malformed, Opening, Start};
use crate::sse::Frame;
use items::{Item, Open};
use serde_json::value::RawValue;
use std::borrow::Cow;
use wire::Wire;

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
                return Ok(());
            }
            "keepalive" | "ping" => out.push(Event::Ping),
            kind if wire::repeats(kind) => {}
            other => {
                self.other(other, wire);
                return Ok(());
            }
        }
        self.losses.extend(wire.unknown());
        Ok(())
    }

    fn start(&mut self, raw: Option<&RawValue>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        let Some(raw) = raw else { return Ok(()) };
        let mut fields = Fields::of(raw, Path::ROOT.key("response"))?;
        self.losses
            .extend(response::unknown_members(fields.clone()));
        let tier = fields.string("service_tier")?;
        let news = tier.filter(|tier| self.tier.as_ref() != Some(tier));
        self.tier = news.clone().or(self.tier.take());
        // Until the answer is complete, "auto" is only what was asked for.
        let served = news.filter(|tier| tier != "auto");
        if std::mem::replace(&mut self.started, true) {
            out.extend(served.map(Event::ServiceTier));
            return Ok(());
        }
        out.push(Event::Start(Start {
            id: fields.string("id")?.unwrap_or_default(),
            model: fields.string("model")?.unwrap_or_default(),
            created: response::created(&mut fields),
            service_tier: served,
        }));
        Ok(())
    }

    /// Servers that leave out `response.created` still tell an answer.
    fn ensure_started(&mut self, out: &mut Vec<Event>) {
        if !std::mem::replace(&mut self.started, true) {
            out.push(Event::Start(Start::default()));
        }
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
                self.losses.extend(item::lost_in_pieces(&parts));
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

    /// An event of a provider's own tools, whose item follows whole, or a new kind. What it generated is counted.
    fn other(&mut self, kind: &str, wire: &Wire<'_>) {
        if kind.starts_with("response.audio") {
            self.losses.dropped("content.audio");
            return;
        }
        if !wire::is_of_own_tool(kind) {
            self.losses.dropped(kind);
        }
        let text = wire.delta.and_then(word);
        self.unsaid += text.map_or(0, |text| text.len() as u64);
    }
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
