//! Whose fault it was, as far as figures are concerned.

use crate::record::Record;
use protocol::ir::ErrorKind;

/// What became of an exchange or a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Answered.
    Served,
    /// The caller's mistake.
    CallerFault,
    /// Too many requests.
    RateLimited,
    /// The client left, or the gateway stopped: nobody knows what would have become of it.
    Abandoned,
    /// Everything else.
    Failed,
}

/// As attempts in records are marked.
const ANSWERED: &str = "ok";
const CANCELLED: &str = "cancelled";

impl Verdict {
    /// Of a call, by the outcome in its record.
    pub fn of_attempt(outcome: &str) -> Self {
        match outcome {
            ANSWERED => Self::Served,
            CANCELLED => Self::Abandoned,
            "rate_limited" => Self::RateLimited,
            "invalid_request" => Self::CallerFault,
            _ => Self::Failed,
        }
    }

    /// Of an exchange, and the word for its class.
    pub fn of_exchange(record: &Record) -> (Self, &'static str) {
        let cancelled = record
            .attempts
            .last()
            .is_some_and(|last| last.outcome == CANCELLED);
        if record.interrupted {
            return (Self::Abandoned, "interrupted");
        }
        if record.status == 499 || cancelled {
            return (Self::Abandoned, CANCELLED);
        }
        match (
            record.error.as_ref().map(|error| error.kind),
            record.attempts.last(),
        ) {
            (None, _) => (Self::Served, ANSWERED),
            // Who asked for a model that we know is not to blame where its provider does not.
            (Some(kind @ ErrorKind::NotFound), Some(last)) => {
                (Self::of_attempt(&last.outcome), of_kind(kind).1)
            }
            (Some(kind), _) => of_kind(kind),
        }
    }
}

fn of_kind(kind: ErrorKind) -> (Verdict, &'static str) {
    match kind {
        ErrorKind::InvalidRequest => (Verdict::CallerFault, "invalid_request"),
        ErrorKind::Authentication => (Verdict::CallerFault, "authentication"),
        ErrorKind::Billing => (Verdict::CallerFault, "billing"),
        ErrorKind::Permission => (Verdict::CallerFault, "permission"),
        ErrorKind::NotFound => (Verdict::CallerFault, "not_found"),
        ErrorKind::Conflict => (Verdict::CallerFault, "conflict"),
        ErrorKind::TooLarge => (Verdict::CallerFault, "too_large"),
        ErrorKind::ContextLength => (Verdict::CallerFault, "context_length"),
        ErrorKind::ContentPolicy => (Verdict::CallerFault, "content_policy"),
        ErrorKind::RateLimited => (Verdict::RateLimited, "rate_limited"),
        ErrorKind::Timeout => (Verdict::Failed, "timeout"),
        ErrorKind::Server => (Verdict::Failed, "server"),
        ErrorKind::Overloaded => (Verdict::Failed, "overloaded"),
    }
}
