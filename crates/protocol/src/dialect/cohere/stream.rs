//! Reads a stream into events. <https://docs.cohere.com/docs/streaming> (2026-11)

use super::wire::{self, Ending, WireUsage};
use super::{citations, error, logprobs, tool_plan};
use crate::dialect::codec::StreamDecoder;
use crate::dialect::fields::{Fields, Path};
use crate::dialect::members::{self, Member, Object, Unread};
use crate::ir::{CallKind, Delta, Event, Loss, Losses, Malformed, Opening, Start};
use crate::sse::Frame;
use serde::Deserialize;
use serde::de::MapAccess;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Reads the stream of one exchange.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    started: bool,
    over: bool,
    /// The last part, which stays open until something else comes: citations follow the text that they are of.
    open: Option<Open>,
    /// How many parts were opened so far.
    parts: u32,
    called: bool,
    losses: Losses,
}

#[derive(Debug)]
struct Open {
    index: u32,
    what: What,
}

/// What the open part is, and which of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Plan,
    Text(u64),
    Thinking(u64),
    Call(u64),
}

impl StreamDecoder for Decoder {
    fn decode(&mut self, frame: &Frame<'_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        if self.over || frame.data.is_empty() || frame.data.as_ref() == b"[DONE]" {
            return Ok(());
        }
        let data = &frame.data;
        let wire: Wire<'_> = members::read(data)
            .map_err(|bad| Malformed::body(format!("a stream's event is not JSON: {bad}")))?;
        let Some(kind) = wire.kind else {
            return self.untyped(data, out);
        };
        let at = wire.index.unwrap_or(0);
        let delta = wire.delta.unwrap_or_default();
        let message = delta.message.unwrap_or_default();
        wire.unread.note("", &mut self.losses);
        delta.unread.note("", &mut self.losses);
        message.unread.note("message.", &mut self.losses);
        match &*kind {
            "message-start" => self.start(wire.id, out),
            "tool-plan-delta" => {
                let text = message.tool_plan.unwrap_or_default();
                self.say(What::Plan, Delta::Reasoning(text), out);
            }
            "content-start" | "content-delta" => {
                self.content(&kind, at, message.content, out)?;
                if let Some(value) = wire.logprobs.and_then(|item| logprobs::read(vec![item])) {
                    out.push(Event::Logprobs { choice: 0, value });
                }
            }
            "tool-call-start" | "tool-call-delta" => {
                self.call(&kind, at, message.tool_calls, out)?;
            }
            "citation-start" => self.cite(message.citations, out),
            "message-end" => {
                let usage = delta.usage.map(|raw| self.usage(raw)).transpose()?;
                self.end(delta.finish_reason, delta.error, usage, out);
            }
            // What ends a part is the next one.
            "content-end" | "tool-call-end" | "citation-end" => {}
            // New kinds of event may come at any time.
            other => self.losses.dropped(other),
        }
        Ok(())
    }

    fn finish(&mut self, _out: &mut Vec<Event>) {}

    fn losses(&self) -> &[Loss] {
        self.losses.as_slice()
    }
}

impl Decoder {
    /// What has no type is an error, in the shape that whole bodies have.
    fn untyped(&mut self, data: &[u8], out: &mut Vec<Event>) -> Result<(), Malformed> {
        if error::sentence(data).is_none() {
            return Err(Malformed::field("type", "is required in a stream's event"));
        }
        self.over = true;
        out.push(Event::Error(error::decode(200, data)));
        Ok(())
    }

    fn start(&mut self, id: Option<String>, out: &mut Vec<Event>) {
        if !std::mem::replace(&mut self.started, true) {
            out.push(Event::Start(Start {
                id: id.unwrap_or_default(),
                ..Start::default()
            }));
        }
    }

    fn content(
        &mut self,
        kind: &str,
        at: u64,
        content: Option<&RawValue>,
        out: &mut Vec<Event>,
    ) -> Result<(), Malformed> {
        // At its beginning a message has an empty list.
        let Some(raw) = content.filter(|raw| raw.get().starts_with('{')) else {
            return Ok(());
        };
        let content: Content<'_> = object(kind, raw)?;
        let thinks = content.kind.as_deref() == Some("thinking") || content.thinking.is_some();
        match content.kind.as_deref() {
            None | Some("text" | "thinking") => {}
            Some(other) => {
                self.losses.dropped(format!("content.{other}"));
                return Ok(());
            }
        }
        content.unread.note("content.", &mut self.losses);
        let (what, delta) = if thinks {
            let text = content.thinking.unwrap_or_default();
            (What::Thinking(at), Delta::Reasoning(text))
        } else {
            let text = content.text.unwrap_or_default();
            (What::Text(at), Delta::Text(text))
        };
        self.say(what, delta, out);
        Ok(())
    }

