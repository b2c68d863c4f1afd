//! What went wrong with one attempt, whose fault it is, and whether another offering may help. Classification only:
//! deciding what to do next is the pipeline's business, cooling down is `health`'s.

mod classify;

pub use classify::retry_after;

use crate::secret::Secret;
use protocol::ir::{Error, ErrorKind, Malformed};
use protocol::relay::Fault;
use std::time::Duration;

/// One attempt that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Whose fault it is.
    pub blame: Blame,
    /// Whether another offering may help.
    pub retry: Retry,
    /// What happened.
    pub kind: FailureKind,
    /// The provider's HTTP status, where one came.
    pub status: Option<u16>,
    /// How long the provider asks to be left alone.
    pub retry_after: Option<Duration>,
    /// What the provider said, or what we saw. For the record; a client hears [`Self::to_client_error`].
    pub error: Error,
}

/// Whose fault a failure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blame {
    /// The client's request is at fault: every other offering would say the same.
    Caller,
    /// The credential is refused, or its account cannot pay.
    Credential,
    /// The provider limits how much may be asked: no fault of its health.
    Throttle,
    /// The provider fails.
    Provider,
    /// The way to the provider fails.
    Network,
    /// Our own settings are wrong (an address that is none).
    Ourselves,
}

/// Whether another try may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Retry {
    /// Another offering may do better (or the same one later, where there is no other).
    Next,
    /// Nobody would answer this request differently.
    Never,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The provider says that the request is wrong.
    InvalidRequest,
    /// The credential is refused (401, 403).
    Credential,
    /// The provider's account cannot pay (402, `insufficient_quota`).
    Billing,
    /// Too many requests or tokens (429).
    RateLimited,
    /// The provider does not know the model, or its base URL is off.
    ModelNotFound,
    /// The provider failed (500 and the like).
    Server,
    /// The provider has no capacity (503, 529).
    Overloaded,
    /// The provider itself gave up waiting (408, 504).
    ProviderTimeout,
    /// The provider answered what its dialect does not allow: HTML, half a JSON, a redirect.
    Malformed,
    /// The answer is larger than we accept.
    AnswerTooLarge,
    /// The provider's name could not be resolved.
    Dns,
    /// No connection came about.
    Connect,
    /// The secure handshake failed.
    Tls,
    /// The connection took too long to come about.
    ConnectTimeout,
    /// The connection was closed before any byte of an answer.
    Disconnected,
    /// The connection was closed in mid-answer.
    Cut,
    /// No answer began in time.
    FirstByteTimeout,
    /// The answer began but no content came in time.
    FirstTokenTimeout,
    /// The answer stopped coming.
    IdleTimeout,
    /// The whole call took too long.
    TotalTimeout,
    /// The call could not be made from our settings.
    Misconfigured,
}

