//! `/admin/v1/management-tokens`: what opens this API.

use super::Shared;
use super::error::{AdminError, JsonBody, PathOf};
use super::keys::named;
use crate::state::Gateway;
use crate::view::timestamp;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// A management token, as far as it may be shown.
#[derive(Debug, Serialize, ToSchema)]
struct TokenView {
    /// `mgmt_…`
    id: String,
    /// For people.
    name: String,
    /// RFC 3339, UTC.
    created_at: String,
}

/// What a new token needs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateToken {
    /// For people; unique.
    name: String,
}

/// A new token with its secret, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
struct CreatedToken {
    /// The secret.
    token: String,
    /// `mgmt_…`
    id: String,
    /// For people.
    name: String,
}

pub(super) fn routes() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(delete))
}

/// All management tokens, oldest first.
#[utoipa::path(get, path = "/admin/v1/management-tokens", tag = "management tokens",
    responses((status = 200, body = Vec<TokenView>)))]
async fn list(State(gateway): Shared) -> Result<Json<Vec<TokenView>>, AdminError> {
    let tokens = gateway.store.settings().management_tokens().await?;
    let views = tokens.into_iter().map(|token| TokenView {
        id: token.id,
        name: token.name,
        created_at: timestamp(token.created_at_ms),
    });
    Ok(Json(views.collect()))
}

/// Makes a token. Its secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/admin/v1/management-tokens", tag = "management tokens", request_body = CreateToken,
    responses((status = 201, body = CreatedToken), (status = 409)))]
async fn create(
    State(gateway): Shared,
    JsonBody(wanted): JsonBody<CreateToken>,
) -> Result<(StatusCode, Json<CreatedToken>), AdminError> {
    named("name", &wanted.name)?;
    let created = gateway
        .store
        .settings()
        .create_management_token(&wanted.name)
        .await?;
    gateway.reload().await?;
    let token = CreatedToken {
        token: created.secret.expose().to_owned(),
        id: created.made.id,
        name: created.made.name,
    };
    Ok((StatusCode::CREATED, Json(token)))
}

/// Deletes a token: from now on it opens nothing.
#[utoipa::path(delete, path = "/admin/v1/management-tokens/{id}", tag = "management tokens",
    params(("id" = String, Path)), responses((status = 204), (status = 404)))]
async fn delete(
    State(gateway): Shared,
    PathOf(id): PathOf<String>,
) -> Result<StatusCode, AdminError> {
    gateway
        .store
        .settings()
        .delete_management_token(&id)
        .await?;
    gateway.reload().await?;
    Ok(StatusCode::NO_CONTENT)
}
