//! Who may use the admin API: whoever has a management token or the token of the commands on this machine, and people
//! who are logged in.

use super::Shared;
use super::error::AdminError;
use crate::clock::now_ms;
use crate::login::client::Client;
use crate::login::origin::Origin;
use crate::login::sessions::{self, LoggedIn};
use crate::state::Gateway;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use domain::account::KeyHash;
use http::{HeaderMap, Method};
use std::sync::Arc;

/// Who asks. Handlers that need to know take it as an extension.
#[derive(Clone, Debug)]
pub(super) enum Actor {
    /// A program with the token of this hash.
    Token(KeyHash),
    /// A person with a session.
    Person(LoggedIn),
}

impl Actor {
    /// What records call who asks: the user's id.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Token(_) => "management",
            Self::Person(logged_in) => &logged_in.user.id,
        }
    }

    /// Whether what was shown still lets in: tokens are deleted and sessions end while an answer lasts.
    pub(super) fn is_let_in(&self, gateway: &Gateway) -> bool {
        match self {
            Self::Token(hash) => is_known(gateway, hash),
            Self::Person(logged_in) => gateway.login.sessions.is_alive(&logged_in.hash, now_ms()),
        }
    }
}

/// Lets a request pass that shows who sends it, and notes who that is.
pub(super) async fn guard(
    State(gateway): Shared,
    client: Client,
    mut request: Request,
    next: Next,
) -> Result<Response, AdminError> {
    let actor = match bearer(request.headers()) {
        Some(token) => with_token(&gateway, token)?,
        None => with_session(&gateway, request.method(), request.headers())?,
    };
    if let Actor::Person(logged_in) = &actor {
        let throttle = &gateway.login.throttle;
        throttle.let_in(&logged_in.user.email, client.address);
    }
    request.extensions_mut().insert(actor);
    Ok(next.run(request).await)
}

/// Finishes a change that has begun though the caller hangs up: what is stored and what is live must agree.
pub(super) async fn to_the_end(request: Request, next: Next) -> Result<Response, AdminError> {
    tokio::spawn(next.run(request))
        .await
        .map_err(|error| anyhow::Error::from(error).into())
}

/// The token in `Authorization`. What stands there by another scheme is a proxy's business, and no reason to send away
/// somebody who is logged in.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

fn with_token(gateway: &Gateway, secret: &str) -> Result<Actor, AdminError> {
    // Hashes are compared, so that the time it takes says nothing about the secret.
    let hash = store::hash_secret(secret);
    if is_known(gateway, &hash) {
        return Ok(Actor::Token(hash));
    }
    Err(AdminError::unauthenticated(
        if gateway.live.load().snapshot.keys.get(&hash).is_some() {
            "this is a model key: the admin API wants a management token"
        } else {
            "this management token is not known"
        },
    ))
}

fn is_known(gateway: &Gateway, token: &KeyHash) -> bool {
    let live = gateway.live.load();
    *token == gateway.local_token || live.management.iter().any(|known| known.hash == *token)
}

const HOW: &str =
    "send a management token as `Authorization: Bearer <token>`, or log in at /console/";

/// A browser sends the cookie by itself, so that for everything that changes something it must also be clear that a page
/// of ours asked.
fn with_session(
    gateway: &Arc<Gateway>,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Actor, AdminError> {
    let logged_in = sessions::logged_in(gateway, headers);
    let logged_in = logged_in.ok_or_else(|| AdminError::unauthenticated(HOW))?;
    let harmless = [Method::GET, Method::HEAD].contains(method);
    match Origin::of(headers) {
        Origin::Ours => Ok(Actor::Person(logged_in)),
        Origin::Unsaid if harmless => Ok(Actor::Person(logged_in)),
        Origin::Foreign | Origin::Unsaid => Err(AdminError::foreign()),
    }
}
