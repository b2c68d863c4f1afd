//! `/admin/v1/price`: what some usage costs, as a record would have it.

use super::Shared;
use super::error::{AdminError, JsonBody};
use crate::clock;
use crate::quote::{Case, Quote};
use crate::state::Gateway;
use axum::Json;
use axum::extract::State;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::new().routes(routes!(price))
}

/// What some usage costs at each provider that serves a model, or at one, with negotiated prices. Nothing is called.
#[utoipa::path(post, path = "/admin/v1/price", tag = "prices", request_body = Case,
    responses((status = 200, body = Quote)))]
async fn price(
    State(gateway): Shared,
    JsonBody(case): JsonBody<Case>,
) -> Result<Json<Quote>, AdminError> {
    let live = gateway.live.load();
    let quote = case.quote(&live.snapshot.catalog, clock::now_ms());
    Ok(Json(quote.map_err(|error| {
        AdminError::field(error.field, error.message)
    })?))
}
