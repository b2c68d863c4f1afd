//! A record as columns, both ways.

use crate::db::{Arguments, Row};
use domain::id::RequestId;
use domain::money::Amount;
use domain::record::{Attempt, Excluded, Record, RecordError};
use protocol::ir::{Loss, Usage};
use serde::{Deserialize, Serialize};
use sqlx::{Arguments as _, Error, Row as _};

/// The columns that are written, in the order of [`bind`].
pub(super) const RECORD: &str = "id, at_ms, organization, project, key_id, door, operation, requested_model, model, \
     provider, status, stream, input, cache_read, cache_write, cache_write_1h, output, reasoning, audio_input, \
     audio_output, web_searches, cost, estimate, interrupted, duration_ms, first_token_ms, client_request_id, detail";
/// How many they are.
pub(super) const RECORD_COLUMNS: usize = 28;

/// The columns of an attempt, in the order of [`bind_attempt`].
pub(super) const ATTEMPT: &str = "record, ordinal, provider, wire_model, credential, status, outcome, message, \
     begin_ms, first_token_ms, duration_ms";
/// How many they are.
pub(super) const ATTEMPT_COLUMNS: usize = 11;

/// What is rarely there and never searched for: one column of JSON, so that nothing there costs nothing.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Detail {
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<RecordError>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    excluded: Vec<Excluded>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lost: Vec<Loss>,
}

/// Adds a record's columns. Its texts move, because copying them would be most of the cost.
pub(super) fn bind(to: &mut Arguments, record: Record) -> Result<(), Error> {
    let detail = detail(record.error, record.excluded, record.lost)?;
    let usage = record.usage;
    let counts = [
        usage.input,
        usage.cache_read,
        usage.cache_write,
        usage.cache_write_1h,
        usage.output,
        usage.reasoning,
        usage.audio_input,
        usage.audio_output,
        usage.web_searches,
    ];
    let add = || {
        to.add(record.id.as_bytes().to_vec())?;
        to.add(record.at_ms)?;
        to.add(record.organization)?;
        to.add(record.project)?;
        to.add(record.key)?;
        to.add(record.door)?;
        to.add(record.operation)?;
        to.add(record.requested_model)?;
        to.add(record.model)?;
        to.add(record.provider)?;
        to.add(i64::from(record.status))?;
        to.add(i64::from(record.stream))?;
        for count in counts {
            to.add(i64::try_from(count).unwrap_or(i64::MAX))?;
        }
        to.add(record.cost.map(|cost| cost.0))?;
        to.add(i64::from(record.estimate))?;
        to.add(i64::from(record.interrupted))?;
        to.add(i64::from(record.duration_ms))?;
        to.add(record.first_token_ms.map(i64::from))?;
        to.add(record.client_request_id)?;
        to.add(detail)
    };
    add().map_err(Error::Encode)
}

/// Adds an attempt's columns.
pub(super) fn bind_attempt(
    to: &mut Arguments,
    record: RequestId,
    ordinal: i64,
    attempt: Attempt,
) -> Result<(), Error> {
    let add = || {
        to.add(record.as_bytes().to_vec())?;
        to.add(ordinal)?;
        to.add(attempt.provider)?;
        to.add(attempt.wire_model)?;
        to.add(attempt.credential)?;
        to.add(attempt.status.map(i64::from))?;
        to.add(attempt.outcome)?;
        to.add(attempt.message)?;
        to.add(i64::from(attempt.begin_ms))?;
        to.add(attempt.first_token_ms.map(i64::from))?;
        to.add(i64::from(attempt.duration_ms))
    };
    add().map_err(Error::Encode)
}

/// A record from its columns, without its attempts.
pub(super) fn record(row: &Row) -> Result<Record, Error> {
    let detail: Option<String> = row.try_get("detail")?;
    let detail: Detail = match detail {
        Some(json) => serde_json::from_str(&json).map_err(|error| decode("detail", error))?,
        None => Detail::default(),
    };
    Ok(Record {
        id: id(row, "id")?,
        at_ms: row.try_get("at_ms")?,
        organization: row.try_get("organization")?,
        project: row.try_get("project")?,
        key: row.try_get("key_id")?,
        door: row.try_get("door")?,
        operation: row.try_get("operation")?,
        requested_model: row.try_get("requested_model")?,
        model: row.try_get("model")?,
        provider: row.try_get("provider")?,
        status: number(row, "status")?,
        stream: row.try_get::<i64, _>("stream")? != 0,
        attempts: Vec::new(),
        excluded: detail.excluded,
        usage: Usage {
            input: number(row, "input")?,
            cache_read: number(row, "cache_read")?,
            cache_write: number(row, "cache_write")?,
            cache_write_1h: number(row, "cache_write_1h")?,
            output: number(row, "output")?,
            reasoning: number(row, "reasoning")?,
            audio_input: number(row, "audio_input")?,
            audio_output: number(row, "audio_output")?,
            web_searches: number(row, "web_searches")?,
        },
        cost: row.try_get::<Option<i64>, _>("cost")?.map(Amount),
        estimate: row.try_get::<i64, _>("estimate")? != 0,
        interrupted: row.try_get::<i64, _>("interrupted")? != 0,
        error: detail.error,
        lost: detail.lost,
        first_token_ms: optional_number(row, "first_token_ms")?,
        duration_ms: number(row, "duration_ms")?,
        client_request_id: row.try_get("client_request_id")?,
    })
}

/// An attempt from its columns, and whose it is.
pub(super) fn attempt(row: &Row) -> Result<(RequestId, Attempt), Error> {
    let attempt = Attempt {
        provider: row.try_get("provider")?,
        wire_model: row.try_get("wire_model")?,
        credential: row.try_get("credential")?,
        status: optional_number(row, "status")?,
        outcome: row.try_get("outcome")?,
        message: row.try_get("message")?,
        begin_ms: number(row, "begin_ms")?,
        first_token_ms: optional_number(row, "first_token_ms")?,
        duration_ms: number(row, "duration_ms")?,
    };
    Ok((id(row, "record")?, attempt))
}

fn detail(
    error: Option<RecordError>,
    excluded: Vec<Excluded>,
    lost: Vec<Loss>,
) -> Result<Option<String>, Error> {
    if error.is_none() && excluded.is_empty() && lost.is_empty() {
        return Ok(None);
    }
    let detail = Detail {
        error,
        excluded,
        lost,
    };
    serde_json::to_string(&detail)
        .map(Some)
        .map_err(|error| Error::Encode(error.into()))
}

fn id(row: &Row, column: &'static str) -> Result<RequestId, Error> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes
        .try_into()
        .map(RequestId::from_bytes)
        .map_err(|error| decode(column, error))
}

fn number<T: TryFrom<i64>>(row: &Row, column: &'static str) -> Result<T, Error>
where
    T::Error: std::error::Error + Send + Sync + 'static,
{
    T::try_from(row.try_get(column)?).map_err(|error| decode(column, error))
}

fn optional_number<T: TryFrom<i64>>(row: &Row, column: &'static str) -> Result<Option<T>, Error>
where
    T::Error: std::error::Error + Send + Sync + 'static,
{
    let value: Option<i64> = row.try_get(column)?;
    value
        .map(T::try_from)
        .transpose()
        .map_err(|error| decode(column, error))
}

fn decode(column: &str, source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::ColumnDecode {
        index: column.to_owned(),
        source: Box::new(source),
    }
}
