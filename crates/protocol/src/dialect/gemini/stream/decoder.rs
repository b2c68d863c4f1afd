//! Reads a stream into events.

use super::super::parts::{self, Calls};
use super::super::response::{CANDIDATE_LABELS, Cites, FEEDBACK, LABELS, METADATA};
use super::super::{error, grounding, logprobs, usage, wire};
use super::payload;
use crate::dialect::codec::StreamDecoder;
use crate::dialect::fields::{Fields, Path};
use crate::dialect::stop_words::Said;
use crate::frame::Frame;
use crate::ir::{
    Delta, Event, Extra, Loss, Losses, Malformed, Opening, Part, PartKind, Reasoning, Start,
    StopReason,
};
use serde_json::value::RawValue;

/// Reads the stream of one exchange.
#[derive(Debug, Default)]
pub(in super::super) struct Decoder {
    stage: Stage,
    calls: Calls,
    choices: Vec<Choice>,
    /// Bytes of generated text in parts that no event carries as text.
    unsaid: u64,
    losses: Losses,
}

/// How far the stream is.
#[derive(Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Before,
    Answering,
    /// An error was read; what follows is ignored.
    Over,
}

/// What must be remembered of one candidate.
#[derive(Debug, Default)]
struct Choice {
    open: Option<Open>,
    /// How many parts were opened so far.
    parts: u32,
    said: Said,
    stopped: bool,
    /// The text of the open part, or of the last one, whose citations come at the end.
    text: String,
}

/// The part that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Text,
    Thought,
}

impl StreamDecoder for Decoder {
    fn decode(&mut self, frame: &Frame<'_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        let data = payload(frame);
        if data.is_empty() || self.stage == Stage::Over {
            return Ok(());
        }
        // A list is an error too, as streams without `alt=sse` say it.
        let chunk = match data.first() {
            Some(b'[') => None,
            _ => Some(Fields::body(&data)?),
        };
        match chunk.filter(|chunk| !chunk.has("error")) {
            Some(chunk) => self.chunk(chunk, out),
            None => {
                self.stage = Stage::Over;
                out.push(Event::Error(error::decode(200, &data)));
                Ok(())
            }
        }
    }

    fn finish(&mut self, out: &mut Vec<Event>) {
        let complete = !self.choices.is_empty() && self.choices.iter().all(|it| it.stopped);
        if self.stage == Stage::Answering && complete {
            self.stage = Stage::Over;
            out.push(Event::End);
        }
    }

    fn losses(&self) -> &[Loss] {
        self.losses.as_slice()
    }

    fn unsaid_bytes(&self) -> u64 {
        self.unsaid
    }
}

impl Decoder {
    fn chunk(&mut self, mut chunk: Fields<'_, '_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        let id = chunk.string("responseId")?.unwrap_or_default();
        let model = chunk.string("modelVersion")?.unwrap_or_default();
        let mut first = false;
        if self.stage == Stage::Before {
            self.stage = Stage::Answering;
            self.calls = Calls::of_answer(&id);
            first = true;
            out.push(Event::Start(Start {
                id,
                model,
                created: None,
                service_tier: None,
            }));
        }
        let counts = match chunk.take("usageMetadata") {
            Some(raw) => {
                self.note_uncounted(raw)?;
                Some(usage::read(raw)?)
            }
            None => None,
        };
        // Some clients want the input's counts before anything else.
        out.extend(counts.filter(|_| first).map(Event::Usage));
        let at = Path::ROOT.key("candidates");
        let candidates = chunk.list("candidates")?.unwrap_or_default();
        for (index, raw) in candidates.into_iter().enumerate() {
            self.candidate(raw, at.index(index), out)?;
        }
        if chunk.has(FEEDBACK) && self.choices.is_empty() {
            self.losses.dropped(FEEDBACK);
            chunk.take(FEEDBACK);
            self.stop(0, StopReason::ContentFilter, out);
        }
        out.extend(counts.map(Event::Usage));
        for label in LABELS {
            chunk.take(label);
        }
        self.losses.extend(chunk.lost(""));
        Ok(())
    }

    /// Notes the counts that have no canonical form.
    fn note_uncounted(&mut self, raw: &RawValue) -> Result<(), Malformed> {
        let mut uncounted = Extra::default();
        usage::rest(raw, &mut uncounted)?;
        self.losses.extend(uncounted.lost());
        Ok(())
    }

    fn candidate(
        &mut self,
        raw: &RawValue,
        at: Path<'_>,
        out: &mut Vec<Event>,
    ) -> Result<(), Malformed> {
        let mut candidate = Fields::of(raw, at)?;
        let index = candidate.small("index")?.unwrap_or(0).min(MOST_CHOICES);
        if self.state(index).stopped {
            return Ok(());
        }
        if let Some(raw) = candidate.take("content") {
            let at = at.key("content");
            let mut content = Fields::of(raw, at)?;
            content.take("role");
            let list = content.list("parts")?.unwrap_or_default();
            self.losses.extend(content.lost("content."));
            let at = at.key("parts");
            for (place, raw) in list.into_iter().enumerate() {
                let mut parts = Vec::with_capacity(2);
                parts::read(raw, at.index(place), &mut self.calls, &mut parts)?;
                for part in parts {
                    let proof = matches!(&part.kind, PartKind::Reasoning(it) if it.text.is_empty());
                    if proof && !parts::is_thought(raw) {
                        // Not of the thought that is open, but of what follows.
                        self.close(index, out);
                    }
                    self.part(index, part, out);
                }
            }
        }
        if let Some(raw) = candidate.take("logprobsResult") {
            let value = logprobs::read(raw, &at.key("logprobsResult"))?;
            out.push(Event::Logprobs {
                choice: index,
                value,
            });
        }
        for metadata in METADATA {
            if let Some(raw) = candidate.take(metadata.key) {
                let cites = self.cite(index, (metadata.read)(raw), out);
                let mut kept = Extra::default();
                metadata.keep(raw, cites, &mut kept)?;
                self.losses.extend(kept.lost());
            }
        }
        let word = candidate.string("finishReason")?;
        for label in CANDIDATE_LABELS {
            candidate.take(label);
        }
        self.losses.extend(candidate.lost(""));
        if let Some(word) = word {
            let said = self.state(index).said;
            self.stop(index, wire::read_finish(&word, said), out);
        }
        Ok(())
    }

