//! `/admin/v1/keys`: what applications authenticate with. Which models a key may name: `allowed.rs`.

mod allowed;

use super::Shared;
use super::error::{AdminError, JsonBody, PathOf, moment_of};
use crate::clock;
use crate::state::Gateway;
use crate::view::timestamp;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::account::{Key, Project};
use domain::snapshot::KeyEntry;
use serde::{Deserialize, Deserializer, Serialize};
use std::sync::Arc;
use store::settings::{Created, KeyPatch, LONGEST_GRACE_S, NewKey, Rotated, Rotation};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The organization of a fresh installation, until there are more.
pub(super) const ORGANIZATION: &str = "org_default";
/// How many keys one call makes at most.
const MOST_AT_ONCE: u32 = 10_000;

/// A key, as far as it may be shown.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct KeyView {
    /// `key_…`
    pub(crate) id: String,
    /// For people.
    pub(crate) name: String,
    /// Project id.
    pub(crate) project: String,
    /// The project's name.
    pub(crate) project_name: String,
    /// The secret's first characters.
    pub(crate) prefix: String,
    /// Models it may call; empty means all.
    pub(crate) allowed_models: Vec<String>,
    /// RFC 3339, UTC.
    pub(crate) created_at: String,
    /// When it stops working: its own time is over, or that which it had after it was replaced.
    #[schema(required)]
    pub(crate) expires_at: Option<String>,
    /// When it was revoked, or was replaced and ended.
    #[schema(required)]
    pub(crate) revoked_at: Option<String>,
    /// Whether another key has taken its place and name, and it works on only until `expires_at`.
    pub(crate) replaced: bool,
}

/// What a new key needs.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateKey {
    /// The project's name or id; made if no project has that name.
    pub(crate) project: String,
    /// For people; unique among the project's keys.
    pub(crate) name: String,
    /// Models it may call (`author/slug` or `author/*`); empty means all.
    #[serde(default)]
    pub(crate) allowed_models: Vec<String>,
    /// Whether `allowed_models` may name what the catalogue does not have (yet).
    #[serde(default)]
    pub(crate) allow_unknown: bool,
    /// When it stops working: RFC 3339, or the begin of a day in UTC.
    #[serde(default)]
    pub(crate) expires_at: Option<String>,
}

/// Many keys at once: as [`CreateKey`], the names numbered (`load-1`, `load-2` …).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateKeys {
    /// The project's name or id; made if no project has that name.
    pub(crate) project: String,
    /// What the names begin with.
    pub(crate) name: String,
    /// How many; at most 10,000.
    pub(crate) count: u32,
}

/// A new key with its secret, which is shown this once.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct CreatedKey {
    /// The secret.
    pub(crate) key: String,
    /// `key_…`
    pub(crate) id: String,
    /// For people.
    pub(crate) name: String,
    /// Project id.
    pub(crate) project: String,
    /// The project's name.
    pub(crate) project_name: String,
}

/// How a key is replaced.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotateKey {
    /// How long the old key still works, in seconds: at most 366 days. Left out, it ends at once.
    #[serde(default)]
    pub(crate) grace_seconds: u64,
    /// When the new key stops working: RFC 3339, or the begin of a day in UTC. Left out, when the old one would have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<String>,
}

/// A key that was replaced, and the one that took its place.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct RotatedKey {
    /// The new key with its secret, which is shown this once.
    pub(crate) successor: CreatedKey,
    /// The old one, with its end.
    pub(crate) replaced: KeyView,
}

/// What to change; what is left out stays as it is.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PatchKey {
    /// For people.
    name: Option<String>,
    /// Models it may call; empty means all.
    allowed_models: Option<Vec<String>>,
    /// Whether `allowed_models` may name what the catalogue does not have (yet). What the key names already it may.
    allow_unknown: bool,
    /// When it stops working: RFC 3339, or the begin of a day in UTC; null means never.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    expires_at: Option<Option<String>>,
}

/// Tells a null from a field that is left out.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

pub(super) fn routes() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(create_many))
        .routes(routes!(one, patch, revoke))
        .routes(routes!(rotate))
}

/// All keys, revoked ones too, oldest first.
#[utoipa::path(get, path = "/admin/v1/keys", tag = "keys", responses((status = 200, body = Vec<KeyView>)))]
async fn list(State(gateway): Shared) -> Result<Json<Vec<KeyView>>, AdminError> {
    let settings = gateway.store.settings();
    let projects = settings.projects().await?;
    let keys = settings.keys().await?;
    Ok(Json(
        keys.into_iter().map(|key| view(key, &projects)).collect(),
    ))
}

/// Makes a key. Its secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/admin/v1/keys", tag = "keys", request_body = CreateKey,
    responses((status = 201, body = CreatedKey)))]
