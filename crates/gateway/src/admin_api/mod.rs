//! The admin API at `/admin/v1`: one file per resource, with its types, handlers and OpenAPI side by side. Authenticated
//! by management tokens, which open no model door, or by people's sessions; model keys open nothing here.

mod access;
mod document;
mod error;
pub(crate) mod keys;
mod models;
mod pages;
pub(crate) mod people;
mod performance;
mod plan;
mod price;
pub(crate) mod projects;
mod provider_test;
pub(crate) mod providers;
pub(crate) mod requests;
mod session;
pub(crate) mod tail;
mod tokens;
mod traffic;
pub(crate) mod usage;
mod words;

use crate::state::Gateway;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router, middleware};
use std::sync::Arc;
use tower_http::compression::CompressionLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// What every handler is given.
pub(crate) type Shared = State<Arc<Gateway>>;

/// Whether a path belongs here and not to the doors.
pub(crate) fn owns(path: &str) -> bool {
    path.starts_with("/admin/")
        || path.starts_with("/console/")
        || matches!(path, "/" | "/console" | "/healthz" | "/readyz" | "/metrics")
}

/// All routes.
pub(crate) fn router(gateway: Arc<Gateway>) -> Router {
    let api = described();
    let guarded = Router::from(resources()).layer(middleware::from_fn_with_state(
        Arc::clone(&gateway),
        access::guard,
    ));
    let resources = guarded
        .merge(Router::from(open_resources()))
        .layer(middleware::from_fn(access::to_the_end))
        .layer(middleware::map_response(document::not_to_be_kept));
    Router::new()
        .route("/", get(pages::front))
        .route("/healthz", get(pages::healthz))
        .route("/readyz", get(pages::readyz))
        .route("/metrics", get(pages::metrics))
        .route(
            "/admin/v1/openapi.json",
            get(move || async move { Json(api) }),
        )
        .route("/console", get(pages::console_moved))
        .route("/console/", get(pages::console_front))
        .route("/console/{*path}", get(pages::console))
        .merge(resources)
        .fallback(error::no_such_path)
        .method_not_allowed_fallback(error::wrong_method)
        .layer(middleware::map_response(document::as_it_says))
        .with_state(gateway)
}

/// What describes all of it (OpenAPI 3.1).
pub(crate) fn described() -> OpenApi {
    let mut api = document::begin();
    api.merge(resources().into_openapi());
    api.merge(open_resources().into_openapi());
    document::complete(&mut api);
    api
}

/// What asks for no authentication.
fn open_resources() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::new()
        .merge(session::open_routes())
        .merge(people::open_routes())
}

fn resources() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::new()
        .merge(session::routes())
        .merge(people::routes())
        .merge(keys::routes())
        // Large, and nobody's secret.
        .merge(models::routes().layer(CompressionLayer::new()))
        .merge(performance::routes())
        .merge(traffic::routes())
        .merge(projects::routes())
        .merge(providers::routes())
        .merge(requests::routes())
        .merge(tail::routes())
        .merge(plan::routes())
        .merge(provider_test::routes())
        .merge(usage::routes())
        .merge(price::routes())
        .merge(tokens::routes())
}