    fn usage(&mut self, raw: &RawValue) -> Result<WireUsage, Malformed> {
        let mut counts = Fields::of(raw, Path::ROOT)?;
        for known in wire::USAGE_MEMBERS {
            counts.take(known);
        }
        self.losses.extend(counts.lost("usage."));
        read("message-end", raw)
    }

    fn call(
        &mut self,
        kind: &str,
        at: u64,
        call: Option<&RawValue>,
        out: &mut Vec<Event>,
    ) -> Result<(), Malformed> {
        let Some(raw) = call.filter(|raw| raw.get().starts_with('{')) else {
            return Ok(());
        };
        let call: Call<'_> = object(kind, raw)?;
        let function = call.function.unwrap_or_default();
        call.unread.note("content.", &mut self.losses);
        function.unread.note("content.function.", &mut self.losses);
        if kind == "tool-call-start" {
            self.called = true;
            let part = Opening::ToolCall {
                id: call.id.unwrap_or_default(),
                name: function.name.unwrap_or_default(),
                kind: CallKind::Function,
            };
            self.open(What::Call(at), part, out);
        } else if self.open.as_ref().map(|open| open.what) != Some(What::Call(at)) {
            return Err(Malformed::body(format!(
                "a stream's `tool-call-delta` is for call {at}, which is not open"
            )));
        }
        let arguments = function.arguments.unwrap_or_default();
        self.say(What::Call(at), Delta::Arguments(arguments), out);
        Ok(())
    }

    /// A citation of a text that is open no longer cannot be put to it.
    fn cite(&mut self, raw: Option<&RawValue>, out: &mut Vec<Event>) {
        let found = raw.and_then(citations::read);
        match (found, &self.open) {
            (
                Some(found),
                Some(Open {
                    index,
                    what: What::Text(block),
                }),
            ) if found.block.is_none_or(|of| of == *block) => {
                out.extend(found.each.into_iter().map(|citation| Event::Delta {
                    choice: 0,
                    index: *index,
                    delta: Delta::Citation(Box::new(citation)),
                }));
            }
            _ => self.losses.dropped("citations"),
        }
    }

    /// Adds to a part, which is opened where it is not.
    fn say(&mut self, what: What, delta: Delta, out: &mut Vec<Event>) {
        let text = match &delta {
            Delta::Text(text) | Delta::Reasoning(text) | Delta::Arguments(text) => text,
            Delta::Signature(_) | Delta::Citation(_) => return,
        };
        if text.is_empty() {
            return;
        }
        if self.open.as_ref().map(|open| open.what) != Some(what) {
            let part = match what {
                What::Text(_) => Opening::Text,
                What::Plan | What::Thinking(_) | What::Call(_) => Opening::Reasoning,
            };
            self.open(what, part, out);
        }
        if let Some(open) = &self.open {
            out.push(Event::Delta {
                choice: 0,
                index: open.index,
                delta,
            });
        }
    }

    fn open(&mut self, what: What, part: Opening, out: &mut Vec<Event>) {
        self.start(None, out);
        self.close(out);
        let index = self.parts;
        self.parts = self.parts.saturating_add(1);
        self.open = Some(Open { index, what });
        out.push(Event::Open {
            choice: 0,
            index,
            part,
        });
    }

    fn close(&mut self, out: &mut Vec<Event>) {
        let Some(Open { index, what }) = self.open.take() else {
            return;
        };
        if what == What::Plan {
            out.push(Event::Delta {
                choice: 0,
                index,
                delta: Delta::Signature(tool_plan()),
            });
        }
        out.push(Event::Close { choice: 0, index });
    }

    fn end(
        &mut self,
        reason: Option<String>,
        said: Option<String>,
        usage: Option<WireUsage>,
        out: &mut Vec<Event>,
    ) {
        self.start(None, out);
        self.close(out);
        self.over = true;
        let usage = usage.map(|usage| Event::Usage(usage.into_usage()));
        match wire::ending(reason.as_deref(), self.called, said) {
            Ending::Stopped(reason) => {
                out.push(Event::Stop {
                    choice: 0,
                    reason,
                    sequence: None,
                });
                out.extend(usage);
                out.push(Event::End);
            }
            Ending::Failed(error) => {
                out.extend(usage);
                out.push(Event::Error(error));
            }
        }
    }
}

