//! `/admin/v1/providers/{id}/test`: whether a provider answers, with the credential that requests would use. It is asked
//! the smallest question there is, the way every request goes; so there is a record of it, and it may cost a little.

use super::Shared;
use super::access::Actor;
use super::error::{AdminError, JsonBody, PathOf};
use crate::call::Call;
use crate::clock::now_ms;
use crate::doors::{self, Found};
use crate::login::caller;
use crate::pipeline::{self, body::Body};
use crate::state::{Gateway, Live};
use axum::extract::State;
use axum::{Extension, Json};
use domain::catalog::{Offering, ProviderIdx};
use domain::id::RequestId;
use domain::pricing::ServiceTier;
use domain::record::Record;
use http::{HeaderMap, Method};
use http_body_util::BodyExt;
use protocol::dialect::Operation;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::{Duration, Instant};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How long a provider has to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// What to test a provider with.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct TestWith {
    /// The provider's own name of a model; its cheapest where nothing is said.
    model: Option<String>,
}

/// Whether a provider answers.
#[derive(Debug, Serialize, ToSchema)]
struct TestResult {
    /// Whether it answered.
    ok: bool,
    /// `ok`; a failure's class (`credential`, `connect`, `rate_limited` …); `timeout` after 30 s.
    outcome: String,
    /// What went wrong, in the provider's words or ours; null where nothing did.
    #[schema(required)]
    message: Option<String>,
    /// The provider's own name of the model that was asked.
    model: String,
    /// The provider's HTTP status; null where none came.
    #[schema(required)]
    status: Option<u16>,
    /// Milliseconds that it took.
    duration_ms: u64,
    /// What it cost: USD as decimal text; null where unpriced.
    #[schema(required)]
    cost_usd: Option<String>,
    /// The id of its record; null where nothing was asked.
    #[schema(required)]
    request: Option<String>,
}

pub(super) fn routes() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::new().routes(routes!(test))
}

/// Asks a provider the smallest question there is, with the credential that requests would use.
#[utoipa::path(post, path = "/admin/v1/providers/{id}/test", tag = "providers", params(("id" = String, Path)),
    request_body = TestWith, responses((status = 200, body = TestResult), (status = 404), (status = 409)))]
async fn test(
    State(gateway): Shared,
    Extension(actor): Extension<Actor>,
    PathOf(id): PathOf<String>,
    JsonBody(with): JsonBody<TestWith>,
) -> Result<Json<TestResult>, AdminError> {
    let live = gateway.live.load_full();
    let catalog = &live.snapshot.catalog;
    let provider = catalog.find_provider(&id);
    let provider = provider.ok_or_else(|| AdminError::not_found("provider", &id))?;
    if !live.usable(provider) {
        return Err(AdminError::not_enabled(&catalog.provider(provider).id));
    }
    let (offering, operation) = chosen(&live, provider, with.model.as_deref())?;
    let question = Question {
        model: format!("{}/{}", catalog.provider(provider).id, offering.wire_id),
        operation,
    };
    let begun = Instant::now();
    let call = question.call(&live, &actor)?;
    let request = call.id;
    let answered = ask(&gateway, call, &question).await;
    let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    gateway.store.flush().await?;
    let record = gateway.store.record(request).await?;
    let mut result = TestResult {
        model: offering.wire_id.clone(),
        duration_ms,
        ..of_record(record)
    };
    if !answered {
        "timeout".clone_into(&mut result.outcome);
        result.message = Some(format!("no answer within {} s", PATIENCE.as_secs()));
    }
    Ok(Json(result))
}

/// Asks, and reads the answer to its end; false where it took too long.
async fn ask(gateway: &Arc<Gateway>, call: Call, question: &Question) -> bool {
    let body = Body::Ours(question.body().into());
    let exchange = pipeline::run(Arc::clone(gateway), call, question.operation, body);
    let whole = async {
        let Ok(reply) = exchange.await;
        // What the answer says is of no interest, and how it ended is in the record.
        let _ = reply.into_body().collect().await;
    };
    tokio::time::timeout(PATIENCE, whole).await.is_ok()
}

