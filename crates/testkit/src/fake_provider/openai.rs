//! The OpenAI dialect, by hand after the vendor's reference: <https://platform.openai.com/docs/api-reference/chat>.

mod embeddings;
mod read;
mod write;

pub(super) use embeddings::embed;

use super::asked::{Dialect, VendorError};
use super::vendor::{Vendor, as_others, not_json, only};
use http::HeaderMap;
use serde_json::{Value, json};

/// Its table.
pub(super) static VENDOR: Vendor = Vendor {
    dialect: Dialect::OpenAi,
    target: |path| only(path, "/v1/chat/completions"),
    check_headers,
    read: read::read,
    whole: write::whole,
    stream: write::stream,
    stream_type: "text/event-stream; charset=utf-8",
    status: as_others,
    error,
    error_header: None,
    retry_in_header: true,
    error_frame: write::error_frame,
    malformed: || not_json(""),
    id_header: "x-request-id",
};

/// Checks what the vendor asks of headers.
pub(super) fn check_headers(headers: &HeaderMap) -> Result<(), VendorError> {
    let authorization = headers.get("authorization").and_then(|v| v.to_str().ok());
    match authorization.and_then(|value| value.strip_prefix("Bearer ")) {
        Some(key) if !key.is_empty() => Ok(()),
        Some(_) | None => Err(VendorError::new(401, "You didn't provide an API key.")),
    }
}

/// The vendor's error object.
pub(super) fn error(error: &VendorError, _: &str) -> Value {
    let (kind, code) = match error.status {
        401 => ("invalid_request_error", Some("invalid_api_key")),
        403 => ("permission_error", None),
        404 => ("invalid_request_error", Some("model_not_found")),
        429 => ("requests", Some("rate_limit_exceeded")),
        500.. => ("server_error", None),
        _ => ("invalid_request_error", None),
    };
    json!({"error": {"message": error.message, "type": kind, "param": error.param, "code": code}})
}

/// The list of models.
pub(super) fn models<'a>(names: impl Iterator<Item = &'a str>) -> Value {
    let data: Vec<Value> = names
        .map(|name| json!({"id": format!("fake-{name}"), "object": "model", "created": 1_700_000_000, "owned_by": "fake"}))
        .collect();
    json!({"object": "list", "data": data})
}
