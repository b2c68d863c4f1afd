//! The admin API at `/admin/v1`: one file per resource, with its types, handlers and OpenAPI side by side. Authenticated
//! by management tokens, which open no model door; model keys open nothing here.

mod access;
mod document;
mod error;
pub(crate) mod keys;
mod pages;
mod price;
pub(crate) mod projects;
pub(crate) mod providers;
pub(crate) mod requests;
mod tokens;
pub(crate) mod usage;

use crate::state::Gateway;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router, middleware};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;

/// What every handler is given.
pub(crate) type Shared = State<Arc<Gateway>>;

/// Whether a path belongs here and not to the doors.
pub(crate) fn owns(path: &str) -> bool {
    path.starts_with("/admin/") || matches!(path, "/" | "/healthz" | "/readyz" | "/metrics")
}

/// All routes.
pub(crate) fn router(gateway: Arc<Gateway>) -> Router {
    let (resources, mut api) = resources().split_for_parts();
    document::complete(&mut api);
    let guarded = resources.layer(middleware::from_fn_with_state(
        Arc::clone(&gateway),
        access::guard,
    ));
    Router::new()
        .route("/", get(pages::front))
        .route("/healthz", get(pages::healthz))
        .route("/readyz", get(pages::readyz))
        .route("/metrics", get(pages::metrics))
        .route(
            "/admin/v1/openapi.json",
            get(move || async move { Json(api) }),
        )
        .merge(guarded)
        .fallback(error::no_such_path)
        .method_not_allowed_fallback(error::wrong_method)
        .with_state(gateway)
}

fn resources() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::with_openapi(document::begin())
        .merge(keys::routes())
        .merge(projects::routes())
        .merge(providers::routes())
        .merge(requests::routes())
        .merge(usage::routes())
        .merge(price::routes())
        .merge(tokens::routes())
}
