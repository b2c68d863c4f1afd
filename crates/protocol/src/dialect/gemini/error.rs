//! Errors, in whole bodies and in streams: `google.rpc.Status` below `error`.
//! <https://ai.google.dev/gemini-api/docs/troubleshooting>, <https://cloud.google.com/apis/design/errors> (2026-11)

use crate::dialect::codec::Errors;
use crate::dialect::openai_error::own_code;
use crate::dialect::{error_text, write};
use crate::ir::{Error, ErrorKind};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::time::Duration;

/// The dialect's errors.
pub(super) struct GeminiErrors;

impl Errors for GeminiErrors {
    fn encode(&self, error: &Error, request_id: &str) -> Vec<u8> {
        encode(error, request_id)
    }

    fn decode(&self, status: u16, body: &[u8]) -> Error {
        decode(status, body)
    }

    fn retry_after(&self, body: &[u8]) -> Option<Duration> {
        let status = Status::of(body)?;
        let delay = status
            .details
            .iter()
            .find_map(|one| one.retry_delay.as_deref())?;
        let seconds = delay.strip_suffix('s')?.parse().ok()?;
        Duration::try_from_secs_f64(seconds).ok()
    }
}

/// How `status` and the canonical kinds correspond. Several kinds share a word; reading takes the first.
const STATUSES: &[(&str, ErrorKind)] = &[
    ("INVALID_ARGUMENT", ErrorKind::InvalidRequest),
    ("OUT_OF_RANGE", ErrorKind::InvalidRequest),
    ("UNIMPLEMENTED", ErrorKind::InvalidRequest),
    ("UNAUTHENTICATED", ErrorKind::Authentication),
    ("PERMISSION_DENIED", ErrorKind::Permission),
    ("NOT_FOUND", ErrorKind::NotFound),
    ("ABORTED", ErrorKind::Conflict),
    ("ALREADY_EXISTS", ErrorKind::Conflict),
    ("RESOURCE_EXHAUSTED", ErrorKind::RateLimited),
    ("DEADLINE_EXCEEDED", ErrorKind::Timeout),
    ("CANCELLED", ErrorKind::Timeout),
    ("UNAVAILABLE", ErrorKind::Overloaded),
    ("INTERNAL", ErrorKind::Server),
    ("UNKNOWN", ErrorKind::Server),
    ("DATA_LOSS", ErrorKind::Server),
    ("FAILED_PRECONDITION", ErrorKind::Billing),
    ("INVALID_ARGUMENT", ErrorKind::TooLarge),
    ("INVALID_ARGUMENT", ErrorKind::ContextLength),
    ("INVALID_ARGUMENT", ErrorKind::ContentPolicy),
];

/// What only the reason or the sentence tells (lower case).
const TOLD_BY_WORDS: &[(&str, ErrorKind)] = &[
    ("api_key_invalid", ErrorKind::Authentication),
    ("api key not valid", ErrorKind::Authentication),
    ("api key expired", ErrorKind::Authentication),
    (
        "exceeds the maximum number of tokens",
        ErrorKind::ContextLength,
    ),
    ("context_length_exceeded", ErrorKind::ContextLength),
    ("content_policy", ErrorKind::ContentPolicy),
    ("request payload size exceeds", ErrorKind::TooLarge),
    ("enable billing", ErrorKind::Billing),
    ("credits are depleted", ErrorKind::Billing),
    ("user location is not supported", ErrorKind::Permission),
];

const ERROR_INFO: &str = "type.googleapis.com/google.rpc.ErrorInfo";
const BAD_REQUEST: &str = "type.googleapis.com/google.rpc.BadRequest";
const REQUEST_INFO: &str = "type.googleapis.com/google.rpc.RequestInfo";

/// Writes an error body, which is also the data of a stream's error.
pub(super) fn encode(error: &Error, request_id: &str) -> Vec<u8> {
    let mut body = Vec::with_capacity(256);
    write::object(&mut body, |o| {
        o.object("error", |o| {
            o.value("code", &error.kind.status());
            o.value("message", &error.message);
            o.value("status", word(error.kind));
            o.list("details", |list| {
                let reason = own_code(error).or_else(|| reason(error.kind));
                if let Some(reason) = reason {
                    list.object(|o| {
                        o.value("@type", ERROR_INFO);
                        o.value("reason", reason);
                    });
                }
                if let Some(param) = &error.param {
                    list.object(|o| {
                        o.value("@type", BAD_REQUEST);
                        o.list("fieldViolations", |list| {
                            list.object(|o| {
                                o.value("field", param);
                                o.value("description", &error.message);
                            });
                        });
                    });
                }
                if !request_id.is_empty() {
                    list.object(|o| {
                        o.value("@type", REQUEST_INFO);
                        o.value("requestId", request_id);
                    });
                }
            });
        });
    });
    body
}

