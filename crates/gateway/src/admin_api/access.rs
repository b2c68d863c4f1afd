//! Who may use the admin API: whoever has a management token or the token of the commands on this machine, and people
//! who are logged in.

use super::Shared;
use super::error::AdminError;
use crate::login::origin::Origin;
use crate::login::sessions::{self, LoggedIn};
use crate::server::Peer;
use crate::state::Gateway;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, Method};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// Who asks. Handlers that need to know take it as an extension.
#[derive(Clone, Debug)]
pub(super) enum Actor {
    /// A program with a token.
    Token,
    /// A person with a session.
    Person(LoggedIn),
}

/// The address that a request came from; this machine's where a command asks without a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Client(pub(super) IpAddr);

impl Actor {
    /// What records call who asks: the user's id.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Token => "management",
            Self::Person(logged_in) => &logged_in.user.id,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<Peer>();
        Ok(Self(
            peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.0),
        ))
    }
}

/// Lets a request pass that shows who sends it, and notes who that is.
pub(super) async fn guard(
    State(gateway): Shared,
    mut request: Request,
    next: Next,
) -> Result<Response, AdminError> {
    let actor = match bearer(request.headers()) {
        Some(token) => with_token(&gateway, token)?,
        None => with_session(&gateway, request.method(), request.headers())?,
    };
    request.extensions_mut().insert(actor);
    // A change that has begun is finished though the caller hangs up: what is stored and what is live must agree.
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
    let live = gateway.live.load();
    if hash == gateway.local_token || live.management.iter().any(|token| token.hash == hash) {
        return Ok(Actor::Token);
    }
    Err(AdminError::unauthenticated(
        if live.snapshot.keys.get(&hash).is_some() {
            "this is a model key: the admin API wants a management token"
        } else {
            "this management token is not known"
        },
    ))
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