async fn create(
    State(gateway): Shared,
    JsonBody(wanted): JsonBody<CreateKey>,
) -> Result<(StatusCode, Json<CreatedKey>), AdminError> {
    let expires_at = wanted.expires_at.as_deref();
    let expires_at_ms = expires_at
        .map(|text| moment_of("expires_at", text))
        .transpose()?;
    if expires_at_ms.is_some_and(|at| at <= clock::now_ms()) {
        return Err(AdminError::field(
            "expires_at",
            "expires_at: is over already, so that the key would open nothing",
        ));
    }
    allowed::check(&gateway, &wanted.allowed_models, &[], wanted.allow_unknown)?;
    named("name", &wanted.name)?;
    let project = project(&gateway, &wanted.project).await?;
    let new = NewKey {
        project: project.id.clone(),
        name: wanted.name,
        allowed_models: wanted.allowed_models,
        expires_at_ms,
    };
    let made = make(&gateway, &project, &new).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Makes many keys at once.
#[utoipa::path(post, path = "/admin/v1/keys/bulk", tag = "keys", request_body = CreateKeys,
    responses((status = 201, body = Vec<CreatedKey>)))]
async fn create_many(
    State(gateway): Shared,
    JsonBody(wanted): JsonBody<CreateKeys>,
) -> Result<(StatusCode, Json<Vec<CreatedKey>>), AdminError> {
    if !(1..=MOST_AT_ONCE).contains(&wanted.count) {
        return Err(AdminError::field(
            "count",
            format!("count: must be from 1 to {MOST_AT_ONCE}"),
        ));
    }
    named("name", &wanted.name)?;
    let project = project(&gateway, &wanted.project).await?;
    let mut all = Vec::with_capacity(wanted.count as usize);
    for number in 1..=wanted.count {
        let name = format!("{}-{number}", wanted.name);
        let new = NewKey {
            project: project.id.clone(),
            name,
            ..NewKey::default()
        };
        all.push(make(&gateway, &project, &new).await?);
    }
    Ok((StatusCode::CREATED, Json(all)))
}

/// One key.
#[utoipa::path(get, path = "/admin/v1/keys/{id}", tag = "keys", params(("id" = String, Path)),
    responses((status = 200, body = KeyView), (status = 404)))]
async fn one(
    State(gateway): Shared,
    PathOf(id): PathOf<String>,
) -> Result<Json<KeyView>, AdminError> {
    let settings = gateway.store.settings();
    Ok(Json(view(
        settings.key(&id).await?,
        &settings.projects().await?,
    )))
}

/// Changes what the body names.
#[utoipa::path(patch, path = "/admin/v1/keys/{id}", tag = "keys", params(("id" = String, Path)),
    request_body = PatchKey, responses((status = 200, body = KeyView), (status = 404)))]
async fn patch(
    State(gateway): Shared,
    PathOf(id): PathOf<String>,
    JsonBody(wanted): JsonBody<PatchKey>,
) -> Result<Json<KeyView>, AdminError> {
    if let Some(name) = &wanted.name {
        named("name", name)?;
    }
    if let Some(models) = &wanted.allowed_models {
        let named_already = gateway.store.settings().key(&id).await?.allowed_models;
        allowed::check(&gateway, models, &named_already, wanted.allow_unknown)?;
    }
    let expires_at_ms = match wanted.expires_at {
        None => None,
        Some(None) => Some(None),
        Some(Some(text)) => Some(Some(moment_of("expires_at", &text)?)),
    };
    let patch = KeyPatch {
        name: wanted.name,
        allowed_models: wanted.allowed_models,
        expires_at_ms,
    };
    let key = gateway.store.settings().update_key(&id, &patch).await?;
    changed(&gateway, key).await
}

/// Revokes a key: from now on it opens nothing. It stays listed.
#[utoipa::path(delete, path = "/admin/v1/keys/{id}", tag = "keys", params(("id" = String, Path)),
    responses((status = 200, body = KeyView), (status = 404)))]
async fn revoke(
    State(gateway): Shared,
    PathOf(id): PathOf<String>,
) -> Result<Json<KeyView>, AdminError> {
    let key = gateway.store.settings().revoke_key(&id).await?;
    changed(&gateway, key).await
}

/// Replaces a key by one of the same project, name and models. The old one ends at once, or after the time that the body
/// gives, so that both work meanwhile. The new one's secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/admin/v1/keys/{id}/rotate", tag = "keys", params(("id" = String, Path)),
    request_body = RotateKey,
    responses((status = 201, body = RotatedKey), (status = 404), (status = 409, description = "It was revoked or replaced already")))]
