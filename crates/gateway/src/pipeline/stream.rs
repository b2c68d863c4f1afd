//! A streamed answer goes out: held until commit, then relayed as it comes, with keep-alives while the model is silent.
//! The body that the server polls holds everything; dropping it (the client hung up) closes the provider's connection
//! and settles the exchange.

use super::attempt::{self, Conversation, Served};
use super::exchange::Exchange;
use super::settle::Serving;
use super::translate::{self, Translated};
use super::whole;
use crate::reply::{BodyError, Rejection, Reply, ReplyBody, X_REQUEST_ID, set_header};
use bytes::Bytes;
use domain::money::Amount;
use domain::record::Checkpoint;
use domain::routing::Step;
use http::{HeaderMap, HeaderValue, Response, header};
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use protocol::dialect::Dialect;
use protocol::ir::{Error, Usage};
use protocol::relay::{Fault, Relay};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};
use upstream::{Answer, Failure, FailureKind};

/// How much is joined into one write at most.
const JOINED_BYTES: usize = 64 * 1024;
/// How many turns that bring nothing say that nothing more is there: the connection's task needs one to be told that it
/// may go on, and one to do so.
const EMPTY_TURNS: u32 = 2;
/// Bytes of generated text between two checkpoints in the journal: some 500 tokens.
const CHECKPOINT_BYTES: u64 = 2048;
/// How long the rest of a provider's body is waited for after the stream's proper end, so that its connection can be
/// used again.
const DRAIN: Duration = Duration::from_secs(1);

/// A committed stream.
pub(super) struct Relaying {
    relay: Relay,
    /// Until its end.
    body: Option<upstream::Body>,
    serving: Serving,
    headers: HeaderMap,
}

/// Reads a provider's stream up to its first content.
///
/// # Errors
/// When it fails before that: another offering may be tried.
pub(super) async fn commit(
    exchange: &mut Exchange,
    conversation: &Conversation,
    step: &Step,
    translated: &Translated,
    mut answer: Answer,
) -> Result<Relaying, Failure> {
    if !is_event_stream(&answer.headers) {
        return Err(not_a_stream(exchange, translated, answer).await);
    }
    let serving = Serving::by(step);
    let client = conversation.call.door.dialect;
    let headers = translate::response_headers(client, translated.dialect, &answer.headers);
    let context = whole::context(conversation, exchange.input_estimate);
    let mut relay = Relay::chat(client, translated.dialect, &context)
        .ok_or_else(|| Failure::of(FailureKind::Misconfigured, "no chat codec for this stream"))?;
    let limit = exchange.gateway.limits.first_token;
    let deadline = Instant::now() + limit;
    // A model may be silent for longer while it thinks than between two pieces of its answer: until its first content
    // only the deadline counts.
    answer
        .body
        .bear_silence(exchange.gateway.limits.timeouts.total);
    while !relay.committed() && !relay.ended() {
        let cost = |usage: &Usage, tier: Option<&str>| cost_of(conversation, serving, usage, tier);
        let Ok(piece) = tokio::time::timeout_at(deadline, answer.body.frame()).await else {
            return Err(Failure::of(
                FailureKind::FirstTokenTimeout,
                format!("no content within {limit:?}"),
            ));
        };
        match piece {
            Some(frame) => relay.push(&frame?.into_data().unwrap_or_default(), &cost)?,
            None => {
                relay.finish(&cost)?;
                break;
            }
        }
    }
    exchange.first_token();
    answer
        .body
        .bear_silence(exchange.gateway.limits.timeouts.idle);
    Ok(Relaying {
        relay,
        body: Some(answer.body),
        serving,
        headers,
    })
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    value.trim_start().starts_with("text/event-stream")
}

/// A success status, but no stream: an error inside a 200, or a page of a proxy in between.
async fn not_a_stream(exchange: &Exchange, translated: &Translated, answer: Answer) -> Failure {
    let body = match answer
        .body
        .collect(exchange.gateway.limits.max_answer_bytes)
        .await
    {
        Ok(body) => body,
        Err(failure) => return failure,
    };
    let seen = translated
        .dialect
        .chat
        .provider
        .map(|codec| codec.read_whole(&body));
    match seen {
        Some(Ok(seen)) if seen.error.is_some() => seen.error.map_or_else(
            || Failure::of(FailureKind::Malformed, "an error without words"),
            Failure::reported,
        ),
        _ => Failure::of(
            FailureKind::Malformed,
            "a stream was asked for, but the answer is none",
        ),
    }
}

