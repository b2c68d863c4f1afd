//! Errors. The word in `type` alone decides which of its classes the SDK raises; status and `retry-after` decide whether it
//! tries again. From `@ai-sdk/gateway`'s own code:
//! the package `@ai-sdk/gateway` 4.0.146, <https://ai-sdk.dev/providers/ai-sdk-providers/ai-gateway> (2026-11).

use crate::dialect::fields::Fields;
use crate::dialect::openai_error::own_code;
use crate::dialect::write::{self, Object};
use crate::ir::{Error, ErrorKind};

/// The code of an unknown model. The SDK wants its id, which stands in [`Error::param`] then.
const UNKNOWN_MODEL: &str = "model_not_found";

/// The word for each kind, and the code by which kinds that share a word are told apart. A word that the SDK does not know
/// (`insufficient_funds`) becomes its internal server error, with the status that was sent.
const WORDS: &[(ErrorKind, &str, Option<&str>)] = &[
    (ErrorKind::InvalidRequest, "invalid_request_error", None),
    (ErrorKind::Authentication, "authentication_error", None),
    (ErrorKind::Billing, "insufficient_funds", None),
    (ErrorKind::Permission, "forbidden", None),
    (ErrorKind::NotFound, "not_found", None),
    (ErrorKind::NotFound, UNKNOWN_MODEL, Some(UNKNOWN_MODEL)),
    (ErrorKind::RateLimited, "rate_limit_exceeded", None),
    (ErrorKind::Server, "internal_server_error", None),
    (
        ErrorKind::Conflict,
        "invalid_request_error",
        Some("conflict"),
    ),
    (
        ErrorKind::TooLarge,
        "invalid_request_error",
        Some("request_too_large"),
    ),
    (
        ErrorKind::ContextLength,
        "invalid_request_error",
        Some("context_length_exceeded"),
    ),
    (
        ErrorKind::ContentPolicy,
        "invalid_request_error",
        Some("content_policy_violation"),
    ),
    (ErrorKind::Timeout, "internal_server_error", Some("timeout")),
    (
        ErrorKind::Overloaded,
        "internal_server_error",
        Some("overloaded"),
    ),
];

/// Writes an error body.
pub(super) fn encode(error: &Error, request_id: &str) -> Vec<u8> {
    let mut body = Vec::with_capacity(256);
    write::object(&mut body, |o| {
        o.object("error", |o| members(o, error));
        o.value("generationId", request_id);
    });
    body
}

/// The members of `error`.
pub(super) fn members(o: &mut Object<'_>, error: &Error) {
    let (word, code) = words(error);
    o.value("message", &error.message);
    o.value("type", word);
    match &error.param {
        // A provider that names the member at fault has not said which model.
        Some(model) if word == UNKNOWN_MODEL && model != "model" => {
            o.object("param", |o| o.value("modelId", model));
        }
        param => o.some("param", param.as_ref()),
    }
    o.some("code", own_code(error).or(code));
}

fn words(error: &Error) -> (&'static str, Option<&'static str>) {
    let unknown_model = error.code.as_deref() == Some(UNKNOWN_MODEL);
    if unknown_model && error.kind == ErrorKind::NotFound {
        return (UNKNOWN_MODEL, None);
    }
    let known = WORDS.iter().find(|(kind, ..)| *kind == error.kind);
    known.map_or(("internal_server_error", None), |(_, word, code)| {
        (word, *code)
    })
}

/// Reads an error body of this shape, and makes do with any other.
pub(super) fn decode(status: u16, body: &[u8]) -> Error {
    read(status, body).unwrap_or_else(|| {
        let kind = ErrorKind::from_status(status);
        Error::new(
            kind,
            format!("an error with status {status} and no message"),
        )
    })
}

fn read(status: u16, body: &[u8]) -> Option<Error> {
    let mut outer = Fields::body(body).ok()?;
    let at = outer.at();
    let mut fields = Fields::of(outer.take("error")?, at.key("error")).ok()?;
    let message = fields.string("message").ok()??;
    let word = fields.string("type").ok().flatten();
    let code = fields.string("code").ok().flatten();
    let param = fields.take("param").and_then(|raw| {
        let mut inner = Fields::of(raw, at).ok();
        let model = inner.as_mut().and_then(|it| it.string("modelId").ok()?);
        model.or_else(|| serde_json::from_str(raw.get()).ok())
    });
    let by_code = WORDS
        .iter()
        .find(|(_, _, known)| known.is_some() && *known == code.as_deref());
    let by_word = || {
        WORDS
            .iter()
            .find(|(_, known, _)| Some(*known) == word.as_deref())
    };
    let kind = by_code
        .or_else(by_word)
        .map_or(ErrorKind::from_status(status), |(kind, ..)| *kind);
    Some(Error {
        kind,
        message,
        param,
        code,
        details: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_survives_its_own_words() {
        for (kind, word, code) in WORDS {
            let mut error = Error::new(*kind, "No.").with_param("prompt[0]");
            error.code = code.map(str::to_owned);
            let body = encode(&error, "gen_1");
            let text = String::from_utf8_lossy(&body);
            assert!(text.contains(&format!(r#""type":"{word}""#)), "{text}");
            assert!(text.ends_with(r#""generationId":"gen_1"}"#), "{text}");
            for status in [kind.status(), 200] {
                assert_eq!(decode(status, &body), error, "{status}");
            }
        }
    }

    #[test]
    fn a_model_that_is_not_known_is_named_where_the_sdk_looks() {
        for (param, written) in [("a/b", r#"{"modelId":"a/b"}"#), ("model", r#""model""#)] {
            let error = Error::new(ErrorKind::NotFound, "No.")
                .with_code(UNKNOWN_MODEL)
                .with_param(param);
            let body = encode(&error, "gen_1");
            let expect = format!(
                r#"{{"error":{{"message":"No.","type":"model_not_found","param":{written},"code":"model_not_found"}},"generationId":"gen_1"}}"#
            );
            assert_eq!(String::from_utf8_lossy(&body), expect);
            assert_eq!(decode(404, &body), error);
        }
    }

    #[test]
    fn a_general_word_does_not_hide_that_the_prompt_is_too_long() {
        let error = Error::new(ErrorKind::ContextLength, "No.").with_code("INVALID_ARGUMENT");
        let read = decode(400, &encode(&error, "gen_1"));
        assert_eq!(read.kind, ErrorKind::ContextLength);
        assert_eq!(read.code.as_deref(), Some("context_length_exceeded"));
    }

    #[test]
    fn other_bodies_are_told_by_their_status() {
        for body in [
            "",
            "<html>",
            "{}",
            r#"{"error":"no"}"#,
            r#"{"error":{"type":"x"}}"#,
        ] {
            assert_eq!(decode(429, body.as_bytes()).kind, ErrorKind::RateLimited);
        }
    }
}
