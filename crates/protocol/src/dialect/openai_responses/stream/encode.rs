//! Events into frames. Every piece is told, and then the whole of what it belongs to: its part, its item, the answer.

mod items;
mod pieces;

use super::super::ID;
use super::super::echo::Asked;
use super::super::response::{self, Head};
use super::super::usage;
use super::frames::{self, frame};
use crate::dialect::openai_words as words;
use crate::dialect::write;
use crate::dialect::{Reply, StreamEncoder};
use crate::ir::{
    Error, Event, Extra, Json, Loss, Losses, Part, Start, StopReason, TokenLogprob, Usage,
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
                self.losses.extend(words::stop_losses(reason, by_text, ID));
                self.stop = Some(reason.clone());
                self.close_item(out);
            }
            Event::Logprobs { choice: 0, value } => self.logprobs(value, out),
            Event::Open { .. }
            | Event::Delta { .. }
            | Event::Close { .. }
            | Event::Stop { .. }
            | Event::Logprobs { .. } => self.losses.dropped("choices"),
            Event::ServiceTier(tier) => self.start.service_tier = Some(tier.clone()),
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

    fn end(&mut self, out: &mut Vec<u8>) {
        self.begin(out);
        self.close_item(out);
        if let Some((counts, _)) = &self.usage {
            self.losses.extend(counts.lost(&usage::said(counts)));
        }
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
        if self.is_call_whole() {
            self.close_item(out);
        }
        self.over = true;
        let head = Head {
            status: "failed",
            error: Some(error),
            ..self.head()
        };
        frames::failed(out, self.next, &head, &self.output(), &self.asked);
    }
}