fn cost_of(
    conversation: &Conversation,
    serving: Serving,
    usage: &Usage,
    tier: Option<&str>,
) -> Option<String> {
    let catalog = &conversation.call.live.snapshot.catalog;
    let usage = serving.corrected(catalog, *usage);
    serving
        .price(catalog, &usage, conversation.call.at_ms, tier)
        .map(Amount::cost_member)
}

/// Answers a request for a stream. Headers go out at commit, or at the first keep-alive if the providers take longer.
pub(super) async fn reply(mut exchange: Exchange, conversation: Conversation) -> Reply {
    let client = conversation.call.door.dialect;
    let id = conversation.call.id.to_string();
    let keep_alive = exchange.gateway.limits.keep_alive;
    let greeted = exchange.greeting();
    let mut deciding: Deciding = Box::pin(async move {
        let served = attempt::run(&mut exchange, &conversation).await;
        Decided {
            exchange,
            conversation,
            served,
        }
    });
    match tokio::time::timeout(keep_alive, &mut deciding).await {
        Ok(Decided {
            exchange,
            conversation,
            served,
        }) => match served {
            Ok(Served::Stream(relaying)) => relay(exchange, conversation, *relaying),
            Ok(Served::Whole(answer)) => whole::reply(exchange, &conversation, *answer),
            Err(rejection) => exchange.refuse(rejection, client),
        },
        Err(_) => {
            let mut headers = HeaderMap::new();
            set_header(&mut headers, X_REQUEST_ID.clone(), &id);
            event_stream(
                headers,
                StreamBody::new(client, keep_alive, State::Deciding { deciding, greeted }),
            )
        }
    }
}

/// Passes on a committed stream.
pub(super) fn relay(
    mut exchange: Exchange,
    conversation: Conversation,
    relaying: Relaying,
) -> Reply {
    exchange.headers_sent();
    exchange.lost_in_answer(relaying.relay.losses());
    let mut headers = relaying.headers.clone();
    whole::identify(&mut headers, exchange.record());
    let (client, keep_alive) = (
        conversation.call.door.dialect,
        exchange.gateway.limits.keep_alive,
    );
    let running = Running {
        exchange,
        conversation,
        relaying,
        unsent: 0,
        empty_turns: 0,
        checkpoint_bytes: 0,
    };
    event_stream(
        headers,
        StreamBody::new(client, keep_alive, State::Relaying(Box::new(running))),
    )
}

fn event_stream(headers: HeaderMap, body: StreamBody) -> Reply {
    let mut reply = Response::new(ReplyBody::Live(Box::pin(body)));
    *reply.headers_mut() = headers;
    let headers = reply.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // Reverse proxies in front of us must not collect the stream (nginx and those that follow it).
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    reply
}

struct Decided {
    exchange: Exchange,
    conversation: Conversation,
    served: Result<Served, Rejection>,
}

type Deciding = Pin<Box<dyn Future<Output = Decided> + Send>>;

/// The body of a streamed reply.
struct StreamBody {
    client: &'static Dialect,
    keep_alive: Duration,
    /// When something was last sent.
    sent: Instant,
    /// One timer for the whole stream, moved only when it goes off.
    alarm: Option<Pin<Box<Sleep>>>,
    state: State,
}

enum State {
    /// No provider has committed yet, but headers are out.
    Deciding {
        deciding: Deciding,
        /// Whether the first keep-alive, which makes the headers go out, was sent.
        greeted: Arc<AtomicBool>,
    },
    /// A provider has committed.
    Relaying(Box<Running>),
    /// All was sent.
    Done,
}

struct Running {
    exchange: Exchange,
    conversation: Conversation,
    relaying: Relaying,
    /// Bytes that came since the last write.
    unsent: usize,
    /// Turns in a row that brought nothing.
    empty_turns: u32,
    /// Bytes of generated text at the last checkpoint.
    checkpoint_bytes: u64,
}

