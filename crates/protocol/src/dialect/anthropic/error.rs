//! Errors, in whole bodies and in streams. <https://platform.claude.com/docs/en/api/errors> (2026-08).

use super::threads;
use crate::dialect::codec::Errors;
use crate::dialect::{error_text, write};
use crate::ir::{Error, ErrorKind};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The dialect's errors.
pub(super) struct AnthropicErrors;

impl Errors for AnthropicErrors {
    fn status(&self, kind: ErrorKind) -> u16 {
        match kind {
            // A status that no standard has; clients of this dialect have a class for it.
            ErrorKind::Overloaded => 529,
            kind => kind.status(),
        }
    }

    fn encode(&self, error: &Error, request_id: &str) -> Vec<u8> {
        encode(error, request_id)
    }

    fn decode(&self, status: u16, body: &[u8]) -> Error {
        decode(status, body)
    }
}

/// How `error.type` and the canonical kinds correspond. Several kinds share a word; reading takes the first.
const TYPES: &[(&str, ErrorKind)] = &[
    ("invalid_request_error", ErrorKind::InvalidRequest),
    ("authentication_error", ErrorKind::Authentication),
    ("billing_error", ErrorKind::Billing),
    ("permission_error", ErrorKind::Permission),
    ("not_found_error", ErrorKind::NotFound),
    ("request_too_large", ErrorKind::TooLarge),
    ("rate_limit_error", ErrorKind::RateLimited),
    ("timeout_error", ErrorKind::Timeout),
    ("api_error", ErrorKind::Server),
    ("overloaded_error", ErrorKind::Overloaded),
    ("invalid_request_error", ErrorKind::Conflict),
    ("invalid_request_error", ErrorKind::ContextLength),
    ("invalid_request_error", ErrorKind::ContentPolicy),
];

/// What `invalid_request_error` may really be: only its sentence tells (lower case).
const TOLD_BY_MESSAGE: &[(&str, ErrorKind)] = &[
    ("prompt is too long", ErrorKind::ContextLength),
    ("exceed context limit", ErrorKind::ContextLength),
    ("credit balance is too low", ErrorKind::Billing),
    ("content filtering policy", ErrorKind::ContentPolicy),
];

/// Writes an error body, which is also the data of a stream's `error` event. The dialect has no member for the field
/// at fault, so its name leads the message.
pub(super) fn encode(error: &Error, request_id: &str) -> Vec<u8> {
    let mut body = Vec::with_capacity(256);
    write::object(&mut body, |o| {
        o.value("type", "error");
        o.object("error", |o| {
            o.value("type", word(error.kind));
            o.value("message", &error_text::with_field(error));
            if let Some(details) = &error.details {
                o.written("details", details.as_bytes());
            }
        });
        o.value("request_id", request_id);
    });
    body
}

/// Reads an error body of any shape; never fails.
pub(super) fn decode(status: u16, body: &[u8]) -> Error {
    let by_status = ErrorKind::from_status(status);
    let outer: Outer<'_> = serde_json::from_slice(body).unwrap_or_default();
    let inner: Inner = outer.error.map_or_else(Inner::default, |raw| {
        serde_json::from_str(raw.get()).unwrap_or_else(|_| Inner {
            message: serde_json::from_str(raw.get()).ok(),
            ..Inner::default()
        })
    });
    let message = inner
        .message
        .or_else(|| {
            outer
                .message
                .and_then(|raw| serde_json::from_str(raw.get()).ok())
        })
        .unwrap_or_else(|| error_text::of_body(status, body));
    let named = inner.kind.as_deref().and_then(|word| {
        let known = TYPES.iter().find(|(known, _)| *known == word);
        known.map(|(_, kind)| *kind)
    });
    let of_thread = inner.details.as_deref().is_some_and(threads::is_told);
    Error {
        kind: told_by_message(named.unwrap_or(by_status), &message),
        message,
        param: of_thread.then(|| threads::MEMBER.to_owned()),
        code: inner.kind,
        details: inner.details.map(String::into_boxed_str),
    }
}

fn told_by_message(kind: ErrorKind, message: &str) -> ErrorKind {
    if kind != ErrorKind::InvalidRequest {
        return kind;
    }
    let message = message.to_ascii_lowercase();
    TOLD_BY_MESSAGE
        .iter()
        .find(|(words, _)| message.contains(words))
        .map_or(kind, |(_, kind)| *kind)
}

fn word(kind: ErrorKind) -> &'static str {
    TYPES
        .iter()
        .find(|(_, known)| *known == kind)
        .map_or("api_error", |(word, _)| word)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Outer<'a> {
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Inner {
    #[serde(rename = "type")]
    kind: Option<String>,
    message: Option<String>,
    #[serde(deserialize_with = "object")]
    details: Option<String>,
}

/// The text of an object; anything else is nothing.
fn object<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<String>, D::Error> {
    let raw = Box::<RawValue>::deserialize(reader)?;
    Ok(Some(String::from(Box::<str>::from(raw))).filter(|text| text.starts_with('{')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_word_that_reads_as_its_class() {
        for (expect, kind) in TYPES {
            let body = encode(&Error::new(*kind, "it broke"), "req_1");
            let text = String::from_utf8(body.clone()).unwrap();
            assert_eq!(
                text,
                format!(
                    r#"{{"type":"error","error":{{"type":"{expect}","message":"it broke"}},"request_id":"req_1"}}"#
                )
            );
            assert_eq!(word(decode(kind.status(), &body).kind), *expect);
        }
    }

    #[test]
    fn the_field_at_fault_leads_the_message_once() {
        let check = |message: &str, expect: &str| {
            let error = Error::new(ErrorKind::InvalidRequest, message).with_param("max_tokens");
            let body = String::from_utf8(encode(&error, "r")).unwrap();
            assert!(
                body.contains(&format!("\"message\":\"{expect}\"")),
                "{body}"
            );
        };
        check("is required", "max_tokens: is required");
        check("max_tokens: is required", "max_tokens: is required");
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
        let typed = |word: &str, message: &str| {
            format!(r#"{{"type":"error","error":{{"type":"{word}","message":"{message}"}}}}"#)
        };
        check(
            529,
            &typed("overloaded_error", "Overloaded"),
            ErrorKind::Overloaded,
            "Overloaded",
        );
        check(
            200,
            &typed("rate_limit_error", "slow"),
            ErrorKind::RateLimited,
            "slow",
        );
        check(402, &typed("new_error", "pay"), ErrorKind::Billing, "pay");
        check(
            400,
            &typed(
                "invalid_request_error",
                "prompt is too long: 210000 tokens > 200000 maximum",
            ),
            ErrorKind::ContextLength,
            "prompt is too long: 210000 tokens > 200000 maximum",
        );
        check(
            400,
            &typed("invalid_request_error", "Your credit balance is too low"),
            ErrorKind::Billing,
            "Your credit balance is too low",
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
            "<html><body>Bad gateway</body></html>",
            ErrorKind::Server,
            "the provider answered with status 502 and a web page",
        );
        check(
            503,
            "",
            ErrorKind::Overloaded,
            "the provider answered with status 503 and no body",
        );
        check(400, "[1]", ErrorKind::InvalidRequest, "[1]");
        check(429, "slow down", ErrorKind::RateLimited, "slow down");
    }
}
