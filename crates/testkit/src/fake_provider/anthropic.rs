//! The Anthropic dialect, by hand after the vendor's reference: <https://docs.anthropic.com/en/api/messages>.

mod read;
pub(super) mod threads;
mod write;

use super::asked::{Dialect, VendorError};
use super::vendor::{Vendor, not_json, only};
use http::HeaderMap;
use serde_json::{Value, json};

/// Its table.
pub(super) static VENDOR: Vendor = Vendor {
    dialect: Dialect::Anthropic,
    target: |path| only(path, "/v1/messages"),
    check_headers,
    read: read::read,
    whole: write::whole,
    stream: write::stream,
    stream_type: "text/event-stream; charset=utf-8",
    status,
    error,
    error_header: None,
    retry_in_header: true,
    error_frame: write::error_frame,
    malformed: || not_json("content_block_delta"),
    id_header: "request-id",
};

/// Checks what the vendor asks of headers.
fn check_headers(headers: &HeaderMap) -> Result<(), VendorError> {
    let filled = |name: &str| headers.get(name).is_some_and(|value| !value.is_empty());
    if !filled("x-api-key") && !filled("authorization") {
        return Err(VendorError::new(401, "x-api-key header is required"));
    }
    if !filled("anthropic-version") {
        return Err(VendorError::new(
            400,
            "anthropic-version: header is required",
        ));
    }
    Ok(())
}

/// It has a status of its own for no capacity.
fn status(others: u16) -> u16 {
    match others {
        503 => 529,
        others => others,
    }
}

/// The vendor's error object.
fn error(error: &VendorError, request_id: &str) -> Value {
    let kind = match error.status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    };
    let message = match &error.param {
        Some(param) => format!("{param}: {}", error.message),
        None => error.message.clone(),
    };
    let mut error_object = json!({"type": kind, "message": message});
    if let Some(code) = error.code {
        error_object["details"] = json!({"error_code": code});
    }
    json!({"type": "error", "error": error_object, "request_id": request_id})
}

/// The list of models.
pub(super) fn models<'a>(names: impl Iterator<Item = &'a str>) -> Value {
    let data: Vec<Value> = names
        .map(|name| {
            json!({
                "type": "model", "id": format!("fake-{name}"), "display_name": name,
                "created_at": "2023-11-14T22:13:20Z",
            })
        })
        .collect();
    let id = |model: Option<&Value>| model.and_then(|model| model.get("id")).cloned();
    let (first, last) = (id(data.first()), id(data.last()));
    json!({"first_id": first, "last_id": last, "has_more": false, "data": data})
}
