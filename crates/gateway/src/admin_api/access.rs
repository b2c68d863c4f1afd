//! Who may use the admin API.

use super::Shared;
use super::error::AdminError;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;

/// Lets a request pass that carries a management token, or the token of the commands on this machine.
pub(super) async fn guard(
    State(gateway): Shared,
    request: Request,
    next: Next,
) -> Result<Response, AdminError> {
    let value = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let secret = value
        .and_then(|value| value.split_once(' '))
        .map(|(_, secret)| secret.trim())
        .ok_or_else(|| {
            AdminError::unauthenticated(
                "send a management token as `Authorization: Bearer <token>`",
            )
        })?;
    // Hashes are compared, so that the time it takes says nothing about the secret.
    let hash = store::hash_secret(secret);
    let live = gateway.live.load();
    if hash == gateway.local_token || live.management.iter().any(|token| token.hash == hash) {
        drop(live);
        // A change that has begun is finished though the caller hangs up: what is stored and what is live must agree.
        return tokio::spawn(next.run(request))
            .await
            .map_err(|error| anyhow::Error::from(error).into());
    }
    Err(AdminError::unauthenticated(
        if live.snapshot.keys.get(&hash).is_some() {
            "this is a model key: the admin API wants a management token"
        } else {
            "this management token is not known"
        },
    ))
}
