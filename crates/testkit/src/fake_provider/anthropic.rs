//! The Anthropic dialect, by hand after the vendor's reference: <https://docs.anthropic.com/en/api/messages>.

mod read;
mod write;

pub(super) use read::read;
pub(super) use write::{error_frame, stream, whole};

use super::asked::VendorError;
use http::HeaderMap;
use serde_json::{Value, json};

/// Checks what the vendor asks of headers.
pub(super) fn check_headers(headers: &HeaderMap) -> Result<(), VendorError> {
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

/// The vendor's error object.
pub(super) fn error(error: &VendorError, request_id: &str) -> Value {
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
    json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": request_id})
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