/// What polling a provider led to.
enum Polled {
    /// These bytes go out; there may be more.
    Ready(Bytes),
    /// These bytes go out, and that was all.
    Last(Bytes),
    /// More is coming in this very moment: poll again before writing.
    MoreIsReady,
    /// Nothing yet.
    Pending,
}

impl StreamBody {
    fn new(client: &'static Dialect, keep_alive: Duration, state: State) -> Self {
        Self {
            client,
            keep_alive,
            sent: Instant::now(),
            alarm: None,
            state,
        }
    }

    /// The next bytes to go out; `None` when there are no more.
    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            match &mut self.state {
                State::Deciding { greeted, .. } if !greeted.swap(true, Ordering::Relaxed) => {
                    return Poll::Ready(Some(Bytes::from_static(self.client.keep_alive)));
                }
                State::Deciding { deciding, .. } => match deciding.as_mut().poll(cx) {
                    Poll::Ready(decided) => {
                        if let Some(bytes) = self.decided(decided) {
                            return Poll::Ready(Some(bytes));
                        }
                    }
                    Poll::Pending => return self.poll_keep_alive(cx),
                },
                State::Relaying(running) => match running.poll(cx) {
                    Polled::Ready(bytes) => return Poll::Ready(Some(bytes)),
                    Polled::Last(bytes) => {
                        self.state = State::Done;
                        return Poll::Ready(Some(bytes).filter(|bytes| !bytes.is_empty()));
                    }
                    Polled::MoreIsReady => return Poll::Pending,
                    Polled::Pending => return self.poll_keep_alive(cx),
                },
                State::Done => return Poll::Ready(None),
            }
        }
    }

    /// The headers are out, so what was decided can only change what follows: an error becomes an error frame.
    fn decided(&mut self, decided: Decided) -> Option<Bytes> {
        let Decided {
            mut exchange,
            conversation,
            served,
        } = decided;
        match served {
            Ok(Served::Stream(relaying)) => {
                exchange.headers_sent();
                let running = Running {
                    exchange,
                    conversation,
                    relaying: *relaying,
                    unsent: 0,
                    empty_turns: 0,
                    checkpoint_bytes: 0,
                };
                self.state = State::Relaying(Box::new(running));
                None
            }
            Ok(Served::Whole(_)) => {
                self.state = State::Done;
                None
            }
            Err(rejection) => {
                exchange.break_off(&rejection.error);
                self.state = State::Done;
                let id = conversation.call.id.to_string();
                self.client
                    .chat
                    .client
                    .map(|codec| codec.stream_error(&rejection.error, &id).into())
            }
        }
    }

    fn poll_keep_alive(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let due = self.sent + self.keep_alive;
        let alarm = self
            .alarm
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
        while alarm.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            if self.sent + self.keep_alive <= now {
                alarm.as_mut().reset(now + self.keep_alive);
                // Registers the timer anew, so that the next silence is noticed too.
                let _ = alarm.as_mut().poll(cx);
                return Poll::Ready(Some(Bytes::from_static(self.client.keep_alive)));
            }
            alarm.as_mut().reset(self.sent + self.keep_alive);
        }
        Poll::Pending
    }
}

impl Running {
    /// Moves what the provider has ready into the relay and out again, joined into one write. The provider's connection
    /// is a task of its own that hands over one piece at a time: as long as pieces come, it gets its turn before this
    /// writes. What is joined so is there already; nothing is waited for.
    fn poll(&mut self, cx: &mut Context<'_>) -> Polled {
        let came = match self.pump(cx) {
            Pumped::Open { came } => came,
            Pumped::Closed(last) => return Polled::Last(last),
        };
        self.unsent += came;
        self.empty_turns = if came > 0 { 0 } else { self.empty_turns + 1 };
        if self.unsent > 0 && self.unsent < JOINED_BYTES && self.empty_turns < EMPTY_TURNS {
            cx.waker().wake_by_ref();
            return Polled::MoreIsReady;
        }
        self.unsent = 0;
        self.checkpoint();
        let ready = self.relaying.relay.take();
        if ready.is_empty() {
            Polled::Pending
        } else {
            Polled::Ready(ready)
        }
    }

