//! `/admin/v1/providers`: who serves models, which of them are enabled, and with which credentials.

use super::Shared;
use super::error::{AdminError, JsonBody, PathOf};
use super::keys::named;
use super::models::offering::{DataView, LinksView, data, known, links};
use crate::assemble::ModelSaid;
use crate::state::{Gateway, Live};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::catalog::{CatalogError, Provider, ProviderIdx};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::Secret;
use store::settings::{Credential, Credentials, StoredProvider};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// A provider.
#[derive(Debug, Serialize, ToSchema)]
struct ProviderView {
    /// `groq`
    id: String,
    /// For people.
    name: String,
    /// Whether requests can go to it.
    enabled: bool,
    /// Why what is stored of it cannot be used, where it cannot: requests do not go to it then.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// Whose word on it counts.
    managed_by: ManagedBy,
    /// What was said of it here, as it can be sent again; null where nothing was, or where it cannot be read any more.
    #[schema(required)]
    said: Option<PutProvider>,
    /// What requests to it are authenticated with.
    credential: CredentialState,
    /// Other ids that it is known by.
    aliases: Vec<String>,
    /// Where the company sits: an ISO 3166 country code.
    #[schema(required)]
    headquarters: Option<String>,
    /// Where it computes; empty where unknown.
    regions: Vec<String>,
    /// What becomes of the data, where an offering says nothing else.
    data: DataView,
    /// Where to read more.
    links: LinksView,
    /// What the catalogue's entry was taken from.
    #[schema(required)]
    evidence: Option<String>,
    /// Its addresses by dialect.
    endpoints: Vec<EndpointView>,
    /// How many models it serves.
    models: usize,
    /// The environment variables that enable it.
    env: Vec<String>,
    /// Its stored credentials, without their secrets.
    credentials: Vec<CredentialView>,
}

/// Whose word on a provider counts.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ManagedBy {
    /// The catalogue's.
    Catalogue,
    /// `tollgate.toml`'s: read-only here.
    File,
    /// What was said here.
    Stored,
}

/// What requests to a provider are authenticated with.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CredentialState {
    /// It wants nothing.
    NotNeeded,
    /// A variable of the environment.
    Environment,
    /// What `tollgate.toml` says.
    File,
    /// What is stored here, sealed.
    Stored,
    /// Nothing is known: requests cannot go to it.
    Missing,
}

/// How a provider is reached in one dialect.
#[derive(Debug, Serialize, ToSchema)]
struct EndpointView {
    /// `openai_chat` …
    dialect: String,
    /// What the dialect's paths follow.
    base_url: String,
}

/// A stored credential, as far as it may be shown.
#[derive(Debug, Serialize, ToSchema)]
struct CredentialView {
    /// `cred_…`
    id: String,
    /// For people.
    name: String,
    /// RFC 3339, UTC.
    created_at: String,
    /// Why it cannot be used (its sealing key is lost), where it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// What is said of a provider: one of the catalogue's is switched or changed, another id makes a new one.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutProvider {
    /// Whether it may be used.
    #[serde(default = "yes")]
    enabled: bool,
    /// Its address; a new provider needs one.
    #[serde(default)]
    base_url: Option<String>,
    /// Dialects that it speaks, the preferred one first.
    #[serde(default)]
    speaks: Vec<String>,
    /// Models that it serves, besides the catalogue's.
    #[serde(default)]
    models: Option<Vec<ModelSaid>>,
}

/// A new credential.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateCredential {
    /// For people; unique within the provider.
    name: String,
    /// The provider's API key. Sealed before it is stored, never shown again.
    api_key: String,
}

/// Of a credential. Tokens that hold for a while and say what they allow have thousands of bytes.
const MAX_SECRET_BYTES: usize = 16 * 1024;

fn yes() -> bool {
    true
}

pub(super) fn routes() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one, put, delete))
        .routes(routes!(add_credential))
        .routes(routes!(delete_credential))
}

/// All providers.
#[utoipa::path(get, path = "/admin/v1/providers", tag = "providers",
    responses((status = 200, body = Vec<ProviderView>)))]
async fn list(State(gateway): Shared) -> Result<Json<Vec<ProviderView>>, AdminError> {
    views(&gateway).await.map(Json)
}

