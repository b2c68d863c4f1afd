//! Chunks into events.

use super::super::{annotations, reasoning, response, usage, wire};
use super::DONE;
use super::parts::{CallPiece, Parts, Piece};
use crate::dialect::StreamDecoder;
use crate::dialect::members;
use crate::dialect::openai_error as error;
use crate::ir::{CallKind, Event, Json, Loss, Losses, Malformed, Sealed, Start, StopReason};
use crate::sse::Frame;

/// The most answers that one stream may hold; OpenAI's `n` goes to 128.
const CHOICES_MAX: u32 = 128;

/// Reads a streamed answer.
#[derive(Debug, Default)]
pub(in super::super) struct Decoder {
    started: bool,
    ended: bool,
    id: String,
    tier: Option<String>,
    choices: Vec<Choice>,
    /// Bytes of text that came after the end of its choice.
    unsaid: u64,
    losses: Losses,
}

/// Where one answer of the stream stands.
#[derive(Debug, Default)]
struct Choice {
    seen: bool,
    stopped: bool,
    parts: Parts,
}

impl StreamDecoder for Decoder {
    fn decode(&mut self, frame: &Frame<'_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        let data = frame.data.trim_ascii();
        if self.ended {
            return Ok(());
        }
        if data.is_empty() {
            out.push(Event::Ping);
            return Ok(());
        }
        if data == DONE {
            return self.done(out);
        }
        let chunk: wire::Chunk<'_> = members::read(data)
            .map_err(|bad| Malformed::body(format!("a chunk of the stream is not valid: {bad}")))?;
        let named = chunk.object.as_deref() == Some("error");
        if chunk.error.is_some() || named || frame.event == Some("error") {
            self.ended = true;
            out.push(Event::Error(error::decode(200, data)));
            return Ok(());
        }
        self.chunk(chunk, out)
    }

    fn finish(&mut self, out: &mut Vec<Event>) {
        let complete = self.seen().count() > 0 && self.seen().all(|choice| choice.stopped);
        if self.ended || !complete {
            return;
        }
        self.ended = true;
        out.push(Event::End);
    }

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
    fn seen(&self) -> impl Iterator<Item = &Choice> {
        self.choices.iter().filter(|choice| choice.seen)
    }

    /// `[DONE]`. A choice that never said why it ended (a few providers forget) has just ended.
    fn done(&mut self, out: &mut Vec<Event>) -> Result<(), Malformed> {
        if self.seen().count() == 0 {
            return Err(Malformed::body("the stream ended without an answer"));
        }
        for (index, choice) in (0..).zip(&mut self.choices) {
            if choice.seen && !choice.stopped {
                choice.stop("stop", index, out);
            }
        }
        self.ended = true;
        out.push(Event::End);
        Ok(())
    }

    fn chunk(&mut self, chunk: wire::Chunk<'_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        let choices = chunk.choices.unwrap_or_default();
        chunk.unread.note("", &mut self.losses);
        let corner = chunk.x_groq.unwrap_or_default();
        corner.unread.note("x_groq.", &mut self.losses);
        let counts = chunk.usage.or(corner.usage);
        let tier = chunk.service_tier;
        if let Some(tier) = tier.filter(|tier| self.tier.as_ref() != Some(tier)) {
            out.extend(self.started.then(|| Event::ServiceTier(tier.clone())));
            self.tier = Some(tier);
        }
        // Azure's first chunk has neither an answer nor an id, only what its filter says of the prompt.
        let says_something = !choices.is_empty() || counts.is_some();
        if says_something && !self.started {
            self.started = true;
            self.id = chunk.id.unwrap_or_default();
            out.push(Event::Start(Start {
                id: self.id.clone(),
                model: chunk.model.unwrap_or_default(),
                created: i64::try_from(chunk.created.0).ok().filter(|at| *at > 0),
                // A wish, until a later chunk says what served.
                service_tier: self.tier.clone().filter(|tier| tier != "auto"),
            }));
        }
        for choice in choices {
            self.choice(choice, out)?;
        }
        if let Some(counts) = counts {
            usage::note_uncounted(&counts, &mut self.losses);
            out.push(Event::Usage(usage::read(&counts)));
        }
        Ok(())
    }

