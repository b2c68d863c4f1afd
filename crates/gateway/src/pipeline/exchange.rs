//! One request from a client while it lives, and the guarantee that it ends in exactly one record: whoever holds the
//! [`Exchange`] ends it by one of its closing methods, and if nobody does (the client hung up, so the future or body
//! that held it was dropped) `Drop` does.

use super::asked::Asked;
use super::attempt::Conversation;
use super::settle::{self, Serving};
use super::{bounded, whole};
use crate::call::Call;
use crate::clock::now_ms;
use crate::reply::{Rejection, Reply};
use crate::state::{Gateway, Live};
use crate::telemetry::ANSWERED;
use domain::estimate::Ratio;
use domain::money::Amount;
use domain::record::{Attempt, Excluded, Intent, Record};
use domain::routing::Step;
use protocol::dialect::{Dialect, Operation};
use protocol::ir::{Error, ErrorKind, Loss, Usage};
use protocol::relay::Tally;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use store::StoreError;
use upstream::{Failure, Outcome};

/// The status in intents: whoever heard none when the program was killed is told apart from who hung up.
const NOT_ANSWERED: u16 = 0;
/// The status in records of exchanges whose client hung up before it heard any.
const CLIENT_CLOSED_REQUEST: u16 = 499;
/// The status in records of exchanges that the program's own end cut off before an answer.
const CUT_OFF: u16 = 500;
/// What an attempt is called in records until its end is known: so a hang-up leaves it.
const CANCELLED: &str = "cancelled";

/// A running exchange.
pub(crate) struct Exchange {
    pub(crate) gateway: Arc<Gateway>,
    live: Arc<Live>,
    /// The record as far as known, in the shape in which the journal takes it.
    intent: Intent,
    begun: Instant,
    attempt_begun: Instant,
    stage: Stage,
    /// Input tokens by estimate, until the provider says.
    pub(crate) input_estimate: u64,
    /// Bytes of the request's body, which the estimate is made from.
    input_bytes: u64,
    /// Whether the body holds no picture, sound or file.
    only_text: bool,
    /// How many of the record's losses are the request's; those behind are the answer's.
    request_losses: usize,
    /// What came of the answer so far.
    pub(crate) tally: Tally,
    /// Set once a keep-alive made the answer's head go out, while no provider had committed yet.
    greeted: Option<Arc<AtomicBool>>,
}

/// How far it came: decides what it owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// No provider is at work: what was asked so far failed or was refused, and costs nothing.
    Free,
    /// A provider is at work: whatever happens now is billed.
    Calling(Serving),
    /// The record is written.
    Settled,
}

/// How an exchange ended.
enum Ending<'e> {
    /// As it should.
    Complete,
    /// With an error that the client heard, whole or in the stream.
    Failed(&'e Error),
    /// The client went away.
    HungUp,
    /// The program ends and waits no longer.
    Stopped,
}

impl Exchange {
    /// Begins. From here on there will be a record.
    pub(crate) fn begin(gateway: Arc<Gateway>, call: &Call, operation: Operation) -> Self {
        gateway.metrics.in_flight.inc();
        Self {
            gateway,
            live: Arc::clone(&call.live),
            intent: Intent {
                draft: blank(call, operation),
                reservation: None,
            },
            begun: call.begun,
            attempt_begun: call.begun,
            stage: Stage::Free,
            input_estimate: 0,
            input_bytes: 0,
            only_text: true,
            request_losses: 0,
            tally: Tally::default(),
            greeted: None,
        }
    }

    /// The record as far as known.
    pub(crate) fn record(&mut self) -> &mut Record {
        &mut self.intent.draft
    }

    /// Hop 4: it is known what is asked.
    pub(crate) fn asks_for(&mut self, asked: &Asked) {
        let record = &mut self.intent.draft;
        record.requested_model = bounded::name(&asked.outline.model);
        record.model.clone_from(&record.requested_model);
        record.stream = asked.outline.stream;
        let needs = asked.outline.needs;
        self.only_text = !(needs.vision || needs.files || needs.audio);
        self.input_bytes = asked.body.len() as u64;
        self.input_estimate = Ratio::default().tokens(self.input_bytes);
    }

    /// A provider is about to be called: the intent is in the journal before this returns.
    ///
    /// # Errors
    /// When the journal cannot take it: then the provider must not be called.
    pub(crate) fn calls(
        &mut self,
        conversation: &Conversation,
        step: &Step,
    ) -> Result<(), StoreError> {
        let catalog = &conversation.call.live.snapshot.catalog;
        let (provider, offering) = (
            catalog.provider(step.provider),
            catalog.offering(step.offering),
        );
        self.input_estimate = self
            .live
            .vitals
            .calibration(step.offering)
            .input
            .ratio()
            .tokens(self.input_bytes)
            .max(1);
        self.tally = Tally::default();
        self.attempt_begun = Instant::now();
        let usage = Usage {
            input: self.input_estimate,
            ..Usage::default()
        };
        let begin_ms = self.elapsed_ms();
        let record = &mut self.intent.draft;
        record.model.clone_from(&catalog.model(step.model).id);
        record.provider.clone_from(&provider.id);
        record.attempts.push(Attempt {
            provider: provider.id.clone(),
            wire_model: offering.wire_id.clone(),
            credential: self
                .live
                .credential(step.provider)
                .map_or_else(String::new, |one| one.id.to_string()),
            status: None,
            outcome: CANCELLED.to_owned(),
            message: None,
            begin_ms,
            first_token_ms: None,
            duration_ms: 0,
        });
        record.usage = usage;
        record.cost = Serving::by(step).price(catalog, &usage, record.at_ms, None);
        record.estimate = true;
        self.gateway.store.journal().intent(&self.intent)?;
        self.stage = Stage::Calling(Serving::by(step));
        Ok(())
    }