/// One provider.
#[utoipa::path(get, path = "/admin/v1/providers/{id}", tag = "providers", params(("id" = String, Path)),
    responses((status = 200, body = ProviderView), (status = 404)))]
async fn one(
    State(gateway): Shared,
    PathOf(id): PathOf<String>,
) -> Result<Json<ProviderView>, AdminError> {
    view_of(&gateway, &id).await.map(Json)
}

/// Switches or changes a provider, or makes a new one.
#[utoipa::path(put, path = "/admin/v1/providers/{id}", tag = "providers", params(("id" = String, Path)),
    request_body = PutProvider, responses((status = 200, body = ProviderView), (status = 400), (status = 409)))]
async fn put(
    State(gateway): Shared,
    PathOf(id): PathOf<String>,
    JsonBody(wanted): JsonBody<PutProvider>,
) -> Result<Json<ProviderView>, AdminError> {
    let id = gateway.ground.id_of(&id);
    writable(&gateway, &id)?;
    let models = wanted.models.as_ref().map(|models| {
        // These types have string keys only, so writing them cannot fail.
        serde_json::to_string(models).unwrap_or_default()
    });
    let said = StoredProvider {
        id: id.clone(),
        enabled: wanted.enabled,
        base_url: wanted.base_url,
        speaks: wanted.speaks,
        models,
        updated_at_ms: 0,
    };
    crate::assemble::check(&gateway.ground, &gateway.store, &said)
        .await
        .map_err(|error| misfit(&id, &error))?;
    gateway.store.settings().put_provider(&said).await?;
    gateway.reload().await?;
    view_of(&gateway, &id).await.map(Json)
}

/// What does not fit, by the member of the body that says it.
fn misfit(provider: &str, error: &anyhow::Error) -> AdminError {
    let wrong = error.downcast_ref::<CatalogError>();
    let member = wrong.and_then(|wrong| {
        let member = wrong
            .place
            .strip_prefix(&format!("providers.{provider}."))?;
        Some(AdminError::field(
            member,
            format!("{member}: {}", wrong.message),
        ))
    });
    member.unwrap_or_else(|| AdminError::field("provider", format!("{error:#}")))
}

/// Forgets what was said of a provider: one of the catalogue's is as the catalogue has it again, one of your own goes with
/// its credentials.
#[utoipa::path(delete, path = "/admin/v1/providers/{id}", tag = "providers", params(("id" = String, Path)),
    responses((status = 204), (status = 404), (status = 409)))]
async fn delete(
    State(gateway): Shared,
    PathOf(id): PathOf<String>,
) -> Result<StatusCode, AdminError> {
    let id = gateway.ground.id_of(&id);
    writable(&gateway, &id)?;
    let credentials = match gateway.ground.catalog().find_provider(&id) {
        Some(_) => Credentials::Keep,
        None => Credentials::Delete,
    };
    let settings = gateway.store.settings();
    settings.delete_provider(&id, credentials).await?;
    gateway.reload().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Seals and stores a provider's API key, and so enables the provider.
#[utoipa::path(post, path = "/admin/v1/providers/{id}/credentials", tag = "providers", params(("id" = String, Path)),
    request_body = CreateCredential, responses((status = 201, body = CredentialView), (status = 404), (status = 409)))]
async fn add_credential(
    State(gateway): Shared,
    PathOf(id): PathOf<String>,
    JsonBody(wanted): JsonBody<CreateCredential>,
) -> Result<(StatusCode, Json<CredentialView>), AdminError> {
    let id = view_of(&gateway, &id).await?.id;
    writable(&gateway, &id)?;
    named("name", &wanted.name)?;
    let length = wanted.api_key.len();
    if wanted.api_key.trim().is_empty() || length > MAX_SECRET_BYTES {
        let message =
            format!("api_key: must have 1 to {MAX_SECRET_BYTES} bytes; this has {length}");
        return Err(AdminError::field("api_key", message));
    }
    let secret = Secret::new(wanted.api_key);
    let made = gateway
        .store
        .settings()
        .create_credential(&id, &wanted.name, &secret)
        .await?;
    gateway.reload().await?;
    Ok((StatusCode::CREATED, Json(credential(made, None))))
}

