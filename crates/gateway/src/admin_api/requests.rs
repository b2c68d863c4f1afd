//! `/admin/v1/requests`: the records of exchanges.

use super::Shared;
use super::error::{AdminError, PathOf, QueryOf, moment_of};
use crate::state::Gateway;
use crate::view::RequestView;
use axum::Json;
use axum::extract::State;
use clap::ValueEnum;
use domain::id::RequestId;
use domain::money::Amount;
use domain::performance::Verdict;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use store::records::{Bounds, FollowCursor, Page, RecordFilter, StatusClass, TimeRange};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Records per page where nothing is said.
const DEFAULT_LIMIT: u32 = 50;
/// How long a page is looked for: over ten million records, what fits may be far away.
const PATIENCE: Duration = Duration::from_millis(50);

/// Which records.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct RequestQuery {
    /// Project id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) project: Option<String>,
    /// Key id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
    /// The model that served it (`author/slug`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<String>,
    /// Provider id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) provider: Option<String>,
    /// `2xx`, `4xx`, `5xx`, or a status itself (`429`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
    /// What became of it, as roll-ups count: a stream that broke has `failed`, whatever status its client heard.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(inline)]
    pub(crate) verdict: Option<VerdictView>,
    /// Cost at least this much: USD as decimal text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cost_least: Option<String>,
    /// Cost at most this much: USD as decimal text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cost_most: Option<String>,
    /// Took at least so many milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) duration_least: Option<u32>,
    /// Took at most so many milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) duration_most: Option<u32>,
    /// The first content took at least so many milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_token_least: Option<u32>,
    /// The first content took at most so many milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_token_most: Option<u32>,
    /// The client's own request id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_request_id: Option<String>,
    /// Streamed or whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stream: Option<bool>,
    /// Began at or after: RFC 3339, or a day in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<String>,
    /// Began before: RFC 3339, or a day in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<String>,
    /// Only records that began before the one of this id: `next_before` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<String>,
    /// How many at most (1 to 1000); 50 where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) limit: Option<u32>,
}

/// What became of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub(crate) enum VerdictView {
    /// Answered.
    Served,
    /// The caller's mistake.
    CallerFault,
    /// Too many requests.
    RateLimited,
    /// The client left, or the gateway stopped.
    Abandoned,
    /// Everything else.
    Failed,
}

impl From<VerdictView> for Verdict {
    fn from(view: VerdictView) -> Self {
        match view {
            VerdictView::Served => Self::Served,
            VerdictView::CallerFault => Self::CallerFault,
            VerdictView::RateLimited => Self::RateLimited,
            VerdictView::Abandoned => Self::Abandoned,
            VerdictView::Failed => Self::Failed,
        }
    }
}

/// A page of records, newest first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct RequestPage {
    /// The records. Where what fits is rare, they may be fewer than asked for, even none, on any page.
    pub(crate) requests: Vec<RequestView>,
    /// What `before` should be for the next page; null on the last one.
    #[schema(required)]
    pub(crate) next_before: Option<String>,
}

/// Where a follower stands, and which records it wants.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct FollowQuery {
    /// What the last answer gave; left out, following begins now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cursor: Option<String>,
    /// Project id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) project: Option<String>,
    /// Key id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
    /// The model that served it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<String>,
    /// Provider id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) provider: Option<String>,
    /// `2xx`, `4xx`, `5xx`, or a status itself (`429`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
    /// What became of it, as roll-ups count.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(inline)]
    pub(crate) verdict: Option<VerdictView>,
}

/// What arrived since the cursor, in order of arrival.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Followed {
    /// The records.
    pub(crate) requests: Vec<RequestView>,
    /// Where to go on.
    pub(crate) cursor: String,
}

pub(super) fn routes() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(follow))
        .routes(routes!(one))
}

/// Records, newest first. What ended before this call is in the answer. A page comes soon, also where it has not found
/// as many as asked for: `next_before` goes on until it is null.
#[utoipa::path(get, path = "/admin/v1/requests", tag = "requests", params(RequestQuery),
    responses((status = 200, body = RequestPage)))]
async fn list(
    State(gateway): Shared,
    QueryOf(query): QueryOf<RequestQuery>,
) -> Result<Json<RequestPage>, AdminError> {
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=1000).contains(&limit) {
        return Err(AdminError::field("limit", "limit: must be from 1 to 1000"));
    }
    let before = query.before.as_deref();
    let before = before.map(|id| request_id("before", id)).transpose()?;
    let filter = filter(&query)?;
    gateway.store.flush().await?;
    let page = Page {
        before,
        limit,
        patience: PATIENCE,
    };
    let found = gateway.store.records(&filter, page).await?;
    Ok(Json(RequestPage {
        requests: found.records.into_iter().map(RequestView::from).collect(),
        next_before: found.next.map(|next| next.to_string()),
    }))
}

