//! Rewrite mode: frames are decoded to events, the events run through the stages and are encoded for the client.

use super::flow::Flow;
use super::stage::Stage;
use super::{CostOf, Fault};
use crate::dialect::{self, ChatClient, ChatProvider, Reply, StreamDecoder, StreamEncoder};
use crate::ir::{Delta, Error, Event, Loss, Losses, Malformed, Opening, Sealed};
use crate::mend::{self, Halves};
use crate::sse::Frame;

pub(super) struct Rewriting {
    decoder: Box<dyn StreamDecoder>,
    stages: Vec<Stage>,
    encoder: Box<dyn StreamEncoder>,
    /// Scopes the ids of calls whose answer has none.
    request_id: String,
    halves: Halves,
    /// What neither of them tells of, because it never comes to them.
    losses: Losses,
    /// Bytes of generated text without an event, counted so far.
    unsaid: u64,
    /// The events of the frame at hand; kept for its allocation.
    events: Vec<Event>,
    /// The bytes of the event at hand; kept for its allocation.
    encoded: Vec<u8>,
}

impl Rewriting {
    pub(super) fn new(
        client: &'static dyn ChatClient,
        provider: &'static dyn ChatProvider,
        reply: &Reply,
    ) -> Self {
        Self {
            decoder: provider.stream_decoder(),
            stages: Vec::new(),
            encoder: client.stream_encoder(reply),
            request_id: reply.request_id.clone(),
            halves: Halves::default(),
            losses: Losses::default(),
            unsaid: 0,
            events: Vec::new(),
            encoded: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, stage: Stage) {
        self.stages.push(stage);
    }

    pub(super) fn read(
        &mut self,
        frame: &Frame<'_>,
        flow: &mut Flow,
        cost: CostOf<'_>,
    ) -> Result<(), Fault> {
        self.events.clear();
        self.decode(frame).map_err(Fault::Malformed)?;
        flow.note_tier(self.decoder.service_tier());
        let unsaid = self.decoder.unsaid_bytes();
        flow.count_text(unsaid.saturating_sub(self.unsaid));
        self.unsaid = unsaid;
        self.pass_on(flow, cost)
    }

    /// Reads a frame, in its mended form where it needs one.
    fn decode(&mut self, frame: &Frame<'_>) -> Result<(), Malformed> {
        let whole = self.halves.join(&frame.data);
        let whole = whole.map(|data| frame.with_data(data));
        let frame = whole.as_ref().unwrap_or(frame);
        let Err(bad) = self.decoder.decode(frame, &mut self.events) else {
            return Ok(());
        };
        // What was read in part is not read again.
        let fresh = self.events.is_empty();
        let once = fresh.then(|| mend::said_once(&frame.data)).flatten();
        let once = frame.with_data(once.ok_or(bad)?);
        self.decoder.decode(&once, &mut self.events)
    }

    /// The provider closed the stream: passes on what the decoder still owes, the end among it if it was complete.
    pub(super) fn finish(&mut self, flow: &mut Flow, cost: CostOf<'_>) -> Result<(), Fault> {
        self.events.clear();
        self.decoder.finish(&mut self.events);
        self.pass_on(flow, cost)
    }

    pub(super) fn write_error(&mut self, error: &Error, flow: &mut Flow) {
        flow.write(self.encode(&Event::Error(error.clone()), None));
    }

    /// What the provider said and the events cannot, and what they say and the client's dialect cannot.
    pub(super) fn losses(&self) -> Vec<Loss> {
        let mut losses = self.losses.clone();
        if self.halves.lost() {
            losses.approximated("content");
        }
        losses.extend(self.decoder.losses().iter().cloned());
        losses.extend(self.encoder.losses().iter().cloned());
        losses.into_vec()
    }

    fn pass_on(&mut self, flow: &mut Flow, cost: CostOf<'_>) -> Result<(), Fault> {
        let mut events = std::mem::take(&mut self.events);
        for event in &mut events {
            dialect::scope_call_ids_of_event(event, &self.request_id);
        }
        for stage in &mut self.stages {
            events = stage.apply(events);
        }
        // Usage that comes before any content is a first guess, except where the answer ends in the same frame.
        let closing = events.iter().any(closes_answer);
        let mut result = Ok(());
        for event in events.drain(..) {
            result = self.pass_on_one(event, closing, flow, cost);
            if result.is_err() || flow.is_over() {
                break;
            }
        }
        self.events = events;
        result
    }

    fn pass_on_one(
        &mut self,
        event: Event,
        closing: bool,
        flow: &mut Flow,
        cost: CostOf<'_>,
    ) -> Result<(), Fault> {
        let mut price = None;
        match &event {
            Event::Error(error) => return Err(Fault::Reported(error.clone())),
            Event::Delta { delta, .. } => flow.count_text(text_bytes(delta)),
            Event::Usage(usage) if !usage.is_possible() => {
                self.losses.dropped("usage");
                return Ok(());
            }
            Event::Usage(usage) => {
                let settled = closing || flow.committed();
                flow.count_usage(*usage, settled);
                price = settled.then(|| cost(usage, flow.tier())).flatten();
            }
            // An encoder would have to open the answer for it, before the provider said what it is called.
            Event::Ping if !flow.committed() => return Ok(()),
            Event::Start(_)
            | Event::Open { .. }
            | Event::Close { .. }
            | Event::Logprobs { .. }
            | Event::Stop { .. }
            | Event::ServiceTier(_)
            | Event::Ping
            | Event::End => {}
        }
        if is_content(&event) {
            flow.commit();
        }
        let bytes = self.encode(&event, price.as_deref());
        match event {
            Event::End => {
                flow.write(bytes);
                flow.end();
            }
            Event::Start(_)
            | Event::Open { .. }
            | Event::Delta { .. }
            | Event::Close { .. }
            | Event::Logprobs { .. }
            | Event::Stop { .. }
            | Event::ServiceTier(_)
            | Event::Usage(_)
            | Event::Ping
            | Event::Error(_) => flow.write_held(bytes)?,
        }
        Ok(())
    }

    fn encode(&mut self, event: &Event, cost: Option<&str>) -> &[u8] {
        self.encoded.clear();
        self.encoder.encode(event, cost, &mut self.encoded);
        &self.encoded
    }
}

/// Whether the client has something of the answer in hand with this event, so that no other offering may be tried.
fn is_content(event: &Event) -> bool {
    match event {
        Event::Delta { delta, .. } => match delta {
            Delta::Text(text)
            | Delta::Reasoning(text)
            | Delta::Signature(Sealed { value: text, .. })
            | Delta::Arguments(text) => !text.is_empty(),
            Delta::Citation(_) => true,
        },
        Event::Open { part, .. } => match part {
            Opening::EncryptedReasoning(_) | Opening::ToolCall { .. } | Opening::Whole(_) => true,
            Opening::Text | Opening::Reasoning | Opening::Refusal => false,
        },
        Event::Logprobs { .. } | Event::Stop { .. } | Event::End => true,
        Event::Start(_)
        | Event::Close { .. }
        | Event::ServiceTier(_)
        | Event::Usage(_)
        | Event::Ping
        | Event::Error(_) => false,
    }
}

fn closes_answer(event: &Event) -> bool {
    matches!(event, Event::Stop { .. } | Event::End)
}

/// Bytes that the model generated, as UTF-8. A signature is not billed.
fn text_bytes(delta: &Delta) -> u64 {
    match delta {
        Delta::Text(text) | Delta::Reasoning(text) | Delta::Arguments(text) => text.len() as u64,
        Delta::Signature(_) | Delta::Citation(_) => 0,
    }
}
