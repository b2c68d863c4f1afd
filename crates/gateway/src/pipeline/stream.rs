//! A streamed answer goes out: held until commit, then relayed as it comes, with keep-alives while the model is silent.
//! The body that the server polls holds everything; dropping it (the client hung up) closes the provider's connection
//! and settles the exchange.

mod body;
mod running;

use super::attempt::{self, Conversation, Served};
use super::exchange::Exchange;
use super::settle::{self, Serving};
use super::translate::{self, Translated};
use super::whole;
use crate::reply::{Reply, ReplyBody, X_REQUEST_ID, set_header};
use body::{Decided, Deciding, StreamBody};
use bytes::Bytes;
use domain::routing::Step;
use http::{HeaderMap, HeaderValue, Response, header};
use http_body_util::BodyExt;
use protocol::dialect::Framing;
use protocol::ir::Usage;
use protocol::mend;
use protocol::relay::{Fault, Relay};
use running::Running;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use upstream::{Answer, Failure, FailureKind};

/// How much is read of an answer that is no stream, and for how long: the next offering is waiting.
const ODD_ANSWER_MAX: usize = 256 * 1024;
const ODD_ANSWER_WAIT: Duration = Duration::from_secs(5);

/// A committed stream.
pub(super) struct Relaying {
    relay: Relay,
    /// Until its end.
    body: Option<upstream::Body>,
    /// What broke it in the very piece that committed it: content was there, so no other offering is tried.
    fault: Option<Fault>,
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
    if !is_framed(&answer.headers, translated.dialect.framing) {
        return Err(not_a_stream(translated, answer).await);
    }
    let serving = Serving::by(step);
    let client = conversation.call.door.dialect;
    let headers = translate::response_headers(client, translated.dialect, &answer.headers);
    let mut relay = relay_between(exchange, conversation, step, translated)?;
    let limit = exchange.gateway.limits.first_token;
    let deadline = Instant::now() + limit;
    // A model may be silent for longer while it thinks than between two pieces of its answer: until its first content
    // only the deadline counts.
    answer
        .body
        .bear_silence(exchange.gateway.limits.timeouts.total);
    let mut fault = None;
    let mut closed = false;
    while !(relay.committed() || relay.ended() || closed) {
        let cost = |usage: &Usage, tier: Option<&str>| cost_of(conversation, serving, usage, tier);
        let Ok(piece) = tokio::time::timeout_at(deadline, answer.body.frame()).await else {
            return Err(Failure::of(
                FailureKind::FirstTokenTimeout,
                format!("no content within {limit:?}"),
            ));
        };
        let read = match piece {
            Some(frame) => relay.push(&frame?.into_data().unwrap_or_default(), &cost),
            None => {
                closed = true;
                relay.finish(&cost)
            }
        };
        match read {
            Err(broken) if relay.committed() => fault = Some(broken),
            read => read?,
        }
    }
    exchange.first_token();
    answer
        .body
        .bear_silence(exchange.gateway.limits.timeouts.idle);
    Ok(Relaying {
        relay,
        body: Some(answer.body),
        fault,
        serving,
        headers,
    })
}

/// What makes the client's stream of the provider's.
fn relay_between(
    exchange: &mut Exchange,
    conversation: &Conversation,
    step: &Step,
    translated: &Translated,
) -> Result<Relay, Failure> {
    let context = whole::context(conversation, exchange);
    let live = Arc::clone(&conversation.call.live);
    let provider = step.provider;
    let client = conversation.call.door.dialect;
    let relay = Relay::chat(client, translated.dialect, &context)
        .ok_or_else(|| Failure::of(FailureKind::Misconfigured, "no chat codec for this stream"))?;
    let told = move |fault: &Fault| {
        let failure = attempt::hiding_secret(&live, provider, fault.clone().into());
        failure.to_client_error()
    };
    Ok(relay
        .lifting(translated.aliases.clone())
        .telling(Box::new(told)))
}

/// Whether an answer says that it is a stream of that framing.
fn is_framed(headers: &HeaderMap, framing: Framing) -> bool {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    bare_type(value).eq_ignore_ascii_case(bare_type(framing.content_type()))
}

/// A media type without parameters.
fn bare_type(value: &str) -> &str {
    value.split(';').next().unwrap_or_default().trim()
}

/// A success status, but no stream: an error inside a 200, or a page of a proxy in between.
async fn not_a_stream(translated: &Translated, answer: Answer) -> Failure {
    let reading = tokio::time::timeout(ODD_ANSWER_WAIT, answer.body.collect(ODD_ANSWER_MAX));
    let body = match reading.await {
        Ok(Ok(body)) => body,
        Ok(Err(failure)) => return failure,
        Err(_) => Bytes::new(),
    };
    let seen = translated
        .dialect
        .chat
        .provider
        .map(|codec| mend::read(&body, |body| codec.read_whole(body)));
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
    if !settle::is_believable(usage) {
        return None;
    }
    let catalog = &conversation.call.live.snapshot.catalog;
    let usage = serving.corrected(catalog, *usage);
    serving
        .price(catalog, &usage, conversation.call.at_ms, tier)
        .map(|cost| cost.to_string())
}

/// Answers a request for a stream. Headers go out at commit, or at the first keep-alive if the providers take longer.
pub(super) async fn reply(mut exchange: Exchange, conversation: Box<Conversation>) -> Reply {
    let client = conversation.call.door.dialect;
    let framing = conversation.call.framing();
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
            Ok(Served::Whole(answer)) => whole::reply(exchange, &conversation, *answer).await,
            Err(rejection) => exchange.refuse(rejection, client),
        },
        Err(_) => {
            let mut headers = HeaderMap::new();
            set_header(&mut headers, X_REQUEST_ID.clone(), &id);
            streamed(
                headers,
                framing,
                StreamBody::deciding((client, framing), keep_alive, deciding, greeted),
            )
        }
    }
}

/// Passes on a committed stream.
pub(super) fn relay(
    mut exchange: Exchange,
    conversation: Box<Conversation>,
    relaying: Relaying,
) -> Reply {
    exchange.headers_sent();
    exchange.lost_in_answer(relaying.relay.losses());
    let mut headers = relaying.headers.clone();
    whole::identify(&mut headers, exchange.record());
    let (client, framing) = (conversation.call.door.dialect, conversation.call.framing());
    let keep_alive = exchange.gateway.limits.keep_alive;
    let running = Running::new(exchange, conversation, relaying);
    let body = StreamBody::relaying((client, framing), keep_alive, running);
    streamed(headers, framing, body)
}

fn streamed(headers: HeaderMap, framing: Framing, body: StreamBody) -> Reply {
    let mut reply = Response::new(ReplyBody::Live(Box::pin(body)));
    *reply.headers_mut() = headers;
    let headers = reply.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(framing.content_type()),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // Reverse proxies in front of us must not collect the stream (nginx and those that follow it).
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    reply
}
