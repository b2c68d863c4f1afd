//! `/admin/v1/plan`: who would serve a request, in which order, and why the others would not. Nobody is called and nothing
//! is recorded.

use super::Shared;
use super::access::Actor;
use super::error::{AdminError, JsonBody};
use super::words::WhyWord;
use crate::call::Call;
use crate::clock::now_ms;
use crate::doors::{self, Answer, Found};
use crate::login::caller;
use crate::pipeline::{self, asked::Asked};
use crate::state::{Gateway, Live};
use crate::view::{ExcludedView, timestamp};
use axum::extract::State;
use axum::{Extension, Json};
use domain::catalog::{Capability, Suffix};
use domain::estimate::Ratio;
use domain::id::RequestId;
use domain::routing::{Plan, Step};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// A request as a client would send it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WouldAsk {
    /// The door's path; `/v1/chat/completions` where nothing is said.
    #[serde(default = "chat_completions")]
    path: String,
    /// Headers that matter to the door, as the AI SDK's model.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// The body.
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    body: serde_json::Value,
    /// Whose request: a project's id; else the rights of no particular key.
    #[serde(default)]
    project: Option<String>,
}

fn chat_completions() -> String {
    "/v1/chat/completions".to_owned()
}

/// Who would serve a request.
#[derive(Debug, Serialize, ToSchema)]
struct PlanView {
    /// `chat`, `embed`
    operation: &'static str,
    /// The model as the request names it.
    model: String,
    /// What the names of `model` and `models` were understood to mean, in this order.
    understood: Vec<UnderstoodView>,
    /// Whether it wants a stream.
    stream: bool,
    /// What it needs of a model.
    needs: Vec<&'static str>,
    /// Tokens of input, by estimate.
    input_estimate: u64,
    /// What would be tried, in this order; empty where it would be rejected.
    steps: Vec<StepView>,
    /// What would not be tried, and why.
    excluded: Vec<ExcludedView>,
    /// What the client would hear instead; null where there is something to try.
    #[schema(required)]
    rejection: Option<RejectionView>,
}

/// What a model's name was understood to mean.
#[derive(Debug, Serialize, ToSchema)]
struct UnderstoodView {
    /// The name as the request has it.
    name: String,
    /// Model id; null where no model is called so.
    #[schema(required)]
    model: Option<String>,
    /// The only provider that may serve it, since the name begins with one; null where every one may.
    #[schema(required)]
    only_provider: Option<String>,
    /// Whether the name asks for what costs nothing (`:free`).
    only_free: bool,
}

/// One offering that would be tried.
#[derive(Debug, Serialize, ToSchema)]
struct StepView {
    /// Model id.
    model: String,
    /// Provider id.
    provider: String,
    /// The provider's own name of the model.
    wire_id: String,
    /// The dialect that it would be asked in.
    dialect: &'static str,
    /// Whether that is the client's own, so that nothing is translated.
    native: bool,
    /// What it would cost by the estimates: USD as decimal text; null where unpriced.
    #[schema(required)]
    estimate_usd: Option<String>,
    /// Until when it cools down after failures: RFC 3339, UTC; null where it does not.
    #[schema(required)]
    cooling_until: Option<String>,
    /// Why it stands here.
    why: WhyWord,
}

/// What the client would hear.
#[derive(Debug, Serialize, ToSchema)]
struct RejectionView {
    /// A machine-readable code.
    #[schema(required)]
    code: Option<String>,
    /// A sentence for a person.
    message: String,
    /// The field at fault.
    #[schema(required)]
    param: Option<String>,
}

pub(super) fn routes() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::new().routes(routes!(plan))
}

/// Explains who would serve a request. Nobody is called and nothing is recorded.
#[utoipa::path(post, path = "/admin/v1/plan", tag = "requests", request_body = WouldAsk,
    responses((status = 200, body = PlanView), (status = 400)))]
