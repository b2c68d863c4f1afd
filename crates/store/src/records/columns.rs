//! A record as columns, both ways.

use crate::db::Row;
use crate::error::BoxError;
use domain::id::RequestId;
use domain::money::Amount;
use domain::record::{Attempt, Excluded, Record, RecordError};
use protocol::ir::{Loss, Usage};
use rusqlite::{Statement, params};
use serde::{Deserialize, Serialize};
use sqlx::{Error, Row as _};

/// The columns that are written, in the order of [`insert`].
pub(super) const RECORD: &str = "id, at_ms, organization, project, key_id, door, operation, requested_model, model, \
     provider, status, stream, input, cache_read, cache_write, cache_write_1h, output, reasoning, audio_input, \
     audio_output, web_searches, cost, estimate, interrupted, duration_ms, first_token_ms, client_request_id, detail";

/// The columns of an attempt, in the order of [`insert_attempt`].
pub(super) const ATTEMPT: &str = "record, ordinal, provider, wire_model, credential, status, outcome, message, \
     begin_ms, first_token_ms, duration_ms";

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

/// Inserts a record without its attempts, unless it is there.
pub(super) fn insert(statement: &mut Statement<'_>, record: &Record) -> Result<(), BoxError> {
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let usage = &record.usage;
    statement.execute(params![
        record.id.as_bytes(),
        record.at_ms,
        record.organization,
        record.project,
        record.key,
        record.door,
        record.operation,
        record.requested_model,
        record.model,
        record.provider,
        record.status,
        record.stream,
        count(usage.input),
        count(usage.cache_read),
        count(usage.cache_write),
        count(usage.cache_write_1h),
        count(usage.output),
        count(usage.reasoning),
        count(usage.audio_input),
        count(usage.audio_output),
        count(usage.web_searches),
        record.cost.map(|cost| cost.0),
        record.estimate,
        record.interrupted,
        record.duration_ms,
        record.first_token_ms,
        record.client_request_id,
        detail(record)?,
    ])?;
    Ok(())
}

/// Inserts an attempt, unless it is there.
pub(super) fn insert_attempt(
    statement: &mut Statement<'_>,
    record: RequestId,
    ordinal: i64,
    attempt: &Attempt,
) -> Result<(), BoxError> {
    statement.execute(params![
        record.as_bytes(),
        ordinal,
        attempt.provider,
        attempt.wire_model,
        attempt.credential,
        attempt.status,
        attempt.outcome,
        attempt.message,
        attempt.begin_ms,
        attempt.first_token_ms,
        attempt.duration_ms,
    ])?;
    Ok(())
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

fn detail(record: &Record) -> Result<Option<String>, serde_json::Error> {
    if record.error.is_none() && record.excluded.is_empty() && record.lost.is_empty() {
        return Ok(None);
    }
    let detail = Detail {
        error: record.error.clone(),
        excluded: record.excluded.clone(),
        lost: record.lost.clone(),
    };
    serde_json::to_string(&detail).map(Some)
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