    /// The provider is not called after all: it owes nothing, and nothing is learnt about it.
    pub(crate) fn called_off(&mut self, step: &Step) {
        self.stage = Stage::Free;
        self.intent
            .draft
            .attempts
            .pop_if(|attempt| attempt.outcome == CANCELLED);
        let now_ms = now_ms();
        let health = &self.live.vitals.health;
        health.end(step.offering, Outcome::Unknown, now_ms);
    }

    /// The provider answered with this status.
    pub(crate) fn heard(&mut self, status: u16) {
        if let Some(attempt) = self.intent.draft.attempts.last_mut() {
            attempt.status = Some(status);
        }
    }

    /// The provider sent its first content.
    pub(crate) fn first_token(&mut self) {
        let (since_begin, since_attempt) = (self.elapsed_ms(), millis(self.attempt_begun));
        let record = &mut self.intent.draft;
        record.first_token_ms.get_or_insert(since_begin);
        if let Some(attempt) = record.attempts.last_mut() {
            attempt.first_token_ms.get_or_insert(since_attempt);
        }
    }

    /// The attempt under way ended, `Ok` or by a failure.
    pub(crate) fn attempt_ended(&mut self, outcome: Result<(), &Failure>) {
        let duration_ms = millis(self.attempt_begun);
        let Stage::Calling(Serving { offering, .. }) = self.stage else {
            return;
        };
        let health = &self.live.vitals.health;
        let now_ms = now_ms();
        match outcome {
            Ok(()) => health.end(offering, Outcome::Alive, now_ms),
            Err(failure) => health.end(offering, Outcome::of(failure), now_ms),
        }
        if let Some(attempt) = self.intent.draft.attempts.last_mut() {
            attempt.duration_ms = duration_ms;
            match outcome {
                Ok(()) => ANSWERED.clone_into(&mut attempt.outcome),
                Err(failure) => {
                    failure.kind.as_str().clone_into(&mut attempt.outcome);
                    attempt.status = attempt.status.or(failure.status);
                    attempt.message = Some(bounded::message(&failure.error.message));
                }
            }
        }
        // A provider that failed before it generated anything bills nothing.
        if outcome.is_err() && self.tally.text_bytes == 0 {
            self.stage = Stage::Free;
        }
    }

    /// Remembers what the request's translation could not carry.
    pub(crate) fn lost(&mut self, losses: Vec<Loss>) {
        self.intent.draft.lost = bounded::losses(losses);
        self.request_losses = self.intent.draft.lost.len();
    }

    /// Remembers what the answer's translation could not carry so far, in place of what it said before.
    pub(crate) fn lost_in_answer(&mut self, losses: Vec<Loss>) {
        self.intent.draft.lost.truncate(self.request_losses);
        self.intent.draft.lost.extend(bounded::losses(losses));
    }

    /// An offering of the plan that could not be asked after all.
    pub(crate) fn excluded(&mut self, excluded: Excluded) {
        self.intent.draft.excluded.push(excluded);
    }

    /// Ends it with an error instead of an answer.
    pub(crate) fn refuse(mut self, rejection: Rejection, client: &Dialect) -> Reply {
        self.intent.draft.status = rejection.status(client);
        self.settle(&Ending::Failed(&rejection.error));
        let mut reply = rejection.into_reply(client, self.intent.draft.id);
        if !self.intent.draft.attempts.is_empty() {
            whole::identify(reply.headers_mut(), &self.intent.draft);
        }
        reply
    }

    /// Ends it with a whole answer or a stream that came to its proper end. The record tells what it cost.
    pub(crate) fn complete(&mut self) -> &Record {
        self.intent.draft.status = 200;
        self.settle(&Ending::Complete);
        &self.intent.draft
    }

    /// Ends a stream whose headers are out already, with an error in the stream.
    pub(crate) fn break_off(&mut self, error: &Error) {
        self.intent.draft.status = 200;
        self.settle(&Ending::Failed(error));
    }

    /// The client heard that the answer begins: should it hang up now, that is the status in the record.
    pub(crate) fn headers_sent(&mut self) {
        self.intent.draft.status = 200;
    }

    /// What is to be set when the answer's head goes out before a provider commits, while something else holds the
    /// exchange.
    pub(crate) fn greeting(&mut self) -> Arc<AtomicBool> {
        Arc::clone(self.greeted.get_or_insert_default())
    }

