//! The one entry that every exchange with a valid key ends in, and what the journal holds before it.

use crate::id::RequestId;
use crate::money::Amount;
use protocol::ir::{ErrorKind, Loss, Usage};
use serde::{Deserialize, Serialize};

/// The record of one exchange.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Our id, also sent as `x-request-id`.
    pub id: RequestId,
    /// When the exchange began, in milliseconds since 1970.
    pub at_ms: i64,
    /// Organization id.
    pub organization: String,
    /// Project id.
    pub project: String,
    /// Key id.
    pub key: String,
    /// Method and path pattern of the door (`POST /v1/chat/completions`).
    pub door: String,
    /// The operation (`chat`, `embed`).
    pub operation: String,
    /// The model that the client asked for, as written.
    pub requested_model: String,
    /// The model that served it (`author/slug`); what was asked for, where none did.
    pub model: String,
    /// The provider that served it, or was last tried; empty where none was.
    pub provider: String,
    /// HTTP status that the client heard; 499 where it hung up before any.
    pub status: u16,
    /// Whether a stream was asked for.
    pub stream: bool,
    /// Every call to a provider, in order.
    pub attempts: Vec<Attempt>,
    /// Offerings that were not tried, each with the reason.
    pub excluded: Vec<Excluded>,
    /// Token counts.
    pub usage: Usage,
    /// What the provider bills, by the catalogue's price; `None` where the offering has no price.
    pub cost: Option<Amount>,
    /// Whether usage (and so cost) was estimated.
    pub estimate: bool,
    /// Whether the process ended before the exchange did.
    pub interrupted: bool,
    /// Why it failed or was refused.
    pub error: Option<RecordError>,
    /// What translation could not carry.
    pub lost: Vec<Loss>,
    /// Milliseconds from the exchange's begin to the first content sent to the client.
    pub first_token_ms: Option<u32>,
    /// Milliseconds from begin to end.
    pub duration_ms: u32,
    /// The client's own `x-request-id`, shortened to 128 bytes.
    pub client_request_id: Option<String>,
}

/// One call to one offering with one credential.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// Provider id.
    pub provider: String,
    /// The provider's own name of the model.
    pub wire_model: String,
    /// Credential id (`env`, `file` or that of a stored one).
    pub credential: String,
    /// HTTP status, where one came.
    pub status: Option<u16>,
    /// What became of it: `ok`, or a failure's class (`connect`, `rate_limited`, `cut` …).
    pub outcome: String,
    /// What went wrong, shortened to 500 bytes; never contains a secret.
    pub message: Option<String>,
    /// Begin, in milliseconds after the exchange's.
    pub begin_ms: u32,
    /// Milliseconds to the provider's first content, where any came.
    pub first_token_ms: Option<u32>,
    /// Milliseconds that it took.
    pub duration_ms: u32,
}

/// An offering that was not tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excluded {
    /// Provider id.
    pub provider: String,
    /// Model id.
    pub model: String,
    /// Why, as a stable word (`no_credential`, `lacks_tools` …).
    pub reason: String,
}

/// Why an exchange failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordError {
    /// Its class.
    pub kind: ErrorKind,
    /// What the client heard, or would have.
    pub message: String,
    /// The field at fault.
    pub param: Option<String>,
    /// A machine-readable code.
    pub code: Option<String>,
}

/// Written to the journal before a provider is called; again before each further attempt (the latest stands).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// The record to be, as far as known: what is not known yet is empty. Should the process die, its estimate
    /// (`usage`: the whole input, no output) is what the orphan is priced by, unless a checkpoint says more.
    pub draft: Record,
    /// Worst case of this exchange (10⁻¹² USD), where bounded: an orphan is never priced above the larger of this and
    /// its last checkpoint.
    pub reservation: Option<Amount>,
}

/// Written to the journal while a long stream runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Of which exchange.
    pub id: RequestId,
    /// Usage so far: reported, or estimated from what went through.
    pub usage: Usage,
    /// Its price.
    pub cost: Option<Amount>,
}
