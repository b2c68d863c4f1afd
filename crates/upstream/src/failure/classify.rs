//! From a provider's refusal (status, headers, decoded error) to a [`Failure`].

use super::{Failure, FailureKind};
use http::{HeaderMap, header};
use protocol::ir::{Error, ErrorKind};
use std::time::{Duration, SystemTime};

impl Failure {
    /// A provider's refusal: an HTTP status that is not 2xx, its headers, and its error body as decoded by its dialect.
    /// `now` is what a date in `Retry-After` is compared with.
    pub fn refused(status: u16, headers: &HeaderMap, error: Error, now: SystemTime) -> Self {
        let kind = match status {
            300..=399 => FailureKind::Malformed,
            _ if is_html(headers) && !matches!(status, 401 | 429 | 500..) => FailureKind::Malformed,
            _ => kind_of(Some(status), &error),
        };
        Self {
            status: Some(status),
            retry_after: retry_after(headers, now),
            ..Self::told(kind, error)
        }
    }

    /// An error inside an answer that began with status 200.
    pub fn reported(error: Error) -> Self {
        Self {
            status: Some(200),
            ..Self::told(kind_of(None, &error), error)
        }
    }

    fn told(kind: FailureKind, mut error: Error) -> Self {
        // A client must not hear of a failing server where its own request is at fault.
        if kind == FailureKind::InvalidRequest && error.kind.status() >= 500 {
            error.kind = ErrorKind::InvalidRequest;
        }
        Self {
            error,
            ..Self::of(kind, String::new())
        }
    }
}

/// How long the provider asks to be left alone: `retry-after-ms`, or `Retry-After` in seconds (fractions are seen in
/// the wild) or as an HTTP date (RFC 9110, section 10.2.3). A date in the past is zero; nonsense is nothing.
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let seconds = |text: &str, scale: f64| {
        let number = text.trim().parse::<f64>().ok()?;
        Duration::try_from_secs_f64(number * scale).ok()
    };
    if let Some(wait) = text("retry-after-ms").and_then(|ms| seconds(ms, 0.001)) {
        return Some(wait);
    }
    let value = text(header::RETRY_AFTER.as_str())?;
    seconds(value, 1.0).or_else(|| {
        let date = httpdate::parse_http_date(value.trim()).ok()?;
        Some(date.duration_since(now).unwrap_or_default())
    })
}

fn is_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.trim_start().starts_with("text/html"))
}

/// What a refusal is. The body's own words come before the status where providers are known to disagree with
/// themselves: out of money arrives as 429, an unknown model as 400 or 404, a filter's verdict as 403.
fn kind_of(status: Option<u16>, error: &Error) -> FailureKind {
    let code = error.code.as_deref().unwrap_or_default();
    if status == Some(402) || OUT_OF_MONEY.contains(&code) {
        return FailureKind::Billing;
    }
    if UNKNOWN_MODEL.contains(&code) {
        return FailureKind::ModelNotFound;
    }
    match error.kind {
        ErrorKind::Billing => FailureKind::Billing,
        ErrorKind::ContextLength | ErrorKind::ContentPolicy | ErrorKind::TooLarge => {
            FailureKind::InvalidRequest
        }
        ErrorKind::Authentication | ErrorKind::Permission => FailureKind::Credential,
        ErrorKind::RateLimited => FailureKind::RateLimited,
        ErrorKind::Timeout => FailureKind::ProviderTimeout,
        ErrorKind::Overloaded => FailureKind::Overloaded,
        ErrorKind::NotFound => not_found(error),
        ErrorKind::InvalidRequest => by_status(status, FailureKind::InvalidRequest),
        ErrorKind::Server => by_status(status, FailureKind::Server),
        // A lock or a duplicate at the provider: the client's request as such is fine.
        ErrorKind::Conflict => FailureKind::Server,
    }
}

/// A 404 that names a field other than the model is about the request; any other is about the model or our address.
fn not_found(error: &Error) -> FailureKind {
    match error.param.as_deref() {
        Some(param) if param != "model" => FailureKind::InvalidRequest,
        Some(_) | None => FailureKind::ModelNotFound,
    }
}

/// Where the body says no more than "wrong" or "failed", the status decides.
fn by_status(status: Option<u16>, said: FailureKind) -> FailureKind {
    match status {
        Some(401 | 403) => FailureKind::Credential,
        Some(404) => FailureKind::ModelNotFound,
        Some(408 | 504) => FailureKind::ProviderTimeout,
        Some(409 | 425) => FailureKind::Server,
        Some(429) => FailureKind::RateLimited,
        Some(503 | 529) => FailureKind::Overloaded,
        Some(500..) => FailureKind::Server,
        Some(400..=499) => FailureKind::InvalidRequest,
        Some(_) | None => said,
    }
}

/// Codes that say the account cannot pay, whatever the status
/// (<https://platform.openai.com/docs/guides/error-codes>).
const OUT_OF_MONEY: &[&str] = &[
    "insufficient_quota",
    "billing_hard_limit_reached",
    "billing_not_active",
    "insufficient_balance",
    "credit_limit_exceeded",
];

/// Codes that say the provider does not have the model.
const UNKNOWN_MODEL: &[&str] = &[
    "model_not_found",
    "model_not_available",
    "model_not_active",
    "model_decommissioned",
    "DeploymentNotFound",
    "unknown_model",
    "invalid_model",
];
