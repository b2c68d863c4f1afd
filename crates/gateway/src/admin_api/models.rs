//! `/admin/v1/models`: the catalogue as the console shows it. What a key may call says the door `/v1/models`.

pub(super) mod offering;
mod page;
mod price;
mod summary;

use super::Shared;
use super::error::{AdminError, PathOf};
use crate::clock::now_ms;
use crate::state::Gateway;
use axum::Json;
use axum::extract::State;
use page::ModelPage;
use std::sync::Arc;
use summary::ModelSummary;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one))
        .routes(routes!(one_by_id))
}

/// All models of the catalogue, in its order: what they are found, filtered and sorted by.
#[utoipa::path(get, path = "/admin/v1/models", tag = "models", responses((status = 200, body = Vec<ModelSummary>)))]
async fn list(State(gateway): Shared) -> Json<Vec<ModelSummary>> {
    let (live, now) = (gateway.live.load_full(), now_ms());
    let models = live.snapshot.catalog.models();
    Json(
        models
            .map(|(_, model)| summary::summary(&live, model, now))
            .collect(),
    )
}

/// Everything that is known of one model, by its id or any name that means it; percent-encode what the slug has besides
/// letters and digits.
#[utoipa::path(get, path = "/admin/v1/models/{author}/{slug}", tag = "models",
    params(("author" = String, Path), ("slug" = String, Path)),
    responses((status = 200, body = ModelPage), (status = 404)))]
async fn one(
    State(gateway): Shared,
    PathOf((author, slug)): PathOf<(String, String)>,
) -> Result<Json<ModelPage>, AdminError> {
    page_of(&gateway, &format!("{author}/{slug}"))
}

/// The same by the id in one piece, percent-encoded as programs do it (`openai%2Fgpt-4o-mini`), or any other name.
#[utoipa::path(get, path = "/admin/v1/models/{id}", tag = "models", params(("id" = String, Path)),
    responses((status = 200, body = ModelPage), (status = 404)))]
async fn one_by_id(
    State(gateway): Shared,
    PathOf(id): PathOf<String>,
) -> Result<Json<ModelPage>, AdminError> {
    page_of(&gateway, &id)
}

fn page_of(gateway: &Gateway, id: &str) -> Result<Json<ModelPage>, AdminError> {
    let live = gateway.live.load_full();
    match live.snapshot.catalog.resolve(id) {
        Ok(found) => Ok(Json(page::page(&live, found.model, now_ms()))),
        Err(_) => Err(AdminError::not_found("model", id)),
    }
}