/// What tells kinds apart that share a word.
fn reason(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::ContextLength => Some("context_length_exceeded"),
        ErrorKind::ContentPolicy => Some("content_policy"),
        ErrorKind::InvalidRequest
        | ErrorKind::Authentication
        | ErrorKind::Billing
        | ErrorKind::Permission
        | ErrorKind::NotFound
        | ErrorKind::Timeout
        | ErrorKind::Conflict
        | ErrorKind::TooLarge
        | ErrorKind::RateLimited
        | ErrorKind::Server
        | ErrorKind::Overloaded => None,
    }
}

/// Reads an error body of any shape; never fails.
pub(super) fn decode(status: u16, body: &[u8]) -> Error {
    let said = Status::of(body).unwrap_or_default();
    // Inside a 200 the code is the status that it would have had.
    let code = said.code.filter(|code| (400..600).contains(code));
    let status = if status == 200 {
        code.unwrap_or(200)
    } else {
        status
    };
    let message = said
        .message
        .clone()
        .unwrap_or_else(|| error_text::of_body(status, body));
    let reason = said.details.iter().find_map(|one| one.reason.clone());
    let fields = said.details.iter().flat_map(|one| &one.field_violations);
    let param = fields
        .filter_map(|one| one.field.clone())
        .find(|it| !it.is_empty());
    Error {
        kind: kind(status, &said, reason.as_deref(), &message),
        message,
        param,
        code: reason.or(said.status),
        details: None,
    }
}

fn kind(status: u16, said: &Status, reason: Option<&str>, message: &str) -> ErrorKind {
    let words = format!("{} {message}", reason.unwrap_or_default()).to_ascii_lowercase();
    let by_status = ErrorKind::from_status(status);
    let told = TOLD_BY_WORDS.iter().find(|(told, _)| words.contains(told));
    match (told, by_status) {
        (Some((_, kind)), ErrorKind::InvalidRequest | ErrorKind::RateLimited) => *kind,
        // The word is of more use than a bare 400, 500 or 200.
        (_, ErrorKind::InvalidRequest | ErrorKind::Server) => {
            let word = said.status.as_deref().unwrap_or_default();
            let known = STATUSES.iter().find(|(known, _)| *known == word);
            match known {
                // A precondition is a bill only with its own status.
                None | Some((_, ErrorKind::Billing)) => by_status,
                Some((_, kind)) => *kind,
            }
        }
        (_, kind) => kind,
    }
}

fn word(kind: ErrorKind) -> &'static str {
    STATUSES
        .iter()
        .find(|(_, known)| *known == kind)
        .map_or("INTERNAL", |(word, _)| word)
}

