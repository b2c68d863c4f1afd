//! The few open paths: what this is, whether it lives, whether it is ready, its metrics, and the console's files.

use super::Shared;
use crate::console;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

const FRONT: &str = "Tollgate: one endpoint for every model.

POST /v1/chat/completions   OpenAI Chat Completions
POST /v1/responses          OpenAI Responses
POST /v1/embeddings         OpenAI Embeddings
POST /v1/messages           Anthropic Messages (also below /anthropic)
POST /v1beta/models/{model}:generateContent     Gemini (also :streamGenerateContent, and below /v1 and /gemini)
POST /bedrock/model/{model}/converse            Bedrock Converse (also converse-stream)
POST /v4/ai/language-model  AI SDK gateway, version 4
POST /merge/v1/responses    Merge
GET  /v1/models             models that your key can call

GET  /console/              the console
GET  /admin/v1/openapi.json the admin API
GET  /healthz  /readyz  /metrics
";

/// The console for browsers, a short page for everybody else who opens the address.
pub(super) async fn front(headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT);
    let browser = accept
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    let varies = [(header::VARY, "Accept")];
    match browser {
        true => (varies, Redirect::to("/console/")).into_response(),
        false => (varies, FRONT).into_response(),
    }
}

/// The console's paths are below it.
pub(super) async fn console_moved() -> Redirect {
    Redirect::to("/console/")
}

/// The console.
pub(super) async fn console_front(headers: HeaderMap) -> Response {
    console::answer(console::dist, "", &headers)
}

/// A page or file of the console; a path that is no text names no file.
pub(super) async fn console(
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let path = path.map_or_else(|_| String::new(), |Path(path)| path);
    console::answer(console::dist, &path, &headers)
}

/// The process lives.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// It can serve: the journal takes entries and the database keeps up.
pub(super) async fn readyz(State(gateway): Shared) -> impl IntoResponse {
    let health = gateway.store.health();
    if let Some(error) = health.append_error.or(health.sync_error) {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("journal: {error}\n"),
        );
    }
    if health.journal_bytes >= health.journal_cap_bytes {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "journal: full, the database is too far behind\n".to_owned(),
        );
    }
    match health.apply_error {
        // Records wait in the journal; requests are served all the same.
        Some(error) => (
            StatusCode::OK,
            format!("ok, but records are waiting: {error}\n"),
        ),
        None => (StatusCode::OK, "ok\n".to_owned()),
    }
}

/// Counters in the OpenMetrics text format.
pub(super) async fn metrics(State(gateway): Shared) -> impl IntoResponse {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], gateway.metrics.text())
}
