//! Streamed answers: one part of the protocol per event. the package `@ai-sdk/provider` 4.0.38, <https://ai-sdk.dev/docs/foundations/providers-and-models>
//! (2026-11), `LanguageModelV4StreamPart`. A part is told of when it begins, grows and ends; a call is told once more as a
//! whole. `finish` comes last, since usage may come after why the answer ended.

use super::citations::{self, Offsets, Sources};
use super::metadata::{OfAnswer, OfPart};
use super::response::{self, or};
use super::{error, seal, usage, warnings};
use crate::dialect::write::{self, Object};
use crate::dialect::{Reply, StreamEncoder, freeform};
use crate::ir::{
    CallKind, Citation, Delta, Error, Event, Logprobs, Loss, Losses, Opening, Part, PartKind,
    Reasoning, Start, StopReason, ToolCall, Usage,
};

/// Writes the stream of one exchange.
#[derive(Debug)]
pub(super) struct Encoder {
    reply: Reply,
    begun: bool,
    service_tier: Option<String>,
    /// How many parts were begun: their ids count up.
    parts: u32,
    open: Open,
    /// A signature without reasoning: it stands beside the part that comes next.
    waiting: Option<Reasoning>,
    /// Whether our id of the answer was told beside a part.
    told_id: bool,
    called: bool,
    sources: Sources,
    logprobs: Option<Logprobs>,
    stop: Option<(StopReason, Option<String>)>,
    usage: Option<Usage>,
    cost: Option<String>,
    losses: Losses,
}

/// The part that is open.
#[derive(Debug, Default)]
enum Open {
    #[default]
    None,
    Text {
        id: String,
        offsets: Offsets,
        citations: Vec<Citation>,
    },
    Reasoning {
        /// None until there is something to show.
        id: Option<String>,
        sealed: Reasoning,
    },
    Call {
        call: ToolCall,
        sealed: Option<Reasoning>,
    },
}

impl Encoder {
    pub(super) fn new(reply: &Reply) -> Self {
        Self {
            reply: reply.clone(),
            begun: false,
            service_tier: None,
            parts: 0,
            open: Open::None,
            waiting: None,
            told_id: false,
            called: false,
            sources: Sources::default(),
            logprobs: None,
            stop: None,
            usage: None,
            cost: None,
            losses: Losses::default(),
        }
    }
}

impl StreamEncoder for Encoder {
    fn encode(&mut self, event: &Event, cost: Option<&str>, out: &mut Vec<u8>) {
        match event {
            Event::Start(start) => self.begin(start, out),
            Event::Open {
                choice: 0, part, ..
            } => self.open(part, out),
            Event::Delta {
                choice: 0, delta, ..
            } => self.add(delta, out),
            Event::Close { choice: 0, .. } => self.close(out),
            Event::Logprobs { choice: 0, value } => self.more_logprobs(value),
            Event::Stop {
                choice: 0,
                reason,
                sequence,
            } => {
                self.flush(out);
                self.stop = Some((reason.clone(), sequence.clone()));
            }
            Event::Open { .. }
            | Event::Delta { .. }
            | Event::Close { .. }
            | Event::Logprobs { .. }
            | Event::Stop { .. } => self.losses.dropped("choices"),
            Event::ServiceTier(tier) => self.service_tier = Some(tier.clone()),
            Event::Usage(usage) => {
                self.usage = Some(*usage);
                self.cost = cost.map(str::to_owned);
            }
            Event::Ping => out.extend_from_slice(super::DIALECT.keep_alive),
            Event::Error(error) => {
                out.extend_from_slice(&error_frame(error, &self.reply.request_id));
            }
            Event::End => self.end(out),
        }
    }

    fn losses(&self) -> &[Loss] {
        self.losses.as_slice()
    }
}

impl Encoder {
    fn begin(&mut self, start: &Start, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        frame(out, "stream-start", |o| {
            warnings::write(o, &self.reply.lost);
        });
        frame(out, "response-metadata", |o| {
            o.value("id", or(&start.id, &self.reply.request_id));
            o.some("timestamp", response::timestamp(start.created));
            o.value("modelId", or(&start.model, &self.reply.model));
        });
        self.service_tier.clone_from(&start.service_tier);
    }

