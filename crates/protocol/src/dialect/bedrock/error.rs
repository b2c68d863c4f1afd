//! Errors, in whole bodies and in streams.
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html>, and the service model's `errors` (2026-11).

use crate::dialect::codec::Errors;
use crate::dialect::{error_text, write};
use crate::eventstream;
use crate::ir::{Error, ErrorKind};
use serde::Deserialize;

/// The dialect's errors.
pub(super) struct BedrockErrors;

impl Errors for BedrockErrors {
    fn status(&self, kind: ErrorKind) -> u16 {
        class(kind).status
    }

    fn label(&self, kind: ErrorKind) -> Option<(&'static str, &'static str)> {
        Some(("x-amzn-errortype", class(kind).name))
    }

    fn encode(&self, error: &Error, _request_id: &str) -> Vec<u8> {
        body(error)
    }

    fn decode(&self, status: u16, body: &[u8]) -> Error {
        decode(status, body)
    }
}

/// A class of errors.
struct Class {
    name: &'static str,
    status: u16,
    kind: ErrorKind,
}

const fn of(name: &'static str, status: u16, kind: ErrorKind) -> Class {
    Class { name, status, kind }
}

/// The classes. Several share a kind, and writing takes the first of them; several kinds share a class, and reading takes
/// the first of those.
const CLASSES: &[Class] = &[
    of("ValidationException", 400, ErrorKind::InvalidRequest),
    of("AccessDeniedException", 403, ErrorKind::Permission),
    of("ResourceNotFoundException", 404, ErrorKind::NotFound),
    of("ModelTimeoutException", 408, ErrorKind::Timeout),
    of("ConflictException", 409, ErrorKind::Conflict),
    of("ThrottlingException", 429, ErrorKind::RateLimited),
    of("InternalServerException", 500, ErrorKind::Server),
    of("ServiceUnavailableException", 503, ErrorKind::Overloaded),
    of("ModelErrorException", 424, ErrorKind::Server),
    of("ModelStreamErrorException", 424, ErrorKind::Server),
    of("ModelNotReadyException", 429, ErrorKind::Overloaded),
    of("ServiceQuotaExceededException", 400, ErrorKind::RateLimited),
    // What a key is refused with; clients have a class for the first alone.
    of("AccessDeniedException", 403, ErrorKind::Authentication),
    of(
        "UnrecognizedClientException",
        403,
        ErrorKind::Authentication,
    ),
    of("InvalidSignatureException", 403, ErrorKind::Authentication),
    of("ExpiredTokenException", 403, ErrorKind::Authentication),
    of("AccessDeniedException", 403, ErrorKind::Billing),
    of("ValidationException", 400, ErrorKind::ContextLength),
    of("ValidationException", 400, ErrorKind::ContentPolicy),
    of("ValidationException", 413, ErrorKind::TooLarge),
];

/// Exceptions that a stream's model knows, by their classes.
const IN_STREAMS: &[(&str, &str)] = &[
    ("internalServerException", "InternalServerException"),
    ("validationException", "ValidationException"),
    ("throttlingException", "ThrottlingException"),
    ("serviceUnavailableException", "ServiceUnavailableException"),
];

/// What a kind may really be: only its sentence tells (lower case).
const TOLD_BY_MESSAGE: &[(ErrorKind, &str, ErrorKind)] = &[
    (
        ErrorKind::InvalidRequest,
        "input is too long",
        ErrorKind::ContextLength,
    ),
    (
        ErrorKind::InvalidRequest,
        "prompt is too long",
        ErrorKind::ContextLength,
    ),
    (
        ErrorKind::InvalidRequest,
        "too many input tokens",
        ErrorKind::ContextLength,
    ),
    (
        ErrorKind::InvalidRequest,
        "exceed context limit",
        ErrorKind::ContextLength,
    ),
    (
        ErrorKind::InvalidRequest,
        "maximum context length",
        ErrorKind::ContextLength,
    ),
    (
        ErrorKind::InvalidRequest,
        "content filter",
        ErrorKind::ContentPolicy,
    ),
    (
        ErrorKind::InvalidRequest,
        "content filtering policy",
        ErrorKind::ContentPolicy,
    ),
    (
        ErrorKind::InvalidRequest,
        "model identifier is invalid",
        ErrorKind::NotFound,
    ),
    (
        ErrorKind::Permission,
        "security token",
        ErrorKind::Authentication,
    ),
    (ErrorKind::Permission, "api key", ErrorKind::Authentication),
    (
        ErrorKind::Permission,
        "bearer token",
        ErrorKind::Authentication,
    ),
    (
        ErrorKind::Permission,
        "signature",
        ErrorKind::Authentication,
    ),
    (
        ErrorKind::Permission,
        "invalid_payment_instrument",
        ErrorKind::Billing,
    ),
];

/// The class that a kind is written as.
fn class(kind: ErrorKind) -> &'static Class {
    let found = CLASSES.iter().find(|class| class.kind == kind);
    found.unwrap_or(&CLASSES[0])
}