    fn choice(
        &mut self,
        chunk: wire::ChunkChoice<'_>,
        out: &mut Vec<Event>,
    ) -> Result<(), Malformed> {
        let index = chunk.index.unwrap_or(0);
        if index >= CHOICES_MAX {
            let message = format!("must be below {CHOICES_MAX}, but is {index}");
            return Err(Malformed::field("choices[0].index", message));
        }
        let place = index as usize;
        if self.choices.len() <= place {
            self.choices.resize_with(place + 1, Choice::default);
        }
        let id = self.id.as_str();
        chunk.unread.note("", &mut self.losses);
        let Some(choice) = self.choices.get_mut(place) else {
            return Ok(());
        };
        if choice.stopped {
            let late = chunk.delta.map(|late| late.text_bytes(&mut self.losses));
            self.miss("message.content", late.unwrap_or(0));
            return Ok(());
        }
        let mut late = 0;
        choice.seen = true;
        if let Some(mut delta) = chunk.delta {
            delta.unread.note("message.", &mut self.losses);
            let annotations = delta.annotations.take().unwrap_or_default();
            late = choice.add(delta, id, &mut self.losses)?;
            for json in annotations {
                if !choice.cite(&json) {
                    self.losses.dropped("message.annotations");
                }
            }
            choice.parts.advance(index, out);
            choice.parts.check_held()?;
        }
        if let Some(value) = chunk.logprobs {
            out.push(Event::Logprobs {
                choice: index,
                value,
            });
        }
        if let Some(word) = chunk.finish_reason.filter(|word| !word.is_empty()) {
            choice.stop(&word, index, out);
        }
        self.miss("message.tool_calls", late);
        Ok(())
    }

    /// Notes what was generated and came when its part had ended.
    fn miss(&mut self, field: &str, bytes: usize) {
        if bytes > 0 {
            self.unsaid += bytes as u64;
            self.losses.dropped(field);
        }
    }
}

impl Choice {
    /// Adds a citation; `false` where it has no canonical form, or no text that it could be of.
    fn cite(&mut self, json: &Json) -> bool {
        let citation = json.read().ok().and_then(annotations::read);
        citation.is_some_and(|citation| self.parts.cite(citation))
    }

    /// Adds what a delta says. Returns the bytes of it that come too late.
    fn add(
        &mut self,
        delta: wire::Delta<'_>,
        answer: &str,
        losses: &mut Losses,
    ) -> Result<usize, Malformed> {
        let mut late = 0;
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        let details = delta.reasoning_details.unwrap_or_default();
        let said = filled(delta.reasoning_content).or_else(|| filled(delta.reasoning));
        let detailed = said.is_none();
        if let Some(text) = said {
            self.parts.add(Piece::Reasoning(text));
        }
        for detail in details {
            // The plain text repeats the details.
            if let Some(text) = filled(detail.text).or_else(|| filled(detail.summary))
                && detailed
            {
                self.parts.add(Piece::Reasoning(text));
            }
            let origin = reasoning::origin(detail.format.as_deref());
            if let Some(signature) = filled(detail.signature) {
                let signature = Sealed::new(origin, signature);
                self.parts.add(Piece::Signature(signature));
            }
            if let Some(data) = filled(detail.data) {
                let data = Sealed::new(origin, data);
                self.parts.add(Piece::Encrypted(data));
            }
        }
        let pieces = delta.content.map(|content| content.pieces(losses));
        for (text, thought) in pieces.unwrap_or_default() {
            match (text.is_empty(), thought) {
                (true, _) => {}
                (false, true) => self.parts.add(Piece::Reasoning(text)),
                (false, false) => self.parts.add(Piece::Text(text)),
            }
        }
        if let Some(text) = filled(delta.refusal) {
            self.parts.add(Piece::Refusal(text));
        }
        for call in delta.tool_calls.unwrap_or_default() {
            call.unread.note("content.", losses);
            let (kind, called) = match (call.function, call.custom) {
                (None, Some(custom)) => (CallKind::Freeform, custom),
                (function, _) => (CallKind::Function, function.unwrap_or_default()),
            };
            let (member, said, unread) = match kind {
                CallKind::Function => ("content.function.", called.arguments, called.unread),
                CallKind::Freeform => ("content.custom.", called.input, called.unread),
            };
            unread.note(member, losses);
            let piece = CallPiece {
                index: call.index,
                id: call.id,
                name: called.name,
                arguments: said.unwrap_or_default(),
                kind,
            };
            late += self.parts.add_call(piece, answer)?;
        }
        Ok(late)
    }

    fn stop(&mut self, word: &str, index: u32, out: &mut Vec<Event>) {
        self.parts.finish(index, out);
        self.stopped = true;
        let reason: StopReason = response::stop_reason(word, self.parts.called());
        out.push(Event::Stop {
            choice: index,
            reason,
            sequence: None,
        });
    }
}
