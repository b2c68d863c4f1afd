//! The story of one exchange, top to bottom: read what is asked, plan, try the offerings in order, answer, settle. Each
//! step is a file of the same name below.

pub(crate) mod asked;
mod attempt;
pub(crate) mod body;
mod bounded;
mod exchange;
mod files;
mod kept;
mod settle;
mod stream;
mod translate;
mod whole;

use crate::call::Call;
use crate::reply::{Rejection, Reply, repeat_request_id};
use crate::state::Gateway;
use asked::Asked;
use attempt::{Conversation, Served};
use body::Body;
use domain::routing::{self, Plan, Situation, Wanted};
use exchange::Exchange;
use protocol::dialect::Operation;
use protocol::ir::Error;
use std::convert::Infallible;
use std::sync::Arc;

/// Serves one authenticated request. Whatever happens, it ends in one record, and in a reply.
pub(crate) async fn run(
    gateway: Arc<Gateway>,
    call: Call,
    operation: Operation,
    incoming: Body,
) -> Result<Reply, Infallible> {
    let mut exchange = Exchange::begin(gateway, &call, operation);
    let client = call.door.dialect;
    let mut reply = match prepare(&mut exchange, call, operation, incoming).await {
        Err(rejection) => exchange.refuse(rejection, client),
        Ok(conversation) if conversation.asked.outline.stream => {
            // Boxed, so that requests for whole answers need not carry its size.
            Box::pin(stream::reply(exchange, conversation)).await
        }
        Ok(conversation) => match attempt::run(&mut exchange, &conversation).await {
            Ok(Served::Whole(answer)) => whole::reply(exchange, &conversation, *answer).await,
            Ok(Served::Stream(relaying)) => stream::relay(exchange, conversation, *relaying),
            Err(rejection) => exchange.refuse(rejection, client),
        },
    };
    repeat_request_id(reply.headers_mut(), client);
    Ok(reply)
}

/// Hops 4 to 6: what is asked, and who may serve it.
async fn prepare(
    exchange: &mut Exchange,
    call: Call,
    operation: Operation,
    incoming: Body,
) -> Result<Box<Conversation>, Rejection> {
    let bytes = body::read(incoming, &call.headers, exchange.gateway.limits.body).await?;
    let mut asked = Asked::read(&call, operation, bytes).map_err(Error::from)?;
    exchange.asks_for(&asked);
    if kept::concerns(&call) {
        // Boxed, since few requests come here and each would carry its size.
        asked = Box::pin(kept::stand_alone(&exchange.gateway, &call, asked)).await?;
        exchange.asks_for(&asked);
    }
    let plan = plan(exchange, &call, &asked)?;
    Ok(Box::new(Conversation { call, asked, plan }))
}

fn plan(exchange: &mut Exchange, call: &Call, asked: &Asked) -> Result<Plan, Rejection> {
    match planned(call, asked, exchange.input_estimate) {
        Ok(mut plan) => {
            exchange.record().excluded = std::mem::take(&mut plan.excluded);
            Ok(plan)
        }
        Err(rejected) => {
            exchange.record().excluded = rejected.excluded;
            let error = Error {
                kind: rejected.kind,
                message: rejected.message,
                param: rejected
                    .param
                    .map(|param| asked.at_fault(call.door.said, param)),
                code: rejected.code,
                details: None,
            };
            Err(error.into())
        }
    }
}

/// Hop 5: who may serve it, with what is measured now. Calls nobody.
///
/// # Errors
/// When none may.
pub(crate) fn planned(
    call: &Call,
    asked: &Asked,
    input_estimate: u64,
) -> Result<Plan, routing::Rejection> {
    let cooling = call.live.vitals.health.cooling(call.at_ms);
    let situation = Situation {
        catalog: &call.live.snapshot.catalog,
        providers: &call.live.snapshot.providers,
        caller: &call.caller,
        cooling: &cooling,
        now_ms: call.at_ms,
    };
    let wanted = Wanted {
        model: &asked.outline.model,
        operation: asked.operation,
        needs: asked.outline.needs,
        stream: asked.outline.stream,
        dialect: call.door.dialect.id,
        preference: &asked.preference,
        input_estimate,
        max_output: asked.outline.max_output_tokens,
    };
    routing::plan(&situation, &wanted)
}