/// Writes an error body, which is also an exception's payload. The dialect has no member for the field at fault, so its
/// name leads the message.
fn body(error: &Error) -> Vec<u8> {
    let mut body = Vec::with_capacity(128);
    write::object(&mut body, |o| {
        o.value("message", &error_text::with_field(error))
    });
    body
}

/// Writes the message by which a stream says that it failed: an exception that its model knows, or else an error of the
/// same name.
pub(super) fn write_frame(out: &mut Vec<u8>, error: &Error) {
    let class = class(error.kind).name;
    match IN_STREAMS.iter().find(|(_, known)| *known == class) {
        Some((name, _)) => eventstream::write_exception(out, name, &body(error)),
        None => eventstream::write_error(out, class, &error_text::with_field(error)),
    }
}

/// Reads an exception or error of a stream.
pub(super) fn read_frame(name: Option<&str>, payload: &[u8]) -> Error {
    let name = name.unwrap_or_default();
    let same = |class: &&Class| class.name.eq_ignore_ascii_case(name);
    let kind = CLASSES.iter().find(same);
    let kind = kind.map_or(ErrorKind::Server, |class| class.kind);
    let message = Said::read(payload)
        .message()
        .unwrap_or_else(|| format!("the provider's stream ended with {name}"));
    told(kind, message, Some(name).filter(|name| !name.is_empty()))
}

/// Reads an error body of any shape; never fails.
pub(super) fn decode(status: u16, body: &[u8]) -> Error {
    let said = Said::read(body);
    // `com.amazon.coral.service#ThrottlingException`, where the body names its class at all.
    let name = said.kind.as_deref().map(|name| {
        let name = name.rsplit('#').next().unwrap_or_default();
        name.split(':').next().unwrap_or_default().to_owned()
    });
    let named = name.as_deref().and_then(|name| {
        let class = CLASSES.iter().find(|class| class.name == name)?;
        Some(class.kind)
    });
    let kind = named.unwrap_or_else(|| match status {
        424 => ErrorKind::Server,
        status => ErrorKind::from_status(status),
    });
    let message = said
        .message()
        .unwrap_or_else(|| error_text::of_body(status, body));
    told(kind, message, name.as_deref())
}

fn told(kind: ErrorKind, message: String, code: Option<&str>) -> Error {
    let lower = message.to_ascii_lowercase();
    let told = TOLD_BY_MESSAGE
        .iter()
        .find(|(from, words, _)| *from == kind && lower.contains(words));
    Error {
        kind: told.map_or(kind, |(_, _, kind)| *kind),
        message,
        param: None,
        code: code.map(str::to_owned),
        details: None,
    }
}

/// A body, whose message some parts of AWS write with a capital.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    message: Option<String>,
    #[serde(rename = "Message")]
    capital: Option<String>,
    #[serde(rename = "__type")]
    kind: Option<String>,
}

impl Said {
    fn read(body: &[u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_default()
    }

    fn message(&self) -> Option<String> {
        self.message.clone().or_else(|| self.capital.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Framer, Tells};

    #[test]
    fn reads_any_shape() {
        let check = |status: u16, body: &str, kind: ErrorKind, message: &str| {
            let error = decode(status, body.as_bytes());
            assert_eq!((error.kind, &*error.message), (kind, message), "{body}");
        };
        use ErrorKind::{
            Authentication, ContextLength, InvalidRequest, NotFound, Overloaded, Permission,
            RateLimited, Server, Timeout,
        };
        let said = |message: &str| format!(r#"{{"message":"{message}"}}"#);
        check(400, &said("bad"), InvalidRequest, "bad");
        let long = "Input is too long for requested model.";
        check(400, &said(long), ContextLength, long);
        let no_model = "The provided model identifier is invalid.";
        check(400, &said(no_model), NotFound, no_model);
        check(403, &said("no access"), Permission, "no access");
        let token = "The security token included in the request is invalid.";
        check(403, &said(token), Authentication, token);
        check(403, r#"{"Message":"Hm"}"#, Permission, "Hm");
        check(408, &said("late"), Timeout, "late");
        check(424, &said("model"), Server, "model");
        check(429, &said("slow"), RateLimited, "slow");
        check(
            429,
            r#"{"__type":"com.amazon#ModelNotReadyException","message":"wait"}"#,
            Overloaded,
            "wait",
        );
        let page = "the provider answered with status 502 and a web page";
        check(502, "<html>", Server, page);
        check(
            503,
            "",
            Overloaded,
            "the provider answered with status 503 and no body",
        );
    }

    #[test]
    fn every_kind_crosses_a_stream_with_its_class() {
        for kind in CLASSES.iter().map(|class| class.kind) {
            let mut out = Vec::new();
            write_frame(&mut out, &Error::new(kind, "it broke"));
            let mut framer = Framer::of(crate::dialect::Framing::EventStream);
            let mut frames = framer.push(&out);
            let frame = frames.next().unwrap().unwrap();
            assert_eq!(frame.tells, Tells::Error);
            let error = read_frame(frame.event, &frame.data);
            assert_eq!(error.message, "it broke");
            assert_eq!(class(error.kind).name, class(kind).name);
        }
    }
}
