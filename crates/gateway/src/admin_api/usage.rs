//! `/admin/v1/usage`: sums of requests, tokens and cost.

use super::Shared;
use super::error::{AdminError, QueryOf};
use super::requests::range;
use crate::state::Gateway;
use crate::view::{UsageCounts, UsageView, usd};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::records::{Dimension, UsageRow};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What to sum by, and when.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UsageQuery {
    /// `model`, `key`, `project`, `provider` or `day`.
    pub(crate) by: String,
    /// From: RFC 3339, or a day in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<String>,
    /// Until, exclusive: RFC 3339, or a day in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<String>,
}

/// A sum. Of the first five members the one that was summed by is there.
#[derive(ToSchema)]
#[schema(as = UsageRow)]
#[expect(dead_code, reason = "only describes what UsageView writes by hand")]
struct UsageRowShape {
    /// Model id.
    model: Option<String>,
    /// Key id.
    key: Option<String>,
    /// Project id.
    project: Option<String>,
    /// Provider id.
    provider: Option<String>,
    /// A day in UTC.
    day: Option<String>,
    /// Exchanges.
    requests: u64,
    /// Those of them without a price, which cost nothing here.
    unpriced: u64,
    /// Tokens.
    usage: UsageCounts,
    /// USD as decimal text, exact.
    cost_usd: String,
}

pub(super) fn routes() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::new().routes(routes!(sums))
}

/// Sums, the dearest first (days in order). Each row has the dimension under its own name (`model`, `key` …),
/// `requests`, `unpriced` (those without a price, which cost nothing here), `usage` and `cost_usd`.
#[utoipa::path(get, path = "/admin/v1/usage", tag = "usage", params(UsageQuery),
    responses((status = 200, body = Vec<UsageRowShape>)))]
async fn sums(
    State(gateway): Shared,
    QueryOf(query): QueryOf<UsageQuery>,
) -> Result<Json<Vec<UsageView>>, AdminError> {
    let by = match query.by.as_str() {
        "model" => Dimension::Model,
        "key" => Dimension::Key,
        "project" => Dimension::Project,
        "provider" => Dimension::Provider,
        "day" => Dimension::Day,
        _ => {
            return Err(AdminError::field(
                "by",
                "by: must be model, key, project, provider or day",
            ));
        }
    };
    let range = range(query.since.as_deref(), query.until.as_deref())?;
    gateway.store.flush().await?;
    let rows = gateway.store.usage(by, range).await?;
    Ok(Json(
        rows.into_iter().map(|row| view(&query.by, row)).collect(),
    ))
}

fn view(dimension: &str, row: UsageRow) -> UsageView {
    UsageView {
        dimension: dimension.to_owned(),
        value: row.dimension,
        requests: row.requests,
        unpriced: row.unpriced,
        usage: row.usage.into(),
        cost_usd: usd(row.cost),
    }
}
