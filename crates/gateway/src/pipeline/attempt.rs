//! The fallback loop: one offering after the other, until one answers or the failure is the client's own.

use super::asked::Asked;
use super::exchange::Exchange;
use super::files::Files;
use super::translate::{self, Translated, Untranslatable};
use super::{stream, whole};
use crate::call::Call;
use crate::clock::now_ms;
use crate::reply::Rejection;
use crate::state::Live;
use domain::catalog::ProviderIdx;
use domain::record::Excluded;
use domain::routing::{Parameters, Plan, Step};
use protocol::dialect::{anthropic::threads, own_words};
use protocol::ir::{Error, ErrorKind, Malformed};
use std::time::{Duration, SystemTime};
use store::StoreError;
use upstream::{Answer, Blame, Failure, FailureKind, Outgoing, Retry, Secret, Turn, request};

/// The longest that a provider's `Retry-After` is waited for when there is no other offering.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// The pause before the second try of the only offering, where its provider names none.
const SHORT_PAUSE: Duration = Duration::from_millis(200);

/// An exchange's request and plan.
pub(crate) struct Conversation {
    pub(crate) call: Call,
    pub(crate) asked: Asked,
    pub(crate) plan: Plan,
}

impl Conversation {
    /// A provider's failure in words that may go out and be kept.
    pub(super) fn hiding_secret(&self, provider: ProviderIdx, failure: Failure) -> Failure {
        hiding_secret(&self.call.live, provider, failure)
    }
}

/// As [`Conversation::hiding_secret`].
pub(super) fn hiding_secret(live: &Live, provider: ProviderIdx, failure: Failure) -> Failure {
    match secret(live, provider) {
        Some(secret) => failure.hiding(secret),
        None => failure,
    }
}

/// What a provider is asked with.
fn secret(live: &Live, provider: ProviderIdx) -> Option<&Secret> {
    let credential = live.credential(provider)?;
    live.secret(credential.handle)
}

/// An answer on its way to the client.
pub(super) enum Served {
    /// Complete.
    Whole(Box<whole::Answer>),
    /// Committed; the rest is still coming.
    Stream(Box<stream::Relaying>),
}

/// Why one offering did not answer.
enum Miss {
    /// It failed.
    Failed(Failure),
    /// The request could not be put in its words.
    Untranslatable(Untranslatable),
    /// Nobody may be asked: the journal takes no intent.
    Journal(StoreError),
}

/// Tries the plan's offerings in order.
///
/// # Errors
/// What the client hears when none answered: its own mistake, or the last failure.
pub(super) async fn run(
    exchange: &mut Exchange,
    conversation: &Conversation,
) -> Result<Served, Rejection> {
    let mut missed = Missed::default();
    let mut files = Files::of(
        conversation.call.caller.project(),
        exchange.gateway.limits.max_fetched_bytes,
    );
    for step in in_turn(conversation) {
        match once(exchange, conversation, step, &mut files).await {
            Ok(served) => return Ok(served),
            Err(miss) => missed.note(step, passed_over(exchange, conversation, step, miss)?),
        }
    }
    if missed.unheld {
        // Whoever else failed: the client sends all of the conversation again, and then anybody may be asked.
        return Err(threads::not_held().into());
    }
    if let Some((only, pause)) = missed.worth_a_second_try() {
        tokio::time::sleep(pause).await;
        match once(exchange, conversation, only, &mut files).await {
            Ok(served) => return Ok(served),
            Err(miss) => missed.note(only, passed_over(exchange, conversation, only, miss)?),
        }
    }
    Err(match missed.heard() {
        Some(Miss::Failed(failure)) => failed(exchange, &failure),
        Some(Miss::Untranslatable(Untranslatable::Unreadable(bad))) => Error::from(bad).into(),
        Some(Miss::Untranslatable(Untranslatable::Unsayable(bad))) => {
            Error::from(bad).with_code("unsupported").into()
        }
        Some(Miss::Untranslatable(Untranslatable::Unfetched(why))) => why.told(&conversation.asked),
        Some(Miss::Untranslatable(Untranslatable::Wants(_))) => unfetched(),
        Some(Miss::Untranslatable(Untranslatable::NotHeld)) => threads::not_held().into(),
        Some(Miss::Journal(_)) | None => unavailable(),
    })
}

/// The offerings that did not serve, as far as it matters what comes of them.
#[derive(Default)]
struct Missed<'a> {
    /// The last that was asked and failed.
    failed: Option<(&'a Step, Miss)>,
    /// How many were asked.
    asked: usize,
    /// The last that could not be asked.
    unasked: Option<Miss>,
    /// Whether one could not be asked because it does not hold the conversation.
    unheld: bool,
}