    fn part(&mut self, choice: u32, part: Part, out: &mut Vec<Event>) {
        let whole = !matches!(
            part.kind,
            PartKind::Text(_) | PartKind::Reasoning(_) | PartKind::ToolCall(_)
        );
        if !whole {
            let unread = part.extra.lost();
            let inside = unread.map(|loss| Loss::dropped(format!("content.{}", loss.field)));
            self.losses.extend(inside);
        }
        match part.kind {
            PartKind::Text(text) => {
                // The next piece of the same text, or the first of a new one.
                if self.state(choice).open != Some(Open::Text) {
                    if text.is_empty() {
                        return;
                    }
                    self.open(choice, Opening::Text, Some(Open::Text), out);
                }
                self.state(choice).text.push_str(&text);
                self.add(choice, Delta::Text(text), out);
            }
            PartKind::Reasoning(reasoning) => self.reasoning(choice, reasoning, out),
            PartKind::ToolCall(call) => {
                self.state(choice).said.tool_call = true;
                let opening = Opening::ToolCall {
                    id: call.id,
                    name: call.name,
                    kind: call.kind,
                };
                self.open(choice, opening, None, out);
                self.add(choice, Delta::Arguments(call.arguments), out);
                self.close_last(choice, out);
            }
            kind => {
                if let PartKind::Opaque(_, json) = &kind {
                    self.unsaid = self.unsaid.saturating_add(json.get().len() as u64);
                }
                let whole = Box::new(Part {
                    extra: part.extra,
                    ..Part::new(kind)
                });
                self.open(choice, Opening::Whole(whole), None, out);
                self.close_last(choice, out);
            }
        }
    }

    fn reasoning(&mut self, choice: u32, reasoning: Reasoning, out: &mut Vec<Event>) {
        if let Some(encrypted) = reasoning.encrypted {
            self.open(choice, Opening::EncryptedReasoning(encrypted), None, out);
            self.close_last(choice, out);
        }
        if reasoning.text.is_empty() && reasoning.signature.is_none() {
            return;
        }
        if self.state(choice).open != Some(Open::Thought) {
            self.open(choice, Opening::Reasoning, Some(Open::Thought), out);
        }
        self.add(choice, Delta::Reasoning(reasoning.text), out);
        if let Some(signature) = reasoning.signature {
            self.add(choice, Delta::Signature(signature), out);
            // What follows is another thought.
            self.close(choice, out);
        }
    }

    /// Cites for the text that is open.
    fn cite(&mut self, choice: u32, found: Vec<grounding::Found>, out: &mut Vec<Event>) -> Cites {
        if found.is_empty() || self.state(choice).open != Some(Open::Text) {
            return Cites::Nothing;
        }
        for grounding::Found {
            bytes,
            mut citation,
            ..
        } in found
        {
            citation.range = grounding::in_chars(&self.state(choice).text, &bytes);
            self.add(choice, Delta::Citation(Box::new(citation)), out);
        }
        Cites::Something
    }

    fn state(&mut self, choice: u32) -> &mut Choice {
        let place = choice as usize;
        if self.choices.len() <= place {
            self.choices.resize_with(place + 1, Choice::default);
        }
        &mut self.choices[place]
    }

    fn open(&mut self, choice: u32, part: Opening, open: Option<Open>, out: &mut Vec<Event>) {
        self.close(choice, out);
        let state = self.state(choice);
        let index = state.parts;
        state.parts += 1;
        state.open = open;
        if open == Some(Open::Text) {
            state.text.clear();
        }
        out.push(Event::Open {
            choice,
            index,
            part,
        });
    }

    /// Adds to the part opened last.
    fn add(&mut self, choice: u32, delta: Delta, out: &mut Vec<Event>) {
        let index = self.state(choice).parts.saturating_sub(1);
        let says_something = match &delta {
            Delta::Text(text) | Delta::Reasoning(text) | Delta::Arguments(text) => !text.is_empty(),
            Delta::Signature(_) | Delta::Citation(_) => true,
        };
        if says_something {
            out.push(Event::Delta {
                choice,
                index,
                delta,
            });
        }
    }

    fn close(&mut self, choice: u32, out: &mut Vec<Event>) {
        if self.state(choice).open.take().is_some() {
            self.close_last(choice, out);
        }
    }

    fn close_last(&mut self, choice: u32, out: &mut Vec<Event>) {
        let index = self.state(choice).parts.saturating_sub(1);
        out.push(Event::Close { choice, index });
    }

    fn stop(&mut self, choice: u32, reason: StopReason, out: &mut Vec<Event>) {
        self.close(choice, out);
        self.state(choice).stopped = true;
        out.push(Event::Stop {
            choice,
            reason,
            sequence: None,
        });
    }
}

/// A candidate with a higher index is taken for this one.
const MOST_CHOICES: u32 = 127;
