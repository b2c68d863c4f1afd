//! Cohere's dialect, by hand after the vendor's reference: <https://docs.cohere.com/reference/chat>. The official
//! package's own parser reads it in `sdk-tests`.

mod read;
mod write;

pub(super) use read::read;
pub(super) use write::{error_frame, stream, whole};

use super::asked::VendorError;
use http::HeaderMap;
use serde_json::{Value, json};

/// Checks what the vendor asks of headers.
pub(super) fn check_headers(headers: &HeaderMap) -> Result<(), VendorError> {
    let authorization = headers.get("authorization").and_then(|v| v.to_str().ok());
    match authorization.and_then(|value| value.strip_prefix("Bearer ")) {
        Some(key) if !key.is_empty() => Ok(()),
        Some(_) | None => Err(VendorError::new(401, "no api key supplied")),
    }
}

/// The vendor's error object.
pub(super) fn error(error: &VendorError, id: &str) -> Value {
    let message = match &error.param {
        Some(param) => format!("invalid request: {param}: {}", error.message),
        None => error.message.clone(),
    };
    json!({"id": id, "message": message})
}