impl<'a> Missed<'a> {
    fn note(&mut self, step: &'a Step, miss: Miss) {
        match miss {
            Miss::Failed(_) => {
                self.failed = Some((step, miss));
                self.asked += 1;
            }
            Miss::Untranslatable(_) | Miss::Journal(_) => {
                self.unheld |= matches!(miss, Miss::Untranslatable(Untranslatable::NotHeld));
                self.unasked = Some(miss);
            }
        }
    }

    /// The only one that could be asked, and the pause before it is asked again, where that may help.
    fn worth_a_second_try(&self) -> Option<(&'a Step, Duration)> {
        match (&self.failed, self.asked) {
            (Some((only, Miss::Failed(failure))), 1) => Some((*only, second_try_after(failure)?)),
            _ => None,
        }
    }

    /// What the client hears. That one offering has no words for the request is no mistake of the client's where another
    /// has, and only fails at the moment.
    fn heard(self) -> Option<Miss> {
        self.failed.map(|(_, miss)| miss).or(self.unasked)
    }
}

/// The plan's steps, those last that began to cool down after the plan was made or are being probed by another exchange.
fn in_turn(conversation: &Conversation) -> impl Iterator<Item = &Step> {
    let mut late = Vec::new();
    let mut steps = conversation.plan.steps.iter();
    let health = &conversation.call.live.vitals.health;
    std::iter::from_fn(move || {
        for step in steps.by_ref() {
            match health.begin(step.offering, now_ms()) {
                Turn::Free | Turn::Probe => return Some(step),
                Turn::Cooling { .. } => late.push(step),
            }
        }
        (!late.is_empty()).then(|| late.remove(0))
    })
}

/// Remembers why a step did not serve; an error ends the loop.
fn passed_over(
    exchange: &mut Exchange,
    conversation: &Conversation,
    step: &Step,
    miss: Miss,
) -> Result<Miss, Rejection> {
    let miss = match miss {
        Miss::Failed(failure) => {
            let failure = conversation.hiding_secret(step.provider, failure);
            Miss::Failed(naming_field(conversation, step, failure))
        }
        Miss::Untranslatable(_) | Miss::Journal(_) => miss,
    };
    match &miss {
        Miss::Failed(failure) => {
            exchange.attempt_ended(Err(failure));
            if failure.retry == Retry::Never {
                return Err(failed(exchange, failure));
            }
        }
        Miss::Untranslatable(why) => {
            exchange.called_off(step);
            let catalog = &conversation.call.live.snapshot.catalog;
            exchange.excluded(Excluded {
                provider: catalog.provider(step.provider).id.clone(),
                model: catalog.model(step.model).id.clone(),
                reason: match why {
                    Untranslatable::Unreadable(_) => "cannot_read_request".to_owned(),
                    Untranslatable::Unsayable(_) => "cannot_express_request".to_owned(),
                    Untranslatable::Wants(_) | Untranslatable::Unfetched(_) => {
                        "cannot_fetch_file".to_owned()
                    }
                    Untranslatable::NotHeld => "does_not_hold_thread".to_owned(),
                },
            });
        }
        Miss::Journal(error) => {
            exchange.called_off(step);
            tracing::error!(%error, "no provider is called while the journal takes no intent");
            return Err(unavailable());
        }
    }
    Ok(miss)
}

/// A failure that names the client's own field, where the provider blames one that the client calls otherwise.
fn naming_field(conversation: &Conversation, step: &Step, mut failure: Failure) -> Failure {
    let client = conversation.call.door.dialect;
    if let Ok(provider) = translate::provider_dialect(step)
        && let Some(field) = own_words::at_fault(provider, client, &failure.error)
    {
        failure.error.param = Some(field);
    }
    failure
}

/// Hops 8 and 9, and the way back up to commit.
async fn once(
    exchange: &mut Exchange,
    conversation: &Conversation,
    step: &Step,
    files: &mut Files,
) -> Result<Served, Miss> {
    let mut translated = match translate::outgoing(conversation, step, files) {
        Err(Untranslatable::Wants(wanted)) => {
            // Boxed, since few requests come here and each would carry its size.
            Box::pin(files.fetch(&exchange.gateway.fetcher, wanted))
                .await
                .map_err(|why| Miss::Untranslatable(Untranslatable::Unfetched(why)))?;
            translate::outgoing(conversation, step, files)
        }
        done => done,
    }
    .map_err(Miss::Untranslatable)?;
    demand_all(conversation, &translated).map_err(|bad| Miss::Untranslatable(bad.into()))?;
    exchange.lost(std::mem::take(&mut translated.losses));
    exchange.calls(conversation, step).map_err(Miss::Journal)?;
    exchange
        .gateway
        .store
        .journal()
        .durable()
        .await
        .map_err(Miss::Journal)?;
    let answer = send(exchange, conversation, step, &translated)
        .await
        .map_err(Miss::Failed)?;
    exchange.heard(answer.status.as_u16());
    if !answer.status.is_success() {
        let failure = answer
            .into_failure(translated.dialect.errors, SystemTime::now())
            .await;
        return Err(Miss::Failed(failure));
    }
    let served = if conversation.asked.outline.stream {
        stream::commit(exchange, conversation, step, &translated, answer)
            .await
            .map(|on| Served::Stream(Box::new(on)))
    } else {
        receive(exchange, conversation, &translated, answer)
            .await
            .map(|answer| Served::Whole(Box::new(answer)))
    };
    let served = served.map_err(Miss::Failed)?;
    Ok(served)
}

