//! Error bodies of OpenAI's two formats, for clients; from providers, anybody's are read.
//! <https://platform.openai.com/docs/guides/error-codes>

pub(in crate::dialect) use super::foreign_error::decode;

use super::foreign_error::named;
use crate::dialect::write;
use crate::ir::{Error, ErrorKind};

/// Writes an error body.
pub(in crate::dialect) fn encode(error: &Error) -> Vec<u8> {
    let mut body = Vec::with_capacity(256);
    write::object(&mut body, |o| {
        o.object("error", |o| {
            o.value("message", &error.message);
            o.value("type", words(error.kind).0);
            o.value("param", &error.param);
            o.value("code", &code(error));
        });
    });
    body
}

/// The `code` of an error: its own, else that of its kind.
pub(in crate::dialect) fn code(error: &Error) -> Option<&str> {
    own_code(error).or(words(error.kind).1)
}

/// The `code` that an error came with, but not in place of OpenAI's for a conversation that is too long, at which clients
/// shorten it: other vendors have one word for all that is wrong with a request.
pub(in crate::dialect) fn own_code(error: &Error) -> Option<&str> {
    let code = error.code.as_deref()?;
    (error.kind != ErrorKind::ContextLength || named(code).is_some()).then_some(code)
}

/// The `type` of an error, and its `code` where it has none of its own. Official clients choose their exception by
/// status; the words are OpenAI's where it has one.
pub(in crate::dialect) fn words(kind: ErrorKind) -> (&'static str, Option<&'static str>) {
    match kind {
        ErrorKind::InvalidRequest => ("invalid_request_error", None),
        ErrorKind::Authentication => ("authentication_error", Some("invalid_api_key")),
        ErrorKind::Billing => ("insufficient_quota", Some("insufficient_quota")),
        ErrorKind::Permission => ("permission_error", Some("permission_denied")),
        ErrorKind::NotFound => ("not_found_error", Some("not_found")),
        ErrorKind::Timeout => ("timeout_error", Some("timeout")),
        ErrorKind::Conflict => ("conflict_error", Some("conflict")),
        ErrorKind::TooLarge => ("invalid_request_error", Some("request_too_large")),
        ErrorKind::ContextLength => ("invalid_request_error", Some("context_length_exceeded")),
        ErrorKind::ContentPolicy => ("invalid_request_error", Some("content_policy_violation")),
        ErrorKind::RateLimited => ("rate_limit_error", Some("rate_limit_exceeded")),
        ErrorKind::Server => ("server_error", None),
        ErrorKind::Overloaded => ("overloaded_error", Some("overloaded")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [ErrorKind; 13] = [
        ErrorKind::InvalidRequest,
        ErrorKind::Authentication,
        ErrorKind::Billing,
        ErrorKind::Permission,
        ErrorKind::NotFound,
        ErrorKind::Timeout,
        ErrorKind::Conflict,
        ErrorKind::TooLarge,
        ErrorKind::ContextLength,
        ErrorKind::ContentPolicy,
        ErrorKind::RateLimited,
        ErrorKind::Server,
        ErrorKind::Overloaded,
    ];

    #[test]
    fn too_long_has_the_word_that_clients_shorten_at() {
        let check = |code: &str, expect: &str| {
            let error = Error::new(ErrorKind::ContextLength, "Too long.").with_code(code);
            assert_eq!(super::code(&error), Some(expect));
        };
        for general in ["invalid_request_error", "INVALID_ARGUMENT"] {
            check(general, "context_length_exceeded");
        }
        check("string_above_max_length", "string_above_max_length");
        let other = Error::new(ErrorKind::InvalidRequest, "Odd.").with_code("INVALID_ARGUMENT");
        assert_eq!(super::code(&other), Some("INVALID_ARGUMENT"));
    }

    #[test]
    fn every_kind_survives_its_own_words_even_inside_a_200() {
        for kind in KINDS {
            let error = Error::new(kind, "No.").with_param("messages[0]");
            for status in [kind.status(), 200] {
                let read = decode(status, &encode(&error));
                assert_eq!(
                    (read.kind, read.message.as_str()),
                    (kind, "No."),
                    "{status}"
                );
                assert_eq!(read.param.as_deref(), Some("messages[0]"));
            }
        }
    }
}
