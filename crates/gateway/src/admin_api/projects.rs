//! `/admin/v1/projects`: what keys belong to.

use super::Shared;
use super::error::{AdminError, JsonBody, PathOf};
use super::keys::{ORGANIZATION, named};
use crate::state::Gateway;
use crate::view::timestamp;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::account::Project;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// A project.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct ProjectView {
    /// `proj_…`
    pub(crate) id: String,
    /// Its organization.
    pub(crate) organization: String,
    /// For people.
    pub(crate) name: String,
    /// RFC 3339, UTC.
    pub(crate) created_at: String,
}

/// A project's name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NameProject {
    /// For people; unique.
    name: String,
}

pub(super) fn routes() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(rename, delete))
}

/// All projects, oldest first.
#[utoipa::path(get, path = "/admin/v1/projects", tag = "projects", responses((status = 200, body = Vec<ProjectView>)))]
async fn list(State(gateway): Shared) -> Result<Json<Vec<ProjectView>>, AdminError> {
    Ok(Json(
        gateway
            .store
            .settings()
            .projects()
            .await?
            .into_iter()
            .map(view)
            .collect(),
    ))
}

/// Makes a project.
#[utoipa::path(post, path = "/admin/v1/projects", tag = "projects", request_body = NameProject,
    responses((status = 201, body = ProjectView), (status = 409)))]
async fn create(
    State(gateway): Shared,
    JsonBody(wanted): JsonBody<NameProject>,
) -> Result<(StatusCode, Json<ProjectView>), AdminError> {
    named("name", &wanted.name)?;
    let project = gateway
        .store
        .settings()
        .create_project(ORGANIZATION, &wanted.name)
        .await?;
    gateway.projects_changed().await?;
    Ok((StatusCode::CREATED, Json(view(project))))
}

/// Gives it another name.
#[utoipa::path(patch, path = "/admin/v1/projects/{id}", tag = "projects", params(("id" = String, Path)),
    request_body = NameProject, responses((status = 200, body = ProjectView), (status = 404), (status = 409)))]
async fn rename(
    State(gateway): Shared,
    PathOf(id): PathOf<String>,
    JsonBody(wanted): JsonBody<NameProject>,
) -> Result<Json<ProjectView>, AdminError> {
    named("name", &wanted.name)?;
    let project = gateway
        .store
        .settings()
        .rename_project(&id, &wanted.name)
        .await?;
    gateway.reload().await?;
    Ok(Json(view(project)))
}

/// Deletes a project that has no keys.
#[utoipa::path(delete, path = "/admin/v1/projects/{id}", tag = "projects", params(("id" = String, Path)),
    responses((status = 204), (status = 404), (status = 409)))]
async fn delete(
    State(gateway): Shared,
    PathOf(id): PathOf<String>,
) -> Result<StatusCode, AdminError> {
    gateway.store.settings().delete_project(&id).await?;
    gateway.projects_changed().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn view(project: Project) -> ProjectView {
    ProjectView {
        id: project.id,
        organization: project.organization,
        name: project.name,
        created_at: timestamp(project.created_at_ms),
    }
}