/// Records as they arrive: ask again with the cursor of the answer before.
#[utoipa::path(get, path = "/admin/v1/requests/follow", tag = "requests", params(FollowQuery),
    responses((status = 200, body = Followed)))]
async fn follow(
    State(gateway): Shared,
    QueryOf(query): QueryOf<FollowQuery>,
) -> Result<Json<Followed>, AdminError> {
    let store = &gateway.store;
    store.flush().await?;
    let filter = filter(&RequestQuery {
        project: query.project,
        key: query.key,
        model: query.model,
        provider: query.provider,
        status: query.status,
        verdict: query.verdict,
        ..RequestQuery::default()
    })?;
    let Some(cursor) = query.cursor else {
        let cursor = store.follow_from_here().await?;
        return Ok(Json(Followed {
            requests: Vec::new(),
            cursor: cursor.to_string(),
        }));
    };
    let mut cursor: FollowCursor = cursor
        .parse()
        .map_err(|_| AdminError::field("cursor", "cursor: not one that this server gave"))?;
    let records = store.follow(&filter, &mut cursor, 1000).await?;
    let requests = records.into_iter().map(RequestView::from).collect();
    Ok(Json(Followed {
        requests,
        cursor: cursor.to_string(),
    }))
}

/// One record.
#[utoipa::path(get, path = "/admin/v1/requests/{id}", tag = "requests", params(("id" = String, Path)),
    responses((status = 200, body = RequestView), (status = 404)))]
async fn one(
    State(gateway): Shared,
    PathOf(id): PathOf<String>,
) -> Result<Json<RequestView>, AdminError> {
    gateway.store.flush().await?;
    let found = gateway.store.record(request_id("id", &id)?).await?;
    found
        .map(|record| Json(record.into()))
        .ok_or_else(|| AdminError::not_found("request", &id))
}

fn request_id(field: &str, text: &str) -> Result<RequestId, AdminError> {
    text.parse()
        .map_err(|error| AdminError::field(field, format!("{field}: '{text}' is {error}")))
}

pub(super) fn filter(query: &RequestQuery) -> Result<RecordFilter, AdminError> {
    let (status, status_is) = match query.status.as_deref() {
        None => (None, None),
        Some("2xx") => (Some(StatusClass::Success), None),
        Some("4xx") => (Some(StatusClass::ClientError), None),
        Some("5xx") => (Some(StatusClass::ServerError), None),
        Some(other) => match other.parse().ok().filter(|it| (100..600).contains(it)) {
            Some(status) => (None, Some(status)),
            None => {
                return Err(AdminError::field(
                    "status",
                    "status: must be 2xx, 4xx, 5xx, or a status like 429",
                ));
            }
        },
    };
    let millis = |least: Option<u32>, most: Option<u32>| Bounds {
        least: least.map(i64::from),
        most: most.map(i64::from),
    };
    Ok(RecordFilter {
        project: query.project.clone(),
        key: query.key.clone(),
        model: query.model.clone(),
        provider: query.provider.clone(),
        status,
        status_is,
        verdict: query.verdict.map(Verdict::from),
        stream: query.stream,
        cost: Bounds {
            least: usd_of("cost_least", query.cost_least.as_deref())?,
            most: usd_of("cost_most", query.cost_most.as_deref())?,
        },
        duration_ms: millis(query.duration_least, query.duration_most),
        first_token_ms: millis(query.first_token_least, query.first_token_most),
        client_request_id: query.client_request_id.clone(),
        range: range(query.since.as_deref(), query.until.as_deref())?,
    })
}

/// An amount in 10⁻¹² USD.
fn usd_of(field: &str, text: Option<&str>) -> Result<Option<i64>, AdminError> {
    let read = |text: &str| {
        let amount = text.parse::<Amount>();
        amount.map(|amount| amount.0).map_err(|_| {
            let message = format!("{field}: write an amount in USD, like 0.0125");
            AdminError::field(field, message)
        })
    };
    text.map(read).transpose()
}

/// A span of time from two optional moments.
pub(super) fn range(since: Option<&str>, until: Option<&str>) -> Result<TimeRange, AdminError> {
    Ok(TimeRange {
        since_ms: since.map(|text| moment_of("since", text)).transpose()?,
        until_ms: until.map(|text| moment_of("until", text)).transpose()?,
    })
}
