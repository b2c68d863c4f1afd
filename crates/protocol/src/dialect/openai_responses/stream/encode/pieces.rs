//! Pieces of the open item: what was said more, and what its parts were in the end.

use super::super::frames::frame;
use super::Encoder;
use crate::dialect::freeform;
use crate::dialect::openai_responses::{ID, annotations, item, parts};
use crate::dialect::write::{self, Object};
use crate::ir::{CallKind, Citation, Delta, Json, Logprobs, PartKind, ToolCall};

impl Encoder {
    /// A frame about the last part of the open message, with the part.
    pub(super) fn content_part(&mut self, name: &str, out: &mut Vec<u8>) {
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

    pub(super) fn delta(&mut self, delta: &Delta, out: &mut Vec<u8>) {
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
                let n = part.citations.len();
                part.citations.push((**citation).clone());
                if annotations::is_bent(citation) {
                    self.losses.approximated("content.citations");
                }
                if !annotations::is_for_all(citation) {
                    self.cite(citation, n, characters, out);
                }
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

    /// Log probabilities of what was just told: they go out with a piece that adds nothing to it. Only a text has them here.
    pub(super) fn logprobs(&mut self, value: &Logprobs, out: &mut Vec<u8>) {
        let tokens = value.content.as_deref().unwrap_or_default();
        let open = self.open.as_mut().filter(|open| open.part_open);
        let text = open.filter(|open| {
            let last = open.parts.last();
            last.is_some_and(|part| matches!(part.kind, PartKind::Text(_)))
        });
        if parts::are_of_refusal(value) {
            self.losses.dropped("logprobs.refusal");
        }
        if text.is_none() && !tokens.is_empty() {
            self.losses.dropped("logprobs");
        }
        let Some(open) = text.filter(|_| !tokens.is_empty()) else {
            return;
        };
        open.logprobs.extend_from_slice(tokens);
        let written = parts::tokens(tokens);
        self.part_frame("response.output_text.delta", out, |o| {
            o.value("delta", "");
            o.value("logprobs", &written);
        });
    }

    fn cite(&mut self, citation: &Citation, n: usize, characters: u64, out: &mut Vec<u8>) {
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

    /// The open part is whole. A message may go on with another part, and what comes next tells whether a call is whole;
    /// reasoning is.
    pub(super) fn close_part(&mut self, out: &mut Vec<u8>) {
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
                let tokens = (!tokens.is_empty()).then(|| parts::tokens(&tokens));
                if let Some(tokens) = &tokens {
                    part.extra.note(ID, parts::LOGPROBS, tokens.clone());
                }
                let citations = part.citations.clone();
                self.close_text(&text, &citations, tokens.as_ref(), out);
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

    /// A text is whole, and with it what cites all of it.
    fn close_text(
        &mut self,
        text: &str,
        citations: &[Citation],
        tokens: Option<&Json>,
        out: &mut Vec<u8>,
    ) {
        let characters = text.chars().count() as u64;
        for (n, citation) in citations.iter().enumerate() {
            if annotations::is_for_all(citation) {
                self.cite(citation, n, characters, out);
            }
        }
        self.part_frame("response.output_text.done", out, |o| {
            o.value("text", text);
            match tokens {
                Some(tokens) => o.value("logprobs", tokens),
                None => o.list("logprobs", |_| {}),
            }
        });
        self.content_part("response.content_part.done", out);
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
    }
}

fn summary_part(o: &mut Object<'_>, text: &str) {
    o.value("type", "summary_text");
    o.value("text", text);
}