    /// What the exchange has used so far: as reported, else estimated from what went through.
    pub(crate) fn usage_so_far(&self) -> (Usage, Option<Amount>) {
        let Stage::Calling(serving) = self.stage else {
            return (Usage::default(), None);
        };
        let (usage, _) = self.usage(&serving);
        let catalog = &self.live.snapshot.catalog;
        (
            usage,
            serving.price(
                catalog,
                &usage,
                self.intent.draft.at_ms,
                self.tally.service_tier.as_deref(),
            ),
        )
    }

    fn usage(&self, serving: &Serving) -> (Usage, bool) {
        let ratio = self
            .live
            .vitals
            .calibration(serving.offering)
            .output
            .ratio();
        serving.usage(
            &self.live.snapshot.catalog,
            &self.tally,
            self.input_estimate,
            ratio,
        )
    }

    /// Milliseconds since it began.
    fn elapsed_ms(&self) -> u32 {
        millis(self.begun)
    }

    /// Writes the one record. What was never called costs nothing; what was is billed as reported, else by estimate.
    fn settle(&mut self, ending: &Ending<'_>) {
        let called = match self.stage {
            Stage::Settled => return,
            Stage::Free => None,
            Stage::Calling(serving) => Some((serving, self.usage(&serving))),
        };
        self.stage = Stage::Settled;
        let duration_ms = self.elapsed_ms();
        let record = &mut self.intent.draft;
        record.duration_ms = duration_ms;
        record.error = match ending {
            Ending::Complete => None,
            Ending::Failed(error) => Some(bounded::error(error)),
            Ending::HungUp => Some(bounded::error(
                &Error::new(
                    ErrorKind::InvalidRequest,
                    "the client hung up before the end",
                )
                .with_code("client_hung_up"),
            )),
            Ending::Stopped => {
                record.interrupted = true;
                Some(bounded::error(&stopped()))
            }
        };
        match called {
            None => {
                record.usage = Usage::default();
                record.cost = Some(Amount::ZERO);
                record.estimate = false;
            }
            Some((serving, (usage, estimate))) => {
                record.usage = usage;
                let tier = self.tally.service_tier.as_deref();
                let catalog = &self.live.snapshot.catalog;
                record.cost = serving.price(catalog, &usage, record.at_ms, tier);
                record.estimate = estimate;
                if !estimate {
                    let calibration = self.live.vitals.calibration(serving.offering);
                    let input = self.only_text.then_some(self.input_bytes);
                    settle::learn(calibration, &usage, input, self.tally.text_bytes);
                }
            }
        }
        if let Err(error) = self.gateway.store.journal().settle(record) {
            // Its intent is in the journal: the next start makes a record of it.
            tracing::error!(id = %record.id, %error, "the record could not be journalled");
        }
        self.gateway.metrics.in_flight.dec();
        let meters = called.map(|(serving, _)| self.live.vitals.meters(serving.provider));
        self.gateway.metrics.exchange(record, meters);
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if self.stage != Stage::Settled {
            if let Some(attempt) = self.intent.draft.attempts.last_mut()
                && attempt.outcome == CANCELLED
            {
                attempt.duration_ms = millis(self.attempt_begun);
            }
            if let Stage::Calling(serving) = self.stage {
                let now_ms = now_ms();
                self.live
                    .vitals
                    .health
                    .end(serving.offering, Outcome::Unknown, now_ms);
            }
            let greeted = self.greeted.as_ref();
            if greeted.is_some_and(|greeted| greeted.load(Ordering::Relaxed)) {
                self.headers_sent();
            }
            let (ending, status) = if self.gateway.stopping.load(Ordering::Relaxed) {
                (Ending::Stopped, CUT_OFF)
            } else {
                (Ending::HungUp, CLIENT_CLOSED_REQUEST)
            };
            if self.intent.draft.status == NOT_ANSWERED {
                self.intent.draft.status = status;
            }
            self.settle(&ending);
        }
    }
}

/// The words that the store has for exchanges whose end the journal does not know.
fn stopped() -> Error {
    Error::new(
        ErrorKind::Server,
        "the gateway stopped before this exchange ended",
    )
    .with_code("interrupted")
}

fn blank(call: &Call, operation: Operation) -> Record {
    Record {
        id: call.id,
        at_ms: call.at_ms,
        organization: call.caller.organization().to_owned(),
        project: call.caller.project().to_owned(),
        key: call.caller.key().to_owned(),
        door: call.door.name(),
        operation: operation.as_str().to_owned(),
        requested_model: String::new(),
        model: String::new(),
        provider: String::new(),
        status: NOT_ANSWERED,
        stream: false,
        attempts: Vec::new(),
        excluded: Vec::new(),
        usage: Usage::default(),
        cost: None,
        estimate: false,
        interrupted: false,
        error: None,
        lost: Vec::new(),
        first_token_ms: None,
        duration_ms: 0,
        client_request_id: call.client_request_id(),
    }
}

fn millis(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_millis()).unwrap_or(u32::MAX)
}