    fn pump(&mut self, cx: &mut Context<'_>) -> Pumped {
        let mut came = 0;
        while self.unsent + came < JOINED_BYTES {
            let (conversation, serving) = (&self.conversation, self.relaying.serving);
            let cost =
                |usage: &Usage, tier: Option<&str>| cost_of(conversation, serving, usage, tier);
            let relay = &mut self.relaying.relay;
            if relay.ended() {
                return self.complete(cx);
            }
            let polled = self
                .relaying
                .body
                .as_mut()
                .map_or(Poll::Ready(None), |body| Pin::new(body).poll_frame(cx));
            match polled {
                Poll::Pending => break,
                Poll::Ready(Some(Ok(frame))) => {
                    let bytes = frame.into_data().unwrap_or_default();
                    came += bytes.len();
                    if let Err(fault) = relay.push(&bytes, &cost) {
                        return self.faulted(fault);
                    }
                }
                Poll::Ready(Some(Err(failure))) => {
                    let heard = failure.to_client_error();
                    relay.fail(&heard);
                    return self.broken(&failure, &heard);
                }
                Poll::Ready(None) => {
                    return match relay.finish(&cost) {
                        Ok(()) => self.complete(cx),
                        Err(fault) => self.faulted(fault),
                    };
                }
            }
        }
        Pumped::Open { came }
    }

    /// The stream's proper end. It is settled before its last bytes go out.
    fn complete(&mut self, cx: &mut Context<'_>) -> Pumped {
        self.tally();
        self.exchange.attempt_ended(Ok(()));
        self.exchange.complete();
        if let Some(body) = self.relaying.body.take() {
            drain(body, cx);
        }
        Pumped::Closed(self.relaying.relay.take())
    }

    fn faulted(&mut self, fault: Fault) -> Pumped {
        let heard = fault.to_error();
        self.broken(&Failure::from(fault), &heard)
    }

    /// The relay has put the error frame, of what the client `heard`, into its output already.
    fn broken(&mut self, failure: &Failure, heard: &Error) -> Pumped {
        self.tally();
        self.exchange.attempt_ended(Err(failure));
        self.exchange.break_off(heard);
        Pumped::Closed(self.relaying.relay.take())
    }

    fn tally(&mut self) {
        self.exchange.tally = self.relaying.relay.tally();
        self.exchange.lost_in_answer(self.relaying.relay.losses());
    }

    /// Should the process be killed, the journal knows how far this stream had come.
    fn checkpoint(&mut self) {
        let tally = self.relaying.relay.tally();
        if tally.text_bytes < self.checkpoint_bytes + CHECKPOINT_BYTES {
            return;
        }
        self.checkpoint_bytes = tally.text_bytes;
        self.exchange.tally = tally;
        let (usage, cost) = self.exchange.usage_so_far();
        let checkpoint = Checkpoint {
            id: self.conversation.call.id,
            usage,
            cost,
        };
        if let Err(error) = self
            .exchange
            .gateway
            .store
            .journal()
            .checkpoint(&checkpoint)
        {
            tracing::warn!(%error, "a checkpoint could not be journalled");
        }
    }
}

impl Drop for Running {
    /// The client hung up: what came so far is what the exchange is billed by.
    fn drop(&mut self) {
        self.tally();
    }
}

enum Pumped {
    /// The stream goes on; so many bytes came.
    Open { came: usize },
    /// It is over; these bytes are the last.
    Closed(Bytes),
}

/// Reads a body to its end, which usually is there already, so that its connection can be used again.
fn drain(mut body: upstream::Body, cx: &mut Context<'_>) {
    if Pin::new(&mut body).poll_frame(cx).is_pending() {
        tokio::spawn(tokio::time::timeout(DRAIN, body.collect(JOINED_BYTES)));
    }
}

impl Body for StreamBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.poll_bytes(cx) {
            Poll::Ready(Some(bytes)) => {
                self.sent = Instant::now();
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}
