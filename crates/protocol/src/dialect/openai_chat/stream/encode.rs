//! Events into chunks, as OpenAI writes them: for each choice a chunk with its role first, a chunk for each delta, one
//! with the finish reason; then one with usage, if asked for, and `[DONE]`.

use super::super::response::{finish_reason, losses_of_part, or, tier};
use super::super::{ID, annotations, reasoning, usage};
use crate::dialect::openai_error as error;
use crate::dialect::openai_words as words;
use crate::dialect::write::{self, Object};
use crate::dialect::{Reply, StreamEncoder, freeform};
use crate::ir::{
    CallKind, Citation, Delta, Error, Event, Extra, Logprobs, Loss, Losses, Opening, Reasoning,
    Start, Usage,
};

/// What is sent as a sign of life.
pub(in super::super) const KEEP_ALIVE: &[u8] = b": keep-alive\n\n";

/// The frame that says that a stream failed. Nothing follows: official clients raise on it, and a `[DONE]` would tell
/// the others that all went well.
pub(in super::super) fn error_frame(failure: &Error) -> Vec<u8> {
    let mut out = b"data: ".to_vec();
    out.extend_from_slice(&error::encode(failure));
    out.extend_from_slice(b"\n\n");
    out
}

/// Writes a streamed answer.
#[derive(Debug)]
pub(in super::super) struct Encoder {
    reply: Reply,
    start: Start,
    choices: Vec<Choice>,
    usage: Option<(Usage, Option<String>)>,
    losses: Losses,
}

/// What must be remembered of one choice.
#[derive(Debug, Default)]
struct Choice {
    greeted: bool,
    calls: u32,
    thoughts: usize,
    refusing: bool,
    /// Characters of text so far, and how many of them came before the open part.
    text: u64,
    text_before: u64,
    /// Of the open part.
    citations: Vec<Citation>,
    /// How the arguments of the open call are written.
    call: OpenCall,
}

/// How the arguments of a call are written.
#[derive(Debug, Default)]
enum OpenCall {
    /// No call is open, or it has arguments already.
    #[default]
    Begun,
    /// It has none yet.
    Bare,
    /// It is a freeform one.
    Freeform,
    /// The client declared it as a freeform one, and the provider calls it as a function: its text stands in these
    /// arguments, once they are whole.
    Wrapped(String),
}

impl Encoder {
    pub(in super::super) fn new(reply: &Reply) -> Self {
        Self {
            reply: reply.clone(),
            start: Start::default(),
            choices: Vec::new(),
            usage: None,
            losses: Losses::default(),
        }
    }
}

impl StreamEncoder for Encoder {
    fn encode(&mut self, event: &Event, cost: Option<&str>, out: &mut Vec<u8>) {
        match event {
            Event::Start(start) => self.start = start.clone(),
            Event::Open { choice, part, .. } => self.open(*choice, part, out),
            Event::Delta { choice, delta, .. } => self.delta(*choice, delta, out),
            Event::Close { choice, .. } => self.close(*choice, out),
            Event::Logprobs { choice, value } => {
                self.choice_chunk(*choice, out, Finish::Logprobs(value), |_| {});
            }
            Event::Stop {
                choice,
                reason,
                sequence,
            } => {
                let by_text = sequence.is_some();
                self.losses.extend(words::stop_losses(reason, by_text, ID));
                self.greet(*choice, out);
                let reason = finish_reason(reason);
                self.choice_chunk(*choice, out, Finish::Reason(reason), |_| {});
            }
            Event::ServiceTier(tier) => self.start.service_tier = Some(tier.clone()),
            Event::Usage(counts) => self.usage = Some((*counts, cost.map(str::to_owned))),
            Event::Ping => out.extend_from_slice(KEEP_ALIVE),
            Event::Error(failure) => out.extend_from_slice(&error_frame(failure)),
            Event::End => self.end(out),
        }
    }