fn read<'a, T: Deserialize<'a>>(kind: &str, raw: &'a RawValue) -> Result<T, Malformed> {
    serde_json::from_str(raw.get()).map_err(|bad| wrong(kind, &bad))
}

fn object<'a, T: Object<'a>>(kind: &str, raw: &'a RawValue) -> Result<T, Malformed> {
    members::read(raw.get().as_bytes()).map_err(|bad| wrong(kind, &bad))
}

fn wrong(kind: &str, bad: &serde_json::Error) -> Malformed {
    Malformed::body(format!("a stream's `{kind}` is not as promised: {bad}"))
}

#[derive(Default)]
struct Wire<'a> {
    kind: Option<Cow<'a, str>>,
    id: Option<String>,
    index: Option<u64>,
    delta: Option<WireDelta<'a>>,
    logprobs: Option<logprobs::Item>,
    unread: Unread<'a>,
}

impl<'a> Object<'a> for Wire<'a> {
    fn member<A: MapAccess<'a>>(&mut self, it: Member<'_, 'a, A>) -> Result<(), A::Error> {
        match it.name() {
            "type" => it.text(&mut self.kind),
            "id" => it.read(&mut self.id),
            "index" => it.read(&mut self.index),
            "delta" => it.object(&mut self.delta),
            "logprobs" => it.read(&mut self.logprobs),
            _ => it.keep(&mut self.unread),
        }
    }
}

#[derive(Default)]
struct WireDelta<'a> {
    message: Option<Message<'a>>,
    finish_reason: Option<String>,
    error: Option<String>,
    usage: Option<&'a RawValue>,
    unread: Unread<'a>,
}

impl<'a> Object<'a> for WireDelta<'a> {
    fn member<A: MapAccess<'a>>(&mut self, it: Member<'_, 'a, A>) -> Result<(), A::Error> {
        match it.name() {
            "message" => it.object(&mut self.message),
            "finish_reason" => it.read(&mut self.finish_reason),
            "error" => it.read(&mut self.error),
            "usage" => it.read(&mut self.usage),
            _ => it.keep(&mut self.unread),
        }
    }
}

/// The members that deltas have, each of another shape at the message's beginning.
#[derive(Default)]
struct Message<'a> {
    content: Option<&'a RawValue>,
    tool_plan: Option<String>,
    tool_calls: Option<&'a RawValue>,
    citations: Option<&'a RawValue>,
    unread: Unread<'a>,
}

impl<'a> Object<'a> for Message<'a> {
    fn member<A: MapAccess<'a>>(&mut self, it: Member<'_, 'a, A>) -> Result<(), A::Error> {
        match it.name() {
            "content" => it.read(&mut self.content),
            "tool_plan" => it.read(&mut self.tool_plan),
            "tool_calls" => it.read(&mut self.tool_calls),
            "citations" => it.read(&mut self.citations),
            "role" => it.skip(),
            _ => it.keep(&mut self.unread),
        }
    }
}

#[derive(Default)]
struct Content<'a> {
    kind: Option<Cow<'a, str>>,
    text: Option<String>,
    thinking: Option<String>,
    unread: Unread<'a>,
}

impl<'a> Object<'a> for Content<'a> {
    fn member<A: MapAccess<'a>>(&mut self, it: Member<'_, 'a, A>) -> Result<(), A::Error> {
        match it.name() {
            "type" => it.text(&mut self.kind),
            "text" => it.read(&mut self.text),
            "thinking" => it.read(&mut self.thinking),
            _ => it.keep(&mut self.unread),
        }
    }
}

#[derive(Default)]
struct Call<'a> {
    id: Option<String>,
    function: Option<Function<'a>>,
    unread: Unread<'a>,
}

impl<'a> Object<'a> for Call<'a> {
    fn member<A: MapAccess<'a>>(&mut self, it: Member<'_, 'a, A>) -> Result<(), A::Error> {
        match it.name() {
            "id" => it.read(&mut self.id),
            "function" => it.object(&mut self.function),
            "type" => it.skip(),
            _ => it.keep(&mut self.unread),
        }
    }
}

#[derive(Default)]
struct Function<'a> {
    name: Option<String>,
    arguments: Option<String>,
    unread: Unread<'a>,
}

impl<'a> Object<'a> for Function<'a> {
    fn member<A: MapAccess<'a>>(&mut self, it: Member<'_, 'a, A>) -> Result<(), A::Error> {
        match it.name() {
            "name" => it.read(&mut self.name),
            "arguments" => it.read(&mut self.arguments),
            _ => it.keep(&mut self.unread),
        }
    }
}
