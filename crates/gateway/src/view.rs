//! The public JSON shapes of records and usage, the same in `tollgate logs --json`, `tollgate usage --json` and the admin
//! API. Kept stable: fields are added at the end, never renamed.

use domain::money::{Amount, Money};
use domain::record::{Excluded, Record, RecordError};
use protocol::ir::{Loss, LossKind, Usage};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;

/// One exchange.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct RequestView {
    /// Our id, as in `x-request-id`.
    pub(crate) id: String,
    /// When it began: RFC 3339, UTC, milliseconds.
    pub(crate) at: String,
    /// Project id.
    pub(crate) project: String,
    /// Key id.
    pub(crate) key: String,
    /// Method and path (`POST /v1/chat/completions`).
    pub(crate) door: String,
    /// The model that served it, or was asked for.
    pub(crate) model: String,
    /// The provider that served it, or was last tried; empty where none was.
    pub(crate) provider: String,
    /// The HTTP status that the client heard; 499 where it hung up before any.
    pub(crate) status: u16,
    /// Whether a stream was asked for.
    pub(crate) stream: bool,
    /// Every call to a provider, in order.
    pub(crate) attempts: Vec<AttemptView>,
    /// Tokens.
    pub(crate) usage: UsageCounts,
    /// What the providers bill, in USD as decimal text; null where the offering has no price.
    #[schema(required)]
    pub(crate) cost_usd: Option<String>,
    /// Whether usage and cost are estimates.
    pub(crate) estimate: bool,
    /// Whether the gateway stopped before the exchange ended.
    pub(crate) interrupted: bool,
    /// Why it failed.
    #[schema(required)]
    pub(crate) error: Option<ErrorView>,
    /// What translation could not carry.
    pub(crate) lost: Vec<LossView>,
    /// The model as the client wrote it.
    pub(crate) requested_model: String,
    /// `chat`, `embed` …
    pub(crate) operation: String,
    /// Organization id.
    pub(crate) organization: String,
    /// Offerings that were not tried, and why.
    pub(crate) excluded: Vec<ExcludedView>,
    /// Milliseconds to the first content.
    #[schema(required)]
    pub(crate) first_token_ms: Option<u32>,
    /// Milliseconds from begin to end.
    pub(crate) duration_ms: u32,
    /// The client's own request id.
    #[schema(required)]
    pub(crate) client_request_id: Option<String>,
}

/// One call to a provider.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct AttemptView {
    /// Provider id.
    pub(crate) provider: String,
    /// The provider's name of the model.
    pub(crate) model: String,
    /// Credential id.
    pub(crate) credential: String,
    /// HTTP status, where one came.
    #[schema(required)]
    pub(crate) status: Option<u16>,
    /// `ok`, `cancelled`, or a failure's class.
    pub(crate) outcome: String,
    /// What went wrong.
    #[schema(required)]
    pub(crate) message: Option<String>,
    /// Begin, in milliseconds after the exchange's.
    pub(crate) begin_ms: u32,
    /// Milliseconds to the provider's first content.
    #[schema(required)]
    pub(crate) first_token_ms: Option<u32>,
    /// Milliseconds that it took.
    pub(crate) duration_ms: u32,
}

/// Token counts. `input`, `cache_read` and `cache_write` do not overlap; `output` includes `reasoning`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct UsageCounts {
    /// Uncached input.
    pub(crate) input: u64,
    /// Read from a prompt cache.
    pub(crate) cache_read: u64,
    /// Written to a prompt cache.
    pub(crate) cache_write: u64,
    /// Output, reasoning included.
    pub(crate) output: u64,
    /// Of which reasoning.
    pub(crate) reasoning: u64,
}

/// Why an exchange failed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct ErrorView {
    /// Its class (`rate_limited`, `invalid_request` …).
    pub(crate) kind: String,
    /// What the client heard.
    pub(crate) message: String,
    /// The field at fault.
    #[schema(required)]
    pub(crate) param: Option<String>,
    /// A machine-readable code.
    #[schema(required)]
    pub(crate) code: Option<String>,
}

/// Something that translation could not carry.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct LossView {
    /// Where it stood in the request.
    pub(crate) field: String,
    /// `dropped` or `approximated`.
    pub(crate) kind: String,
}

/// An offering that was not tried.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct ExcludedView {
    /// Provider id.
    pub(crate) provider: String,
    /// Model id.
    pub(crate) model: String,
    /// Why (`no_credential`, `lacks_tools` …).
    pub(crate) reason: String,
}