    fn losses(&self) -> &[Loss] {
        self.losses.as_slice()
    }
}

/// What stands beside a delta.
#[derive(Clone, Copy)]
enum Finish<'a> {
    Not,
    Reason(&'a str),
    Logprobs(&'a Logprobs),
}

impl Encoder {
    fn state(&mut self, choice: u32) -> &mut Choice {
        let place = choice as usize;
        if self.choices.len() <= place {
            self.choices.resize_with(place + 1, Choice::default);
        }
        &mut self.choices[place]
    }

    /// The chunk that names the role, once for each choice.
    fn greet(&mut self, choice: u32, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.state(choice).greeted, true) {
            self.choice_chunk(choice, out, Finish::Not, |delta| {
                delta.value("role", "assistant");
                delta.value("content", "");
            });
        }
    }

    fn open(&mut self, choice: u32, part: &Opening, out: &mut Vec<u8>) {
        self.greet(choice, out);
        let state = self.state(choice);
        state.refusing = matches!(part, Opening::Refusal);
        state.text_before = state.text;
        match part {
            Opening::Text | Opening::Refusal => {}
            Opening::Whole(part) => self.losses.extend(losses_of_part(part)),
            Opening::Reasoning => state.thoughts += 1,
            Opening::EncryptedReasoning(data) => {
                state.thoughts += 1;
                let encrypted = Some(data.clone());
                let thought = Reasoning {
                    encrypted,
                    ..Reasoning::default()
                };
                self.thought(choice, &thought, out);
            }
            Opening::ToolCall { id, name, kind } => {
                let index = state.calls;
                state.calls += 1;
                let wrapped = self.reply.freeform_tools.contains(name);
                let (open, kind, arguments) = match kind {
                    CallKind::Freeform => (OpenCall::Freeform, "custom", "input"),
                    CallKind::Function if wrapped => {
                        (OpenCall::Wrapped(String::new()), "custom", "input")
                    }
                    CallKind::Function => (OpenCall::Bare, "function", "arguments"),
                };
                self.state(choice).call = open;
                self.call_chunk(choice, index, out, |call| {
                    call.value("id", id);
                    call.value("type", kind);
                    call.object(kind, |called| {
                        called.value("name", name);
                        called.value(arguments, "");
                    });
                });
            }
        }
    }

    fn delta(&mut self, choice: u32, delta: &Delta, out: &mut Vec<u8>) {
        let state = self.state(choice);
        match delta {
            Delta::Text(text) => {
                let key = if state.refusing { "refusal" } else { "content" };
                if !state.refusing {
                    state.text += text.chars().count() as u64;
                }
                self.choice_chunk(choice, out, Finish::Not, |delta| delta.value(key, text));
            }
            Delta::Citation(citation) => state.citations.push((**citation).clone()),
            Delta::Reasoning(text) => {
                let thought = Reasoning {
                    text: text.clone(),
                    ..Reasoning::default()
                };
                self.thought(choice, &thought, out);
            }
            Delta::Signature(signature) => {
                let thought = Reasoning {
                    signature: Some(signature.clone()),
                    ..Reasoning::default()
                };
                self.thought(choice, &thought, out);
            }
            Delta::Arguments(text) => match &mut state.call {
                OpenCall::Wrapped(held) => held.push_str(text),
                OpenCall::Freeform => self.arguments(choice, CallKind::Freeform, text, out),
                OpenCall::Bare | OpenCall::Begun => {
                    if !text.is_empty() {
                        state.call = OpenCall::Begun;
                    }
                    self.arguments(choice, CallKind::Function, text, out);
                }
            },
        }
    }

    /// What the text that is now complete rests on. Not before, because which stretch it is for must be known.
    fn cite(&mut self, choice: u32, out: &mut Vec<u8>) {
        let state = self.state(choice);
        let place = state.text_before..state.text;
        let citations = std::mem::take(&mut state.citations);
        let written = citations
            .iter()
            .filter_map(|citation| annotations::write(citation, place.clone()));
        let written: Vec<_> = written.collect();
        if written.len() < citations.len() {
            self.losses.dropped("message.annotations");
        }
        if !written.is_empty() {
            self.choice_chunk(choice, out, Finish::Not, |delta| {
                delta.value("annotations", &written);
            });
        }
    }

    /// Clients parse the arguments as JSON, so that a call without any gets an empty object.
    fn close(&mut self, choice: u32, out: &mut Vec<u8>) {
        self.cite(choice, out);
        match std::mem::take(&mut self.state(choice).call) {
            OpenCall::Bare => self.arguments(choice, CallKind::Function, "{}", out),
            OpenCall::Wrapped(held) => {
                self.arguments(choice, CallKind::Freeform, &freeform::unwrap(&held), out);
            }
            OpenCall::Freeform | OpenCall::Begun => {}
        }
    }

    fn arguments(&mut self, choice: u32, kind: CallKind, text: &str, out: &mut Vec<u8>) {
        let index = self.state(choice).calls.saturating_sub(1);
        self.call_chunk(choice, index, out, |call| match kind {
            CallKind::Function => call.object("function", |it| it.value("arguments", text)),
            CallKind::Freeform => call.object("custom", |it| it.value("input", text)),
        });
    }

    /// A piece of reasoning, in both ways: the details are what a client must send back where there is a signature.
    fn thought(&mut self, choice: u32, thought: &Reasoning, out: &mut Vec<u8>) {
        let index = self.state(choice).thoughts.saturating_sub(1);
        self.choice_chunk(choice, out, Finish::Not, |delta| {
            if !thought.text.is_empty() {
                delta.value("reasoning_content", &thought.text);
            }
            delta.list("reasoning_details", |list| {
                reasoning::write_detail(list, index, thought);
            });
        });
    }

    fn call_chunk(
        &self,
        choice: u32,
        index: u32,
        out: &mut Vec<u8>,
        fill: impl FnOnce(&mut Object<'_>),
    ) {
        self.choice_chunk(choice, out, Finish::Not, |delta| {
            delta.list("tool_calls", |list| {
                list.object(|call| {
                    call.value("index", &index);
                    fill(call);
                });
            });
        });
    }

    fn choice_chunk(
        &self,
        choice: u32,
        out: &mut Vec<u8>,
        finish: Finish<'_>,
        fill: impl FnOnce(&mut Object<'_>),
    ) {
        self.chunk(out, |chunk| {
            chunk.list("choices", |list| {
                list.object(|o| {
                    o.value("index", &choice);
                    o.object("delta", fill);
                    if let Finish::Logprobs(value) = finish {
                        o.value("logprobs", value);
                    }
                    match finish {
                        Finish::Reason(word) => o.value("finish_reason", word),
                        Finish::Not | Finish::Logprobs(_) => o.value("finish_reason", &()),
                    }
                });
            });
        });
    }

    fn chunk(&self, out: &mut Vec<u8>, fill: impl FnOnce(&mut Object<'_>)) {
        out.extend_from_slice(b"data: ");
        write::object(out, |o| {
            o.value("id", or(&self.start.id, &self.reply.request_id));
            o.value("object", "chat.completion.chunk");
            o.value("created", &self.start.created.unwrap_or(self.reply.now));
            o.value("model", or(&self.start.model, &self.reply.model));
            o.some("service_tier", self.start.service_tier.as_deref().map(tier));
            fill(o);
        });
        out.extend_from_slice(b"\n\n");
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        if let Some((counts, cost)) = self.usage.take().filter(|_| self.reply.include_usage) {
            self.losses.extend(counts.lost(&usage::said(&counts)));
            self.chunk(out, |chunk| {
                chunk.list("choices", |_| {});
                let cost = cost.as_deref();
                chunk.object("usage", |o| {
                    usage::write(o, &counts, &Extra::default(), cost)
                });
            });
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }
}
