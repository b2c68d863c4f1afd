//! Reads error bodies of any provider, whatever their shape: OpenAI's, `{"error": "text"}`, `{"message": …}`,
//! `{"detail": …}`, Anthropic's, a list of one of these, HTML, plain text, or nothing.

use crate::dialect::fields::Fields;
use crate::ir::{Error, ErrorKind};
use serde_json::value::RawValue;

/// The longest message that is passed on, in bytes.
const MESSAGE_MAX: usize = 2048;

/// Reads an error body. A code that is known decides the kind, then the status, then the message. `status` is 200 for
/// an error inside a stream.
pub(in crate::dialect) fn decode(status: u16, body: &[u8]) -> Error {
    let found = Found::read(body);
    let status = match found.status {
        Some(stated) if status < 400 => stated,
        _ => status,
    };
    let message = found
        .message
        .map_or_else(|| wordless(status, body), shortened);
    Error {
        kind: kind(status, &found.words, &message),
        message,
        param: found.param,
        code: found.words.code,
        details: None,
    }
}

/// What an error body says.
#[derive(Default)]
struct Found {
    message: Option<String>,
    param: Option<String>,
    words: Words,
    /// A numeric `code` or `status`, as OpenRouter, vLLM and Google write one.
    status: Option<u16>,
}

/// The two machine-readable words.
#[derive(Default)]
struct Words {
    code: Option<String>,
    kind: Option<String>,
}

impl Found {
    fn read(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let text = text.trim();
        match serde_json::from_str::<&RawValue>(text) {
            Ok(raw) => Self::of_json(raw, 4),
            Err(_) => Self::of_text(text),
        }
    }

    /// `depth` bounds how far errors within errors are followed.
    fn of_json(raw: &RawValue, depth: u8) -> Self {
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'{') => Self::of_object(raw, depth),
            Some(b'[') => serde_json::from_str::<Vec<&RawValue>>(text)
                .ok()
                .and_then(|list| list.first().copied())
                .filter(|_| depth > 0)
                .map(|first| Self::of_json(first, depth - 1))
                .unwrap_or_default(),
            Some(b'"') => Self::of_text(&serde_json::from_str::<String>(text).unwrap_or_default()),
            _ => Self::default(),
        }
    }

    fn of_object(raw: &RawValue, depth: u8) -> Self {
        let Ok(mut fields) = Fields::body(raw.get().as_bytes()) else {
            return Self::default();
        };
        let mut found = Self::default();
        let mut status = None;
        for key in ["code", "status", "status_code"] {
            match fields.take(key).map(word) {
                Some(Word::Number(number)) => status = status.or(Some(number)),
                Some(Word::Text(text)) => found.words.code = found.words.code.or(Some(text)),
                Some(Word::Other) | None => {}
            }
        }
        found.status = status.filter(|status| (400..600).contains(status));
        found.words.kind = fields.take("type").and_then(|raw| word(raw).text());
        found.param = fields.take("param").and_then(|raw| word(raw).text());
        for key in [
            "error",
            "message",
            "detail",
            "msg",
            "error_description",
            "errors",
        ] {
            let Some(inner) = fields.take(key).filter(|_| depth > 0) else {
                continue;
            };
            found = found.under(Self::of_json(inner, depth - 1));
            if found.message.is_some() {
                break;
            }
        }
        found
    }

    /// What the inner object says wins.
    fn under(self, inner: Self) -> Self {
        // The outer `type` of Anthropic's shape says only "error".
        Self {
            message: inner.message.or(self.message),
            param: inner.param.or(self.param),
            words: Words {
                code: inner.words.code.or(self.words.code),
                kind: inner.words.kind.or(self.words.kind),
            },
            status: inner.status.or(self.status),
        }
    }

    fn of_text(text: &str) -> Self {
        let is_page = text.starts_with('<');
        let message = match is_page {
            true => title(text).map(str::to_owned),
            false => Some(text.to_owned()),
        };
        Self {
            message: message.filter(|text| !text.trim().is_empty()),
            ..Self::default()
        }
    }
}

enum Word {
    Text(String),
    Number(u16),
    Other,
}

