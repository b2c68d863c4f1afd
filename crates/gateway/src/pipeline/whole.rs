//! A whole answer goes out: settled first, so that its cost stands in the body and the headers.

use super::attempt::Conversation;
use super::exchange::Exchange;
use super::translate::{self, Incoming};
use crate::reply::{Reply, X_REQUEST_ID, json, set_header};
use domain::money::Amount;
use domain::record::Record;
use http::{HeaderMap, HeaderName};
use protocol::dialect;
use protocol::ir::LossKind;

static MODEL: HeaderName = HeaderName::from_static("x-tollgate-model");
static PROVIDER: HeaderName = HeaderName::from_static("x-tollgate-provider");
static ATTEMPTS: HeaderName = HeaderName::from_static("x-tollgate-attempts");
static COST: HeaderName = HeaderName::from_static("x-tollgate-cost-usd");
static LOST: HeaderName = HeaderName::from_static("x-tollgate-lost");

/// A provider's whole answer, read.
pub(super) struct Answer {
    pub(super) incoming: Incoming,
    /// Headers of it that go on to the client.
    pub(super) headers: HeaderMap,
}

/// Sends it.
pub(super) fn reply(mut exchange: Exchange, conversation: &Conversation, answer: Answer) -> Reply {
    let client = conversation.call.door.dialect;
    let context = context(conversation, exchange.input_estimate);
    // What the translation loses belongs into the record too.
    let cost = exchange.usage_so_far().1.map(Amount::cost_member);
    let (body, losses) = translate::answer(client, &answer.incoming, &context, cost.as_deref());
    exchange.lost_in_answer(losses);
    let record = exchange.complete();
    let mut reply = json(200, body);
    let headers = reply.headers_mut();
    headers.extend(answer.headers);
    identify(headers, record);
    if let Some(cost) = record.cost {
        set_header(headers, COST.clone(), &cost.to_string());
    }
    reply
}

/// The headers that say which model answered, at which provider, after how many tries, and what was lost.
pub(super) fn identify(headers: &mut HeaderMap, record: &Record) {
    set_header(headers, X_REQUEST_ID.clone(), &record.id.to_string());
    set_header(headers, MODEL.clone(), &record.model);
    set_header(headers, PROVIDER.clone(), &record.provider);
    headers.insert(ATTEMPTS.clone(), record.attempts.len().into());
    if !record.lost.is_empty() {
        let lost: Vec<String> = record
            .lost
            .iter()
            .map(|loss| match loss.kind {
                LossKind::Dropped => loss.field.clone(),
                LossKind::Approximated => format!("{};approximated", loss.field),
            })
            .collect();
        set_header(headers, LOST.clone(), &lost.join(", "));
    }
}

/// What an answer's codec needs from outside.
pub(super) fn context(conversation: &Conversation, input_estimate: u64) -> dialect::Reply {
    dialect::Reply {
        now: conversation.call.at_ms / 1000,
        request_id: conversation.call.id.to_string(),
        model: conversation.asked.outline.model.clone(),
        include_usage: conversation.asked.outline.include_usage,
        input_estimate,
    }
}
