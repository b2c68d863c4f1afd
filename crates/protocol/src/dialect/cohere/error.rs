//! Errors. <https://docs.cohere.com/reference/errors> (2026-11): a status and a sentence; no codes, no field.

use crate::dialect::codec::Errors;
use crate::dialect::{error_text, write};
use crate::ir::{Error, ErrorKind};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The dialect's errors.
pub(super) struct CohereErrors;

impl Errors for CohereErrors {
    fn encode(&self, error: &Error, request_id: &str) -> Vec<u8> {
        let mut body = Vec::with_capacity(256);
        write::object(&mut body, |o| {
            o.value("id", request_id);
            o.value("message", &error_text::with_field(error));
        });
        body
    }

    fn decode(&self, status: u16, body: &[u8]) -> Error {
        decode(status, body)
    }
}

/// What a sentence tells that the status does not (lower case).
const TOLD_BY_MESSAGE: &[(&str, ErrorKind)] = &[
    ("too many tokens", ErrorKind::ContextLength),
    ("context length", ErrorKind::ContextLength),
    ("blocked output", ErrorKind::ContentPolicy),
    ("blocked input", ErrorKind::ContentPolicy),
];

/// How much of a body that is no JSON goes into a message, in characters.
const EXCERPT: usize = 300;

/// Reads an error body of any shape; never fails.
pub(super) fn decode(status: u16, body: &[u8]) -> Error {
    let message = sentence(body).unwrap_or_else(|| {
        let text = String::from_utf8_lossy(body);
        let text = text.trim();
        if text.is_empty() || text.starts_with('<') {
            return format!("the provider answered with status {status} and no message");
        }
        text.chars().take(EXCERPT).collect()
    });
    let lower = message.to_ascii_lowercase();
    let by_status = match status {
        // An invalid token; and a client that closed its request, which was not ours.
        498 => ErrorKind::Authentication,
        499 => ErrorKind::Timeout,
        status => ErrorKind::from_status(status),
    };
    let told = TOLD_BY_MESSAGE
        .iter()
        .find(|(words, _)| lower.contains(words))
        .filter(|_| matches!(by_status, ErrorKind::InvalidRequest | ErrorKind::Server));
    Error::new(told.map_or(by_status, |(_, kind)| *kind), message)
}

/// The sentence of an error body: `message`, or as a proxy in between nests it.
pub(super) fn sentence(body: &[u8]) -> Option<String> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Outer<'a> {
        #[serde(borrow)]
        message: Option<&'a RawValue>,
        #[serde(borrow)]
        error: Option<&'a RawValue>,
    }
    let outer: Outer<'_> = serde_json::from_slice(body).ok()?;
    let text = |raw: &RawValue| serde_json::from_str::<String>(raw.get()).ok();
    outer.message.and_then(text).or_else(|| {
        let raw = outer.error?;
        let inner: Outer<'_> = serde_json::from_str(raw.get()).unwrap_or_default();
        inner.message.and_then(text).or_else(|| text(raw))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let long = "too many tokens: size limit exceeded by 7 tokens.";
        check(
            400,
            &format!(r#"{{"id":"e1","message":"{long}"}}"#),
            ErrorKind::ContextLength,
            long,
        );
        check(
            401,
            r#"{"message":"invalid api token"}"#,
            ErrorKind::Authentication,
            "invalid api token",
        );
        check(
            498,
            r#"{"data":"x"}"#,
            ErrorKind::Authentication,
            r#"{"data":"x"}"#,
        );
        check(422, r#"{"message":"no"}"#, ErrorKind::InvalidRequest, "no");
        check(429, "slow down", ErrorKind::RateLimited, "slow down");
        check(503, r#"{"error":"busy"}"#, ErrorKind::Overloaded, "busy");
        check(
            502,
            "<html>",
            ErrorKind::Server,
            "the provider answered with status 502 and no message",
        );
    }
}