async fn rotate(
    State(gateway): Shared,
    PathOf(id): PathOf<String>,
    JsonBody(wanted): JsonBody<RotateKey>,
) -> Result<(StatusCode, Json<RotatedKey>), AdminError> {
    let grace_ms = grace(wanted.grace_seconds)?;
    let settings = gateway.store.settings();
    let old = settings.key(&id).await?;
    let expires_at_ms = match wanted.expires_at.as_deref() {
        Some(text) => Some(moment_of("expires_at", text)?),
        None => old.expires_at_ms,
    };
    let now = clock::now_ms();
    if expires_at_ms.is_some_and(|at| at <= now) {
        return Err(AdminError::field(
            "expires_at",
            "expires_at: is over already, so that the new key would open nothing",
        ));
    }
    let rotation = Rotation {
        ends_at_ms: now.saturating_add(grace_ms),
        expires_at_ms,
    };
    let Rotated {
        successor,
        replaced,
    } = settings.rotate_key(&id, &rotation).await?;
    let project = settings.project(&replaced.project).await?;
    for key in [&successor.made, &replaced] {
        gateway
            .key_changed(stored(&gateway, &project, &key.id))
            .await?;
    }
    let answer = RotatedKey {
        successor: created(successor, &project),
        replaced: view(replaced, &[project]),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// A time to go on for, in milliseconds.
fn grace(seconds: u64) -> Result<i64, AdminError> {
    let seconds = i64::try_from(seconds)
        .ok()
        .filter(|s| *s <= LONGEST_GRACE_S);
    let milliseconds = seconds.map(|seconds| seconds * 1_000);
    milliseconds.ok_or_else(|| {
        let message = format!("grace_seconds: at most 366 days ({LONGEST_GRACE_S} seconds)");
        AdminError::field("grace_seconds", message)
    })
}

async fn changed(gateway: &Gateway, key: Key) -> Result<Json<KeyView>, AdminError> {
    let projects = gateway.store.settings().projects().await?;
    if let Some(project) = projects.iter().find(|project| project.id == key.project) {
        gateway
            .key_changed(stored(gateway, project, &key.id))
            .await?;
    }
    Ok(Json(view(key, &projects)))
}

async fn make(
    gateway: &Gateway,
    project: &Project,
    new: &NewKey,
) -> Result<CreatedKey, AdminError> {
    let created = gateway.store.settings().create_key(new).await?;
    gateway
        .key_changed(stored(gateway, project, &created.made.id))
        .await?;
    Ok(self::created(created, project))
}

fn created(created: Created<Key>, project: &Project) -> CreatedKey {
    CreatedKey {
        key: created.secret.expose().to_owned(),
        id: created.made.id,
        name: created.made.name,
        project: project.id.clone(),
        project_name: project.name.clone(),
    }
}

/// A key with what it belongs to, as it is stored now.
async fn stored(
    gateway: &Gateway,
    project: &Project,
    id: &str,
) -> Result<Option<KeyEntry>, AdminError> {
    let settings = gateway.store.settings();
    let (key, organizations) = (settings.key(id).await?, settings.organizations().await?);
    let organization = organizations
        .into_iter()
        .find(|one| one.id == project.organization);
    Ok(organization.map(|organization| KeyEntry {
        key,
        project: Arc::new(project.clone()),
        organization: Arc::new(organization),
    }))
}

/// The project of that id or name; a new one where there is none.
async fn project(gateway: &Gateway, named_or_id: &str) -> Result<Project, AdminError> {
    named("project", named_or_id)?;
    let settings = gateway.store.settings();
    let projects = settings.projects().await?;
    match projects
        .into_iter()
        .find(|project| project.id == named_or_id || project.name == named_or_id)
    {
        Some(project) => Ok(project),
        None => {
            let made = settings.create_project(ORGANIZATION, named_or_id).await?;
            gateway.projects_changed().await?;
            Ok(made)
        }
    }
}

/// A name for people: something, and not too much.
pub(super) fn named(field: &str, name: &str) -> Result<(), AdminError> {
    if name.trim().is_empty() || name.chars().count() > 200 {
        return Err(AdminError::field(
            field,
            format!("{field}: must have 1 to 200 characters"),
        ));
    }
    Ok(())
}

fn view(key: Key, projects: &[Project]) -> KeyView {
    let project_name = projects
        .iter()
        .find(|project| project.id == key.project)
        .map(|project| project.name.clone());
    // A key that was replaced and still works is not revoked: it has a time at which it stops.
    let (over, ahead) = match key.revoked_at_ms {
        Some(at) if at > clock::now_ms() => (None, Some(at)),
        at => (at, None),
    };
    let expires_at_ms = key.expires_at_ms.into_iter().chain(ahead).min();
    KeyView {
        id: key.id,
        name: key.name,
        project: key.project,
        project_name: project_name.unwrap_or_default(),
        prefix: key.prefix,
        allowed_models: key.allowed_models,
        created_at: timestamp(key.created_at_ms),
        expires_at: expires_at_ms.map(timestamp),
        revoked_at: over.map(timestamp),
        replaced: ahead.is_some(),
    }
}