impl FailureKind {
    /// The stable word that records hold.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::Credential => "credential",
            Self::Billing => "billing",
            Self::RateLimited => "rate_limited",
            Self::ModelNotFound => "model_not_found",
            Self::Server => "server_error",
            Self::Overloaded => "overloaded",
            Self::ProviderTimeout => "provider_timeout",
            Self::Malformed => "malformed",
            Self::AnswerTooLarge => "answer_too_large",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::ConnectTimeout => "connect_timeout",
            Self::Disconnected => "disconnected",
            Self::Cut => "cut",
            Self::FirstByteTimeout => "first_byte_timeout",
            Self::FirstTokenTimeout => "first_token_timeout",
            Self::IdleTimeout => "idle_timeout",
            Self::TotalTimeout => "total_timeout",
            Self::Misconfigured => "misconfigured",
        }
    }

    /// Whose fault it usually is.
    pub fn blame(self) -> Blame {
        match self {
            Self::InvalidRequest => Blame::Caller,
            Self::Credential | Self::Billing => Blame::Credential,
            Self::RateLimited => Blame::Throttle,
            Self::ModelNotFound
            | Self::Server
            | Self::Overloaded
            | Self::ProviderTimeout
            | Self::Malformed
            | Self::AnswerTooLarge
            | Self::Disconnected
            | Self::Cut
            | Self::FirstByteTimeout
            | Self::FirstTokenTimeout
            | Self::IdleTimeout
            | Self::TotalTimeout => Blame::Provider,
            Self::Dns | Self::Connect | Self::Tls | Self::ConnectTimeout => Blame::Network,
            Self::Misconfigured => Blame::Ourselves,
        }
    }

    /// The class of error that a client hears. `InvalidRequest` is the one kind where the provider's own class counts.
    fn heard_as(self) -> ErrorKind {
        match self {
            Self::InvalidRequest => ErrorKind::InvalidRequest,
            Self::RateLimited => ErrorKind::RateLimited,
            Self::ModelNotFound => ErrorKind::NotFound,
            Self::Overloaded => ErrorKind::Overloaded,
            Self::ProviderTimeout
            | Self::ConnectTimeout
            | Self::FirstByteTimeout
            | Self::FirstTokenTimeout
            | Self::IdleTimeout
            | Self::TotalTimeout => ErrorKind::Timeout,
            Self::Credential
            | Self::Billing
            | Self::Server
            | Self::Malformed
            | Self::AnswerTooLarge
            | Self::Dns
            | Self::Connect
            | Self::Tls
            | Self::Disconnected
            | Self::Cut
            | Self::Misconfigured => ErrorKind::Server,
        }
    }

    /// The sentence that a client hears, free of anything that the provider or our settings said.
    fn sentence(self) -> &'static str {
        match self {
            Self::InvalidRequest => "The provider refused the request.",
            Self::Credential => {
                "The provider refused the gateway's credential; your own key is not at fault."
            }
            Self::Billing => "The gateway's account at the provider cannot pay for this request.",
            Self::RateLimited => "The provider is limiting requests; try again later.",
            Self::ModelNotFound => "The provider does not know this model.",
            Self::Server => "The provider failed to answer.",
            Self::Overloaded => "The provider has no capacity for now; try again later.",
            Self::ProviderTimeout => "The provider gave up on the request in time-out.",
            Self::Malformed => "The provider's answer could not be understood.",
            Self::AnswerTooLarge => "The provider's answer is larger than the gateway accepts.",
            Self::Dns | Self::Connect | Self::Tls => "The provider could not be reached.",
            Self::ConnectTimeout => "The provider could not be reached in time.",
            Self::Disconnected => "The provider closed the connection without an answer.",
            Self::Cut => "The provider's answer broke off.",
            Self::FirstByteTimeout | Self::FirstTokenTimeout => {
                "The provider did not begin to answer in time."
            }
            Self::IdleTimeout => "The provider's answer stopped coming.",
            Self::TotalTimeout => "The provider's answer took too long.",
            Self::Misconfigured => "The gateway's settings for this provider are wrong.",
        }
    }
}

impl Failure {
    /// A failure without an answer of the provider to quote: the network's, a time-out, our own. `detail` is for the
    /// record.
    pub fn of(kind: FailureKind, detail: impl Into<String>) -> Self {
        Self {
            blame: kind.blame(),
            retry: match kind.blame() {
                Blame::Caller => Retry::Never,
                Blame::Credential
                | Blame::Throttle
                | Blame::Provider
                | Blame::Network
                | Blame::Ourselves => Retry::Next,
            },
            kind,
            status: None,
            retry_after: None,
            error: Error::new(kind.heard_as(), detail).with_code(kind.as_str()),
        }
    }

    /// The same without the secret that the provider was asked with, should it repeat it. Every failure goes through this
    /// before anyone hears of it.
    #[must_use]
    pub fn hiding(mut self, secret: &Secret) -> Self {
        secret.hide_in(&mut self.error.message);
        let error = &mut self.error;
        for word in [&mut error.param, &mut error.code].into_iter().flatten() {
            secret.hide_in(word);
        }
        error.details = error.details.take().map(|details| {
            let mut details = String::from(details);
            secret.hide_in(&mut details);
            details.into()
        });
        self
    }

    /// What a client may hear of it: no secret, no internal address, and never the provider's 401 as if the client's
    /// own key were wrong. A client's own mistake is told in the provider's words, which name the field.
    pub fn to_client_error(&self) -> Error {
        match self.blame {
            Blame::Caller => self.error.clone(),
            Blame::Credential
            | Blame::Throttle
            | Blame::Provider
            | Blame::Network
            | Blame::Ourselves => Error {
                kind: self.kind.heard_as(),
                message: self.kind.sentence().to_owned(),
                param: None,
                code: Some(format!("provider_{}", self.kind.as_str())),
                details: None,
            },
        }
    }
}

impl From<Malformed> for Failure {
    fn from(bad: Malformed) -> Self {
        Self::of(FailureKind::Malformed, bad.to_string())
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Reported(error) => Self::reported(error),
            Fault::Malformed(bad) => bad.into(),
            Fault::Cut => Self::of(FailureKind::Cut, "the stream ended before its proper end"),
            Fault::HoldOverflow => Self::of(
                FailureKind::Malformed,
                "more came before the first content than is held",
            ),
        }
    }
}

#[cfg(test)]
mod tests;