impl Word {
    fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(_) | Self::Other => None,
        }
    }
}

fn word(raw: &RawValue) -> Word {
    if let Ok(number) = serde_json::from_str(raw.get()) {
        return Word::Number(number);
    }
    match serde_json::from_str::<String>(raw.get()) {
        Ok(text) => text.parse().map_or(Word::Text(text), Word::Number),
        Err(_) => Word::Other,
    }
}

/// The title of an HTML page.
fn title(page: &str) -> Option<&str> {
    let lower = page.to_ascii_lowercase();
    let start = lower.find("<title>")? + "<title>".len();
    let end = start + lower.get(start..)?.find("</title>")?;
    Some(page.get(start..end)?.trim())
}

fn wordless(status: u16, body: &[u8]) -> String {
    let what = if body.trim_ascii().is_empty() {
        "nothing"
    } else if body.trim_ascii().starts_with(b"<") {
        "an HTML page"
    } else {
        "an error without a message"
    };
    format!("The provider answered {status} with {what}.")
}

fn shortened(mut message: String) -> String {
    if message.len() > MESSAGE_MAX {
        let end = (0..=MESSAGE_MAX)
            .rev()
            .find(|end| message.is_char_boundary(*end))
            .unwrap_or(0);
        message.truncate(end);
        message.push('…');
    }
    message
}

fn kind(status: u16, words: &Words, message: &str) -> ErrorKind {
    let named = [&words.code, &words.kind]
        .into_iter()
        .flatten()
        .find_map(|word| named(word));
    if let Some(kind) = named {
        return kind;
    }
    let by_status = match status {
        ..400 if words.kind.as_deref() == Some("invalid_request_error") => {
            ErrorKind::InvalidRequest
        }
        ..400 => ErrorKind::Server,
        status => ErrorKind::from_status(status),
    };
    let lower = message.to_ascii_lowercase();
    match by_status {
        ErrorKind::InvalidRequest | ErrorKind::TooLarge | ErrorKind::Server
            if CONTEXT.iter().any(|phrase| lower.contains(phrase)) =>
        {
            ErrorKind::ContextLength
        }
        kind => kind,
    }
}

/// The kind that a code or a type says by itself.
pub(in crate::dialect) fn named(word: &str) -> Option<ErrorKind> {
    let known = KINDS
        .iter()
        .find(|(known, _)| word.eq_ignore_ascii_case(known));
    known.map(|(_, kind)| *kind)
}

/// How providers that give no code say that the input is too long, in lower case.
const CONTEXT: &[&str] = &[
    "maximum context length",
    "context length exceeded",
    "exceeds the context window",
    "exceed context window",
    "prompt is too long",
    "input is too long",
];