    fn open(&mut self, part: &Opening, out: &mut Vec<u8>) {
        self.begin(&Start::default(), out);
        match part {
            Opening::Text => self.open_text(false, out),
            Opening::Refusal => self.open_text(true, out),
            Opening::Reasoning => {
                self.open = Open::Reasoning {
                    id: None,
                    sealed: Reasoning::default(),
                };
            }
            Opening::EncryptedReasoning(data) => {
                let sealed = Reasoning {
                    encrypted: Some(data.clone()),
                    ..Reasoning::default()
                };
                let id = Some(self.begin_reasoning(&sealed, out));
                self.open = Open::Reasoning { id, sealed };
            }
            Opening::ToolCall { id, name, kind } => self.open_call(id, name, *kind, out),
            Opening::Whole(part) => self.whole(part, out),
        }
    }

    fn open_text(&mut self, refusal: bool, out: &mut Vec<u8>) {
        let sealed = self.waiting.take();
        let id = self.next_id();
        let generation = self.untold_id();
        frame(out, "text-start", |o| {
            o.value("id", &id);
            let of = OfPart {
                generation: generation.as_deref(),
                sealed: sealed.as_ref(),
                refusal,
            };
            of.write(o);
        });
        self.open = Open::Text {
            id,
            offsets: Offsets::default(),
            citations: Vec::new(),
        };
    }

    fn open_call(&mut self, id: &str, name: &str, kind: CallKind, out: &mut Vec<u8>) {
        let text = kind == CallKind::Freeform || self.is_freeform(name);
        let generation = self.untold_id();
        frame(out, "tool-input-start", |o| {
            o.value("id", id);
            o.value("toolName", name);
            o.some("inputEncoding", text.then_some("text"));
            OfPart::told(generation.as_deref()).write(o);
        });
        self.called = true;
        self.open = Open::Call {
            call: ToolCall {
                id: id.to_owned(),
                name: name.to_owned(),
                arguments: String::new(),
                kind,
            },
            sealed: self.waiting.take(),
        };
    }

    fn whole(&mut self, part: &Part, out: &mut Vec<u8>) {
        self.flush(out);
        if let Some(field) = response::unsayable(&part.kind) {
            return self.losses.dropped(field);
        }
        if let PartKind::Image(media)
        | PartKind::Audio(media)
        | PartKind::Video(media)
        | PartKind::File(media) = &part.kind
        {
            let generation = self.untold_id();
            written(out, |o| {
                response::file(o, &part.kind, media);
                OfPart::told(generation.as_deref()).write(o);
            });
        }
    }

    fn add(&mut self, delta: &Delta, out: &mut Vec<u8>) {
        match delta {
            Delta::Text(text) => {
                if let Open::Text { id, offsets, .. } = &mut self.open {
                    offsets.push(text);
                    delta_frame(out, "text-delta", id, text);
                }
            }
            Delta::Citation(citation) => self.cite(citation, out),
            Delta::Reasoning(text) => self.think(text, out),
            Delta::Signature(more) => {
                if let Open::Reasoning { sealed, .. } = &mut self.open {
                    match &mut sealed.signature {
                        Some(signature) => signature.value.push_str(&more.value),
                        none => *none = Some(more.clone()),
                    }
                }
            }
            Delta::Arguments(text) => {
                let freeform = &self.reply.freeform_tools;
                if let Open::Call { call, .. } = &mut self.open {
                    call.arguments.push_str(text);
                    // The text of a wrapped call stands in its arguments, once they are whole.
                    let wrapped = call.kind == CallKind::Function && freeform.contains(&call.name);
                    if !wrapped && !text.is_empty() {
                        delta_frame(out, "tool-input-delta", &call.id, text);
                    }
                }
            }
        }
    }

    fn cite(&mut self, citation: &Citation, out: &mut Vec<u8>) {
        if let Some(number) = self.sources.add(&citation.source) {
            written(out, |o| citations::source(o, &citation.source, number));
        }
        if let Open::Text { citations, .. } = &mut self.open {
            citations.push(citation.clone());
        }
    }

    fn think(&mut self, text: &str, out: &mut Vec<u8>) {
        if text.is_empty() {
            return;
        }
        if let Open::Reasoning { id: None, .. } = &self.open {
            let begun = self.begin_reasoning(&Reasoning::default(), out);
            if let Open::Reasoning { id, .. } = &mut self.open {
                *id = Some(begun);
            }
        }
        if let Open::Reasoning { id: Some(id), .. } = &self.open {
            delta_frame(out, "reasoning-delta", id, text);
        }
    }