/// A client may demand that nothing is lost. What was lost before of a kept conversation, which comes first, is lost whoever is
/// asked.
fn demand_all(conversation: &Conversation, translated: &Translated) -> Result<(), Malformed> {
    let keeping = conversation.asked.keeping.as_ref();
    let before = keeping.map_or(0, |keeping| keeping.lost().len());
    match (
        conversation.asked.preference.parameters,
        translated.losses.get(before),
    ) {
        (Parameters::Required, Some(loss)) => {
            let dialect = translated.dialect.id;
            let message = format!("cannot be carried to a provider that speaks {dialect}");
            Err(Malformed::field(loss.field.clone(), message))
        }
        (Parameters::Required, None) | (Parameters::BestEffort, _) => Ok(()),
    }
}

async fn send(
    exchange: &Exchange,
    conversation: &Conversation,
    step: &Step,
    translated: &Translated,
) -> Result<Answer, Failure> {
    let provider = conversation
        .call
        .live
        .snapshot
        .catalog
        .provider(step.provider);
    let to = Outgoing {
        provider,
        dialect: translated.dialect,
        credential: secret(&conversation.call.live, step.provider),
        path: &translated.path,
        client_headers: &conversation.call.headers,
        client_dialect: conversation.call.door.dialect.id,
        stream: conversation.asked.outline.stream,
        timeouts: exchange.gateway.limits.timeouts,
        now: SystemTime::now(),
    };
    exchange
        .gateway
        .upstream
        .send(provider, request::build(&to, translated.body.clone())?)
        .await
}

async fn receive(
    exchange: &mut Exchange,
    conversation: &Conversation,
    translated: &Translated,
    answer: Answer,
) -> Result<whole::Answer, Failure> {
    let headers = translate::response_headers(
        conversation.call.door.dialect,
        translated.dialect,
        &answer.headers,
    );
    let body = answer
        .body
        .collect(exchange.gateway.limits.max_answer_bytes)
        .await?;
    let (incoming, seen) = translate::incoming(conversation, translated, body)?;
    if let Some(error) = seen.error {
        return Err(Failure::reported(error));
    }
    exchange.first_token();
    exchange.tally.usage = seen.usage;
    exchange.tally.usage_final = seen.usage.is_some();
    exchange.tally.text_bytes = seen.text_bytes;
    exchange.tally.service_tier = seen.service_tier;
    exchange.attempt_ended(Ok(()));
    Ok(whole::Answer { incoming, headers })
}

/// The pause before the only offering is tried a second time; `None` where that would not help or take too long.
fn second_try_after(failure: &Failure) -> Option<Duration> {
    match failure.blame {
        Blame::Throttle | Blame::Provider | Blame::Network => {}
        Blame::Caller | Blame::Credential | Blame::Ourselves => return None,
    }
    // After a time-out the client has waited long enough; a model that is not known stays so.
    let hopeless = matches!(
        failure.kind,
        FailureKind::FirstByteTimeout
            | FailureKind::FirstTokenTimeout
            | FailureKind::IdleTimeout
            | FailureKind::TotalTimeout
            | FailureKind::ModelNotFound
            | FailureKind::AnswerTooLarge
    );
    let pause = failure.retry_after.unwrap_or(SHORT_PAUSE);
    (!hopeless && pause <= LONGEST_PAUSE).then_some(pause)
}

/// The last failure, and who was tried besides. A client's own mistake stands as the provider said it.
fn failed(exchange: &mut Exchange, failure: &Failure) -> Rejection {
    let mut error = failure.to_client_error();
    if failure.blame != Blame::Caller {
        let tried = exchange.record().attempts.iter();
        let tried: Vec<String> = tried
            .map(|attempt| format!("{} ({})", attempt.provider, attempt.outcome))
            .collect();
        error.message = format!("{} Tried: {}.", error.message, tried.join(", "));
    }
    Rejection {
        error,
        status: None,
        retry_after_s: failure.retry_after.map(|after| after.as_secs().max(1)),
    }
}

/// A file is still wanted after it was fetched: the gateway failed in that, and the log has why.
fn unfetched() -> Rejection {
    let message = "The gateway failed while it fetched a file that this request names by URL.";
    Error::new(ErrorKind::Server, message)
        .with_code("url_fetching_failed")
        .into()
}

fn unavailable() -> Rejection {
    let message = "The gateway cannot write its journal at the moment, so it calls no provider.";
    Error::new(ErrorKind::Overloaded, message)
        .with_code("journal_unavailable")
        .into()
}