/// Codes and types that say more than the status. A code is looked up before a type. General types
/// (`invalid_request_error`, `server_error`) are not here: under them the status and the message decide.
const KINDS: &[(&str, ErrorKind)] = &[
    ("context_length_exceeded", ErrorKind::ContextLength),
    ("string_above_max_length", ErrorKind::ContextLength),
    ("content_filter", ErrorKind::ContentPolicy),
    ("content_policy_violation", ErrorKind::ContentPolicy),
    ("ResponsibleAIPolicyViolation", ErrorKind::ContentPolicy),
    ("moderation_blocked", ErrorKind::ContentPolicy),
    ("insufficient_quota", ErrorKind::Billing),
    ("insufficient_balance", ErrorKind::Billing),
    ("billing_hard_limit_reached", ErrorKind::Billing),
    ("billing_not_active", ErrorKind::Billing),
    ("billing_error", ErrorKind::Billing),
    ("model_not_found", ErrorKind::NotFound),
    ("DeploymentNotFound", ErrorKind::NotFound),
    ("not_found_error", ErrorKind::NotFound),
    ("invalid_api_key", ErrorKind::Authentication),
    ("invalid_authentication", ErrorKind::Authentication),
    ("account_deactivated", ErrorKind::Authentication),
    ("authentication_error", ErrorKind::Authentication),
    ("permission_denied", ErrorKind::Permission),
    ("permission_error", ErrorKind::Permission),
    (
        "unsupported_country_region_territory",
        ErrorKind::Permission,
    ),
    ("rate_limit_exceeded", ErrorKind::RateLimited),
    ("rate_limit_error", ErrorKind::RateLimited),
    ("tokens", ErrorKind::RateLimited),
    ("requests", ErrorKind::RateLimited),
    ("request_too_large", ErrorKind::TooLarge),
    ("timeout", ErrorKind::Timeout),
    ("timeout_error", ErrorKind::Timeout),
    ("conflict", ErrorKind::Conflict),
    ("conflict_error", ErrorKind::Conflict),
    ("overloaded", ErrorKind::Overloaded),
    ("overloaded_error", ErrorKind::Overloaded),
    ("engine_overloaded_error", ErrorKind::Overloaded),
    ("service_unavailable", ErrorKind::Overloaded),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, body: &str, kind: ErrorKind, message: &str) {
        let error = decode(status, body.as_bytes());
        assert_eq!(
            (error.kind, error.message.as_str()),
            (kind, message),
            "{body}"
        );
    }

    #[test]
    fn every_shape_gives_its_message_and_kind() {
        use ErrorKind::*;
        check(
            429,
            r#"{"error":{"message":"m","type":"insufficient_quota","code":"insufficient_quota"}}"#,
            Billing,
            "m",
        );
        check(
            429,
            r#"{"error":{"message":"m","type":"requests","code":"rate_limit_exceeded"}}"#,
            RateLimited,
            "m",
        );
        check(
            404,
            r#"{"error":{"message":"m","type":"invalid_request_error","code":"model_not_found"}}"#,
            NotFound,
            "m",
        );
        check(
            404,
            r#"{"error":{"message":"m","type":"invalid_request_error"}}"#,
            NotFound,
            "m",
        );
        check(
            400,
            r#"{"error":{"message":"m","type":"invalid_request_error","code":"context_length_exceeded"}}"#,
            ContextLength,
            "m",
        );
        check(400, r#"{"error":"just text"}"#, InvalidRequest, "just text");
        check(500, r#"{"message":"m"}"#, Server, "m");
        check(
            422,
            r#"{"detail":[{"loc":["body"],"msg":"field required","type":"missing"}]}"#,
            InvalidRequest,
            "field required",
        );
        check(
            401,
            r#"{"detail":"Invalid token"}"#,
            Authentication,
            "Invalid token",
        );
        check(
            529,
            r#"{"type":"error","error":{"type":"overloaded_error","message":"m"}}"#,
            Overloaded,
            "m",
        );
        check(
            400,
            r#"[{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}]"#,
            InvalidRequest,
            "m",
        );
        check(
            503,
            "<html><head><TITLE> 503 Service Unavailable </TITLE></head></html>",
            Overloaded,
            "503 Service Unavailable",
        );
        check(
            502,
            "<!doctype html><p>x",
            Server,
            "The provider answered 502 with an HTML page.",
        );
        check(500, "", Server, "The provider answered 500 with nothing.");
        check(403, "nope", Permission, "nope");
        check(
            400,
            "{}",
            InvalidRequest,
            "The provider answered 400 with an error without a message.",
        );
    }

    #[test]
    fn inside_a_200_the_body_alone_decides() {
        use ErrorKind::*;
        check(200, r#"{"error":{"code":502,"message":"m"}}"#, Server, "m");
        check(
            200,
            r#"{"error":{"code":"429","message":"m"}}"#,
            RateLimited,
            "m",
        );
        check(
            200,
            r#"{"error":{"message":"m","type":"server_error"}}"#,
            Server,
            "m",
        );
        check(200, r#"{"error":{"message":"m"}}"#, Server, "m");
        check(
            200,
            r#"{"object":"error","message":"This model's maximum context length is 10 tokens","code":400}"#,
            ContextLength,
            "This model's maximum context length is 10 tokens",
        );
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let body = "é".repeat(4000);
        let error = decode(500, body.as_bytes());
        assert!(error.message.len() <= MESSAGE_MAX + "…".len());
        assert!(error.message.ends_with("é…"));
    }
}