    fn begin_reasoning(&mut self, sealed: &Reasoning, out: &mut Vec<u8>) -> String {
        self.flush(out);
        let id = self.next_id();
        let generation = self.untold_id();
        frame(out, "reasoning-start", |o| {
            o.value("id", &id);
            let of = OfPart {
                generation: generation.as_deref(),
                sealed: Some(sealed),
                refusal: false,
            };
            of.write(o);
        });
        id
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        match std::mem::take(&mut self.open) {
            Open::None => {}
            Open::Text {
                id,
                offsets,
                citations,
            } => frame(out, "text-end", |o| {
                o.value("id", &id);
                self.sources.write(o, &citations, &offsets);
            }),
            Open::Reasoning {
                id: Some(id),
                sealed,
            } => end_reasoning(out, &id, &sealed),
            Open::Reasoning { id: None, sealed } => {
                if seal::is_sealed(&sealed) {
                    self.flush(out);
                    self.waiting = Some(sealed);
                }
            }
            Open::Call { call, sealed } => self.end_call(&call, sealed.as_ref(), out),
        }
    }

    fn end_call(&self, call: &ToolCall, sealed: Option<&Reasoning>, out: &mut Vec<u8>) {
        if call.kind == CallKind::Function {
            if self.is_freeform(&call.name) {
                let text = freeform::unwrap(&call.arguments);
                delta_frame(out, "tool-input-delta", &call.id, &text);
            } else if call.arguments.is_empty() {
                delta_frame(out, "tool-input-delta", &call.id, "{}");
            }
        }
        frame(out, "tool-input-end", |o| o.value("id", &call.id));
        written(out, |o| response::tool_call(o, call, sealed, &self.reply));
    }

    /// Writes a signature that no part came for.
    fn flush(&mut self, out: &mut Vec<u8>) {
        if let Some(sealed) = self.waiting.take() {
            let id = self.begin_reasoning(&Reasoning::default(), out);
            end_reasoning(out, &id, &sealed);
        }
    }

    fn more_logprobs(&mut self, more: &Logprobs) {
        if more.refusal.as_ref().is_some_and(|it| !it.is_empty()) {
            self.losses.dropped("logprobs.refusal");
        }
        if let Some(tokens) = &more.content {
            let so_far = self.logprobs.get_or_insert_default();
            let all = so_far.content.get_or_insert_default();
            all.extend_from_slice(tokens);
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.begin(&Start::default(), out);
        self.flush(out);
        if let Some(counts) = &self.usage {
            self.losses.extend(counts.lost(&usage::said(counts)));
        }
        let (stop, sequence) = self.stop.take().unzip();
        frame(out, "finish", |o| {
            response::finish_reason(o, stop.as_ref(), self.called);
            usage::write(o, self.usage.as_ref());
            OfAnswer {
                reply: &self.reply,
                cost: self.cost.as_deref(),
                service_tier: self.service_tier.as_deref(),
                stop_sequence: sequence.flatten().as_deref(),
                logprobs: self.logprobs.as_ref(),
            }
            .write(o);
        });
    }

    fn is_freeform(&self, name: &str) -> bool {
        self.reply.freeform_tools.iter().any(|tool| tool == name)
    }

    fn next_id(&mut self) -> String {
        self.parts += 1;
        (self.parts - 1).to_string()
    }

    /// Our id of the answer, where it was not told yet.
    fn untold_id(&mut self) -> Option<String> {
        let told = std::mem::replace(&mut self.told_id, true);
        (!told).then(|| self.reply.request_id.clone())
    }
}

/// The frame by which a stream says that it failed. The SDK takes retryability from the status.
pub(super) fn error_frame(error: &Error, request_id: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    frame(&mut out, "error", |o| {
        o.object("error", |o| {
            error::members(o, error);
            o.value("statusCode", &error.kind.status());
            o.value("generationId", request_id);
        });
    });
    out
}

fn end_reasoning(out: &mut Vec<u8>, id: &str, sealed: &Reasoning) {
    frame(out, "reasoning-end", |o| {
        o.value("id", id);
        let of = OfPart {
            sealed: Some(sealed),
            ..OfPart::default()
        };
        of.write(o);
    });
}

fn delta_frame(out: &mut Vec<u8>, kind: &str, id: &str, delta: &str) {
    frame(out, kind, |o| {
        o.value("id", id);
        o.value("delta", delta);
    });
}

/// Writes a part of the protocol as a frame.
fn frame(out: &mut Vec<u8>, kind: &str, fill: impl FnOnce(&mut Object<'_>)) {
    written(out, |o| {
        o.value("type", kind);
        fill(o);
    });
}

/// The same for a part that names its type itself.
fn written(out: &mut Vec<u8>, fill: impl FnOnce(&mut Object<'_>)) {
    out.extend_from_slice(b"data: ");
    write::object(out, fill);
    out.extend_from_slice(b"\n\n");
}