/// Deletes a stored credential.
#[utoipa::path(delete, path = "/admin/v1/credentials/{id}", tag = "providers", params(("id" = String, Path)),
    responses((status = 204), (status = 404)))]
async fn delete_credential(
    State(gateway): Shared,
    PathOf(id): PathOf<String>,
) -> Result<StatusCode, AdminError> {
    gateway.store.settings().delete_credential(&id).await?;
    gateway.reload().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn writable(gateway: &Gateway, id: &str) -> Result<(), AdminError> {
    if gateway
        .ground
        .declared
        .iter()
        .any(|declared| declared == id)
    {
        return Err(AdminError::managed_by_file(id));
    }
    Ok(())
}

async fn view_of(gateway: &Gateway, id: &str) -> Result<ProviderView, AdminError> {
    let idx = gateway.live.load().snapshot.catalog.find_provider(id);
    let idx = idx.ok_or_else(|| AdminError::not_found("provider", id))?;
    let name = gateway
        .live
        .load()
        .snapshot
        .catalog
        .provider(idx)
        .id
        .clone();
    let all = views(gateway).await?;
    all.into_iter()
        .find(|view| view.id == name)
        .ok_or_else(|| AdminError::not_found("provider", id))
}

async fn views(gateway: &Gateway) -> Result<Vec<ProviderView>, AdminError> {
    let settings = gateway.store.settings();
    let credentials = settings.opened_credentials().await?;
    let stored = settings.providers().await?;
    let live = gateway.live.load_full();
    let catalog = &live.snapshot.catalog;
    let views = catalog.providers().map(|(idx, provider)| ProviderView {
        id: provider.id.clone(),
        name: provider.name.clone(),
        enabled: live.usable(idx),
        problem: live.misfits.get(&provider.id).cloned(),
        managed_by: managed_by(gateway, provider, &stored),
        said: stored
            .iter()
            .find(|said| said.id == provider.id)
            .and_then(said_again),
        credential: credential_state(&live, idx),
        aliases: provider.aliases.clone(),
        headquarters: known(&provider.facts.headquarters),
        regions: provider.facts.regions.clone(),
        data: data(&provider.facts.data),
        links: links(&provider.links),
        evidence: known(&provider.evidence),
        endpoints: provider
            .endpoints
            .iter()
            .map(|at| EndpointView {
                dialect: at.dialect.to_string(),
                base_url: at.base_url.clone(),
            })
            .collect(),
        models: catalog
            .offerings()
            .filter(|(_, offering)| offering.provider == idx)
            .count(),
        env: provider.env.clone(),
        credentials: credentials
            .iter()
            .filter(|(one, _)| one.provider == provider.id)
            .map(|(one, opened)| {
                let problem = opened.as_ref().err().map(ToString::to_string);
                credential(one.clone(), problem)
            })
            .collect(),
    });
    Ok(views.collect())
}

fn said_again(stored: &StoredProvider) -> Option<PutProvider> {
    let models = stored.models.as_deref().map(serde_json::from_str);
    Some(PutProvider {
        enabled: stored.enabled,
        base_url: stored.base_url.clone(),
        speaks: stored.speaks.clone(),
        models: models.transpose().ok()?,
    })
}

fn managed_by(gateway: &Gateway, provider: &Provider, stored: &[StoredProvider]) -> ManagedBy {
    if gateway.ground.declared.contains(&provider.id) {
        ManagedBy::File
    } else if stored.iter().any(|said| said.id == provider.id) {
        ManagedBy::Stored
    } else {
        ManagedBy::Catalogue
    }
}

/// By the first credential, which is the one that is used.
fn credential_state(live: &Live, provider: ProviderIdx) -> CredentialState {
    match live.credential(provider).map(|first| &*first.id) {
        Some("env") => CredentialState::Environment,
        Some("file") => CredentialState::File,
        Some(_) => CredentialState::Stored,
        None if live.snapshot.catalog.provider(provider).needs_credential() => {
            CredentialState::Missing
        }
        None => CredentialState::NotNeeded,
    }
}

fn credential(credential: Credential, problem: Option<String>) -> CredentialView {
    CredentialView {
        id: credential.id,
        name: credential.name,
        created_at: crate::view::timestamp(credential.created_at_ms),
        problem,
    }
}