async fn plan(
    State(gateway): Shared,
    Extension(actor): Extension<Actor>,
    JsonBody(wanted): JsonBody<WouldAsk>,
) -> Result<Json<PlanView>, AdminError> {
    let live = gateway.live.load_full();
    let call = call(&live, &actor, &wanted)?;
    let Answer::Exchange(operation) = call.door.answer else {
        return Err(AdminError::field(
            "path",
            "path: nobody is asked for anything there",
        ));
    };
    // Values have string keys, so writing them cannot fail.
    let body = serde_json::to_vec(&wanted.body).unwrap_or_default();
    let input_estimate = Ratio::default().tokens(body.len() as u64);
    let asked = Asked::read(&call, operation, body.into())
        .map_err(|error| AdminError::field("body", error.to_string()))?;
    let (plan, rejection) = match pipeline::planned(&call, &asked, input_estimate) {
        Ok(plan) => (plan, None),
        Err(rejected) => {
            let plan = Plan {
                steps: Vec::new(),
                excluded: rejected.excluded,
            };
            let rejection = RejectionView {
                code: rejected.code,
                message: rejected.message,
                param: rejected.param,
            };
            (plan, Some(rejection))
        }
    };
    let needs = Capability::needed(asked.outline.needs);
    let names = [&asked.outline.model].into_iter();
    let names = names.chain(&asked.preference.models);
    Ok(Json(PlanView {
        operation: operation.as_str(),
        model: asked.outline.model.clone(),
        understood: names.map(|name| understood(&live, name)).collect(),
        stream: asked.outline.stream,
        needs: needs.map(Capability::as_str).collect(),
        input_estimate,
        steps: plan.steps.iter().map(|one| step(&call, one)).collect(),
        excluded: plan.excluded.into_iter().map(ExcludedView::from).collect(),
        rejection,
    }))
}

/// The request as if it had come in.
fn call(live: &Arc<Live>, actor: &Actor, wanted: &WouldAsk) -> Result<Call, AdminError> {
    let mut headers = HeaderMap::new();
    for (name, value) in &wanted.headers {
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
        else {
            return Err(AdminError::field(
                "headers",
                format!("headers: '{name}' cannot be sent"),
            ));
        };
        headers.insert(name, value);
    }
    let uri: http::Uri = wanted
        .path
        .parse()
        .map_err(|_| AdminError::field("path", "path: is not one"))?;
    let (door, rest) = match doors::find(&Method::POST, uri.path(), &headers) {
        Found::Door { door, rest } => (door, rest),
        Found::WrongMethod { .. } | Found::Nowhere { .. } => {
            return Err(AdminError::field(
                "path",
                "path: there is no door that takes a POST",
            ));
        }
    };
    let now = now_ms();
    Ok(Call {
        id: RequestId::new(now, crate::random::bytes()),
        at_ms: now,
        begun: Instant::now(),
        door,
        rest: rest.map(|rest| doors::model_in(door, &rest)),
        headers,
        uri,
        caller: caller::of_actor(live, actor.name(), wanted.project.as_deref())
            .ok_or_else(|| AdminError::field("project", "project: there is none of this id"))?,
        live: Arc::clone(live),
    })
}

fn understood(live: &Live, name: &str) -> UnderstoodView {
    let catalog = &live.snapshot.catalog;
    let found = catalog.resolve(name).ok();
    let only = found.and_then(|found| found.provider);
    UnderstoodView {
        name: name.to_owned(),
        model: found.map(|found| catalog.model(found.model).id.clone()),
        only_provider: only.map(|idx| catalog.provider(idx).id.clone()),
        only_free: found.is_some_and(|found| found.suffix == Some(Suffix::Free)),
    }
}

fn step(call: &Call, step: &Step) -> StepView {
    let catalog = &call.live.snapshot.catalog;
    StepView {
        model: catalog.model(step.model).id.clone(),
        provider: catalog.provider(step.provider).id.clone(),
        wire_id: catalog.offering(step.offering).wire_id.clone(),
        dialect: step.dialect.as_str(),
        native: step.dialect == call.door.dialect.id,
        estimate_usd: step.estimate.map(|estimate| estimate.to_string()),
        cooling_until: step.cooling_until_ms.map(timestamp),
        why: step.why.into(),
    }
}
