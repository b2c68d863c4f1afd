//! Events into frames. Every piece is told, and then the whole of what it belongs to: its part, its item, the answer.

use super::super::echo::Asked;
use super::super::item::{self, Labels};
use super::super::response::{self, Head};
use super::super::{ID, annotations, parts};
use super::frames::{self, frame};
use crate::dialect::write::{self, Object};
use crate::dialect::{Reply, StreamEncoder, freeform};
use crate::ir::{
    CallKind, Citation, Delta, Error, Event, Extra, Json, Loss, Losses, Opening, Part, PartKind,
    Reasoning, Start, StopReason, TokenLogprob, ToolCall, Usage,
};

/// Writes a streamed answer.
#[derive(Debug)]
pub(in super::super) struct Encoder {
    reply: Reply,
    asked: Asked,
    start: Start,
    /// The number of the next frame.
    next: u64,
    open: Option<OpenItem>,
    /// The items so far, each as it was written last.
    items: Vec<Json>,
    stop: Option<StopReason>,
    usage: Option<(Usage, Option<String>)>,
    begun: bool,
    over: bool,
    losses: Losses,
}

/// The item that is being told.
#[derive(Debug)]
struct OpenItem {
    id: String,
    parts: Vec<Part>,
    /// Whether the last of them is.
    part_open: bool,
    logprobs: Vec<TokenLogprob>,
    /// The client declared this call's tool as one that takes free text, and the provider calls it as a function: its
    /// text stands in these arguments, once they are whole.
    wrapped: bool,
}

impl Encoder {
    pub(in super::super) fn new(reply: &Reply) -> Self {
        Self {
            asked: Asked::read(&reply.asked),
            reply: reply.clone(),
            start: Start::default(),
            next: 0,
            open: None,
            items: Vec::new(),
            stop: None,
            usage: None,
            begun: false,
            over: false,
            losses: Losses::default(),
        }
    }
}

impl StreamEncoder for Encoder {
    fn encode(&mut self, event: &Event, cost: Option<&str>, out: &mut Vec<u8>) {
        if self.over {
            return;
        }
        match event {
            Event::Start(start) => {
                self.start = start.clone();
                self.begin(out);
            }
            Event::Open {
                choice: 0, part, ..
            } => self.open(part, out),
            Event::Delta {
                choice: 0, delta, ..
            } => self.delta(delta, out),
            Event::Close { choice: 0, .. } => self.close_part(out),
            Event::Stop {
                choice: 0,
                reason,
                sequence,
            } => {
                let by_text = sequence.is_some();
                self.losses.extend(response::stop_losses(reason, by_text));
                self.close_item(out);
                self.stop = Some(reason.clone());
            }
            Event::Logprobs { choice: 0, value } => {
                let tokens = value.content.iter().flatten().cloned();
                match &mut self.open {
                    Some(open) => open.logprobs.extend(tokens),
                    None => self.losses.dropped("logprobs"),
                }
            }
            Event::Open { .. }
            | Event::Delta { .. }
            | Event::Close { .. }
            | Event::Stop { .. }
            | Event::Logprobs { .. } => self.losses.dropped("choices"),
            Event::Usage(usage) => self.usage = Some((*usage, cost.map(str::to_owned))),
            Event::Ping => out.extend_from_slice(super::super::DIALECT.keep_alive),
            Event::Error(error) => self.fail(error, out),
            Event::End => self.end(out),
        }
    }

    fn losses(&self) -> &[Loss] {
        self.losses.as_slice()
    }
}

impl Encoder {
    fn begin(&mut self, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        for name in ["response.created", "response.in_progress"] {
            self.answer(name, "in_progress", None, out);
        }
    }

    /// A frame with the answer as far as it is known.
    fn answer(&mut self, name: &str, status: &str, incomplete: Option<&str>, out: &mut Vec<u8>) {
        let (usage, cost) = match &self.usage {
            Some((usage, cost)) if status != "in_progress" => (Some(usage), cost.as_deref()),
            _ => (None, None),
        };
        let head = Head {
            status,
            incomplete,
            usage,
            cost,
            ..self.head()
        };
        let output = self.output();
        let number = self.next;
        frame(out, name, number, |o| {
            o.object("response", |o| {
                head.write(o, &output, &self.asked, &Extra::default());
            });
        });
        self.next += 1;
    }

