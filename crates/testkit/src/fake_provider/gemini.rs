//! Google's dialect, by hand after the vendor's reference: <https://ai.google.dev/api/generate-content>.

mod read;
mod write;

use super::asked::{Dialect, VendorError};
use super::vendor::{Target, Vendor, as_others, not_json, percent_decoded};
use http::HeaderMap;
use serde_json::{Value, json};

/// Its table.
pub(super) static VENDOR: Vendor = Vendor {
    dialect: Dialect::Gemini,
    target,
    check_headers,
    read: read::read,
    whole: write::whole,
    stream: write::stream,
    stream_type: "text/event-stream",
    status: as_others,
    error,
    error_header: None,
    retry_in_header: false,
    error_frame: write::error_frame,
    malformed: || not_json(""),
    id_header: "x-request-id",
};

/// The verb follows the last colon. Without `alt=sse` a stream would be one JSON array, which is not spoken here.
fn target(path: &str) -> Option<Target> {
    let (model, verb) = path.strip_prefix("/v1beta/models/")?.rsplit_once(':')?;
    let stream = match verb {
        "generateContent" => false,
        "streamGenerateContent" => true,
        _ => return None,
    };
    Some(Target {
        model: percent_decoded(model),
        stream,
    })
}

fn check_headers(headers: &HeaderMap) -> Result<(), VendorError> {
    let filled = |name: &str| headers.get(name).is_some_and(|value| !value.is_empty());
    if filled("x-goog-api-key") || filled("authorization") {
        return Ok(());
    }
    let message =
        "Method doesn't allow unregistered callers (callers without established identity).";
    Err(VendorError::new(403, message))
}

/// The vendor's error object. How long to wait stands in its details.
fn error(error: &VendorError, _: &str) -> Value {
    let status = match error.status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        503 => "UNAVAILABLE",
        500.. => "INTERNAL",
        _ => "INVALID_ARGUMENT",
    };
    let message = match &error.param {
        Some(param) => format!("{param}: {}", error.message),
        None => error.message.clone(),
    };
    let mut inside = json!({"code": error.status, "message": message, "status": status});
    if let Some(seconds) = error.retry_after {
        inside["details"] = json!([
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": format!("{seconds}s")},
        ]);
    }
    json!({"error": inside})
}
