//! Errors as they stand in bodies and streams.

use serde::{Deserialize, Serialize};

/// An error in one vocabulary: decoded from a provider's body or stream, encoded into a client's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What class of error it is; decides the HTTP status and each dialect's `type`.
    pub kind: ErrorKind,
    /// A sentence for a person.
    pub message: String,
    /// The request field that is at fault, in the client's own words (`messages[0].content`).
    pub param: Option<String>,
    /// A machine-readable code, as the origin wrote it or our own (`model_not_found`).
    pub code: Option<String>,
    /// What else a client's program reads of it: a JSON object, as Anthropic's errors have it in `error.details` and no
    /// other dialect's.
    pub details: Option<Box<str>>,
}

impl Error {
    /// An error with neither field nor code.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            param: None,
            code: None,
            details: None,
        }
    }

    /// Names the field at fault.
    #[must_use]
    pub fn with_param(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    /// Sets the machine-readable code.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }
}

/// Classes of error that every dialect can express.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The request is malformed or asks for what is not allowed (400).
    InvalidRequest,
    /// No key, or one that is not known (401).
    Authentication,
    /// The account cannot pay, or a budget is used up (402).
    Billing,
    /// The key may not do this (403).
    Permission,
    /// No such model, path or object (404).
    NotFound,
    /// The request took too long (408 or 504).
    Timeout,
    /// It collides with the state of something (409).
    Conflict,
    /// The body is over the cap (413).
    TooLarge,
    /// The input does not fit the model's context window (400).
    ContextLength,
    /// A content filter refused (400).
    ContentPolicy,
    /// Too many requests or tokens (429).
    RateLimited,
    /// The other side failed (500, 502).
    Server,
    /// The other side has no capacity for now (503, Anthropic's 529).
    Overloaded,
}

impl ErrorKind {
    /// The HTTP status this kind of error is answered with.
    pub fn status(self) -> u16 {
        match self {
            Self::InvalidRequest | Self::ContextLength | Self::ContentPolicy => 400,
            Self::Authentication => 401,
            Self::Billing => 402,
            Self::Permission => 403,
            Self::NotFound => 404,
            Self::Timeout => 504,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::RateLimited => 429,
            Self::Server => 502,
            Self::Overloaded => 503,
        }
    }

    /// The kind that a bare HTTP status stands for.
    pub fn from_status(status: u16) -> Self {
        match status {
            401 => Self::Authentication,
            402 => Self::Billing,
            403 => Self::Permission,
            404 => Self::NotFound,
            408 | 504 => Self::Timeout,
            409 => Self::Conflict,
            413 => Self::TooLarge,
            429 => Self::RateLimited,
            503 | 529 => Self::Overloaded,
            400..=499 => Self::InvalidRequest,
            _ => Self::Server,
        }
    }
}

/// Bytes that are not what their dialect allows: a client's bad request or a provider's bad answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", field.as_ref().map(|f| format!("{f}: ")).unwrap_or_default())]
pub struct Malformed {
    /// The path of the field at fault (`messages[1].role`), where one can be named.
    pub field: Option<String>,
    /// What is wrong and what is allowed.
    pub message: String,
}

impl Malformed {
    /// Bytes that are not even JSON, or not the right outer shape.
    pub fn body(message: impl Into<String>) -> Self {
        Self {
            field: None,
            message: message.into(),
        }
    }

    /// A field that is wrong.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: Some(field.into()),
            message: message.into(),
        }
    }
}

impl From<Malformed> for Error {
    fn from(bad: Malformed) -> Self {
        let message = bad.to_string();
        Self {
            param: bad.field,
            ..Self::new(ErrorKind::InvalidRequest, message)
        }
    }
}