impl From<Usage> for UsageCounts {
    fn from(usage: Usage) -> Self {
        Self {
            input: usage.input,
            cache_read: usage.cache_read,
            cache_write: usage.cache_write,
            output: usage.output,
            reasoning: usage.reasoning,
        }
    }
}

impl From<Record> for RequestView {
    fn from(record: Record) -> Self {
        Self {
            id: record.id.to_string(),
            at: timestamp(record.at_ms),
            project: record.project,
            key: record.key,
            door: record.door,
            model: record.model,
            provider: record.provider,
            status: record.status,
            stream: record.stream,
            attempts: record.attempts.into_iter().map(AttemptView::from).collect(),
            usage: record.usage.into(),
            cost_usd: record.cost.map(|cost: Amount| cost.to_string()),
            estimate: record.estimate,
            interrupted: record.interrupted,
            error: record.error.map(ErrorView::from),
            lost: record.lost.into_iter().map(LossView::from).collect(),
            requested_model: record.requested_model,
            operation: record.operation,
            organization: record.organization,
            excluded: record
                .excluded
                .into_iter()
                .map(ExcludedView::from)
                .collect(),
            first_token_ms: record.first_token_ms,
            duration_ms: record.duration_ms,
            client_request_id: record.client_request_id,
        }
    }
}

impl From<domain::record::Attempt> for AttemptView {
    fn from(attempt: domain::record::Attempt) -> Self {
        Self {
            provider: attempt.provider,
            model: attempt.wire_model,
            credential: attempt.credential,
            status: attempt.status,
            outcome: attempt.outcome,
            message: attempt.message,
            begin_ms: attempt.begin_ms,
            first_token_ms: attempt.first_token_ms,
            duration_ms: attempt.duration_ms,
        }
    }
}

impl From<RecordError> for ErrorView {
    fn from(error: RecordError) -> Self {
        let kind = serde_json::to_value(error.kind)
            .ok()
            .and_then(|word| word.as_str().map(str::to_owned));
        Self {
            kind: kind.unwrap_or_default(),
            message: error.message,
            param: error.param,
            code: error.code,
        }
    }
}

impl From<Loss> for LossView {
    fn from(loss: Loss) -> Self {
        let kind = match loss.kind {
            LossKind::Dropped => "dropped",
            LossKind::Approximated => "approximated",
        };
        Self {
            field: loss.field,
            kind: kind.to_owned(),
        }
    }
}

impl From<Excluded> for ExcludedView {
    fn from(excluded: Excluded) -> Self {
        Self {
            provider: excluded.provider,
            model: excluded.model,
            reason: excluded.reason,
        }
    }
}

/// A sum of usage: the dimension's value under the dimension's own name (`model`, `key` …), then `requests`, `usage` and
/// `cost_usd`, in this order.
#[derive(Clone, Debug)]
pub(crate) struct UsageView {
    /// What was summed by.
    pub(crate) dimension: String,
    /// Whose sum this is.
    pub(crate) value: String,
    /// Exchanges.
    pub(crate) requests: u64,
    /// Those of them that have no price.
    pub(crate) unpriced: u64,
    /// Tokens.
    pub(crate) usage: UsageCounts,
    /// In USD as decimal text; without the unpriced.
    pub(crate) cost_usd: String,
}

impl Serialize for UsageView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(Some(5))?;
        members.serialize_entry(&self.dimension, &self.value)?;
        members.serialize_entry("requests", &self.requests)?;
        members.serialize_entry("unpriced", &self.unpriced)?;
        members.serialize_entry("usage", &self.usage)?;
        members.serialize_entry("cost_usd", &self.cost_usd)?;
        members.end()
    }
}

impl UsageView {
    /// Reads what was written; `None` where it is not a sum by that dimension.
    pub(crate) fn read(dimension: &str, written: &Value) -> Option<Self> {
        let text = |name: &str| Some(written.get(name)?.as_str()?.to_owned());
        Some(Self {
            dimension: dimension.to_owned(),
            value: text(dimension)?,
            requests: written.get("requests")?.as_u64()?,
            unpriced: written.get("unpriced")?.as_u64()?,
            usage: UsageCounts::deserialize(written.get("usage")?).ok()?,
            cost_usd: text("cost_usd")?,
        })
    }
}

/// A moment in milliseconds since 1970 as RFC 3339 in UTC with milliseconds.
pub(crate) fn timestamp(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| String::new(), |at| format!("{at:.3}"))
}

/// An exact sum in USD as decimal text.
pub(crate) fn usd(pico: i128) -> String {
    Money::from_pico(pico).to_string()
}
