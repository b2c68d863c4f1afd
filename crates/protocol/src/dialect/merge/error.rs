//! Errors, in whole bodies and in streams. <https://docs.merge.dev/merge-gateway/errors> (2026-08).

use crate::dialect::codec::Errors;
use crate::dialect::write::{self, Object};
use crate::ir::{Error, ErrorKind};
use serde::Deserialize;

/// The dialect's errors.
pub(super) struct MergeErrors;

impl Errors for MergeErrors {
    /// The oldest client package reads the sentence at the top only, all others inside `error`: it stands in both.
    fn encode(&self, error: &Error, _request_id: &str) -> Vec<u8> {
        let mut body = Vec::with_capacity(256);
        write::object(&mut body, |o| {
            o.object("error", |o| members(o, error));
            o.value("message", &error.message);
        });
        body
    }

    fn decode(&self, status: u16, body: &[u8]) -> Error {
        decode(status, body)
    }
}

/// The `type` of each kind, and its `code` where the error has none of its own. Reading takes the first line that fits.
const WORDS: &[(ErrorKind, &str, Option<&str>)] = &[
    (ErrorKind::InvalidRequest, "invalid_request_error", None),
    (
        ErrorKind::Authentication,
        "authentication_error",
        Some("invalid_api_key"),
    ),
    (
        ErrorKind::Billing,
        "budget_exceeded",
        Some("budget_exceeded"),
    ),
    (
        ErrorKind::Permission,
        "invalid_request_error",
        Some("permission_denied"),
    ),
    (ErrorKind::NotFound, "not_found_error", Some("not_found")),
    (ErrorKind::Timeout, "provider_error", Some("timeout")),
    (
        ErrorKind::Conflict,
        "invalid_request_error",
        Some("conflict"),
    ),
    (
        ErrorKind::TooLarge,
        "invalid_request_error",
        Some("payload_too_large"),
    ),
    (
        ErrorKind::ContextLength,
        "invalid_request_error",
        Some("context_length_exceeded"),
    ),
    (
        ErrorKind::ContentPolicy,
        "blocked_by_policy",
        Some("content_policy"),
    ),
    (
        ErrorKind::RateLimited,
        "rate_limit_error",
        Some("rate_limit_exceeded"),
    ),
    (
        ErrorKind::Overloaded,
        "provider_error",
        Some("vendor_unavailable"),
    ),
    (ErrorKind::Server, "provider_error", None),
    (ErrorKind::Server, "internal_error", None),
];

/// Writes the members of an `error` object. Whatever went wrong, it is the gateway that says so here: a provider's own
/// words stand in the message.
pub(super) fn members(o: &mut Object<'_>, error: &Error) {
    let line = WORDS.iter().find(|(kind, ..)| *kind == error.kind);
    let (kind, code) = line.map_or(("internal_error", None), |(_, kind, code)| (*kind, *code));
    o.value("type", kind);
    o.value("message", &error.message);
    // What does not fit is told by its code alone, which must not be some vendor's general word.
    let own = error
        .code
        .as_deref()
        .filter(|_| error.kind != ErrorKind::ContextLength);
    o.value("code", &own.or(code));
    o.value("param", &error.param);
    o.value("source", "gateway");
    o.value("provider", &None::<&str>);
}

/// Reads an error body of any shape; never fails.
fn decode(status: u16, body: &[u8]) -> Error {
    let Outer { error, message } = serde_json::from_slice(body).unwrap_or_default();
    let inner = error.unwrap_or_default();
    let message = inner.message.or(message).unwrap_or_else(|| {
        let text = String::from_utf8_lossy(body);
        text.trim().chars().take(EXCERPT).collect()
    });
    let by_code = WORDS
        .iter()
        .find(|(_, _, code)| code.is_some() && *code == inner.code.as_deref());
    let by_type = || WORDS.iter().find(|(_, word, _)| *word == inner.kind);
    let kind = match by_code {
        Some((kind, ..)) => *kind,
        None if (400..=599).contains(&status) => ErrorKind::from_status(status),
        None => by_type().map_or(ErrorKind::Server, |(kind, ..)| *kind),
    };
    Error {
        kind,
        message,
        param: inner.param,
        code: inner.code,
        details: None,
    }
}

/// How much of a body that is no JSON goes into a message, in characters.
const EXCERPT: usize = 300;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Outer {
    error: Option<Inner>,
    message: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Inner {
    #[serde(rename = "type")]
    kind: String,
    message: Option<String>,
    param: Option<String>,
    code: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_survives_its_own_words() {
        for (kind, word, _) in WORDS {
            let error = Error::new(*kind, "No.").with_param("input[0]");
            let body = MergeErrors.encode(&error, "req_1");
            let read = decode(kind.status(), &body);
            assert_eq!((read.kind, read.message.as_str()), (*kind, "No."), "{word}");
            assert_eq!(read.param.as_deref(), Some("input[0]"));
        }
    }

    #[test]
    fn every_client_finds_the_sentence() {
        let error = Error::new(ErrorKind::NotFound, "No such model.").with_code("model_not_found");
        assert_eq!(
            String::from_utf8(MergeErrors.encode(&error, "req_1")).unwrap(),
            r#"{"error":{"type":"not_found_error","message":"No such model.","code":"model_not_found","param":null,"source":"gateway","provider":null},"message":"No such model."}"#
        );
    }

    #[test]
    fn reads_any_shape() {
        assert_eq!(decode(502, b"<html>").kind, ErrorKind::Server);
        assert_eq!(decode(429, b"slow down").message, "slow down");
        assert_eq!(decode(404, br#"{"message":"gone"}"#).message, "gone");
        let typed = br#"{"error":{"type":"budget_exceeded","message":"spent"}}"#;
        assert_eq!(decode(200, typed).kind, ErrorKind::Billing);
    }
}
