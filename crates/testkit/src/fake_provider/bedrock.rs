//! Amazon's dialect, by hand after the vendor's reference:
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html>. Signatures are not recomputed here:
//! botocore does that in `sdk-tests`.

mod message;
mod read;
mod write;

use super::asked::{Dialect, VendorError};
use super::vendor::{Target, Vendor, percent_decoded};
use http::HeaderMap;
use serde_json::{Value, json};

/// Its table.
pub(super) static VENDOR: Vendor = Vendor {
    dialect: Dialect::Bedrock,
    target,
    check_headers,
    read: read::read,
    whole: write::whole,
    stream: write::stream,
    stream_type: "application/vnd.amazon.eventstream",
    status,
    error,
    error_header: Some(("x-amzn-errortype", class)),
    retry_in_header: true,
    error_frame: write::error_frame,
    malformed: write::malformed,
    id_header: "x-amzn-requestid",
};

fn target(path: &str) -> Option<Target> {
    let (model, operation) = path.strip_prefix("/model/")?.split_once('/')?;
    let stream = match operation {
        "converse" => false,
        "converse-stream" => true,
        _ => return None,
    };
    Some(Target {
        model: percent_decoded(model),
        stream,
    })
}

/// An API key, or a signature.
fn check_headers(headers: &HeaderMap) -> Result<(), VendorError> {
    let sent = headers.get("authorization").and_then(|v| v.to_str().ok());
    let sent = sent.unwrap_or_default();
    let is_key = sent
        .strip_prefix("Bearer ")
        .is_some_and(|key| !key.is_empty());
    if is_key || sent.starts_with("AWS4-HMAC-SHA256 ") {
        return Ok(());
    }
    Err(VendorError::new(403, "Missing Authentication Token"))
}

/// A wrong key is a lack of rights here.
fn status(others: u16) -> u16 {
    match others {
        401 => 403,
        413 => 400,
        others => others,
    }
}

/// An error's class, which its body does not name.
fn class(status: u16) -> &'static str {
    match status {
        403 => "AccessDeniedException",
        404 => "ResourceNotFoundException",
        408 => "ModelTimeoutException",
        429 => "ThrottlingException",
        503 => "ServiceUnavailableException",
        500.. => "InternalServerException",
        _ => "ValidationException",
    }
}

/// The vendor's error object.
fn error(error: &VendorError, _: &str) -> Value {
    let message = match &error.param {
        Some(param) => format!("{param}: {}", error.message),
        None => error.message.clone(),
    };
    json!({"message": message})
}