    fn head(&self) -> Head<'_> {
        Head {
            id: response::response_id(&self.start.id, &self.reply),
            created: self.start.created.unwrap_or(self.reply.now),
            model: response::or(&self.start.model, &self.reply.model),
            status: "in_progress",
            incomplete: None,
            error: None,
            service_tier: self.start.service_tier.as_deref(),
            usage: None,
            cost: None,
        }
    }

    fn output(&self) -> Vec<u8> {
        let mut output = Vec::new();
        write::list(&mut output, |list| {
            for item in &self.items {
                list.value(item);
            }
        });
        output
    }

    fn open(&mut self, opening: &Opening, out: &mut Vec<u8>) {
        self.begin(out);
        let part = match opening {
            Opening::Text => Part::text(""),
            Opening::Refusal => Part::new(PartKind::Refusal(String::new())),
            Opening::Reasoning => Part::new(PartKind::Reasoning(Reasoning::default())),
            Opening::EncryptedReasoning(sealed) => Part::new(PartKind::Reasoning(Reasoning {
                encrypted: Some(sealed.clone()),
                ..Reasoning::default()
            })),
            Opening::ToolCall { id, name, kind } => {
                let wrapped = self.reply.freeform_tools.contains(name);
                Part::new(PartKind::ToolCall(ToolCall {
                    id: id.clone(),
                    name: name.clone(),
                    arguments: String::new(),
                    kind: if wrapped { CallKind::Freeform } else { *kind },
                }))
            }
            Opening::Whole(part) => return self.whole(part, out),
        };
        let is_said = matches!(part.kind, PartKind::Text(_) | PartKind::Refusal(_));
        if !(is_said && self.is_message_open()) {
            self.close_item(out);
            let wrapped = match opening {
                Opening::ToolCall { name, kind, .. } => {
                    *kind == CallKind::Function && self.reply.freeform_tools.contains(name)
                }
                _ => false,
            };
            self.open_item(&part, wrapped, out);
        }
        let Some(open) = &mut self.open else { return };
        open.parts.push(part);
        open.part_open = true;
        if is_said {
            self.content_part("response.content_part.added", out);
        }
    }

    fn is_message_open(&self) -> bool {
        let first = self.open.as_ref().and_then(|open| open.parts.first());
        first.is_some_and(|part| matches!(part.kind, PartKind::Text(_) | PartKind::Refusal(_)))
    }

    fn open_item(&mut self, part: &Part, wrapped: bool, out: &mut Vec<u8>) {
        let one = item::of_parts(std::slice::from_ref(part));
        let Some(one) = one.first() else { return };
        let id = response::item_id(one, self.items.len(), &self.reply);
        let written = match one {
            item::Item::Message(_) => empty_message(&id),
            item::Item::Reasoning(..) => empty_reasoning(&id),
            other => self.written(*other, &id, "in_progress"),
        };
        self.item_frame("response.output_item.added", &written, out);
        self.open = Some(OpenItem {
            id,
            parts: Vec::new(),
            part_open: false,
            logprobs: Vec::new(),
            wrapped,
        });
    }

    fn written(&self, one: item::Item<'_>, id: &str, status: &str) -> Json {
        let labels = Labels {
            id: Some(id),
            status: Some(status),
            names: &self.asked.names,
            logprobs: None,
        };
        let mut list = Vec::with_capacity(256);
        write::list(&mut list, |list| item::write(list, one, &labels));
        let inner = list.get(1..list.len().saturating_sub(1));
        let text = String::from_utf8_lossy(inner.unwrap_or_default()).into_owned();
        let mut json = Json::parse(text).unwrap_or_else(|_| Json::null());
        if let (item::Item::Call(_, call), "in_progress") = (one, status)
            && call.arguments.is_empty()
        {
            // What it is called with is still to come.
            json = Json::parse(
                json.get()
                    .replacen(r#""arguments":"{}""#, r#""arguments":"""#, 1),
            )
            .unwrap_or(json);
        }
        json
    }

    fn item_frame(&mut self, name: &str, item: &Json, out: &mut Vec<u8>) {
        frame(out, name, self.next, |o| {
            o.value("output_index", &self.items.len());
            o.value("item", item);
        });
        self.next += 1;
    }

    /// A part that is complete at once.
    fn whole(&mut self, part: &Part, out: &mut Vec<u8>) {
        self.close_item(out);
        let one = item::of_parts(std::slice::from_ref(part));
        let Some(one) = one.first() else { return };
        if matches!(one, item::Item::Unsayable(_)) {
            return self.losses.note(response::unsayable(part));
        }
        let id = response::item_id(one, self.items.len(), &self.reply);
        for (name, status) in [
            ("response.output_item.added", "in_progress"),
            ("response.output_item.done", "completed"),
        ] {
            let written = self.written(*one, &id, status);
            self.item_frame(name, &written, out);
        }
        let written = self.written(*one, &id, "completed");
        self.items.push(written);
    }

    /// A frame about the last part of the open message, with the part.
    fn content_part(&mut self, name: &str, out: &mut Vec<u8>) {
        let Some(part) = self.open.as_ref().and_then(|open| open.parts.last()) else {
            return;
        };
        let mut written = Vec::with_capacity(128);
        write::list(&mut written, |list| parts::write_said(list, part, None));
        let inner = written.get(1..written.len().saturating_sub(1));
        let part = inner.unwrap_or_default().to_vec();
        self.part_frame(name, out, |o| o.written("part", &part));
    }

    /// A frame about the last part of the open message.
    fn part_frame(&mut self, name: &str, out: &mut Vec<u8>, fill: impl FnOnce(&mut Object<'_>)) {
        let last = self.open.as_ref().map_or(0, |open| open.parts.len());
        self.piece(name, out, |o| {
            o.value("content_index", &last.saturating_sub(1));
            fill(o);
        });
    }

    /// A frame about the open item.
    fn piece(&mut self, name: &str, out: &mut Vec<u8>, fill: impl FnOnce(&mut Object<'_>)) {
        let Some(open) = &self.open else { return };
        frame(out, name, self.next, |o| {
            o.value("item_id", &open.id);
            o.value("output_index", &self.items.len());
            fill(o);
        });
        self.next += 1;
    }

    fn delta(&mut self, delta: &Delta, out: &mut Vec<u8>) {
        let open = self.open.as_mut().filter(|open| open.part_open);
        let Some(open) = open else { return };
        let wrapped = open.wrapped;
        let Some(part) = open.parts.last_mut() else {
            return;
        };
        match (&mut part.kind, delta) {
            (PartKind::Text(text), Delta::Text(more)) => {
                text.push_str(more);
                self.part_frame("response.output_text.delta", out, |o| {
                    o.value("delta", more);
                    o.list("logprobs", |_| {});
                });
            }
            (PartKind::Refusal(text), Delta::Text(more)) => {
                text.push_str(more);
                self.part_frame("response.refusal.delta", out, |o| o.value("delta", more));
            }
            (PartKind::Text(text), Delta::Citation(citation)) => {
                let characters = text.chars().count() as u64;
                part.citations.push((**citation).clone());
                let n = part.citations.len() - 1;
                self.cite(citation, n, characters, out);
            }
            (PartKind::Reasoning(reasoning), Delta::Reasoning(more)) => {
                let first = reasoning.text.is_empty();
                reasoning.text.push_str(more);
                if first {
                    self.summary("response.reasoning_summary_part.added", out, |o| {
                        o.object("part", |o| summary_part(o, ""));
                    });
                }
                self.summary("response.reasoning_summary_text.delta", out, |o| {
                    o.value("delta", more);
                });
            }
            (PartKind::Reasoning(reasoning), Delta::Signature(more)) => {
                match &mut reasoning.signature {
                    Some(signature) => signature.value.push_str(&more.value),
                    none => *none = Some(more.clone()),
                }
            }
            (PartKind::ToolCall(call), Delta::Arguments(more)) => {
                call.arguments.push_str(more);
                let kind = call.kind;
                if !wrapped {
                    self.arguments(kind, more, out);
                }
            }
            (_, _) => {}
        }
    }

    fn cite(&mut self, citation: &Citation, n: usize, characters: u64, out: &mut Vec<u8>) {
        if annotations::is_bent(citation) {
            self.losses.approximated("content.citations");
        }
        let written = annotations::write(citation, characters).into_owned();
        let name = "response.output_text.annotation.added";
        self.part_frame(name, out, |o| {
            o.value("annotation_index", &n);
            o.value("annotation", &written);
        });
    }

    fn summary(&mut self, name: &str, out: &mut Vec<u8>, fill: impl FnOnce(&mut Object<'_>)) {
        self.piece(name, out, |o| {
            o.value("summary_index", &0);
            fill(o);
        });
    }

    fn arguments(&mut self, kind: CallKind, piece: &str, out: &mut Vec<u8>) {
        if piece.is_empty() {
            return;
        }
        let name = match kind {
            CallKind::Function => "response.function_call_arguments.delta",
            CallKind::Freeform => "response.custom_tool_call_input.delta",
        };
        self.piece(name, out, |o| o.value("delta", piece));
    }

    /// The open part is whole. A message may go on with another part; every other item is whole too.
    fn close_part(&mut self, out: &mut Vec<u8>) {
        let open = self.open.as_mut().filter(|open| open.part_open);
        let Some(open) = open else { return };
        open.part_open = false;
        let tokens = std::mem::take(&mut open.logprobs);
        let wrapped = open.wrapped;
        let Some(part) = open.parts.last_mut() else {
            return;
        };
        match &mut part.kind {
            PartKind::Text(text) => {
                let text = text.clone();
                if !tokens.is_empty() {
                    part.extra.note(ID, parts::LOGPROBS, Json::of(&tokens));
                }
                self.part_frame("response.output_text.done", out, |o| {
                    o.value("text", &text);
                    o.value("logprobs", &tokens);
                });
                self.content_part("response.content_part.done", out);
            }
            PartKind::Refusal(text) => {
                let text = text.clone();
                self.part_frame("response.refusal.done", out, |o| o.value("refusal", &text));
                self.content_part("response.content_part.done", out);
            }
            PartKind::Reasoning(reasoning) => {
                let text = reasoning.text.clone();
                self.close_reasoning(&text, out);
            }
            PartKind::ToolCall(call) => {
                if wrapped {
                    call.arguments = freeform::unwrap(&call.arguments);
                }
                let (call, told) = (call.clone(), !wrapped);
                self.close_call(&call, told, out);
            }
            PartKind::Image(_)
            | PartKind::Audio(_)
            | PartKind::Video(_)
            | PartKind::File(_)
            | PartKind::ToolResult(_)
            | PartKind::Opaque(..) => {}
        }
    }

    fn close_reasoning(&mut self, text: &str, out: &mut Vec<u8>) {
        if !text.is_empty() {
            self.summary("response.reasoning_summary_text.done", out, |o| {
                o.value("text", text);
            });
            self.summary("response.reasoning_summary_part.done", out, |o| {
                o.object("part", |o| summary_part(o, text));
            });
        }
        self.close_item(out);
    }

    /// `told` says whether its arguments went out in pieces.
    fn close_call(&mut self, call: &ToolCall, told: bool, out: &mut Vec<u8>) {
        let arguments = item::arguments(call);
        if !told || call.arguments.is_empty() {
            self.arguments(call.kind, &arguments, out);
        }
        match call.kind {
            CallKind::Function => {
                let name = self.asked.names.split(&call.name);
                let name = name.map_or(call.name.as_str(), |(_, name)| name).to_owned();
                self.piece("response.function_call_arguments.done", out, |o| {
                    o.value("name", &name);
                    o.value("arguments", &*arguments);
                });
            }
            CallKind::Freeform => {
                self.piece("response.custom_tool_call_input.done", out, |o| {
                    o.value("input", &*arguments);
                });
            }
        }
        self.close_item(out);
    }

    fn close_item(&mut self, out: &mut Vec<u8>) {
        self.close_part(out);
        let Some(open) = self.open.take() else { return };
        let items = item::of_parts(&open.parts);
        let Some(one) = items.first() else { return };
        let written = self.written(*one, &open.id, "completed");
        self.item_frame("response.output_item.done", &written, out);
        self.items.push(written);
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.begin(out);
        self.close_item(out);
        let stop = self.stop.take();
        let (status, incomplete) = response::status(stop.as_ref());
        let name = match status {
            "incomplete" => "response.incomplete",
            _ => "response.completed",
        };
        self.answer(name, status, incomplete, out);
        self.over = true;
    }

    fn fail(&mut self, error: &Error, out: &mut Vec<u8>) {
        self.over = true;
        let head = Head {
            status: "failed",
            error: Some(error),
            ..self.head()
        };
        frames::failed(out, self.next, &head, &self.output(), &self.asked);
    }
}

fn summary_part(o: &mut Object<'_>, text: &str) {
    o.value("type", "summary_text");
    o.value("text", text);
}

/// A message that nothing was said in yet.
fn empty_message(id: &str) -> Json {
    Json::of(&serde_json::json!({
        "type": "message", "id": id, "status": "in_progress", "role": "assistant", "content": [],
    }))
}

/// Reasoning that nothing is known of yet.
fn empty_reasoning(id: &str) -> Json {
    Json::of(&serde_json::json!({ "type": "reasoning", "id": id, "summary": [] }))
}
