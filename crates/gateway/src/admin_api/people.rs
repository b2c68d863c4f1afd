//! `/admin/v1/owner`, `/admin/v1/password`, `/admin/v1/one-time-links`: how the first person gets in, and how passwords are
//! changed.

use super::Shared;
use super::access::Actor;
use super::error::{AdminError, JsonBody};
use super::session::{SessionView, WithCookie, begin, not_foreign};
use crate::clock::now_ms;
use crate::login::client::Client;
use crate::login::throttle::Tried;
use crate::state::Gateway;
use crate::view::timestamp;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use store::settings::{LinkPurpose, NewUser};
use store::{Secret, StoreError};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How long a one-time link works.
pub(crate) const LINK_LIFETIME: Duration = Duration::from_secs(3600);

/// What makes the first owner.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FirstOwner {
    /// What follows `#` in the link that `tollgate serve` printed.
    token: String,
    /// For people.
    name: String,
    /// What the owner logs in with.
    email: String,
    /// At least 12 characters.
    password: String,
}

/// A new password for somebody who knows the old one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangePassword {
    /// The one that holds now.
    current_password: String,
    /// At least 12 characters.
    new_password: String,
}

/// A new password for somebody who has a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetPassword {
    /// What follows `#` in the link that `tollgate owner link` printed.
    token: String,
    /// At least 12 characters.
    password: String,
}

/// Who needs a link.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WantLink {
    /// Whose password is to be set anew; the first owner's where nothing is said.
    pub(crate) email: Option<String>,
}

/// A link that works once.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct LinkView {
    /// What it does.
    pub(crate) purpose: Purpose,
    /// What follows the gateway's address: `/console/welcome#tgw_…`.
    pub(crate) path: String,
    /// RFC 3339, UTC.
    pub(crate) expires_at: String,
}

/// What a link does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// Makes the first owner.
    Welcome,
    /// Sets a password anew.
    Reset,
}

pub(super) fn routes() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::new()
        .routes(routes!(change_password))
        .routes(routes!(create_link))
}

/// Routes that ask for no log-in, since a link is shown instead.
pub(super) fn open_routes() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::new()
        .routes(routes!(create_owner))
        .routes(routes!(reset_password))
}

/// Makes the first owner with the one-time link, and logs in.
#[utoipa::path(post, path = "/admin/v1/owner", tag = "people", request_body = FirstOwner, security(()),
    responses((status = 201, body = SessionView), (status = 400),
        (status = 403, description = "The link does not work (any more)"), (status = 409), (status = 429)))]
async fn create_owner(
    State(gateway): Shared,
    client: Client,
    headers: HeaderMap,
    JsonBody(wanted): JsonBody<FirstOwner>,
) -> Result<(StatusCode, WithCookie<Json<SessionView>>), AdminError> {
    not_foreign(&headers)?;
    attempt(&gateway, client)?;
    let new = NewUser {
        email: wanted.email,
        name: wanted.name,
        password_hash: gateway.login.hash(Secret::new(wanted.password)).await?,
    };
    let settings = gateway.store.settings();
    let made = settings
        .create_owner(&Secret::new(wanted.token), &new)
        .await;
    let owner = made.map_err(of_link)?;
    succeeded(&gateway, client);
    let begun = begin(&gateway, owner, &new.password_hash, client).await?;
    Ok((StatusCode::CREATED, begun))
}

/// Changes one's own password. All sessions of the person end; the answer begins a new one.
#[utoipa::path(post, path = "/admin/v1/password", tag = "people", request_body = ChangePassword,
    responses((status = 200, body = SessionView), (status = 400), (status = 401),
        (status = 403, description = "A token was sent: only a person has a password"), (status = 429)))]