/// The offering to test with: the named one, else the cheapest that can be asked for something.
fn chosen<'l>(
    live: &'l Live,
    provider: ProviderIdx,
    named: Option<&str>,
) -> Result<(&'l Offering, Operation), AdminError> {
    let own = live
        .snapshot
        .catalog
        .offerings()
        .map(|(_, offering)| offering);
    let mut own: Vec<(&Offering, Operation)> = own
        .filter(|offering| offering.provider == provider)
        .filter(|offering| named.is_none_or(|named| offering.wire_id == named))
        .filter_map(|offering| {
            let can = |operation: &Operation| offering.operations.contains(operation);
            let operation = [Operation::Chat, Operation::Embed].into_iter().find(can)?;
            Some((offering, operation))
        })
        .collect();
    let now = now_ms();
    own.sort_by_key(|(offering, operation)| {
        let price = offering.price.as_ref();
        let rates = price.and_then(|price| price.rates(0, now, ServiceTier::Standard));
        let cost = rates.map_or(i64::MAX, |rates| {
            let output = rates.output.pico_per_token();
            output.saturating_add(rates.input.pico_per_token())
        });
        (
            offering.lifecycle(now),
            *operation == Operation::Embed,
            cost,
        )
    });
    own.first().copied().ok_or_else(|| {
        AdminError::field(
            "model",
            "model: this provider serves none of that name that can be asked for something",
        )
    })
}

/// The smallest question there is.
struct Question {
    model: String,
    operation: Operation,
}

impl Question {
    fn path(&self) -> &'static str {
        match self.operation {
            Operation::Chat => "/v1/chat/completions",
            Operation::Embed => "/v1/embeddings",
        }
    }

    fn body(&self) -> Vec<u8> {
        let model = &self.model;
        let body = match self.operation {
            // Some refuse to give less than 16 tokens.
            Operation::Chat => serde_json::json!({
                "model": model, "max_completion_tokens": 16, "messages": [{"role": "user", "content": "Say OK."}],
            }),
            Operation::Embed => serde_json::json!({ "model": model, "input": "OK" }),
        };
        body.to_string().into_bytes()
    }

    fn call(&self, live: &Arc<Live>, actor: &Actor) -> Result<Call, AdminError> {
        let headers = HeaderMap::new();
        let Found::Door { door, rest } = doors::find(&Method::POST, self.path(), &headers) else {
            return Err(AdminError::not_found("door", self.path()));
        };
        let now = now_ms();
        let caller = caller::of_actor(live, actor.name(), None);
        Ok(Call {
            id: RequestId::new(now, crate::random::bytes()),
            at_ms: now,
            begun: Instant::now(),
            door,
            rest,
            headers,
            uri: http::Uri::from_static(self.path()),
            caller: caller.ok_or_else(|| AdminError::not_found("project", ""))?,
            live: Arc::clone(live),
        })
    }
}

/// What the record says: the last call to the provider, else why it was never called.
fn of_record(record: Option<Record>) -> TestResult {
    let mut result = TestResult {
        ok: false,
        outcome: "not_asked".to_owned(),
        message: None,
        model: String::new(),
        status: None,
        duration_ms: 0,
        cost_usd: None,
        request: None,
    };
    let Some(record) = record else {
        return result;
    };
    result.request = Some(record.id.to_string());
    result.cost_usd = record.cost.map(|cost| cost.to_string());
    result.message = record.error.map(|error| error.message);
    if let Some(last) = record.attempts.last() {
        result.ok = last.outcome == crate::telemetry::ANSWERED;
        result.outcome.clone_from(&last.outcome);
        result.status = last.status;
        if last.message.is_some() {
            result.message.clone_from(&last.message);
        }
    }
    result
}
