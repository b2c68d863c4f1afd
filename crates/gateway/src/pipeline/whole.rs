//! A whole answer goes out: settled first, so that its cost stands in the body and the headers.

use super::attempt::Conversation;
use super::exchange::Exchange;
use super::kept;
use super::translate::{self, Incoming};
use crate::reply::{Reply, X_REQUEST_ID, json, set_header};
use domain::record::Record;
use http::{HeaderMap, HeaderName};
use protocol::dialect;
use protocol::ir::{Loss, LossKind};
use std::fmt::Write;

static MODEL: HeaderName = HeaderName::from_static("x-tollgate-model");
static PROVIDER: HeaderName = HeaderName::from_static("x-tollgate-provider");
static ATTEMPTS: HeaderName = HeaderName::from_static("x-tollgate-attempts");
static COST: HeaderName = HeaderName::from_static("x-tollgate-cost-usd");
static LOST: HeaderName = HeaderName::from_static("x-tollgate-lost");

/// Where the list of losses in the header ends: some clients refuse a head of 8 KB.
const MAX_LOST_BYTES: usize = 2048;

/// A provider's whole answer, read.
pub(super) struct Answer {
    pub(super) incoming: Incoming,
    /// Headers of it that go on to the client.
    pub(super) headers: HeaderMap,
}

/// Sends it, once it is kept if it is to be.
pub(super) async fn reply(
    mut exchange: Exchange,
    conversation: &Conversation,
    answer: Answer,
) -> Reply {
    let client = conversation.call.door.dialect;
    let context = context(conversation, &mut exchange);
    // What the translation loses belongs into the record too.
    let cost = exchange.usage_so_far().1;
    let told = cost.map(|cost| cost.to_string());
    let (body, losses) = translate::answer(client, &answer.incoming, &context, told.as_deref());
    exchange.lost_in_answer(losses);
    exchange.complete();
    let body = kept::whole(&exchange.gateway, conversation, body).await;
    let record = exchange.record();
    let mut reply = json(200, body);
    let headers = reply.headers_mut();
    headers.extend(answer.headers);
    identify(headers, record);
    match (record.cost, told) {
        (Some(settled), Some(told)) if cost == Some(settled) => {
            set_header(headers, COST.clone(), &told);
        }
        (Some(settled), _) => set_header(headers, COST.clone(), &settled.to_string()),
        (None, _) => {}
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
        set_header(headers, LOST.clone(), &lost(&record.lost));
    }
}

/// What was lost, for the header: as much of it as any client accepts in one, the rest as a number.
fn lost(losses: &[Loss]) -> String {
    let mut text = String::new();
    for (at, loss) in losses.iter().enumerate() {
        if text.len() > MAX_LOST_BYTES {
            // Writing to a String cannot fail.
            let _ = write!(text, ", ({} more)", losses.len() - at);
            break;
        }
        if at > 0 {
            text.push_str(", ");
        }
        // A client names fields as it likes; a header holds plain ASCII.
        for letter in loss.field.chars() {
            match letter {
                // What stands between losses does not stand in a name.
                ',' | ';' | '\\' => text.extend(letter.escape_unicode()),
                ' '..='~' => text.push(letter),
                _ => text.extend(letter.escape_unicode()),
            }
        }
        match loss.kind {
            LossKind::Dropped => {}
            LossKind::Approximated => text.push_str(";approximated"),
        }
    }
    text
}

/// What an answer's codec needs from outside.
pub(super) fn context(conversation: &Conversation, exchange: &mut Exchange) -> dialect::Reply {
    let input_estimate = exchange.input_estimate;
    let served = exchange.record();
    dialect::Reply {
        now: conversation.call.at_ms / 1000,
        elapsed_ms: u64::try_from(conversation.call.begun.elapsed().as_millis())
            .unwrap_or(u64::MAX),
        request_id: conversation.call.id.to_string(),
        model: conversation.asked.outline.model.clone(),
        include_usage: conversation.asked.outline.include_usage,
        input_estimate,
        freeform_tools: conversation.asked.outline.freeform_tools.clone(),
        asked: conversation.asked.said().clone(),
        framing: conversation.call.framing(),
        served_model: served.model.clone(),
        provider: served.provider.clone(),
        lost: served.lost.clone(),
        attempts: u32::try_from(served.attempts.len()).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_LOST_BYTES, lost};
    use protocol::ir::Loss;

    #[test]
    fn losses_fit_a_header_whatever_fields_are_called() {
        let few = [
            Loss::dropped("seed"),
            Loss::approximated("é\r\nx-evil: 1"),
            Loss::dropped("b, c;approximated"),
        ];
        assert_eq!(
            lost(&few),
            "seed, \\u{e9}\\u{d}\\u{a}x-evil: 1;approximated, b\\u{2c} c\\u{3b}approximated"
        );
        let many: Vec<Loss> = (0..10_000)
            .map(|at| Loss::dropped(format!("messages[{at}].content[0].cache_control")))
            .collect();
        let text = lost(&many);
        assert!(text.len() < MAX_LOST_BYTES + 200, "{}", text.len());
        assert!(text.ends_with(" more)"), "{text}");
    }
}