async fn change_password(
    State(gateway): Shared,
    Extension(actor): Extension<Actor>,
    client: Client,
    JsonBody(wanted): JsonBody<ChangePassword>,
) -> Result<WithCookie<Json<SessionView>>, AdminError> {
    let Actor::Person(logged_in) = actor else {
        return Err(AdminError::people_only());
    };
    let email = &logged_in.user.email;
    let throttle = &gateway.login.throttle;
    let tried = Tried::Account(email);
    throttle
        .attempt(tried, client.address, now_ms())
        .map_err(AdminError::too_many_attempts)?;
    let known = gateway.store.settings().user_by_email(email).await?;
    let shown = known.as_ref().map(|(_, hash)| hash.clone());
    let current = Secret::new(wanted.current_password);
    let right = gateway.login.is_password(current, shown).await;
    let known = known.filter(|_| right);
    let (user, shown) = known.ok_or_else(AdminError::wrong_credentials)?;
    throttle.succeeded(tried, client.address);
    let hash = new_hash(&gateway, "new_password", wanted.new_password).await?;
    let sessions = &gateway.login.sessions;
    let store = &gateway.store;
    match sessions
        .set_password(store, &user.id, &shown, &hash)
        .await?
    {
        true => begin(&gateway, user, &hash, client).await,
        false => Err(AdminError::wrong_credentials()),
    }
}

/// Sets a password anew with a one-time link, and logs in. All other sessions of the person end.
#[utoipa::path(post, path = "/admin/v1/password/reset", tag = "people", request_body = ResetPassword, security(()),
    responses((status = 200, body = SessionView), (status = 400),
        (status = 403, description = "The link does not work (any more)"), (status = 429)))]
async fn reset_password(
    State(gateway): Shared,
    client: Client,
    headers: HeaderMap,
    JsonBody(wanted): JsonBody<ResetPassword>,
) -> Result<WithCookie<Json<SessionView>>, AdminError> {
    not_foreign(&headers)?;
    attempt(&gateway, client)?;
    let hash = gateway.login.hash(Secret::new(wanted.password)).await?;
    let link = Secret::new(wanted.token);
    let sessions = &gateway.login.sessions;
    let reset = sessions.reset_password(&gateway.store, &link, &hash).await;
    let user = reset.map_err(of_link)?;
    succeeded(&gateway, client);
    begin(&gateway, user, &hash, client).await
}

/// Makes a link that works once, for an hour: for the first owner while there is none, else to set a password anew. An
/// earlier link for the same purpose works no more.
#[utoipa::path(post, path = "/admin/v1/one-time-links", tag = "people", request_body = WantLink,
    responses((status = 201, body = LinkView), (status = 404)))]
async fn create_link(
    State(gateway): Shared,
    JsonBody(wanted): JsonBody<WantLink>,
) -> Result<(StatusCode, Json<LinkView>), AdminError> {
    let settings = gateway.store.settings();
    let user = match &wanted.email {
        None => settings.users().await?.into_iter().next(),
        Some(email) => match settings.user_by_email(email).await? {
            Some((user, _)) => Some(user),
            None => return Err(AdminError::not_found("user", email)),
        },
    };
    let purpose = user.map_or(LinkPurpose::Welcome, |user| LinkPurpose::Reset(user.id));
    let secret = settings.create_link(&purpose, LINK_LIFETIME).await?;
    let (purpose, page) = match purpose {
        LinkPurpose::Welcome => (Purpose::Welcome, "welcome"),
        LinkPurpose::Reset(_) => (Purpose::Reset, "reset"),
    };
    let link = LinkView {
        purpose,
        path: format!("/console/{page}#{}", secret.expose()),
        expires_at: timestamp(now_ms().saturating_add_unsigned(LINK_LIFETIME.as_millis() as u64)),
    };
    Ok((StatusCode::CREATED, Json(link)))
}

fn attempt(gateway: &Gateway, client: Client) -> Result<(), AdminError> {
    let throttle = &gateway.login.throttle;
    throttle
        .attempt(Tried::Link, client.address, now_ms())
        .map_err(AdminError::too_many_attempts)
}

fn succeeded(gateway: &Gateway, client: Client) {
    let throttle = &gateway.login.throttle;
    throttle.succeeded(Tried::Link, client.address);
}

async fn new_hash(gateway: &Gateway, field: &str, password: String) -> Result<String, AdminError> {
    let hashed = gateway.login.hash(Secret::new(password)).await;
    hashed.map_err(|error| match error {
        StoreError::Invalid { message, .. } => {
            AdminError::field(field, format!("{field}: {message}"))
        }
        other => other.into(),
    })
}

/// Of a link that is not known only that is said: it may have been used, or be over, or never have been.
fn of_link(error: StoreError) -> AdminError {
    match error {
        StoreError::NotFound { what: "link", .. } => AdminError::dead_link(),
        other => other.into(),
    }
}
