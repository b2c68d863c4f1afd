//! `/admin/v1/session`: logging in to the console, seeing who is logged in, logging out.

use super::Shared;
use super::access::Actor;
use super::error::{AdminError, JsonBody};
use crate::clock::now_ms;
use crate::login::client::Client;
use crate::login::sessions::{self, LoggedIn};
use crate::login::throttle::Tried;
use crate::login::{cookie, origin::Origin};
use crate::state::Gateway;
use crate::view::timestamp;
use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse};
use axum::{Extension, Json};
use domain::account::{Role, User};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::Secret;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// A person who logs in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UserView {
    /// `user_…`
    id: String,
    /// What the person logs in with.
    email: String,
    /// For people.
    name: String,
    /// What the person may do.
    role: RoleView,
    /// RFC 3339, UTC.
    created_at: String,
}

/// What a person may do.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum RoleView {
    /// Everything.
    Owner,
}

/// Who is logged in, and what a log-in page needs to know.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionView {
    /// Whether the first owner was made: without one, the link that `tollgate serve` printed is the way in.
    owner_exists: bool,
    /// Who is logged in; null where nobody is, or where a token was sent.
    #[schema(required)]
    user: Option<UserView>,
    /// When the session ends at the latest; earlier if it is not used for a day. RFC 3339, UTC.
    #[schema(required)]
    expires_at: Option<String>,
    /// The gateway's version.
    version: &'static str,
}

/// What a person logs in with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LogIn {
    /// E-mail address.
    email: String,
    /// The password.
    password: String,
}

/// A body together with what sets or takes away the cookie.
pub(super) type WithCookie<T> = (AppendHeaders<Vec<(header::HeaderName, HeaderValue)>>, T);

pub(super) fn routes() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::new().routes(routes!(log_out_everywhere))
}

/// Routes that ask for no log-in.
pub(super) fn open_routes() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::new().routes(routes!(show, log_in, log_out))
}

/// Who is logged in, if anybody.
#[utoipa::path(get, path = "/admin/v1/session", tag = "session", security(()),
    responses((status = 200, body = SessionView)))]
async fn show(State(gateway): Shared, headers: HeaderMap) -> Result<Json<SessionView>, AdminError> {
    let logged_in = sessions::logged_in(&gateway, &headers);
    let owner_exists = logged_in.is_some() || !gateway.store.settings().users().await?.is_empty();
    Ok(Json(view(owner_exists, logged_in)))
}

/// Logs in: the answer sets the session's cookie. After several wrong attempts it takes longer to try again.
#[utoipa::path(post, path = "/admin/v1/session", tag = "session", request_body = LogIn, security(()),
    responses((status = 200, body = SessionView), (status = 401, description = "Wrong e-mail address or password"),
        (status = 403, description = "Sent by a page of another site"),
        (status = 429, description = "Too many attempts: `Retry-After` says how long to wait")))]
async fn log_in(
    State(gateway): Shared,
    client: Client,
    headers: HeaderMap,
    JsonBody(wanted): JsonBody<LogIn>,
) -> Result<WithCookie<Json<SessionView>>, AdminError> {
    not_foreign(&headers)?;
    let throttle = &gateway.login.throttle;
    let tried = Tried::Account(&wanted.email);
    throttle
        .attempt(tried, client.address, now_ms())
        .map_err(AdminError::too_many_attempts)?;
    let known = gateway
        .store
        .settings()
        .user_by_email(&wanted.email)
        .await?;
    let hash = known.as_ref().map(|(_, hash)| hash.clone());
    let right = gateway
        .login
        .is_password(Secret::new(wanted.password), hash)
        .await;
    match known.filter(|_| right) {
        None => Err(AdminError::wrong_credentials()),
        Some((user, hash)) => {
            throttle.succeeded(tried, client.address);
            begin(&gateway, user, &hash, client).await
        }
    }
}

/// Logs out: the session ends and the cookie is taken away.
#[utoipa::path(delete, path = "/admin/v1/session", tag = "session", security(()),
    responses((status = 204), (status = 403, description = "Sent by a page of another site")))]
async fn log_out(
    State(gateway): Shared,
    headers: HeaderMap,
) -> Result<impl IntoResponse, AdminError> {
    not_foreign(&headers)?;
    for logged_in in sessions::holders(&gateway, &headers) {
        let sessions = &gateway.login.sessions;
        sessions.end(&gateway.store, &logged_in.session).await?;
    }
    Ok((with(cookie::clear()), StatusCode::NO_CONTENT))
}

/// Logs out everywhere: all sessions of the person end, this one too.
#[utoipa::path(delete, path = "/admin/v1/sessions", tag = "session",
    responses((status = 204), (status = 403, description = "A token was sent: only a person has sessions")))]
async fn log_out_everywhere(
    State(gateway): Shared,
    Extension(actor): Extension<Actor>,
) -> Result<impl IntoResponse, AdminError> {
    let Actor::Person(logged_in) = actor else {
        return Err(AdminError::people_only());
    };
    let sessions = &gateway.login.sessions;
    sessions.end_all(&gateway.store, &logged_in.user.id).await?;
    Ok((with(cookie::clear()), StatusCode::NO_CONTENT))
}

/// Begins a session for somebody who has shown who they are, by the password of this hash.
pub(super) async fn begin(
    gateway: &Gateway,
    user: User,
    password_hash: &str,
    client: Client,
) -> Result<WithCookie<Json<SessionView>>, AdminError> {
    let sessions = &gateway.login.sessions;
    let begun = sessions.begin(&gateway.store, user, password_hash).await?;
    let (logged_in, secret) = begun.ok_or_else(AdminError::wrong_credentials)?;
    let seconds = (logged_in.expires_at_ms - now_ms()) / 1000;
    let cookie = cookie::set(&secret, seconds, client.by_tls);
    Ok((with(cookie), Json(view(true, Some(logged_in)))))
}

/// Refuses what another site's page has sent. What no browser sent is let pass: it carries no cookie by itself.
pub(super) fn not_foreign(headers: &HeaderMap) -> Result<(), AdminError> {
    match Origin::of(headers) {
        Origin::Ours | Origin::Unsaid => Ok(()),
        Origin::Foreign => Err(AdminError::foreign()),
    }
}

fn with(
    cookies: impl IntoIterator<Item = HeaderValue>,
) -> AppendHeaders<Vec<(header::HeaderName, HeaderValue)>> {
    let set = cookies.into_iter();
    AppendHeaders(set.map(|cookie| (header::SET_COOKIE, cookie)).collect())
}

fn view(owner_exists: bool, logged_in: Option<LoggedIn>) -> SessionView {
    SessionView {
        owner_exists,
        expires_at: logged_in.as_ref().map(|one| timestamp(one.expires_at_ms)),
        user: logged_in.map(|one| user(&one.user)),
        version: env!("CARGO_PKG_VERSION"),
    }
}

fn user(user: &User) -> UserView {
    UserView {
        id: user.id.clone(),
        email: user.email.clone(),
        name: user.name.clone(),
        role: match user.role {
            Role::Owner => RoleView::Owner,
        },
        created_at: timestamp(user.created_at_ms),
    }
}
