//! Cohere's dialect, by hand after the vendor's reference: <https://docs.cohere.com/reference/chat>. The official
//! package's own parser reads it in `sdk-tests`.

mod read;
mod write;

use super::asked::{Dialect, VendorError};
use super::vendor::{Vendor, as_others, not_json, only};
use http::HeaderMap;
use serde_json::{Value, json};

/// Its table.
pub(super) static VENDOR: Vendor = Vendor {
    dialect: Dialect::Cohere,
    target: |path| only(path, "/v2/chat"),
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
    malformed: || not_json("content-delta"),
    id_header: "x-debug-trace-id",
};

/// Checks what the vendor asks of headers.
fn check_headers(headers: &HeaderMap) -> Result<(), VendorError> {
    let authorization = headers.get("authorization").and_then(|v| v.to_str().ok());
    match authorization.and_then(|value| value.strip_prefix("Bearer ")) {
        Some(key) if !key.is_empty() => Ok(()),
        Some(_) | None => Err(VendorError::new(401, "no api key supplied")),
    }
}

/// The vendor's error object.
fn error(error: &VendorError, id: &str) -> Value {
    let message = match &error.param {
        Some(param) => format!("invalid request: {param}: {}", error.message),
        None => error.message.clone(),
    };
    json!({"id": id, "message": message})
}