/// `google.rpc.Status`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Status {
    code: Option<u16>,
    message: Option<String>,
    status: Option<String>,
    details: Vec<Detail>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Detail {
    reason: Option<String>,
    retry_delay: Option<String>,
    field_violations: Vec<Violation>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Violation {
    field: Option<String>,
}

impl Status {
    /// Reads a body; that of a stream without `alt=sse` is a list of one.
    fn of(body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Outer<'a> {
            #[serde(borrow)]
            error: Option<&'a RawValue>,
            message: Option<String>,
        }
        let list: Vec<Outer<'_>> = match body.trim_ascii_start().first() {
            Some(b'[') => serde_json::from_slice(body).ok()?,
            _ => vec![serde_json::from_slice(body).ok()?],
        };
        let outer = list.into_iter().next()?;
        let Some(raw) = outer.error else {
            return outer.message.map(|message| Self {
                message: Some(message),
                ..Self::default()
            });
        };
        let plain = || serde_json::from_str(raw.get()).ok();
        let status = serde_json::from_str(raw.get()).unwrap_or_else(|_| Self::lenient(raw));
        Some(Self {
            message: status.message.clone().or_else(plain),
            ..status
        })
    }

    /// Reads as much as is of the right type.
    fn lenient(raw: &RawValue) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Loose<'a> {
            #[serde(borrow)]
            code: Option<&'a RawValue>,
            #[serde(borrow)]
            message: Option<&'a RawValue>,
            #[serde(borrow)]
            status: Option<&'a RawValue>,
        }
        fn read<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
            serde_json::from_str(raw?.get()).ok()
        }
        let loose: Loose<'_> = serde_json::from_str(raw.get()).unwrap_or_default();
        Self {
            code: read(loose.code),
            message: read(loose.message),
            status: read(loose.status),
            details: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_comes_back() {
        for (expect, kind) in STATUSES {
            if word(*kind) != *expect {
                continue;
            }
            let body = encode(
                &Error::new(*kind, "it broke").with_param("contents"),
                "req_1",
            );
            for status in [kind.status(), 200] {
                let read = decode(status, &body);
                assert_eq!(read.kind, *kind);
                assert_eq!(
                    (read.message.as_str(), read.param.as_deref()),
                    ("it broke", Some("contents"))
                );
            }
        }
        let body = encode(&Error::new(ErrorKind::Overloaded, "busy"), "");
        assert_eq!(
            String::from_utf8(body).unwrap(),
            r#"{"error":{"code":503,"message":"busy","status":"UNAVAILABLE","details":[]}}"#
        );
    }

    #[test]
    fn a_general_word_does_not_hide_that_the_contents_are_too_long() {
        let error = Error::new(ErrorKind::ContextLength, "No.").with_code("invalid_request_error");
        let read = decode(400, &encode(&error, ""));
        assert_eq!(read.kind, ErrorKind::ContextLength);
        assert_eq!(read.code.as_deref(), Some("context_length_exceeded"));
    }

    #[test]
    fn reads_any_shape() {
        let check = |status: u16, body: &str, kind: ErrorKind, message: &str| {
            let error = decode(status, body.as_bytes());
            assert_eq!(
                (error.kind, error.message.as_str()),
                (kind, message),
                "{body}"
            );
        };
        check(
            400,
            r#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"x","reason":"API_KEY_INVALID"}]}}"#,
            ErrorKind::Authentication,
            "API key not valid. Please pass a valid API key.",
        );
        check(
            400,
            r#"{"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}"#,
            ErrorKind::ContextLength,
            "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        );
        check(
            503,
            r#"[{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}]"#,
            ErrorKind::Overloaded,
            "The model is overloaded.",
        );
        check(
            400,
            r#"{"error":{"code":400,"message":"Precondition check failed.","status":"FAILED_PRECONDITION"}}"#,
            ErrorKind::InvalidRequest,
            "Precondition check failed.",
        );
        check(
            200,
            r#"{"error":{"code":"429","message":"slow","status":"RESOURCE_EXHAUSTED"}}"#,
            ErrorKind::RateLimited,
            "slow",
        );
        check(500, r#"{"error":"boom"}"#, ErrorKind::Server, "boom");
        check(
            404,
            r#"{"message":"no route"}"#,
            ErrorKind::NotFound,
            "no route",
        );
        check(
            502,
            "<html></html>",
            ErrorKind::Server,
            "the provider answered with status 502 and a web page",
        );
        check(
            503,
            "",
            ErrorKind::Overloaded,
            "the provider answered with status 503 and no body",
        );
        check(429, "slow down", ErrorKind::RateLimited, "slow down");
    }

    #[test]
    fn the_delay_before_a_retry_stands_in_the_details() {
        let check = |delay: &str, expect: Option<Duration>| {
            let body = format!(
                r#"{{"error":{{"code":429,"message":"Quota exceeded.","status":"RESOURCE_EXHAUSTED","details":[{{"@type":"type.googleapis.com/google.rpc.QuotaFailure"}},{{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"{delay}"}}]}}}}"#
            );
            assert_eq!(GeminiErrors.retry_after(body.as_bytes()), expect);
        };
        check("34s", Some(Duration::from_secs(34)));
        check("0.5s", Some(Duration::from_millis(500)));
        check("-1s", None);
        check("soon", None);
        assert_eq!(GeminiErrors.retry_after(b"<html>"), None);
    }
}
